/* Side effects: calls change nothing in the process outside the library.
 *
 * Usage: side_effects [STATUS CONFIG OPERATION REQUEST]...
 *
 * Makes each call with a new client and with the default client. Before and after each call,
 * compares the process's threads, file descriptors, environment, locale, working directory, umask
 * and signal handlers. */
#define _DEFAULT_SOURCE
#include <descope_ml.h>

#include <dirent.h>
#include <locale.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

/* Seconds to wait for a finished thread to disappear from /proc before the check fails. */
#define THREAD_EXIT_TIMEOUT_SECONDS 30

/* Size of the buffer for a copy of the environment. */
#define ENVIRONMENT_SIZE 65536

extern char **environ;

/* The state of the process that calls must not change. */
struct state {
    char environment[ENVIRONMENT_SIZE];
    char **environment_address;
    char locale[256];
    char directory[4096];
    mode_t umask_value;
    int descriptors;
    struct sigaction handlers[64];
};

static struct state before, now;

static int count_entries(const char *path) {
    DIR *const folder = opendir(path);
    int count = 0;

    CHECK(folder != NULL);
    if (folder == NULL)
        return -1;
    while (readdir(folder) != NULL)
        count++;
    closedir(folder);
    return count - 2;
}

/* Appends `more` to a buffer of ENVIRONMENT_SIZE; cuts it off where the buffer is full. */
static void append(char *text, const char *more) {
    strncat(text, more, ENVIRONMENT_SIZE - 1 - strlen(text));
}

static void read_state(struct state *state) {
    int number;
    size_t i;

    memset(state, 0, sizeof *state);
    state->environment_address = environ;
    for (i = 0; environ[i] != NULL; i++) {
        append(state->environment, environ[i]);
        append(state->environment, "\n");
    }
    strncat(state->locale, setlocale(LC_ALL, NULL), sizeof state->locale - 1);
    CHECK(getcwd(state->directory, sizeof state->directory) != NULL);
    state->umask_value = umask(0);
    umask(state->umask_value);
    state->descriptors = count_entries("/proc/self/fd");
    for (number = 1; number < 64; number++)
        sigaction(number, NULL, &state->handlers[number]);
}

static void check_state_unchanged(void) {
    const time_t end = time(NULL) + THREAD_EXIT_TIMEOUT_SECONDS;
    int number;

    read_state(&now);
    CHECK(now.environment_address == before.environment_address);
    CHECK(strcmp(now.environment, before.environment) == 0);
    CHECK(strcmp(now.locale, before.locale) == 0);
    CHECK(strcmp(now.directory, before.directory) == 0);
    CHECK(now.umask_value == before.umask_value);
    for (number = 1; number < 64; number++)
        CHECK(now.handlers[number].sa_handler == before.handlers[number].sa_handler);
    /* The system may list a thread for a moment after it was joined. */
    while (count_entries("/proc/self/task") > 1 && time(NULL) < end)
        sched_yield();
    CHECK(count_entries("/proc/self/task") == 1);
}

static void make_call(char **arguments) {
    const int32_t expected = (int32_t)atoi(arguments[0]);
    const char *const config = arguments[1], *const operation = arguments[2];
    const char *const request = arguments[3];
    descope_client *client = NULL;
    char *out = NULL;
    int32_t status = descope_client_new(config, &client, NULL);

    if (status == DESCOPE_OK)
        status = descope_client_call(client, operation, request, &out);
    if (status != expected)
        fprintf(stderr, "%d: %s\n", (int)status, out != NULL ? out : config);
    CHECK(status == expected);
    check_state_unchanged();
    descope_string_free(out);
    descope_client_free(client);
    check_state_unchanged();
    CHECK(now.descriptors == before.descriptors);

    status = descope_configure(config, NULL);
    if (status == DESCOPE_OK)
        status = descope_call(operation, request, NULL);
    CHECK(status == expected);
    check_state_unchanged();
    /* Replace the default client, because the old one may keep a connection open. */
    CHECK(descope_configure("{\"projectId\": \"P1\", \"tlsRoots\": \"bundled\"}", NULL)
          == DESCOPE_OK);
}

int main(int argc, char **argv) {
    int i;

    CHECK(argc > 1 && argc % 4 == 1);
    CHECK(setlocale(LC_ALL, "C.UTF-8") != NULL);
    CHECK(setenv("DESCOPE_PROJECT_ID", "P1", 1) == 0);
    CHECK(chdir("/") == 0);
    umask(027);
    read_state(&before);
    for (i = 1; i + 3 < argc; i += 4)
        make_call(argv + i);
    check_state_unchanged();
    CHECK(now.descriptors == before.descriptors);
    return finish_checks();
}
