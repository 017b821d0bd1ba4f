/* A host program that closes descriptors of the library, and has others in their place: no call
 * waits beyond its deadline, and nothing of a request goes into a descriptor of the host.
 *
 * Usage: replaced_descriptors WHEN FACE
 *
 * WHEN is the time of the replacement:
 *   idle    Between two calls. The second call succeeds on a new connection.
 *   during  While a call waits, before a part of the response arrives. The call times out.
 * FACE is blocking or queue. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/eventfd.h>

#include "local_server.h"
#include "queue.h"

/* Seconds after which the program counts as hung and is killed. */
#define HANG_SECONDS 60

#define SHORT_REQUEST "{\"loginId\": \"+14155550123\", \"timeoutMs\": 1000}"
#define MAX_DESCRIPTORS 256

static descope_client *client;
static descope_queue *queue; /* NULL: blocking calls */

/* What takes the place of a descriptor, and the other end of it, from which nothing ever comes. */
static int replacement, other_end;

static int is_of_client(int fd) {
    struct sockaddr_in address;
    socklen_t length = sizeof address;

    return getpeername(fd, (struct sockaddr *)&address, &length) == 0 && length == sizeof address
           && ntohs(address.sin_port) == server_port;
}

/* Whether it is the timer or the wake-up of the queue. */
static int is_of_queue(int fd) {
    char path[64], target[64];
    ssize_t length;

    if (fd == replacement || fd == other_end)
        return 0;

    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    length = readlink(path, target, sizeof target - 1);
    target[length > 0 ? length : 0] = '\0';
    return strcmp(target, "anon_inode:[timerfd]") == 0
           || strcmp(target, "anon_inode:[eventfd]") == 0;
}

/* Puts the replacement in the place of the client's connection, and the queue's timer and wake-up.
 */
static void replace_descriptors(void) {
    int fd, replaced = 0;

    for (fd = 3; fd < MAX_DESCRIPTORS; fd++)
        if (is_of_client(fd) || is_of_queue(fd)) {
            CHECK(dup2(replacement, fd) == fd);
            replaced++;
        }
    CHECK(replaced == (queue != NULL ? 3 : 1));
}

static int32_t call(const char *request) {
    struct completion completion = {0};

    if (queue == NULL)
        return descope_client_call(client, OPERATION, request, NULL);
    CHECK(descope_queue_submit(queue, OPERATION, request, 1, NULL) == DESCOPE_OK);
    CHECK(next_completion(queue, -1, &completion) == DESCOPE_OK);
    return completion.status;
}

/* Handles one request: replaces the descriptors of the call that waits, and sends it a part of the
 * response. */
static int replace_and_respond_in_part(int connection) {
    handle_request = respond;
    replace_descriptors();
    return send(connection, RESPONSE, 20, MSG_NOSIGNAL) == 20;
}

static void open_replacement(const char *kind) {
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t length = sizeof address;
    int ends[2];

    if (strcmp(kind, "socket") == 0) {
        CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
    } else if (strcmp(kind, "pipe") == 0) {
        CHECK(pipe(ends) == 0);
    } else if (strcmp(kind, "event") == 0) {
        ends[0] = eventfd(0, 0);
        ends[1] = dup(ends[0]);
    } else { /* A TCP connection that the host has made itself. */
        const int listener = socket(AF_INET, SOCK_STREAM, 0);

        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        CHECK(bind(listener, (struct sockaddr *)&address, length) == 0 && listen(listener, 1) == 0);
        CHECK(getsockname(listener, (struct sockaddr *)&address, &length) == 0);
        ends[0] = socket(AF_INET, SOCK_STREAM, 0);
        CHECK(connect(ends[0], (struct sockaddr *)&address, length) == 0);
        ends[1] = accept(listener, NULL, NULL);
        close(listener);
    }
    replacement = ends[0];
    other_end = ends[1];
    CHECK(replacement >= 0 && other_end >= 0);
}

static void check_replacement(const char *when, const char *kind) {
    char bytes[64];
    ssize_t amount;

    open_replacement(kind);
    CHECK(call(SHORT_REQUEST) == DESCOPE_OK);
    if (strcmp(when, "idle") == 0) {
        replace_descriptors();
        CHECK(call(SHORT_REQUEST) == DESCOPE_OK);
    } else {
        int32_t status;

        handle_request = replace_and_respond_in_part;
        status = call(SHORT_REQUEST);
        /* The kernel says at once of a pipe that it is no socket. */
        CHECK(status == DESCOPE_E_TIMEOUT || status == DESCOPE_E_NETWORK);
    }
    /* The queue cannot know before it writes a number to its wake-up that this is another
     * descriptor. */
    amount = recv(other_end, bytes, sizeof bytes, MSG_DONTWAIT);
    CHECK(amount == -1 || (queue != NULL && amount == sizeof(uint64_t)));
    CHECK(call(SHORT_REQUEST) == DESCOPE_OK);
    close(replacement);
    close(other_end);
}

int main(int argc, char **argv) {
    const char *const kinds[] = {"socket", "pipe", "event", "tcp"};
    char config[128];
    size_t i;

    CHECK(argc == 3);
    if (argc != 3)
        return 2;
    alarm(HANG_SECONDS);
    start_server(config, sizeof config);
    for (i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        client = new_client(config);
        queue = strcmp(argv[2], "queue") == 0 ? new_queue(client) : NULL;
        check_replacement(argv[1], kinds[i]);
        descope_queue_free(queue);
        descope_client_free(client);
    }
    return finish_checks();
}
