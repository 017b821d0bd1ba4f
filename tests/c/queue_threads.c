/* Eight threads submit and cancel calls of one queue, while a ninth reports them.
 *
 * Usage: queue_threads CONFIG CALLS, the number of calls of each thread */
#define _POSIX_C_SOURCE 200809L
#include <descope_ml.h>

#include <pthread.h>

#include "queue.h"

#define THREADS 8
#define MAX_CALLS 1000

static descope_queue *queue;
static int calls;
/* What the ninth thread has reported. Only that thread uses it until it has ended. */
static struct completion results[THREADS * MAX_CALLS];
static int report_counts[THREADS * MAX_CALLS];

static int will_be_cancelled(int number) {
    return number % 3 == 0;
}

/* The tags of a thread begin with its number times MAX_CALLS. A call is cancelled after the next
 * one was submitted. By then it may be reported already. */
static void *submit_and_cancel(void *first_tag) {
    const uint64_t first = (uint64_t) * (int *)first_tag;
    int i;

    for (i = 0; i < calls; i++) {
        const uint64_t tag = first + (uint64_t)i;

        CHECK(descope_queue_submit(queue, OPERATION, REQUEST, tag, NULL) == DESCOPE_OK);
        if (i > 0 && will_be_cancelled(i - 1)) {
            const int32_t status = descope_queue_cancel(queue, tag - 1);

            CHECK(status == DESCOPE_OK || status == DESCOPE_E_NOT_FOUND);
        }
        if (i % 10 == 0)
            descope_queue_wake(queue);
    }
    return NULL;
}

/* Waits in descope_queue_next and in poll, in turn. */
static void *report_all(void *unused) {
    int reported = 0, turn = 0;

    while (reported < THREADS * calls) {
        const int32_t timeout_ms = turn++ % 2 == 0 ? 0 : -1;
        struct completion completion;
        int32_t next;

        if (timeout_ms == 0 && !is_readable(queue, MAX_WAIT_MS)) {
            CHECK(!"the descriptor becomes readable");
            return unused;
        }
        next = next_completion(queue, timeout_ms, &completion);
        if (next == DESCOPE_OK && completion.tag < THREADS * MAX_CALLS) {
            results[completion.tag] = completion;
            report_counts[completion.tag]++;
            reported++;
        } else {
            CHECK(next == DESCOPE_PENDING || next == DESCOPE_E_NOT_FOUND);
        }
    }
    return unused;
}

static void check_result(int number, const struct completion *result) {
    if (will_be_cancelled(number) && result->status == DESCOPE_E_CANCELLED)
        CHECK(strcmp(result->outcome, "not_sent") == 0 || strcmp(result->outcome, "unknown") == 0);
    else
        CHECK(result->status == DESCOPE_OK);
}

int main(int argc, char **argv) {
    pthread_t threads[THREADS], reporter;
    int first_tags[THREADS], i, number;
    descope_client *client;

    if (argc != 3)
        return 2;
    calls = atoi(argv[2]);
    if (calls > MAX_CALLS)
        return 2;
    client = new_client(argv[1]);
    queue = new_queue(client);
    CHECK(pthread_create(&reporter, NULL, report_all, NULL) == 0);
    for (i = 0; i < THREADS; i++) {
        first_tags[i] = i * MAX_CALLS;
        CHECK(pthread_create(&threads[i], NULL, submit_and_cancel, &first_tags[i]) == 0);
    }
    for (i = 0; i < THREADS; i++)
        CHECK(pthread_join(threads[i], NULL) == 0);
    CHECK(pthread_join(reporter, NULL) == 0);
    for (i = 0; i < THREADS; i++)
        for (number = 0; number < calls; number++) {
            CHECK(report_counts[first_tags[i] + number] == 1);
            check_result(number, &results[first_tags[i] + number]);
        }
    /* A wake-up may be left. */
    CHECK(descope_queue_next(queue, 0, NULL, NULL, NULL) == DESCOPE_E_NOT_FOUND);
    CHECK(!is_readable(queue, 0));
    descope_queue_free(queue);
    descope_client_free(client);
    return finish_checks();
}
