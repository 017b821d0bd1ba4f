/* Log callbacks: levels, replacing a callback, its userdata, and use from many threads.
 *
 * Usage: logging CONFIG
 *
 * The server must know the user +14155550123 and no other. Prints each log message to stdout, so
 * that the test can check the messages. */
#include <descope_ml.h>

#include <pthread.h>
#include <string.h>

#include "check.h"

#define THREADS 8
#define CALLS 20
#define REPLACEMENTS 2000

#define KNOWN "{\"loginId\": \"+14155550123\"}"
#define UNKNOWN "{\"loginId\": \"canary-login@example.com\"}"
#define SESSION "{\"sessionToken\": \"canary-token\", \"refreshToken\": \"canary-token\"}"

static descope_client *client;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* The number of log messages that a callback has received, by level, and how often it was freed. */
struct log_counts {
    int messages[5];
    int freed;
};

static void count_and_print(int32_t level, const char *message, void *userdata) {
    struct log_counts *counts = (struct log_counts *)userdata;

    pthread_mutex_lock(&lock);
    CHECK(level >= DESCOPE_LOG_ERROR && level <= DESCOPE_LOG_DEBUG);
    CHECK(message[0] != '\0' && strpbrk(message, "\r\n\t") == NULL);
    CHECK(counts->freed == 0);
    counts->messages[level]++;
    printf("%s\n", message);
    pthread_mutex_unlock(&lock);
}

static void count_free(void *userdata) {
    pthread_mutex_lock(&lock);
    ((struct log_counts *)userdata)->freed++;
    pthread_mutex_unlock(&lock);
}

/* A callback that makes a call and then removes itself. The library must not log what happens
 * inside a callback, so this callback runs only once. */
static void call_and_remove_callback(int32_t level, const char *message, void *userdata) {
    int *calls = (int *)userdata;

    (void)level;
    CHECK(message[0] != '\0');
    ++*calls;
    CHECK(descope_client_call(client, "magiclink/signin/sms", KNOWN, NULL) == DESCOPE_OK);
    CHECK(descope_log_set(NULL, NULL, NULL, DESCOPE_LOG_OFF) == DESCOPE_OK);
}

static int32_t sign_in(const char *json) {
    return descope_client_call(client, "magiclink/signin/sms", json, NULL);
}

static void *run_worker(void *nothing) {
    int i;

    for (i = 0; i < CALLS; i++)
        CHECK(sign_in(KNOWN) == DESCOPE_OK);
    return nothing;
}

static void *replace_callback(void *userdata) {
    struct log_counts *counts = (struct log_counts *)userdata;
    int i;

    for (i = 0; i < REPLACEMENTS; i++)
        CHECK(descope_log_set(i % 3 == 0 ? NULL : count_and_print, &counts[i], count_free,
                              DESCOPE_LOG_DEBUG)
              == DESCOPE_OK);
    return NULL;
}

int main(int argc, char **argv) {
    static struct log_counts concurrent[REPLACEMENTS], first, second, unused[4];
    pthread_t threads[THREADS + 1];
    int calls = 0, i;

    CHECK(argc == 2);
    CHECK(descope_client_new(argv[1], &client, NULL) == DESCOPE_OK);

    /* Logging is off by default, and an invalid level does not turn it on. Userdata that is not
     * used is freed at once. */
    CHECK(sign_in(KNOWN) == DESCOPE_OK);
    CHECK(descope_log_set(count_and_print, &unused[0], count_free, 5) == DESCOPE_E_ARGUMENT);
    CHECK(descope_log_set(count_and_print, &unused[1], count_free, -1) == DESCOPE_E_ARGUMENT);
    CHECK(descope_log_set(count_and_print, &unused[2], count_free, DESCOPE_LOG_OFF) == DESCOPE_OK);
    CHECK(descope_log_set(NULL, &unused[3], count_free, DESCOPE_LOG_DEBUG) == DESCOPE_OK);
    CHECK(sign_in(KNOWN) == DESCOPE_OK);
    for (i = 0; i < 4; i++)
        CHECK(unused[i].messages[DESCOPE_LOG_DEBUG] == 0 && unused[i].freed == 1);

    /* DESCOPE_LOG_DEBUG: two messages for a call that succeeds, more for a call that fails. */
    CHECK(descope_log_set(count_and_print, &first, count_free, DESCOPE_LOG_DEBUG) == DESCOPE_OK);
    CHECK(sign_in(KNOWN) == DESCOPE_OK);
    CHECK(first.messages[DESCOPE_LOG_DEBUG] == 2 && first.messages[DESCOPE_LOG_INFO] == 0);
    CHECK(sign_in(UNKNOWN) == DESCOPE_E_API);
    CHECK(first.messages[DESCOPE_LOG_DEBUG] == 3 && first.messages[DESCOPE_LOG_INFO] == 1);
    CHECK(sign_in("{\"canary\nkey\": 1}") == DESCOPE_E_ARGUMENT);
    CHECK(first.messages[DESCOPE_LOG_INFO] == 2);
    CHECK(descope_client_call(client, "session/validate", SESSION, NULL) == DESCOPE_E_ARGUMENT);
    CHECK(descope_client_call(client, "session/me", "{\"refreshToken\": \"canary-token\"}", NULL)
          == DESCOPE_E_API);

    /* A second callback with a lower level replaces the first one. */
    CHECK(first.freed == 0);
    CHECK(descope_log_set(count_and_print, &second, count_free, DESCOPE_LOG_INFO) == DESCOPE_OK);
    CHECK(first.freed == 1);
    CHECK(sign_in(KNOWN) == DESCOPE_OK && sign_in(UNKNOWN) == DESCOPE_E_API);
    CHECK(second.messages[DESCOPE_LOG_DEBUG] == 0 && second.messages[DESCOPE_LOG_INFO] == 1);

    CHECK(descope_log_set(call_and_remove_callback, &calls, NULL, DESCOPE_LOG_DEBUG) == DESCOPE_OK);
    CHECK(sign_in(KNOWN) == DESCOPE_OK);
    CHECK(calls == 1 && second.freed == 1);

    /* Eight threads make calls while another thread replaces the callback. */
    for (i = 0; i < THREADS; i++)
        CHECK(pthread_create(&threads[i], NULL, run_worker, NULL) == 0);
    CHECK(pthread_create(&threads[THREADS], NULL, replace_callback, concurrent) == 0);
    for (i = 0; i <= THREADS; i++)
        CHECK(pthread_join(threads[i], NULL) == 0);
    CHECK(descope_log_set(NULL, NULL, NULL, DESCOPE_LOG_DEBUG) == DESCOPE_OK);
    CHECK(sign_in(KNOWN) == DESCOPE_OK);
    for (i = 0; i < REPLACEMENTS; i++)
        CHECK(concurrent[i].freed == 1);
    descope_client_free(client);
    return finish_checks();
}
