/* When the system has nothing left: each call says so in its status and that nothing was sent, and
 * the next one works once there is enough again: shortage descriptors|threads CONFIG NAMED_CONFIG
 * OTHER_CONFIG PLATFORM_CONFIG. */
#define _DEFAULT_SOURCE
#include <descope_ml.h>

#include <grp.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "check.h"

#define SIGN_IN "magiclink/signin/sms"
#define REQUEST "{\"loginId\": \"+14155550123\"}"

/* A user who owns no process; limits of threads do not hold for root. */
#define NOBODY 65534

static const char *config, *named_config, *other_config, *platform_config;

static descope_client *made(const char *with) {
    descope_client *client = NULL;

    CHECK(descope_client_new(with, &client, NULL) == DESCOPE_OK);
    return client;
}

static void works(const descope_client *client) {
    char *out = NULL;

    if (descope_client_call(client, SIGN_IN, REQUEST, &out) != DESCOPE_OK) {
        fprintf(stderr, "%s\n", out != NULL ? out : "no document");
        failed_checks++;
    }
    descope_string_free(out);
}

/* A call that fails before anything is sent, with a message that says why. */
static void is_not_sent(const descope_client *client, const char *why) {
    char *out = NULL;
    char outcome[16] = "", message[256] = "";

    CHECK(descope_client_call(client, SIGN_IN, REQUEST, &out) == DESCOPE_E_NETWORK);
    CHECK(descope_json_get(out, "/error/outcome", outcome, sizeof outcome, NULL) == DESCOPE_OK);
    CHECK(strcmp(outcome, "not_sent") == 0);
    CHECK(descope_json_get(out, "/error/message", message, sizeof message, NULL) == DESCOPE_OK);
    CHECK(strstr(message, why) != NULL);
    descope_string_free(out);
}

static void cannot_be_made(const char *with) {
    descope_client *client = NULL;
    char *out = NULL;
    char name[32] = "";

    CHECK(descope_client_new(with, &client, &out) == DESCOPE_E_CONFIG);
    CHECK(client == NULL);
    CHECK(descope_json_get(out, "/error/name", name, sizeof name, NULL) == DESCOPE_OK);
    CHECK(strcmp(name, "DESCOPE_E_CONFIG") == 0);
    descope_string_free(out);
    descope_client_free(client);
}

/* Lowers or raises the limit that holds now; the highest possible one stays. */
static void limit(int what, rlim_t to) {
    struct rlimit limits;

    CHECK(getrlimit(what, &limits) == 0);
    limits.rlim_cur = to;
    CHECK(setrlimit(what, &limits) == 0);
}

static rlim_t limit_of(int what) {
    struct rlimit limits;

    CHECK(getrlimit(what, &limits) == 0);
    return limits.rlim_cur;
}

static void no_descriptor(void) {
    descope_client *const fresh = made(config), *const kept = made(config);
    descope_client *const named = made(named_config);
    const rlim_t before = limit_of(RLIMIT_NOFILE);
    int lowest;

    works(kept);
    lowest = dup(STDIN_FILENO);
    CHECK(lowest > 0 && close(lowest) == 0);
    limit(RLIMIT_NOFILE, (rlim_t)lowest);
    is_not_sent(fresh, "Too many open files");
    is_not_sent(named, "not found");
    /* The authorities that another client has are there already. */
    descope_client_free(made(config));
    cannot_be_made(other_config);
    cannot_be_made(platform_config);
    works(kept);
    limit(RLIMIT_NOFILE, before);
    works(fresh);
    works(named);
    works(kept);
    descope_client_free(made(other_config));
    descope_client_free(made(platform_config));
    descope_client_free(named);
    descope_client_free(kept);
    descope_client_free(fresh);
}

static void no_thread(void) {
    descope_client *const client = made(config), *const named = made(named_config);
    rlim_t before;

    CHECK(geteuid() != 0 || (setgroups(0, NULL) == 0 && setuid(NOBODY) == 0));
    before = limit_of(RLIMIT_NPROC);
    limit(RLIMIT_NPROC, 1);
    is_not_sent(named, "allows no thread");
    works(client);
    limit(RLIMIT_NPROC, before);
    works(named);
    limit(RLIMIT_NPROC, 1);
    works(named);
    limit(RLIMIT_NPROC, before);
    descope_client_free(named);
    descope_client_free(client);
}

int main(int argc, char **argv) {
    CHECK(argc == 6);
    if (argc != 6)
        return 2;
    config = argv[2];
    named_config = argv[3];
    other_config = argv[4];
    platform_config = argv[5];
    if (strcmp(argv[1], "descriptors") == 0)
        no_descriptor();
    else
        no_thread();
    if (failed_checks == 0)
        puts("ok");
    return failed_checks != 0;
}
