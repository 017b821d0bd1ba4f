/* What is called while allocations fail: documents, clients, calls, callbacks and queues. Include
 * it in one file. */
#ifndef FAILING_SCENARIOS_H
#define FAILING_SCENARIOS_H

#include <descope_ml.h>

#include <stdio.h>
#include <stdlib.h>

#include "check.h"
#include "failing_malloc.h"

/* How often a queue may say that there is no memory before its test has some again. */
#define MAX_REFUSALS 3

/* The length of a text that makes a request large. */
#define LARGE (100 * 1024)

static const char *config, *token;

/* The client of this round. */
static descope_client *client;

/* The request of this round. */
static char request[128 * 1024], login_id[32];

/* What the call of a round has returned. */
struct result {
    int32_t status;
    char *out;
};

static void new_client(void) {
    char *out = NULL;

    if (descope_client_new(config, &client, &out) != DESCOPE_OK) {
        fprintf(stderr, "%s\n", out);
        exit(2);
    }
    descope_string_free(out);
}

static void free_client(void) {
    descope_client_free(client);
    client = NULL;
}

static void call(const char *operation, struct result *result) {
    result->status = descope_client_call(client, operation, request, &result->out);
}

/* -- documents -- */

static char *document;

static void start_document(void) {
    document = strdup("{\"a\": {\"b\": [1, \"\\u00e9\"]}}");
}

static void free_document(void) {
    descope_string_free(document);
    document = NULL;
}

static void set_string(struct result *result) {
    result->status = descope_json_set(&document, "/a/c~0d", "x\"y");
}

static void set_first_string(struct result *result) {
    free_document();
    result->status = descope_json_set(&document, "/loginOptions/locale", "de");
}

static void set_bytes(struct result *result) {
    result->status = descope_json_set_n(&document, "/a/c~0d", "x\0\"y", 4);
}

static void put_value(struct result *result) {
    result->status = descope_json_put(&document, "/a/b/-", "{\"c\": true}");
}

static void get_value(struct result *result) {
    char value[64];

    result->status = descope_json_get(document, "/a/b/1", value, sizeof value, NULL);
    if (result->status == DESCOPE_OK)
        CHECK(strcmp(value, "\xc3\xa9") == 0);
}

/* A document that is larger than any piece of the reserve. */
static void start_large_document(void) {
    static char text[700 * 1024];

    memset(text, 'x', sizeof text - 1);
    start_document();
    CHECK(descope_json_set(&document, "/a/large", text) == DESCOPE_OK);
}

static void get_large_value(struct result *result) {
    static char value[800 * 1024];

    result->status = descope_json_get(document, "/a", value, sizeof value, NULL);
}

/* -- calls -- */

static void sign_in(struct result *result) {
    call("magiclink/signup-in/sms", result);
}

static void new_warm_client(void) {
    char *out = NULL;

    new_client();
    CHECK(descope_client_call(client, "test/delete_all_users", "{}", &out) == DESCOPE_OK);
    descope_string_free(out);
}

static void sign_in_with_default_client(struct result *result) {
    result->status = descope_call("magiclink/signup-in/sms", request, &result->out);
}

static void configure(struct result *result) {
    result->status = descope_configure(config, &result->out);
}

static void use_default_client(void) {
    CHECK(descope_configure(config, NULL) == DESCOPE_OK);
}

static void create_client(struct result *result) {
    free_client();
    result->status = descope_client_new(config, &client, &result->out);
    CHECK((result->status == DESCOPE_OK) == (client != NULL));
}

static void warm_up(struct result *result) {
    result->status = descope_client_warm_up(client, &result->out);
}

static void validate(struct result *result) {
    call("session/validate", result);
}

static void new_client_that_validated(void) {
    struct result result = {0, NULL};

    new_client();
    validate(&result);
    CHECK(result.status == DESCOPE_OK);
    descope_string_free(result.out);
}

static void refresh(struct result *result) {
    call("session/refresh", result);
}

static void new_client_that_refreshed(void) {
    struct result result = {0, NULL};

    new_client();
    refresh(&result);
    CHECK(result.status == DESCOPE_OK);
    descope_string_free(result.out);
}

static void ignore_line(int32_t level, const char *message, void *userdata) {
    CHECK(level > 0 && message[0] != 0 && userdata == NULL);
}

static void ignore_event(const char *event, void *userdata) {
    CHECK(event[0] != 0 && userdata == NULL);
}

/* The userdata of callbacks that were not freed yet. */
static int userdata_in_use;

static void free_userdata(void *userdata) {
    CHECK(userdata == NULL);
    userdata_in_use--;
}

static void stop_observing(void) {
    CHECK(descope_events_set(NULL, NULL, NULL) == DESCOPE_OK);
    CHECK(descope_log_set(NULL, NULL, NULL, DESCOPE_LOG_OFF) == DESCOPE_OK);
    CHECK(userdata_in_use == 0);
}

static void observe(struct result *result) {
    userdata_in_use = 2;
    result->status = descope_log_set(ignore_line, NULL, free_userdata, DESCOPE_LOG_DEBUG);
    CHECK(userdata_in_use == (result->status == DESCOPE_OK ? 2 : 1));
    if (result->status == DESCOPE_OK)
        result->status = descope_events_set(ignore_event, NULL, free_userdata);
    else
        userdata_in_use--;
    if (result->status == DESCOPE_OK)
        sign_in(result);
    stop_observing();
}

static void set_client_log(struct result *result) {
    userdata_in_use = 1;
    result->status =
        descope_client_log_set(client, ignore_line, NULL, free_userdata, DESCOPE_LOG_DEBUG);
    CHECK(userdata_in_use == (result->status == DESCOPE_OK));
}

