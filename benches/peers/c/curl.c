/* libcurl and cJSON, as a careful C programmer uses them: the handle, the headers and the response
 * buffer are reused. With many calls in flight, each task has its own handle, and the multi
 * interface tells epoll what to wait for. */
#include "harness.h"

#include <cjson/cJSON.h>
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>

/* The client of one thread or task. */
typedef struct {
    CURL *handle;
    struct curl_slist *headers;
    size_t task;
    char *body;
    char *response;
    size_t length, size;
    char error[CURL_ERROR_SIZE];
} client;

static char url[512];

static int prepare(const char *scenario) {
    int length = snprintf(url, sizeof url, "%s/v1/auth/magiclink/signin/sms", harness.url);
    (void)scenario;
    if (length < 0 || (size_t)length >= sizeof url)
        return harness_error("BENCH_URL is too long", NULL);
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return harness_error("curl_global_init failed", NULL);
    return 0;
}

static size_t collect(char *data, size_t one, size_t length, void *userdata) {
    client *self = userdata;
    (void)one;
    if (self->length + length >= self->size) {
        size_t size = 2 * (self->length + length) + 1;
        char *larger = realloc(self->response, size);
        if (!larger)
            return 0;
        self->response = larger;
        self->size = size;
    }
    memcpy(self->response + self->length, data, length);
    self->length += length;
    self->response[self->length] = '\0';
    return length;
}

static void *open_client(void) {
    client *self = calloc(1, sizeof *self);
    char bearer[512];
    int length = snprintf(bearer, sizeof bearer, "Authorization: Bearer %s", harness.project);
    if (!self || length < 0 || (size_t)length >= sizeof bearer || !(self->handle = curl_easy_init())
        || !(self->headers = curl_slist_append(NULL, "Content-Type: application/json"))
        || !curl_slist_append(self->headers, bearer)) {
        harness_error("cannot create the handle", NULL);
        return NULL;
    }
    curl_easy_setopt(self->handle, CURLOPT_URL, url);
    curl_easy_setopt(self->handle, CURLOPT_HTTPHEADER, self->headers);
    curl_easy_setopt(self->handle, CURLOPT_POST, 1L);
    curl_easy_setopt(self->handle, CURLOPT_WRITEFUNCTION, collect);
    curl_easy_setopt(self->handle, CURLOPT_WRITEDATA, self);
    curl_easy_setopt(self->handle, CURLOPT_ERRORBUFFER, self->error);
    curl_easy_setopt(self->handle, CURLOPT_TIMEOUT_MS, 10000L);
    curl_easy_setopt(self->handle, CURLOPT_NOSIGNAL, 1L);
    if (*harness.ca)
        curl_easy_setopt(self->handle, CURLOPT_CAINFO, harness.ca);
    return self;
}

/* Makes the body from the request document; NULL if the document is invalid. */
static char *body_of(const char *document) {
    cJSON *request = cJSON_Parse(document), *body = NULL;
    const cJSON *login_id = cJSON_GetObjectItemCaseSensitive(request, "loginId");
    const cJSON *redirect = cJSON_GetObjectItemCaseSensitive(request, "redirectUrl");
    char *text = NULL;
    if (cJSON_IsString(login_id) && (body = cJSON_CreateObject())
        && cJSON_AddStringToObject(body, "loginId", login_id->valuestring)
        && (!redirect || cJSON_AddItemToObject(body, "redirectUrl", cJSON_Duplicate(redirect, 1))))
        text = cJSON_PrintUnformatted(body);
    cJSON_Delete(body);
    cJSON_Delete(request);
    return text;
}

/* Sets the request of the next call. */
static int set_request(client *self) {
    self->body = body_of(harness.request);
    if (!self->body)
        return harness_error("BENCH_REQUEST is not a request", NULL);
    curl_easy_setopt(self->handle, CURLOPT_POSTFIELDS, self->body);
    curl_easy_setopt(self->handle, CURLOPT_POSTFIELDSIZE, (long)strlen(self->body));
    self->length = 0;
    return 0;
}

/* Checks the response of a call that has ended, and frees the request. */
static int check_response(client *self, CURLcode done) {
    long status = 0;
    cJSON *response;
    int wrong;
    free(self->body);
    self->body = NULL;
    if (done != CURLE_OK)
        return harness_error("the call failed",
                             *self->error ? self->error : curl_easy_strerror(done));
    curl_easy_getinfo(self->handle, CURLINFO_RESPONSE_CODE, &status);
    if (status != 200)
        return harness_error("the response status is not 200", NULL);
    response = cJSON_ParseWithLength(self->response, self->length);
    wrong = harness_check_phone(
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(response, "maskedPhone")));
    cJSON_Delete(response);
    return wrong;
}

