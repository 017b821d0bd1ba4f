/* Many threads on one client, each with a user of its own whose answers no other may get, while
 * others make clients and free them: crowd CONFIG NAMED_CONFIG THREADS CALLS. Every fourth thread
 * makes a client for each call. Needs a service with test users, and no more than 64 threads. */
#define _POSIX_C_SOURCE 200809L
#include <descope_ml.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

#define MOST 64

static descope_client *shared;
static const char *named_config;
static int calls;
static pthread_barrier_t all_here;

/* A thread and its user. */
struct member {
    int number;
    char phone[24];
    int good;
};

/* A call with the shared client or with one that is made for it; the answer, or NULL. */
static char *perform(const struct member *member, const char *operation, const char *request) {
    descope_client *own = NULL, *client = shared;
    char *out = NULL;
    int32_t status = DESCOPE_OK;

    if (member->number % 4 == 3) {
        status = descope_client_new(named_config, &own, &out);
        descope_string_free(out);
        client = own;
    }
    if (status == DESCOPE_OK)
        status = descope_client_call(client, operation, request, &out);
    descope_client_free(own);
    if (status == DESCOPE_OK)
        return out;
    fprintf(stderr, "%s: %s\n", operation, out != NULL ? out : "no document");
    descope_string_free(out);
    return NULL;
}

/* A call with a request of one text beside the login ID; a text of its answer, or "". */
static void ask(const struct member *member, const char *operation, const char *name,
                const char *value, const char *wanted, char *found, size_t size) {
    char *request = NULL, *out;

    found[0] = '\0';
    if (strcmp(name, "/token") != 0 && strcmp(name, "/refreshToken") != 0)
        CHECK(descope_json_set(&request, "/loginId", member->phone) == DESCOPE_OK);
    CHECK(descope_json_set(&request, name, value) == DESCOPE_OK);
    out = perform(member, operation, request);
    if (out != NULL)
        CHECK(descope_json_get(out, wanted, found, size, NULL) == DESCOPE_OK);
    descope_string_free(out);
    descope_string_free(request);
}

/* The user's own session, by a link, and who the service says that the user is. */
static int has_its_own_session(const struct member *member) {
    char phone[32], link[512], refresh[4096], who[32];
    const char *token;

    ask(member, "test/create_user", "/phone", member->phone, "/user/phone", phone, sizeof phone);
    ask(member, "test/generate_magiclink", "/deliveryMethod", "sms", "/link", link, sizeof link);
    token = strstr(link, "t=");
    if (token == NULL)
        return 0;
    ask(member, "magiclink/verify", "/token", token + 2, "/refreshJwt", refresh, sizeof refresh);
    ask(member, "session/me", "/refreshToken", refresh, "/loginIds/0", who, sizeof who);
    return strcmp(phone, member->phone) == 0 && strcmp(who, member->phone) == 0;
}

static void *work(void *mine) {
    struct member *const member = mine;
    const char *const last_digits = member->phone + strlen(member->phone) - 2;
    int i;

    pthread_barrier_wait(&all_here);
    if (!has_its_own_session(member))
        return NULL;
    for (i = 0; i < calls; i++) {
        char masked[32];

        ask(member, "magiclink/signin/sms", "/redirectUrl", "https://app.example.com/v",
            "/maskedPhone", masked, sizeof masked);
        if (strlen(masked) > 2 && strcmp(masked + strlen(masked) - 2, last_digits) == 0)
            member->good++;
        else
            fprintf(stderr, "thread %d was told of %s\n", member->number, masked);
    }
    return NULL;
}

int main(int argc, char **argv) {
    static struct member members[MOST];
    pthread_t threads[MOST];
    const int count = argc == 5 ? atoi(argv[3]) : 0;
    int i;

    CHECK(count > 0 && count <= MOST);
    if (count <= 0 || count > MOST)
        return 2;
    named_config = argv[2];
    calls = atoi(argv[4]);
    CHECK(descope_client_new(argv[1], &shared, NULL) == DESCOPE_OK);
    CHECK(pthread_barrier_init(&all_here, NULL, (unsigned)count) == 0);
    for (i = 0; i < count; i++) {
        members[i].number = i;
        snprintf(members[i].phone, sizeof members[i].phone, "+1415555%04d", i);
        CHECK(pthread_create(&threads[i], NULL, work, &members[i]) == 0);
    }
    for (i = 0; i < count; i++) {
        CHECK(pthread_join(threads[i], NULL) == 0);
        CHECK(members[i].good == calls);
    }
    CHECK(pthread_barrier_destroy(&all_here) == 0);
    descope_client_free(shared);
    if (failed_checks == 0)
        puts("ok");
    return failed_checks != 0;
}
