/* Makes many calls and clients. After each step it prints a line with the step, the resident memory
 * in bytes, and the number of open descriptors. */
#include <descope_ml.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define CLIENTS 10000
#define CALLS 1000000

static descope_client *clients[CLIENTS];

/* Prints the line of a step; returns 1 if /proc cannot be read. */
static int print_step(const char *what) {
    unsigned long pages = 0;
    int descriptors = -3; /* `.`, `..` and the folder itself */
    FILE *memory = fopen("/proc/self/statm", "r");
    DIR *folder = opendir("/proc/self/fd");
    if (!memory || !folder || fscanf(memory, "%*u %lu", &pages) != 1)
        return 1;
    while (readdir(folder))
        descriptors++;
    closedir(folder);
    fclose(memory);
    printf("%s %lu %d\n", what, pages * (unsigned long)sysconf(_SC_PAGESIZE), descriptors - 1);
    return 0;
}

static int new_client(const char *config, descope_client **client) {
    char *response = NULL;
    int status = descope_client_new(config, client, &response);
    if (status != DESCOPE_OK)
        fprintf(stderr, "%s\n", response ? response : descope_status_name(status));
    descope_string_free(response);
    return status != DESCOPE_OK;
}

static int sign_in(const descope_client *client, const char *request, long times) {
    while (times-- > 0) {
        char *response = NULL;
        int status = descope_client_call(client, "magiclink/signin/sms", request, &response);
        if (status != DESCOPE_OK) {
            fprintf(stderr, "%s\n", response ? response : descope_status_name(status));
            return 1;
        }
        descope_string_free(response);
    }
    return 0;
}

int main(void) {
    const char *request = getenv("BENCH_REQUEST");
    char *config = NULL;
    int i;
    if (!request || descope_json_set(&config, "/projectId", getenv("BENCH_PROJECT"))
        || descope_json_set(&config, "/baseUrl", getenv("BENCH_URL"))
        || descope_json_set(&config, "/caFile", getenv("BENCH_CA")))
        return 1;
    if (print_step("start") || new_client(config, &clients[0]) || sign_in(clients[0], request, 1)
        || print_step("1 client, 1 call") || sign_in(clients[0], request, 9999)
        || print_step("10,000 calls") || sign_in(clients[0], request, 90000)
        || print_step("100,000 calls") || sign_in(clients[0], request, CALLS - 100000)
        || print_step("1,000,000 calls"))
        return 1;
    for (i = 1; i < CLIENTS; i++) {
        if (new_client(config, &clients[1]) || sign_in(clients[1], request, 1))
            return 1;
        descope_client_free(clients[1]);
    }
    if (print_step("10,000 clients made, used and freed in turn"))
        return 1;
    for (i = 1; i < CLIENTS; i++)
        if (new_client(config, &clients[i]))
            return 1;
    if (print_step("10,000 clients kept, unused"))
        return 1;
    for (i = 1; i < CLIENTS; i++)
        descope_client_free(clients[i]);
    if (print_step("all but one freed"))
        return 1;
    descope_client_free(clients[0]);
    descope_string_free(config);
    return print_step("end");
}
