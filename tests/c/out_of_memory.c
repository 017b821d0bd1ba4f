/* Out of memory: if a function cannot allocate the document that it returns, it returns an error
 * status and no document, and nothing leaks.
 *
 * Usage: out_of_memory [CONFIG]
 *
 * This program has its own malloc, which fails for one size only: the size of the expected document
 * with its NUL. Nothing else allocates that size during the call. Needs glibc. */
#include <descope_ml.h>

#include <stdlib.h>
#include <string.h>

#include "check.h"

#define CONFIG "{\"projectId\": \"P1\"}"
#define LONG_TEXT 12344
#define SIGN_IN "magiclink/signin/sms"

extern void *__libc_malloc(size_t size);

static size_t failing_size;
static int failures;

void *malloc(size_t size) {
    if (size != 0 && size == failing_size) {
        failures++;
        return NULL;
    }
    return __libc_malloc(size);
}

/* Makes malloc fail for the size that a copy of this text needs. */
static void fail_malloc_for(const char *text) {
    failing_size = strlen(text) + 1;
    failures = 0;
}

static void restore_malloc(void) {
    failing_size = 0;
}

static void test_configuration(void) {
    descope_client *client = NULL;
    char *out = NULL;

    CHECK(descope_configure(CONFIG, &out) == DESCOPE_OK);
    CHECK(out != NULL && strcmp(out, "{}") == 0);
    fail_malloc_for("{}");
    descope_string_free(out);
    CHECK(descope_configure(CONFIG, &out) == DESCOPE_E_INTERNAL);
    CHECK(out == NULL && failures == 1);
    CHECK(descope_client_new(CONFIG, &client, &out) == DESCOPE_E_INTERNAL);
    CHECK(client == NULL && out == NULL && failures == 2);
    restore_malloc();
}

static void test_error_documents(void) {
    char *out = NULL;

    CHECK(descope_call("no/such", "{}", &out) == DESCOPE_E_ARGUMENT);
    CHECK(out != NULL);
    if (out == NULL)
        return;
    fail_malloc_for(out);
    descope_string_free(out);
    CHECK(descope_call("no/such", "{}", &out) == DESCOPE_E_INTERNAL);
    CHECK(out == NULL && failures == 1);
    restore_malloc();
}

static void test_json_set(void) {
    static char text[LONG_TEXT + 1];
    char *doc = NULL, *before;

    memset(text, 'x', LONG_TEXT);
    CHECK(descope_json_set(&doc, "/a", text) == DESCOPE_OK);
    CHECK(doc != NULL);
    if (doc == NULL)
        return;
    before = doc;
    fail_malloc_for(doc);
    CHECK(descope_json_set(&doc, "/a", text) == DESCOPE_E_INTERNAL);
    CHECK(doc == before && failures == 1);
    restore_malloc();
    descope_string_free(doc);
}

/* One call that the server receives, and one that is rejected before anything is sent. Once memory
 * is available again, the same call returns the same document. */
static void test_calls(const char *config) {
    static const char *const requests[] = {
        "{\"loginId\": \"u\"}",
        "{\"loginId\": \"u\", \"sessionToken\": 1}",
    };
    descope_client *client = NULL;
    size_t i;

    CHECK(descope_client_new(config, &client, NULL) == DESCOPE_OK);
    for (i = 0; i < sizeof requests / sizeof *requests; i++) {
        char *out = NULL, *again = NULL;
        const int32_t status = descope_client_call(client, SIGN_IN, requests[i], &out);

        CHECK(status == (i == 0 ? DESCOPE_OK : DESCOPE_E_ARGUMENT) && out != NULL);
        if (out == NULL)
            break;
        fail_malloc_for(out);
        CHECK(descope_client_call(client, SIGN_IN, requests[i], &again) == DESCOPE_E_INTERNAL);
        CHECK(again == NULL && failures == 1);
        restore_malloc();
        CHECK(descope_client_call(client, SIGN_IN, requests[i], &again) == status);
        CHECK(again != NULL && strcmp(again, out) == 0);
        descope_string_free(again);
        descope_string_free(out);
    }
    descope_client_free(client);
}

int main(int argc, char **argv) {
    test_configuration();
    test_error_documents();
    test_json_set();
    if (argc == 2)
        test_calls(argv[1]);
    return finish_checks();
}
