/* A log callback that waits for a call of another thread, as under a language whose callbacks all
 * run on one thread: neither call waits for the other.
 *
 * Usage: callback_waits CONFIG OPERATION REQUEST blocking|queue blocking|queue
 *
 * Two threads make the same call with a new client, each in a blocking call or in a queue of its
 * own. The server's answers to what they share must take a while. The first callback waits until
 * the call of the other thread has returned. */
#define _POSIX_C_SOURCE 200809L
#include "queue.h"

#include <pthread.h>
#include <time.h>

/* Generous: a callback that waits for longer waits in vain. */
#define LIMIT_SECONDS 20

struct worker {
    pthread_t thread;
    int uses_queue, number;
};

static descope_client *client;
static const char *operation, *request;
static pthread_barrier_t start;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t returned_changed = PTHREAD_COND_INITIALIZER;
static int returned[2], waited, lines;
static __thread int number;

static void wait_for_the_other(int32_t level, const char *message, void *userdata) {
    struct timespec limit;

    (void)level, (void)message, (void)userdata;
    CHECK(clock_gettime(CLOCK_REALTIME, &limit) == 0);
    limit.tv_sec += LIMIT_SECONDS;
    pthread_mutex_lock(&lock);
    lines++;
    if (!waited) {
        int result = 0;

        waited = 1;
        while (!returned[1 - number] && result == 0)
            result = pthread_cond_timedwait(&returned_changed, &lock, &limit);
        CHECK(result == 0);
    }
    pthread_mutex_unlock(&lock);
}

static int32_t run_call(int uses_queue) {
    descope_queue *queue;
    int32_t next = DESCOPE_PENDING, status = DESCOPE_E_INTERNAL;
    char *out = NULL;

    if (!uses_queue)
        return descope_client_call(client, operation, request, NULL);
    queue = new_queue(client);
    CHECK(descope_queue_submit(queue, operation, request, 1, NULL) == DESCOPE_OK);
    while (next == DESCOPE_PENDING)
        next = descope_queue_next(queue, -1, NULL, &status, &out);
    CHECK(next == DESCOPE_OK);
    descope_string_free(out);
    descope_queue_free(queue);
    return status;
}

static void *run_worker(void *argument) {
    const struct worker *worker = (const struct worker *)argument;

    number = worker->number;
    pthread_barrier_wait(&start);
    CHECK(run_call(worker->uses_queue) == DESCOPE_OK);
    pthread_mutex_lock(&lock);
    returned[number] = 1;
    pthread_cond_broadcast(&returned_changed);
    pthread_mutex_unlock(&lock);
    return NULL;
}

int main(int argc, char **argv) {
    struct worker workers[2];
    int i;

    CHECK(argc == 6);
    client = new_client(argv[1]);
    operation = argv[2];
    request = argv[3];
    CHECK(descope_log_set(wait_for_the_other, NULL, NULL, DESCOPE_LOG_DEBUG) == DESCOPE_OK);
    CHECK(pthread_barrier_init(&start, NULL, 2) == 0);
    for (i = 0; i < 2; i++) {
        workers[i].number = i;
        workers[i].uses_queue = strcmp(argv[4 + i], "queue") == 0;
        CHECK(pthread_create(&workers[i].thread, NULL, run_worker, &workers[i]) == 0);
    }
    for (i = 0; i < 2; i++)
        CHECK(pthread_join(workers[i].thread, NULL) == 0);
    CHECK(waited && lines >= 3);
    CHECK(descope_log_set(NULL, NULL, NULL, DESCOPE_LOG_OFF) == DESCOPE_OK);
    descope_client_free(client);
    return finish_checks();
}
