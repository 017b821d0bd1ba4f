/* The log, as a host has it: logging CONFIG, where the server signs +14155550123 in and nobody
   else. What it is told it writes to stdout, for the test to look through. */
#include <descope_ml.h>

#include <pthread.h>
#include <string.h>

#include "check.h"

#define THREADS 8
#define CALLS 20

#define KNOWN "{\"loginId\": \"+14155550123\"}"
#define UNKNOWN "{\"loginId\": \"canary-login@example.com\"}"
#define SESSION "{\"sessionToken\": \"canary-token\", \"refreshToken\": \"canary-token\"}"

static descope_client *client;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* What a callback has been told, by level. */
struct told {
    int lines[5];
};

static void tell(int32_t level, const char *message, void *userdata) {
    struct told *told = (struct told *)userdata;

    pthread_mutex_lock(&lock);
    CHECK(level >= DESCOPE_LOG_ERROR && level <= DESCOPE_LOG_DEBUG);
    CHECK(message[0] != '\0' && strpbrk(message, "\r\n\t") == NULL);
    told->lines[level]++;
    printf("%s\n", message);
    pthread_mutex_unlock(&lock);
}

/* One that uses the library, replaces itself, and is not told what it does itself. */
static void tell_once(int32_t level, const char *message, void *userdata) {
    int *calls = (int *)userdata;

    (void)level;
    CHECK(message[0] != '\0');
    ++*calls;
    CHECK(descope_client_call(client, "magiclink/signin/sms", KNOWN, NULL) == DESCOPE_OK);
    CHECK(descope_log_set(NULL, NULL, DESCOPE_LOG_OFF) == DESCOPE_OK);
}

static int32_t sign_in(const char *json) {
    return descope_client_call(client, "magiclink/signin/sms", json, NULL);
}

static void *work(void *nothing) {
    int i;

    for (i = 0; i < CALLS; i++)
        CHECK(sign_in(KNOWN) == DESCOPE_OK);
    return nothing;
}

static void *replace(void *told) {
    int i;

    for (i = 0; i < 2000; i++)
        CHECK(descope_log_set(i % 3 == 0 ? NULL : tell, told, DESCOPE_LOG_DEBUG) == DESCOPE_OK);
    return NULL;
}

int main(int argc, char **argv) {
    struct told first = {{0}}, second = {{0}}, many = {{0}};
    pthread_t threads[THREADS + 1];
    int calls = 0, i;

    CHECK(argc == 2);
    CHECK(descope_client_new(argv[1], &client, NULL) == DESCOPE_OK);

    /* Off by default. */
    CHECK(sign_in(KNOWN) == DESCOPE_OK);
    CHECK(descope_log_set(tell, &first, 5) == DESCOPE_E_ARGUMENT);
    CHECK(descope_log_set(tell, &first, -1) == DESCOPE_E_ARGUMENT);
    CHECK(sign_in(KNOWN) == DESCOPE_OK);
    CHECK(first.lines[DESCOPE_LOG_DEBUG] == 0);

    /* Everything: two lines for a call that went well, more for one that was refused. */
    CHECK(descope_log_set(tell, &first, DESCOPE_LOG_DEBUG) == DESCOPE_OK);
    CHECK(sign_in(KNOWN) == DESCOPE_OK);
    CHECK(first.lines[DESCOPE_LOG_DEBUG] == 2 && first.lines[DESCOPE_LOG_INFO] == 0);
    CHECK(sign_in(UNKNOWN) == DESCOPE_E_API);
    CHECK(first.lines[DESCOPE_LOG_DEBUG] == 3 && first.lines[DESCOPE_LOG_INFO] == 1);
    CHECK(sign_in("{\"canary\nkey\": 1}") == DESCOPE_E_ARGUMENT);
    CHECK(first.lines[DESCOPE_LOG_INFO] == 2);
    CHECK(descope_client_call(client, "session/validate", SESSION, NULL) == DESCOPE_E_ARGUMENT);
    CHECK(descope_client_call(client, "session/me", "{\"refreshToken\": \"canary-token\"}", NULL)
          == DESCOPE_E_API);

    /* Another one, who wants less. */
    first.lines[DESCOPE_LOG_DEBUG] = first.lines[DESCOPE_LOG_INFO] = 0;
    CHECK(descope_log_set(tell, &second, DESCOPE_LOG_INFO) == DESCOPE_OK);
    CHECK(sign_in(KNOWN) == DESCOPE_OK && sign_in(UNKNOWN) == DESCOPE_E_API);
    CHECK(second.lines[DESCOPE_LOG_DEBUG] == 0 && second.lines[DESCOPE_LOG_INFO] == 1);
    CHECK(first.lines[DESCOPE_LOG_INFO] == 0);

    CHECK(descope_log_set(tell_once, &calls, DESCOPE_LOG_DEBUG) == DESCOPE_OK);
    CHECK(sign_in(KNOWN) == DESCOPE_OK);
    CHECK(calls == 1);

    /* From any thread, while others replace it. */
    for (i = 0; i < THREADS; i++)
        CHECK(pthread_create(&threads[i], NULL, work, NULL) == 0);
    CHECK(pthread_create(&threads[THREADS], NULL, replace, &many) == 0);
    for (i = 0; i <= THREADS; i++)
        CHECK(pthread_join(threads[i], NULL) == 0);
    CHECK(descope_log_set(NULL, NULL, DESCOPE_LOG_DEBUG) == DESCOPE_OK);
    CHECK(sign_in(KNOWN) == DESCOPE_OK);
    descope_client_free(client);
    if (failed_checks == 0)
        puts("ok");
    return failed_checks != 0;
}
