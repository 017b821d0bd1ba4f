/* A client that is freed while its calls are in progress, as a garbage collector may do it.
 *
 * Usage: free_during_calls CONFIG
 *
 * The server must know the user +14155550123, and answer a sign-in after a while. */
#include "queue.h"

#include <pthread.h>

#define CALLS 20

static descope_client *client;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int attempts, done, freed;

static void count_lines(int32_t level, const char *message, void *userdata) {
    (void)level;
    pthread_mutex_lock(&lock);
    CHECK(userdata == &attempts && freed == 0);
    if (strstr(message, ": attempt 1 of ") != NULL)
        attempts++;
    else if (strstr(message, OPERATION ": done in ") == message)
        done++;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

static void count_free(void *userdata) {
    pthread_mutex_lock(&lock);
    CHECK(userdata == &attempts);
    freed++;
    pthread_mutex_unlock(&lock);
}

static void *sign_in(void *unused) {
    char *out = NULL;

    CHECK(descope_client_call(client, OPERATION, REQUEST, &out) == DESCOPE_OK);
    CHECK(out != NULL);
    descope_string_free(out);
    return unused;
}

int main(int argc, char **argv) {
    pthread_t threads[CALLS];
    int i, before;

    CHECK(argc == 2);
    before = count_descriptors();
    client = new_client(argv[1]);
    CHECK(descope_client_log_set(client, count_lines, &attempts, count_free, DESCOPE_LOG_DEBUG)
          == DESCOPE_OK);
    for (i = 0; i < CALLS; i++)
        CHECK(pthread_create(&threads[i], NULL, sign_in, NULL) == 0);
    pthread_mutex_lock(&lock);
    while (attempts < CALLS)
        pthread_cond_wait(&changed, &lock);
    CHECK(done == 0 && freed == 0);
    pthread_mutex_unlock(&lock);

    descope_client_free(client);
    for (i = 0; i < CALLS; i++)
        CHECK(pthread_join(threads[i], NULL) == 0);
    CHECK(done == CALLS && freed == 1);
    CHECK(count_descriptors() == before);
    return finish_checks();
}
