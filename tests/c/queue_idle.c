/* Counts how often calls that wait for their answers wake an event loop.
 *
 * Usage: queue_idle CONFIG CALLS MAX_WAKE_UPS */
#define _POSIX_C_SOURCE 200809L
#include <descope_ml.h>

#include "queue.h"

int main(int argc, char **argv) {
    int calls, max_wake_ups, wake_ups = 0, reported = 0, i;
    descope_client *client;
    descope_queue *queue;

    if (argc != 4)
        return 2;
    calls = atoi(argv[2]);
    max_wake_ups = atoi(argv[3]);
    client = new_client(argv[1]);
    queue = new_queue(client);
    for (i = 0; i < calls; i++)
        CHECK(descope_queue_submit(queue, OPERATION, REQUEST, (uint64_t)i, NULL) == DESCOPE_OK);
    while (reported < calls && is_readable(queue, MAX_WAIT_MS)) {
        struct completion completion;

        wake_ups++;
        if (next_completion(queue, 0, &completion) == DESCOPE_OK) {
            CHECK(completion.status == DESCOPE_OK);
            reported++;
        }
    }
    CHECK(reported == calls);
    CHECK(!is_readable(queue, QUIET_MS));
    CHECK(wake_ups <= max_wake_ups);
    if (wake_ups > max_wake_ups)
        fprintf(stderr, "%d wake-ups for %d calls\n", wake_ups, calls);
    descope_queue_free(queue);
    descope_client_free(client);
    return finish_checks();
}
