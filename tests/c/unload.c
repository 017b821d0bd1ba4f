/* Loads and unloads the library again and again: unload LIBRARY CONFIG NAMED_CONFIG ROUNDS. In
 * every other round threads that have called it end after it was closed, and a look-up of a name
 * goes on then; in the others all is over before. The process forks each time. The default client
 * is made from the environment. Needs to export its own getaddrinfo, whose answer it keeps back. */
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

static const char *library, *config, *named_config;
static descope_client *client;
static pthread_barrier_t called, closed;
static int good[THREADS];

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int looking, may_answer;

/* A name service that answers only when it is told to. */
int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                struct addrinfo **result) {
    (void)node, (void)service, (void)hints, (void)result;
    pthread_mutex_lock(&lock);
    looking++;
    while (!may_answer)
        pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
    return EAI_AGAIN;
}

static int threads_of_this_process(void) {
    DIR *tasks = opendir("/proc/self/task");
    int count = 0;

    if (tasks == NULL)
        return -1;
    while (readdir(tasks) != NULL)
        count++;
    closedir(tasks);
    return count - 2;
}

/* A function of the library; ISO C has no other way from dlsym to it. */
static void find(void *library, const char *name, void *function) {
    void *const found = dlsym(library, name);

    CHECK(found != NULL);
    memcpy(function, &found, sizeof found);
}

static void *call(void *mine) {
    char *out = NULL;
    const char *request = "{\"loginId\": \"+14155550123\"}";

    *(int *)mine = client_call(client, SIGN_IN, request, &out) == DESCOPE_OK;
    string_free(out);
    pthread_barrier_wait(&called);
    /* What the library keeps for this thread goes when the thread does: after it was closed. */
    pthread_barrier_wait(&closed);
    return NULL;
}

/* Leaves a look-up under way, which the library has given up waiting for. */
static void leave_a_look_up(void) {
    descope_client *named = NULL;
    const char *request = "{\"loginId\": \"+14155550123\", \"timeoutMs\": 20}";

    may_answer = looking = 0;
    CHECK(client_new(named_config, &named, NULL) == DESCOPE_OK);
    CHECK(client_call(named, SIGN_IN, request, NULL) == DESCOPE_E_TIMEOUT);
    client_free(named);
    pthread_mutex_lock(&lock);
    CHECK(looking == 1);
    pthread_mutex_unlock(&lock);
}

static void let_the_look_up_end(void) {
    pthread_mutex_lock(&lock);
    may_answer = 1;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
    while (threads_of_this_process() > 2)
        sched_yield();
}

/* Whoever has told the C library to be called at a fork must still be there. */
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
    find(handle, "descope_call", &default_call);
    find(handle, "descope_client_new", &client_new);
    find(handle, "descope_client_call", &client_call);
    find(handle, "descope_client_free", &client_free);
    find(handle, "descope_string_free", &string_free);
    return handle;
}

static void *close_it_before_all_ends(void *unused) {
    void *const handle = open_library();
    pthread_t threads[THREADS];
    int i;

    CHECK(client_new(config, &client, NULL) == DESCOPE_OK);
    for (i = 0; i < THREADS; i++)
        CHECK(pthread_create(&threads[i], NULL, call, &good[i]) == 0);
    pthread_barrier_wait(&called);
    client_free(client);
    leave_a_look_up();
    CHECK(dlclose(handle) == 0);
    fork_once();
    pthread_barrier_wait(&closed);
    for (i = 0; i < THREADS; i++) {
        CHECK(pthread_join(threads[i], NULL) == 0);
        CHECK(good[i]);
    }
    let_the_look_up_end();
    return unused;
}

static void *call_by_default(void *unused) {
    void *const handle = open_library();

    CHECK(default_call(SIGN_IN, "{\"loginId\": \"default\"}", NULL) == DESCOPE_OK);
    CHECK(dlclose(handle) == 0);
    return unused;
}

static void *close_it_after_all_has_ended(void *unused) {
    void *const handle = open_library();
    pthread_t thread;

    CHECK(pthread_create(&thread, NULL, call_by_default, NULL) == 0);
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
    named_config = argv[3];
    CHECK(pthread_barrier_init(&called, NULL, THREADS + 1) == 0);
    CHECK(pthread_barrier_init(&closed, NULL, THREADS + 1) == 0);
    for (rounds = atoi(argv[4]); rounds > 0 && failed_checks == 0; rounds--) {
        pthread_t round;

        /* A thread of its own, so that nothing of the library's is kept for the first thread. */
        CHECK(pthread_create(&round, NULL,
                             rounds % 2 ? close_it_before_all_ends : close_it_after_all_has_ended,
                             NULL)
              == 0);
        CHECK(pthread_join(round, NULL) == 0);
    }
    if (failed_checks == 0)
        puts("ok");
    return failed_checks != 0;
}
