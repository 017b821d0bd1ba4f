/* Drives the C face for the case table. Each line of input is a JSON document with "request",
 * "operation" and, where there is one, "config", all of them texts; "named": true asks for the
 * process's default client. Each line of output is {"status": N, "out": DOCUMENT}. */
#define _POSIX_C_SOURCE 200809L
#include <descope_ml.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../c/operations.h"

static void die(const char *what) {
    fprintf(stderr, "driver: %s\n", what);
    exit(2);
}

/* The text under a pointer, or NULL. */
static char *text(const char *line, const char *pointer) {
    size_t needed = 0;
    char *value;
    int32_t status = descope_json_get(line, pointer, NULL, 0, &needed);

    if (status == DESCOPE_E_NOT_FOUND)
        return NULL;
    if (status != DESCOPE_E_BUFFER)
        die("a line cannot be read");
    value = malloc(needed);
    if (value == NULL || descope_json_get(line, pointer, value, needed, NULL) != DESCOPE_OK)
        die("a value cannot be read");
    return value;
}

/* The configuration that the default client and our own were made with: one for each, since the
 * rows of the table come one after the other. */
static char *configured, *owned;
static descope_client *client;

/* Whether a text has changed, which is then remembered. */
static int changed(char **last, const char *text) {
    const int same = *last != NULL && text != NULL && strcmp(*last, text) == 0;

    if (!same) {
        free(*last);
        *last = text == NULL ? NULL : strdup(text);
    }
    return !same;
}

/* The functions by the names of their operations. */
static const struct {
    const char *operation;
    int32_t (*function)(const char *json, char **out);
} named_functions[] = {
#define ROW(operation, name) {operation, descope_##name},
    OPERATIONS(ROW)
#undef ROW
};

static int32_t call_named(const char *operation, const char *request, char **out) {
    size_t i;

    for (i = 0; i < sizeof named_functions / sizeof named_functions[0]; i++)
        if (strcmp(named_functions[i].operation, operation) == 0)
            return named_functions[i].function(request, out);
    return descope_call(operation, request, out);
}

static int32_t call_default(const char *config, const char *operation, const char *request,
                            char **out) {
    if (changed(&configured, config)) {
        const int32_t status = descope_configure(config, out);

        if (status != DESCOPE_OK) {
            changed(&configured, NULL);
            return status;
        }
        descope_string_free(*out);
    }
    return call_named(operation, request, out);
}

static int32_t call_own(const char *config, const char *operation, const char *request,
                        char **out) {
    if (changed(&owned, config)) {
        int32_t status;

        descope_client_free(client);
        status = descope_client_new(config, &client, out);
        if (status != DESCOPE_OK) {
            changed(&owned, NULL);
            return status;
        }
        descope_string_free(*out);
    }
    return descope_client_call(client, operation, request, out);
}

static void answer(const char *line) {
    char *config = text(line, "/config");
    char *operation = text(line, "/operation");
    char *request = text(line, "/request");
    char *named = text(line, "/named");
    char *out = NULL, *reply = NULL;
    char digits[16];
    int32_t status;

    if (operation == NULL || request == NULL)
        die("a line lacks its operation or request");
    status = (named != NULL && strcmp(named, "true") == 0 ? call_default : call_own)(
        config, operation, request, &out);
    snprintf(digits, sizeof digits, "%d", (int)status);
    if (out == NULL || descope_json_put(&reply, "/status", digits) != DESCOPE_OK
        || descope_json_put(&reply, "/out", out) != DESCOPE_OK)
        die("a reply cannot be written");
    puts(reply);
    fflush(stdout);
    descope_string_free(reply);
    descope_string_free(out);
    free(named);
    free(request);
    free(operation);
    free(config);
}

int main(void) {
    char *line = NULL;
    size_t size = 0;

    while (getline(&line, &size, stdin) > 0)
        answer(line);
    free(line);
    free(configured);
    free(owned);
    descope_client_free(client);
    return 0;
}
