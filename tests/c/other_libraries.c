/* This library beside another version of it and beside a neighbour in Rust, each loaded with
 * RTLD_LOCAL: neighbours OTHER_VERSION NEIGHBOUR CONFIG OTHER_CONFIG. The two versions have a
 * default client each, and serve the same threads and the same children. */
#define _POSIX_C_SOURCE 200809L
#include <descope_ml.h>

#include <dlfcn.h>
#include <pthread.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

#define SIGN_IN "magiclink/signin/sms"
#define THREADS 8
#define CALLS 25

/* What is called of a version of the library. */
struct version {
    const char *name;
    const char *(*version)(void);
    int32_t (*configure)(const char *config_json, char **out);
    int32_t (*call)(const char *operation, const char *json, char **out);
    int32_t (*json_get)(const char *doc, const char *pointer, char *buf, size_t cap,
                        size_t *needed);
    void (*string_free)(char *s);
};

static struct version first = {"first",      descope_version,  descope_configure,
                               descope_call, descope_json_get, descope_string_free};
static struct version second = {"second", NULL, NULL, NULL, NULL, NULL};

static size_t (*neighbour_keep)(int number);
static int (*neighbour_double)(int number);
static void (*neighbour_listen)(void);
static size_t (*neighbour_panic)(void);

/* A function of a library; ISO C has no other way from dlsym to it. */
static void find(void *library, const char *name, void *function) {
    void *const found = library != NULL ? dlsym(library, name) : NULL;

    CHECK(found != NULL);
    memcpy(function, &found, sizeof found);
}

static void *load(const char *path) {
    void *const library = dlopen(path, RTLD_NOW | RTLD_LOCAL);

    if (library == NULL)
        fprintf(stderr, "%s\n", dlerror());
    CHECK(library != NULL);
    return library;
}

static void load_all(const char *other, const char *neighbour) {
    void *library = load(other);

    find(library, "descope_version", &second.version);
    find(library, "descope_configure", &second.configure);
    find(library, "descope_call", &second.call);
    find(library, "descope_json_get", &second.json_get);
    find(library, "descope_string_free", &second.string_free);
    library = load(neighbour);
    find(library, "neighbour_keep", &neighbour_keep);
    find(library, "neighbour_double", &neighbour_double);
    find(library, "neighbour_listen", &neighbour_listen);
    find(library, "neighbour_panic", &neighbour_panic);
}

/* A call whose login ID tells which version has made it. */
static int signs_in(const struct version *with) {
    char request[64], phone[64], *out = NULL;
    int good;

    snprintf(request, sizeof request, "{\"loginId\": \"%s\"}", with->name);
    good = with->call(SIGN_IN, request, &out) == DESCOPE_OK
           && with->json_get(out, "/maskedPhone", phone, sizeof phone, NULL) == DESCOPE_OK;
    if (!good)
        fprintf(stderr, "%s: %s\n", with->name, out != NULL ? out : "no document");
    with->string_free(out);
    return good;
}

static void *call_all(void *mine) {
    int *const good = mine;
    size_t i;

    for (i = 0; i < CALLS; i++)
        if (neighbour_keep((int)i) == i + 1 && signs_in(&first) && signs_in(&second)
            && neighbour_double((int)i) == 2 * (int)i)
            ++*good;
    return NULL;
}

static void many_threads(void) {
    pthread_t threads[THREADS];
    int good[THREADS] = {0}, i;

    for (i = 0; i < THREADS; i++)
        CHECK(pthread_create(&threads[i], NULL, call_all, &good[i]) == 0);
    for (i = 0; i < THREADS; i++) {
        CHECK(pthread_join(threads[i], NULL) == 0);
        CHECK(good[i] == CALLS);
    }
}

static void a_child(void) {
    const pid_t child = fork();
    int status = 1;

    if (child == 0) {
        alarm(60);
        _exit(signs_in(&first) && signs_in(&second) && neighbour_double(4) == 8 ? 0 : 1);
    }
    CHECK(child > 0 && waitpid(child, &status, 0) == child && status == 0);
}

/* The neighbour hears of its own panics, whatever ours does with its own. */
static void panics(void) {
    neighbour_listen();
    CHECK(signs_in(&first));
    CHECK(neighbour_panic() == 1);
    CHECK(signs_in(&second));
    CHECK(neighbour_panic() == 2);
}

int main(int argc, char **argv) {
    CHECK(argc == 5);
    if (argc != 5)
        return 2;
    load_all(argv[1], argv[2]);
    if (failed_checks != 0)
        return 1;
    CHECK(strcmp(first.version(), second.version()) != 0);
    CHECK(first.configure(argv[3], NULL) == DESCOPE_OK);
    CHECK(second.configure(argv[4], NULL) == DESCOPE_OK);
    CHECK(first.configure("{", NULL) == DESCOPE_E_CONFIG);
    many_threads();
    panics();
    a_child();
    CHECK(signs_in(&first) && signs_in(&second));
    if (failed_checks == 0)
        puts("ok");
    return failed_checks != 0;
}
