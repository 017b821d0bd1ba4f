/* Hands the library what no caller should: each function answers with a status, and nothing leaks.
 */
#include <descope_ml.h>

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "operations.h"

#define CONFIG "{\"projectId\": \"P1\", \"baseUrl\": \"http://127.0.0.1:9\", \"maxAttempts\": 1}"
#define SIGN_IN "magiclink/signin/sms"

static int32_t last;

/* A call that must fail with this status, and must say why in its document. */
#define FAILS(expected, call)                                                                      \
    do {                                                                                           \
        char *out = (char *)"not cleared";                                                         \
        char name[32] = "";                                                                        \
        last = (call);                                                                             \
        CHECK(last == (expected));                                                                 \
        CHECK(out != NULL);                                                                        \
        if (out != NULL) {                                                                         \
            CHECK(descope_json_get(out, "/error/name", name, sizeof name, NULL) == DESCOPE_OK);    \
            CHECK(strcmp(name, descope_status_name(expected)) == 0);                               \
            descope_string_free(out);                                                              \
        }                                                                                          \
    } while (0)

/* A text of `count` times `c`. */
static char *repeated(char c, size_t count) {
    char *text = malloc(count + 1);

    if (text == NULL)
        abort();
    memset(text, c, count);
    text[count] = '\0';
    return text;
}

static void null_in_every_place(void) {
    descope_client *client = NULL;

    FAILS(DESCOPE_E_ARGUMENT, descope_magiclink_signin_sms(NULL, &out));
    FAILS(DESCOPE_E_ARGUMENT, descope_call(NULL, "{}", &out));
    FAILS(DESCOPE_E_ARGUMENT, descope_call(SIGN_IN, NULL, &out));
    FAILS(DESCOPE_E_ARGUMENT, descope_client_new(CONFIG, NULL, &out));
    FAILS(DESCOPE_E_ARGUMENT, descope_client_call(NULL, SIGN_IN, "{}", &out));

    CHECK(descope_magiclink_signin_sms(NULL, NULL) == DESCOPE_E_ARGUMENT);
    CHECK(descope_call(NULL, NULL, NULL) == DESCOPE_E_ARGUMENT);
    CHECK(descope_configure("{", NULL) == DESCOPE_E_CONFIG);
    CHECK(descope_client_new(NULL, NULL, NULL) == DESCOPE_E_ARGUMENT);
    CHECK(descope_client_call(NULL, NULL, NULL, NULL) == DESCOPE_E_ARGUMENT);

    CHECK(descope_client_new(CONFIG, &client, NULL) == DESCOPE_OK);
    CHECK(client != NULL);
    FAILS(DESCOPE_E_ARGUMENT, descope_client_call(client, NULL, "{}", &out));
    FAILS(DESCOPE_E_ARGUMENT, descope_client_call(client, SIGN_IN, NULL, &out));
    CHECK(descope_client_call(client, SIGN_IN, "{}", NULL) == DESCOPE_E_ARGUMENT);
    descope_client_free(client);
    descope_client_free(NULL);
    descope_string_free(NULL);
}

