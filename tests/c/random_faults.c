/* Makes many sign-in calls from threads that share one client, while the server injects random
 * faults.
 *
 * Usage: random_faults CONFIG THREADS
 *
 * Each line of input is a sign-in request. Each line of output is the result of one call: the
 * number of its input line from 0, status, outcome, attempts and duration in microseconds. */
#define _POSIX_C_SOURCE 200809L
#include <descope_ml.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "check.h"

#define MAX_THREADS 256
#define MAX_REQUESTS 100000

static descope_client *client;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char *requests[MAX_REQUESTS];
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

static void *run_worker(void *unused) {
    int number;

    while ((number = take_next_request()) >= 0) {
        char outcome[16] = "sent", attempts[16] = "0";
        char *out = NULL;
        const long long start = now_in_microseconds();
        const int32_t status =
            descope_client_call(client, "magiclink/signin/sms", requests[number], &out);
        const long long took = now_in_microseconds() - start;

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
    return unused;
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
    pthread_t threads[MAX_THREADS];
    int thread_count, i;

    CHECK(argc == 3);
    thread_count = atoi(argv[2]);
    CHECK(thread_count > 0 && thread_count <= MAX_THREADS);
    read_requests();
    CHECK(request_count < MAX_REQUESTS);
    CHECK(descope_client_new(argv[1], &client, NULL) == DESCOPE_OK);
    if (failed_checks != 0)
        return 1;
    for (i = 0; i < thread_count; i++)
        CHECK(pthread_create(&threads[i], NULL, run_worker, NULL) == 0);
    for (i = 0; i < thread_count; i++)
        CHECK(pthread_join(threads[i], NULL) == 0);
    descope_client_free(client);
    for (i = 0; i < request_count; i++)
        free(requests[i]);
    return failed_checks != 0;
}
