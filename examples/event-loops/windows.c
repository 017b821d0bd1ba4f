/* Calls in the message loop of a Windows program: no other library.
 *
 *     set DESCOPE_PROJECT_ID=P...
 *     windows LOGIN_ID
 *
 * Without arguments the login ID comes from DESCOPE_LOGIN_ID. */
#include "calls.h"

#include <stdio.h>
#include <stdlib.h>
#include <windows.h>

static void fail(struct calls *calls, const char *what) {
    char code[32];

    snprintf(code, sizeof code, "error %lu", (unsigned long)GetLastError());
    calls_fail(calls, what, code);
}

/* Waits for the queue and for messages until no call is left. A program with windows and handles of
 * its own waits for them in the same place. */
static void run(struct calls *calls) {
    HANDLE event = descope_queue_event(calls->queue);
    MSG message;
    DWORD ready;

    do {
        ready = MsgWaitForMultipleObjects(1, &event, FALSE, INFINITE, QS_ALLINPUT);
        if (ready == WAIT_FAILED) {
            fail(calls, "MsgWaitForMultipleObjects");
            return;
        }
        while (PeekMessage(&message, NULL, 0, 0, PM_REMOVE)) {
            TranslateMessage(&message);
            DispatchMessage(&message);
        }
    } while (ready != WAIT_OBJECT_0 || calls_continue(calls));
}

int main(int argc, char **argv) {
    struct calls calls;

    if (!calls_start(&calls, argc, argv))
        return EXIT_FAILURE;
    run(&calls);
    return calls_finish(&calls);
}
