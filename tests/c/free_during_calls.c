/* A client that is freed while its calls are in progress, as a garbage collector may do it.
 *
 * This program is the server as well: it answers when the client was freed. */
#include "queue.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>

#define CALLS 20

#define RESPONSE "HTTP/1.1 200 OK\r\nContent-Length: 19\r\n\r\n{\"maskedPhone\":\"*\"}"

static descope_client *client;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int done, freed;

static void count_lines(int32_t level, const char *message, void *userdata) {
    (void)level;
    pthread_mutex_lock(&lock);
    CHECK(userdata == &done && freed == 0);
    done += strstr(message, OPERATION ": done in ") == message;
    pthread_mutex_unlock(&lock);
}

static void count_free(void *userdata) {
    pthread_mutex_lock(&lock);
    CHECK(userdata == &done);
    freed++;
    pthread_mutex_unlock(&lock);
}

/* Whether so many calls are done, and the userdata was freed so often. */
static int counts_are(int expected_done, int expected_freed) {
    int are;

    pthread_mutex_lock(&lock);
    are = done == expected_done && freed == expected_freed;
    pthread_mutex_unlock(&lock);
    return are;
}

static void *sign_in(void *unused) {
    char *out = NULL;

    CHECK(descope_client_call(client, OPERATION, REQUEST, &out) == DESCOPE_OK);
    CHECK(out != NULL && strstr(out, "maskedPhone") != NULL);
    descope_string_free(out);
    return unused;
}

/* Listens on a free port, and makes a client for it. */
static int listen_for_client(void) {
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t length = sizeof address;
    const int listener = socket(AF_INET, SOCK_STREAM, 0);
    char config[200];

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(bind(listener, (struct sockaddr *)&address, sizeof address) == 0);
    CHECK(listen(listener, CALLS) == 0);
    CHECK(getsockname(listener, (struct sockaddr *)&address, &length) == 0);
    snprintf(
        config, sizeof config,
        "{\"projectId\": \"P2test\", \"timeoutMs\": 60000, \"baseUrl\": \"http://127.0.0.1:%d\"}",
        ntohs(address.sin_port));
    client = new_client(config);
    return listener;
}

/* Accepts a connection, and reads the request to the end of its body. */
static int receive_request(int listener) {
    const int connection = accept(listener, NULL, NULL);
    char request[4096];
    size_t length = 0;
    ssize_t count;

    CHECK(connection >= 0);
    do {
        count = read(connection, request + length, sizeof request - 1 - length);
        length += count > 0 ? (size_t)count : 0;
        request[length] = '\0';
    } while (count > 0 && strstr(request, "\"}") == NULL);
    CHECK(count > 0);
    return connection;
}

int main(void) {
    const int before = count_descriptors();
    const int listener = listen_for_client();
    pthread_t threads[CALLS];
    int connections[CALLS], i;

    CHECK(descope_client_log_set(client, count_lines, &done, count_free, DESCOPE_LOG_DEBUG)
          == DESCOPE_OK);
    for (i = 0; i < CALLS; i++)
        CHECK(pthread_create(&threads[i], NULL, sign_in, NULL) == 0);
    for (i = 0; i < CALLS; i++)
        connections[i] = receive_request(listener);
    CHECK(counts_are(0, 0));

    descope_client_free(client);
    CHECK(counts_are(0, 0));
    for (i = 0; i < CALLS; i++)
        CHECK(write(connections[i], RESPONSE, strlen(RESPONSE)) == (ssize_t)strlen(RESPONSE));
    for (i = 0; i < CALLS; i++)
        CHECK(pthread_join(threads[i], NULL) == 0);
    CHECK(counts_are(CALLS, 1));
    for (i = 0; i < CALLS; i++)
        close(connections[i]);
    close(listener);
    CHECK(count_descriptors() == before);
    return finish_checks();
}
