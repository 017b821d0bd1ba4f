/* Runs the modes of the C and C++ peers, on threads or with tasks, and measures latencies. */
#include "harness.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

harness_settings harness;

typedef int (*call_fn)(void *client);

/* A thread that lives, with its client, until the process exits. */
typedef struct {
    pthread_t thread;
    const harness_peer *peer;
    call_fn call;
    pthread_barrier_t *start, *end;
    size_t calls;
    uint64_t *latencies; /* of the current run */
    uint64_t started, ended;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int has_work;
} worker;

static const char *peer_name = "";

int harness_error(const char *message, const char *detail) {
    fprintf(stderr, "%s: %s%s%s\n", peer_name, message, detail ? ": " : "", detail ? detail : "");
    return 1;
}

int harness_check_phone(const char *phone) {
    if (phone && strcmp(phone, harness.masked_phone) == 0)
        return 0;
    return harness_error("the response has an unexpected maskedPhone", phone ? phone : "none");
}

size_t harness_base64url(const char *text, size_t length, unsigned char *bytes) {
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    uint32_t bits = 0;
    size_t count = 0, written = 0, i;
    for (i = 0; i < length; i++) {
        const char *at = text[i] ? strchr(letters, text[i]) : NULL;
        if (!at)
            break;
        bits = bits << 6 | (uint32_t)(at - letters);
        count += 6;
        if (count >= 8) {
            count -= 8;
            bytes[written++] = (unsigned char)(bits >> count);
        }
    }
    return written;
}

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

/* Exits. The message is NULL if one has been printed. */
static void fail(const char *message) {
    if (message)
        harness_error(message, NULL);
    exit(1);
}

static void *allocate(size_t count, size_t size) {
    void *memory = calloc(count, size);
    if (!memory)
        fail("out of memory");
    return memory;
}

static void *open_client(const harness_peer *peer) {
    void *client = peer->open ? peer->open() : NULL;
    if (peer->open && !client)
        fail(NULL);
    return client;
}

static void make_calls(worker *self, void *client) {
    uint64_t before, after = 0;
    size_t i;
    pthread_barrier_wait(self->start);
    self->started = before = now();
    for (i = 0; i < self->calls; i++) {
        if (self->call(client))
            fail(NULL);
        after = now();
        self->latencies[i] = after - before;
        before = after;
    }
    self->ended = before;
    pthread_barrier_wait(self->end);
}

static void *worker_main(void *argument) {
    worker *self = argument;
    void *client = open_client(self->peer);
    for (;;) {
        pthread_mutex_lock(&self->lock);
        while (!self->has_work)
            pthread_cond_wait(&self->changed, &self->lock);
        self->has_work = 0;
        pthread_mutex_unlock(&self->lock);
        make_calls(self, client);
    }
    return NULL;
}

static worker *start_worker(const harness_peer *peer, call_fn call) {
    worker *one = allocate(1, sizeof *one);
    one->peer = peer;
    one->call = call;
    if (pthread_mutex_init(&one->lock, NULL) || pthread_cond_init(&one->changed, NULL)
        || pthread_create(&one->thread, NULL, worker_main, one))
        fail("cannot start a thread");
    return one;
}

