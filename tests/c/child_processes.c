/* Makes children in ways that `pthread_atfork` does not notice, or notices late. Parent and child
 * make calls at the same time, and each gets its own responses.
 *
 * Usage: child_processes WAY FACE CONFIG CHILDREN
 *
 * WAY is how a child is made:
 *   handler      fork, with a child handler that was registered before the library was used. It
 *                makes the calls of the child
 *   _Fork        _Fork, which runs no handlers
 *   clone        clone with SIGCHLD
 *   system_call  the system call alone
 *   vfork        vfork, whose child shares the memory and does nothing
 * FACE is blocking or queue. The server must support magiclink/signup-in/sms. */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "queue.h"

#define SIGN_IN "magiclink/signup-in/sms"
#define CALLS 5

/* Seconds after which a child counts as hung and is killed. */
#define CHILD_TIMEOUT_SECONDS 60

static const char *way;
static descope_client *client;
static descope_queue *queue; /* NULL: blocking calls */
static int handler_makes_calls;

pid_t _Fork(void);

/* A call for one of the two users. Returns the response, or NULL. */
static char *call(const char *request) {
    char *out = NULL;
    int32_t status = DESCOPE_OK, next;

    if (queue == NULL) {
        status = descope_client_call(client, SIGN_IN, request, &out);
    } else {
        CHECK(descope_queue_submit(queue, SIGN_IN, request, 1, NULL) == DESCOPE_OK);
        do
            next = descope_queue_next(queue, -1, NULL, &status, &out);
        while (next == DESCOPE_PENDING);
        CHECK(next == DESCOPE_OK);
    }
    if (status == DESCOPE_OK)
        return out;
    fprintf(stderr, "%s\n", out != NULL ? out : "no document");
    descope_string_free(out);
    return NULL;
}

/* Signs in with a phone number that ends with these two digits. The response must be about it. */
static void sign_in(const char *last_digits) {
    char request[64], masked[32] = "";
    char *out;

    snprintf(request, sizeof request, "{\"loginId\": \"+141555501%s\"}", last_digits);
    out = call(request);
    CHECK(descope_json_get(out, "/maskedPhone", masked, sizeof masked, NULL) == DESCOPE_OK);
    CHECK(strlen(masked) > 2 && strcmp(masked + strlen(masked) - 2, last_digits) == 0);
    descope_string_free(out);
}

static void sign_in_often(const char *last_digits) {
    int i;

    for (i = 0; i < CALLS; i++)
        sign_in(last_digits);
}

static pid_t make_child(int (*run)(void *), const char *user);

/* The grandchild is a child of a child. */
static int run_grandchild(void *user) {
    sign_in_often(user);
    return failed_checks != 0;
}

static void wait_for(pid_t child) {
    int status = 1;

    CHECK(child > 0 && waitpid(child, &status, 0) == child && status == 0);
}

/* A child cannot use the queue of its parent, and makes its own. */
static int run_child(void *user) {
    pid_t grandchild;

    alarm(CHILD_TIMEOUT_SECONDS);
    failed_checks = 0;
    if (queue != NULL) {
        CHECK(descope_queue_next(queue, 0, NULL, NULL, NULL) == DESCOPE_E_ARGUMENT);
        descope_queue_free(queue);
        queue = new_queue(client);
    }
    sign_in(user);
    grandchild = queue == NULL ? make_child(run_grandchild, "33") : 0;
    sign_in_often(user);
    if (grandchild != 0)
        wait_for(grandchild);
    descope_queue_free(queue);
    descope_client_free(client);
    return failed_checks != 0;
}

static void handle_fork_in_child(void) {
    if (handler_makes_calls)
        _exit(run_child("11"));
}

static pid_t make_child(int (*run)(void *), const char *user) {
    static char stack[256 * 1024] __attribute__((aligned(64)));
    const int is_grandchild = run == run_grandchild;
    pid_t child;

    if (strcmp(way, "clone") == 0 && !is_grandchild)
        return clone(run, stack + sizeof stack, SIGCHLD, (void *)(uintptr_t)user);
    if (strcmp(way, "handler") == 0) {
        handler_makes_calls = !is_grandchild;
        child = fork();
    } else if (strcmp(way, "_Fork") == 0) {
        child = _Fork();
    } else if (strcmp(way, "vfork") == 0) {
        child = vfork();
        if (child == 0)
            _exit(0);
    } else {
        child = (pid_t)syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);
    }
    if (child == 0)
        _exit(run((void *)(uintptr_t)user));
    return child;
}

int main(int argc, char **argv) {
    int i;

    CHECK(argc == 5);
    if (argc != 5)
        return 2;
    way = argv[1];
    CHECK(pthread_atfork(NULL, NULL, handle_fork_in_child) == 0);
    client = new_client(argv[3]);
    queue = strcmp(argv[2], "queue") == 0 ? new_queue(client) : NULL;
    sign_in("22");
    for (i = 0; i < atoi(argv[4]); i++) {
        const pid_t child = make_child(run_child, "11");

        sign_in_often("22");
        wait_for(child);
    }
    descope_queue_free(queue);
    descope_client_free(client);
    return finish_checks();
}
