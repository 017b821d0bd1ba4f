/* What a sanitizer must report: misuse race|free|leak|overflow breaks the rules of the header, or
 * of C, on purpose. */
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
static pthread_barrier_t both_here;

/* Calls whose document goes where another thread's goes. */
static void *call(void *unused) {
    int i;

    pthread_barrier_wait(&both_here);
    for (i = 0; i < ROUNDS; i++)
        descope_call("no/such", "{}", &shared_out);
    return unused;
}

static void race(void) {
    pthread_t threads[2];
    int i;

    CHECK(pthread_barrier_init(&both_here, NULL, 2) == 0);
    for (i = 0; i < 2; i++)
        CHECK(pthread_create(&threads[i], NULL, call, NULL) == 0);
    for (i = 0; i < 2; i++)
        CHECK(pthread_join(threads[i], NULL) == 0);
}

static descope_client *made(void) {
    descope_client *client = NULL;

    CHECK(descope_client_new(CONFIG, &client, NULL) == DESCOPE_OK);
    return client;
}

static void use_after_free(void) {
    descope_client *const client = made();

    descope_client_free(client);
    descope_client_call(client, "magiclink/signin/sms", "{\"loginId\": \"u\"}", NULL);
}

static void leak(void) {
    descope_client *volatile client = made();

    client = NULL;
    CHECK(client == NULL);
}

static void overflow(void) {
    volatile int most = INT_MAX;

    most = most + 1;
    CHECK(most != 0);
}

int main(int argc, char **argv) {
    const char *what = argc == 2 ? argv[1] : "";

    if (strcmp(what, "race") == 0)
        race();
    else if (strcmp(what, "free") == 0)
        use_after_free();
    else if (strcmp(what, "leak") == 0)
        leak();
    else if (strcmp(what, "overflow") == 0)
        overflow();
    else
        return 2;
    puts("not noticed");
    return failed_checks != 0;
}
