/* When there is no memory left for what a function returns, its status says so, nothing is handed
 * out and nothing is lost. This program's malloc refuses one size, that of the document to come
 * with its NUL, for which nothing else is asked on the way: memory [CONFIG]. Needs glibc. */
#include <descope_ml.h>

#include <stdlib.h>
#include <string.h>

#include "check.h"

#define CONFIG "{\"projectId\": \"P1\"}"
#define LONG_TEXT 12344
#define SIGN_IN "magiclink/signin/sms"

extern void *__libc_malloc(size_t size);

static size_t refused_size;
static int refusals;

void *malloc(size_t size) {
    if (size != 0 && size == refused_size) {
        refusals++;
        return NULL;
    }
    return __libc_malloc(size);
}

/* Makes malloc refuse what a copy of this text needs. */
static void refuse(const char *text) {
    refused_size = strlen(text) + 1;
    refusals = 0;
}

static void allow(void) {
    refused_size = 0;
}

static void answers(void) {
    descope_client *client = NULL;
    char *out = NULL;

    CHECK(descope_configure(CONFIG, &out) == DESCOPE_OK);
    CHECK(out != NULL && strcmp(out, "{}") == 0);
    refuse("{}");
    descope_string_free(out);
    CHECK(descope_configure(CONFIG, &out) == DESCOPE_E_INTERNAL);
    CHECK(out == NULL && refusals == 1);
    CHECK(descope_client_new(CONFIG, &client, &out) == DESCOPE_E_INTERNAL);
    CHECK(client == NULL && out == NULL && refusals == 2);
    allow();
}

static void errors(void) {
    char *out = NULL;

    CHECK(descope_call("no/such", "{}", &out) == DESCOPE_E_ARGUMENT);
    CHECK(out != NULL);
    if (out == NULL)
        return;
    refuse(out);
    descope_string_free(out);
    CHECK(descope_call("no/such", "{}", &out) == DESCOPE_E_INTERNAL);
    CHECK(out == NULL && refusals == 1);
    allow();
}

static void documents(void) {
    static char text[LONG_TEXT + 1];
    char *doc = NULL, *before;

    memset(text, 'x', LONG_TEXT);
    CHECK(descope_json_set(&doc, "/a", text) == DESCOPE_OK);
    CHECK(doc != NULL);
    if (doc == NULL)
        return;
    before = doc;
    refuse(doc);
    CHECK(descope_json_set(&doc, "/a", text) == DESCOPE_E_INTERNAL);
    CHECK(doc == before && refusals == 1);
    allow();
    descope_string_free(doc);
}

/* A call that reached the service, and one that reached nobody; the next one is told all again. */
static void calls(const char *config) {
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
        refuse(out);
        CHECK(descope_client_call(client, SIGN_IN, requests[i], &again) == DESCOPE_E_INTERNAL);
        CHECK(again == NULL && refusals == 1);
        allow();
        CHECK(descope_client_call(client, SIGN_IN, requests[i], &again) == status);
        CHECK(again != NULL && strcmp(again, out) == 0);
        descope_string_free(again);
        descope_string_free(out);
    }
    descope_client_free(client);
}

int main(int argc, char **argv) {
    answers();
    errors();
    documents();
    if (argc == 2)
        calls(argv[1]);
    if (failed_checks == 0)
        puts("ok");
    return failed_checks != 0;
}
