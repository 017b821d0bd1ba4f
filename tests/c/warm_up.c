/* Warm-up: descope_client_warm_up and descope_warm_up open a connection before the first call.
 *
 * Usage: warm_up STEP CONFIG
 *
 * STEP is one of:
 *   call     Warms up twice, then calls from another thread and from the main thread.
 *   closed   Warms up, waits for a line of input, and then calls.
 *   default  Warms up the default client, then calls with it.
 *   fail     Warms up and prints the status and the document.
 *
 * The test's server counts the connections. */
#include <descope_ml.h>

#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "check.h"

static const char *REQUEST = "{\"loginId\": \"+14155550123\"}";
static descope_client *client;

static void warm_up(void) {
    char *out = NULL;
    CHECK(descope_client_warm_up(client, &out) == DESCOPE_OK);
    CHECK(out != NULL && strcmp(out, "{}") == 0);
    descope_string_free(out);
}

static void *call(void *unused) {
    char *out = NULL;
    if (descope_client_call(client, "magiclink/signin/sms", REQUEST, &out) != DESCOPE_OK) {
        fprintf(stderr, "%s\n", out == NULL ? "no document" : out);
        failed_checks++;
    }
    descope_string_free(out);
    return unused;
}

/* Makes the call in another thread. */
static void call_in_other_thread(void) {
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, call, NULL) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
}

/* Waits for a line of input, or for its end. */
static void wait_for_input(void) {
    char line[8];
    printf("waiting\n");
    fflush(stdout);
    CHECK(read(STDIN_FILENO, line, sizeof line) >= 0);
}

int main(int argc, char **argv) {
    char *out = NULL;
    int32_t status;

    if (argc != 3)
        return 2;
    CHECK(descope_client_warm_up(NULL, &out) == DESCOPE_E_ARGUMENT);
    CHECK(out != NULL && strstr(out, "\"not_sent\"") != NULL);
    descope_string_free(out);
    CHECK(descope_client_new(argv[2], &client, NULL) == DESCOPE_OK);
    if (strcmp(argv[1], "call") == 0) {
        warm_up();
        warm_up();
        call_in_other_thread();
        call(NULL);
    } else if (strcmp(argv[1], "closed") == 0) {
        warm_up();
        wait_for_input();
        call(NULL);
    } else if (strcmp(argv[1], "default") == 0) {
        CHECK(descope_configure(argv[2], NULL) == DESCOPE_OK);
        CHECK(descope_warm_up(NULL) == DESCOPE_OK);
        CHECK(descope_magiclink_signin_sms(REQUEST, NULL) == DESCOPE_OK);
    } else {
        status = descope_client_warm_up(client, &out);
        printf("%d %s\n", (int)status, out == NULL ? "no document" : out);
        descope_string_free(out);
    }
    descope_client_free(client);
    return finish_checks();
}