static int signin(void *opened) {
    client *self = opened;
    return set_request(self) || check_response(self, curl_easy_perform(self->handle));
}

/* Many transfers on one thread. */
typedef struct {
    CURLM *multi;
    int epoll;
    long long deadline; /* of libcurl's timer, in milliseconds; -1: none */
    client *tasks[HARNESS_MAX_TASKS];
} event_loop;

static long long now_ms(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (long long)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static int set_timer(CURLM *multi, long timeout_ms, void *userdata) {
    event_loop *self = userdata;
    (void)multi;
    self->deadline = timeout_ms < 0 ? -1 : now_ms() + timeout_ms;
    return 0;
}

static int watch_socket(CURL *handle, curl_socket_t socket, int what, void *userdata,
                        void *is_watched) {
    event_loop *self = userdata;
    struct epoll_event event = {.data.fd = socket};
    (void)handle;
    if (what == CURL_POLL_REMOVE)
        return epoll_ctl(self->epoll, EPOLL_CTL_DEL, socket, NULL);
    event.events = (what & CURL_POLL_IN ? EPOLLIN : 0) | (what & CURL_POLL_OUT ? EPOLLOUT : 0);
    if (is_watched)
        return epoll_ctl(self->epoll, EPOLL_CTL_MOD, socket, &event);
    curl_multi_assign(self->multi, socket, self);
    return epoll_ctl(self->epoll, EPOLL_CTL_ADD, socket, &event);
}

static void *open_loop(void) {
    event_loop *self = calloc(1, sizeof *self);
    if (!self || !(self->multi = curl_multi_init()) || (self->epoll = epoll_create1(0)) < 0) {
        harness_error("cannot create the event loop", NULL);
        return NULL;
    }
    self->deadline = -1;
    curl_multi_setopt(self->multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
    curl_multi_setopt(self->multi, CURLMOPT_SOCKETDATA, self);
    curl_multi_setopt(self->multi, CURLMOPT_TIMERFUNCTION, set_timer);
    curl_multi_setopt(self->multi, CURLMOPT_TIMERDATA, self);
    curl_multi_setopt(self->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)HARNESS_MAX_TASKS);
    curl_multi_setopt(self->multi, CURLMOPT_MAXCONNECTS, (long)HARNESS_MAX_TASKS);
    return self;
}

static int start(void *opened, size_t task) {
    event_loop *self = opened;
    client **one = &self->tasks[task];
    if (!*one) {
        if (!(*one = open_client()))
            return 1;
        (*one)->task = task;
        curl_easy_setopt((*one)->handle, CURLOPT_PRIVATE, *one);
    }
    if (set_request(*one))
        return 1;
    if (curl_multi_add_handle(self->multi, (*one)->handle) != CURLM_OK)
        return harness_error("cannot start the transfer", NULL);
    return 0;
}

/* Waits for sockets and the timer, and continues the transfers. */
static int run_once(event_loop *self) {
    struct epoll_event events[256];
    long long now = now_ms();
    int wait = self->deadline < 0 ? -1 : self->deadline > now ? (int)(self->deadline - now) : 0;
    int count = epoll_wait(self->epoll, events, sizeof events / sizeof *events, wait), i, running;
    CURLMcode done = CURLM_OK;
    for (i = 0; i < count && done == CURLM_OK; i++) {
        int ready = (events[i].events & EPOLLIN ? CURL_CSELECT_IN : 0)
                    | (events[i].events & EPOLLOUT ? CURL_CSELECT_OUT : 0)
                    | (events[i].events & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);
        done = curl_multi_socket_action(self->multi, events[i].data.fd, ready, &running);
    }
    if (done == CURLM_OK && self->deadline >= 0 && self->deadline <= now_ms()) {
        self->deadline = -1;
        done = curl_multi_socket_action(self->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    }
    return done == CURLM_OK ? 0 : harness_error("a transfer failed", curl_multi_strerror(done));
}

static int finish(void *opened, size_t *task) {
    event_loop *self = opened;
    client *one = NULL;
    CURLMsg *message;
    CURLcode done;
    int left;
    while (!(message = curl_multi_info_read(self->multi, &left)))
        if (run_once(self))
            return 1;
    done = message->data.result;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&one);
    curl_multi_remove_handle(self->multi, one->handle);
    *task = one->task;
    return check_response(one, done);
}

int main(int argc, char **argv) {
    static const harness_async multi = {open_loop, start, finish};
    static const harness_peer curl = {"curl", prepare, open_client, signin, NULL, &multi};
    return harness_main(argc, argv, &curl);
}
