/* Errors that a sanitizer must report. This program breaks the rules of the header, or of C, on
 * purpose.
 *
 * Usage: sanitizer_self_test race|free|leak|overflow */
#define _POSIX_C_SOURCE 200809L
#include <descope_ml.h>

#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

#define CONFIG "{\"projectId\": \"P1\", \"baseUrl\": \"http://127.0.0.1:1\"}"
#define ROUNDS 1000

static char *shared_out;
static pthread_barrier_t start_barrier;

/* Makes calls that write their document to a variable that another thread writes to as well. */
static void *call_with_shared_out(void *unused) {
    int i;

    pthread_barrier_wait(&start_barrier);
    for (i = 0; i < ROUNDS; i++)
        descope_call("no/such", "{}", &shared_out);
    return unused;
}

static void race(void) {
    pthread_t threads[2];
    int i;

    CHECK(pthread_barrier_init(&start_barrier, NULL, 2) == 0);
    for (i = 0; i < 2; i++)
        CHECK(pthread_create(&threads[i], NULL, call_with_shared_out, NULL) == 0);
    for (i = 0; i < 2; i++)
        CHECK(pthread_join(threads[i], NULL) == 0);
}

static descope_client *new_client(void) {
    descope_client *client = NULL;

    CHECK(descope_client_new(CONFIG, &client, NULL) == DESCOPE_OK);
    return client;
}

static void use_after_free(void) {
    descope_queue *queue = NULL;

    CHECK(descope_configure(CONFIG, NULL) == DESCOPE_OK);
    CHECK(descope_queue_new(NULL, &queue, NULL) == DESCOPE_OK);
    descope_queue_free(queue);
    descope_queue_fd(queue);
}

static void leak(void) {
    descope_client *volatile client = new_client();

    client = NULL;
    CHECK(client == NULL);
}

static void overflow(void) {
    volatile int largest = INT_MAX;

    largest = largest + 1;
    CHECK(largest != 0);
}

int main(int argc, char **argv) {
    const char *error = argc == 2 ? argv[1] : "";

    if (strcmp(error, "race") == 0)
        race();
    else if (strcmp(error, "free") == 0)
        use_after_free();
    else if (strcmp(error, "leak") == 0)
        leak();
    else if (strcmp(error, "overflow") == 0)
        overflow();
    else
        return 2;
    puts("the sanitizer reported nothing");
    return failed_checks != 0;
}
