/* A process that has closed stdin, stdout and stderr: the library opens no descriptor with their
 * numbers, so what the host program prints goes nowhere.
 *
 * Usage: low_descriptors CONFIG */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>

#include "queue.h"

/* Where the standard streams are kept meanwhile. */
#define SAVED 100

static int log_lines;

/* Prints to streams that are closed, from inside a call. */
static void print_line(int32_t level, const char *line, void *userdata) {
    int fd;

    (void)level, (void)userdata;
    log_lines++;
    for (fd = 0; fd < 3; fd++)
        if (write(fd, line, strlen(line)) != -1 || errno != EBADF || fcntl(fd, F_GETFD) != -1)
            failed_checks++;
}

int main(int argc, char **argv) {
    struct completion completion = {0};
    descope_client *client = NULL, *system_store = NULL;
    descope_queue *queue = NULL;
    int32_t statuses[7];
    size_t i;
    int fd;

    CHECK(argc == 2);
    if (argc != 2)
        return 2;
    for (fd = 0; fd < 3; fd++) {
        CHECK(dup2(fd, SAVED + fd) == SAVED + fd);
        CHECK(close(fd) == 0);
    }
    statuses[0] = descope_log_set(print_line, NULL, NULL, DESCOPE_LOG_DEBUG);
    statuses[1] = descope_client_new(argv[1], &client, NULL);
    /* Reads the files and the directory of the system's certificate authorities. */
    statuses[2] = descope_client_new("{\"projectId\": \"P2test\"}", &system_store, NULL);
    statuses[3] = descope_client_call(client, OPERATION, REQUEST, NULL);
    statuses[4] = descope_queue_new(client, &queue, NULL);
    statuses[5] = descope_queue_submit(queue, OPERATION, REQUEST, 1, NULL);
    statuses[6] = next_completion(queue, MAX_WAIT_MS, &completion);
    print_line(0, "", NULL);
    descope_queue_free(queue);
    descope_client_free(system_store);
    descope_client_free(client);
    for (fd = 0; fd < 3; fd++)
        CHECK(dup2(SAVED + fd, fd) == fd);
    for (i = 0; i < sizeof statuses / sizeof statuses[0]; i++)
        CHECK(statuses[i] == DESCOPE_OK);
    CHECK(completion.tag == 1 && completion.status == DESCOPE_OK);
    CHECK(log_lines > 2);
    return finish_checks();
}
