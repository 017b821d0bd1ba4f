/* Calls in a loop of your own with epoll: no other library.
 *
 *     DESCOPE_PROJECT_ID=P... ./epoll LOGIN_ID
 *
 * Without arguments the login ID comes from DESCOPE_LOGIN_ID. */
#include "calls.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

/* Waits for the queue until no call is left. A real program watches its own descriptors as well. */
static void run(struct calls *calls, int loop) {
    struct epoll_event event = {.events = EPOLLIN, .data.fd = descope_queue_fd(calls->queue)};

    if (epoll_ctl(loop, EPOLL_CTL_ADD, event.data.fd, &event) < 0) {
        calls_fail(calls, "epoll_ctl", strerror(errno));
        return;
    }
    do {
        if (epoll_wait(loop, &event, 1, descope_queue_timeout(calls->queue)) < 0
            && errno != EINTR) {
            calls_fail(calls, "epoll_wait", strerror(errno));
            return;
        }
    } while (calls_continue(calls));
}

int main(int argc, char **argv) {
    struct calls calls;

    if (!calls_start(&calls, argc, argv))
        return EXIT_FAILURE;
    int loop = epoll_create1(EPOLL_CLOEXEC);
    if (loop < 0) {
        calls_fail(&calls, "epoll_create1", strerror(errno));
    } else {
        run(&calls, loop);
        close(loop);
    }
    return calls_finish(&calls);
}
