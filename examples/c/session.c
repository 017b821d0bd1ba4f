/* Turns the token of a magic link into a session, and checks it as each later request would:
 * session TOKEN. The project comes from the environment (DESCOPE_PROJECT_ID). */
#include <descope_ml.h>

#include <stdio.h>
#include <stdlib.h>

/* Performs an operation whose request has one text; the answer, or NULL once the error is told. */
static char *perform(int32_t (*operation)(const char *, char **), const char *key,
                     const char *text) {
    char *request = NULL, *answer = NULL;
    char message[512] = "";
    int32_t status = descope_json_set(&request, key, text);

    if (status == DESCOPE_OK)
        status = operation(request, &answer);
    descope_string_free(request);
    if (status == DESCOPE_OK)
        return answer;
    if (answer != NULL)
        descope_json_get(answer, "/error/message", message, sizeof message, NULL);
    fprintf(stderr, "%s: %s\n", descope_status_name(status), message);
    descope_string_free(answer);
    return NULL;
}

/* The text under a pointer, or NULL; to be freed. */
static char *text_of(const char *document, const char *pointer) {
    size_t size = 0;
    char *text;

    descope_json_get(document, pointer, NULL, 0, &size);
    text = malloc(size + 1);
    if (text != NULL && descope_json_get(document, pointer, text, size + 1, NULL) != DESCOPE_OK) {
        free(text);
        text = NULL;
    }
    return text;
}

int main(int argc, char **argv) {
    char *signed_in, *jwt = NULL, *session = NULL, *user = NULL;

    if (argc != 2) {
        fprintf(stderr, "usage: %s TOKEN\n", argv[0]);
        return 2;
    }
    signed_in = perform(descope_magiclink_verify, "/token", argv[1]);
    if (signed_in != NULL)
        jwt = text_of(signed_in, "/sessionJwt");
    if (jwt != NULL) /* Keep it in a cookie; it comes back with each request. */
        session = perform(descope_session_validate, "/sessionToken", jwt);
    if (session != NULL)
        user = text_of(session, "/userId");
    if (user != NULL)
        printf("session of %s\n", user);

    free(user);
    descope_string_free(session);
    free(jwt);
    descope_string_free(signed_in);
    return user == NULL;
}
