/* An HTTP server in the process of the test, so that the test can act while a call waits. Each
 * connection has a thread of its own. */
#ifndef LOCAL_SERVER_H
#define LOCAL_SERVER_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define RESPONSE                                                                                   \
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 23\r\n\r\n"              \
    "{\"maskedPhone\": \"*123\"}"

/* The last bytes of a request. */
#define REQUEST_END "\"loginId\":\"+14155550123\"}"

static int server_port;

/* Handles a request: sends a response, or nothing. Returns whether the connection stays open. */
static int (*volatile handle_request)(int connection);

static inline int respond(int connection) {
    const char response[] = RESPONSE;

    return send(connection, response, strlen(response), MSG_NOSIGNAL) == (ssize_t)strlen(response);
}

/* Reads a request. Returns 0 if there is none. */
static inline int read_request(int connection) {
    char request[4096];
    size_t length = 0;

    do {
        const ssize_t amount = recv(connection, request + length, sizeof request - 1 - length, 0);

        if (amount <= 0)
            return 0;
        length += (size_t)amount;
        request[length] = '\0';
    } while (strstr(request, REQUEST_END) == NULL);
    return 1;
}

static inline void *serve_connection(void *argument) {
    const int connection = (int)(intptr_t)argument;

    while (read_request(connection) && handle_request(connection))
        ;
    close(connection);
    return NULL;
}

static inline void *accept_connections(void *argument) {
    const int listener = (int)(intptr_t)argument;

    for (;;) {
        const int connection = accept(listener, NULL, NULL);
        pthread_t thread;

        if (connection < 0
            || pthread_create(&thread, NULL, serve_connection, (void *)(intptr_t)connection) != 0)
            exit(2);
        pthread_detach(thread);
    }
    return NULL;
}

/* Starts the server, which runs until the process ends. Writes a configuration for it. */
static inline void start_server(char *config, size_t size) {
    const int listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t length = sizeof address;
    pthread_t thread;

    handle_request = respond;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, length) != 0
        || listen(listener, 16) != 0
        || getsockname(listener, (struct sockaddr *)&address, &length) != 0
        || pthread_create(&thread, NULL, accept_connections, (void *)(intptr_t)listener) != 0)
        exit(2);
    pthread_detach(thread);
    server_port = ntohs(address.sin_port);
    snprintf(config, size, "{\"projectId\": \"P2test\", \"baseUrl\": \"http://127.0.0.1:%d\"}",
             server_port);
}

#endif