static int ascending(const void *left, const void *right) {
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

static uint64_t *allocate_latencies(size_t total) {
    uint64_t *latencies = allocate(total, sizeof *latencies);
    /* Written to now, so that no page fault happens during the run. */
    memset(latencies, 0xff, total * sizeof *latencies);
    return latencies;
}

/* Prints the measurements of a run and frees them. */
static void report(uint64_t *latencies, size_t total, uint64_t wall) {
    qsort(latencies, total, sizeof *latencies, ascending);
    printf("{\"calls\": %zu, \"wallNs\": %" PRIu64 ", \"p50Ns\": %" PRIu64 ", \"p99Ns\": %" PRIu64
           "}\n",
           total, wall, latencies[total / 2], latencies[total * 99 / 100]);
    fflush(stdout);
    free(latencies);
}

/* Makes calls on the first `threads` workers and prints the measurements. */
static void run(worker **workers, size_t threads, size_t calls) {
    size_t total = threads * calls, i;
    uint64_t *latencies = allocate_latencies(total);
    uint64_t first = UINT64_MAX, last = 0;
    pthread_barrier_t start, end;
    if (pthread_barrier_init(&start, NULL, (unsigned)threads)
        || pthread_barrier_init(&end, NULL, (unsigned)threads + 1))
        fail("cannot create a barrier");
    for (i = 0; i < threads; i++) {
        worker *one = workers[i];
        one->start = &start;
        one->end = &end;
        one->calls = calls;
        one->latencies = latencies + i * calls;
        pthread_mutex_lock(&one->lock);
        one->has_work = 1;
        pthread_cond_signal(&one->changed);
        pthread_mutex_unlock(&one->lock);
    }
    pthread_barrier_wait(&end);
    pthread_barrier_destroy(&end);
    pthread_barrier_destroy(&start);
    for (i = 0; i < threads; i++) {
        if (workers[i]->started < first)
            first = workers[i]->started;
        if (workers[i]->ended > last)
            last = workers[i]->ended;
    }
    report(latencies, total, last - first);
}

/* Reads a command. Returns 1 for a run, 0 at the end of stdin, and -1 on failure. */
static int read_command(size_t *threads, size_t *calls) {
    char line[128];
    if (!fgets(line, sizeof line, stdin))
        return 0;
    if (sscanf(line, "run %zu %zu", threads, calls) == 2 && *threads && *calls)
        return 1;
    harness_error("expected `run THREADS CALLS`, but got", line);
    return -1;
}

static void print_ready(void) {
    printf("ready\n");
    fflush(stdout);
}

static int serve(const harness_peer *peer, call_fn call) {
    worker **workers = NULL;
    size_t started = 0, threads, calls;
    int command;
    print_ready();
    while ((command = read_command(&threads, &calls)) > 0) {
        if (threads > started) {
            workers = realloc(workers, threads * sizeof *workers);
            if (!workers)
                fail("out of memory");
            while (started < threads)
                workers[started++] = start_worker(peer, call);
        }
        run(workers, threads, calls);
    }
    return command < 0;
}

/* Keeps `tasks` calls in flight until `tasks * calls` have been made, and prints the measurements.
 */
static void run_tasks(const harness_async *async, void *client, size_t tasks, size_t calls) {
    size_t total = tasks * calls, started, ended, task;
    uint64_t *latencies = allocate_latencies(total);
    uint64_t since[HARNESS_MAX_TASKS], first = now(), last = first;
    for (started = 0; started < tasks; started++) {
        since[started] = now();
        if (async->start(client, started))
            fail(NULL);
    }
    for (ended = 0; ended < total; ended++) {
        if (async->finish(client, &task))
            fail(NULL);
        last = now();
        latencies[ended] = last - since[task];
        if (started < total) {
            since[task] = last;
            if (async->start(client, task))
                fail(NULL);
            started++;
        }
    }
    report(latencies, total, last - first);
}

static int serve_tasks(const harness_async *async) {
    void *client = async->open();
    size_t tasks, calls;
    int command;
    if (!client)
        return 1;
    print_ready();
    while ((command = read_command(&tasks, &calls)) > 0) {
        if (tasks > HARNESS_MAX_TASKS)
            return harness_error("too many tasks", NULL);
        run_tasks(async, client, tasks, calls);
    }
    return command < 0;
}

/* Makes one call after the other. */
static int make_calls_in_sequence(const harness_async *async, long calls) {
    void *client = async->open();
    size_t task;
    if (!client)
        return 1;
    while (calls--)
        if (async->start(client, 0) || async->finish(client, &task))
            return 1;
    return 0;
}

static const char *variable(const char *name) {
    const char *value = getenv(name);
    return value ? value : "";
}

int harness_main(int argc, char **argv, const harness_peer *peer) {
    const char *scenario = argc > 1 ? argv[1] : "", *mode = argc > 2 ? argv[2] : "";
    call_fn call = strcmp(scenario, "signin") == 0     ? peer->signin
                   : strcmp(scenario, "validate") == 0 ? peer->validate
                                                       : NULL;
    const harness_async *async = strcmp(scenario, "signin-async") == 0 ? peer->async : NULL;
    int is_serving = strcmp(mode, "serve") == 0 && argc == 3;
    long calls = strcmp(mode, "once") == 0                ? 1
                 : strcmp(mode, "loop") == 0 && argc == 4 ? strtol(argv[3], NULL, 10)
                                                          : 0;
    peer_name = peer->name;
    if (!call && !async)
        return harness_error("unknown scenario", scenario);
    harness.url = variable("BENCH_URL");
    harness.ca = variable("BENCH_CA");
    harness.project = variable("BENCH_PROJECT");
    harness.request = variable("BENCH_REQUEST");
    harness.masked_phone = variable("BENCH_MASKED_PHONE");
    harness.token = variable("BENCH_TOKEN");
    harness.keys = variable("BENCH_KEYS");
    if (peer->prepare && peer->prepare(scenario))
        return 1;
    if (is_serving)
        return async ? serve_tasks(async) : serve(peer, call);
    if (calls < 1)
        return harness_error("usage: PEER SCENARIO once|loop N|serve", NULL);
    if (async)
        return make_calls_in_sequence(async, calls);
    void *client = open_client(peer);
    while (calls--)
        if (call(client))
            return 1;
    return 0;
}
