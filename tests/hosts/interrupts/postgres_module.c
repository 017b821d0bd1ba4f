/* A function of PostgreSQL that calls an operation. PostgreSQL's own check raises the error of an
 * interrupt. */
#include <postgres.h>

#include <descope_ml.h>
#include <fmgr.h>
#include <miscadmin.h>
#include <utils/builtins.h>

PG_MODULE_MAGIC;
PG_FUNCTION_INFO_V1(descope_pg_call);

Datum descope_pg_call(PG_FUNCTION_ARGS) {
    const char *const config = text_to_cstring(PG_GETARG_TEXT_PP(0));
    const char *const operation = text_to_cstring(PG_GETARG_TEXT_PP(1));
    const char *const request = text_to_cstring(PG_GETARG_TEXT_PP(2));
    descope_client *client = NULL;
    char *out = NULL, outcome[16] = "";
    int32_t status = descope_client_new(config, &client, NULL);

    if (status == DESCOPE_OK)
        status = descope_client_call(client, operation, request, &out);
    descope_json_get(out, "/error/outcome", outcome, sizeof outcome, NULL);
    descope_string_free(out);
    descope_client_free(client);
    ereport(NOTICE, errmsg("%s %s", descope_status_name(status), outcome));
    if (status == DESCOPE_E_CANCELLED)
        CHECK_FOR_INTERRUPTS();
    PG_RETURN_INT32(status);
}
