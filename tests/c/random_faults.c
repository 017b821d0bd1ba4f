/* Makes many sign-in calls with one client, while the server injects random faults.
 *
 * Usage: random_faults CONFIG threads THREADS   blocking calls on threads
 *        random_faults CONFIG queue CALLS       a queue with so many calls in progress at a time
 *
 * Each line of input is a sign-in request. Each line of output is the result of one call: the
 * number of its input line from 0, status, outcome, attempts and duration in microseconds. A line
 * that begins with "{" is the event of a call. */
#define _POSIX_C_SOURCE 200809L
#include <descope_ml.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "check.h"

#define OPERATION "magiclink/signin/sms"
#define MAX_THREADS 256
#define MAX_REQUESTS 100000

static descope_client *client;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char *requests[MAX_REQUESTS];
static long long starts[MAX_REQUESTS];
static int request_count, next_request;

static long long now_in_microseconds(void) {
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

/* Returns the number of the next request that no thread has taken, or -1 if none is left. */
static int take_next_request(void) {
    int taken = -1;

    pthread_mutex_lock(&lock);
    if (next_request < request_count)
        taken = next_request++;
    pthread_mutex_unlock(&lock);
    return taken;
}

/* Prints the result of a call, and frees its document. */
static void print_result(int number, int32_t status, char *out) {
    const long long took = now_in_microseconds() - starts[number];
    char outcome[16] = "sent", attempts[16] = "0";

    if (status != DESCOPE_OK
        && (descope_json_get(out, "/error/outcome", outcome, sizeof outcome, NULL) != DESCOPE_OK
            || descope_json_get(out, "/error/attempts", attempts, sizeof attempts, NULL)
                   != DESCOPE_OK))
        fprintf(stderr, "%s\n", out != NULL ? out : "no document");
    descope_string_free(out);
    pthread_mutex_lock(&lock);
    printf("%d %d %s %s %lld\n", number, (int)status, outcome, attempts, took);
    pthread_mutex_unlock(&lock);
}

static void print_event(const char *event, void *unused) {
    (void)unused;
    pthread_mutex_lock(&lock);
    printf("%s\n", event);
    pthread_mutex_unlock(&lock);
}

static void *run_worker(void *unused) {
    int number;

    while ((number = take_next_request()) >= 0) {
        char *out = NULL;
        int32_t status;

        starts[number] = now_in_microseconds();
        status = descope_client_call(client, OPERATION, requests[number], &out);
        print_result(number, status, out);
    }
    return unused;
}

static void run_threads(int count) {
    pthread_t threads[MAX_THREADS];
    int i;

    CHECK(count <= MAX_THREADS);
    for (i = 0; i < count && count <= MAX_THREADS; i++)
        CHECK(pthread_create(&threads[i], NULL, run_worker, NULL) == 0);
    for (i = 0; i < count && count <= MAX_THREADS; i++)
        CHECK(pthread_join(threads[i], NULL) == 0);
}

/* The number of a request is the tag of its call. */
static void run_queue(int count) {
    descope_queue *queue = NULL;
    int in_progress = 0, number;

    CHECK(descope_queue_new(client, &queue, NULL) == DESCOPE_OK);
    do {
        uint64_t tag = 0;
        int32_t status = 0;
        char *out = NULL;

        while (in_progress < count && (number = take_next_request()) >= 0) {
            starts[number] = now_in_microseconds();
            CHECK(descope_queue_submit(queue, OPERATION, requests[number], (uint64_t)number, NULL)
                  == DESCOPE_OK);
            in_progress++;
        }
        if (in_progress == 0)
            break;
        CHECK(descope_queue_next(queue, -1, &tag, &status, &out) == DESCOPE_OK);
        print_result((int)tag, status, out);
        in_progress--;
    } while (failed_checks == 0);
    CHECK(descope_queue_next(queue, -1, NULL, NULL, NULL) == DESCOPE_E_NOT_FOUND);
    descope_queue_free(queue);
}

static void read_requests(void) {
    char *line = NULL;
    size_t size = 0;

    while (request_count < MAX_REQUESTS && getline(&line, &size, stdin) > 0)
        if ((requests[request_count] = strdup(line)) != NULL)
            request_count++;
    free(line);
}

int main(int argc, char **argv) {
    int count, i;

    if (argc != 4)
        return 2;
    count = atoi(argv[3]);
    CHECK(count > 0);
    read_requests();
    CHECK(request_count < MAX_REQUESTS);
    CHECK(descope_client_new(argv[1], &client, NULL) == DESCOPE_OK);
    CHECK(descope_events_set(print_event, NULL, NULL) == DESCOPE_OK);
    if (failed_checks != 0)
        return 1;
    if (strcmp(argv[2], "queue") == 0)
        run_queue(count);
    else
        run_threads(count);
    descope_client_free(client);
    for (i = 0; i < request_count; i++)
        free(requests[i]);
    return failed_checks != 0;
}
