/* Many threads check a session at once with a new client, and then a child of the process does:
 * sessions CONFIG SESSION_TOKEN. How often the keys were fetched is counted by who calls this. */
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
static pthread_barrier_t all_here;
static int good[THREADS];

static int holds(void) {
    char *out = NULL;
    char user[64];
    const int32_t status = descope_client_call(client, "session/validate", request, &out);
    const int good_one = status == DESCOPE_OK
                         && descope_json_get(out, "/userId", user, sizeof user, NULL) == DESCOPE_OK
                         && user[0] == 'U';

    if (!good_one)
        fprintf(stderr, "%s\n", out != NULL ? out : "no document");
    descope_string_free(out);
    return good_one;
}

static void *work(void *mine) {
    pthread_barrier_wait(&all_here);
    *(int *)mine = holds();
    return NULL;
}

static void many_threads(void) {
    pthread_t threads[THREADS];
    int i;

    CHECK(pthread_barrier_init(&all_here, NULL, THREADS) == 0);
    for (i = 0; i < THREADS; i++)
        CHECK(pthread_create(&threads[i], NULL, work, &good[i]) == 0);
    for (i = 0; i < THREADS; i++) {
        CHECK(pthread_join(threads[i], NULL) == 0);
        CHECK(good[i]);
    }
    CHECK(pthread_barrier_destroy(&all_here) == 0);
}

static void a_child(void) {
    const pid_t child = fork();
    int status = 1;

    CHECK(child >= 0);
    if (child == 0) {
        alarm(30);
        _exit(holds() ? 0 : 1);
    }
    CHECK(waitpid(child, &status, 0) == child && status == 0);
}

int main(int argc, char **argv) {
    CHECK(argc == 3);
    CHECK(descope_client_new(argv[1], &client, NULL) == DESCOPE_OK);
    CHECK(descope_json_set(&request, "/sessionToken", argv[2]) == DESCOPE_OK);
    many_threads();
    a_child();
    CHECK(holds());
    descope_string_free(request);
    descope_client_free(client);
    if (failed_checks == 0)
        puts("ok");
    return failed_checks != 0;
}
