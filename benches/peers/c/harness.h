/* Runs the modes of the C and C++ peers and measures latencies. benches/README.md has the
 * contract. */
#ifndef HARNESS_H
#define HARNESS_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The input of a peer. A variable that is not set is "". */
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

/* How many calls of `signin-async` can be in flight at the same time. */
#define HARNESS_MAX_TASKS 1000

/* The scenario `signin-async`: one client, whose calls are in flight at the same time on one
 * thread. A task has one call at a time. The functions return 0 on success. On failure they print a
 * message and return another value. */
typedef struct {
    void *(*open)(void); /* creates the client; NULL on failure */
    int (*start)(void *client, size_t task);
    int (*finish)(void *client, size_t *task); /* waits for any call and checks its response */
} harness_async;

/* One peer. Its functions return 0 on success. On failure they print a message and return another
 * value. */
typedef struct {
    const char *name;
    int (*prepare)(const char *scenario); /* called once, first; may be NULL */
    void *(*open)(void); /* creates the client of one thread; may be NULL; NULL on failure */
    int (*signin)(void *client); /* makes one call and checks the response; may be NULL */
    int (*validate)(void *client);
    const harness_async *async; /* may be NULL */
} harness_peer;

/* The main function of a peer. */
int harness_main(int argc, char **argv, const harness_peer *peer);

/* Prints an error message with an optional detail; returns 1. */
int harness_error(const char *message, const char *detail);

/* Compares the phone number of a response, or NULL, with BENCH_MASKED_PHONE. */
int harness_check_phone(const char *phone);

/* Decodes base64url without padding. Returns the number of bytes: at most 3 for 4 characters. */
size_t harness_base64url(const char *text, size_t length, unsigned char *bytes);

#ifdef __cplusplus
}
#endif

#endif
