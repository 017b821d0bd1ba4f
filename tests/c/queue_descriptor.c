/* The descriptor of a queue is readable exactly while descope_queue_next has something to do.
 *
 * Usage: queue_descriptor CONFIG */
#define _POSIX_C_SOURCE 200809L
#include <descope_ml.h>

#include <fcntl.h>

#include "queue.h"

#define CALLS 50

/* The timeout of calls that finish before it, and a time after it. */
#define SHORT_TIMEOUT_REQUEST "{\"loginId\": \"+14155550123\", \"timeoutMs\": 2000}"
#define AFTER_SHORT_TIMEOUT_MS 2500

static void submit(descope_queue *queue, uint64_t tag) {
    CHECK(descope_queue_submit(queue, OPERATION, REQUEST, tag, NULL) == DESCOPE_OK);
}

static void submit_waiting(descope_queue *queue, uint64_t tag) {
    CHECK(descope_queue_submit(queue, WAITING_OPERATION, WAITING_REQUEST, tag, NULL) == DESCOPE_OK);
}

/* Checks that there is no call, and that the descriptor is not readable. */
static void check_idle(descope_queue *queue) {
    CHECK(!is_readable(queue, 0));
    CHECK(descope_queue_next(queue, 0, NULL, NULL, NULL) == DESCOPE_E_NOT_FOUND);
    CHECK(descope_queue_next(queue, -1, NULL, NULL, NULL) == DESCOPE_E_NOT_FOUND);
    CHECK(!is_readable(queue, QUIET_MS));
}

static void test_new_queue_is_idle(descope_queue *queue) {
    const int descriptor = descope_queue_fd(queue);

    CHECK(descriptor > STDERR_FILENO);
    CHECK((fcntl(descriptor, F_GETFD) & FD_CLOEXEC) != 0);
    CHECK(descope_queue_timeout(queue) == -1);
    check_idle(queue);
}

static void test_submit_makes_it_readable(descope_queue *queue) {
    submit(queue, 1);
    CHECK(is_readable(queue, 0));
    CHECK(wait_for_completion(queue).status == DESCOPE_OK);
    check_idle(queue);
}

static void test_not_readable_while_a_call_waits(descope_queue *queue) {
    struct completion completion;

    submit_waiting(queue, 1);
    CHECK(is_readable(queue, 0));
    run_until_quiet(queue);
    CHECK(descope_queue_next(queue, 0, NULL, NULL, NULL) == DESCOPE_PENDING);
    CHECK(!is_readable(queue, QUIET_MS));
    CHECK(descope_queue_cancel(queue, 1) == DESCOPE_OK);
    CHECK(is_readable(queue, 0));
    CHECK(next_completion(queue, 0, &completion) == DESCOPE_OK);
    CHECK(completion.tag == 1 && completion.status == DESCOPE_E_CANCELLED);
    CHECK(strcmp(completion.outcome, "unknown") == 0);
    check_idle(queue);
}

/* Both are reported without a wait, so both have finished when the first one is reported. */
static void test_readable_while_a_second_finished_call_waits(descope_queue *queue) {
    struct completion completion;
    uint64_t tag;

    for (tag = 1; tag <= 3; tag++)
        submit_waiting(queue, tag);
    run_until_quiet(queue);
    for (tag = 1; tag <= 3; tag++)
        CHECK(descope_queue_cancel(queue, tag) == DESCOPE_OK);
    for (tag = 1; tag <= 3; tag++) {
        CHECK(is_readable(queue, 0));
        CHECK(next_completion(queue, 0, &completion) == DESCOPE_OK);
        CHECK(completion.tag == tag && completion.status == DESCOPE_E_CANCELLED);
    }
    check_idle(queue);
}

/* Both have finished when the first one is reported. To cancel the second one changes nothing. */
static void test_cancel_of_a_finished_call_leaves_nothing(descope_queue *queue) {
    struct completion completion;

    submit_waiting(queue, 1);
    submit_waiting(queue, 2);
    run_until_quiet(queue);
    CHECK(descope_queue_cancel(queue, 1) == DESCOPE_OK);
    CHECK(descope_queue_cancel(queue, 2) == DESCOPE_OK);
    CHECK(next_completion(queue, 0, &completion) == DESCOPE_OK && completion.tag == 1);
    CHECK(descope_queue_cancel(queue, 2) == DESCOPE_OK);
    CHECK(next_completion(queue, 0, &completion) == DESCOPE_OK && completion.tag == 2);
    check_idle(queue);
}

/* The descriptor alone says when to call descope_queue_next, also with more calls than are
 * continued at a time. */
static void test_event_loop_finishes_all_calls(descope_queue *queue) {
    int reported[CALLS] = {0}, i;

    for (i = 0; i < CALLS; i++)
        submit(queue, (uint64_t)i);
    for (i = 0; i < CALLS; i++) {
        const struct completion completion = wait_for_completion(queue);

        CHECK(completion.status == DESCOPE_OK && completion.tag < CALLS);
        reported[completion.tag % CALLS]++;
    }
    for (i = 0; i < CALLS; i++)
        CHECK(reported[i] == 1);
    check_idle(queue);
}

static void test_timeout_makes_it_readable(descope_queue *queue) {
    struct completion completion;

    CHECK(descope_queue_submit(queue, WAITING_OPERATION,
                               "{\"loginId\": \"+14155550123\", \"timeoutMs\": 700}", 1, NULL)
          == DESCOPE_OK);
    completion = wait_for_completion(queue);
    CHECK(completion.status == DESCOPE_E_TIMEOUT && strcmp(completion.outcome, "unknown") == 0);
    check_idle(queue);
}

/* The timer for the timeout of a call goes with the call. */
static void test_not_readable_at_the_timeout_of_a_finished_call(descope_queue *queue) {
    CHECK(descope_queue_submit(queue, OPERATION, SHORT_TIMEOUT_REQUEST, 1, NULL) == DESCOPE_OK);
    CHECK(wait_for_completion(queue).status == DESCOPE_OK);
    CHECK(!is_readable(queue, AFTER_SHORT_TIMEOUT_MS));
    check_idle(queue);
}

/* The queue keeps its client alive. */
static void test_client_freed_before_the_queue(const char *config) {
    descope_client *client = new_client(config);
    descope_queue *queue = new_queue(client);

    descope_client_free(client);
    test_event_loop_finishes_all_calls(queue);
    descope_queue_free(queue);
}

int main(int argc, char **argv) {
    descope_client *client;
    descope_queue *queue;

    if (argc != 2)
        return 2;
    client = new_client(argv[1]);
    queue = new_queue(client);
    test_new_queue_is_idle(queue);
    test_submit_makes_it_readable(queue);
    test_not_readable_while_a_call_waits(queue);
    test_cancel_of_a_finished_call_leaves_nothing(queue);
    test_readable_while_a_second_finished_call_waits(queue);
    test_event_loop_finishes_all_calls(queue);
    test_timeout_makes_it_readable(queue);
    test_not_readable_at_the_timeout_of_a_finished_call(queue);
    test_client_freed_before_the_queue(argv[1]);
    descope_queue_free(queue);
    descope_client_free(client);
    return finish_checks();
}
