/* Calls in the event loop of libuv.
 *
 *     DESCOPE_PROJECT_ID=P... ./libuv LOGIN_ID
 *
 * Without arguments the login ID comes from DESCOPE_LOGIN_ID. */
#include "calls.h"

#include <stdlib.h>
#include <uv.h>

/* Stops watching the queue after the last call. The loop ends when nothing is left to watch. */
static void on_readable(uv_poll_t *watcher, int status, int events) {
    struct calls *calls = watcher->data;

    (void)events;
    if (status < 0)
        calls_fail(calls, "uv_poll", uv_strerror(status));
    if (status < 0 || !calls_continue(calls))
        uv_close((uv_handle_t *)watcher, NULL);
}

/* Runs the loop until no call is left. */
static void run(struct calls *calls, uv_loop_t *loop) {
    uv_poll_t watcher;
    int status = uv_poll_init(loop, &watcher, descope_queue_fd(calls->queue));

    if (status < 0) {
        calls_fail(calls, "uv_poll_init", uv_strerror(status));
        return;
    }
    watcher.data = calls;
    status = uv_poll_start(&watcher, UV_READABLE, on_readable);
    if (status < 0) {
        calls_fail(calls, "uv_poll_start", uv_strerror(status));
        uv_close((uv_handle_t *)&watcher, NULL);
    }
    /* It returns 0 when no handle is left. */
    if (uv_run(loop, UV_RUN_DEFAULT) != 0)
        calls_fail(calls, "uv_run", "the loop was stopped");
}

int main(int argc, char **argv) {
    struct calls calls;
    uv_loop_t loop;

    if (!calls_start(&calls, argc, argv))
        return EXIT_FAILURE;
    int status = uv_loop_init(&loop);
    if (status < 0) {
        calls_fail(&calls, "uv_loop_init", uv_strerror(status));
    } else {
        run(&calls, &loop);
        status = uv_loop_close(&loop);
        if (status < 0)
            calls_fail(&calls, "uv_loop_close", uv_strerror(status));
    }
    return calls_finish(&calls);
}
