/* The library, loaded in unusual ways.
 *
 * Usage: load_library LIBRARY deepbind|namespaces CONFIG HOST_NAME_CONFIG
 *
 * deepbind loads it with RTLD_DEEPBIND, so that it takes malloc from the C library, also if this
 * program has another one. namespaces loads it twice more with dlmopen, each time with a C library
 * of its own. Calls are made by several threads and with all copies at the same time. The calls
 * with HOST_NAME_CONFIG look up a host name, which the library does in a thread. */
#define _GNU_SOURCE
#include <descope_ml.h>

#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

#define SIGN_IN "magiclink/signup-in/sms"
#define REQUEST "{\"loginId\": \"+14155550123\"}"
#define THREADS 4
#define CALLS 5
#define MAX_COPIES 3

static const char *config, *host_name_config;

/* A copy of the library, and how many lines it has logged. */
struct copy {
    void *handle;
    int lines;
    int32_t (*log_set)(descope_log_callback callback, void *userdata,
                       void (*userdata_free)(void *userdata), int32_t max_level);
    int32_t (*client_new)(const char *config_json, descope_client **client, char **out);
    int32_t (*client_call)(const descope_client *client, const char *operation, const char *json,
                           char **out);
    void (*client_free)(descope_client *client);
    void (*string_free)(char *s);
};

/* memcpy, because ISO C does not allow a cast from the void pointer of dlsym to a function
 * pointer. */
static void find_function(const struct copy *copy, const char *name, void *function) {
    void *const found = dlsym(copy->handle, name);

    CHECK(found != NULL);
    memcpy(function, &found, sizeof found);
}

static void count_line(int32_t level, const char *message, void *userdata) {
    (void)level, (void)message;
    __atomic_fetch_add((int *)userdata, 1, __ATOMIC_RELAXED);
}

static void use(struct copy *copy, void *handle) {
    if (handle == NULL) {
        fprintf(stderr, "%s\n", dlerror());
        exit(1);
    }
    copy->handle = handle;
    find_function(copy, "descope_log_set", &copy->log_set);
    find_function(copy, "descope_client_new", &copy->client_new);
    find_function(copy, "descope_client_call", &copy->client_call);
    find_function(copy, "descope_client_free", &copy->client_free);
    find_function(copy, "descope_string_free", &copy->string_free);
    CHECK(copy->log_set(count_line, &copy->lines, NULL, DESCOPE_LOG_DEBUG) == DESCOPE_OK);
}

static void sign_in(const struct copy *copy, const char *with_config) {
    descope_client *client = NULL;
    char *out = NULL;
    int i;

    CHECK(copy->client_new(with_config, &client, &out) == DESCOPE_OK);
    copy->string_free(out);
    for (i = 0; i < CALLS; i++) {
        const int32_t status = copy->client_call(client, SIGN_IN, REQUEST, &out);

        if (status != DESCOPE_OK) {
            fprintf(stderr, "%s\n", out != NULL ? out : "no document");
            failed_checks++;
        }
        copy->string_free(out);
    }
    copy->client_free(client);
}

static void *run(void *argument) {
    sign_in(argument, config);
    sign_in(argument, host_name_config);
    return NULL;
}

int main(int argc, char **argv) {
    struct copy copies[MAX_COPIES] = {0};
    pthread_t threads[MAX_COPIES][THREADS];
    int count = 1, i, k;

    if (argc != 5)
        return 2;
    config = argv[3];
    host_name_config = argv[4];
    if (strcmp(argv[2], "deepbind") == 0)
        use(&copies[0], dlopen(argv[1], RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND));
    else {
        count = MAX_COPIES;
        use(&copies[0], dlopen(argv[1], RTLD_NOW | RTLD_LOCAL));
        for (i = 1; i < count; i++)
            use(&copies[i], dlmopen(LM_ID_NEWLM, argv[1], RTLD_NOW | RTLD_LOCAL));
    }
    for (i = 0; i < count; i++) {
        for (k = 0; k < THREADS; k++)
            CHECK(pthread_create(&threads[i][k], NULL, run, &copies[i]) == 0);
    }
    for (i = 0; i < count; i++) {
        for (k = 0; k < THREADS; k++)
            CHECK(pthread_join(threads[i][k], NULL) == 0);
    }
    /* Each call logs its attempt and its result, in its own copy. */
    for (i = 0; i < count; i++) {
        CHECK(copies[i].lines == THREADS * 2 * CALLS * 2);
        CHECK(dlclose(copies[i].handle) == 0);
    }
    return finish_checks();
}
