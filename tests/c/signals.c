/* Signals during calls.
 *
 * Usage:
 *   signals state CONFIG UNREACHABLE_CONFIG
 *     Calls leave the disposition of SIGPIPE and the signal mask unchanged.
 *   signals interrupt CONFIG TIMEOUT_MS RESTART
 *     A call succeeds although SIGALRM interrupts it many times. RESTART 1 sets SA_RESTART;
 *     a TIMEOUT_MS other than 0 sets the request's timeout.
 *   signals close CONFIG
 *     The server closes the connection while a large request is being sent. */
#define _DEFAULT_SOURCE
#include <descope_ml.h>

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "check.h"

#define SIGN_IN "magiclink/signin/sms"
#define REQUEST "{\"loginId\": \"+14155550123\"}"

/* The least number of signals that must interrupt a call. */
#define MIN_SIGNALS 20

/* Bytes in a large request: more than the socket buffers of the test's server hold. */
#define LARGE_REQUEST_SIZE 1000000

static volatile sig_atomic_t sigalrm_count, sigpipe_count;

static void on_alarm(int number) {
    (void)number;
    sigalrm_count++;
}

static void on_pipe(int number) {
    (void)number;
    sigpipe_count++;
}

static descope_client *new_client(const char *config) {
    descope_client *client = NULL;

    CHECK(descope_client_new(config, &client, NULL) == DESCOPE_OK);
    return client;
}

static int32_t call(const descope_client *client, const char *request) {
    char *out = NULL;
    const int32_t status = descope_client_call(client, SIGN_IN, request, &out);

    if (status != DESCOPE_OK && status != DESCOPE_E_NETWORK)
        fprintf(stderr, "%s\n", out != NULL ? out : "no document");
    descope_string_free(out);
    return status;
}

static void check_sigpipe_disposition(void (*expected)(int)) {
    struct sigaction found;

    CHECK(sigaction(SIGPIPE, NULL, &found) == 0 && found.sa_handler == expected);
}

/* Returns whether two sets contain the same signals. */
static int same_set(const sigset_t *a, const sigset_t *b) {
    int number;

    for (number = 1; number < SIGRTMAX; number++)
        if (sigismember(a, number) != sigismember(b, number))
            return 0;
    return 1;
}

static void test_signal_state_unchanged(const char *config, const char *unreachable_config) {
    static void (*const handlers[])(int) = {SIG_DFL, SIG_IGN, on_pipe};
    sigset_t mask, found;
    size_t i;

    sigemptyset(&mask);
    sigaddset(&mask, SIGUSR1);
    sigaddset(&mask, SIGTERM);
    CHECK(pthread_sigmask(SIG_SETMASK, &mask, NULL) == 0);
    for (i = 0; i < sizeof handlers / sizeof *handlers; i++) {
        descope_client *reachable, *unreachable;

        CHECK(signal(SIGPIPE, handlers[i]) != SIG_ERR);
        reachable = new_client(config);
        unreachable = new_client(unreachable_config);
        CHECK(call(reachable, REQUEST) == DESCOPE_OK);
        CHECK(call(unreachable, REQUEST) == DESCOPE_E_NETWORK);
        CHECK(call(reachable, REQUEST) == DESCOPE_OK);
        descope_client_free(unreachable);
        descope_client_free(reachable);
        check_sigpipe_disposition(handlers[i]);
        CHECK(pthread_sigmask(SIG_SETMASK, NULL, &found) == 0 && same_set(&mask, &found));
    }
    CHECK(sigpipe_count == 0);
}

static void test_interrupted_call(const char *config, const char *timeout_ms, int restart) {
    const struct itimerval every_millisecond = {{0, 1000}, {0, 1000}}, never = {{0, 0}, {0, 0}};
    struct sigaction action;
    descope_client *const client = new_client(config);
    char *request = NULL;

    CHECK(descope_json_set(&request, "/loginId", "+14155550123") == DESCOPE_OK);
    if (strcmp(timeout_ms, "0") != 0)
        CHECK(descope_json_put(&request, "/timeoutMs", timeout_ms) == DESCOPE_OK);
    memset(&action, 0, sizeof action);
    action.sa_handler = on_alarm;
    action.sa_flags = restart ? SA_RESTART : 0;
    CHECK(sigaction(SIGALRM, &action, NULL) == 0);
    CHECK(setitimer(ITIMER_REAL, &every_millisecond, NULL) == 0);
    CHECK(call(client, request) == DESCOPE_OK);
    CHECK(sigalrm_count >= MIN_SIGNALS);
    /* The same once more on the open connection. */
    sigalrm_count = 0;
    CHECK(call(client, request) == DESCOPE_OK);
    CHECK(sigalrm_count >= MIN_SIGNALS);
    CHECK(setitimer(ITIMER_REAL, &never, NULL) == 0);
    descope_string_free(request);
    descope_client_free(client);
}

/* A request that is cut off in the middle has the outcome "unknown". A SIGPIPE would end this
 * program. */
static void test_connection_closed_during_write(const char *config) {
    descope_client *const client = new_client(config);
    char *request = NULL, *out = NULL, *text = malloc(LARGE_REQUEST_SIZE + 1);
    char outcome[16] = "";

    if (text == NULL)
        abort();
    memset(text, 'x', LARGE_REQUEST_SIZE);
    text[LARGE_REQUEST_SIZE] = '\0';
    CHECK(descope_json_set(&request, "/loginId", "+14155550123") == DESCOPE_OK);
    CHECK(descope_json_set(&request, "/extra/text", text) == DESCOPE_OK);
    free(text);
    check_sigpipe_disposition(SIG_DFL);
    CHECK(descope_client_call(client, SIGN_IN, request, &out) == DESCOPE_E_NETWORK);
    CHECK(descope_json_get(out, "/error/outcome", outcome, sizeof outcome, NULL) == DESCOPE_OK);
    CHECK(strcmp(outcome, "unknown") == 0);
    if (strcmp(outcome, "unknown") != 0)
        fprintf(stderr, "%s\n", out);
    descope_string_free(out);
    descope_string_free(request);
    CHECK(call(client, REQUEST) == DESCOPE_OK);
    descope_client_free(client);
}

int main(int argc, char **argv) {
    const char *mode = argc > 2 ? argv[1] : "";

    if (strcmp(mode, "state") == 0 && argc == 4)
        test_signal_state_unchanged(argv[2], argv[3]);
    else if (strcmp(mode, "interrupt") == 0 && argc == 5)
        test_interrupted_call(argv[2], argv[3], strcmp(argv[4], "1") == 0);
    else if (strcmp(mode, "close") == 0 && argc == 3)
        test_connection_closed_during_write(argv[2]);
    else
        return 2;
    return finish_checks();
}
