/* The timers of a queue and its descriptor. Usage: queue_timers CONFIG
 *
 * The server answers the first request of the only connection, and not the second one. */
#include <descope_ml.h>

#include <poll.h>

#include "check.h"

/* Longer than any timer of the test. */
enum { WAIT_MS = 60000 };

static const char *REQUEST = "{\"loginId\": \"+14155550123\"}";
static const char *SHORT_REQUEST = "{\"loginId\": \"+14155550123\", \"timeoutMs\": 200}";

static int is_readable(descope_queue *queue, int timeout_ms) {
    struct pollfd descriptor = {.fd = descope_queue_fd(queue), .events = POLLIN};
    return poll(&descriptor, 1, timeout_ms) == 1;
}

/* Runs a call in an event loop that knows only the descriptor. Returns the status of the call. */
static int32_t call(descope_queue *queue, const char *json) {
    int32_t status = -1, next = DESCOPE_PENDING;

    CHECK(descope_queue_submit(queue, "magiclink/signin/sms", json, 1, NULL) == DESCOPE_OK);
    while (next == DESCOPE_PENDING && is_readable(queue, WAIT_MS))
        next = descope_queue_next(queue, 0, NULL, &status, NULL);
    CHECK(next == DESCOPE_OK);
    return status;
}

int main(int argc, char **argv) {
    descope_client *client = NULL;
    descope_queue *queue = NULL;

    CHECK(argc == 2);
    CHECK(descope_client_new(argv[1], &client, NULL) == DESCOPE_OK);
    CHECK(descope_queue_new(client, &queue, NULL) == DESCOPE_OK);

    /* The second call finds an open connection. Only its timeout makes the descriptor readable. */
    CHECK(call(queue, REQUEST) == DESCOPE_OK);
    CHECK(call(queue, SHORT_REQUEST) == DESCOPE_E_TIMEOUT);

    /* An expired timer does not keep the descriptor of an idle queue readable. */
    CHECK(descope_queue_next(queue, 0, NULL, NULL, NULL) == DESCOPE_E_NOT_FOUND);
    CHECK(!is_readable(queue, 0));

    descope_queue_free(queue);
    descope_client_free(client);
    return finish_checks();
}
