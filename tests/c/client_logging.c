/* Log callbacks of clients: two parts of a program with a client each do not take each other's
 * lines.
 *
 * Usage: client_logging CONFIG
 *
 * The server must know the user +14155550123, and never answers a sign-in by email. */
#include "queue.h"

/* What a callback has received. */
struct lines {
    int count, freed;
    char last[256];
};

static void collect(int32_t level, const char *message, void *userdata) {
    struct lines *lines = (struct lines *)userdata;

    CHECK(level >= DESCOPE_LOG_ERROR && level <= DESCOPE_LOG_DEBUG && lines->freed == 0);
    lines->count++;
    snprintf(lines->last, sizeof lines->last, "%s", message);
}

static void count_free(void *userdata) {
    ((struct lines *)userdata)->freed++;
}

static void sign_in(const descope_client *client) {
    CHECK(descope_client_call(client, OPERATION, REQUEST, NULL) == DESCOPE_OK);
}

static void set(descope_client *client, struct lines *lines, int32_t max_level) {
    CHECK(descope_client_log_set(client, collect, lines, count_free, max_level) == DESCOPE_OK);
}

int main(int argc, char **argv) {
    static struct lines process, first, second, third, unused[3];
    struct completion completion;
    descope_client *one, *other;
    descope_queue *queue;

    CHECK(argc == 2);
    one = new_client(argv[1]);
    other = new_client(argv[1]);

    /* Without a callback of the process. */
    set(one, &first, DESCOPE_LOG_DEBUG);
    sign_in(one);
    sign_in(other);
    CHECK(first.count == 2);

    /* Each client has its own callback, the others have that of the process. */
    CHECK(descope_log_set(collect, &process, count_free, DESCOPE_LOG_DEBUG) == DESCOPE_OK);
    sign_in(other);
    CHECK(first.count == 2 && process.count == 2);
    set(other, &second, DESCOPE_LOG_DEBUG);
    sign_in(one);
    sign_in(other);
    CHECK(first.count == 4 && second.count == 2 && process.count == 2);

    /* The level is that of the client. */
    set(other, &third, DESCOPE_LOG_INFO);
    CHECK(second.freed == 1);
    sign_in(other);
    CHECK(descope_client_call(other, OPERATION, "{}", NULL) == DESCOPE_E_ARGUMENT);
    CHECK(third.count == 1 && process.count == 2);

    /* A queue logs like its client: a call that is sent, one that is rejected, one that is
     * cancelled. */
    queue = new_queue(one);
    CHECK(descope_queue_submit(queue, OPERATION, REQUEST, 1, NULL) == DESCOPE_OK);
    CHECK(wait_for_completion(queue).tag == 1);
    CHECK(first.count == 6);
    CHECK(descope_queue_submit(queue, OPERATION, "{}", 2, NULL) == DESCOPE_E_ARGUMENT);
    CHECK(first.count == 7);
    CHECK(descope_queue_submit(queue, WAITING_OPERATION, WAITING_REQUEST, 3, NULL) == DESCOPE_OK);
    run_until_quiet(queue);
    CHECK(first.count == 8);
    CHECK(descope_queue_cancel(queue, 3) == DESCOPE_OK);
    completion = wait_for_completion(queue);
    CHECK(completion.tag == 3 && first.count == 9);
    CHECK(strstr(first.last, "magiclink/signin/email: failed after") == first.last);
    CHECK(process.count == 2);

    /* Off: no line, not even to the callback of the process. Userdata that is not used is freed. */
    set(other, &unused[0], DESCOPE_LOG_OFF);
    CHECK(third.freed == 1 && unused[0].freed == 1);
    sign_in(other);
    CHECK(unused[0].count == 0 && process.count == 2);
    CHECK(descope_client_log_set(other, collect, &unused[1], count_free, 9) == DESCOPE_E_ARGUMENT);
    CHECK(descope_client_log_set(NULL, collect, &unused[2], count_free, DESCOPE_LOG_DEBUG)
          == DESCOPE_E_ARGUMENT);
    CHECK(unused[1].freed == 1 && unused[2].freed == 1);

    /* No callback: that of the process again. */
    CHECK(descope_client_log_set(other, NULL, NULL, NULL, DESCOPE_LOG_DEBUG) == DESCOPE_OK);
    sign_in(other);
    CHECK(process.count == 4);

    /* The userdata of a client lives as long as what uses the client. */
    descope_client_free(one);
    CHECK(first.freed == 0);
    CHECK(descope_queue_submit(queue, OPERATION, REQUEST, 4, NULL) == DESCOPE_OK);
    CHECK(wait_for_completion(queue).tag == 4);
    CHECK(first.count == 11);
    descope_queue_free(queue);
    CHECK(first.freed == 1);
    CHECK(process.freed == 0);
    CHECK(descope_log_set(NULL, NULL, NULL, DESCOPE_LOG_OFF) == DESCOPE_OK);
    CHECK(process.freed == 1);
    descope_client_free(other);
    return finish_checks();
}
