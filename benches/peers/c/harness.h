/* What every peer in C and C++ shares: modes, threads, latencies. benches/README.md has the
 * contract. */
#ifndef HARNESS_H
#define HARNESS_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a peer works on; what the environment does not say is "". */
typedef struct {
    const char *url;          /* BENCH_URL */
    const char *ca;           /* BENCH_CA */
    const char *project;      /* BENCH_PROJECT */
    const char *request;      /* BENCH_REQUEST */
    const char *masked_phone; /* BENCH_MASKED_PHONE */
    const char *token;        /* BENCH_TOKEN */
    const char *keys;         /* BENCH_KEYS */
} harness_settings;

extern harness_settings harness;

/* One library. A function that returns an int returns 0, or has told what was wrong. */
typedef struct {
    const char *name;
    int (*prepare)(const char *scenario); /* once, before all else; NULL: nothing to do */
    void *(*open)(void);       /* what a thread keeps until the process ends; NULL: nothing */
    int (*signin)(void *kept); /* one call, its answer checked; NULL: has no such thing */
    int (*validate)(void *kept);
} harness_peer;

/* The main function of a peer. */
int harness_main(int argc, char **argv, const harness_peer *peer);

/* Tells what went wrong; returns 1. */
int harness_complain(const char *what, const char *more);

/* Compares what an answer has with BENCH_MASKED_PHONE; NULL is told as well. */
int harness_check_phone(const char *phone);

/* Decodes base64url without padding; returns the number of bytes, at most 3 for each 4 of `length`.
 */
size_t harness_base64url(const char *text, size_t length, unsigned char *bytes);

#ifdef __cplusplus
}
#endif

#endif
