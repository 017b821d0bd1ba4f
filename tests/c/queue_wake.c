/* What ends the wait in descope_queue_next: descope_queue_wake, signals, and the calls of other
 * threads.
 *
 * Usage: queue_wake CONFIG */
#define _GNU_SOURCE
#include <descope_ml.h>

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/syscall.h>

#include "queue.h"

static descope_queue *queue;
static atomic_int has_acted, handler_runs;
static atomic_long waiting_thread;

/* What a second thread does while the main thread waits in descope_queue_next, or the main thread
 * while the second one does. */
typedef void (*action)(pthread_t waiting);

struct helper {
    action act;
    pthread_t main_thread;
};

static long thread_id(void) {
    return (long)syscall(SYS_gettid);
}

/* Waits until a thread of this process sleeps in a system call. */
static void wait_until_asleep(long thread) {
    char path[64], text[512], state = '?';

    snprintf(path, sizeof path, "/proc/self/task/%ld/stat", thread);
    while (state != 'S') {
        FILE *const file = fopen(path, "r");
        const char *end = NULL;

        CHECK(file != NULL);
        if (file == NULL)
            return;
        if (fgets(text, sizeof text, file) != NULL)
            end = strrchr(text, ')');
        state = end != NULL ? end[2] : '?';
        fclose(file);
        sched_yield();
    }
}

static void *act_when_asleep(void *argument) {
    const struct helper *const helper = argument;

    wait_until_asleep(atomic_load(&waiting_thread));
    atomic_store(&has_acted, 1);
    helper->act(helper->main_thread);
    return NULL;
}

/* Calls descope_queue_next without a limit, while another thread acts. It must not return before.
 */
static int32_t wait_until(action act, struct completion *completion) {
    struct helper helper = {act, pthread_self()};
    pthread_t thread;
    int32_t next;

    atomic_store(&has_acted, 0);
    atomic_store(&waiting_thread, thread_id());
    CHECK(pthread_create(&thread, NULL, act_when_asleep, &helper) == 0);
    next = next_completion(queue, -1, completion);
    CHECK(atomic_load(&has_acted));
    CHECK(pthread_join(thread, NULL) == 0);
    return next;
}

static void wake(pthread_t waiting) {
    (void)waiting;
    descope_queue_wake(queue);
}

static void cancel_first(pthread_t waiting) {
    (void)waiting;
    CHECK(descope_queue_cancel(queue, 1) == DESCOPE_OK);
}

static void submit_second(pthread_t waiting) {
    (void)waiting;
    CHECK(descope_queue_submit(queue, OPERATION, REQUEST, 2, NULL) == DESCOPE_OK);
}

static void interrupt(pthread_t waiting) {
    CHECK(pthread_kill(waiting, SIGUSR1) == 0);
}

/* The signal handler runs on this thread, not on the one that waits. */
static void wake_in_handler(pthread_t waiting) {
    (void)waiting;
    CHECK(raise(SIGUSR2) == 0);
}

static void count_run(int number) {
    (void)number;
    atomic_fetch_add(&handler_runs, 1);
}

static void wake_queue(int number) {
    (void)number;
    descope_queue_wake(queue);
}

static void set_handler(int number, void (*handler)(int)) {
    struct sigaction action;

    memset(&action, 0, sizeof action);
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    CHECK(sigaction(number, &action, NULL) == 0);
}

/* A wake-up ends one wait, and several before it count once. */
static void test_wake_before_next_counts_once(void) {
    struct completion completion;

    CHECK(!is_readable(queue, 0));
    descope_queue_wake(queue);
    CHECK(is_readable(queue, 0));
    CHECK(descope_queue_next(queue, -1, NULL, NULL, NULL) == DESCOPE_PENDING);
    CHECK(!is_readable(queue, 0));
    descope_queue_wake(queue);
    descope_queue_wake(queue);
    descope_queue_wake(queue);
    CHECK(descope_queue_next(queue, -1, NULL, NULL, NULL) == DESCOPE_PENDING);
    CHECK(!is_readable(queue, 0));
    CHECK(wait_until(wake, &completion) == DESCOPE_PENDING);
    CHECK(!is_readable(queue, 0));
}

