/* Memory and descriptors over many clients and many calls: one line for each step, with the
 * resident bytes and the open descriptors then. */
#include <descope_ml.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define CLIENTS 10000
#define CALLS 1000000

static descope_client *clients[CLIENTS];

/* Prints where the process stands; returns 1 when the system does not say. */
static int stand(const char *what) {
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

static int make(const char *config, descope_client **client) {
    char *answer = NULL;
    int status = descope_client_new(config, client, &answer);
    if (status != DESCOPE_OK)
        fprintf(stderr, "%s\n", answer ? answer : descope_status_name(status));
    descope_string_free(answer);
    return status != DESCOPE_OK;
}

static int call(const descope_client *client, const char *request, long times) {
    while (times-- > 0) {
        char *answer = NULL;
        int status = descope_client_call(client, "magiclink/signin/sms", request, &answer);
        if (status != DESCOPE_OK) {
            fprintf(stderr, "%s\n", answer ? answer : descope_status_name(status));
            return 1;
        }
        descope_string_free(answer);
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
    if (stand("start") || make(config, &clients[0]) || call(clients[0], request, 1)
        || stand("1 client, 1 call") || call(clients[0], request, 9999) || stand("10,000 calls")
        || call(clients[0], request, 90000) || stand("100,000 calls")
        || call(clients[0], request, CALLS - 100000) || stand("1,000,000 calls"))
        return 1;
    for (i = 1; i < CLIENTS; i++) {
        if (make(config, &clients[1]) || call(clients[1], request, 1))
            return 1;
        descope_client_free(clients[1]);
    }
    if (stand("10,000 clients made, used and freed in turn"))
        return 1;
    for (i = 1; i < CLIENTS; i++)
        if (make(config, &clients[i]))
            return 1;
    if (stand("10,000 clients kept, unused"))
        return 1;
    for (i = 1; i < CLIENTS; i++)
        descope_client_free(clients[i]);
    if (stand("all but one freed"))
        return 1;
    descope_client_free(clients[0]);
    descope_string_free(config);
    return stand("end");
}
