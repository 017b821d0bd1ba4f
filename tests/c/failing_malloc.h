/* An allocator for tests, whose n-th allocation fails, or all from the n-th on. It serves the
 * program, the library and the C library, and counts the blocks in use. Needs glibc. Include it in
 * one file. */
#ifndef FAILING_MALLOC_H
#define FAILING_MALLOC_H

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>

#include "check.h"

/* The stack of a thread for a DNS lookup, and more of them than there are at the same time. */
#define LOOKUP_STACK (256 * 1024)
#define THREADS 6

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *block, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);
extern void __libc_free(void *block);

enum failing_mode {
    FAIL_ONCE,
    FAIL_FROM_THERE_ON,
};

/* The number of the first allocation that fails; 0: none is counted, and none fails. */
static atomic_long first_failing;
static atomic_int fails_from_there_on;

/* Since the last `fail_allocation`: how many allocations there were, how many of them failed, and
 * their size. */
static atomic_long allocations, failed_allocations, failed_bytes;

/* Blocks that were allocated and not freed. */
static atomic_long blocks_in_use;

/* glibc ends the process if it has no memory to register the destructor of a thread-local variable.
 */
static int must_not_fail(const void *caller) {
    Dl_info info;

    return dladdr(caller, &info) != 0 && info.dli_sname != NULL
           && strcmp(info.dli_sname, "__cxa_thread_atexit_impl") == 0;
}

static int fails(size_t size, const void *caller) {
    const long first = atomic_load(&first_failing);
    long number;

    if (first == 0 || must_not_fail(caller))
        return 0;
    number = atomic_fetch_add(&allocations, 1) + 1;
    if (number < first || (number > first && !atomic_load(&fails_from_there_on)))
        return 0;
    atomic_fetch_add(&failed_allocations, 1);
    atomic_fetch_add(&failed_bytes, (long)size);
    errno = ENOMEM;
    return 1;
}

static void *counted(void *block) {
    if (block != NULL)
        atomic_fetch_add(&blocks_in_use, 1);
    return block;
}

void *malloc(size_t size) {
    return fails(size, __builtin_return_address(0)) ? NULL : counted(__libc_malloc(size));
}

void *calloc(size_t count, size_t size) {
    return fails(count * size, __builtin_return_address(0)) ? NULL
                                                            : counted(__libc_calloc(count, size));
}

void *realloc(void *block, size_t size) {
    void *moved;

    if (fails(size, __builtin_return_address(0)))
        return NULL;
    moved = __libc_realloc(block, size);
    return block == NULL ? counted(moved) : moved;
}

void *memalign(size_t alignment, size_t size) {
    return fails(size, __builtin_return_address(0)) ? NULL
                                                    : counted(__libc_memalign(alignment, size));
}

void *aligned_alloc(size_t alignment, size_t size) {
    return memalign(alignment, size);
}

int posix_memalign(void **block, size_t alignment, size_t size) {
    void *const new_block = memalign(alignment, size);

    if (new_block == NULL)
        return ENOMEM;
    *block = new_block;
    return 0;
}

void free(void *block) {
    if (block != NULL)
        atomic_fetch_sub(&blocks_in_use, 1);
    __libc_free(block);
}

/* Lets the n-th allocation from now on fail. */
static void fail_allocation(long n, enum failing_mode mode) {
    atomic_store(&allocations, 0);
    atomic_store(&failed_allocations, 0);
    atomic_store(&failed_bytes, 0);
    atomic_store(&fails_from_there_on, mode == FAIL_FROM_THERE_ON);
    atomic_store(&first_failing, n);
}

/* Lets no allocation fail. Returns how many have failed. */
static long stop_failing(void) {
    atomic_store(&first_failing, 0);
    return atomic_load(&failed_allocations);
}

/* Waits until this thread is the only one: a DNS lookup may outlive a call that had no memory. */
static void wait_for_threads(void) {
    struct stat tasks;

    while (stat("/proc/self/task", &tasks) == 0 && tasks.st_nlink > 3)
        sched_yield();
}

static pthread_barrier_t all_run;

static void *run_with_others(void *unused) {
    pthread_barrier_wait(&all_run);
    return unused;
}

/* glibc keeps the stacks of threads that have ended, and a block for each. Makes it keep as many as
 * there are ever lookups at the same time. */
static void fill_stack_cache(void) {
    pthread_t threads[THREADS];
    pthread_attr_t attributes;
    int i;

    CHECK(pthread_barrier_init(&all_run, NULL, THREADS) == 0);
    CHECK(pthread_attr_init(&attributes) == 0);
    CHECK(pthread_attr_setstacksize(&attributes, LOOKUP_STACK) == 0);
    for (i = 0; i < THREADS; i++)
        CHECK(pthread_create(&threads[i], &attributes, run_with_others, NULL) == 0);
    for (i = 0; i < THREADS; i++)
        CHECK(pthread_join(threads[i], NULL) == 0);
    CHECK(pthread_attr_destroy(&attributes) == 0);
}

#endif
