/* Calls with the same refresh token share one request. The test's server accepts a token once, and
 * holds its first answer until a sign-in by SMS. A sign-in by email ends when a refresh has
 * arrived.
 *
 * Usage: shared_refresh queue|fork CONFIG REFRESH_TOKEN */
#define _POSIX_C_SOURCE 200809L
#include <descope_ml.h>

#include <pthread.h>
#include <sys/wait.h>

#include "queue.h"

#define REFRESH "session/refresh"
#define CALLS 10

/* Seconds after which a child counts as hung and is killed. */
#define CHILD_TIMEOUT_SECONDS 60

static descope_client *client;
static char request[4096];

static void control(const char *operation) {
    CHECK(descope_client_call(client, operation, "{\"loginId\": \"ann\"}", NULL) == DESCOPE_OK);
}

/* The call that has sent the request is cancelled, then one that waits for it. */
static void test_queue(void) {
    descope_queue *queue = new_queue(client);
    struct completion completion;
    uint64_t tag;

    for (tag = 1; tag <= CALLS; tag++)
        CHECK(descope_queue_submit(queue, REFRESH, request, tag, NULL) == DESCOPE_OK);
    run_until_quiet(queue);
    for (tag = 1; tag <= 2; tag++) {
        CHECK(descope_queue_cancel(queue, tag) == DESCOPE_OK);
        completion = wait_for_completion(queue);
        CHECK(completion.tag == tag && completion.status == DESCOPE_E_CANCELLED);
        CHECK(strcmp(completion.outcome, "unknown") == 0);
        run_until_quiet(queue);
    }
    control("magiclink/signin/sms");
    for (tag = 3; tag <= CALLS; tag++) {
        completion = wait_for_completion(queue);
        CHECK(completion.status == DESCOPE_OK);
    }
    CHECK(descope_queue_next(queue, 0, NULL, NULL, NULL) == DESCOPE_E_NOT_FOUND);
    descope_queue_free(queue);
}

static void *refresh(void *status) {
    *(int32_t *)status = descope_client_call(client, REFRESH, request, NULL);
    return NULL;
}

/* A child does not wait for the request of its parent: it sends its own, which is rejected. */
static void test_fork(void) {
    int32_t in_parent = -1, in_child = -1;
    pthread_t thread;
    pid_t child;
    int status = 1;

    CHECK(pthread_create(&thread, NULL, refresh, &in_parent) == 0);
    control("magiclink/signin/email");
    child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        alarm(CHILD_TIMEOUT_SECONDS);
        refresh(&in_child);
        descope_client_free(client);
        _exit(in_child == DESCOPE_E_API ? 0 : 1);
    }
    CHECK(waitpid(child, &status, 0) == child && status == 0);
    control("magiclink/signin/sms");
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK(in_parent == DESCOPE_OK);
}

int main(int argc, char **argv) {
    if (argc != 4)
        return 2;
    client = new_client(argv[2]);
    snprintf(request, sizeof request, "{\"refreshToken\": \"%s\"}", argv[3]);
    if (strcmp(argv[1], "queue") == 0)
        test_queue();
    else
        test_fork();
    descope_client_free(client);
    return finish_checks();
}
