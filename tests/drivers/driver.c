/* Drives the C face for the case table. Each line of input is a JSON document with "request",
 * "operation" and, where there is one, "config", all of them texts; "named": true asks for the
 * process's default client. Each line of output is {"status": N, "out": DOCUMENT}. */
#define _POSIX_C_SOURCE 200809L
#include <descope_ml.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
    {"magiclink/signin/email", descope_magiclink_signin_email},
    {"magiclink/signin/sms", descope_magiclink_signin_sms},
    {"magiclink/signin/whatsapp", descope_magiclink_signin_whatsapp},
    {"magiclink/signup/email", descope_magiclink_signup_email},
    {"magiclink/signup-in/email", descope_magiclink_signup_in_email},
    {"magiclink/signup-in/sms", descope_magiclink_signup_in_sms},
    {"magiclink/signup-in/whatsapp", descope_magiclink_signup_in_whatsapp},
    {"magiclink/signup/sms", descope_magiclink_signup_sms},
    {"magiclink/signup/whatsapp", descope_magiclink_signup_whatsapp},
    {"magiclink/update/email", descope_magiclink_update_email},
    {"magiclink/update/phone/sms", descope_magiclink_update_phone_sms},
    {"magiclink/update/phone/whatsapp", descope_magiclink_update_phone_whatsapp},
    {"magiclink/verify", descope_magiclink_verify},
    {"session/history", descope_session_history},
    {"session/logout", descope_session_logout},
    {"session/logout_all", descope_session_logout_all},
    {"session/match_permissions", descope_session_match_permissions},
    {"session/match_roles", descope_session_match_roles},
    {"session/me", descope_session_me},
    {"session/refresh", descope_session_refresh},
    {"session/select_tenant", descope_session_select_tenant},
    {"session/validate", descope_session_validate},
    {"session/validate_remote", descope_session_validate_remote},
    {"test/create_user", descope_test_create_user},
    {"test/delete_all_users", descope_test_delete_all_users},
    {"test/generate_magiclink", descope_test_generate_magiclink},
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
