/* A signal ends a call of a client with "interruptible": true wherever it waits.
 *
 * Usage: interrupted_waits CONFIG SCHEME HOST OPERATION REQUEST RESPONSE [second]
 *
 * Makes a call of a server in this process, which sends RESPONSE, or nothing if that is "", and
 * interrupts it while it waits. The call is "warm_up" or an operation. HOST "name.test" is a name
 * whose lookup takes as long as the test. With "second", another call started after the request of
 * the first one has arrived, and is interrupted first. Prints the outcomes. */
#define _GNU_SOURCE
#include <descope_ml.h>

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>

#include "check.h"
#include "waiting_thread.h"

/* A call on a thread of its own. */
struct call {
    pthread_t thread;
    pid_t id;
    int32_t status;
    char outcome[16];
};

static const char *operation, *request;
static descope_client *client;
static int listener, lookup_ends[2];
static pthread_barrier_t started;

/* Resolves names that the library asks for only when the test is over. */
int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                struct addrinfo **found) {
    char byte;

    (void)name, (void)service, (void)hints, (void)found;
    return read(lookup_ends[0], &byte, 1) == 1 ? EAI_FAIL : EAI_NONAME;
}

static void on_signal(int number) {
    (void)number;
}

static void *run_call(void *argument) {
    struct call *const call = (struct call *)argument;
    char *out = NULL;

    call->id = (pid_t)syscall(SYS_gettid);
    pthread_barrier_wait(&started);
    if (strcmp(operation, "warm_up") == 0)
        call->status = descope_client_warm_up(client, &out);
    else
        call->status = descope_client_call(client, operation, request, &out);
    CHECK(descope_json_get(out, "/error/outcome", call->outcome, sizeof call->outcome, NULL)
          == DESCOPE_OK);
    if (call->status != DESCOPE_E_CANCELLED)
        fprintf(stderr, "%s\n", out);
    descope_string_free(out);
    return NULL;
}

static void start(struct call *call) {
    CHECK(pthread_create(&call->thread, NULL, run_call, call) == 0);
    pthread_barrier_wait(&started);
}

/* Interrupts a call while it waits. */
static void interrupt(struct call *call) {
    wait_until_waiting(call->id);
    CHECK(pthread_kill(call->thread, SIGUSR1) == 0);
    CHECK(pthread_join(call->thread, NULL) == 0);
    CHECK(call->status == DESCOPE_E_CANCELLED);
    puts(call->outcome);
}

/* Waits until a request, or the first message of TLS, has arrived. */
static int accept_request(void) {
    const int connection = accept(listener, NULL, NULL);
    struct pollfd readable = {.fd = connection, .events = POLLIN};

    CHECK(connection >= 0 && poll(&readable, 1, -1) == 1);
    return connection;
}

/* Makes a client of the server. Requests wait in the backlog. */
static void make_client(const char *config, const char *scheme, const char *host) {
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t length = sizeof address;
    char url[64], *complete = strdup(config);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    listener = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(listener >= 0 && bind(listener, (struct sockaddr *)&address, length) == 0);
    CHECK(listen(listener, 16) == 0);
    CHECK(getsockname(listener, (struct sockaddr *)&address, &length) == 0);
    snprintf(url, sizeof url, "%s://%s:%d", scheme, host, ntohs(address.sin_port));
    CHECK(descope_json_set(&complete, "/baseUrl", url) == DESCOPE_OK);
    CHECK(descope_client_new(complete, &client, NULL) == DESCOPE_OK);
    descope_string_free(complete);
}

int main(int argc, char **argv) {
    struct sigaction action;
    struct call first, second;

    if (argc != 7 && argc != 8)
        return 2;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_signal;
    action.sa_flags = SA_RESTART;
    CHECK(sigaction(SIGUSR1, &action, NULL) == 0);
    CHECK(pipe(lookup_ends) == 0 && pthread_barrier_init(&started, NULL, 2) == 0);
    make_client(argv[1], argv[2], argv[3]);
    operation = argv[4];
    request = argv[5];
    start(&first);
    if (strcmp(argv[3], "name.test") != 0) {
        const int connection = accept_request();

        CHECK(send(connection, argv[6], strlen(argv[6]), 0) == (ssize_t)strlen(argv[6]));
    }
    if (argc == 8) {
        start(&second);
        interrupt(&second);
    }
    interrupt(&first);
    descope_client_free(client);
    return finish_checks();
}
