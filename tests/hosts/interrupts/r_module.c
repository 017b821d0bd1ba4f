/* A call of the library for R. After an interrupt, R's own check raises the condition. */
#include <descope_ml.h>

#include <R.h>
#include <Rinternals.h>

SEXP descope_r_call(SEXP config, SEXP operation, SEXP request);

static const char *text(SEXP value) {
    return CHAR(STRING_ELT(value, 0));
}

SEXP descope_r_call(SEXP config, SEXP operation, SEXP request) {
    descope_client *client = NULL;
    char *out = NULL, outcome[16] = "";
    int32_t status = descope_client_new(text(config), &client, NULL);

    if (status == DESCOPE_OK)
        status = descope_client_call(client, text(operation), text(request), &out);
    descope_json_get(out, "/error/outcome", outcome, sizeof outcome, NULL);
    descope_string_free(out);
    descope_client_free(client);
    Rprintf("%s %s\n", descope_status_name(status), outcome);
    if (status == DESCOPE_E_CANCELLED)
        R_CheckUserInterrupt();
    return ScalarInteger(status);
}
