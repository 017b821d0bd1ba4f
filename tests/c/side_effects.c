/* What calls leave as it was: quiet [STATUS CONFIG OPERATION REQUEST]... makes each call with a
 * client of its own and with the default one, and looks at the process before, between and after:
 * its threads, descriptors, environment, locale, directory, mask of new files and signal handlers.
 */
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

/* Seconds after which a thread that has nothing left to do is taken for one that stays. */
#define PATIENCE 30

/* How large a text the environment makes at the most. */
#define ROOM 65536

extern char **environ;

/* A process as its owner finds it. */
struct state {
    char environment[ROOM];
    char **environment_at;
    char locale[256];
    char directory[4096];
    mode_t mask;
    int descriptors;
    struct sigaction handlers[64];
};

static struct state before, now;

static int entries_of(const char *path) {
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

/* Appends a text to another one, cut off where there is no more room. */
static void append(char *text, const char *more) {
    strncat(text, more, ROOM - 1 - strlen(text));
}

static void look(struct state *at) {
    int number;
    size_t i;

    memset(at, 0, sizeof *at);
    at->environment_at = environ;
    for (i = 0; environ[i] != NULL; i++) {
        append(at->environment, environ[i]);
        append(at->environment, "\n");
    }
    strncat(at->locale, setlocale(LC_ALL, NULL), sizeof at->locale - 1);
    CHECK(getcwd(at->directory, sizeof at->directory) != NULL);
    at->mask = umask(0);
    umask(at->mask);
    at->descriptors = entries_of("/proc/self/fd");
    for (number = 1; number < 64; number++)
        sigaction(number, NULL, &at->handlers[number]);
}

static void nothing_has_changed(void) {
    const time_t end = time(NULL) + PATIENCE;
    int number;

    look(&now);
    CHECK(now.environment_at == before.environment_at);
    CHECK(strcmp(now.environment, before.environment) == 0);
    CHECK(strcmp(now.locale, before.locale) == 0);
    CHECK(strcmp(now.directory, before.directory) == 0);
    CHECK(now.mask == before.mask);
    for (number = 1; number < 64; number++)
        CHECK(now.handlers[number].sa_handler == before.handlers[number].sa_handler);
    /* A thread that was waited for may still be on its way out of the system's list. */
    while (entries_of("/proc/self/task") > 1 && time(NULL) < end)
        sched_yield();
    CHECK(entries_of("/proc/self/task") == 1);
}

static void perform(char **arguments) {
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
    nothing_has_changed();
    descope_string_free(out);
    descope_client_free(client);
    nothing_has_changed();
    CHECK(now.descriptors == before.descriptors);

    status = descope_configure(config, NULL);
    if (status == DESCOPE_OK)
        status = descope_call(operation, request, NULL);
    CHECK(status == expected);
    nothing_has_changed();
    /* The one that the default client had before it may keep a connection. */
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
    look(&before);
    for (i = 1; i + 3 < argc; i += 4)
        perform(argv + i);
    nothing_has_changed();
    CHECK(now.descriptors == before.descriptors);
    if (failed_checks == 0)
        puts("ok");
    return failed_checks != 0;
}
