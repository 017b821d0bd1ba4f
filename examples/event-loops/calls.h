/* The calls that all examples of this folder make. The loop of each example only has to wait. */
#ifndef CALLS_H
#define CALLS_H

#include <descope_ml.h>

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

struct calls {
    descope_queue *queue;
    bool failed;
};

/* Creates the queue, starts two calls and cancels the second one. Reads the login ID from the
 * arguments or from DESCOPE_LOGIN_ID. Returns false and frees the queue if that fails. */
bool calls_start(struct calls *calls, int argc, char **argv);

/* Continues the calls and prints those that have finished. Call it when the descriptor of the queue
 * is readable. Returns false if no call is left. */
bool calls_continue(struct calls *calls);

/* Prints an error of the event loop, and notes that the program has failed. */
void calls_fail(struct calls *calls, const char *what, const char *why);

/* Frees the queue. Returns the exit status of the program. */
int calls_finish(struct calls *calls);

#ifdef __cplusplus
}
#endif

#endif
