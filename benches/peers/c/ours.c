/* libdescope_ml through its C ABI. */
#include "harness.h"

#include <descope_ml.h>
#include <stdlib.h>
#include <string.h>

static char *session = NULL; /* the request document of validate */
static char user[256];       /* whose token it is */

/* Tells what the library said, and frees it. */
static int refused(char *answer) {
    harness_complain("the call failed", answer);
    descope_string_free(answer);
    return 1;
}

/* The user in the token, unchecked: what the library must find as well. */
static int read_user(void) {
    const char *start = strchr(harness.token, '.');
    char *claims = malloc(strlen(harness.token) + 1);
    size_t length;
    int status;
    if (!start || !claims) {
        free(claims);
        return harness_complain("BENCH_TOKEN is no token", NULL);
    }
    length = harness_base64url(start + 1, strcspn(start + 1, "."), (unsigned char *)claims);
    claims[length] = '\0';
    status = descope_json_get(claims, "/sub", user, sizeof user, NULL);
    free(claims);
    return status == DESCOPE_OK ? 0 : harness_complain("BENCH_TOKEN has no sub", NULL);
}

static int prepare(const char *scenario) {
    char *config = NULL, *answer = NULL;
    int status = descope_json_set(&config, "/projectId", harness.project);
    if (status == DESCOPE_OK)
        status = descope_json_set(&config, "/baseUrl", harness.url);
    if (status == DESCOPE_OK && *harness.ca)
        status = descope_json_set(&config, "/caFile", harness.ca);
    if (status == DESCOPE_OK)
        status = descope_configure(config, &answer);
    descope_string_free(config);
    if (status != DESCOPE_OK)
        return refused(answer);
    descope_string_free(answer);
    if (strcmp(scenario, "validate") != 0)
        return 0;
    if (descope_json_set(&session, "/sessionToken", harness.token) != DESCOPE_OK)
        return harness_complain("the request cannot be made", NULL);
    return read_user();
}

static int signin(void *kept) {
    char phone[64], *answer = NULL;
    int wrong;
    (void)kept;
    if (descope_magiclink_signin_sms(harness.request, &answer) != DESCOPE_OK
        || descope_json_get(answer, "/maskedPhone", phone, sizeof phone, NULL) != DESCOPE_OK)
        return refused(answer);
    wrong = harness_check_phone(phone);
    descope_string_free(answer);
    return wrong;
}

static int validate(void *kept) {
    char found[256], *answer = NULL;
    (void)kept;
    if (descope_session_validate(session, &answer) != DESCOPE_OK
        || descope_json_get(answer, "/userId", found, sizeof found, NULL) != DESCOPE_OK)
        return refused(answer);
    descope_string_free(answer);
    return strcmp(found, user) == 0 ? 0 : harness_complain("not the token's user", found);
}

int main(int argc, char **argv) {
    static const harness_peer ours = {"ours", prepare, NULL, signin, validate};
    return harness_main(argc, argv, &ours);
}
