/* Makes many calls in threads over one client: faults CONFIG THREADS. Each line of input is the
 * request of a sign-in; each line of output is how one ended: its number from 0, the status, the
 * outcome, the attempts and the microseconds that it took. */
#define _POSIX_C_SOURCE 200809L
#include <descope_ml.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "check.h"

#define MAX_THREADS 256
#define MAX_CALLS 100000

static descope_client *client;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char *requests[MAX_CALLS];
static int count, next_call;

static long long micros(void) {
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

/* The number of a call that nobody has taken yet, or -1. */
static int take(void) {
    int taken = -1;

    pthread_mutex_lock(&lock);
    if (next_call < count)
        taken = next_call++;
    pthread_mutex_unlock(&lock);
    return taken;
}

static void *work(void *unused) {
    int number;

    while ((number = take()) >= 0) {
        char outcome[16] = "sent", attempts[16] = "0";
        char *out = NULL;
        const long long start = micros();
        const int32_t status =
            descope_client_call(client, "magiclink/signin/sms", requests[number], &out);
        const long long took = micros() - start;

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

    while (count < MAX_CALLS && getline(&line, &size, stdin) > 0)
        if ((requests[count] = strdup(line)) != NULL)
            count++;
    free(line);
}

int main(int argc, char **argv) {
    pthread_t threads[MAX_THREADS];
    int wanted, i;

    CHECK(argc == 3);
    wanted = atoi(argv[2]);
    CHECK(wanted > 0 && wanted <= MAX_THREADS);
    read_requests();
    CHECK(count < MAX_CALLS);
    CHECK(descope_client_new(argv[1], &client, NULL) == DESCOPE_OK);
    if (failed_checks != 0)
        return 1;
    for (i = 0; i < wanted; i++)
        CHECK(pthread_create(&threads[i], NULL, work, NULL) == 0);
    for (i = 0; i < wanted; i++)
        CHECK(pthread_join(threads[i], NULL) == 0);
    descope_client_free(client);
    for (i = 0; i < count; i++)
        free(requests[i]);
    return failed_checks != 0;
}
