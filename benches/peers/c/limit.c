/* A hand-written client, the lower limit for a sign-in: one socket that stays open, with OpenSSL
 * for https. It checks nothing except the response. */
#include "harness.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

/* From the base URL. */
static char host[256], port[8];
static SSL_CTX *context = NULL; /* with https */

/* The request head up to the value of Content-Length. */
static char head[1024];
static size_t head_length;

/* A connection and its buffers, which grow as needed. */
typedef struct {
    int socket;
    SSL *tls;
    char *request, *response;
    size_t request_size, response_size;
} connection;

static int prepare_tls(void) {
    /* Does not load the system's OpenSSL configuration: it is not needed. */
    OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
    context = SSL_CTX_new(TLS_client_method());
    if (!context || !SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION)
        || SSL_CTX_load_verify_locations(context, harness.ca, NULL) != 1)
        return harness_error("cannot set up TLS with BENCH_CA", harness.ca);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    /* Reads a TLS record with one `recv` instead of two. */
    SSL_CTX_set_read_ahead(context, 1);
    return 0;
}

static int prepare(const char *scenario) {
    char scheme[8];
    int length;
    (void)scenario;
    if (sscanf(harness.url, "%7[a-z]://%255[^:/]:%7[0-9]", scheme, host, port) != 3)
        return harness_error("BENCH_URL is not scheme://host:port", harness.url);
    length = snprintf(head, sizeof head,
                      "POST /v1/auth/magiclink/signin/sms HTTP/1.1\r\nHost: %s:%s\r\n"
                      "Authorization: Bearer %s\r\nContent-Type: application/json\r\n"
                      "Content-Length: ",
                      host, port, harness.project);
    if (length < 0 || (size_t)length >= sizeof head)
        return harness_error("BENCH_PROJECT is too long", NULL);
    head_length = (size_t)length;
    return strcmp(scheme, "https") == 0 ? prepare_tls() : 0;
}

static int connect_socket(void) {
    struct addrinfo hints = {0}, *found = NULL, *one;
    int at = -1, on = 1;
    hints.ai_socktype = SOCK_STREAM;
    if (getaddrinfo(host, port, &hints, &found))
        return -1;
    for (one = found; one && at < 0; one = one->ai_next) {
        at = socket(one->ai_family, one->ai_socktype, one->ai_protocol);
        if (at >= 0 && connect(at, one->ai_addr, one->ai_addrlen)) {
            close(at);
            at = -1;
        }
    }
    freeaddrinfo(found);
    if (at >= 0)
        setsockopt(at, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return at;
}

static void *open_connection(void) {
    connection *self = calloc(1, sizeof *self);
    if (!self || (self->socket = connect_socket()) < 0) {
        harness_error("cannot connect to BENCH_URL", NULL);
        return NULL;
    }
    self->response_size = 16384;
    self->response = malloc(self->response_size);
    if (context) {
        self->tls = SSL_new(context);
        if (!self->tls || !SSL_set_fd(self->tls, self->socket) || !SSL_set1_host(self->tls, host)
            || !SSL_set_tlsext_host_name(self->tls, host) || SSL_connect(self->tls) != 1) {
            harness_error("the TLS handshake failed", NULL);
            return NULL;
        }
    }
    if (!self->response) {
        harness_error("out of memory", NULL);
        return NULL;
    }
    return self;
}

/* Puts the whole request into one buffer. Returns its length; 0 if out of memory. */
static size_t build_request(connection *self) {
    size_t body = strlen(harness.request), most = head_length + body + 32;
    char *at;
    if (most > self->request_size) {
        char *larger = realloc(self->request, most);
        if (!larger)
            return 0;
        self->request = larger;
        self->request_size = most;
        memcpy(larger, head, head_length);
    }
    at = self->request + head_length;
    at += sprintf(at, "%zu\r\n\r\n", body);
    memcpy(at, harness.request, body);
    return (size_t)(at - self->request) + body;
}

static int send_all(const connection *self, size_t length) {
    const char *at = self->request;
    while (length) {
        ssize_t sent = self->tls ? SSL_write(self->tls, at, (int)length)
                                 : send(self->socket, at, length, MSG_NOSIGNAL);
        if (sent <= 0)
            return harness_error("cannot send the request", NULL);
        at += sent;
        length -= (size_t)sent;
    }
    return 0;
}

/* Makes room for `length` bytes and a NUL. */
static int reserve(connection *self, size_t length) {
    char *larger;
    if (length < self->response_size)
        return 0;
    larger = realloc(self->response, 2 * length + 1);
    if (!larger)
        return harness_error("out of memory", NULL);
    self->response = larger;
    self->response_size = 2 * length + 1;
    return 0;
}

/* Returns the length of the whole response and sets `body`; 0 if the head is incomplete. */
static size_t response_length(char *response, char **body) {
    char *end = strstr(response, "\r\n\r\n");
    const char *length = end ? strcasestr(response, "\r\ncontent-length:") : NULL;
    if (!length || length > end)
        return 0;
    *body = end + 4;
    return (size_t)(*body - response) + (size_t)strtoul(length + 17, NULL, 10);
}

/* Reads one response. Returns its body, with a NUL at the end, or NULL. */
static char *receive(connection *self) {
    size_t filled = 0, whole = 0;
    char *body = NULL;
    while (!whole || filled < whole) {
        ssize_t got;
        size_t room;
        if (reserve(self, whole ? whole : filled + 1))
            return NULL;
        room = self->response_size - filled - 1;
        got = self->tls ? SSL_read(self->tls, self->response + filled, (int)room)
                        : recv(self->socket, self->response + filled, room, 0);
        if (got <= 0) {
            harness_error("cannot receive the response", NULL);
            return NULL;
        }
        filled += (size_t)got;
        self->response[filled] = '\0';
        whole = whole ? whole : response_length(self->response, &body);
    }
    if (strncmp(self->response, "HTTP/1.1 200 ", 13) != 0) {
        harness_error("the response status is not 200", NULL);
        return NULL;
    }
    /* Searched again, because the buffer may have moved. */
    return strstr(self->response, "\r\n\r\n") + 4;
}

static int signin(void *client) {
    static const char key[] = "\"maskedPhone\":\"";
    connection *self = client;
    size_t length = build_request(self);
    char *body, *start, *end;
    if (!length)
        return harness_error("out of memory", NULL);
    if (send_all(self, length) || !(body = receive(self)))
        return 1;
    start = strstr(body, key);
    end = start ? strchr(start + sizeof key - 1, '"') : NULL;
    if (!end)
        return harness_check_phone(NULL);
    *end = '\0';
    return harness_check_phone(start + sizeof key - 1);
}

int main(int argc, char **argv) {
    static const harness_peer limit = {"limit", prepare, open_connection, signin, NULL, NULL};
    return harness_main(argc, argv, &limit);
}
