/* CHECK for the C and C++ test programs: a failed condition is printed to stderr with its place
 * and counted, and the program goes on. */
#ifndef CHECK_H
#define CHECK_H

#include <stdio.h>

static int failed_checks;

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                        \
            failed_checks++;                                                                       \
        }                                                                                          \
    } while (0)

/* The last line of main: prints "ok" if no check has failed; returns the exit status. */
static inline int finish_checks(void) {
    if (failed_checks == 0)
        puts("ok");
    return failed_checks != 0;
}

#endif
