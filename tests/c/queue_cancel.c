/* Calls of a queue of which half are cancelled at random moments.
 *
 * Usage: queue_cancel CONFIG CALLS SEED
 *
 * Each line of output is the result of one call: its number from 0, whether it was cancelled,
 * status and outcome. The number is the last part of the redirect URL. */
#define _POSIX_C_SOURCE 200809L
#include <descope_ml.h>

#include "queue.h"

#define MAX_CALLS 10000
/* How many calls are in progress at a time. */
#define MAX_IN_PROGRESS 100

static descope_queue *queue;
static int reported[MAX_CALLS], cancelled[MAX_CALLS];
static int submitted_count, reported_count;
static unsigned int seed;

/* Returns a random number below `limit`. */
static int below(int limit) {
    return rand_r(&seed) % limit;
}

/* Odd calls are never cancelled. */
static int may_be_cancelled(int number) {
    return number % 2 == 0;
}

static void submit_next(void) {
    char request[128];

    snprintf(request, sizeof request,
             "{\"loginId\": \"+14155550123\", \"redirectUrl\": "
             "\"https://app.example.com/call/%d\"}",
             submitted_count);
    CHECK(descope_queue_submit(queue, OPERATION, request, (uint64_t)submitted_count, NULL)
          == DESCOPE_OK);
    submitted_count++;
}

/* Cancels one of the newest calls, in whatever state it is. */
static void cancel_any(void) {
    const int number = submitted_count - 1 - below(MAX_IN_PROGRESS);

    if (number < 0 || !may_be_cancelled(number))
        return;
    CHECK(descope_queue_cancel(queue, (uint64_t)number)
          == (reported[number] ? DESCOPE_E_NOT_FOUND : DESCOPE_OK));
    if (!reported[number])
        cancelled[number] = 1;
}

static void report_one(int32_t timeout_ms) {
    struct completion completion;

    if (next_completion(queue, timeout_ms, &completion) != DESCOPE_OK)
        return;
    CHECK(completion.tag < (uint64_t)submitted_count && reported[completion.tag] == 0);
    reported[completion.tag % MAX_CALLS] = 1;
    reported_count++;
    printf("%d %d %d %s\n", (int)completion.tag, cancelled[completion.tag % MAX_CALLS],
           (int)completion.status, completion.outcome);
}

int main(int argc, char **argv) {
    descope_client *client;
    int calls, i;

    if (argc != 4)
        return 2;
    calls = atoi(argv[2]);
    seed = (unsigned int)atoi(argv[3]);
    if (calls > MAX_CALLS)
        return 2;
    client = new_client(argv[1]);
    queue = new_queue(client);
    while (submitted_count < calls) {
        while (submitted_count < calls && submitted_count - reported_count < MAX_IN_PROGRESS)
            submit_next();
        for (i = below(4); i > 0; i--)
            cancel_any();
        report_one(below(3) == 0 ? -1 : 0);
    }
    while (reported_count < submitted_count) {
        cancel_any();
        report_one(-1);
    }
    CHECK(descope_queue_next(queue, 0, NULL, NULL, NULL) == DESCOPE_E_NOT_FOUND);
    CHECK(!is_readable(queue, 0));
    descope_queue_free(queue);
    descope_client_free(client);
    return failed_checks != 0;
}
