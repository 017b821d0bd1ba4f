/* Cancels threads that are in a call (pthread_cancel). The call ends as always, and then the
 * thread.
 *
 * Usage: cancellation TYPE, the cancel type of the threads: deferred or asynchronous */
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
#include <semaphore.h>

#include "local_server.h"
#include "queue.h"

/* Seconds after which the program counts as hung and is killed. */
#define HANG_SECONDS 60

static descope_client *client;
static descope_queue *queue;
static int cancel_type;

/* The thread that is cancelled while it waits for the response of the server. */
static pthread_t caller;
static sem_t request_arrived, response_allowed;

/* What a cancelled thread leaves behind. */
struct result {
    char *out;
    int32_t status;
    int has_returned, has_passed_cancellation_point, has_ended;
    int log_lines;
};

/* Runs when the thread ends, as the cleanup of any host would. */
static void clean_up(void *argument) {
    struct result *const result = argument;

    descope_string_free(result->out);
    result->has_ended = 1;
}

/* A callback runs with the cancel state of the call: a cancellation point in it does nothing. */
static void count_line(int32_t level, const char *line, void *userdata) {
    (void)level, (void)line;
    pthread_testcancel();
    (*(int *)userdata)++;
}

static int respond_when_allowed(int connection) {
    sem_post(&request_arrived);
    while (sem_wait(&response_allowed) != 0)
        ;
    return respond(connection);
}

static int respond_never(int connection) {
    (void)connection;
    sem_post(&request_arrived);
    return 1;
}

/* The types of functions that a thread may be cancelled in. */
static int32_t call_blocking(struct result *result) {
    return descope_client_call(client, OPERATION, REQUEST, &result->out);
}

static int32_t call_in_queue(struct result *result) {
    CHECK(descope_queue_submit(queue, OPERATION, REQUEST, 1, NULL) == DESCOPE_OK);
    return descope_queue_next(queue, -1, NULL, NULL, &result->out);
}

struct job {
    int32_t (*call)(struct result *);
    struct result *result;
};

static void *run_caller(void *argument) {
    struct job *const job = argument;
    struct result *const result = job->result;
    int previous;

    pthread_cleanup_push(clean_up, result);
    CHECK(pthread_setcanceltype(cancel_type, &previous) == 0);
    result->status = job->call(result);
    result->has_returned = 1;
    pthread_testcancel();
    result->has_passed_cancellation_point = 1;
    pthread_cleanup_pop(0);
    return NULL;
}

/* Starts a thread and cancels it when the server has its request. */
static void start_and_cancel(struct job *job) {
    CHECK(pthread_create(&caller, NULL, run_caller, job) == 0);
    while (sem_wait(&request_arrived) != 0)
        ;
    CHECK(pthread_cancel(caller) == 0);
}

/* Waits for the end of a cancelled thread. */
static void join(const struct result *result, int32_t expected_status) {
    void *returned = NULL;

    CHECK(pthread_join(caller, &returned) == 0);
    /* Before glibc 2.37, a thread that ends in pthread_setcancelstate has no result. */
    CHECK(returned == PTHREAD_CANCELED
          || (cancel_type == PTHREAD_CANCEL_ASYNCHRONOUS && returned == NULL));
    CHECK(result->has_ended && !result->has_passed_cancellation_point);
    if (cancel_type == PTHREAD_CANCEL_DEFERRED)
        CHECK(result->has_returned && result->status == expected_status);
}

static void check_cancelled_call(int32_t (*call)(struct result *)) {
    struct result result = {0};
    struct job job = {call, &result};

    CHECK(descope_log_set(count_line, &result.log_lines, NULL, DESCOPE_LOG_DEBUG) == DESCOPE_OK);
    handle_request = respond_when_allowed;
    start_and_cancel(&job);
    sem_post(&response_allowed);
    join(&result, DESCOPE_OK);
    /* The call went on to its end, which it has logged. */
    CHECK(result.log_lines > 0 && result.out != NULL);
    CHECK(descope_log_set(NULL, NULL, NULL, DESCOPE_LOG_OFF) == DESCOPE_OK);
}

/* The thread waits without a limit for a call that never ends. */
static void check_cancelled_wait(void) {
    struct result result = {0};
    struct job job = {call_in_queue, &result};

    handle_request = respond_never;
    start_and_cancel(&job);
    descope_queue_wake(queue);
    join(&result, DESCOPE_PENDING);
}

static void check_next_calls(void) {
    struct completion completion;

    handle_request = respond;
    CHECK(descope_client_call(client, OPERATION, REQUEST, NULL) == DESCOPE_OK);
    CHECK(descope_queue_submit(queue, OPERATION, REQUEST, 2, NULL) == DESCOPE_OK);
    CHECK(next_completion(queue, -1, &completion) == DESCOPE_OK);
    CHECK(completion.tag == 2 && completion.status == DESCOPE_OK);
}

int main(int argc, char **argv) {
    char config[128];
    int descriptors;

    CHECK(argc == 2);
    if (argc != 2)
        return 2;
    alarm(HANG_SECONDS);
    cancel_type =
        strcmp(argv[1], "deferred") == 0 ? PTHREAD_CANCEL_DEFERRED : PTHREAD_CANCEL_ASYNCHRONOUS;
    CHECK(sem_init(&request_arrived, 0, 0) == 0 && sem_init(&response_allowed, 0, 0) == 0);
    start_server(config, sizeof config);
    client = new_client(config);
    queue = new_queue(client);
    check_next_calls();
    descriptors = count_descriptors();
    check_cancelled_call(call_blocking);
    check_cancelled_call(call_in_queue);
    check_next_calls();
    CHECK(count_descriptors() == descriptors);
    check_cancelled_wait();
    check_next_calls();
    descope_queue_free(queue);
    descope_client_free(client);
    return finish_checks();
}
