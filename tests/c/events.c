/* Event callbacks: one event for each call, its times, replacing a callback, and its userdata.
 *
 * Usage: events CONFIG
 *
 * The server must know the user +14155550123 and no other, and must not respond to sign-ins by
 * email. Prints each event to stdout, so that the test can check the events. */
#include <descope_ml.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

#define THREADS 8
#define CALLS 20
#define REPLACEMENTS 300

#define SMS "magiclink/signin/sms"
#define EMAIL "magiclink/signin/email"
#define KNOWN "{\"loginId\": \"+14155550123\"}"
#define UNKNOWN "{\"loginId\": \"canary-login@example.com\"}"

static descope_client *client;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* What callbacks with this userdata have received. */
struct events {
    int count;
    int freed;
    char last[4096];
};

static void count_and_print(const char *event, void *userdata) {
    struct events *events = (struct events *)userdata;

    pthread_mutex_lock(&lock);
    CHECK(events->freed == 0);
    events->count++;
    strncpy(events->last, event, sizeof events->last - 1);
    printf("%s\n", event);
    pthread_mutex_unlock(&lock);
}

static void count_free(void *userdata) {
    pthread_mutex_lock(&lock);
    ((struct events *)userdata)->freed++;
    pthread_mutex_unlock(&lock);
}

static int last_is(const struct events *events, const char *pointer, const char *expected) {
    char value[256];

    return descope_json_get(events->last, pointer, value, sizeof value, NULL) == DESCOPE_OK
           && strcmp(value, expected) == 0;
}

static double last_number(const struct events *events, const char *pointer) {
    char value[64] = "-1";

    CHECK(descope_json_get(events->last, pointer, value, sizeof value, NULL) == DESCOPE_OK);
    return atof(value);
}

static int32_t sign_in(const char *json) {
    return descope_client_call(client, SMS, json, NULL);
}

static void check_blocking_calls(void) {
    static struct events events;

    CHECK(descope_events_set(count_and_print, &events, count_free) == DESCOPE_OK);
    CHECK(sign_in(KNOWN) == DESCOPE_OK);
    CHECK(events.count == 1 && last_is(&events, "/operation", SMS));
    CHECK(last_is(&events, "/status", "0") && last_is(&events, "/name", "DESCOPE_OK"));
    CHECK(last_is(&events, "/outcome", "sent") && last_is(&events, "/attempts", "1"));
    CHECK(last_is(&events, "/httpStatus", "200"));
    CHECK(last_is(&events, "/connectionReused", "true"));
    CHECK(last_is(&events, "/requests/0/method", "POST"));
    CHECK(last_is(&events, "/requests/0/path", "/v1/auth/magiclink/signin/sms"));
    CHECK(last_is(&events, "/requests/0/serverAddress", "127.0.0.1"));
    CHECK(last_number(&events, "/totalMs") > 0);
    CHECK(last_number(&events, "/startTimeMs") > 1.7e12);

    CHECK(sign_in(UNKNOWN) == DESCOPE_E_API);
    CHECK(events.count == 2 && last_is(&events, "/name", "DESCOPE_E_API"));
    CHECK(last_is(&events, "/outcome", "refused") && last_is(&events, "/errorCode", "E062108"));
    CHECK(last_is(&events, "/requests/0/httpStatus", "400"));

    CHECK(sign_in("{\"canary\nkey\": 1}") == DESCOPE_E_ARGUMENT);
    CHECK(events.count == 3 && last_is(&events, "/outcome", "not_sent"));
    CHECK(last_is(&events, "/requests", "[]") && last_is(&events, "/attempts", "0"));

    CHECK(descope_client_call(client, "session/match_roles",
                              "{\"session\": {\"roles\": []}, \"roles\": [\"canary\"]}", NULL)
          != DESCOPE_E_INTERNAL);
    CHECK(events.count == 4 && last_is(&events, "/operation", "session/match_roles"));

    CHECK(descope_client_warm_up(client, NULL) == DESCOPE_OK);
    CHECK(events.count == 5 && last_is(&events, "/operation", "warm_up"));

    /* No operation, no event. */
    CHECK(descope_client_call(client, "canary", KNOWN, NULL) == DESCOPE_E_ARGUMENT);
    CHECK(descope_client_call(client, SMS, NULL, NULL) == DESCOPE_E_ARGUMENT);
    CHECK(events.count == 5);

    CHECK(events.freed == 0);
    CHECK(descope_events_set(NULL, NULL, NULL) == DESCOPE_OK);
    CHECK(events.freed == 1);
    CHECK(sign_in(KNOWN) == DESCOPE_OK);
    CHECK(events.count == 5);
}

