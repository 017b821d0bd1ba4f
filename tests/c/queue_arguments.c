/* Invalid arguments and tags of the functions for queues, calls in callbacks, and queues that are
 * freed with calls in progress.
 *
 * Usage: queue_arguments CONFIG, with the same configuration in the environment */
#define _POSIX_C_SOURCE 200809L
#include <descope_ml.h>

#include "queue.h"

/* Checks that a call fails with this status and returns an error document that names it, without a
 * byte sent. */
#define CHECK_FAILS(expected, call)                                                                \
    do {                                                                                           \
        char *out = (char *)"not cleared";                                                         \
        char name[32] = "", outcome[16] = "";                                                      \
        CHECK((call) == (expected));                                                               \
        CHECK(descope_json_get(out, "/error/name", name, sizeof name, NULL) == DESCOPE_OK);        \
        CHECK(strcmp(name, descope_status_name(expected)) == 0);                                   \
        descope_json_get(out, "/error/outcome", outcome, sizeof outcome, NULL);                    \
        CHECK(strcmp(outcome, "not_sent") == 0);                                                   \
        descope_string_free(out);                                                                  \
    } while (0)

static void test_null_arguments(const descope_client *client) {
    descope_queue *queue = NULL;
    uint64_t tag = 7;
    int32_t status = 7;

    CHECK_FAILS(DESCOPE_E_ARGUMENT, descope_queue_new(client, NULL, &out));
    CHECK(descope_queue_new(client, NULL, NULL) == DESCOPE_E_ARGUMENT);
    CHECK_FAILS(DESCOPE_E_ARGUMENT, descope_queue_submit(NULL, OPERATION, REQUEST, 1, &out));
    CHECK(descope_queue_submit(NULL, NULL, NULL, 1, NULL) == DESCOPE_E_ARGUMENT);
    CHECK_FAILS(DESCOPE_E_ARGUMENT, descope_queue_next(NULL, -1, &tag, &status, &out));
    CHECK(descope_queue_next(NULL, -1, NULL, NULL, NULL) == DESCOPE_E_ARGUMENT);
    CHECK(tag == 7 && status == 7);
    CHECK(descope_queue_cancel(NULL, 1) == DESCOPE_E_ARGUMENT);
    CHECK(descope_queue_timeout(NULL) == -1);
    CHECK(descope_queue_fd(NULL) == -1);
    descope_queue_wake(NULL);
    descope_queue_free(NULL);

    CHECK(descope_queue_new(client, &queue, NULL) == DESCOPE_OK);
    CHECK_FAILS(DESCOPE_E_ARGUMENT, descope_queue_submit(queue, NULL, REQUEST, 1, &out));
    CHECK_FAILS(DESCOPE_E_ARGUMENT, descope_queue_submit(queue, OPERATION, NULL, 1, &out));
    CHECK(descope_queue_submit(queue, OPERATION, REQUEST, 1, NULL) == DESCOPE_OK);
    CHECK(descope_queue_next(queue, -1, NULL, NULL, NULL) == DESCOPE_OK);
    descope_queue_free(queue);
}

/* The default client is made from the environment. */
static void test_null_client_is_the_default_client(void) {
    descope_queue *queue = new_queue(NULL);
    struct completion completion;

    CHECK(descope_queue_submit(queue, OPERATION, REQUEST, 1, NULL) == DESCOPE_OK);
    CHECK(next_completion(queue, -1, &completion) == DESCOPE_OK);
    CHECK(completion.tag == 1 && completion.status == DESCOPE_OK);
    descope_queue_free(queue);
}

/* The queue does not report a call that submit has refused, and its tag is free. */
static void test_invalid_requests_are_refused_by_submit(const descope_client *client) {
    descope_queue *queue = new_queue(client);
    struct completion completion;

#define SUBMIT(operation, request) descope_queue_submit(queue, operation, request, 1, &out)
    CHECK_FAILS(DESCOPE_E_ARGUMENT, SUBMIT("no/operation", REQUEST));
    CHECK_FAILS(DESCOPE_E_ARGUMENT, SUBMIT("\xff", REQUEST));
    CHECK_FAILS(DESCOPE_E_ARGUMENT, SUBMIT(OPERATION, "\xff"));
    CHECK_FAILS(DESCOPE_E_ARGUMENT, SUBMIT(OPERATION, "{"));
    CHECK_FAILS(DESCOPE_E_ARGUMENT, SUBMIT(OPERATION, "{}"));
    CHECK_FAILS(DESCOPE_E_ARGUMENT, SUBMIT(OPERATION, "{\"loginID\": \"u\"}"));
#undef SUBMIT
    CHECK(descope_queue_next(queue, -1, NULL, NULL, NULL) == DESCOPE_E_NOT_FOUND);
    CHECK(descope_queue_cancel(queue, 1) == DESCOPE_E_NOT_FOUND);
    CHECK(!is_readable(queue, 0));
    CHECK(descope_queue_submit(queue, OPERATION, REQUEST, 1, NULL) == DESCOPE_OK);
    CHECK(next_completion(queue, -1, &completion) == DESCOPE_OK);
    CHECK(completion.tag == 1 && completion.status == DESCOPE_OK);
    descope_queue_free(queue);
}

