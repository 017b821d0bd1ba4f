/* No random numbers: neither getrandom nor /dev/urandom, as in some sandboxes.
 *
 * Usage: no_random_numbers EMPTY_FOLDER CONFIG
 *
 * Changes the root folder to the empty one, and forbids the system call. Then makes a client, and
 * calls one that was made before on a thread that has no random numbers yet. */
#define _GNU_SOURCE
#include <descope_ml.h>

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include "check.h"

#define REQUEST "{\"sessionToken\": \"a.b.c\", \"projectId\": \"P2other\"}"

static int is_forbidden;

/* The C library may answer without the system call. */
ssize_t getrandom(void *buffer, size_t length, unsigned int flags) {
    if (is_forbidden) {
        errno = ENOSYS;
        return -1;
    }
    return syscall(SYS_getrandom, buffer, length, flags);
}

static void forbid_random_numbers(const char *empty_folder) {
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getrandom, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const struct sock_fprog filter = {sizeof code / sizeof *code, code};

    if (geteuid() != 0)
        CHECK(unshare(CLONE_NEWUSER) == 0);
    CHECK(chroot(empty_folder) == 0 && chdir("/") == 0);
    CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    CHECK(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0);
    is_forbidden = 1;
}

/* Checks that the error is about random numbers, and that it is not called a bug. */
static void check_message(char *out) {
    char message[512] = "";

    CHECK(descope_json_get(out, "/error/message", message, sizeof message, NULL) == DESCOPE_OK);
    CHECK(strstr(message, "the system provides no random numbers") != NULL);
    CHECK(strstr(message, "internal error") == NULL);
    descope_string_free(out);
}

static void *call(void *client) {
    char *out = NULL;

    CHECK(descope_client_call(client, "session/validate", REQUEST, &out) == DESCOPE_E_INTERNAL);
    check_message(out);
    return NULL;
}

int main(int argc, char **argv) {
    descope_client *client = NULL, *other = NULL;
    char *out = NULL;
    pthread_t thread;

    if (argc != 3)
        return 2;
    CHECK(descope_client_new(argv[2], &client, NULL) == DESCOPE_OK);
    forbid_random_numbers(argv[1]);
    CHECK(descope_client_new(argv[2], &other, &out) == DESCOPE_E_CONFIG);
    check_message(out);
    CHECK(pthread_create(&thread, NULL, call, client) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
    descope_client_free(client);
    return finish_checks();
}
