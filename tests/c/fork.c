/* Children of one process, each of which makes calls: fork HOW CONFIG NAMED_CONFIG FORKS.
 *
 * HOW is what the parent has done: "first", nothing yet, so that the default client is made from
 * the environment on either side; "pooled", calls whose connection is kept; "busy", its threads are
 * in calls and in look-ups of a name. The login ID of each request is the process's ID: whoever
 * serves them sees which process speaks on which connection. */
#define _POSIX_C_SOURCE 200809L
#include <descope_ml.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

#define SIGN_IN "magiclink/signin/sms"
#define CALLERS 4

/* Seconds after which a child is taken for hung. */
#define PATIENCE 60

static descope_client *shared;
static const char *config, *named_config;
static atomic_int stopped, under_way;

/* A call with a client, or with the default one for NULL; whether it brought the answer. */
static int signs_in(const descope_client *client) {
    char request[64], phone[64], *out = NULL;
    int32_t status;
    int good;

    snprintf(request, sizeof request, "{\"loginId\": \"%ld\"}", (long)getpid());
    status = client != NULL ? descope_client_call(client, SIGN_IN, request, &out)
                            : descope_magiclink_signin_sms(request, &out);
    good = status == DESCOPE_OK
           && descope_json_get(out, "/maskedPhone", phone, sizeof phone, NULL) == DESCOPE_OK;
    if (!good)
        fprintf(stderr, "%s\n", out != NULL ? out : "no document");
    descope_string_free(out);
    return good;
}

static int signs_in_with_a_client_of_its_own(const char *with) {
    descope_client *own = NULL;
    int good = descope_client_new(with, &own, NULL) == DESCOPE_OK && signs_in(own);

    descope_client_free(own);
    return good;
}

/* What a child does: calls with what it has inherited, twice to use a connection again, and with a
 * client that it makes; it may free what it inherited. */
static int a_childs_life(void) {
    const int good =
        signs_in(shared) && signs_in(shared) && signs_in_with_a_client_of_its_own(config);

    descope_client_free(shared);
    return good;
}

static void a_child(void) {
    const pid_t child = fork();
    int status = 1;

    CHECK(child >= 0);
    if (child == 0) {
        alarm(PATIENCE);
        _exit(a_childs_life() ? 0 : 1);
    }
    CHECK(waitpid(child, &status, 0) == child && status == 0);
}

static void *call_on(void *number) {
    const int looks_up = *(int *)number % 2;
    int good = 1;

    while (good && !atomic_load(&stopped)) {
        good = looks_up ? signs_in_with_a_client_of_its_own(named_config) : signs_in(shared);
        atomic_fetch_add(&under_way, 1);
    }
    return good ? number : NULL;
}

static void fork_often(int forks) {
    int i;

    for (i = 0; i < forks && failed_checks == 0; i++)
        a_child();
}

static void fork_while_others_call(int forks) {
    pthread_t callers[CALLERS];
    int numbers[CALLERS], i;

    for (i = 0; i < CALLERS; i++) {
        numbers[i] = i;
        CHECK(pthread_create(&callers[i], NULL, call_on, &numbers[i]) == 0);
    }
    while (atomic_load(&under_way) < CALLERS)
        sched_yield();
    fork_often(forks);
    atomic_store(&stopped, 1);
    for (i = 0; i < CALLERS; i++) {
        void *result = NULL;

        CHECK(pthread_join(callers[i], &result) == 0);
        CHECK(result == &numbers[i]);
    }
}

int main(int argc, char **argv) {
    const char *how = argc == 5 ? argv[1] : "";

    CHECK(argc == 5);
    if (argc != 5)
        return 2;
    config = argv[2];
    named_config = argv[3];
    if (strcmp(how, "first") != 0) {
        CHECK(descope_client_new(config, &shared, NULL) == DESCOPE_OK);
        CHECK(signs_in(shared));
    }
    if (strcmp(how, "busy") == 0)
        fork_while_others_call(atoi(argv[4]));
    else
        fork_often(atoi(argv[4]));
    CHECK(signs_in(shared));
    CHECK(signs_in(shared));
    descope_client_free(shared);
    if (failed_checks == 0)
        puts("ok");
    return failed_checks != 0;
}
