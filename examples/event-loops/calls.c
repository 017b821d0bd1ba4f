/* Starts two calls, cancels one, and prints how each one ends. */
#include "calls.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* The tags of the calls. */
enum { SIGN_IN = 1, SIGN_IN_AGAIN = 2 };

/* Returns the value at a JSON pointer, or NULL. The caller frees it. */
static char *get_value(const char *document, const char *pointer) {
    size_t size = 0;

    if (descope_json_get(document, pointer, NULL, 0, &size) != DESCOPE_E_BUFFER)
        return NULL;
    char *value = malloc(size);
    if (value != NULL && descope_json_get(document, pointer, value, size, NULL) != DESCOPE_OK) {
        free(value);
        value = NULL;
    }
    return value;
}

/* Prints how a call has ended. Returns false if that is a failure. */
static bool print_result(uint64_t tag, int32_t status, const char *document) {
    char *phone = get_value(document, "/maskedPhone");
    char *message = get_value(document, "/error/message");
    char *outcome = get_value(document, "/error/outcome");
    const char *known_outcome = outcome != NULL ? outcome : "not_sent";
    bool expected = status == (tag == SIGN_IN ? DESCOPE_OK : DESCOPE_E_CANCELLED);

    if (status == DESCOPE_OK)
        printf("call %" PRIu64 ": sent to %s\n", tag, phone != NULL ? phone : "the user");
    else if (status == DESCOPE_E_CANCELLED)
        printf("call %" PRIu64 ": cancelled (%s)\n", tag, known_outcome);
    else
        fprintf(stderr, "call %" PRIu64 ": %s: %s (%s)\n", tag, descope_status_name(status),
                message != NULL ? message : "no error document", known_outcome);
    free(phone);
    free(message);
    free(outcome);
    return expected;
}

/* Prints an error of a function of the queue. */
static void print_error(int32_t status, const char *document) {
    char *message = get_value(document, "/error/message");

    fprintf(stderr, "%s: %s\n", descope_status_name(status), message != NULL ? message : "");
    free(message);
}

bool calls_start(struct calls *calls, int argc, char **argv) {
    const char *login_id = argc > 1 ? argv[1] : getenv("DESCOPE_LOGIN_ID");
    char *request = NULL, *error = NULL;

    calls->queue = NULL;
    calls->failed = false;
    if (login_id == NULL) {
        fprintf(stderr, "usage: %s LOGIN_ID\n", argv[0]);
        return false;
    }
    int32_t status = descope_json_set(&request, "/loginId", login_id);
    if (status == DESCOPE_OK)
        status = descope_queue_new(NULL, &calls->queue, &error);
    for (uint64_t tag = SIGN_IN; status == DESCOPE_OK && tag <= SIGN_IN_AGAIN; tag++) {
        /* It is {} after a success. */
        descope_string_free(error);
        status = descope_queue_submit(calls->queue, "magiclink/signin/sms", request, tag, &error);
    }
    /* The calls are in progress now. Nothing is sent before descope_queue_next. */
    if (status == DESCOPE_OK)
        status = descope_queue_cancel(calls->queue, SIGN_IN_AGAIN);

    if (status != DESCOPE_OK) {
        print_error(status, error);
        descope_queue_free(calls->queue);
        calls->queue = NULL;
    }
    descope_string_free(request);
    descope_string_free(error);
    return status == DESCOPE_OK;
}

bool calls_continue(struct calls *calls) {
    for (;;) {
        uint64_t tag = 0;
        int32_t result = DESCOPE_OK;
        char *document = NULL;
        int32_t status = descope_queue_next(calls->queue, 0, &tag, &result, &document);

        if (status == DESCOPE_OK && !print_result(tag, result, document))
            calls->failed = true;
        if (status != DESCOPE_OK && status != DESCOPE_PENDING && status != DESCOPE_E_NOT_FOUND) {
            print_error(status, document);
            calls->failed = true;
        }
        descope_string_free(document);
        if (status != DESCOPE_OK)
            return status == DESCOPE_PENDING;
    }
}

void calls_fail(struct calls *calls, const char *what, const char *why) {
    fprintf(stderr, "%s: %s\n", what, why);
    calls->failed = true;
}

int calls_finish(struct calls *calls) {
    descope_queue_free(calls->queue);
    calls->queue = NULL;
    return calls->failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
