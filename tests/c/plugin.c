/* A plug-in that contains the static library. tests/c/plugin_host.c loads it.
 *
 * PLUGIN_CLEANS_UP: its destructor calls descope_cleanup, as a plug-in that is really unloaded
 * must. PLUGIN_CALLS_AT_EXIT: its destructor and an exit handler make a call. The default client
 * comes from the environment. */
#include <descope_ml.h>

#include <stdio.h>
#include <stdlib.h>

/* A call, a validation, and calls that need caches. Returns a status. */
int plugin_call(const char *session_token);
void plugin_close(void);

static int32_t sign_in(void) {
    char *out = NULL;
    const int32_t status = descope_magiclink_signin_sms("{\"loginId\": \"+14155550123\"}", &out);

    if (status != DESCOPE_OK)
        fprintf(stderr, "%s\n", out != NULL ? out : "no document");
    descope_string_free(out);
    return status;
}

int plugin_call(const char *session_token) {
    char *request = NULL;
    int32_t status = sign_in();

    if (status == DESCOPE_OK)
        status = descope_json_set(&request, "/sessionToken", session_token);
    if (status == DESCOPE_OK)
        status = descope_session_validate(request, NULL);
    descope_string_free(request);
    return status;
}

void plugin_close(void) {
    descope_cleanup();
}

#ifdef PLUGIN_CLEANS_UP
__attribute__((destructor)) static void clean_up(void) {
    descope_cleanup();
}
#endif

#ifdef PLUGIN_CALLS_AT_EXIT
static void report(const char *where) {
    printf("%s %d\n", where, (int)sign_in());
    fflush(stdout);
}

static void at_exit(void) {
    report("exit handler");
}

__attribute__((constructor)) static void load(void) {
    atexit(at_exit);
}

__attribute__((destructor)) static void unload(void) {
    report("destructor");
    descope_cleanup();
}
#endif
