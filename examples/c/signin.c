/* Sends a magic link by SMS to an existing user.
 *
 *     DESCOPE_PROJECT_ID=P... ./signin LOGIN_ID [REDIRECT_URL]
 *
 * Without arguments the login ID comes from DESCOPE_LOGIN_ID. */
#include <descope_ml.h>

#include <stdio.h>
#include <stdlib.h>

/* Returns the value at a JSON pointer, or NULL. The caller frees it. */
static char *get_value(const char *document, const char *pointer) {
    size_t size = 0;

    if (descope_json_get(document, pointer, NULL, 0, &size) != DESCOPE_E_BUFFER)
        return NULL;
    char *value = malloc(size);
    if (value != NULL && descope_json_get(document, pointer, value, size, NULL) != DESCOPE_OK) {
        free(value);
        value = NULL;
    }
    return value;
}

/* The outcome "unknown" means that the message may have been sent. */
static void print_error(int32_t status, const char *document) {
    char *message = get_value(document, "/error/message");
    char *outcome = get_value(document, "/error/outcome");

    fprintf(stderr, "%s: %s (%s)\n", descope_status_name(status),
            message != NULL ? message : "no error document",
            outcome != NULL ? outcome : "not_sent");
    free(message);
    free(outcome);
}

int main(int argc, char **argv) {
    const char *login_id = argc > 1 ? argv[1] : getenv("DESCOPE_LOGIN_ID");
    if (login_id == NULL) {
        fprintf(stderr, "usage: %s LOGIN_ID [REDIRECT_URL]\n", argv[0]);
        return 2;
    }

    char *request = NULL, *response = NULL;
    int32_t status = descope_json_set(&request, "/loginId", login_id);
    if (status == DESCOPE_OK && argc > 2)
        status = descope_json_set(&request, "/redirectUrl", argv[2]);
    if (status == DESCOPE_OK)
        status = descope_magiclink_signin_sms(request, &response);

    if (status == DESCOPE_OK) {
        char *phone = get_value(response, "/maskedPhone");
        printf("sent to %s\n", phone != NULL ? phone : "the user");
        free(phone);
    } else {
        print_error(status, response);
    }
    descope_string_free(request);
    descope_string_free(response);
    return status == DESCOPE_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
