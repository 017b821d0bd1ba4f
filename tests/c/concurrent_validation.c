/* Many threads validate a session token at the same time with a new client, and then a forked child
 * validates it too. The test that runs this program counts the requests for the public keys.
 *
 * Usage: concurrent_validation CONFIG SESSION_TOKEN */
#define _POSIX_C_SOURCE 200809L
#include <descope_ml.h>

#include <pthread.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

#define THREADS 32

static descope_client *client;
static char *request;
static pthread_barrier_t start_barrier;
static int validated[THREADS];

static int session_is_valid(void) {
    char *out = NULL;
    char user[64];
    const int32_t status = descope_client_call(client, "session/validate", request, &out);
    const int valid = status == DESCOPE_OK
                      && descope_json_get(out, "/userId", user, sizeof user, NULL) == DESCOPE_OK
                      && user[0] == 'U';

    if (!valid)
        fprintf(stderr, "%s\n", out != NULL ? out : "no document");
    descope_string_free(out);
    return valid;
}

static void *run_worker(void *result) {
    pthread_barrier_wait(&start_barrier);
    *(int *)result = session_is_valid();
    return NULL;
}

static void validate_in_many_threads(void) {
    pthread_t threads[THREADS];
    int i;

    CHECK(pthread_barrier_init(&start_barrier, NULL, THREADS) == 0);
    for (i = 0; i < THREADS; i++)
        CHECK(pthread_create(&threads[i], NULL, run_worker, &validated[i]) == 0);
    for (i = 0; i < THREADS; i++) {
        CHECK(pthread_join(threads[i], NULL) == 0);
        CHECK(validated[i]);
    }
    CHECK(pthread_barrier_destroy(&start_barrier) == 0);
}

static void validate_in_child(void) {
    const pid_t child = fork();
    int status = 1;

    CHECK(child >= 0);
    if (child == 0) {
        alarm(30);
        _exit(session_is_valid() ? 0 : 1);
    }
    CHECK(waitpid(child, &status, 0) == child && status == 0);
}

int main(int argc, char **argv) {
    CHECK(argc == 3);
    CHECK(descope_client_new(argv[1], &client, NULL) == DESCOPE_OK);
    CHECK(descope_json_set(&request, "/sessionToken", argv[2]) == DESCOPE_OK);
    validate_in_many_threads();
    validate_in_child();
    CHECK(session_is_valid());
    descope_string_free(request);
    descope_client_free(client);
    return finish_checks();
}
