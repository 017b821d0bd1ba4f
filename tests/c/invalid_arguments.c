/* Invalid arguments: NULL, invalid UTF-8, invalid JSON, input that is too deep or very large. Each
 * function returns an error status, and nothing leaks. Also checks the JSON functions and the
 * library's own version. */
#define _DEFAULT_SOURCE
#include <descope_ml.h>

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "check.h"
#include "operations.h"

#define CONFIG "{\"projectId\": \"P1\", \"baseUrl\": \"http://127.0.0.1:9\", \"maxAttempts\": 1}"
#define SIGN_IN "magiclink/signin/sms"

/* The largest text that a function takes, in bytes. */
#define LIMIT ((size_t)1 << 20)

static int32_t last_status;

/* Checks that a call fails with this status and returns an error document that names it. The call
 * writes its document to `out`. */
#define CHECK_FAILS(expected, call)                                                                \
    do {                                                                                           \
        char *out = (char *)"not cleared";                                                         \
        char name[32] = "";                                                                        \
        last_status = (call);                                                                      \
        CHECK(last_status == (expected));                                                          \
        CHECK(out != NULL);                                                                        \
        if (out != NULL) {                                                                         \
            CHECK(descope_json_get(out, "/error/name", name, sizeof name, NULL) == DESCOPE_OK);    \
            CHECK(strcmp(name, descope_status_name(expected)) == 0);                               \
            descope_string_free(out);                                                              \
        }                                                                                          \
    } while (0)

/* Checks that a call fails because of a text that is larger than LIMIT. */
#define CHECK_TOO_LARGE(expected, call)                                                            \
    do {                                                                                           \
        char *out = NULL, message[256] = "";                                                       \
        CHECK((call) == (expected));                                                               \
        CHECK(descope_json_get(out, "/error/message", message, sizeof message, NULL)               \
              == DESCOPE_OK);                                                                      \
        CHECK(strstr(message, "larger than the limit of 1048576 bytes") != NULL);                  \
        descope_string_free(out);                                                                  \
    } while (0)

/* Returns a string of `count` times the character `c`. */
static char *repeat(char c, size_t count) {
    char *text = malloc(count + 1);

    if (text == NULL)
        abort();
    memset(text, c, count);
    text[count] = '\0';
    return text;
}

static void test_null_arguments(void) {
    descope_client *client = NULL;

    CHECK_FAILS(DESCOPE_E_ARGUMENT, descope_magiclink_signin_sms(NULL, &out));
    CHECK_FAILS(DESCOPE_E_ARGUMENT, descope_call(NULL, "{}", &out));
    CHECK_FAILS(DESCOPE_E_ARGUMENT, descope_call(SIGN_IN, NULL, &out));
    CHECK_FAILS(DESCOPE_E_ARGUMENT, descope_client_new(CONFIG, NULL, &out));
    CHECK_FAILS(DESCOPE_E_ARGUMENT, descope_client_call(NULL, SIGN_IN, "{}", &out));

    CHECK(descope_magiclink_signin_sms(NULL, NULL) == DESCOPE_E_ARGUMENT);
    CHECK(descope_call(NULL, NULL, NULL) == DESCOPE_E_ARGUMENT);
    CHECK(descope_configure("{", NULL) == DESCOPE_E_CONFIG);
    CHECK(descope_client_new(NULL, NULL, NULL) == DESCOPE_E_ARGUMENT);
    CHECK(descope_client_call(NULL, NULL, NULL, NULL) == DESCOPE_E_ARGUMENT);

    CHECK(descope_client_new(CONFIG, &client, NULL) == DESCOPE_OK);
    CHECK(client != NULL);
    CHECK_FAILS(DESCOPE_E_ARGUMENT, descope_client_call(client, NULL, "{}", &out));
    CHECK_FAILS(DESCOPE_E_ARGUMENT, descope_client_call(client, SIGN_IN, NULL, &out));
    CHECK(descope_client_call(client, SIGN_IN, "{}", NULL) == DESCOPE_E_ARGUMENT);
    descope_client_free(client);
    descope_client_free(NULL);
    descope_string_free(NULL);
}

