/* The environment: a variable is read only for a value that the configuration does not have.
 *
 * Usage: environment COMPLETE WITHOUT_ENVIRONMENT MINIMAL
 *
 * Makes a client with each configuration, and a call with the first two. Counts how often the
 * library reads a variable: this program has a getenv of its own. */
#include <descope_ml.h>

#include <stdlib.h>
#include <string.h>

#include "check.h"

#define REQUEST "{\"loginId\": \"+14155550123\"}"

extern char **environ;

static int reads;

char *getenv(const char *name) {
    const size_t length = strlen(name);
    char **variable;

    reads++;
    for (variable = environ; *variable != NULL; variable++) {
        if (strncmp(*variable, name, length) == 0 && (*variable)[length] == '=')
            return *variable + length + 1;
    }
    return NULL;
}

static void sign_in(const char *config) {
    descope_client *client = NULL;
    char *out = NULL;

    if (descope_client_new(config, &client, &out) != DESCOPE_OK
        || descope_client_call(client, "magiclink/signin/sms", REQUEST, NULL) != DESCOPE_OK) {
        fprintf(stderr, "%s\n", out != NULL ? out : "the call failed");
        failed_checks++;
    }
    descope_string_free(out);
    descope_client_free(client);
}

int main(int argc, char **argv) {
    descope_client *client = NULL;

    if (argc != 4)
        return 2;
    sign_in(argv[1]);
    sign_in(argv[2]);
    CHECK(reads == 0);
    CHECK(descope_client_new(argv[3], &client, NULL) == DESCOPE_OK);
    CHECK(reads > 0);
    descope_client_free(client);
    return finish_checks();
}
