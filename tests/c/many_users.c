/* Many users over one client, in threads: users CONFIG LOGIN_ID... Each thread takes one user
 * after the other and looks at whose each answer is. Prints login ID, user ID and link token. */
#include <descope_ml.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

#define THREADS 32

/* Room for a token. */
#define TOKEN 4096

static descope_client *client;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char **next_user, **last_user;

static void complain(const char *operation, const char *out) {
    pthread_mutex_lock(&lock);
    failed_checks++;
    fprintf(stderr, "%s: %s\n", operation, out == NULL ? "no document" : out);
    pthread_mutex_unlock(&lock);
}

/* Calls, with a request that says who asks where it has a body; the answer, to be freed. */
static char *ask(const char *operation, const char *key, const char *value, const char *who) {
    char *request = NULL, *out = NULL;
    int32_t status = descope_json_set(&request, key, value);

    if (status == DESCOPE_OK && who != NULL)
        status = descope_json_set(&request, "/extra/who", who);
    if (status == DESCOPE_OK && strcmp(operation, "test/generate_magiclink") == 0)
        status = descope_json_set(&request, "/deliveryMethod", "sms");
    if (status == DESCOPE_OK)
        status = descope_client_call(client, operation, request, &out);
    if (status != DESCOPE_OK)
        complain(operation, out);
    descope_string_free(request);
    return out;
}

static void copy(const char *out, const char *pointer, char *text, size_t size) {
    if (out == NULL || descope_json_get(out, pointer, text, size, NULL) != DESCOPE_OK) {
        complain(pointer, out);
        text[0] = '\0';
    }
}

/* The answer must name this user. */
static void expect(const char *operation, const char *key, const char *value, const char *who,
                   const char *pointer, const char *user_id) {
    char *out = ask(operation, key, value, who);
    char told[64];

    copy(out, pointer, told, sizeof told);
    if (strcmp(told, user_id) != 0)
        complain("this answer is another user's", out);
    descope_string_free(out);
}

static void ended(const char *refresh, const char *who) {
    char *request = NULL, *out = NULL;
    char code[16];

    if (descope_json_set(&request, "/refreshToken", refresh) != DESCOPE_OK
        || descope_json_set(&request, "/extra/who", who) != DESCOPE_OK
        || descope_client_call(client, "session/refresh", request, &out) != DESCOPE_E_API)
        complain("a session that has ended", out);
    copy(out, "/error/errorCode", code, sizeof code);
    if (strcmp(code, "E064001") != 0)
        complain("a session that has ended", out);
    descope_string_free(request);
    descope_string_free(out);
}

static void journey(const char *who, char *session, char *refresh) {
    char user_id[64], link[512], told[64];
    const char *token;
    char *out = ask("test/create_user", "/loginId", who, NULL);

    copy(out, "/user/userId", user_id, sizeof user_id);
    descope_string_free(out);
    out = ask("test/generate_magiclink", "/loginId", who, NULL);
    copy(out, "/link", link, sizeof link);
    descope_string_free(out);
    token = strstr(link, "t=");
    token = token == NULL ? "" : token + 2;
    pthread_mutex_lock(&lock);
    printf("%s %s %s\n", who, user_id, token);
    pthread_mutex_unlock(&lock);

    out = ask("magiclink/verify", "/token", token, who);
    copy(out, "/session/userId", told, sizeof told);
    if (strcmp(told, user_id) != 0)
        complain("this session is another user's", out);
    copy(out, "/sessionJwt", session, TOKEN);
    copy(out, "/refreshJwt", refresh, TOKEN);
    descope_string_free(out);

    expect("session/validate", "/sessionToken", session, NULL, "/userId", user_id);
    expect("session/validate_remote", "/sessionToken", session, who, "/parsedJWT/sub", user_id);
    expect("session/me", "/refreshToken", refresh, NULL, "/userId", user_id);
    expect("session/refresh", "/refreshToken", refresh, who, "/session/userId", user_id);
    expect("session/history", "/refreshToken", refresh, NULL, "/authHistory/0/userId", user_id);
    descope_string_free(ask("session/logout", "/refreshToken", refresh, who));
    ended(refresh, who);
}

static void *work(void *unused) {
    char *session = malloc(TOKEN), *refresh = malloc(TOKEN);

    for (;;) {
        const char *who = NULL;

        pthread_mutex_lock(&lock);
        if (next_user < last_user)
            who = *next_user++;
        pthread_mutex_unlock(&lock);
        if (who == NULL || session == NULL || refresh == NULL)
            break;
        journey(who, session, refresh);
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
        CHECK(pthread_create(&threads[i], NULL, work, NULL) == 0);
    for (i = 0; i < THREADS; i++)
        CHECK(pthread_join(threads[i], NULL) == 0);
    descope_client_free(client);
    return failed_checks != 0;
}