/* Every operation: with NULL for the request, NULL for `out`, and an unknown key. */
static void test_every_named_function(void) {
    CHECK(descope_configure(CONFIG, NULL) == DESCOPE_OK);
#define CHECK_INVALID_ARGUMENTS(operation, name)                                                   \
    CHECK_FAILS(DESCOPE_E_ARGUMENT, descope_##name(NULL, &out));                                   \
    CHECK_FAILS(DESCOPE_E_ARGUMENT, descope_##name("\xff", &out));                                 \
    CHECK_FAILS(DESCOPE_E_ARGUMENT, descope_##name("{\"wxyz\": 1}", &out));                        \
    CHECK_FAILS(DESCOPE_E_ARGUMENT, descope_call(operation, "[]", &out));                          \
    CHECK(descope_##name(NULL, NULL) == DESCOPE_E_ARGUMENT);                                       \
    CHECK(descope_##name("{", NULL) == DESCOPE_E_ARGUMENT);
    OPERATIONS(CHECK_INVALID_ARGUMENTS)
#undef CHECK_INVALID_ARGUMENTS
    CHECK(descope_configure(NULL, NULL) == DESCOPE_OK);
}

/* NULL as the configuration means: from the environment. This test sends no request, so it does
 * not depend on the values in the environment. */
static void test_null_config_means_environment(void) {
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
    CHECK_FAILS(DESCOPE_E_CONFIG, descope_client_new("{", &client, &out));
    CHECK(client == NULL);
}

static void test_null_arguments_of_json_functions(void) {
    char *doc = NULL;
    char buf[8] = "full";
    size_t needed = 99;

    CHECK(descope_json_set(NULL, "/a", "b") == DESCOPE_E_ARGUMENT);
    CHECK(descope_json_set(&doc, NULL, "b") == DESCOPE_E_ARGUMENT);
    CHECK(descope_json_set(&doc, "/a", NULL) == DESCOPE_E_ARGUMENT);
    CHECK(descope_json_set_n(NULL, "/a", "b", 1) == DESCOPE_E_ARGUMENT);
    CHECK(descope_json_set_n(&doc, NULL, "b", 1) == DESCOPE_E_ARGUMENT);
    CHECK(descope_json_set_n(&doc, "/a", NULL, 1) == DESCOPE_E_ARGUMENT);
    CHECK(descope_json_set_n(&doc, "/a", "b", (size_t)-1) == DESCOPE_E_ARGUMENT);
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

static void test_json_get_set_and_put(void) {
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
    CHECK(descope_json_set_n(&doc, "/nul", "a\0b more", 3) == DESCOPE_OK);
    CHECK(descope_json_set_n(&doc, "/empty", NULL, 0) == DESCOPE_OK);
    CHECK(strstr(doc, "\"nul\":\"a\\u0000b\",\"empty\":\"\"}") != NULL);
    descope_string_free(doc);
}

/* The buffer of descope_json_get is, or overlaps, what it reads. So do the arguments of the others.
 */
static void test_overlapping_json_arguments(void) {
    static const char text[] = "{\"a\": \"/b\", \"/b\": \"0123456789\", \"c\": \"x\\ny\"}";
    char buf[sizeof text];
    char *doc = NULL;
    size_t needed = 0, start;

    strcpy(buf, "/a");
    CHECK(descope_json_get(text, buf, buf, sizeof buf, &needed) == DESCOPE_OK);
    CHECK(strcmp(buf, "/b") == 0 && needed == 3);
    strcpy(buf, "/none");
    CHECK(descope_json_get(text, buf, buf, sizeof buf, &needed) == DESCOPE_E_NOT_FOUND);
    CHECK(buf[0] == '\0' && needed == 0);
    for (start = 0; start < 30; start++) {
        strcpy(buf, text);
        CHECK(descope_json_get(buf, "/~1b", buf + start, sizeof buf - start, &needed)
              == DESCOPE_OK);
        CHECK(strcmp(buf + start, "0123456789") == 0 && needed == 11);
    }
    strcpy(buf, text);
    CHECK(descope_json_get(buf, "/c", buf, sizeof buf, NULL) == DESCOPE_OK);
    CHECK(strcmp(buf, "x\ny") == 0);
    strcpy(buf, text);
    CHECK(descope_json_get(buf, "", buf, sizeof buf, NULL) == DESCOPE_OK);
    CHECK(strcmp(buf, text) == 0);
    CHECK(descope_json_get(buf, "/~1b", buf, 5, &needed) == DESCOPE_E_BUFFER);
    CHECK(buf[0] == '\0' && needed == 11);

    CHECK(descope_json_set(&doc, "/a", "/b") == DESCOPE_OK);
    CHECK(descope_json_set(&doc, "/a", doc) == DESCOPE_OK);
    CHECK(strcmp(doc, "{\"a\":\"{\\\"a\\\":\\\"/b\\\"}\"}") == 0);
    CHECK(descope_json_put(&doc, "/a", doc) == DESCOPE_OK);
    CHECK(strcmp(doc, "{\"a\":{\"a\":\"{\\\"a\\\":\\\"/b\\\"}\"}}") == 0);
    descope_string_free(doc);
}

/* Documents, pointers and values that are not UTF-8, nested too deeply or very large. */
static void test_malformed_and_oversized_json(void) {
    char *brackets = repeat('[', 100000), *enormous = repeat('x', 2u << 20);
    char *slashes = repeat('/', 100000), *invalid_utf8 = repeat('\xff', 3), *doc = NULL;
    char *invalid_utf8_before = invalid_utf8;
    size_t needed = 0;

    CHECK(descope_json_set(&doc, "/a", "\xff") == DESCOPE_E_ARGUMENT);
    CHECK(descope_json_set_n(&doc, "/a", "b\xff", 2) == DESCOPE_E_ARGUMENT);
    CHECK(descope_json_set(&doc, "/\xff", "b") == DESCOPE_E_ARGUMENT);
    CHECK(descope_json_put(&doc, "/a", "\"\xff\"") == DESCOPE_E_ARGUMENT);
    CHECK(descope_json_put(&doc, "/a", brackets) == DESCOPE_E_ARGUMENT);
    CHECK(descope_json_put(&doc, "/a", "") == DESCOPE_E_ARGUMENT);
    CHECK(descope_json_set(&doc, slashes, "b") == DESCOPE_E_ARGUMENT);
    CHECK(doc == NULL);
    CHECK(descope_json_set(&invalid_utf8, "/a", "b") == DESCOPE_E_ARGUMENT);
    CHECK(invalid_utf8 == invalid_utf8_before);
    CHECK(descope_json_get("{}", slashes, NULL, 0, &needed) == DESCOPE_E_NOT_FOUND);
    CHECK(descope_json_get("{}", "/\xff", NULL, 0, &needed) == DESCOPE_E_ARGUMENT);
    CHECK(descope_json_get(brackets, "", NULL, 0, &needed) == DESCOPE_E_ARGUMENT);
    CHECK(descope_json_set(&doc, "/a", enormous) == DESCOPE_E_ARGUMENT);
    enormous[LIMIT] = '\0';
    CHECK(descope_json_set(&doc, "/a", enormous) == DESCOPE_E_ARGUMENT);
    CHECK(doc == NULL);
    enormous[LIMIT - strlen("{'a':''}")] = '\0';
    CHECK(descope_json_set(&doc, "/a", enormous) == DESCOPE_OK && strlen(doc) == LIMIT);
    CHECK(descope_json_get(doc, "/a", NULL, 0, &needed) == DESCOPE_E_BUFFER);
    CHECK(needed == strlen(enormous) + 1);
    CHECK(descope_json_put(&doc, "/b", "1") == DESCOPE_E_ARGUMENT && strlen(doc) == LIMIT);
    descope_string_free(doc);
    free(invalid_utf8);
    free(slashes);
    free(enormous);
    free(brackets);
}

/* Reading to the end of such a text would end in a crash: nothing is mapped there, and there is no
 * NUL. Each function looks at no more than it may use. */
static void test_texts_without_an_end(void) {
    const size_t size = LIMIT + 65536;
    char *text = mmap(NULL, size + 65536, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    descope_client *client = NULL;
    descope_queue *queue = NULL;
    char *doc = NULL;

    if (text == MAP_FAILED || mprotect(text, size, PROT_READ | PROT_WRITE) != 0)
        abort();
    memset(text, ' ', size);
    memcpy(text + LIMIT + 2, "\xe2\x82\xac", 3); /* a character at the end of what is read */
    CHECK_TOO_LARGE(DESCOPE_E_CONFIG, descope_configure(text, &out));
    CHECK_TOO_LARGE(DESCOPE_E_CONFIG, descope_client_new(text, &client, &out));
    CHECK(client == NULL);
    CHECK_TOO_LARGE(DESCOPE_E_ARGUMENT, descope_call(text, "{}", &out));
    CHECK_TOO_LARGE(DESCOPE_E_ARGUMENT, descope_call(SIGN_IN, text, &out));
    CHECK_TOO_LARGE(DESCOPE_E_ARGUMENT, descope_magiclink_signin_sms(text, &out));
    CHECK(descope_client_new(CONFIG, &client, NULL) == DESCOPE_OK);
    CHECK_TOO_LARGE(DESCOPE_E_ARGUMENT, descope_client_call(client, text, "{}", &out));
    CHECK_TOO_LARGE(DESCOPE_E_ARGUMENT, descope_client_call(client, SIGN_IN, text, &out));
    CHECK(descope_queue_new(client, &queue, NULL) == DESCOPE_OK);
    CHECK_TOO_LARGE(DESCOPE_E_ARGUMENT, descope_queue_submit(queue, SIGN_IN, text, 1, &out));
    CHECK_TOO_LARGE(DESCOPE_E_ARGUMENT, descope_queue_submit(queue, text, "{}", 1, &out));
    CHECK(descope_json_get(text, "/a", NULL, 0, NULL) == DESCOPE_E_ARGUMENT);
    CHECK(descope_json_get("{}", text, NULL, 0, NULL) == DESCOPE_E_ARGUMENT);
    CHECK(descope_json_set(&text, "/a", "b") == DESCOPE_E_ARGUMENT);
    CHECK(descope_json_set(&doc, text, "b") == DESCOPE_E_ARGUMENT);
    CHECK(descope_json_set(&doc, "/a", text) == DESCOPE_E_ARGUMENT);
    CHECK(descope_json_put(&doc, "/a", text) == DESCOPE_E_ARGUMENT);
    CHECK(doc == NULL);
    descope_queue_free(queue);
    descope_client_free(client);
    munmap(text, size + 65536);
}

static void test_malformed_and_oversized_requests(const char *config) {
    static const char *const texts[] = {
        "",  " ",    "{",           "[]",        "null",  "\"x\"",         "{\"loginId\"}",
        "1", "nope", "{\"a\":1}{}", "{\"a\":1,", "\x01x", "{\"\\ud8\":1}", "[[[[[[[[[[[["};
    char *brackets = repeat('[', 100000), *enormous = repeat(' ', 2u << 20);
    char *deep = malloc(300000);
    descope_client *client = NULL;
    size_t i;

    CHECK(descope_client_new(config, &client, NULL) == DESCOPE_OK);
    for (i = 0; i < sizeof texts / sizeof *texts; i++) {
        CHECK_FAILS(DESCOPE_E_ARGUMENT, descope_client_call(client, SIGN_IN, texts[i], &out));
        CHECK_FAILS(DESCOPE_E_ARGUMENT, descope_client_call(client, texts[i], "{}", &out));
        CHECK_FAILS(DESCOPE_E_CONFIG, descope_configure(texts[i], &out));
    }
    CHECK_FAILS(DESCOPE_E_ARGUMENT, descope_client_call(client, SIGN_IN, "\xff\xfe", &out));
    CHECK_FAILS(DESCOPE_E_ARGUMENT, descope_client_call(client, "\xff", "{}", &out));
    CHECK_FAILS(DESCOPE_E_ARGUMENT, descope_client_call(client, SIGN_IN, brackets, &out));
    CHECK_FAILS(DESCOPE_E_ARGUMENT, descope_client_call(client, SIGN_IN, enormous, &out));
    CHECK_FAILS(DESCOPE_E_ARGUMENT, descope_configure("\xff", &out));
    if (deep == NULL)
        abort();
    strcpy(deep, "{\"loginId\":\"u\",\"extra\":{\"x\":");
    i = strlen(deep);
    memset(deep + i, '[', 100000);
    memset(deep + i + 100000, ']', 100000);
    strcpy(deep + i + 200000, "}}");
    CHECK_FAILS(DESCOPE_E_ARGUMENT, descope_client_call(client, SIGN_IN, deep, &out));
    CHECK(descope_json_get(deep, "/loginId", NULL, 0, NULL) == DESCOPE_E_ARGUMENT);
    CHECK(descope_json_get("\xff", "", NULL, 0, NULL) == DESCOPE_E_ARGUMENT);
    /* A call that gets as far as the network must not leak either. */
    CHECK_FAILS(DESCOPE_E_NETWORK,
                descope_client_call(client, SIGN_IN, "{\"loginId\": \"u\"}", &out));
    descope_client_free(client);
    free(deep);
    free(enormous);
    free(brackets);
}

static void test_version_and_status_names(void) {
    CHECK(strcmp(descope_version(), DESCOPE_HEADER_VERSION) == 0);
    CHECK(descope_abi_version() == DESCOPE_HEADER_ABI_VERSION);
    CHECK(strcmp(descope_status_name(DESCOPE_E_API), "DESCOPE_E_API") == 0);
    CHECK(strcmp(descope_status_name(12345), "unknown") == 0);
    CHECK(strcmp(descope_status_name(-1), "unknown") == 0);
}

int main(void) {
    test_null_arguments();
    test_every_named_function();
    test_null_config_means_environment();
    test_null_arguments_of_json_functions();
    test_malformed_and_oversized_json();
    test_texts_without_an_end();
    test_json_get_set_and_put();
    test_overlapping_json_arguments();
    test_malformed_and_oversized_requests(CONFIG);
    test_version_and_status_names();
    return finish_checks();
}
