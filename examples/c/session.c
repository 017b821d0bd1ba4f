/* Exchanges the token of a magic link for a session, then validates the session JWT, as a server
 * does on each later request.
 *
 *     DESCOPE_PROJECT_ID=P... ./session TOKEN */
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

/* Calls an operation with a request of one string. Returns the response, or prints the error and
 * returns NULL. */
static char *call(int32_t (*operation)(const char *, char **), const char *pointer,
                  const char *value) {
    char *request = NULL, *response = NULL;
    int32_t status = descope_json_set(&request, pointer, value);

    if (status == DESCOPE_OK)
        status = operation(request, &response);
    descope_string_free(request);
    if (status == DESCOPE_OK)
        return response;

    char *message = get_value(response, "/error/message");
    fprintf(stderr, "%s: %s\n", descope_status_name(status),
            message != NULL ? message : "no error document");
    free(message);
    descope_string_free(response);
    return NULL;
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: %s TOKEN\n", argv[0]);
        return 2;
    }
    char *jwt = NULL, *session = NULL, *user_id = NULL;
    char *login = call(descope_magiclink_verify, "/token", argv[1]);

    if (login != NULL)
        jwt = get_value(login, "/sessionJwt");
    if (jwt != NULL) /* Store the JWT in a cookie. The browser sends it with each request. */
        session = call(descope_session_validate, "/sessionToken", jwt);
    if (session != NULL)
        user_id = get_value(session, "/userId");
    if (user_id != NULL)
        printf("session of %s\n", user_id);

    const int exit_code = user_id != NULL ? EXIT_SUCCESS : EXIT_FAILURE;
    free(user_id);
    descope_string_free(session);
    free(jwt);
    descope_string_free(login);
    return exit_code;
}
