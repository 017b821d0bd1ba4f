/* Signals around calls: signals keep CONFIG NOWHERE_CONFIG looks at SIGPIPE's disposition and at
 * the signal mask; signals alarm CONFIG TIMEOUT_MS RESTART makes a call that SIGALRM interrupts
 * again and again, with SA_RESTART where RESTART is 1 and a deadline of its own where TIMEOUT_MS is
 * not 0; signals break CONFIG sends what the server will not take to its end. */
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

/* How many signals a call must at least have met. */
#define ENOUGH 20

/* A large request, and more than the sockets of such a server take at once. */
#define LARGE 1000000

static volatile sig_atomic_t alarms, pipes;

static void on_alarm(int number) {
    (void)number;
    alarms++;
}

static void on_pipe(int number) {
    (void)number;
    pipes++;
}

static descope_client *made(const char *config) {
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

static void disposition_is(void (*expected)(int)) {
    struct sigaction found;

    CHECK(sigaction(SIGPIPE, NULL, &found) == 0 && found.sa_handler == expected);
}

/* Whether two sets hold the same signals. */
static int same_set(const sigset_t *a, const sigset_t *b) {
    int number;

    for (number = 1; number < SIGRTMAX; number++)
        if (sigismember(a, number) != sigismember(b, number))
            return 0;
    return 1;
}

static void keep(const char *config, const char *nowhere) {
    static void (*const handlers[])(int) = {SIG_DFL, SIG_IGN, on_pipe};
    sigset_t mine, found;
    size_t i;

    sigemptyset(&mine);
    sigaddset(&mine, SIGUSR1);
    sigaddset(&mine, SIGTERM);
    CHECK(pthread_sigmask(SIG_SETMASK, &mine, NULL) == 0);
    for (i = 0; i < sizeof handlers / sizeof *handlers; i++) {
        descope_client *good, *bad;

        CHECK(signal(SIGPIPE, handlers[i]) != SIG_ERR);
        good = made(config);
        bad = made(nowhere);
        CHECK(call(good, REQUEST) == DESCOPE_OK);
        CHECK(call(bad, REQUEST) == DESCOPE_E_NETWORK);
        CHECK(call(good, REQUEST) == DESCOPE_OK);
        descope_client_free(bad);
        descope_client_free(good);
        disposition_is(handlers[i]);
        CHECK(pthread_sigmask(SIG_SETMASK, NULL, &found) == 0 && same_set(&mine, &found));
    }
    CHECK(pipes == 0);
}

static void interrupt(const char *config, const char *timeout_ms, int restart) {
    const struct itimerval often = {{0, 1000}, {0, 1000}}, never = {{0, 0}, {0, 0}};
    struct sigaction action;
    descope_client *const client = made(config);
    char *request = NULL;

    CHECK(descope_json_set(&request, "/loginId", "+14155550123") == DESCOPE_OK);
    if (strcmp(timeout_ms, "0") != 0)
        CHECK(descope_json_put(&request, "/timeoutMs", timeout_ms) == DESCOPE_OK);
    memset(&action, 0, sizeof action);
    action.sa_handler = on_alarm;
    action.sa_flags = restart ? SA_RESTART : 0;
    CHECK(sigaction(SIGALRM, &action, NULL) == 0);
    CHECK(setitimer(ITIMER_REAL, &often, NULL) == 0);
    CHECK(call(client, request) == DESCOPE_OK);
    CHECK(alarms >= ENOUGH);
    /* Once more, on the connection that is kept. */
    alarms = 0;
    CHECK(call(client, request) == DESCOPE_OK);
    CHECK(alarms >= ENOUGH);
    CHECK(setitimer(ITIMER_REAL, &never, NULL) == 0);
    descope_string_free(request);
    descope_client_free(client);
}

/* The outcome of a request that was broken off in the middle; no SIGPIPE would end this program. */
static void break_off(const char *config) {
    descope_client *const client = made(config);
    char *request = NULL, *out = NULL, *text = malloc(LARGE + 1);
    char outcome[16] = "";

    if (text == NULL)
        abort();
    memset(text, 'x', LARGE);
    text[LARGE] = '\0';
    CHECK(descope_json_set(&request, "/loginId", "+14155550123") == DESCOPE_OK);
    CHECK(descope_json_set(&request, "/extra/text", text) == DESCOPE_OK);
    free(text);
    disposition_is(SIG_DFL);
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
    const char *what = argc > 2 ? argv[1] : "";

    if (strcmp(what, "keep") == 0 && argc == 4)
        keep(argv[2], argv[3]);
    else if (strcmp(what, "alarm") == 0 && argc == 5)
        interrupt(argv[2], argv[3], strcmp(argv[4], "1") == 0);
    else if (strcmp(what, "break") == 0 && argc == 3)
        break_off(argv[2]);
    else
        return 2;
    if (failed_checks == 0)
        puts("ok");
    return failed_checks != 0;
}
