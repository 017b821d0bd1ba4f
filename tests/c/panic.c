/* A panic inside the library becomes the status DESCOPE_E_INTERNAL; the library and the process
 * keep working. Needs a library built with the feature test-panic, which adds the operation
 * test/panic. */
#include <descope_ml.h>

#include <string.h>

#include "check.h"

int main(void) {
    descope_client *client = NULL;
    char *out = NULL;
    char name[32] = "", outcome[16] = "";
    int i;

    CHECK(descope_client_new("{\"projectId\": \"P1\"}", &client, NULL) == DESCOPE_OK);
    for (i = 0; i < 3; i++) {
        CHECK(descope_call("test/panic", "{}", &out) == DESCOPE_E_INTERNAL);
        CHECK(descope_json_get(out, "/error/name", name, sizeof name, NULL) == DESCOPE_OK);
        CHECK(strcmp(name, "DESCOPE_E_INTERNAL") == 0);
        descope_string_free(out);
        CHECK(descope_client_call(client, "test/panic", "{}", &out) == DESCOPE_E_INTERNAL);
        CHECK(descope_json_get(out, "/error/outcome", outcome, sizeof outcome, NULL) == DESCOPE_OK);
        CHECK(strcmp(outcome, "unknown") == 0);
        descope_string_free(out);
        CHECK(descope_client_call(client, "magiclink/signin/sms", "{}", NULL)
              == DESCOPE_E_ARGUMENT);
    }
    descope_client_free(client);
    return finish_checks();
}
