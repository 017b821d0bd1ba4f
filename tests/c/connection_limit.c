/* Calls beyond maxConnections wait in turn, and fail with "not_sent" if their timeout passes first.
 *
 * Usage: connection_limit turn CONFIG, with maxConnections 2 in CONFIG
 *        connection_limit threads CONFIG */
#define _POSIX_C_SOURCE 200809L
#include <descope_ml.h>

#include <pthread.h>
#include <sys/stat.h>

#include "queue.h"

#define MAX_CONNECTIONS 2
#define SHORT_REQUEST "{\"loginId\": \"+14155550123\", \"timeoutMs\": 300}"
#define THREADS 8
#define CALLS 10

static descope_client *client;

/* How many sockets the process has open. */
static int count_sockets(void) {
    int count = 0, descriptor;

    for (descriptor = 0; descriptor < 1024; descriptor++) {
        struct stat status;

        if (fstat(descriptor, &status) == 0 && S_ISSOCK(status.st_mode))
            count++;
    }
    return count;
}

static void submit(descope_queue *queue, const char *operation, const char *request, uint64_t tag) {
    CHECK(descope_queue_submit(queue, operation, request, tag, NULL) == DESCOPE_OK);
}

static void check_blocking_call_not_sent(void) {
    char outcome[16] = "", message[256] = "", *out = NULL;

    CHECK(descope_client_call(client, OPERATION, SHORT_REQUEST, &out) == DESCOPE_E_TIMEOUT);
    CHECK(descope_json_get(out, "/error/outcome", outcome, sizeof outcome, NULL) == DESCOPE_OK);
    CHECK(strcmp(outcome, "not_sent") == 0);
    CHECK(descope_json_get(out, "/error/message", message, sizeof message, NULL) == DESCOPE_OK);
    CHECK(strstr(message, "maxConnections") != NULL);
    descope_string_free(out);
}

static void test_calls_wait_in_turn(void) {
    descope_queue *queue = new_queue(client);
    const int sockets_before = count_sockets();
    struct completion completion;
    uint64_t tag;

    for (tag = 1; tag <= MAX_CONNECTIONS; tag++)
        submit(queue, WAITING_OPERATION, WAITING_REQUEST, tag);
    run_until_quiet(queue);
    check_blocking_call_not_sent();
    submit(queue, OPERATION, SHORT_REQUEST, 3);
    completion = wait_for_completion(queue);
    CHECK(completion.tag == 3 && completion.status == DESCOPE_E_TIMEOUT);
    CHECK(strcmp(completion.outcome, "not_sent") == 0);

    for (tag = 10; tag < 10 + CALLS; tag++)
        submit(queue, OPERATION, REQUEST, tag);
    run_until_quiet(queue);
    check_blocking_call_not_sent();
    CHECK(count_sockets() == sockets_before + MAX_CONNECTIONS);
    /* One that waits is cancelled: it loses its place. */
    CHECK(descope_queue_cancel(queue, 12) == DESCOPE_OK);
    completion = wait_for_completion(queue);
    CHECK(completion.tag == 12 && completion.status == DESCOPE_E_CANCELLED);
    CHECK(strcmp(completion.outcome, "not_sent") == 0);
    CHECK(!is_readable(queue, QUIET_MS));
    /* One connection becomes free: it serves the others, one after the other. */
    CHECK(descope_queue_cancel(queue, 1) == DESCOPE_OK);
    completion = wait_for_completion(queue);
    CHECK(completion.tag == 1 && completion.status == DESCOPE_E_CANCELLED);
    for (tag = 10; tag < 10 + CALLS; tag++) {
        if (tag == 12)
            continue;
        completion = wait_for_completion(queue);
        CHECK(completion.tag == tag && completion.status == DESCOPE_OK);
        CHECK(count_sockets() <= sockets_before + MAX_CONNECTIONS);
    }
    CHECK(descope_client_call(client, OPERATION, REQUEST, NULL) == DESCOPE_OK);
    CHECK(descope_queue_cancel(queue, 2) == DESCOPE_OK);
    completion = wait_for_completion(queue);
    CHECK(completion.tag == 2 && completion.status == DESCOPE_E_CANCELLED);
    CHECK(strcmp(completion.outcome, "unknown") == 0);
    descope_queue_free(queue);
}

/* A queue that is freed gives its connections back, and so does the client's last queue. */
static void test_freed_queue_gives_its_connections_back(void) {
    descope_queue *queue = new_queue(client);
    uint64_t tag;

    for (tag = 0; tag < 2 * MAX_CONNECTIONS; tag++)
        submit(queue, WAITING_OPERATION, WAITING_REQUEST, tag);
    run_until_quiet(queue);
    check_blocking_call_not_sent();
    descope_queue_free(queue);
    CHECK(descope_client_call(client, OPERATION, REQUEST, NULL) == DESCOPE_OK);
}

/* A queue that nobody runs does not take the connection that is free for its call. Others do. */
static void test_queue_that_nobody_runs_stops_no_other(void) {
    descope_queue *busy = new_queue(client), *neglected = new_queue(client);
    struct completion completion;
    unsigned tags = 0;
    uint64_t tag;

    for (tag = 1; tag <= MAX_CONNECTIONS; tag++)
        submit(busy, WAITING_OPERATION, WAITING_REQUEST, tag);
    run_until_quiet(busy);
    for (tag = 1; tag <= CALLS; tag++)
        submit(neglected, OPERATION, REQUEST, tag);
    run_until_quiet(neglected);
    CHECK(descope_queue_cancel(busy, 1) == DESCOPE_OK);
    CHECK(wait_for_completion(busy).tag == 1);
    CHECK(descope_client_call(client, OPERATION, REQUEST, NULL) == DESCOPE_OK);
    submit(busy, OPERATION, REQUEST, 3);
    completion = wait_for_completion(busy);
    CHECK(completion.tag == 3 && completion.status == DESCOPE_OK);
    /* In any order: the first ones have missed their turn. */
    for (tag = 1; tag <= CALLS; tag++) {
        completion = wait_for_completion(neglected);
        CHECK(completion.status == DESCOPE_OK);
        tags |= 1U << completion.tag;
    }
    CHECK(tags == (2U << CALLS) - 2);
    descope_queue_free(neglected);
    descope_queue_free(busy);
}

static void *make_calls(void *unused) {
    int i;

    for (i = 0; i < CALLS; i++)
        CHECK(descope_client_call(client, OPERATION, REQUEST, NULL) == DESCOPE_OK);
    return unused;
}

/* The test's server counts the connections. */
static void test_threads_share_the_connections(void) {
    descope_queue *queue = new_queue(client);
    pthread_t threads[THREADS];
    int i;

    for (i = 0; i < CALLS; i++)
        submit(queue, OPERATION, REQUEST, (uint64_t)i);
    for (i = 0; i < THREADS; i++)
        CHECK(pthread_create(&threads[i], NULL, make_calls, NULL) == 0);
    for (i = 0; i < CALLS; i++)
        CHECK(wait_for_completion(queue).status == DESCOPE_OK);
    for (i = 0; i < THREADS; i++)
        CHECK(pthread_join(threads[i], NULL) == 0);
    descope_queue_free(queue);
}

int main(int argc, char **argv) {
    if (argc != 3)
        return 2;
    client = new_client(argv[2]);
    if (strcmp(argv[1], "turn") == 0) {
        test_calls_wait_in_turn();
        test_freed_queue_gives_its_connections_back();
        test_queue_that_nobody_runs_stops_no_other();
    } else {
        test_threads_share_the_connections();
    }
    descope_client_free(client);
    return finish_checks();
}
