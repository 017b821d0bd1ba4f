/* A host with a race of its own: two threads use the library, and change one variable without a
 * lock. A tool must report it, whatever it suppresses of the library. */
#include <descope_ml.h>

#include <pthread.h>

#include "check.h"

#define ROUNDS 100

static int unprotected;

static void *run_worker(void *unused) {
    int i;

    for (i = 0; i < ROUNDS; i++) {
        CHECK(descope_session_match_roles("{}", NULL) != DESCOPE_OK);
        unprotected++;
    }
    return unused;
}

int main(void) {
    pthread_t threads[2];
    int i;

    for (i = 0; i < 2; i++)
        CHECK(pthread_create(&threads[i], NULL, run_worker, NULL) == 0);
    for (i = 0; i < 2; i++)
        CHECK(pthread_join(threads[i], NULL) == 0);
    CHECK(unprotected > 0);
    return finish_checks();
}
