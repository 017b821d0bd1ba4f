/* Thread isolation: many threads share one client, and each gets only responses for its own user.
 *
 * Usage: thread_isolation CONFIG HOST_NAME_CONFIG THREADS CALLS
 *
 * Every fourth thread makes a new client for each call instead, from HOST_NAME_CONFIG, whose base
 * URL has a host name to look up. The server must support test users. THREADS is at most 64. */
#define _POSIX_C_SOURCE 200809L
#include <descope_ml.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

#define MAX_THREADS 64

static descope_client *shared;
static const char *host_name_config;
static int calls_per_thread;
static pthread_barrier_t start_barrier;

/* A thread with its own user. */
struct worker {
    int number;
    char phone[24];
    int correct_responses;
};

/* Makes a call with the shared client, or with a new client in every fourth thread. Returns the
 * response, which the caller frees, or NULL if the call failed. */
static char *call_operation(const struct worker *worker, const char *operation,
                            const char *request) {
    descope_client *own = NULL, *client = shared;
    char *out = NULL;
    int32_t status = DESCOPE_OK;

    if (worker->number % 4 == 3) {
        status = descope_client_new(host_name_config, &own, &out);
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

/* Makes a call whose request has one field `name`, and the login ID unless that field is a token.
 * Copies the response's field `pointer` to `found`, or "" if the call failed. */
static void call_and_get(const struct worker *worker, const char *operation, const char *name,
                         const char *value, const char *pointer, char *found, size_t size) {
    char *request = NULL, *out;

    found[0] = '\0';
    if (strcmp(name, "/token") != 0 && strcmp(name, "/refreshToken") != 0)
        CHECK(descope_json_set(&request, "/loginId", worker->phone) == DESCOPE_OK);
    CHECK(descope_json_set(&request, name, value) == DESCOPE_OK);
    out = call_operation(worker, operation, request);
    if (out != NULL)
        CHECK(descope_json_get(out, pointer, found, size, NULL) == DESCOPE_OK);
    descope_string_free(out);
    descope_string_free(request);
}

/* Signs the user in with a magic link. Returns whether the session belongs to this user. */
static int session_is_own(const struct worker *worker) {
    char phone[32], link[512], refresh[4096], me[32];
    const char *token;

    call_and_get(worker, "test/create_user", "/phone", worker->phone, "/user/phone", phone,
                 sizeof phone);
    call_and_get(worker, "test/generate_magiclink", "/deliveryMethod", "sms", "/link", link,
                 sizeof link);
    token = strstr(link, "t=");
    if (token == NULL)
        return 0;
    call_and_get(worker, "magiclink/verify", "/token", token + 2, "/refreshJwt", refresh,
                 sizeof refresh);
    call_and_get(worker, "session/me", "/refreshToken", refresh, "/loginIds/0", me, sizeof me);
    return strcmp(phone, worker->phone) == 0 && strcmp(me, worker->phone) == 0;
}

static void *run_worker(void *argument) {
    struct worker *const worker = argument;
    const char *const last_digits = worker->phone + strlen(worker->phone) - 2;
    int i;

    pthread_barrier_wait(&start_barrier);
    if (!session_is_own(worker))
        return NULL;
    for (i = 0; i < calls_per_thread; i++) {
        char masked[32];

        call_and_get(worker, "magiclink/signin/sms", "/redirectUrl", "https://app.example.com/v",
                     "/maskedPhone", masked, sizeof masked);
        if (strlen(masked) > 2 && strcmp(masked + strlen(masked) - 2, last_digits) == 0)
            worker->correct_responses++;
        else
            fprintf(stderr, "thread %d got an unexpected maskedPhone: \"%s\"\n", worker->number,
                    masked);
    }
    return NULL;
}

int main(int argc, char **argv) {
    static struct worker workers[MAX_THREADS];
    pthread_t threads[MAX_THREADS];
    const int count = argc == 5 ? atoi(argv[3]) : 0;
    int i;

    CHECK(count > 0 && count <= MAX_THREADS);
    if (count <= 0 || count > MAX_THREADS)
        return 2;
    host_name_config = argv[2];
    calls_per_thread = atoi(argv[4]);
    CHECK(descope_client_new(argv[1], &shared, NULL) == DESCOPE_OK);
    CHECK(pthread_barrier_init(&start_barrier, NULL, (unsigned)count) == 0);
    for (i = 0; i < count; i++) {
        workers[i].number = i;
        snprintf(workers[i].phone, sizeof workers[i].phone, "+1415555%04d", i);
        CHECK(pthread_create(&threads[i], NULL, run_worker, &workers[i]) == 0);
    }
    for (i = 0; i < count; i++) {
        CHECK(pthread_join(threads[i], NULL) == 0);
        CHECK(workers[i].correct_responses == calls_per_thread);
    }
    CHECK(pthread_barrier_destroy(&start_barrier) == 0);
    descope_client_free(shared);
    return finish_checks();
}
