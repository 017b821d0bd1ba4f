/* Helpers for the tests of descope_queue. The test's emulator delays every message by email for an
 * hour, so a call of WAITING_OPERATION goes on until it times out or is cancelled. */
#ifndef QUEUE_H
#define QUEUE_H

#include <descope_ml.h>

#include <dirent.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"

#define OPERATION "magiclink/signin/sms"
#define REQUEST "{\"loginId\": \"+14155550123\"}"
#define WAITING_OPERATION "magiclink/signin/email"
#define WAITING_REQUEST "{\"loginId\": \"+14155550123\", \"timeoutMs\": 600000}"

/* How long a test waits before it fails, and how long it watches that nothing happens. */
#define MAX_WAIT_MS 30000
#define QUIET_MS 200

/* What descope_queue_next reports. */
struct completion {
    uint64_t tag;
    int32_t status;
    char outcome[16];
    int attempts; /* 0 if the document has no number of attempts. */
};

static inline descope_client *new_client(const char *config) {
    descope_client *client = NULL;
    char *out = NULL;

    if (descope_client_new(config, &client, &out) != DESCOPE_OK) {
        fprintf(stderr, "%s\n", out != NULL ? out : "no document");
        exit(2);
    }
    descope_string_free(out);
    return client;
}

static inline descope_queue *new_queue(const descope_client *client) {
    descope_queue *queue = NULL;
    char *out = NULL;

    if (descope_queue_new(client, &queue, &out) != DESCOPE_OK) {
        fprintf(stderr, "%s\n", out != NULL ? out : "no document");
        exit(2);
    }
    descope_string_free(out);
    return queue;
}

/* Whether the descriptor is or becomes readable in this time. */
static inline int is_readable(const descope_queue *queue, int timeout_ms) {
    struct pollfd fd = {.fd = descope_queue_fd(queue), .events = POLLIN};

    return poll(&fd, 1, timeout_ms) == 1 && (fd.revents & POLLIN) != 0;
}

/* Calls descope_queue_next, and reads the outcome of the call that it reports ("sent" if the call
 * succeeded) and its attempts. */
static inline int32_t next_completion(descope_queue *queue, int32_t timeout_ms,
                                      struct completion *completion) {
    char *out = NULL, attempts[16];
    int32_t next;

    memset(completion, 0, sizeof *completion);
    next = descope_queue_next(queue, timeout_ms, &completion->tag, &completion->status, &out);
    if (next == DESCOPE_OK && completion->status == DESCOPE_OK)
        strcpy(completion->outcome, "sent");
    else if (next == DESCOPE_OK
             && descope_json_get(out, "/error/outcome", completion->outcome,
                                 sizeof completion->outcome, NULL)
                    != DESCOPE_OK) {
        fprintf(stderr, "%s\n", out != NULL ? out : "no document");
        failed_checks++;
    }
    if (out != NULL
        && descope_json_get(out, "/error/attempts", attempts, sizeof attempts, NULL) == DESCOPE_OK)
        completion->attempts = atoi(attempts);
    descope_string_free(out);
    return next;
}

/* Waits like an event loop for a call: calls descope_queue_next while the descriptor is readable. A
 * descriptor that should be readable and is not fails the test. */
static inline struct completion wait_for_completion(descope_queue *queue) {
    struct completion completion;
    int32_t next = DESCOPE_PENDING;

    while (next == DESCOPE_PENDING && is_readable(queue, MAX_WAIT_MS))
        next = next_completion(queue, 0, &completion);
    CHECK(next == DESCOPE_OK);
    return completion;
}

/* Continues the calls until all of them wait. None may finish. */
static inline void run_until_quiet(descope_queue *queue) {
    while (is_readable(queue, QUIET_MS))
        CHECK(descope_queue_next(queue, 0, NULL, NULL, NULL) == DESCOPE_PENDING);
}

/* How many descriptors the process has open. */
static inline int count_descriptors(void) {
    DIR *const folder = opendir("/proc/self/fd");
    int count = 0;

    CHECK(folder != NULL);
    if (folder == NULL)
        return -1;
    while (readdir(folder) != NULL)
        count++;
    closedir(folder);
    return count - 3; /* ".", ".." and that of `folder` */
}

#endif
