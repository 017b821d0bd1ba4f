/* Resource limits: without a free file descriptor or thread, a call returns an error status and
 * says that nothing was sent. The next call succeeds once the resource is available again.
 *
 * Usage: resource_limits descriptors|threads CONFIG HOST_NAME_CONFIG OTHER_CA_CONFIG
 *                        PLATFORM_CA_CONFIG
 *
 * HOST_NAME_CONFIG has a base URL with a host name to look up, OTHER_CA_CONFIG another caFile than
 * CONFIG, PLATFORM_CA_CONFIG no caFile, so that the system's CA certificates are read. */
#define _DEFAULT_SOURCE
#include <descope_ml.h>

#include <grp.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "check.h"

#define SIGN_IN "magiclink/signin/sms"
#define REQUEST "{\"loginId\": \"+14155550123\"}"

/* The ID of a user without processes. Root must switch to it, because RLIMIT_NPROC does not apply
 * to root. */
#define UNUSED_USER_ID 65534

static const char *config, *host_name_config, *other_ca_config, *platform_ca_config;

static descope_client *new_client(const char *client_config) {
    descope_client *client = NULL;

    CHECK(descope_client_new(client_config, &client, NULL) == DESCOPE_OK);
    return client;
}

static void check_sign_in_succeeds(const descope_client *client) {
    char *out = NULL;

    if (descope_client_call(client, SIGN_IN, REQUEST, &out) != DESCOPE_OK) {
        fprintf(stderr, "%s\n", out != NULL ? out : "no document");
        failed_checks++;
    }
    descope_string_free(out);
}

/* Checks that a call fails before anything is sent, with a message that contains `reason`. */
static void check_sign_in_not_sent(const descope_client *client, const char *reason) {
    char *out = NULL;
    char outcome[16] = "", message[256] = "";

    CHECK(descope_client_call(client, SIGN_IN, REQUEST, &out) == DESCOPE_E_NETWORK);
    CHECK(descope_json_get(out, "/error/outcome", outcome, sizeof outcome, NULL) == DESCOPE_OK);
    CHECK(strcmp(outcome, "not_sent") == 0);
    CHECK(descope_json_get(out, "/error/message", message, sizeof message, NULL) == DESCOPE_OK);
    CHECK(strstr(message, reason) != NULL);
    descope_string_free(out);
}

static void check_new_client_fails(const char *client_config) {
    descope_client *client = NULL;
    char *out = NULL;
    char name[32] = "";

    CHECK(descope_client_new(client_config, &client, &out) == DESCOPE_E_CONFIG);
    CHECK(client == NULL);
    CHECK(descope_json_get(out, "/error/name", name, sizeof name, NULL) == DESCOPE_OK);
    CHECK(strcmp(name, "DESCOPE_E_CONFIG") == 0);
    descope_string_free(out);
    descope_client_free(client);
}

/* Sets the soft limit of a resource; the hard limit stays. */
static void set_limit(int resource, rlim_t to) {
    struct rlimit limits;

    CHECK(getrlimit(resource, &limits) == 0);
    limits.rlim_cur = to;
    CHECK(setrlimit(resource, &limits) == 0);
}

static rlim_t get_limit(int resource) {
    struct rlimit limits;

    CHECK(getrlimit(resource, &limits) == 0);
    return limits.rlim_cur;
}

static void test_no_free_descriptor(void) {
    descope_client *const fresh = new_client(config), *const connected = new_client(config);
    descope_client *const with_host_name = new_client(host_name_config);
    const rlim_t before = get_limit(RLIMIT_NOFILE);
    int lowest;

    check_sign_in_succeeds(connected);
    lowest = dup(STDIN_FILENO);
    CHECK(lowest > 0 && close(lowest) == 0);
    set_limit(RLIMIT_NOFILE, (rlim_t)lowest);
    check_sign_in_not_sent(fresh, "Too many open files");
    check_sign_in_not_sent(with_host_name, "could not resolve the host name");
    /* Needs no descriptor: another client has already read these CA certificates. */
    descope_client_free(new_client(config));
    check_new_client_fails(other_ca_config);
    check_new_client_fails(platform_ca_config);
    check_sign_in_succeeds(connected);
    set_limit(RLIMIT_NOFILE, before);
    check_sign_in_succeeds(fresh);
    check_sign_in_succeeds(with_host_name);
    check_sign_in_succeeds(connected);
    descope_client_free(new_client(other_ca_config));
    descope_client_free(new_client(platform_ca_config));
    descope_client_free(with_host_name);
    descope_client_free(connected);
    descope_client_free(fresh);
}

static void test_no_free_thread(void) {
    descope_client *const client = new_client(config);
    descope_client *const with_host_name = new_client(host_name_config);
    rlim_t before;

    CHECK(geteuid() != 0 || (setgroups(0, NULL) == 0 && setuid(UNUSED_USER_ID) == 0));
    before = get_limit(RLIMIT_NPROC);
    set_limit(RLIMIT_NPROC, 1);
    check_sign_in_not_sent(with_host_name, "could not start a thread for the DNS lookup");
    check_sign_in_succeeds(client);
    set_limit(RLIMIT_NPROC, before);
    check_sign_in_succeeds(with_host_name);
    set_limit(RLIMIT_NPROC, 1);
    check_sign_in_succeeds(with_host_name);
    set_limit(RLIMIT_NPROC, before);
    descope_client_free(with_host_name);
    descope_client_free(client);
}

int main(int argc, char **argv) {
    CHECK(argc == 6);
    if (argc != 6)
        return 2;
    config = argv[2];
    host_name_config = argv[3];
    other_ca_config = argv[4];
    platform_ca_config = argv[5];
    if (strcmp(argv[1], "descriptors") == 0)
        test_no_free_descriptor();
    else
        test_no_free_thread();
    return finish_checks();
}
