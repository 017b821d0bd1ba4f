/* Eight threads share one client; every call must succeed and return the expected response.
 *
 * Usage: shared_client CONFIG */
#include <descope_ml.h>

#include <pthread.h>
#include <string.h>

#include "check.h"

#define THREADS 8
#define CALLS 100

static descope_client *client;
static int correct_responses[THREADS];

static void *run_worker(void *number) {
    int *correct = &correct_responses[*(int *)number];
    int i;

    for (i = 0; i < CALLS; i++) {
        char *out = NULL;
        char phone[64];

        if (descope_client_call(client, "magiclink/signin/sms", "{\"loginId\": \"+14155550123\"}",
                                &out)
                == DESCOPE_OK
            && descope_json_get(out, "/maskedPhone", phone, sizeof phone, NULL) == DESCOPE_OK)
            ++*correct;
        else
            fprintf(stderr, "%s\n", out != NULL ? out : "no document");
        descope_string_free(out);
    }
    return NULL;
}

int main(int argc, char **argv) {
    pthread_t threads[THREADS];
    int numbers[THREADS], i;

    CHECK(argc == 2);
    CHECK(descope_client_new(argv[1], &client, NULL) == DESCOPE_OK);
    for (i = 0; i < THREADS; i++) {
        numbers[i] = i;
        CHECK(pthread_create(&threads[i], NULL, run_worker, &numbers[i]) == 0);
    }
    for (i = 0; i < THREADS; i++) {
        CHECK(pthread_join(threads[i], NULL) == 0);
        CHECK(correct_responses[i] == CALLS);
    }
    descope_client_free(client);
    return finish_checks();
}
