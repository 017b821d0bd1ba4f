/* A name with an address that does not respond and one that does: blocking calls and calls of a
 * queue try the second address while the first attempt is in progress.
 *
 * Usage: happy_eyeballs CONFIG DEAD_CONFIG
 *
 * The name in CONFIG has a dead IPv6 address and a living IPv4 address. Those in DEAD_CONFIG are
 * both dead. The timeout for connecting is that of the whole call. */
#define _GNU_SOURCE
#include <descope_ml.h>

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/socket.h>

#include "queue.h"

#define MAX_DESCRIPTORS 256

/* Makes a call with a client of its own. */
typedef struct completion (*call)(const char *config);

struct attempt {
    call make;
    const char *config;
    struct completion completion;
    atomic_int is_over;
};

static struct completion make_blocking(const char *config) {
    struct completion completion = {.outcome = "sent"};
    descope_client *client = new_client(config);
    char *out = NULL;

    completion.status = descope_client_call(client, OPERATION, REQUEST, &out);
    if (completion.status != DESCOPE_OK)
        descope_json_get(out, "/error/outcome", completion.outcome, sizeof completion.outcome,
                         NULL);
    descope_string_free(out);
    descope_client_free(client);
    return completion;
}

static struct completion make_queued(const char *config) {
    struct completion completion;
    descope_client *client = new_client(config);
    descope_queue *queue = new_queue(client);

    CHECK(descope_queue_submit(queue, OPERATION, REQUEST, 1, NULL) == DESCOPE_OK);
    completion = wait_for_completion(queue);
    descope_queue_free(queue);
    descope_client_free(client);
    return completion;
}

/* Whether the process has a TCP socket of this address family. */
static int has_tcp_socket(int family) {
    int descriptor;

    for (descriptor = 0; descriptor < MAX_DESCRIPTORS; descriptor++) {
        int domain = 0, type = 0;
        socklen_t size = sizeof domain;

        if (getsockopt(descriptor, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0
            && getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && domain == family
            && type == SOCK_STREAM)
            return 1;
    }
    return 0;
}

static void *run(void *argument) {
    struct attempt *const attempt = argument;

    attempt->completion = attempt->make(attempt->config);
    atomic_store(&attempt->is_over, 1);
    return NULL;
}

static void test_living_address_is_used(call make, const char *config) {
    CHECK(make(config).status == DESCOPE_OK);
}

/* Attempts to both addresses are in progress at the same time. */
static void test_attempts_overlap(call make, const char *config) {
    struct attempt attempt = {.make = make, .config = config};
    pthread_t thread;
    int have_overlapped = 0;

    CHECK(pthread_create(&thread, NULL, run, &attempt) == 0);
    while (!have_overlapped && !atomic_load(&attempt.is_over)) {
        have_overlapped = has_tcp_socket(AF_INET6) && has_tcp_socket(AF_INET);
        sched_yield();
    }
    CHECK(have_overlapped);
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK(attempt.completion.status == DESCOPE_E_TIMEOUT);
    CHECK(strcmp(attempt.completion.outcome, "not_sent") == 0);
    CHECK(!has_tcp_socket(AF_INET6) && !has_tcp_socket(AF_INET));
}

int main(int argc, char **argv) {
    if (argc != 3)
        return 2;
    test_living_address_is_used(make_blocking, argv[1]);
    test_living_address_is_used(make_queued, argv[1]);
    test_attempts_overlap(make_blocking, argv[2]);
    test_attempts_overlap(make_queued, argv[2]);
    return finish_checks();
}
