/* Prints what a call logs.
 *
 * Usage: logged_call CONFIG
 *
 * Makes a client and signs a user up or in. Prints each line of the log, and at last the status of
 * the call and its document, which may be the error document of the client. */
#include <descope_ml.h>

#include <stdio.h>

static void print(int32_t level, const char *message, void *userdata) {
    (void)level, (void)userdata;
    puts(message);
}

int main(int argc, char **argv) {
    const char *const request = "{\"loginId\": \"+14155550123\"}";
    descope_client *client = NULL;
    char *out = NULL;
    int32_t status;

    if (argc != 2 || descope_log_set(print, NULL, NULL, DESCOPE_LOG_DEBUG) != DESCOPE_OK)
        return 2;
    status = descope_client_new(argv[1], &client, &out);
    if (status == DESCOPE_OK) {
        descope_string_free(out);
        status = descope_client_call(client, "magiclink/signup-in/sms", request, &out);
    }
    printf("%d %s\n", (int)status, out != NULL ? out : "{}");
    descope_string_free(out);
    descope_client_free(client);
    return 0;
}
