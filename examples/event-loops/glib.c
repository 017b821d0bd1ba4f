/* Calls in the main loop of GLib, which is also that of GTK and GNOME programs.
 *
 *     DESCOPE_PROJECT_ID=P... ./glib LOGIN_ID
 *
 * Without arguments the login ID comes from DESCOPE_LOGIN_ID. */
#include "calls.h"

#include <glib-unix.h>
#include <stdlib.h>

struct program {
    struct calls calls;
    GMainLoop *loop;
};

/* Removes the source and ends the loop after the last call. */
static gboolean on_readable(gint fd, GIOCondition condition, gpointer data) {
    struct program *program = data;

    (void)fd;
    (void)condition;
    if (calls_continue(&program->calls))
        return G_SOURCE_CONTINUE;
    g_main_loop_quit(program->loop);
    return G_SOURCE_REMOVE;
}

int main(int argc, char **argv) {
    struct program program;

    if (!calls_start(&program.calls, argc, argv))
        return EXIT_FAILURE;
    /* GLib ends the process if it has no memory, so these functions do not fail. */
    program.loop = g_main_loop_new(NULL, FALSE);
    g_unix_fd_add(descope_queue_fd(program.calls.queue), G_IO_IN, on_readable, &program);
    g_main_loop_run(program.loop);
    g_main_loop_unref(program.loop);
    return calls_finish(&program.calls);
}
