/* What the driver needs of the operating system: streams without translation, and a wait for a
 * queue as in an event loop. */
#ifndef SYSTEM_H
#define SYSTEM_H

#include <descope_ml.h>

#ifdef _WIN32

#include <fcntl.h>
#include <io.h>
#include <windows.h>

/* Windows would end lines with "\r\n". */
static void prepare_streams(void) {
    _setmode(0, _O_BINARY);
    _setmode(1, _O_BINARY);
}

/* Whether the event of the queue is or becomes signaled in this time; -1: no limit. */
static int is_queue_ready(const descope_queue *queue, int timeout_ms) {
    const DWORD timeout = timeout_ms < 0 ? INFINITE : (DWORD)timeout_ms;

    return WaitForSingleObject(descope_queue_event(queue), timeout) == WAIT_OBJECT_0;
}

#else

#include <errno.h>
#include <poll.h>

static void prepare_streams(void) {}

/* Whether the descriptor of the queue is or becomes readable in this time; -1: no limit. */
static int is_queue_ready(const descope_queue *queue, int timeout_ms) {
    struct pollfd fd;
    int count;

    fd.fd = descope_queue_fd(queue);
    fd.events = POLLIN;
    do
        count = poll(&fd, 1, timeout_ms);
    while (count < 0 && errno == EINTR);
    return count == 1;
}

#endif

#endif
