/* Modes, threads and latencies of the peers in C and C++. */
#include "harness.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

harness_settings harness;

typedef int (*call_fn)(void *kept);

/* A thread that lives until the process ends, and what its library keeps for it. */
typedef struct {
    pthread_t thread;
    const harness_peer *peer;
    call_fn call;
    pthread_barrier_t *start, *end;
    size_t calls;
    uint64_t *latencies; /* of the run under way */
    uint64_t started, ended;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int has_work;
} worker;

static const char *peer_name = "";

int harness_complain(const char *what, const char *more) {
    fprintf(stderr, "%s: %s%s%s\n", peer_name, what, more ? ": " : "", more ? more : "");
    return 1;
}

int harness_check_phone(const char *phone) {
    if (phone && strcmp(phone, harness.masked_phone) == 0)
        return 0;
    return harness_complain("the answer's maskedPhone is not the expected one",
                            phone ? phone : "there is none");
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

/* No memory, no thread, a wrong answer: a figure would be of no use. */
static void give_up(const char *what) {
    if (what)
        harness_complain(what, NULL);
    exit(1);
}

static void *allocate(size_t count, size_t size) {
    void *memory = calloc(count, size);
    if (!memory)
        give_up("out of memory");
    return memory;
}

static void *open_kept(const harness_peer *peer) {
    void *kept = peer->open ? peer->open() : NULL;
    if (peer->open && !kept)
        give_up(NULL);
    return kept;
}

static void run_calls(worker *self, void *kept) {
    uint64_t before, after = 0;
    size_t i;
    pthread_barrier_wait(self->start);
    self->started = before = now();
    for (i = 0; i < self->calls; i++) {
        if (self->call(kept))
            give_up(NULL);
        after = now();
        self->latencies[i] = after - before;
        before = after;
    }
    self->ended = before;
    pthread_barrier_wait(self->end);
}

static void *work(void *argument) {
    worker *self = argument;
    void *kept = open_kept(self->peer);
    for (;;) {
        pthread_mutex_lock(&self->lock);
        while (!self->has_work)
            pthread_cond_wait(&self->changed, &self->lock);
        self->has_work = 0;
        pthread_mutex_unlock(&self->lock);
        run_calls(self, kept);
    }
    return NULL;
}

static worker *start_worker(const harness_peer *peer, call_fn call) {
    worker *one = allocate(1, sizeof *one);
    one->peer = peer;
    one->call = call;
    if (pthread_mutex_init(&one->lock, NULL) || pthread_cond_init(&one->changed, NULL)
        || pthread_create(&one->thread, NULL, work, one))
        give_up("a thread cannot be started");
    return one;
}

static int ascending(const void *left, const void *right) {
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

/* One run on the first so many workers. */
static void run(worker **workers, size_t threads, size_t calls) {
    size_t total = threads * calls, i;
    uint64_t *latencies = allocate(total, sizeof *latencies);
    uint64_t first = UINT64_MAX, last = 0;
    pthread_barrier_t start, end;
    /* Written to, so that no page is missing during the run. */
    memset(latencies, 0xff, total * sizeof *latencies);
    if (pthread_barrier_init(&start, NULL, (unsigned)threads)
        || pthread_barrier_init(&end, NULL, (unsigned)threads + 1))
        give_up("a barrier cannot be made");
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
    qsort(latencies, total, sizeof *latencies, ascending);
    printf("{\"calls\": %zu, \"wallNs\": %" PRIu64 ", \"p50Ns\": %" PRIu64 ", \"p99Ns\": %" PRIu64
           "}\n",
           total, last - first, latencies[total / 2], latencies[total * 99 / 100]);
    fflush(stdout);
    free(latencies);
}

static int serve(const harness_peer *peer, call_fn call) {
    worker **workers = NULL;
    size_t started = 0, threads, calls;
    char line[128];
    printf("ready\n");
    fflush(stdout);
    while (fgets(line, sizeof line, stdin)) {
        if (sscanf(line, "run %zu %zu", &threads, &calls) != 2 || !threads || !calls)
            return harness_complain("a line is not `run THREADS CALLS`", line);
        if (threads > started) {
            workers = realloc(workers, threads * sizeof *workers);
            if (!workers)
                give_up("out of memory");
            while (started < threads)
                workers[started++] = start_worker(peer, call);
        }
        run(workers, threads, calls);
    }
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
    long calls = strcmp(mode, "once") == 0                ? 1
                 : strcmp(mode, "loop") == 0 && argc == 4 ? strtol(argv[3], NULL, 10)
                                                          : 0;
    peer_name = peer->name;
    if (!call)
        return harness_complain("has no such scenario", scenario);
    harness.url = variable("BENCH_URL");
    harness.ca = variable("BENCH_CA");
    harness.project = variable("BENCH_PROJECT");
    harness.request = variable("BENCH_REQUEST");
    harness.masked_phone = variable("BENCH_MASKED_PHONE");
    harness.token = variable("BENCH_TOKEN");
    harness.keys = variable("BENCH_KEYS");
    if (peer->prepare && peer->prepare(scenario))
        return 1;
    if (strcmp(mode, "serve") == 0 && argc == 3)
        return serve(peer, call);
    if (calls < 1)
        return harness_complain("usage: PEER SCENARIO once|loop N|serve", NULL);
    void *kept = open_kept(peer);
    while (calls--)
        if (call(kept))
            return 1;
    return 0;
}
