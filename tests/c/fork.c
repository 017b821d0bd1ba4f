/* Forks, and makes calls in each child and in the parent.
 *
 * Usage: fork STATE CONFIG HOST_NAME_CONFIG FORKS
 *
 * STATE is the state of the parent when it forks:
 *   first   The parent has made no call. Parent and children each make the default client from the
 *           environment.
 *   pooled  The parent has made calls and keeps the connection open.
 *   busy    Threads of the parent are in calls and in DNS lookups.
 *
 * HOST_NAME_CONFIG has a base URL with a host name to look up. The login ID of each request is the
 * process ID, so that the test's server sees which process uses which connection. */
#define _POSIX_C_SOURCE 200809L
#include <descope_ml.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

#define SIGN_IN "magiclink/signin/sms"
#define CALLERS 4

/* Seconds after which a child counts as hung and is killed. */
#define CHILD_TIMEOUT_SECONDS 60

static descope_client *shared;
static const char *config, *host_name_config;
static atomic_int stopped, finished_calls;

/* Signs in with a client, or with the default client if it is NULL. Returns whether the call
 * succeeded and returned the expected response. */
static int sign_in(const descope_client *client) {
    char request[64], phone[64], *out = NULL;
    int32_t status;
    int succeeded;

    snprintf(request, sizeof request, "{\"loginId\": \"%ld\"}", (long)getpid());
    status = client != NULL ? descope_client_call(client, SIGN_IN, request, &out)
                            : descope_magiclink_signin_sms(request, &out);
    succeeded = status == DESCOPE_OK
                && descope_json_get(out, "/maskedPhone", phone, sizeof phone, NULL) == DESCOPE_OK;
    if (!succeeded)
        fprintf(stderr, "%s\n", out != NULL ? out : "no document");
    descope_string_free(out);
    return succeeded;
}

static int sign_in_with_new_client(const char *new_config) {
    descope_client *own = NULL;
    int succeeded = descope_client_new(new_config, &own, NULL) == DESCOPE_OK && sign_in(own);

    descope_client_free(own);
    return succeeded;
}

/* A child calls twice with the inherited client, the second time on the same connection, and once
 * with a new client. A child may also free the inherited client. */
static int make_calls_in_child(void) {
    const int succeeded = sign_in(shared) && sign_in(shared) && sign_in_with_new_client(config);

    descope_client_free(shared);
    return succeeded;
}

static void fork_child(void) {
    const pid_t child = fork();
    int status = 1;

    CHECK(child >= 0);
    if (child == 0) {
        alarm(CHILD_TIMEOUT_SECONDS);
        _exit(make_calls_in_child() ? 0 : 1);
    }
    CHECK(waitpid(child, &status, 0) == child && status == 0);
}

static void *call_until_stopped(void *number) {
    const int with_dns_lookup = *(int *)number % 2;
    int succeeded = 1;

    while (succeeded && !atomic_load(&stopped)) {
        succeeded = with_dns_lookup ? sign_in_with_new_client(host_name_config) : sign_in(shared);
        atomic_fetch_add(&finished_calls, 1);
    }
    return succeeded ? number : NULL;
}

static void fork_children(int forks) {
    int i;

    for (i = 0; i < forks && failed_checks == 0; i++)
        fork_child();
}

static void fork_children_during_calls(int forks) {
    pthread_t callers[CALLERS];
    int numbers[CALLERS], i;

    for (i = 0; i < CALLERS; i++) {
        numbers[i] = i;
        CHECK(pthread_create(&callers[i], NULL, call_until_stopped, &numbers[i]) == 0);
    }
    while (atomic_load(&finished_calls) < CALLERS)
        sched_yield();
    fork_children(forks);
    atomic_store(&stopped, 1);
    for (i = 0; i < CALLERS; i++) {
        void *result = NULL;

        CHECK(pthread_join(callers[i], &result) == 0);
        CHECK(result == &numbers[i]);
    }
}

int main(int argc, char **argv) {
    const char *state = argc == 5 ? argv[1] : "";

    CHECK(argc == 5);
    if (argc != 5)
        return 2;
    config = argv[2];
    host_name_config = argv[3];
    if (strcmp(state, "first") != 0) {
        CHECK(descope_client_new(config, &shared, NULL) == DESCOPE_OK);
        CHECK(sign_in(shared));
    }
    if (strcmp(state, "busy") == 0)
        fork_children_during_calls(atoi(argv[4]));
    else
        fork_children(atoi(argv[4]));
    CHECK(sign_in(shared));
    CHECK(sign_in(shared));
    descope_client_free(shared);
    return finish_checks();
}
