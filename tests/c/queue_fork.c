/* Forks while a queue has calls in progress. The child cannot use the queue, and whatever it does
 * with it changes nothing for the parent.
 *
 * Usage: queue_fork CONFIG FORKS SESSION_TOKEN, with public keys that arrive late */
#define _POSIX_C_SOURCE 200809L
#include <descope_ml.h>

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/wait.h>

#include "queue.h"

#define CALLS 20
#define THREADS 4

/* Seconds after which a child counts as hung and is killed. */
#define CHILD_TIMEOUT_SECONDS 60

static descope_client *client;
static descope_queue *queue;
static atomic_int stopped, finished_calls;

static void submit(descope_queue *to, uint64_t tag) {
    CHECK(descope_queue_submit(to, OPERATION, REQUEST, tag, NULL) == DESCOPE_OK);
}

static void submit_waiting(uint64_t tag) {
    CHECK(descope_queue_submit(queue, WAITING_OPERATION, WAITING_REQUEST, tag, NULL) == DESCOPE_OK);
}

/* In the child, every function of the parent's queue fails, and a queue of its own works, also with
 * the parent's client. */
static void use_queues_in_child(void) {
    descope_queue *own = new_queue(client);
    char *out = NULL;
    struct completion completion;

    CHECK(descope_queue_submit(queue, OPERATION, REQUEST, 1000, &out) == DESCOPE_E_ARGUMENT);
    CHECK(out != NULL);
    descope_string_free(out);
    CHECK(descope_queue_next(queue, -1, NULL, NULL, &out) == DESCOPE_E_ARGUMENT);
    CHECK(out != NULL);
    descope_string_free(out);
    CHECK(descope_queue_cancel(queue, 0) == DESCOPE_E_ARGUMENT);
    descope_queue_wake(queue);
    submit(own, 1);
    CHECK(next_completion(own, -1, &completion) == DESCOPE_OK);
    CHECK(completion.tag == 1 && completion.status == DESCOPE_OK);
    descope_queue_free(own);
}

/* Forks, and waits for the child. It frees the queue before or after the client. */
static void run_child(int number) {
    const pid_t child = fork();
    int status = 1;

    CHECK(child >= 0);
    if (child == 0) {
        alarm(CHILD_TIMEOUT_SECONDS);
        failed_checks = 0;
        use_queues_in_child();
        if (number % 2 == 0)
            descope_client_free(client);
        descope_queue_free(queue);
        if (number % 2 != 0)
            descope_client_free(client);
        _exit(failed_checks != 0);
    }
    CHECK(waitpid(child, &status, 0) == child && status == 0);
}

/* Forks a child that only lives, with copies of all descriptors. Returns the end of the pipe that
 * ends it when it is closed. */
static int start_child_that_waits(pid_t *child) {
    int ends[2];
    char byte;

    if (pipe(ends) != 0)
        exit(2);
    *child = fork();
    CHECK(*child >= 0);
    if (*child == 0) {
        close(ends[1]);
        _exit(read(ends[0], &byte, 1) != 0);
    }
    close(ends[0]);
    return ends[1];
}

static void check_idle(void) {
    CHECK(!is_readable(queue, QUIET_MS));
    CHECK(descope_queue_next(queue, 0, NULL, NULL, NULL) == DESCOPE_E_NOT_FOUND);
    CHECK(!is_readable(queue, 0));
}

/* Every call that is in progress during a fork finishes, in whatever state it is then. */
static void test_calls_of_the_parent_finish(int forks) {
    int reported[CALLS], number, i;

    for (number = 0; number < forks; number++) {
        memset(reported, 0, sizeof reported);
        for (i = 0; i < CALLS; i++)
            submit(queue, (uint64_t)i);
        for (i = 0; i < CALLS; i++) {
            struct completion completion;

            if (i == number % CALLS)
                run_child(number);
            completion = wait_for_completion(queue);
            CHECK(completion.status == DESCOPE_OK && completion.tag < CALLS);
            reported[completion.tag % CALLS]++;
        }
        for (i = 0; i < CALLS; i++)
            CHECK(reported[i] == 1);
    }
    check_idle();
}

/* Calls that wait for an answer are still watched after a child has freed its copy. */
static void test_waiting_calls_are_still_watched(void) {
    struct completion completion;
    int i;

    for (i = 0; i < CALLS; i++)
        submit_waiting((uint64_t)i);
    run_until_quiet(queue);
    run_child(0);
    run_child(1);
    CHECK(!is_readable(queue, QUIET_MS));
    submit(queue, CALLS);
    completion = wait_for_completion(queue);
    CHECK(completion.tag == CALLS && completion.status == DESCOPE_OK);
    for (i = 0; i < CALLS; i++)
        CHECK(descope_queue_cancel(queue, (uint64_t)i) == DESCOPE_OK);
    for (i = 0; i < CALLS; i++)
        CHECK(wait_for_completion(queue).status == DESCOPE_E_CANCELLED);
    check_idle();
}

