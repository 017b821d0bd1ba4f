/* Four threads call the library while the process has no memory left, by RLIMIT_AS. Each call
 * returns a status, and as soon as there is memory again, all calls succeed.
 *
 * Usage: memory_limit CONFIG
 *
 * Needs glibc. */
#define _GNU_SOURCE
#include <descope_ml.h>

#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "check.h"

#define THREADS 4
#define ROUNDS 24
#define LIMIT ((size_t)64 << 20)

static const char *config;
static pthread_barrier_t round_begins, round_ends;

/* Whether the calls of the current round have to succeed, and how many had no memory. */
static int has_memory;
static int without_memory;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* All memory that the process can have, as a list of blocks. */
struct block {
    struct block *next;
};

static struct block *take_all_memory(void) {
    struct block *blocks = NULL;
    size_t size;

    for (size = (size_t)1 << 20; size >= sizeof *blocks; size /= 2) {
        struct block *block;

        while ((block = malloc(size)) != NULL) {
            block->next = blocks;
            blocks = block;
        }
    }
    return blocks;
}

/* Gives back the first blocks, which are the small ones; 0: all. */
static struct block *give_back(struct block *blocks, size_t count) {
    while (blocks != NULL) {
        struct block *const next = blocks->next;

        free(blocks);
        blocks = next;
        if (--count == 0)
            break;
    }
    return blocks;
}

static void check_status(int32_t status, const char *out) {
    pthread_mutex_lock(&lock);
    if (status == DESCOPE_E_MEMORY && !has_memory)
        without_memory++;
    else if (status != DESCOPE_OK) {
        fprintf(stderr, "status %d, %s\n", status, out != NULL ? out : "no document");
        failed_checks++;
    }
    pthread_mutex_unlock(&lock);
}

static void make_calls(void) {
    descope_client *client = NULL;
    char *out = NULL, *request = NULL;
    int32_t status;

    status = descope_json_set(&request, "/loginId", "+14155550123");
    check_status(status, NULL);
    status = descope_client_new(config, &client, &out);
    check_status(status, out);
    descope_string_free(out);
    if (client != NULL && request != NULL) {
        out = NULL;
        status = descope_client_call(client, "magiclink/signup-in/sms", request, &out);
        check_status(status, out);
        descope_string_free(out);
    }
    descope_client_free(client);
    descope_string_free(request);
}

static void *run_thread(void *unused) {
    int i;

    /* The C library ends the process if the first call of a thread finds no memory. */
    make_calls();
    for (i = 0; i < 2 * ROUNDS; i++) {
        pthread_barrier_wait(&round_begins);
        make_calls();
        pthread_barrier_wait(&round_ends);
    }
    return unused;
}

int main(int argc, char **argv) {
    pthread_t threads[THREADS];
    struct rlimit limit;
    int i;

    if (argc != 2)
        return 2;
    config = argv[1];
    /* Without it, each thread has 64 MiB of address space of its own. */
    CHECK(mallopt(M_ARENA_MAX, 1) == 1);
    CHECK(pthread_barrier_init(&round_begins, NULL, THREADS + 1) == 0);
    CHECK(pthread_barrier_init(&round_ends, NULL, THREADS + 1) == 0);
    has_memory = 1;
    for (i = 0; i < THREADS; i++)
        CHECK(pthread_create(&threads[i], NULL, run_thread, NULL) == 0);
    for (i = 0; i < ROUNDS; i++) {
        struct block *blocks;

        has_memory = 1;
        pthread_barrier_wait(&round_begins);
        pthread_barrier_wait(&round_ends);
        if (i == 0) {
            struct rlimit all;

            CHECK(getrlimit(RLIMIT_AS, &all) == 0);
            limit = all;
            limit.rlim_cur = 2 * LIMIT;
            CHECK(setrlimit(RLIMIT_AS, &limit) == 0);
        }
        has_memory = 0;
        blocks = take_all_memory();
        if (i > 0)
            blocks = give_back(blocks, (size_t)1 << (i / 2));
        pthread_barrier_wait(&round_begins);
        pthread_barrier_wait(&round_ends);
        CHECK(give_back(blocks, 0) == NULL);
    }
    for (i = 0; i < THREADS; i++)
        CHECK(pthread_join(threads[i], NULL) == 0);
    CHECK(without_memory > 0);
    return finish_checks();
}
