/* Signals end the calls of a client with "interruptible": true.
 *
 * Usage:
 *   interruptible allocations CONFIG RESTART STEP
 *     Calls during which a signal comes at one of the allocations: 1, 1 + STEP, …
 *   interruptible random CONFIG RESTART ROUNDS MAX_MICROSECONDS
 *     Calls during which a signal comes at a random moment.
 *   interruptible unaffected CONFIG
 *     Signals without a handler do not end a call, nor do those that the program has blocked.
 *   interruptible callbacks CONFIG
 *     Callbacks run with the mask of the program, which is the same after the call.
 *
 * The first two print a line for each call: its login ID, status and outcome. Needs glibc. */
#define _GNU_SOURCE
#include <descope_ml.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "check.h"
#include "waiting_thread.h"

#define SIGN_UP "magiclink/signup/sms"

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *block, size_t size);

/* The allocation of this thread that raises a signal; 0: none. */
static __thread long allocations_until_signal;

/* Whether the signal was handled in the allocation: the library had not blocked it. */
static volatile sig_atomic_t handled_at_once;

/* How often a signal was handled while the library waited, and elsewhere. */
static volatile sig_atomic_t in_wait, elsewhere;

static void on_signal(int number, siginfo_t *info, void *context) {
    const ucontext_t *const interrupted = (const ucontext_t *)context;

    (void)info;
    if (sigismember(&interrupted->uc_sigmask, number))
        in_wait++;
    else
        elsewhere++;
}

static void count_allocation(void) {
    if (allocations_until_signal > 0 && --allocations_until_signal == 0) {
        raise(SIGUSR1);
        handled_at_once = elsewhere;
    }
}

void *malloc(size_t size) {
    count_allocation();
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
    count_allocation();
    return __libc_calloc(count, size);
}

void *realloc(void *block, size_t size) {
    count_allocation();
    return __libc_realloc(block, size);
}

static void handle(int number, int restart) {
    struct sigaction action;

    memset(&action, 0, sizeof action);
    action.sa_sigaction = on_signal;
    action.sa_flags = SA_SIGINFO | (restart ? SA_RESTART : 0);
    CHECK(sigaction(number, &action, NULL) == 0);
}

static descope_client *new_client(const char *config) {
    descope_client *client = NULL;

    CHECK(descope_client_new(config, &client, NULL) == DESCOPE_OK);
    return client;
}

/* Makes a call with a login ID of its own, and prints how it has ended. */
static int32_t sign_up(const descope_client *client, long number, long signal_at) {
    char login[32], request[128], outcome[16] = "sent", *out = NULL;
    int32_t status;

    snprintf(login, sizeof login, "+1415555%04ld", number);
    snprintf(request, sizeof request, "{\"loginId\": \"%s\", \"user\": {\"phone\": \"%s\"}}", login,
             login);
    in_wait = elsewhere = handled_at_once = 0;
    allocations_until_signal = signal_at;
    status = descope_client_call(client, SIGN_UP, request, &out);
    if (status != DESCOPE_OK)
        CHECK(descope_json_get(out, "/error/outcome", outcome, sizeof outcome, NULL) == DESCOPE_OK);
    CHECK(status == DESCOPE_OK || status == DESCOPE_E_CANCELLED);
    descope_string_free(out);
    printf("%s %d %s\n", login, (int)status, outcome);
    return status;
}

static void test_each_allocation(const char *config, int restart, long step) {
    descope_client *const client = new_client(config);
    long number, changes = 0, cancelled = 0, was_at_once = 1;

    handle(SIGUSR1, restart);
    for (number = 1;; number += step) {
        const int32_t status = sign_up(client, number, number);

        if (allocations_until_signal != 0)
            break;
        CHECK(in_wait + elsewhere == 1);
        CHECK((status == DESCOPE_E_CANCELLED) == in_wait);
        cancelled += in_wait;
        changes += was_at_once != handled_at_once;
        was_at_once = handled_at_once;
    }
    allocations_until_signal = 0;
    /* Not blocked, then blocked, and at the end perhaps not blocked. */
    CHECK(changes == 1 || changes == 2);
    CHECK(cancelled * 2 > number / step);
    descope_client_free(client);
}

static void test_random_moments(const char *config, int restart, long rounds, long max) {
    const struct itimerspec never = {{0, 0}, {0, 0}};
    struct itimerspec once = {{0, 0}, {0, 0}};
    struct sigevent event;
    timer_t timer;
    unsigned seed = (unsigned)time(NULL);
    descope_client *const client = new_client(config);
    long round, cancelled = 0;

    memset(&event, 0, sizeof event);
    event.sigev_notify = SIGEV_SIGNAL;
    event.sigev_signo = SIGUSR1;
    CHECK(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0);
    handle(SIGUSR1, restart);
    for (round = 0; round < rounds; round++) {
        int32_t status;

        once.it_value.tv_nsec = 1 + rand_r(&seed) % (max * 1000);
        in_wait = elsewhere = 0;
        CHECK(timer_settime(timer, 0, &once, NULL) == 0);
        status = sign_up(client, round, 0);
        CHECK(timer_settime(timer, 0, &never, NULL) == 0);
        CHECK(in_wait <= 1);
        CHECK((status == DESCOPE_E_CANCELLED) == in_wait);
        cancelled += in_wait;
    }
    CHECK(cancelled > 0);
    CHECK(timer_delete(timer) == 0);
    descope_client_free(client);
}

