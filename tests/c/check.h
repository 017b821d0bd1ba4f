/* One check, for the C test programs: says what failed and where, and counts. */
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

#endif