static void check_queue(void) {
    static struct events events;
    descope_queue *queue = NULL;
    uint64_t tag = 0;
    int32_t status = 0;

    CHECK(descope_events_set(count_and_print, &events, count_free) == DESCOPE_OK);
    CHECK(descope_queue_new(client, &queue, NULL) == DESCOPE_OK);
    CHECK(descope_queue_submit(queue, SMS, KNOWN, 7, NULL) == DESCOPE_OK);
    CHECK(events.count == 0);
    CHECK(descope_queue_next(queue, -1, &tag, &status, NULL) == DESCOPE_OK && tag == 7);
    CHECK(events.count == 1 && last_is(&events, "/tag", "7"));
    CHECK(last_is(&events, "/outcome", "sent"));

    CHECK(descope_queue_submit(queue, SMS, "{}", 8, NULL) == DESCOPE_E_ARGUMENT);
    CHECK(events.count == 2 && last_is(&events, "/tag", "8"));
    CHECK(last_is(&events, "/outcome", "not_sent"));

    /* A call that was cancelled, and one that the end of its queue ends. */
    CHECK(descope_queue_submit(queue, EMAIL, KNOWN, 9, NULL) == DESCOPE_OK);
    CHECK(descope_queue_submit(queue, EMAIL, KNOWN, 10, NULL) == DESCOPE_OK);
    CHECK(descope_queue_next(queue, 100, &tag, &status, NULL) == DESCOPE_PENDING);
    CHECK(descope_queue_cancel(queue, 9) == DESCOPE_OK);
    CHECK(descope_queue_next(queue, -1, &tag, &status, NULL) == DESCOPE_OK && tag == 9);
    CHECK(events.count == 3 && last_is(&events, "/name", "DESCOPE_E_CANCELLED"));
    CHECK(last_is(&events, "/outcome", "unknown"));
    CHECK(last_is(&events, "/requests/0/name", "DESCOPE_E_CANCELLED"));
    CHECK(last_number(&events, "/phases/waitMs") > 50);
    descope_queue_free(queue);
    CHECK(events.count == 4 && last_is(&events, "/tag", "10"));
    CHECK(last_is(&events, "/outcome", "unknown"));
    CHECK(descope_events_set(NULL, NULL, NULL) == DESCOPE_OK && events.freed == 1);
}

/* A call is reported to the callback that was set when it started, and to no other one. */
static void check_replacement(void) {
    static struct events events[3];
    descope_queue *queue = NULL;
    int i;

    CHECK(descope_queue_new(client, &queue, NULL) == DESCOPE_OK);
    for (i = 0; i < 3; i++) {
        CHECK(descope_events_set(count_and_print, &events[i], count_free) == DESCOPE_OK);
        CHECK(descope_queue_submit(queue, EMAIL, KNOWN, 11 + (uint64_t)i, NULL) == DESCOPE_OK);
        /* A tag that is in use: no call, no event. */
        CHECK(descope_queue_submit(queue, EMAIL, KNOWN, 11, NULL) == DESCOPE_E_ARGUMENT);
        if (i == 1)
            CHECK(descope_events_set(NULL, NULL, NULL) == DESCOPE_OK);
    }
    CHECK(events[0].freed == 1 && events[1].freed == 1 && events[2].freed == 0);
    descope_queue_free(queue);
    CHECK(events[0].count == 0 && events[1].count == 0 && events[2].count == 1);
    CHECK(last_is(&events[2], "/tag", "13"));
    CHECK(descope_events_set(NULL, NULL, NULL) == DESCOPE_OK && events[2].freed == 1);
}

/* A callback that uses the library. Its calls have no events. */
static void use_library(const char *event, void *userdata) {
    int *calls = (int *)userdata;
    descope_queue *queue = NULL;

    CHECK(event[0] == '{');
    ++*calls;
    CHECK(sign_in(KNOWN) == DESCOPE_OK);
    CHECK(descope_queue_new(client, &queue, NULL) == DESCOPE_OK);
    CHECK(descope_queue_next(queue, 0, NULL, NULL, NULL) == DESCOPE_E_ARGUMENT);
    descope_queue_free(queue);
    CHECK(descope_events_set(NULL, NULL, NULL) == DESCOPE_OK);
}

static void *run_worker(void *nothing) {
    int i;

    for (i = 0; i < CALLS; i++)
        CHECK(sign_in(KNOWN) == DESCOPE_OK);
    return nothing;
}

static void *replace_callback(void *userdata) {
    struct events *events = (struct events *)userdata;
    int i;

    for (i = 0; i < REPLACEMENTS; i++)
        CHECK(descope_events_set(i % 3 == 0 ? NULL : count_and_print, &events[i], count_free)
              == DESCOPE_OK);
    return NULL;
}

int main(int argc, char **argv) {
    static struct events concurrent[REPLACEMENTS], unused;
    pthread_t threads[THREADS + 1];
    int calls = 0, i;

    CHECK(argc == 2);
    CHECK(descope_client_new(argv[1], &client, NULL) == DESCOPE_OK);

    /* Events are off by default. The userdata without a callback is freed at once. */
    CHECK(sign_in(KNOWN) == DESCOPE_OK);
    CHECK(descope_events_set(NULL, &unused, count_free) == DESCOPE_OK);
    CHECK(unused.count == 0 && unused.freed == 1);

    check_blocking_calls();
    check_queue();
    check_replacement();

    CHECK(descope_events_set(use_library, &calls, NULL) == DESCOPE_OK);
    CHECK(sign_in(KNOWN) == DESCOPE_OK);
    CHECK(sign_in(KNOWN) == DESCOPE_OK);
    CHECK(calls == 1);

    /* Eight threads make calls while another thread replaces the callback. */
    for (i = 0; i < THREADS; i++)
        CHECK(pthread_create(&threads[i], NULL, run_worker, NULL) == 0);
    CHECK(pthread_create(&threads[THREADS], NULL, replace_callback, concurrent) == 0);
    for (i = 0; i <= THREADS; i++)
        CHECK(pthread_join(threads[i], NULL) == 0);
    CHECK(descope_events_set(NULL, NULL, NULL) == DESCOPE_OK);
    for (i = 0; i < REPLACEMENTS; i++)
        CHECK(concurrent[i].freed == 1);
    descope_client_free(client);
    return finish_checks();
}
