/* Runs the rows of the case table through the C API.
 *
 * Each line of input is a JSON document with the strings "operation", "request" and optionally
 * "config". A request that would make the line larger than the library accepts is in a file, which
 * "requestFile" names. With "named": true, the driver calls the operation's named function, or
 * descope_call if it has none, with the default client. With "queue": true, it submits the call to
 * a queue, and waits for it like an event loop. Otherwise it calls descope_client_call. Each line
 * of output is
 * {"status": N, "out": DOCUMENT}. */
#include <descope_ml.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../c/operations.h"
#include "system.h"

static void die(const char *message) {
    fprintf(stderr, "driver: %s\n", message);
    exit(2);
}

/* Returns a copy of the field at a JSON pointer, or NULL if the line has no such field. */
static char *get_field(const char *line, const char *pointer) {
    size_t needed = 0;
    char *value;
    int32_t status = descope_json_get(line, pointer, NULL, 0, &needed);

    if (status == DESCOPE_E_NOT_FOUND)
        return NULL;
    if (status != DESCOPE_E_BUFFER)
        die("a line of input is not a valid JSON document");
    value = malloc(needed);
    if (value == NULL || descope_json_get(line, pointer, value, needed, NULL) != DESCOPE_OK)
        die("cannot read a field of a line");
    return value;
}

/* Returns a copy of a text. */
static char *copy(const char *text) {
    char *const result = malloc(strlen(text) + 1);

    if (result == NULL)
        die("no memory");
    return strcpy(result, text);
}

/* Returns the next line of input, or NULL at the end. */
static char *read_line(void) {
    size_t size = 4096, length = 0;
    char *line = malloc(size);

    while (line != NULL && fgets(line + length, (int)(size - length), stdin) != NULL) {
        length += strlen(line + length);
        if (line[length - 1] == '\n')
            return line;
        if (length + 1 == size)
            line = realloc(line, size *= 2);
    }
    free(line);
    return NULL;
}

/* Returns the content of a file. */
static char *read_file(const char *path) {
    FILE *const file = fopen(path, "rb");
    long size;
    char *content;

    if (file == NULL || fseek(file, 0, SEEK_END) != 0 || (size = ftell(file)) < 0)
        die("cannot open the file of a request");
    rewind(file);
    content = malloc((size_t)size + 1);
    if (content == NULL || fread(content, 1, (size_t)size, file) != (size_t)size)
        die("cannot read the file of a request");
    content[size] = '\0';
    fclose(file);
    return content;
}

/* The current configurations of the default client and of the driver's own client. Each client is
 * kept while the lines have the same configuration. The queue is that of the own client. */
static char *default_config, *own_config;
static descope_client *own_client;
static descope_queue *own_queue;

/* Returns whether `text` differs from `*last`. If so, stores a copy of it in `*last`. */
static int update_if_changed(char **last, const char *text) {
    const int same = *last != NULL && text != NULL && strcmp(*last, text) == 0;

    if (!same) {
        free(*last);
        *last = text == NULL ? NULL : copy(text);
    }
    return !same;
}

/* The named function of each operation. */
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
    if (update_if_changed(&default_config, config)) {
        const int32_t status = descope_configure(config, out);

        if (status != DESCOPE_OK) {
            update_if_changed(&default_config, NULL);
            return status;
        }
        descope_string_free(*out);
    }
    return call_named(operation, request, out);
}

static void free_own_client(void) {
    descope_queue_free(own_queue);
    descope_client_free(own_client);
    own_queue = NULL;
    own_client = NULL;
}

/* Makes the own client and the queue, if the configuration is another one. Leaves `*out` NULL if it
 * succeeds. */
static int32_t prepare_own_client(const char *config, char **out) {
    int32_t status;

    if (!update_if_changed(&own_config, config))
        return DESCOPE_OK;
    free_own_client();
    status = descope_client_new(config, &own_client, out);
    if (status == DESCOPE_OK) {
        descope_string_free(*out);
        status = descope_queue_new(own_client, &own_queue, out);
    }
    if (status == DESCOPE_OK) {
        descope_string_free(*out);
        *out = NULL;
    } else {
        update_if_changed(&own_config, NULL);
    }
    return status;
}

static int32_t call_own(const char *config, const char *operation, const char *request,
                        char **out) {
    const int32_t status = prepare_own_client(config, out);

    return status != DESCOPE_OK ? status : descope_client_call(own_client, operation, request, out);
}

static int32_t call_queued(const char *config, const char *operation, const char *request,
                           char **out) {
    static uint64_t last_tag;
    uint64_t tag = 0;
    int32_t status = prepare_own_client(config, out), next;

    if (status == DESCOPE_OK)
        status = descope_queue_submit(own_queue, operation, request, ++last_tag, out);
    if (status != DESCOPE_OK)
        return status;
    descope_string_free(*out);
    do {
        is_queue_ready(own_queue, -1);
        next = descope_queue_next(own_queue, 0, &tag, &status, out);
    } while (next == DESCOPE_PENDING);
    if (next != DESCOPE_OK || tag != last_tag)
        die("the queue does not report the call");
    if (descope_queue_next(own_queue, 0, NULL, NULL, NULL) != DESCOPE_E_NOT_FOUND
        || is_queue_ready(own_queue, 0))
        die("the queue has something to do after the last call");
    return status;
}

/* Whether the line has the value true at a JSON pointer. */
static int has_flag(const char *line, const char *pointer) {
    char text[8];

    return descope_json_get(line, pointer, text, sizeof text, NULL) == DESCOPE_OK
           && strcmp(text, "true") == 0;
}

static void process_line(const char *line) {
    char *config = get_field(line, "/config");
    char *operation = get_field(line, "/operation");
    char *request_file = get_field(line, "/requestFile");
    char *request = request_file != NULL ? read_file(request_file) : get_field(line, "/request");
    char *out = NULL, *output = NULL;
    char digits[16];
    int32_t status;

    if (operation == NULL || request == NULL)
        die("a line has no \"operation\" or no \"request\"");
    if (has_flag(line, "/named"))
        status = call_default(config, operation, request, &out);
    else if (has_flag(line, "/queue"))
        status = call_queued(config, operation, request, &out);
    else
        status = call_own(config, operation, request, &out);
    snprintf(digits, sizeof digits, "%d", (int)status);
    if (out == NULL || descope_json_put(&output, "/status", digits) != DESCOPE_OK
        || descope_json_put(&output, "/out", out) != DESCOPE_OK)
        die("cannot write the line of output");
    puts(output);
    fflush(stdout);
    descope_string_free(output);
    descope_string_free(out);
    free(request);
    free(request_file);
    free(operation);
    free(config);
}

int main(void) {
    char *line;

    prepare_streams();
    while ((line = read_line()) != NULL) {
        process_line(line);
        free(line);
    }
    free(default_config);
    free(own_config);
    free_own_client();
    return 0;
}
