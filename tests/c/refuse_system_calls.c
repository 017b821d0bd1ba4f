/* Runs a program for which the kernel refuses some system calls, as a container's seccomp filter
 * does.
 *
 * Usage: refuse_system_calls RULE PROGRAM ARGUMENTS...
 *
 * RULE is one of
 *   clone3-ENOSYS   clone3 does not exist, as on Linux before 5.3
 *   clone3-EPERM    clone3 is forbidden, as by Docker before 20.10.10
 *   getrandom-flags getrandom knows no flag that is newer than Linux 3.17: ENOSYS
 *   getrandom       getrandom does not exist, as on Linux before 3.17 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* GRND_NONBLOCK and GRND_RANDOM. */
#define FIRST_FLAGS 3

#define REFUSE(number) (SECCOMP_RET_ERRNO | (number))
#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))

/* The filter with which a system call returns an error if it has one of the flags, which are in its
 * third argument. Without flags, it always does. */
static int install(unsigned int call, unsigned int flags, unsigned int result) {
    struct sock_filter code[] = {
        LOAD(nr),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 4),
        BPF_JUMP(BPF_JMP | BPF_JA, flags == 0 ? 2 : 0, 0, 0),
        /* The lower half of the argument. */
        LOAD(args[2]),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, flags, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, result),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const struct sock_fprog filter = {sizeof code / sizeof *code, code};

    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
           && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

static int apply(const char *rule) {
    if (strcmp(rule, "clone3-ENOSYS") == 0)
        return install(SYS_clone3, 0, REFUSE(ENOSYS)) && syscall(SYS_clone3, NULL, 0) == -1
               && errno == ENOSYS;
    if (strcmp(rule, "clone3-EPERM") == 0)
        return install(SYS_clone3, 0, REFUSE(EPERM)) && syscall(SYS_clone3, NULL, 0) == -1
               && errno == EPERM;
    if (strcmp(rule, "getrandom-flags") == 0)
        return install(SYS_getrandom, ~FIRST_FLAGS, REFUSE(ENOSYS))
               && syscall(SYS_getrandom, NULL, 0, 4) == -1 && errno == ENOSYS
               && syscall(SYS_getrandom, NULL, 0, 1) == 0;
    if (strcmp(rule, "getrandom") == 0)
        return install(SYS_getrandom, 0, REFUSE(ENOSYS)) && syscall(SYS_getrandom, NULL, 0, 1) == -1
               && errno == ENOSYS;
    return 0;
}

int main(int argc, char **argv) {
    if (argc < 3 || !apply(argv[1])) {
        fprintf(stderr, "cannot refuse the system call\n");
        return 2;
    }
    execvp(argv[2], argv + 2);
    perror(argv[2]);
    return 2;
}
