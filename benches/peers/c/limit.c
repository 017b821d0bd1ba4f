/* The limit: a socket written by hand, that stays open; with https, OpenSSL on it. Nothing is
 * checked but the answer. */
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

/* What the base URL names. */
static char host[256], port[8];
static SSL_CTX *context = NULL; /* with https */

/* The request's head up to the body's length. */
static char head[1024];
static size_t head_length;

/* A connection and its buffers, which grow. */
typedef struct {
    int socket;
    SSL *tls;
    char *request, *answer;
    size_t request_size, answer_size;
} connection;

static int prepare_tls(void) {
    /* Without the system's configuration, which no call of ours needs. */
    OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
    context = SSL_CTX_new(TLS_client_method());
    if (!context || !SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION)
        || SSL_CTX_load_verify_locations(context, harness.ca, NULL) != 1)
        return harness_complain("TLS cannot be set up with BENCH_CA", harness.ca);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    /* A record is one `recv`, not one for its head and one for the rest. */
    SSL_CTX_set_read_ahead(context, 1);
    return 0;
}

static int prepare(const char *scenario) {
    char scheme[8];
    int length;
    (void)scenario;
    if (sscanf(harness.url, "%7[a-z]://%255[^:/]:%7[0-9]", scheme, host, port) != 3)
        return harness_complain("BENCH_URL is not scheme://host:port", harness.url);
    length = snprintf(head, sizeof head,
                      "POST /v1/auth/magiclink/signin/sms HTTP/1.1\r\nHost: %s:%s\r\n"
                      "Authorization: Bearer %s\r\nContent-Type: application/json\r\n"
                      "Content-Length: ",
                      host, port, harness.project);
    if (length < 0 || (size_t)length >= sizeof head)
        return harness_complain("BENCH_PROJECT is too long", NULL);
    head_length = (size_t)length;
    return strcmp(scheme, "https") == 0 ? prepare_tls() : 0;
}

static int connected(void) {
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
    if (!self || (self->socket = connected()) < 0) {
        harness_complain("no connection to BENCH_URL", NULL);
        return NULL;
    }
    self->answer_size = 16384;
    self->answer = malloc(self->answer_size);
    if (context) {
        self->tls = SSL_new(context);
        if (!self->tls || !SSL_set_fd(self->tls, self->socket) || !SSL_set1_host(self->tls, host)
            || !SSL_set_tlsext_host_name(self->tls, host) || SSL_connect(self->tls) != 1) {
            harness_complain("the TLS handshake failed", NULL);
            return NULL;
        }
    }
    if (!self->answer) {
        harness_complain("out of memory", NULL);
        return NULL;
    }
    return self;
}

/* Head, length and body behind one another, for one write. Returns the length; 0 without memory. */
static size_t build(connection *self) {
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
            return harness_complain("the request could not be sent", NULL);
        at += sent;
        length -= (size_t)sent;
    }
    return 0;
}

/* Room for one byte more than so many. */
static int reserve(connection *self, size_t length) {
    char *larger;
    if (length < self->answer_size)
        return 0;
    larger = realloc(self->answer, 2 * length + 1);
    if (!larger)
        return harness_complain("out of memory", NULL);
    self->answer = larger;
    self->answer_size = 2 * length + 1;
    return 0;
}

/* The whole length of an answer whose head has come, 0 before that; says where the body starts. */
static size_t whole_length(char *answer, char **body) {
    char *end = strstr(answer, "\r\n\r\n");
    const char *length = end ? strcasestr(answer, "\r\ncontent-length:") : NULL;
    if (!length || length > end)
        return 0;
    *body = end + 4;
    return (size_t)(*body - answer) + (size_t)strtoul(length + 17, NULL, 10);
}

/* Reads one answer; returns its body, ended by a NUL, or NULL. */
static char *receive(connection *self) {
    size_t filled = 0, whole = 0;
    char *body = NULL;
    while (!whole || filled < whole) {
        ssize_t got;
        size_t room;
        if (reserve(self, whole ? whole : filled + 1))
            return NULL;
        room = self->answer_size - filled - 1;
        got = self->tls ? SSL_read(self->tls, self->answer + filled, (int)room)
                        : recv(self->socket, self->answer + filled, room, 0);
        if (got <= 0) {
            harness_complain("the answer could not be received", NULL);
            return NULL;
        }
        filled += (size_t)got;
        self->answer[filled] = '\0';
        whole = whole ? whole : whole_length(self->answer, &body);
    }
    if (strncmp(self->answer, "HTTP/1.1 200 ", 13) != 0) {
        harness_complain("the answer's status is not 200", NULL);
        return NULL;
    }
    /* The buffer may have moved since the head came. */
    return strstr(self->answer, "\r\n\r\n") + 4;
}

static int signin(void *kept) {
    static const char key[] = "\"maskedPhone\":\"";
    connection *self = kept;
    size_t length = build(self);
    char *body, *start, *end;
    if (!length)
        return harness_complain("out of memory", NULL);
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
    static const harness_peer limit = {"limit", prepare, open_connection, signin, NULL};
    return harness_main(argc, argv, &limit);
}
