/* Two versions of the library and another library written in Rust, all in one process.
 *
 * Usage: other_libraries OTHER_VERSION OTHER_LIBRARY CONFIG OTHER_VERSION_CONFIG
 *
 * OTHER_VERSION and OTHER_LIBRARY are the paths of shared libraries, which are loaded with
 * RTLD_LOCAL. Each version has its own default client. Both are used in the same threads and in the
 * same forked child. */
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

/* The functions of one version of the library that this program calls. */
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

static size_t (*other_library_append)(int number);
static int (*other_library_double)(int number);
static void (*other_library_set_panic_hook)(void);
static size_t (*other_library_panic)(void);

/* Stores the address of a library's function in `*function`. memcpy, because ISO C does not allow a
 * cast from the void pointer of dlsym to a function pointer. */
static void find_function(void *library, const char *name, void *function) {
    void *const found = library != NULL ? dlsym(library, name) : NULL;

    CHECK(found != NULL);
    memcpy(function, &found, sizeof found);
}

static void *load_library(const char *path) {
    void *const library = dlopen(path, RTLD_NOW | RTLD_LOCAL);

    if (library == NULL)
        fprintf(stderr, "%s\n", dlerror());
    CHECK(library != NULL);
    return library;
}

static void load_all(const char *other_version, const char *other_library) {
    void *library = load_library(other_version);

    find_function(library, "descope_version", &second.version);
    find_function(library, "descope_configure", &second.configure);
    find_function(library, "descope_call", &second.call);
    find_function(library, "descope_json_get", &second.json_get);
    find_function(library, "descope_string_free", &second.string_free);
    library = load_library(other_library);
    find_function(library, "other_library_append", &other_library_append);
    find_function(library, "other_library_double", &other_library_double);
    find_function(library, "other_library_set_panic_hook", &other_library_set_panic_hook);
    find_function(library, "other_library_panic", &other_library_panic);
}

/* Signs in with a version's name as the login ID, so that the test's servers see which version sent
 * the request. */
static int sign_in(const struct version *library) {
    char request[64], phone[64], *out = NULL;
    int succeeded;

    snprintf(request, sizeof request, "{\"loginId\": \"%s\"}", library->name);
    succeeded = library->call(SIGN_IN, request, &out) == DESCOPE_OK
                && library->json_get(out, "/maskedPhone", phone, sizeof phone, NULL) == DESCOPE_OK;
    if (!succeeded)
        fprintf(stderr, "%s: %s\n", library->name, out != NULL ? out : "no document");
    library->string_free(out);
    return succeeded;
}

static void *call_all_libraries(void *result) {
    int *const succeeded = result;
    size_t i;

    for (i = 0; i < CALLS; i++)
        if (other_library_append((int)i) == i + 1 && sign_in(&first) && sign_in(&second)
            && other_library_double((int)i) == 2 * (int)i)
            ++*succeeded;
    return NULL;
}

static void test_many_threads(void) {
    pthread_t threads[THREADS];
    int succeeded[THREADS] = {0}, i;

    for (i = 0; i < THREADS; i++)
        CHECK(pthread_create(&threads[i], NULL, call_all_libraries, &succeeded[i]) == 0);
    for (i = 0; i < THREADS; i++) {
        CHECK(pthread_join(threads[i], NULL) == 0);
        CHECK(succeeded[i] == CALLS);
    }
}

static void test_forked_child(void) {
    const pid_t child = fork();
    int status = 1;

    if (child == 0) {
        alarm(60);
        _exit(sign_in(&first) && sign_in(&second) && other_library_double(4) == 8 ? 0 : 1);
    }
    CHECK(child > 0 && waitpid(child, &status, 0) == child && status == 0);
}

/* The other library's panic hook stays in place and counts that library's own panics, whatever
 * libdescope_ml does with its panics. */
static void test_panic_hooks(void) {
    other_library_set_panic_hook();
    CHECK(sign_in(&first));
    CHECK(other_library_panic() == 1);
    CHECK(sign_in(&second));
    CHECK(other_library_panic() == 2);
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
    test_many_threads();
    test_panic_hooks();
    test_forked_child();
    CHECK(sign_in(&first) && sign_in(&second));
    return finish_checks();
}