static void test_signal_ends_the_wait(void) {
    struct completion completion;

    CHECK(wait_until(interrupt, &completion) == DESCOPE_PENDING);
    CHECK(atomic_load(&handler_runs) == 1);
    CHECK(!is_readable(queue, 0));
    CHECK(wait_until(wake_in_handler, &completion) == DESCOPE_PENDING);
    CHECK(!is_readable(queue, 0));
    CHECK(raise(SIGUSR2) == 0);
    CHECK(descope_queue_next(queue, -1, NULL, NULL, NULL) == DESCOPE_PENDING);
    CHECK(!is_readable(queue, 0));
}

static void test_calls_of_other_threads_reach_the_wait(void) {
    struct completion completion;

    CHECK(wait_until(submit_second, &completion) == DESCOPE_OK);
    CHECK(completion.tag == 2 && completion.status == DESCOPE_OK);
    CHECK(wait_until(cancel_first, &completion) == DESCOPE_OK);
    CHECK(completion.tag == 1 && completion.status == DESCOPE_E_CANCELLED);
    CHECK(!is_readable(queue, 0));
    CHECK(descope_queue_next(queue, -1, NULL, NULL, NULL) == DESCOPE_E_NOT_FOUND);
}

static void *wait_in_next(void *result) {
    atomic_store(&waiting_thread, thread_id());
    *(int32_t *)result = descope_queue_next(queue, -1, NULL, NULL, NULL);
    return NULL;
}

static void test_next_on_two_threads_is_an_error(void) {
    pthread_t thread;
    int32_t result = -1;
    uint64_t tag = 7;
    int32_t status = 7;
    char *out = NULL;
    char name[32] = "";

    atomic_store(&waiting_thread, 0);
    CHECK(pthread_create(&thread, NULL, wait_in_next, &result) == 0);
    while (atomic_load(&waiting_thread) == 0)
        sched_yield();
    wait_until_asleep(atomic_load(&waiting_thread));
    CHECK(descope_queue_next(queue, 0, &tag, &status, &out) == DESCOPE_E_ARGUMENT);
    CHECK(out != NULL);
    CHECK(descope_json_get(out, "/error/name", name, sizeof name, NULL) == DESCOPE_OK);
    CHECK(strcmp(name, "DESCOPE_E_ARGUMENT") == 0);
    descope_string_free(out);
    CHECK(descope_queue_next(queue, -1, NULL, NULL, NULL) == DESCOPE_E_ARGUMENT);
    descope_queue_wake(queue);
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK(result == DESCOPE_PENDING);
}

/* Without a call, a wake-up is over with the next call of descope_queue_next, too. */
static void test_wake_of_an_idle_queue(void) {
    descope_queue_wake(queue);
    CHECK(is_readable(queue, 0));
    CHECK(descope_queue_next(queue, -1, NULL, NULL, NULL) == DESCOPE_E_NOT_FOUND);
    CHECK(!is_readable(queue, 0));
}

int main(int argc, char **argv) {
    descope_client *client;

    if (argc != 2)
        return 2;
    client = new_client(argv[1]);
    queue = new_queue(client);
    set_handler(SIGUSR1, count_run);
    set_handler(SIGUSR2, wake_queue);
    test_wake_of_an_idle_queue();
    CHECK(descope_queue_submit(queue, WAITING_OPERATION, WAITING_REQUEST, 1, NULL) == DESCOPE_OK);
    run_until_quiet(queue);
    test_wake_before_next_counts_once();
    test_signal_ends_the_wait();
    test_next_on_two_threads_is_an_error();
    test_calls_of_other_threads_reach_the_wait();
    descope_queue_free(queue);
    descope_client_free(client);
    return finish_checks();
}