/* Every operation: without a request, without an `out`, and with a key that none has. */
static void every_named_function(void) {
    CHECK(descope_configure(CONFIG, NULL) == DESCOPE_OK);
#define MISUSE(operation, name)                                                                    \
    FAILS(DESCOPE_E_ARGUMENT, descope_##name(NULL, &out));                                         \
    FAILS(DESCOPE_E_ARGUMENT, descope_##name("\xff", &out));                                       \
    FAILS(DESCOPE_E_ARGUMENT, descope_##name("{\"wxyz\": 1}", &out));                              \
    FAILS(DESCOPE_E_ARGUMENT, descope_call(operation, "[]", &out));                                \
    CHECK(descope_##name(NULL, NULL) == DESCOPE_E_ARGUMENT);                                       \
    CHECK(descope_##name("{", NULL) == DESCOPE_E_ARGUMENT);
    OPERATIONS(MISUSE)
#undef MISUSE
    CHECK(descope_configure(NULL, NULL) == DESCOPE_OK);
}

/* NULL for a configuration is the environment's, whatever that holds: nothing is sent. */
static void null_for_the_environment(void) {
    descope_client *client = NULL;
    char *out = NULL;

    CHECK(descope_configure(NULL, NULL) == DESCOPE_OK);
    CHECK(descope_configure(NULL, &out) == DESCOPE_OK);
    CHECK(out != NULL && strcmp(out, "{}") == 0);
    descope_string_free(out);
    CHECK(descope_client_new(NULL, &client, &out) == DESCOPE_OK);
    CHECK(client != NULL && out != NULL && strcmp(out, "{}") == 0);
    descope_string_free(out);
    descope_client_free(client);
    client = (descope_client *)&out;
    FAILS(DESCOPE_E_CONFIG, descope_client_new("{", &client, &out));
    CHECK(client == NULL);
}

static void null_in_documents(void) {
    char *doc = NULL;
    char buf[8] = "full";
    size_t needed = 99;

    CHECK(descope_json_set(NULL, "/a", "b") == DESCOPE_E_ARGUMENT);
    CHECK(descope_json_set(&doc, NULL, "b") == DESCOPE_E_ARGUMENT);
    CHECK(descope_json_set(&doc, "/a", NULL) == DESCOPE_E_ARGUMENT);
    CHECK(descope_json_put(NULL, "/a", "1") == DESCOPE_E_ARGUMENT);
    CHECK(descope_json_put(&doc, NULL, "1") == DESCOPE_E_ARGUMENT);
    CHECK(descope_json_put(&doc, "/a", NULL) == DESCOPE_E_ARGUMENT);
    CHECK(doc == NULL);
    CHECK(descope_json_get(NULL, "/a", buf, sizeof buf, &needed) == DESCOPE_E_ARGUMENT);
    CHECK(buf[0] == '\0' && needed == 0);
    CHECK(descope_json_get("{}", NULL, buf, sizeof buf, &needed) == DESCOPE_E_ARGUMENT);
    CHECK(descope_json_get("{\"a\": 1}", "/a", NULL, 0, NULL) == DESCOPE_E_BUFFER);
    CHECK(descope_json_get("{\"a\": 1}", "/a", NULL, 9, NULL) == DESCOPE_E_BUFFER);
}

static void documents_are_read_and_written(void) {
    char *doc = NULL;
    char buf[8];
    size_t needed = 0;

    CHECK(descope_json_set(&doc, "/a/b", "x\"y\\\n") == DESCOPE_OK);
    CHECK(strcmp(doc, "{\"a\":{\"b\":\"x\\\"y\\\\\\n\"}}") == 0);
    CHECK(descope_json_get(doc, "/a/b", buf, sizeof buf, &needed) == DESCOPE_OK);
    CHECK(strcmp(buf, "x\"y\\\n") == 0 && needed == 6);
    CHECK(descope_json_get(doc, "/a/b", buf, 5, &needed) == DESCOPE_E_BUFFER);
    CHECK(buf[0] == '\0' && needed == 6);
    CHECK(descope_json_get(doc, "/a/b", buf, 6, &needed) == DESCOPE_OK);
    CHECK(descope_json_get(doc, "/a/c", buf, sizeof buf, &needed) == DESCOPE_E_NOT_FOUND);
    CHECK(descope_json_get(doc, "a", buf, sizeof buf, &needed) == DESCOPE_E_ARGUMENT);
    CHECK(descope_json_get("{\"a\": \"x\\u0000y\"}", "/a", buf, 8, &needed) == DESCOPE_E_ARGUMENT);
    CHECK(descope_json_put(&doc, "/n", "no json") == DESCOPE_E_ARGUMENT);
    CHECK(descope_json_set(&doc, "/a/b/c", "x") == DESCOPE_E_ARGUMENT);
    CHECK(descope_json_put(&doc, "/n", "12345678901234567890") == DESCOPE_OK);
    CHECK(strstr(doc, "\"n\":12345678901234567890") != NULL);
    descope_string_free(doc);
}

/* A document, a pointer or a value that is not UTF-8, too deep or very large. */
static void hostile_documents(void) {
    char *brackets = repeated('[', 100000), *enormous = repeated('x', 2u << 20);
    char *slashes = repeated('/', 100000), *foreign = repeated('\xff', 3), *doc = NULL;
    char *foreign_before = foreign;
    size_t needed = 0;

    CHECK(descope_json_set(&doc, "/a", "\xff") == DESCOPE_E_ARGUMENT);
    CHECK(descope_json_set(&doc, "/\xff", "b") == DESCOPE_E_ARGUMENT);
    CHECK(descope_json_put(&doc, "/a", "\"\xff\"") == DESCOPE_E_ARGUMENT);
    CHECK(descope_json_put(&doc, "/a", brackets) == DESCOPE_E_ARGUMENT);
    CHECK(descope_json_put(&doc, "/a", "") == DESCOPE_E_ARGUMENT);
    CHECK(descope_json_set(&doc, slashes, "b") == DESCOPE_E_ARGUMENT);
    CHECK(doc == NULL);
    CHECK(descope_json_set(&foreign, "/a", "b") == DESCOPE_E_ARGUMENT);
    CHECK(foreign == foreign_before);
    CHECK(descope_json_get("{}", slashes, NULL, 0, &needed) == DESCOPE_E_NOT_FOUND);
    CHECK(descope_json_get("{}", "/\xff", NULL, 0, &needed) == DESCOPE_E_ARGUMENT);
    CHECK(descope_json_get(brackets, "", NULL, 0, &needed) == DESCOPE_E_ARGUMENT);
    CHECK(descope_json_set(&doc, "/a", enormous) == DESCOPE_OK);
    CHECK(descope_json_get(doc, "/a", NULL, 0, &needed) == DESCOPE_E_BUFFER);
    CHECK(needed == (2u << 20) + 1);
    descope_string_free(doc);
    free(foreign);
    free(slashes);
    free(enormous);
    free(brackets);
}

static void hostile_texts(const char *config) {
    static const char *const texts[] = {
        "",  " ",    "{",           "[]",        "null",  "\"x\"",         "{\"loginId\"}",
        "1", "nope", "{\"a\":1}{}", "{\"a\":1,", "\x01x", "{\"\\ud8\":1}", "[[[[[[[[[[[["};
    char *brackets = repeated('[', 100000), *enormous = repeated(' ', 2u << 20);
    char *deep = malloc(300000);
    descope_client *client = NULL;
    size_t i;

    CHECK(descope_client_new(config, &client, NULL) == DESCOPE_OK);
    for (i = 0; i < sizeof texts / sizeof *texts; i++) {
        FAILS(DESCOPE_E_ARGUMENT, descope_client_call(client, SIGN_IN, texts[i], &out));
        FAILS(DESCOPE_E_ARGUMENT, descope_client_call(client, texts[i], "{}", &out));
        FAILS(DESCOPE_E_CONFIG, descope_configure(texts[i], &out));
    }
    FAILS(DESCOPE_E_ARGUMENT, descope_client_call(client, SIGN_IN, "\xff\xfe", &out));
    FAILS(DESCOPE_E_ARGUMENT, descope_client_call(client, "\xff", "{}", &out));
    FAILS(DESCOPE_E_ARGUMENT, descope_client_call(client, SIGN_IN, brackets, &out));
    FAILS(DESCOPE_E_ARGUMENT, descope_client_call(client, SIGN_IN, enormous, &out));
    FAILS(DESCOPE_E_ARGUMENT, descope_configure("\xff", &out));
    if (deep == NULL)
        abort();
    strcpy(deep, "{\"loginId\":\"u\",\"extra\":{\"x\":");
    i = strlen(deep);
    memset(deep + i, '[', 100000);
    memset(deep + i + 100000, ']', 100000);
    strcpy(deep + i + 200000, "}}");
    FAILS(DESCOPE_E_ARGUMENT, descope_client_call(client, SIGN_IN, deep, &out));
    CHECK(descope_json_get(deep, "/loginId", NULL, 0, NULL) == DESCOPE_E_ARGUMENT);
    CHECK(descope_json_get("\xff", "", NULL, 0, NULL) == DESCOPE_E_ARGUMENT);
    /* What a call that got as far as the network leaves behind. */
    FAILS(DESCOPE_E_NETWORK, descope_client_call(client, SIGN_IN, "{\"loginId\": \"u\"}", &out));
    descope_client_free(client);
    free(deep);
    free(enormous);
    free(brackets);
}

static void the_library_names_itself(void) {
    CHECK(strcmp(descope_version(), DESCOPE_VERSION) == 0);
    CHECK(descope_abi_version() == DESCOPE_ABI_VERSION);
    CHECK(strcmp(descope_status_name(DESCOPE_E_API), "DESCOPE_E_API") == 0);
    CHECK(strcmp(descope_status_name(12345), "unknown") == 0);
    CHECK(strcmp(descope_status_name(-1), "unknown") == 0);
}

int main(void) {
    null_in_every_place();
    every_named_function();
    null_for_the_environment();
    null_in_documents();
    hostile_documents();
    documents_are_read_and_written();
    hostile_texts(CONFIG);
    the_library_names_itself();
    if (failed_checks == 0)
        puts("ok");
    return failed_checks != 0;
}
