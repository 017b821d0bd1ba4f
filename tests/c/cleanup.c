/* descope_cleanup releases what the library keeps for the process, and the library can be used
 * again.
 *
 * Usage: cleanup CONFIG SESSION_TOKEN
 *
 * The server must know the user +14155550123. */
#include "queue.h"

#define ROUNDS 3

struct callback_use {
    int runs, freed;
};

static void count_line(int32_t level, const char *message, void *userdata) {
    (void)level, (void)message;
    ((struct callback_use *)userdata)->runs++;
}

static void count_event(const char *event_json, void *userdata) {
    (void)event_json;
    ((struct callback_use *)userdata)->runs++;
}

static void count_free(void *userdata) {
    ((struct callback_use *)userdata)->freed++;
}

static void use_library(const char *config, const char *token) {
    struct callback_use log = {0, 0}, events = {0, 0};
    char *request = NULL, *out = NULL;
    descope_client *client = new_client(config);
    descope_queue *queue = NULL;

    CHECK(descope_log_set(count_line, &log, count_free, DESCOPE_LOG_DEBUG) == DESCOPE_OK);
    CHECK(descope_events_set(count_event, &events, count_free) == DESCOPE_OK);
    CHECK(descope_configure(config, NULL) == DESCOPE_OK);
    CHECK(descope_magiclink_signin_sms(REQUEST, &out) == DESCOPE_OK);
    CHECK(descope_client_call(client, OPERATION, REQUEST, NULL) == DESCOPE_OK);
    CHECK(descope_json_set(&request, "/sessionToken", token) == DESCOPE_OK);
    CHECK(descope_session_validate(request, NULL) == DESCOPE_OK);
    queue = new_queue(NULL);
    CHECK(descope_queue_submit(queue, OPERATION, REQUEST, 1, NULL) == DESCOPE_OK);
    CHECK(wait_for_completion(queue).status == DESCOPE_OK);
    descope_queue_free(queue);
    CHECK(log.runs >= 8 && events.runs == 4 && log.freed == 0 && events.freed == 0);

    descope_client_free(client);
    descope_cleanup();
    CHECK(log.freed == 1 && events.freed == 1);
    descope_string_free(request);
    descope_string_free(out);
}

int main(int argc, char **argv) {
    int i, before;

    CHECK(argc == 3);
    descope_cleanup();
    before = count_descriptors();
    for (i = 0; i < ROUNDS; i++) {
        use_library(argv[1], argv[2]);
        CHECK(count_descriptors() == before);
        /* The environment of the test has no project for the default client. */
        CHECK(descope_magiclink_signin_sms(REQUEST, NULL) == DESCOPE_E_CONFIG);
        descope_cleanup();
        descope_cleanup();
    }
    return finish_checks();
}
