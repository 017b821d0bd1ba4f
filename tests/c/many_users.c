/* Many users sign in through one client from many threads. Each response must belong to the user
 * who made the request.
 *
 * Usage: many_users CONFIG LOGIN_ID...
 *
 * Each thread takes one user after the other. Prints the login ID, the user ID and the magic link's
 * token of each user. */
#include <descope_ml.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

#define THREADS 32

/* Size of a buffer for a token. */
#define TOKEN_SIZE 4096

static descope_client *client;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char **next_user, **last_user;

static void report_failure(const char *operation, const char *out) {
    pthread_mutex_lock(&lock);
    failed_checks++;
    fprintf(stderr, "%s: %s\n", operation, out == NULL ? "no document" : out);
    pthread_mutex_unlock(&lock);
}

/* Makes a call. If `login_id` is not NULL, the request's body names it in an extra field, so that
 * the test's server sees whose request it is. Returns the response, which the caller frees. */
static char *call_operation(const char *operation, const char *key, const char *value,
                            const char *login_id) {
    char *request = NULL, *out = NULL;
    int32_t status = descope_json_set(&request, key, value);

    if (status == DESCOPE_OK && login_id != NULL)
        status = descope_json_set(&request, "/extra/who", login_id);
    if (status == DESCOPE_OK && strcmp(operation, "test/generate_magiclink") == 0)
        status = descope_json_set(&request, "/deliveryMethod", "sms");
    if (status == DESCOPE_OK)
        status = descope_client_call(client, operation, request, &out);
    if (status != DESCOPE_OK)
        report_failure(operation, out);
    descope_string_free(request);
    return out;
}

static void copy_field(const char *out, const char *pointer, char *text, size_t size) {
    if (out == NULL || descope_json_get(out, pointer, text, size, NULL) != DESCOPE_OK) {
        report_failure(pointer, out);
        text[0] = '\0';
    }
}

/* Makes a call and checks that the response names this user. */
static void check_user_id(const char *operation, const char *key, const char *value,
                          const char *login_id, const char *pointer, const char *user_id) {
    char *out = call_operation(operation, key, value, login_id);
    char found[64];

    copy_field(out, pointer, found, sizeof found);
    if (strcmp(found, user_id) != 0)
        report_failure("the response belongs to another user", out);
    descope_string_free(out);
}

static void check_session_has_ended(const char *refresh, const char *login_id) {
    char *request = NULL, *out = NULL;
    char code[16];

    if (descope_json_set(&request, "/refreshToken", refresh) != DESCOPE_OK
        || descope_json_set(&request, "/extra/who", login_id) != DESCOPE_OK
        || descope_client_call(client, "session/refresh", request, &out) != DESCOPE_E_API)
        report_failure("session/refresh must fail after logout", out);
    copy_field(out, "/error/errorCode", code, sizeof code);
    if (strcmp(code, "E064001") != 0)
        report_failure("session/refresh must fail after logout", out);
    descope_string_free(request);
    descope_string_free(out);
}

static void test_one_user(const char *login_id, char *session, char *refresh) {
    char user_id[64], link[512], found[64];
    const char *token;
    char *out = call_operation("test/create_user", "/loginId", login_id, NULL);

    copy_field(out, "/user/userId", user_id, sizeof user_id);
    descope_string_free(out);
    out = call_operation("test/generate_magiclink", "/loginId", login_id, NULL);
    copy_field(out, "/link", link, sizeof link);
    descope_string_free(out);
    token = strstr(link, "t=");
    token = token == NULL ? "" : token + 2;
    pthread_mutex_lock(&lock);
    printf("%s %s %s\n", login_id, user_id, token);
    pthread_mutex_unlock(&lock);

    out = call_operation("magiclink/verify", "/token", token, login_id);
    copy_field(out, "/session/userId", found, sizeof found);
    if (strcmp(found, user_id) != 0)
        report_failure("the session belongs to another user", out);
    copy_field(out, "/sessionJwt", session, TOKEN_SIZE);
    copy_field(out, "/refreshJwt", refresh, TOKEN_SIZE);
    descope_string_free(out);

    check_user_id("session/validate", "/sessionToken", session, NULL, "/userId", user_id);
    check_user_id("session/validate_remote", "/sessionToken", session, login_id, "/parsedJWT/sub",
                  user_id);
    check_user_id("session/me", "/refreshToken", refresh, NULL, "/userId", user_id);
    check_user_id("session/refresh", "/refreshToken", refresh, login_id, "/session/userId",
                  user_id);
    check_user_id("session/history", "/refreshToken", refresh, NULL, "/authHistory/0/userId",
                  user_id);
    descope_string_free(call_operation("session/logout", "/refreshToken", refresh, login_id));
    check_session_has_ended(refresh, login_id);
}

static void *run_worker(void *unused) {
    char *session = malloc(TOKEN_SIZE), *refresh = malloc(TOKEN_SIZE);

    for (;;) {
        const char *login_id = NULL;

        pthread_mutex_lock(&lock);
        if (next_user < last_user)
            login_id = *next_user++;
        pthread_mutex_unlock(&lock);
        if (login_id == NULL || session == NULL || refresh == NULL)
            break;
        test_one_user(login_id, session, refresh);
    }
    free(session);
    free(refresh);
    return unused;
}

int main(int argc, char **argv) {
    pthread_t threads[THREADS];
    int i;

    CHECK(argc > 2);
    next_user = argv + 2;
    last_user = argv + argc;
    CHECK(descope_client_new(argv[1], &client, NULL) == DESCOPE_OK);
    for (i = 0; i < THREADS; i++)
        CHECK(pthread_create(&threads[i], NULL, run_worker, NULL) == 0);
    for (i = 0; i < THREADS; i++)
        CHECK(pthread_join(threads[i], NULL) == 0);
    descope_client_free(client);
    return failed_checks != 0;
}
