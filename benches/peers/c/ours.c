/* libdescope_ml through its C ABI. */
#include "harness.h"

#include <descope_ml.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *validate_request = NULL;
static char user[256]; /* the user ID in the token */

/* Prints the error document and frees it. */
static int call_error(char *response) {
    harness_error("the call failed", response);
    descope_string_free(response);
    return 1;
}

/* Reads the user ID from the token without validating it; the library must return the same. */
static int read_user(void) {
    const char *start = strchr(harness.token, '.');
    char *claims = malloc(strlen(harness.token) + 1);
    size_t length;
    int status;
    if (!start || !claims) {
        free(claims);
        return harness_error("BENCH_TOKEN is not a token", NULL);
    }
    length = harness_base64url(start + 1, strcspn(start + 1, "."), (unsigned char *)claims);
    claims[length] = '\0';
    status = descope_json_get(claims, "/sub", user, sizeof user, NULL);
    free(claims);
    return status == DESCOPE_OK ? 0 : harness_error("BENCH_TOKEN has no sub", NULL);
}

static int allow_a_connection_for_each_task(char **config) {
    char number[16];
    int status;
    snprintf(number, sizeof number, "%d", HARNESS_MAX_TASKS);
    status = descope_json_put(config, "/maxConnections", number);
    return status == DESCOPE_OK ? descope_json_put(config, "/maxIdleConnections", number) : status;
}

static int prepare(const char *scenario) {
    const char *verified_tokens = getenv("BENCH_VERIFIED_TOKENS");
    char *config = NULL, *response = NULL;
    int status = descope_json_set(&config, "/projectId", harness.project);
    if (status == DESCOPE_OK)
        status = descope_json_set(&config, "/baseUrl", harness.url);
    if (status == DESCOPE_OK && *harness.ca)
        status = descope_json_set(&config, "/caFile", harness.ca);
    if (status == DESCOPE_OK)
        status = descope_json_put(&config, "/verifiedTokens",
                                  verified_tokens != NULL ? verified_tokens : "0");
    if (status == DESCOPE_OK && strcmp(scenario, "signin-async") == 0)
        status = allow_a_connection_for_each_task(&config);
    if (status == DESCOPE_OK)
        status = descope_configure(config, &response);
    descope_string_free(config);
    if (status != DESCOPE_OK)
        return call_error(response);
    descope_string_free(response);
    if (strcmp(scenario, "validate") != 0)
        return 0;
    if (descope_json_set(&validate_request, "/sessionToken", harness.token) != DESCOPE_OK)
        return harness_error("cannot create the request", NULL);
    return read_user();
}

/* Checks the response of a sign-in and frees it. */
static int check_signin(int status, char *response) {
    char phone[64];
    int wrong;
    if (status != DESCOPE_OK
        || descope_json_get(response, "/maskedPhone", phone, sizeof phone, NULL) != DESCOPE_OK)
        return call_error(response);
    wrong = harness_check_phone(phone);
    descope_string_free(response);
    return wrong;
}

static int signin(void *client) {
    char *response = NULL;
    int status = descope_magiclink_signin_sms(harness.request, &response);
    (void)client;
    return check_signin(status, response);
}

static void *open_queue(void) {
    descope_queue *queue = NULL;
    char *response = NULL;
    if (descope_queue_new(NULL, &queue, &response) != DESCOPE_OK)
        call_error(response);
    else
        descope_string_free(response);
    return queue;
}

static int start(void *queue, size_t task) {
    int status = descope_queue_submit(queue, "magiclink/signin/sms", harness.request, task, NULL);
    return status == DESCOPE_OK ? 0 : harness_error("cannot submit", descope_status_name(status));
}

static int finish(void *queue, size_t *task) {
    uint64_t tag = 0;
    char *response = NULL;
    int status, next;
    do
        next = descope_queue_next(queue, -1, &tag, &status, &response);
    while (next == DESCOPE_PENDING);
    if (next != DESCOPE_OK)
        return harness_error("no call to wait for", descope_status_name(next));
    *task = tag;
    return check_signin(status, response);
}

static int validate(void *client) {
    char found[256], *response = NULL;
    (void)client;
    if (descope_session_validate(validate_request, &response) != DESCOPE_OK
        || descope_json_get(response, "/userId", found, sizeof found, NULL) != DESCOPE_OK)
        return call_error(response);
    descope_string_free(response);
    return strcmp(found, user) == 0
               ? 0
               : harness_error("the response has another user ID than the token", found);
}

int main(int argc, char **argv) {
    static const harness_async queue = {open_queue, start, finish};
    static const harness_peer ours = {"ours", prepare, NULL, signin, validate, &queue};
    return harness_main(argc, argv, &ours);
}
