/* Calls the library again and again: in each round another allocation fails, or all from there on,
 * until the call needs no more. Each time the call returns a status, the same call succeeds
 * afterwards, and no block is left.
 *
 * Usage: failing_allocations SCENARIO once|on STEP CONFIG [TOKEN]
 *
 * Every STEP-th allocation fails. For each call with a login ID of its own, it prints that and the
 * outcome, so that the test can compare it with what the server has received. */
#define _GNU_SOURCE
#include <descope_ml.h>

#include <stdio.h>
#include <stdlib.h>

#include "check.h"
#include "failing_malloc.h"
#include "failing_scenarios.h"

static const struct scenario *find_scenario(const char *name) {
    size_t i;

    for (i = 0; i < sizeof scenarios / sizeof *scenarios; i++)
        if (strcmp(scenarios[i].name, name) == 0)
            return &scenarios[i];
    fprintf(stderr, "unknown scenario %s\n", name);
    exit(2);
}

static void new_request(const struct scenario *scenario, enum failing_mode mode) {
    static int round_number;
    const char *const name = scenario->name;

    snprintf(login_id, sizeof login_id, "+1555%02d%d%05d", (int)(scenario - scenarios), (int)mode,
             round_number++);
    if (strncmp(name, "validate", 8) == 0)
        snprintf(request, sizeof request, "{\"sessionToken\": \"%s\"}", token);
    else if (strncmp(name, "refresh", 7) == 0)
        snprintf(request, sizeof request, "{\"refreshToken\": \"%s\"}", token);
    else if (strcmp(name, "sign_in_large") == 0)
        snprintf(request, sizeof request,
                 "{\"loginId\": \"%s\", \"extra\": {\"large\": \"\\n%0*d\", \"list\": [%s]}}",
                 login_id, LARGE, 0, "1, 2, {\"a\": 3}");
    else
        snprintf(request, sizeof request, "{\"loginId\": \"%s\", \"timeoutMs\": 10000}", login_id);
}

/* Runs a scenario. Its n-th allocation fails. Returns whether any has failed. */
static int run_round(const struct scenario *scenario, long n, enum failing_mode mode) {
    static long largest;
    struct result result = {0, NULL};
    char outcome[16] = "sent";
    long failed, before, failed_size;

    new_request(scenario, mode);
    before = atomic_load(&blocks_in_use);
    scenario->set_up();
    fail_allocation(n, mode);
    scenario->run(&result);
    failed = stop_failing();
    failed_size = atomic_load(&failed_bytes);
    if (failed != 0 && failed_size > largest)
        largest = failed_size;
    if (failed == 0)
        printf("allocations %ld, at most %ld bytes failed\n", atomic_load(&allocations), largest);
    if (result.status != DESCOPE_OK && (failed == 0 || result.status != DESCOPE_E_MEMORY)) {
        fprintf(stderr, "%s, allocation %ld: status %d, %s\n", scenario->name, n, result.status,
                result.out != NULL ? result.out : "no document");
        failed_checks++;
    }
    if (result.status != DESCOPE_OK
        && descope_json_get(result.out, "/error/outcome", outcome, sizeof outcome, NULL)
               != DESCOPE_OK)
        strcpy(outcome, "not_sent");
    descope_string_free(result.out);
    if (scenario->sends_login_id)
        printf("%s %s\n", login_id, outcome);

    /* The same again, with memory. */
    new_request(scenario, mode);
    result.out = NULL;
    scenario->run(&result);
    if (result.status != DESCOPE_OK) {
        fprintf(stderr, "%s, after allocation %ld: status %d, %s\n", scenario->name, n,
                result.status, result.out != NULL ? result.out : "no document");
        failed_checks++;
    }
    descope_string_free(result.out);
    scenario->tear_down();
    wait_for_threads();
    /* The few bytes of freed clients. */
    descope_cleanup();
    if (n > 0 && atomic_load(&blocks_in_use) != before)
        fprintf(stderr, "%s, allocation %ld: %ld blocks are left\n", scenario->name, n,
                atomic_load(&blocks_in_use) - before);
    return failed != 0;
}

int main(int argc, char **argv) {
    const struct scenario *scenario;
    enum failing_mode mode;
    long n, step;

    if (argc != 5 && argc != 6)
        return 2;
    scenario = find_scenario(argv[1]);
    mode = strcmp(argv[2], "on") == 0 ? FAIL_FROM_THERE_ON : FAIL_ONCE;
    step = atol(argv[3]);
    config = argv[4];
    token = argc == 6 ? argv[5] : "";
    /* What the library, the thread and the C library keep for ever is there after the first round.
     */
    fill_stack_cache();
    run_round(scenario, 0, mode);
    for (n = 1; run_round(scenario, n, mode) && failed_checks < 20; n += step)
        continue;
    return finish_checks();
}
