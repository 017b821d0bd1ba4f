/* Calls on threads with a stack of a given size, which is what coroutines and some languages have.
 *
 * Usage: small_stack BYTES CONFIG (OPERATION REQUEST)...
 *
 * There is a log callback for all levels, which does nothing. */
#include <descope_ml.h>

#include <pthread.h>
#include <stdlib.h>

#include "queue.h"

/* A call, which must succeed. */
struct call {
    const char *config, *operation, *request;
};

static void *block(void *argument) {
    const struct call *call = argument;
    descope_client *client = new_client(call->config);
    char *out = NULL;
    int32_t status = descope_client_call(client, call->operation, call->request, &out);

    if (status != DESCOPE_OK)
        fprintf(stderr, "%s: %s\n", call->operation, out != NULL ? out : "no document");
    CHECK(status == DESCOPE_OK);
    descope_string_free(out);
    descope_client_free(client);
    return NULL;
}

static void *run_queue(void *argument) {
    const struct call *call = argument;
    descope_client *client = new_client(call->config);
    descope_queue *queue = new_queue(client);
    struct completion completion;

    CHECK(descope_queue_submit(queue, call->operation, call->request, 7, NULL) == DESCOPE_OK);
    CHECK(next_completion(queue, -1, &completion) == DESCOPE_OK);
    CHECK(completion.tag == 7 && completion.status == DESCOPE_OK);
    descope_queue_free(queue);
    descope_client_free(client);
    return NULL;
}

static void run_with_stack(size_t bytes, void *(*run)(void *), struct call *call) {
    pthread_attr_t attributes;
    pthread_t thread;

    CHECK(pthread_attr_init(&attributes) == 0);
    CHECK(pthread_attr_setstacksize(&attributes, bytes) == 0);
    CHECK(pthread_create(&thread, &attributes, run, call) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK(pthread_attr_destroy(&attributes) == 0);
}

static void ignore(int32_t level, const char *message, void *userdata) {
    (void)level, (void)message, (void)userdata;
}

int main(int argc, char **argv) {
    int i;

    CHECK(argc >= 5 && argc % 2 == 1);
    CHECK(descope_log_set(ignore, NULL, NULL, DESCOPE_LOG_DEBUG) == DESCOPE_OK);
    for (i = 3; i + 1 < argc; i += 2) {
        struct call call = {argv[2], argv[i], argv[i + 1]};

        run_with_stack((size_t)atol(argv[1]), block, &call);
        run_with_stack((size_t)atol(argv[1]), run_queue, &call);
    }
    return finish_checks();
}
