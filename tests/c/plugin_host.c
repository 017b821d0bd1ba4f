/* Loads and unloads a plug-in many times. Neither descriptors nor memory grow.
 *
 * Usage: plugin_host PLUGIN reload|open|unused ROUNDS SESSION_TOKEN
 *
 * PLUGIN is a build of tests/c/plugin.c. reload: each round calls it on a new thread, whose
 * thread-local data is gone when the plug-in is closed. open: it is called on this thread, and is
 * not closed. unused: it is opened and closed without a call. */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

/* After so many rounds, memory that is kept on purpose has been allocated. */
#define WARM_UP 20

/* What malloc itself may take more, in bytes for each round. */
#define TOLERANCE 16

static const char *plugin_path, *mode, *token;
static int stays_loaded;

static int count_descriptors(void) {
    DIR *const folder = opendir("/proc/self/fd");
    int count = 0;

    CHECK(folder != NULL);
    while (folder != NULL && readdir(folder) != NULL)
        count++;
    if (folder != NULL)
        closedir(folder);
    return count;
}

/* Stores the address of a function in `*function`. memcpy, because ISO C does not allow a cast from
 * the void pointer of dlsym to a function pointer. */
static void find_function(void *plugin, const char *name, void *function) {
    void *const found = dlsym(plugin, name);

    CHECK(found != NULL);
    memcpy(function, &found, sizeof found);
}

static void *open_plugin(void) {
    void *const plugin = dlopen(plugin_path, RTLD_NOW | RTLD_LOCAL);

    if (plugin == NULL) {
        fprintf(stderr, "%s\n", dlerror());
        exit(2);
    }
    return plugin;
}

static void *call(void *plugin) {
    int (*plugin_call)(const char *session_token);

    find_function(plugin, "plugin_call", &plugin_call);
    CHECK(plugin_call(token) == 0);
    return NULL;
}

static void call_in_thread(void *plugin) {
    void (*plugin_close)(void);
    pthread_t thread;

    CHECK(pthread_create(&thread, NULL, call, plugin) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
    find_function(plugin, "plugin_close", &plugin_close);
    plugin_close();
}

static void run_round(void) {
    void *const plugin = open_plugin();
    void *still_loaded;

    if (strcmp(mode, "reload") == 0)
        call_in_thread(plugin);
    CHECK(dlclose(plugin) == 0);
    still_loaded = dlopen(plugin_path, RTLD_NOW | RTLD_NOLOAD);
    if (still_loaded != NULL) {
        stays_loaded = 1;
        CHECK(dlclose(still_loaded) == 0);
    }
}

int main(int argc, char **argv) {
    int rounds, i, descriptors = 0;
    size_t memory = 0, now;

    CHECK(argc == 5);
    if (argc != 5)
        return 2;
    plugin_path = argv[1];
    mode = argv[2];
    rounds = atoi(argv[3]);
    token = argv[4];
    if (strcmp(mode, "open") == 0) {
        call(open_plugin());
        return finish_checks();
    }
    for (i = 0; i <= WARM_UP + rounds && failed_checks == 0; i++) {
        if (i == WARM_UP) {
            descriptors = count_descriptors();
            memory = mallinfo2().uordblks;
        }
        run_round();
    }
    now = mallinfo2().uordblks;
    CHECK(count_descriptors() == descriptors);
    if (now > memory + (size_t)rounds * TOLERANCE)
        fprintf(stderr, "%zu more bytes after %d rounds\n", now - memory, rounds);
    CHECK(now <= memory + (size_t)(rounds + 1) * TOLERANCE);
    printf("%s\n", stays_loaded ? "stays loaded" : "is unloaded");
    return finish_checks();
}
