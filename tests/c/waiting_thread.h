/* Finds out from /proc whether a thread waits, so that a test can act while it does. Linux only. */
#ifndef WAITING_THREAD_H
#define WAITING_THREAD_H

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include "check.h"

/* Waits until a process is in a state, a letter of /proc/PID/stat. */
static inline void wait_for_state(pid_t process, char state) {
    char path[64], found = '?';

    snprintf(path, sizeof path, "/proc/%d/stat", (int)process);
    while (found != state) {
        FILE *const file = fopen(path, "r");

        CHECK(file != NULL && fscanf(file, "%*d (%*[^)]) %c", &found) == 1);
        if (file == NULL)
            return;
        fclose(file);
        sched_yield();
    }
}

/* Waits until a thread of this process waits in ppoll. */
static inline void wait_until_waiting(pid_t thread) {
    char path[64];
    long call = -1;

    snprintf(path, sizeof path, "/proc/self/task/%d/syscall", (int)thread);
    while (call != SYS_ppoll) {
        FILE *const file = fopen(path, "r");

        CHECK(file != NULL);
        if (file == NULL)
            return;
        /* It says "running" of a thread that does not wait. */
        if (fscanf(file, "%ld", &call) != 1)
            call = -1;
        fclose(file);
        sched_yield();
    }
}

#endif
