/* Calls of a queue of which every other one is cancelled at a random moment.
 *
 * Usage: queue_cancel CONFIG CALLS SEED
 *
 * Each line of output is the result of one call: its number from 0, whether it was cancelled before
 * its result was reported, status, outcome and attempts. The number is the last part of the
 * redirect URL. */
#define _POSIX_C_SOURCE 200809L
#include <descope_ml.h>

#include "queue.h"

#define MAX_CALLS 10000
/* How many calls are in progress at a time. */
#define MAX_IN_PROGRESS 100
/* A call is cancelled when at most so many other results have been reported since its submission.
 * Since the calls finish about in turn, a call is in any state then: not started, without a
 * connection, sent, before a retry, finished. */
#define MAX_RESULTS_BEFORE_CANCEL 100

static descope_queue *queue;
static int submitted_count, reported_count;
static int reported[MAX_CALLS], cancelled[MAX_CALLS];
/* After how many results of other calls each call is cancelled; -1: never, or already done. */
static int cancelled_after[MAX_CALLS];
static unsigned int seed;

/* Returns a random number below `limit`. */
static int below(int limit) {
    return rand_r(&seed) % limit;
}

static void submit_next(void) {
    const int is_to_be_cancelled = submitted_count % 2 == 0;
    char request[128];

    snprintf(request, sizeof request,
             "{\"loginId\": \"+14155550123\", \"redirectUrl\": "
             "\"https://app.example.com/call/%d\"}",
             submitted_count);
    CHECK(descope_queue_submit(queue, OPERATION, request, (uint64_t)submitted_count, NULL)
          == DESCOPE_OK);
    cancelled_after[submitted_count] =
        is_to_be_cancelled ? reported_count + below(MAX_RESULTS_BEFORE_CANCEL) : -1;
    submitted_count++;
}

/* Cancels a call, in whatever state it is, and sometimes twice. */
static void cancel(int number) {
    int count;

    for (count = below(4) == 0 ? 2 : 1; count > 0; count--)
        CHECK(descope_queue_cancel(queue, (uint64_t)number)
              == (reported[number] ? DESCOPE_E_NOT_FOUND : DESCOPE_OK));
    cancelled[number] = !reported[number];
    cancelled_after[number] = -1;
}

static void cancel_due(void) {
    int number;

    for (number = 0; number < submitted_count; number++)
        if (cancelled_after[number] >= 0 && cancelled_after[number] <= reported_count)
            cancel(number);
}

static void report_one(void) {
    /* Sometimes without waiting, so that cancellations meet a queue with results to report. */
    const int32_t timeout_ms = below(3) == 0 ? 0 : -1;
    struct completion completion;

    if (next_completion(queue, timeout_ms, &completion) != DESCOPE_OK)
        return;
    CHECK(completion.tag < (uint64_t)submitted_count && reported[completion.tag] == 0);
    reported[completion.tag % MAX_CALLS] = 1;
    reported_count++;
    printf("%d %d %d %s %d\n", (int)completion.tag, cancelled[completion.tag % MAX_CALLS],
           (int)completion.status, completion.outcome, completion.attempts);
}

int main(int argc, char **argv) {
    descope_client *client;
    int calls;

    if (argc != 4)
        return 2;
    calls = atoi(argv[2]);
    seed = (unsigned int)atoi(argv[3]);
    if (calls > MAX_CALLS)
        return 2;
    client = new_client(argv[1]);
    queue = new_queue(client);
    while (reported_count < calls && failed_checks == 0) {
        while (submitted_count < calls && submitted_count - reported_count < MAX_IN_PROGRESS)
            submit_next();
        cancel_due();
        report_one();
    }
    CHECK(descope_queue_next(queue, 0, NULL, NULL, NULL) == DESCOPE_E_NOT_FOUND);
    CHECK(!is_readable(queue, 0));
    descope_queue_free(queue);
    descope_client_free(client);
    return failed_checks != 0;
}