/* A child keeps copies of the sockets open. The parent's descriptor does not report them any more
 * once the parent's calls have ended. */
static void test_copies_in_a_child_do_not_wake_the_parent(void) {
    pid_t child = 0;
    int pipe_end, i, status = 1;

    for (i = 0; i < CALLS; i++)
        submit_waiting((uint64_t)i);
    run_until_quiet(queue);
    pipe_end = start_child_that_waits(&child);
    for (i = 0; i < CALLS; i++)
        CHECK(descope_queue_cancel(queue, (uint64_t)i) == DESCOPE_OK);
    for (i = 0; i < CALLS; i++)
        CHECK(wait_for_completion(queue).status == DESCOPE_E_CANCELLED);
    check_idle();
    submit(queue, 0);
    CHECK(wait_for_completion(queue).status == DESCOPE_OK);
    check_idle();
    close(pipe_end);
    CHECK(waitpid(child, &status, 0) == child && status == 0);
    check_idle();
}

/* Calls wait for one of them to fetch the keys. When a child frees them, they do not wake each
 * other, since the wake-up would reach the parent. */
static void test_calls_that_wait_for_another_call(const char *config, const char *token) {
    descope_client *const client_before = client;
    descope_queue *const queue_before = queue;
    char *request = NULL;
    int i;

    client = new_client(config);
    queue = new_queue(client);
    CHECK(descope_json_set(&request, "/sessionToken", token) == DESCOPE_OK);
    for (i = 0; i < CALLS; i++)
        CHECK(descope_queue_submit(queue, "session/validate", request, (uint64_t)i, NULL)
              == DESCOPE_OK);
    for (i = 0; i < CALLS; i++)
        CHECK(descope_queue_next(queue, 0, NULL, NULL, NULL) == DESCOPE_PENDING);
    run_child(0);
    run_child(1);
    for (i = 0; i < CALLS; i++)
        CHECK(wait_for_completion(queue).status == DESCOPE_OK);
    check_idle();
    descope_string_free(request);
    descope_queue_free(queue);
    descope_client_free(client);
    client = client_before;
    queue = queue_before;
}

static void *submit_until_stopped(void *number) {
    uint64_t tag = (uint64_t) * (int *)number;

    while (!atomic_load(&stopped)) {
        submit(queue, tag);
        tag += THREADS;
        while (!atomic_load(&stopped) && tag > (uint64_t)atomic_load(&finished_calls) + CALLS)
            sched_yield();
    }
    return NULL;
}

static void *report_until_stopped(void *unused) {
    struct completion completion;
    int32_t next = DESCOPE_PENDING;

    while (!atomic_load(&stopped) || next != DESCOPE_E_NOT_FOUND) {
        next = next_completion(queue, 100, &completion);
        if (next == DESCOPE_OK) {
            CHECK(completion.status == DESCOPE_OK);
            atomic_fetch_add(&finished_calls, 1);
        }
        if (next == DESCOPE_E_NOT_FOUND)
            sched_yield();
    }
    return unused;
}

/* Other threads may be in any function of the queue during a fork. */
static void test_forks_while_threads_use_the_queue(int forks) {
    pthread_t threads[THREADS], reporter;
    int numbers[THREADS], i;

    CHECK(pthread_create(&reporter, NULL, report_until_stopped, NULL) == 0);
    for (i = 0; i < THREADS; i++) {
        numbers[i] = i;
        CHECK(pthread_create(&threads[i], NULL, submit_until_stopped, &numbers[i]) == 0);
    }
    while (atomic_load(&finished_calls) < THREADS)
        sched_yield();
    for (i = 0; i < forks && failed_checks == 0; i++)
        run_child(i);
    atomic_store(&stopped, 1);
    for (i = 0; i < THREADS; i++)
        CHECK(pthread_join(threads[i], NULL) == 0);
    CHECK(pthread_join(reporter, NULL) == 0);
    check_idle();
}

int main(int argc, char **argv) {
    int forks;

    if (argc != 4)
        return 2;
    forks = atoi(argv[2]);
    client = new_client(argv[1]);
    queue = new_queue(client);
    test_calls_of_the_parent_finish(forks);
    test_waiting_calls_are_still_watched();
    test_copies_in_a_child_do_not_wake_the_parent();
    test_calls_that_wait_for_another_call(argv[1], argv[3]);
    test_forks_while_threads_use_the_queue(forks);
    descope_queue_free(queue);
    descope_client_free(client);
    return finish_checks();
}
