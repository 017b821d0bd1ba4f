/* A client that is freed when a call with it has just begun, before the call has looked at the
 * client.
 *
 * The first thing that a call does is to disable the cancellation of its thread. This program has a
 * function of that name, which lets the other thread free the client meanwhile. */
#define _GNU_SOURCE
#include "check.h"

#include <descope_ml.h>
#include <dlfcn.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>

static descope_client *client;
static __thread int is_watched;
static sem_t has_begun, is_freed;

int pthread_setcancelstate(int state, int *old) {
    int (*real)(int, int *);

    *(void **)&real = dlsym(RTLD_NEXT, "pthread_setcancelstate");
    if (is_watched) {
        is_watched = 0;
        sem_post(&has_begun);
        sem_wait(&is_freed);
    }
    return real(state, old);
}

static void *call(void *out) {
    is_watched = 1;
    CHECK(descope_client_call(client, "magiclink/verify", "{}", out) == DESCOPE_E_ARGUMENT);
    return NULL;
}

int main(void) {
    pthread_t thread;
    char *out = NULL;
    int i;

    sem_init(&has_begun, 0, 0);
    sem_init(&is_freed, 0, 0);
    CHECK(descope_client_new("{\"projectId\": \"P2test\"}", &client, NULL) == DESCOPE_OK);
    CHECK(pthread_create(&thread, NULL, call, &out) == 0);
    sem_wait(&has_begun);
    descope_client_free(client);
    /* If its memory was free, it would be overwritten now. */
    for (i = 1; i <= 64; i++) {
        char *memory = malloc((size_t)i * 8);
        CHECK(memory != NULL);
        memset(memory, 0x41, (size_t)i * 8);
        free(memory);
    }
    sem_post(&is_freed);
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK(out != NULL && strstr(out, "the client was freed") != NULL);
    descope_string_free(out);

    /* Freed twice by mistake, nothing happens. */
    descope_client_free(client);
    descope_cleanup();
    return finish_checks();
}
