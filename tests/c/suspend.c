/* The time for which the machine was suspended counts as idle time of a connection.
 *
 * Usage: suspend CONFIG, with idleTimeoutMs 60000 in CONFIG */
#define _GNU_SOURCE
#include <descope_ml.h>

#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

#define REQUEST "{\"loginId\": \"+14155550123\"}"
#define SUSPENDED_SECONDS 61

static time_t suspended_seconds;

/* Takes the place of the function of the C library. CLOCK_MONOTONIC stops while the machine is
 * suspended, CLOCK_BOOTTIME goes on. */
int clock_gettime(clockid_t clock, struct timespec *time) {
    const int result = (int)syscall(SYS_clock_gettime, clock, time);

    if (result == 0 && clock == CLOCK_BOOTTIME)
        time->tv_sec += suspended_seconds;
    return result;
}

static void sign_in(const descope_client *client) {
    CHECK(descope_client_call(client, "magiclink/signin/sms", REQUEST, NULL) == DESCOPE_OK);
}

int main(int argc, char **argv) {
    descope_client *client = NULL;

    if (argc != 2)
        return 2;
    CHECK(descope_client_new(argv[1], &client, NULL) == DESCOPE_OK);
    sign_in(client);
    sign_in(client);
    suspended_seconds = SUSPENDED_SECONDS;
    sign_in(client);
    sign_in(client);
    descope_client_free(client);
    return finish_checks();
}
