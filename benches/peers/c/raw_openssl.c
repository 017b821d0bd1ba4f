/* The signature check only, by OpenSSL with a cached key: the lower limit of `validate`. */
#include "harness.h"

#include <cjson/cJSON.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static EVP_PKEY *key = NULL;
static size_t signed_length;
static unsigned char signature[1024];
static size_t signature_length;

/* Reads a file as text; NULL on failure. */
static char *read_file(const char *path) {
    FILE *file = fopen(path, "rb");
    char *text = NULL;
    long size;
    if (file && fseek(file, 0, SEEK_END) == 0 && (size = ftell(file)) >= 0
        && fseek(file, 0, SEEK_SET) == 0 && (text = calloc(1, (size_t)size + 1))
        && fread(text, 1, (size_t)size, file) != (size_t)size) {
        free(text);
        text = NULL;
    }
    if (file)
        fclose(file);
    return text;
}

/* Reads a base64url number of a key. */
static BIGNUM *number(const cJSON *jwk, const char *name) {
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(jwk, name));
    unsigned char bytes[1024];
    if (!text || strlen(text) > sizeof bytes)
        return NULL;
    return BN_bin2bn(bytes, (int)harness_base64url(text, strlen(text), bytes), NULL);
}

/* Finds the key whose ID is in the token's header. */
static const cJSON *key_of_token(const cJSON *set) {
    char *header = calloc(1, strlen(harness.token) + 1);
    const cJSON *one, *found = NULL;
    const char *kid;
    cJSON *parsed;
    if (!header)
        return NULL;
    harness_base64url(harness.token, strcspn(harness.token, "."), (unsigned char *)header);
    parsed = cJSON_Parse(header);
    kid = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(parsed, "kid"));
    cJSON_ArrayForEach(one, cJSON_GetObjectItemCaseSensitive(set, "keys")) {
        const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(one, "kid"));
        if (kid && name && strcmp(kid, name) == 0)
            found = one;
    }
    cJSON_Delete(parsed);
    free(header);
    return found;
}

static EVP_PKEY *public_key(const cJSON *jwk) {
    BIGNUM *n = number(jwk, "n"), *e = number(jwk, "e");
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    OSSL_PARAM *parameters = NULL;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    EVP_PKEY *made = NULL;
    if (n && e && builder && context && OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, n)
        && OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, e)
        && (parameters = OSSL_PARAM_BLD_to_param(builder)) && EVP_PKEY_fromdata_init(context) == 1
        && EVP_PKEY_fromdata(context, &made, EVP_PKEY_PUBLIC_KEY, parameters) != 1)
        made = NULL;
    OSSL_PARAM_free(parameters);
    EVP_PKEY_CTX_free(context);
    OSSL_PARAM_BLD_free(builder);
    BN_free(e);
    BN_free(n);
    return made;
}

static int prepare(const char *scenario) {
    const char *last = strrchr(harness.token, '.');
    char *text = read_file(harness.keys);
    cJSON *set = text ? cJSON_Parse(text) : NULL;
    (void)scenario;
    key = public_key(key_of_token(set));
    cJSON_Delete(set);
    free(text);
    if (!key || !last || strlen(last + 1) > sizeof signature)
        return harness_error("no key in BENCH_KEYS for BENCH_TOKEN", NULL);
    signed_length = (size_t)(last - harness.token);
    signature_length = harness_base64url(last + 1, strlen(last + 1), signature);
    return 0;
}

static void *open_context(void) {
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (!context)
        harness_error("out of memory", NULL);
    return context;
}

static int validate(void *opened) {
    EVP_MD_CTX *context = opened;
    int good = EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key) == 1
               && EVP_DigestVerify(context, signature, signature_length,
                                   (const unsigned char *)harness.token, signed_length)
                      == 1;
    return good ? 0 : harness_error("the signature is invalid", NULL);
}

int main(int argc, char **argv) {
    static const harness_peer raw = {"raw-openssl", prepare, open_context, NULL, validate, NULL};
    return harness_main(argc, argv, &raw);
}
