/* libcurl and cJSON, as a careful C programmer uses them: the handle, the headers and the response
 * buffer are reused. */
#include "harness.h"

#include <cjson/cJSON.h>
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The client of one thread. */
typedef struct {
    CURL *handle;
    struct curl_slist *headers;
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

static int signin(void *opened) {
    client *self = opened;
    char *body = body_of(harness.request);
    long status = 0;
    CURLcode done;
    cJSON *response;
    int wrong;
    if (!body)
        return harness_error("BENCH_REQUEST is not a request", NULL);
    curl_easy_setopt(self->handle, CURLOPT_POSTFIELDS, body);
    curl_easy_setopt(self->handle, CURLOPT_POSTFIELDSIZE, (long)strlen(body));
    self->length = 0;
    done = curl_easy_perform(self->handle);
    free(body);
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

int main(int argc, char **argv) {
    static const harness_peer curl = {"curl", prepare, open_client, signin, NULL};
    return harness_main(argc, argv, &curl);
}
