/* Loads and unloads the library many times with dlopen and dlclose.
 *
 * Usage: unload LIBRARY CONFIG HOST_NAME_CONFIG ROUNDS
 *
 * In every other round, threads that have called the library end after dlclose, and a DNS
 * lookup is still running then. In the other rounds, all calls and threads end before dlclose, and
 * the call uses the default client, which is made from the environment. The
 * process forks in each round.
 *
 * HOST_NAME_CONFIG has a base URL with a host name to look up. This program must export its own
 * getaddrinfo (-rdynamic), which holds back the result of a lookup. */
#define _GNU_SOURCE
#include <descope_ml.h>

#include <dirent.h>
#include <dlfcn.h>
#include <netdb.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

#define SIGN_IN "magiclink/signin/sms"
#define THREADS 4

static int32_t (*client_new)(const char *config_json, descope_client **client, char **out);
static int32_t (*client_call)(const descope_client *client, const char *operation, const char *json,
                              char **out);
static int32_t (*default_call)(const char *operation, const char *json, char **out);
static void (*client_free)(descope_client *client);
static void (*string_free)(char *s);

static const char *library, *config, *host_name_config;
static descope_client *client;
static pthread_barrier_t all_called, library_closed;
static int succeeded[THREADS];

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int lookups, may_finish;

/* Replaces the C library's getaddrinfo: returns only after finish_lookup has been called. */
int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                struct addrinfo **result) {
    (void)node, (void)service, (void)hints, (void)result;
    pthread_mutex_lock(&lock);
    lookups++;
    pthread_cond_broadcast(&changed);
    while (!may_finish)
        pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
    return EAI_AGAIN;
}

static int count_threads(void) {
    DIR *tasks = opendir("/proc/self/task");
    int count = 0;

    if (tasks == NULL)
        return -1;
    while (readdir(tasks) != NULL)
        count++;
    closedir(tasks);
    return count - 2;
}

/* Stores the address of a library's function in `*function`. memcpy, because ISO C does not allow a
 * cast from the void pointer of dlsym to a function pointer. */
static void find_function(void *library, const char *name, void *function) {
    void *const found = dlsym(library, name);

    CHECK(found != NULL);
    memcpy(function, &found, sizeof found);
}

static void *sign_in_and_wait_for_close(void *result) {
    char *out = NULL;
    const char *request = "{\"loginId\": \"+14155550123\"}";

    *(int *)result = client_call(client, SIGN_IN, request, &out) == DESCOPE_OK;
    string_free(out);
    pthread_barrier_wait(&all_called);
    /* The library's thread-local data is freed when this thread ends, which is after dlclose. */
    pthread_barrier_wait(&library_closed);
    return NULL;
}

/* Starts a DNS lookup that goes on after its call has returned with a timeout. */
static void leave_lookup_running(void) {
    descope_client *with_host_name = NULL;
    const char *request = "{\"loginId\": \"+14155550123\", \"timeoutMs\": 20}";

    may_finish = lookups = 0;
    CHECK(client_new(host_name_config, &with_host_name, NULL) == DESCOPE_OK);
    CHECK(client_call(with_host_name, SIGN_IN, request, NULL) == DESCOPE_E_TIMEOUT);
    client_free(with_host_name);
    /* The thread of the lookup may only begin after the timeout. */
    pthread_mutex_lock(&lock);
    while (lookups == 0)
        pthread_cond_wait(&changed, &lock);
    CHECK(lookups == 1);
    pthread_mutex_unlock(&lock);
}

static void finish_lookup(void) {
    pthread_mutex_lock(&lock);
    may_finish = 1;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
    while (count_threads() > 2)
        sched_yield();
}

/* Forks once. If the library has registered fork handlers (pthread_atfork), their code must still
 * be loaded. */
static void fork_once(void) {
    const pid_t child = fork();
    int status = 1;

    if (child == 0)
        _exit(0);
    CHECK(child > 0 && waitpid(child, &status, 0) == child && status == 0);
}

static void *open_library(void) {
    void *const handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);

    CHECK(handle != NULL);
    CHECK(dlsym(RTLD_DEFAULT, "descope_call") == NULL);
    find_function(handle, "descope_call", &default_call);
    find_function(handle, "descope_client_new", &client_new);
    find_function(handle, "descope_client_call", &client_call);
    find_function(handle, "descope_client_free", &client_free);
    find_function(handle, "descope_string_free", &string_free);
    return handle;
}

static void *close_before_threads_end(void *unused) {
    void *const handle = open_library();
    pthread_t threads[THREADS];
    int i;

    CHECK(client_new(config, &client, NULL) == DESCOPE_OK);
    for (i = 0; i < THREADS; i++)
        CHECK(pthread_create(&threads[i], NULL, sign_in_and_wait_for_close, &succeeded[i]) == 0);
    pthread_barrier_wait(&all_called);
    client_free(client);
    leave_lookup_running();
    CHECK(dlclose(handle) == 0);
    fork_once();
    pthread_barrier_wait(&library_closed);
    for (i = 0; i < THREADS; i++) {
        CHECK(pthread_join(threads[i], NULL) == 0);
        CHECK(succeeded[i]);
    }
    finish_lookup();
    return unused;
}

static void *call_default_client(void *unused) {
    void *const handle = open_library();

    CHECK(default_call(SIGN_IN, "{\"loginId\": \"default\"}", NULL) == DESCOPE_OK);
    CHECK(dlclose(handle) == 0);
    return unused;
}

static void *close_after_threads_end(void *unused) {
    void *const handle = open_library();
    pthread_t thread;

    CHECK(pthread_create(&thread, NULL, call_default_client, NULL) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK(dlclose(handle) == 0);
    fork_once();
    return unused;
}

int main(int argc, char **argv) {
    int rounds;

    CHECK(argc == 5);
    if (argc != 5)
        return 2;
    library = argv[1];
    config = argv[2];
    host_name_config = argv[3];
    CHECK(pthread_barrier_init(&all_called, NULL, THREADS + 1) == 0);
    CHECK(pthread_barrier_init(&library_closed, NULL, THREADS + 1) == 0);
    for (rounds = atoi(argv[4]); rounds > 0 && failed_checks == 0; rounds--) {
        pthread_t round;

        /* Each round runs in a new thread, so that the main thread has no thread-local data of the
         * library. */
        CHECK(pthread_create(&round, NULL,
                             rounds % 2 ? close_before_threads_end : close_after_threads_end, NULL)
              == 0);
        CHECK(pthread_join(round, NULL) == 0);
    }
    return finish_checks();
}