static void test_tags(const descope_client *client) {
    static const uint64_t tags[] = {0, 1, UINT64_MAX};
    descope_queue *queue = new_queue(client);
    struct completion completion;
    size_t i;

    CHECK(descope_queue_cancel(queue, 0) == DESCOPE_E_NOT_FOUND);
    for (i = 0; i < sizeof tags / sizeof *tags; i++) {
        const uint64_t tag = tags[i];

        CHECK(descope_queue_submit(queue, WAITING_OPERATION, WAITING_REQUEST, tag, NULL)
              == DESCOPE_OK);
        CHECK_FAILS(DESCOPE_E_ARGUMENT, descope_queue_submit(queue, OPERATION, REQUEST, tag, &out));
        CHECK(descope_queue_cancel(queue, 2) == DESCOPE_E_NOT_FOUND);
        CHECK(descope_queue_cancel(queue, tag) == DESCOPE_OK);
        /* It is the call's tag until the call is reported. */
        CHECK_FAILS(DESCOPE_E_ARGUMENT, descope_queue_submit(queue, OPERATION, REQUEST, tag, &out));
        CHECK(descope_queue_cancel(queue, tag) == DESCOPE_OK);
        CHECK(next_completion(queue, -1, &completion) == DESCOPE_OK);
        CHECK(completion.tag == tag && completion.status == DESCOPE_E_CANCELLED);
        CHECK(strcmp(completion.outcome, "not_sent") == 0);
        CHECK(descope_queue_cancel(queue, tag) == DESCOPE_E_NOT_FOUND);
        CHECK(descope_queue_submit(queue, OPERATION, REQUEST, tag, NULL) == DESCOPE_OK);
        CHECK(next_completion(queue, -1, &completion) == DESCOPE_OK);
        CHECK(completion.tag == tag && completion.status == DESCOPE_OK);
    }
    CHECK(descope_queue_next(queue, 0, NULL, NULL, NULL) == DESCOPE_E_NOT_FOUND);
    descope_queue_free(queue);
}

struct callback_state {
    descope_queue *queue;
    int runs, submitted;
};

/* Runs inside descope_queue_next, and in blocking calls. */
static void call_in_callback(int32_t level, const char *message, void *userdata) {
    struct callback_state *const state = userdata;

    (void)level;
    (void)message;
    state->runs++;
    CHECK_FAILS(DESCOPE_E_ARGUMENT, descope_queue_next(state->queue, -1, NULL, NULL, &out));
    descope_queue_wake(state->queue);
    CHECK(descope_queue_cancel(state->queue, 99) == DESCOPE_E_NOT_FOUND);
    if (!state->submitted) {
        state->submitted = 1;
        CHECK(descope_queue_submit(state->queue, OPERATION, REQUEST, 2, NULL) == DESCOPE_OK);
    }
}

/* In a callback, calls may be submitted, cancelled and woken, but not waited for. */
static void test_next_in_a_callback_is_an_error(const descope_client *client) {
    descope_queue *queue = new_queue(client);
    struct callback_state state = {queue, 0, 0};
    struct completion first, second;

    CHECK(descope_queue_submit(queue, OPERATION, REQUEST, 1, NULL) == DESCOPE_OK);
    CHECK(descope_log_set(call_in_callback, &state, NULL, DESCOPE_LOG_DEBUG) == DESCOPE_OK);
    first = wait_for_completion(queue);
    second = wait_for_completion(queue);
    CHECK(descope_log_set(NULL, NULL, NULL, DESCOPE_LOG_OFF) == DESCOPE_OK);
    CHECK(first.tag + second.tag == 3);
    CHECK(first.status == DESCOPE_OK && second.status == DESCOPE_OK);
    CHECK(state.runs > 0 && state.submitted);
    descope_queue_free(queue);
}

/* Calls that were not started, that wait for an answer, and that have finished. The client may be
 * freed before the queue or after it. */
static void test_free_with_calls_in_progress(const char *config) {
    int client_first;

    for (client_first = 0; client_first < 2; client_first++) {
        const int before = count_descriptors();
        descope_client *client = new_client(config);
        descope_queue *queue = new_queue(client);
        uint64_t tag;

        for (tag = 1; tag <= 5; tag++)
            CHECK(descope_queue_submit(queue, WAITING_OPERATION, WAITING_REQUEST, tag, NULL)
                  == DESCOPE_OK);
        run_until_quiet(queue);
        CHECK(descope_queue_cancel(queue, 1) == DESCOPE_OK);
        CHECK(descope_queue_cancel(queue, 2) == DESCOPE_OK);
        CHECK(descope_queue_next(queue, -1, NULL, NULL, NULL) == DESCOPE_OK);
        CHECK(descope_queue_cancel(queue, 3) == DESCOPE_OK);
        CHECK(descope_queue_submit(queue, OPERATION, REQUEST, 6, NULL) == DESCOPE_OK);
        if (client_first)
            descope_client_free(client);
        descope_queue_free(queue);
        if (!client_first)
            descope_client_free(client);
        CHECK(count_descriptors() == before);
    }
}

int main(int argc, char **argv) {
    descope_client *client;

    if (argc != 2)
        return 2;
    client = new_client(argv[1]);
    test_null_arguments(client);
    test_null_client_is_the_default_client();
    test_invalid_requests_are_refused_by_submit(client);
    test_tags(client);
    test_next_in_a_callback_is_an_error(client);
    test_free_with_calls_in_progress(argv[1]);
    descope_client_free(client);
    return finish_checks();
}