/* Stops the process, and lets it go on. */
static void stop_and_continue(void) {
    const pid_t parent = getpid(), child = fork();
    int status = 1;

    if (child == 0) {
        CHECK(kill(parent, SIGSTOP) == 0);
        wait_for_state(parent, 'T');
        CHECK(kill(parent, SIGCONT) == 0);
        _exit(failed_checks != 0);
    }
    CHECK(child > 0 && waitpid(child, &status, 0) == child && status == 0);
}

static void *send_signals(void *main_thread) {
    const pthread_t receiver = *(pthread_t *)main_thread;
    const int signals[] = {SIGWINCH, SIGUSR1, SIGUSR2};
    size_t i;

    for (i = 0; i < sizeof signals / sizeof *signals; i++) {
        wait_until_waiting(getpid());
        CHECK(pthread_kill(receiver, signals[i]) == 0);
    }
    wait_until_waiting(getpid());
    stop_and_continue();
    return NULL;
}

static void test_unaffected(const char *config) {
    descope_client *const client = new_client(config);
    pthread_t self = pthread_self(), sender;
    sigset_t mask, pending;

    CHECK(signal(SIGUSR1, SIG_IGN) != SIG_ERR);
    handle(SIGUSR2, 0);
    sigemptyset(&mask);
    sigaddset(&mask, SIGUSR2);
    CHECK(pthread_sigmask(SIG_BLOCK, &mask, NULL) == 0);
    CHECK(pthread_create(&sender, NULL, send_signals, &self) == 0);
    CHECK(descope_client_call(client, SIGN_UP,
                              "{\"loginId\": \"+14155550123\", \"user\": {\"phone\": "
                              "\"+14155550123\"}}",
                              NULL)
          == DESCOPE_OK);
    CHECK(pthread_join(sender, NULL) == 0);
    CHECK(in_wait + elsewhere == 0);
    CHECK(sigpending(&pending) == 0 && sigismember(&pending, SIGUSR2));
    descope_client_free(client);
}

static int lines, events;

static void check_mask(void) {
    sigset_t mask;
    int number;

    CHECK(pthread_sigmask(SIG_SETMASK, NULL, &mask) == 0);
    for (number = 1; number <= SIGRTMAX; number++)
        CHECK(sigismember(&mask, number) != 1 || number == SIGTERM);
    CHECK(sigismember(&mask, SIGTERM) == 1);
}

static void on_line(int32_t level, const char *line, void *userdata) {
    (void)level, (void)line, (void)userdata;
    check_mask();
    lines++;
}

static void on_event(const char *event, void *userdata) {
    (void)event, (void)userdata;
    check_mask();
    events++;
}

static void *interrupt_main_thread(void *main_thread) {
    wait_until_waiting(getpid());
    CHECK(lines == 0 && events == 0);
    CHECK(pthread_kill(*(pthread_t *)main_thread, SIGUSR1) == 0);
    return NULL;
}

static void test_callbacks(const char *config) {
    descope_client *const client = new_client(config);
    pthread_t self = pthread_self(), sender;
    sigset_t mask;

    handle(SIGUSR1, 1);
    sigemptyset(&mask);
    sigaddset(&mask, SIGTERM);
    CHECK(pthread_sigmask(SIG_SETMASK, &mask, NULL) == 0);
    CHECK(descope_log_set(on_line, NULL, NULL, DESCOPE_LOG_DEBUG) == DESCOPE_OK);
    CHECK(descope_events_set(on_event, NULL, NULL) == DESCOPE_OK);
    CHECK(pthread_create(&sender, NULL, interrupt_main_thread, &self) == 0);
    CHECK(sign_up(client, 1, 0) == DESCOPE_E_CANCELLED);
    CHECK(pthread_join(sender, NULL) == 0);
    check_mask();
    /* The attempt and the result. */
    CHECK(lines == 2 && events == 1 && in_wait == 1);
    CHECK(descope_client_call(client, SIGN_UP, "{}", NULL) == DESCOPE_E_ARGUMENT);
    check_mask();
    CHECK(lines == 3 && events == 2);
    descope_cleanup();
    descope_client_free(client);
}

int main(int argc, char **argv) {
    const char *mode = argc > 2 ? argv[1] : "";

    if (strcmp(mode, "allocations") == 0 && argc == 5)
        test_each_allocation(argv[2], atoi(argv[3]), atol(argv[4]));
    else if (strcmp(mode, "random") == 0 && argc == 6)
        test_random_moments(argv[2], atoi(argv[3]), atol(argv[4]), atol(argv[5]));
    else if (strcmp(mode, "unaffected") == 0 && argc == 3)
        test_unaffected(argv[2]);
    else if (strcmp(mode, "callbacks") == 0 && argc == 3)
        test_callbacks(argv[2]);
    else
        return 2;
    return finish_checks();
}
