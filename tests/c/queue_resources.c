/* Descriptors and memory do not grow with the number of calls of a queue.
 *
 * Usage: queue_resources CONFIG CALLS
 *
 * CALLS calls warm the process up. After as many more, it has the same number of descriptors and
 * about the same size. */
#define _POSIX_C_SOURCE 200809L
#include <descope_ml.h>

#include "queue.h"

#define IN_PROGRESS 64

/* One of so many calls is cancelled, which closes its connection. */
#define CANCELLED_OF 50

/* How many bytes the process may grow, since heaps become fragmented. A leak of 64 bytes per call
 * is more than this after 10,000 calls. */
#define MAX_GROWTH (512L * 1024)

static long resident_bytes(void) {
    FILE *const file = fopen("/proc/self/statm", "r");
    long size = 0, resident = 0;

    CHECK(file != NULL);
    if (file == NULL)
        return 0;
    CHECK(fscanf(file, "%ld %ld", &size, &resident) == 2);
    fclose(file);
    return resident * sysconf(_SC_PAGESIZE);
}

static void make_calls(descope_queue *queue, int calls) {
    int submitted = 0, reported = 0;

    while (reported < calls) {
        struct completion completion;

        while (submitted < calls && submitted - reported < IN_PROGRESS) {
            const uint64_t tag = (uint64_t)submitted++;

            CHECK(descope_queue_submit(queue, OPERATION, REQUEST, tag, NULL) == DESCOPE_OK);
        }
        if (next_completion(queue, MAX_WAIT_MS, &completion) != DESCOPE_OK) {
            CHECK(!"a call finishes in time");
            return;
        }
        reported++;
        CHECK(completion.status == DESCOPE_OK || completion.status == DESCOPE_E_CANCELLED);
        if (reported % CANCELLED_OF == 0 && submitted > 0)
            descope_queue_cancel(queue, (uint64_t)submitted - 1);
    }
}

/* Closes the connections that calls have left open, so that they can be compared. */
static int descriptors_without_connections(const char *config, int calls) {
    descope_client *client = new_client(config);
    descope_queue *queue = new_queue(client);

    make_calls(queue, calls);
    CHECK(descope_queue_next(queue, 0, NULL, NULL, NULL) == DESCOPE_E_NOT_FOUND);
    descope_queue_free(queue);
    descope_client_free(client);
    return count_descriptors();
}

int main(int argc, char **argv) {
    descope_client *client;
    descope_queue *queue;
    long size, growth;
    int calls, descriptors;

    if (argc != 3)
        return 2;
    calls = atoi(argv[2]);
    descriptors = count_descriptors();
    CHECK(descriptors_without_connections(argv[1], IN_PROGRESS * 4) == descriptors);
    client = new_client(argv[1]);
    queue = new_queue(client);
    make_calls(queue, calls);
    size = resident_bytes();
    descriptors = count_descriptors();
    make_calls(queue, calls);
    growth = resident_bytes() - size;
    CHECK(growth <= MAX_GROWTH);
    if (growth > MAX_GROWTH)
        fprintf(stderr, "grew by %ld bytes\n", growth);
    /* Connections may be open that were not before, as many as there are calls at a time. */
    CHECK(count_descriptors() <= descriptors + IN_PROGRESS);
    descope_queue_free(queue);
    descope_client_free(client);
    CHECK(count_descriptors() == descriptors_without_connections(argv[1], IN_PROGRESS));
    return finish_checks();
}
