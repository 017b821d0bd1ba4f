/* A library for LD_PRELOAD. It counts the allocations of a program and their bytes, and writes both
 * to the file COUNT_ALLOC_FILE when the program exits. */
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

/* glibc's own allocation functions. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *memory, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

static atomic_ullong calls, bytes;

static void count(size_t size) {
    atomic_fetch_add_explicit(&calls, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&bytes, size, memory_order_relaxed);
}

void *malloc(size_t size) {
    count(size);
    return __libc_malloc(size);
}

void *calloc(size_t number, size_t size) {
    count(number * size);
    return __libc_calloc(number, size);
}

void *realloc(void *memory, size_t size) {
    count(size);
    return __libc_realloc(memory, size);
}

void *memalign(size_t alignment, size_t size) {
    count(size);
    return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
    return memalign(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size) {
    *memory = memalign(alignment, size);
    return *memory ? 0 : ENOMEM;
}

__attribute__((destructor)) static void write_counts(void) {
    /* Read before the file is opened: its buffer is not an allocation of the program. */
    unsigned long long all_calls = atomic_load(&calls), all_bytes = atomic_load(&bytes);
    const char *path = getenv("COUNT_ALLOC_FILE");
    FILE *file = path ? fopen(path, "w") : NULL;
    if (!file || fprintf(file, "%llu %llu\n", all_calls, all_bytes) < 0 || fclose(file))
        perror("count_alloc: cannot write COUNT_ALLOC_FILE");
}
