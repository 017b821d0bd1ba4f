/* A call that is never answered ends at its timeout, by the event alone, and few waits end before.
 *
 *     timeout LOGIN_ID TIMEOUT_MS */
#include <descope_ml.h>

#include <stdio.h>
#include <stdlib.h>
#include <windows.h>

static void fail(const char *what) {
    fprintf(stderr, "%s\n", what);
    exit(1);
}

int main(int argc, char **argv) {
    descope_queue *queue = NULL;
    char *request = NULL;
    int32_t next, status = -1;
    int wakes = 0;

    if (argc != 3 || descope_json_set(&request, "/loginId", argv[1]) != DESCOPE_OK
        || descope_json_put(&request, "/timeoutMs", argv[2]) != DESCOPE_OK)
        fail("usage: timeout LOGIN_ID TIMEOUT_MS");
    if (descope_queue_new(NULL, &queue, NULL) != DESCOPE_OK
        || descope_queue_submit(queue, "magiclink/signin/sms", request, 1, NULL) != DESCOPE_OK)
        fail("cannot start the call");
    if (descope_queue_timeout(queue) != -1)
        fail("timers signal the event");
    do {
        if (WaitForSingleObject(descope_queue_event(queue), 60000) != WAIT_OBJECT_0)
            fail("the event was not signaled");
        wakes++;
        next = descope_queue_next(queue, 0, NULL, &status, NULL);
    } while (next == DESCOPE_PENDING);
    if (next != DESCOPE_OK || status != DESCOPE_E_TIMEOUT)
        fail("the call did not time out");
    if (wakes > 10)
        fail("the event was signaled without a reason");
    descope_queue_free(queue);
    descope_string_free(request);
    puts("ok");
    return 0;
}
