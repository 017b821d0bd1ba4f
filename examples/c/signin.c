/* Sends a magic link by SMS: signin LOGIN_ID [REDIRECT_URL]. The project comes from the environment
 * (DESCOPE_PROJECT_ID), as does the login ID when no argument gives it (DESCOPE_LOGIN_ID). */
#include <descope_ml.h>

#include <stdio.h>
#include <stdlib.h>

/* Prints what an error document says, and whether a message may have been sent. */
static void explain(int32_t status, const char *document) {
    char message[512] = "", outcome[16] = "";

    if (document != NULL) {
        descope_json_get(document, "/error/message", message, sizeof message, NULL);
        descope_json_get(document, "/error/outcome", outcome, sizeof outcome, NULL);
    }
    fprintf(stderr, "%s: %s (%s)\n", descope_status_name(status), message, outcome);
}

int main(int argc, char **argv) {
    const char *login_id = argc > 1 ? argv[1] : getenv("DESCOPE_LOGIN_ID");
    char *request = NULL, *answer = NULL;
    char phone[64];
    int32_t status;

    if (login_id == NULL) {
        fprintf(stderr, "usage: %s LOGIN_ID [REDIRECT_URL]\n", argv[0]);
        return 2;
    }
    status = descope_json_set(&request, "/loginId", login_id);
    if (status == DESCOPE_OK && argc > 2)
        status = descope_json_set(&request, "/redirectUrl", argv[2]);
    if (status == DESCOPE_OK)
        status = descope_magiclink_signin_sms(request, &answer);
    if (status == DESCOPE_OK)
        status = descope_json_get(answer, "/maskedPhone", phone, sizeof phone, NULL);

    if (status == DESCOPE_OK)
        printf("sent to %s\n", phone);
    else
        explain(status, answer);

    descope_string_free(request);
    descope_string_free(answer);
    return status == DESCOPE_OK ? 0 : 1;
}
