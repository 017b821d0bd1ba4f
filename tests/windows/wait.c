/* The event of a queue in WaitForMultipleObjects, beside an event of the program. It must be
 * signaled exactly while the queue has something to do.
 *
 *     wait LOGIN_ID CALLS */
#include <descope_ml.h>

#include <stdio.h>
#include <stdlib.h>
#include <windows.h>

static void fail(const char *what) {
    fprintf(stderr, "%s\n", what);
    exit(1);
}

static void check(int32_t status, int32_t expected, const char *what) {
    if (status != expected) {
        fprintf(stderr, "%s: %s\n", what, descope_status_name(status));
        exit(1);
    }
}

static int is_signaled(descope_queue *queue) {
    return WaitForSingleObject(descope_queue_event(queue), 0) == WAIT_OBJECT_0;
}

static DWORD WINAPI wake(void *queue) {
    descope_queue_wake(queue);
    return 0;
}

/* Takes what is there to report. Returns how many calls were reported. */
static int take_all(descope_queue *queue, int32_t expected) {
    int32_t status, result = -1;
    int count = 0;

    while ((status = descope_queue_next(queue, 0, NULL, &result, NULL)) == DESCOPE_OK) {
        check(result, expected, "a call");
        count++;
    }
    if (status != DESCOPE_PENDING && status != DESCOPE_E_NOT_FOUND)
        check(status, DESCOPE_PENDING, "descope_queue_next");
    return count;
}

/* Waits in WaitForMultipleObjects until so many calls have ended. Returns how often it was woken.
 */
static int finish(descope_queue *queue, HANDLE other, int calls, int32_t expected) {
    HANDLE handles[2];
    int wakes = 0;

    handles[0] = other;
    handles[1] = descope_queue_event(queue);
    while (calls > 0) {
        if (WaitForMultipleObjects(2, handles, FALSE, 60000) != WAIT_OBJECT_0 + 1)
            fail("nothing but the queue may end the wait");
        wakes++;
        calls -= take_all(queue, expected);
    }
    if (is_signaled(queue))
        fail("the event is signaled without a reason");
    return wakes;
}

static void submit(descope_queue *queue, const char *request, uint64_t tag) {
    check(descope_queue_submit(queue, "magiclink/signin/sms", request, tag, NULL), DESCOPE_OK,
          "descope_queue_submit");
}

int main(int argc, char **argv) {
    const HANDLE other = CreateEventW(NULL, TRUE, FALSE, NULL);
    const int calls = argc > 2 ? atoi(argv[2]) : 0;
    descope_queue *queue = NULL;
    char *request = NULL;
    HANDLE thread;
    int i;

    if (other == NULL || calls < 2)
        fail("usage: wait LOGIN_ID CALLS");
    check(descope_json_set(&request, "/loginId", argv[1]), DESCOPE_OK, "descope_json_set");
    check(descope_queue_new(NULL, &queue, NULL), DESCOPE_OK, "descope_queue_new");
    if (descope_queue_fd(queue) != -1 || descope_queue_event(NULL) != NULL)
        fail("Windows has no descriptor, and NULL no event");
    if (is_signaled(queue))
        fail("a new queue has nothing to do");

    for (i = 0; i < calls; i++)
        submit(queue, request, (uint64_t)i);
    finish(queue, other, calls, DESCOPE_OK);

    /* On the connections that are open now. */
    for (i = 0; i < calls; i++)
        submit(queue, request, (uint64_t)i);
    finish(queue, other, calls, DESCOPE_OK);

    /* A cancelled call is reported, and another thread can wake the queue. */
    submit(queue, request, 1);
    check(descope_queue_cancel(queue, 1), DESCOPE_OK, "descope_queue_cancel");
    finish(queue, other, 1, DESCOPE_E_CANCELLED);
    thread = CreateThread(NULL, 0, wake, queue, 0, NULL);
    if (thread == NULL || WaitForSingleObject(descope_queue_event(queue), 60000) != WAIT_OBJECT_0)
        fail("the wake-up did not signal the event");
    WaitForSingleObject(thread, INFINITE);
    take_all(queue, DESCOPE_OK);
    if (is_signaled(queue))
        fail("the event is signaled after the wake-up");

    descope_queue_free(queue);
    descope_string_free(request);
    puts("ok");
    return 0;
}