/* A client with a log callback, which gets its lines. */
static void log_client(struct result *result) {
    set_client_log(result);
    if (result->status == DESCOPE_OK)
        sign_in(result);
    CHECK(descope_client_log_set(client, NULL, NULL, NULL, DESCOPE_LOG_OFF) == DESCOPE_OK);
    CHECK(userdata_in_use == 0);
}

/* The lines of a call that fetches the keys, or that others may wait for, are held for a while. */
static void log_validation(struct result *result) {
    set_client_log(result);
    if (result->status == DESCOPE_OK)
        validate(result);
    CHECK(descope_client_log_set(client, NULL, NULL, NULL, DESCOPE_LOG_OFF) == DESCOPE_OK);
}

static void log_refresh(struct result *result) {
    set_client_log(result);
    if (result->status == DESCOPE_OK)
        refresh(result);
    CHECK(descope_client_log_set(client, NULL, NULL, NULL, DESCOPE_LOG_OFF) == DESCOPE_OK);
}

/* It reports nothing, so it must release everything. */
static void clean_up(struct result *result) {
    result->status = descope_call("magiclink/signup-in/sms", request, &result->out);
    descope_cleanup();
    stop_failing();
    CHECK(descope_configure(config, NULL) == DESCOPE_OK);
}

/* -- queues -- */

static descope_queue *queue;

static void new_queue(void) {
    new_client();
    CHECK(descope_queue_new(client, &queue, NULL) == DESCOPE_OK);
}

static void free_queue(void) {
    descope_queue_free(queue);
    queue = NULL;
    free_client();
}

static void create_queue(struct result *result) {
    descope_queue_free(queue);
    result->status = descope_queue_new(client, &queue, &result->out);
    CHECK((result->status == DESCOPE_OK) == (queue != NULL));
}

/* Calls `next` until it reports the call. */
static void next(struct result *result) {
    uint64_t tag = 0;
    int refusals = 0;
    int32_t status;

    while ((status = descope_queue_next(queue, 10000, &tag, &result->status, &result->out))
           == DESCOPE_E_MEMORY) {
        descope_string_free(result->out);
        if (++refusals == MAX_REFUSALS)
            stop_failing();
    }
    CHECK(status == DESCOPE_OK && tag == 7);
}

static void submit_and_wait(struct result *result) {
    result->status =
        descope_queue_submit(queue, "magiclink/signup-in/sms", request, 7, &result->out);
    if (result->status != DESCOPE_OK)
        return;
    descope_string_free(result->out);
    next(result);
}

static void submit_and_cancel(struct result *result) {
    result->status =
        descope_queue_submit(queue, "magiclink/signup-in/sms", request, 7, &result->out);
    if (result->status != DESCOPE_OK)
        return;
    descope_string_free(result->out);
    while ((result->status = descope_queue_cancel(queue, 7)) == DESCOPE_E_MEMORY)
        stop_failing();
    next(result);
    if (result->status == DESCOPE_E_CANCELLED)
        result->status = DESCOPE_OK;
}

/* A queue is freed while a call is in progress. */
static void submit_and_free(struct result *result) {
    result->status =
        descope_queue_submit(queue, "magiclink/signup-in/sms", request, 7, &result->out);
    if (result->status == DESCOPE_OK)
        descope_queue_next(queue, 0, NULL, NULL, NULL);
    descope_queue_free(queue);
    stop_failing();
    CHECK(descope_queue_new(client, &queue, NULL) == DESCOPE_OK);
}

static void nothing(void) {}

static const struct scenario {
    const char *name;
    void (*set_up)(void);
    void (*run)(struct result *result);
    void (*tear_down)(void);
    /* Whether the server receives the login ID of the round. */
    int sends_login_id;
} scenarios[] = {
    {"json_set", start_document, set_string, free_document, 0},
    {"json_set_first", start_document, set_first_string, free_document, 0},
    {"json_set_n", start_document, set_bytes, free_document, 0},
    {"json_put", start_document, put_value, free_document, 0},
    {"json_get", start_document, get_value, free_document, 0},
    {"json_set_large", start_large_document, set_string, free_document, 0},
    {"json_get_large", start_large_document, get_large_value, free_document, 0},
    {"client_new", new_client, create_client, free_client, 0},
    {"client_new_system", nothing, create_client, free_client, 0},
    {"configure", nothing, configure, nothing, 0},
    {"sign_in_default", use_default_client, sign_in_with_default_client, use_default_client, 1},
    {"sign_in_cold", new_client, sign_in, free_client, 1},
    {"sign_in_large", new_client, sign_in, free_client, 1},
    {"sign_in_warm", new_warm_client, sign_in, free_client, 1},
    {"warm_up", new_client, warm_up, free_client, 0},
    {"validate_cold", new_client, validate, free_client, 0},
    {"validate_warm", new_client_that_validated, validate, free_client, 0},
    {"refresh_cold", new_client, refresh, free_client, 0},
    {"refresh_warm", new_client_that_refreshed, refresh, free_client, 0},
    {"observe", new_client, observe, free_client, 1},
    {"log_client", new_client, log_client, free_client, 1},
    {"validate_logged", new_client, log_validation, free_client, 0},
    {"refresh_logged", new_client, log_refresh, free_client, 0},
    {"cleanup", use_default_client, clean_up, descope_cleanup, 1},
    {"queue_new", new_queue, create_queue, free_queue, 0},
    {"queue_cold", new_queue, submit_and_wait, free_queue, 1},
    {"queue_cancel", new_queue, submit_and_cancel, free_queue, 0},
    {"queue_free", new_queue, submit_and_free, free_queue, 0},
};

#endif
