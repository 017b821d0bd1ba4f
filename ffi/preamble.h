/*
 * libdescope_ml @VERSION@: Descope magic links for C and for any language that can call C.
 *
 * Generated from ffi/ by cbindgen: do not edit. To regenerate: make update-snapshots
 *
 * RULES FOR EVERY FUNCTION
 *
 *   Status     Functions return 0 for success, or one of DESCOPE_E_*. The numbers never change.
 *   Documents  Requests, responses, errors and configurations are JSON text: UTF-8 and
 *              NUL-terminated. Out-parameters come last. *out is first set to NULL. Afterwards it
 *              is the response on success and the error document on failure, or NULL if there is
 *              no memory. out may be NULL.
 *   Ownership  The caller keeps ownership of all arguments. One exception: descope_json_set and
 *              descope_json_put replace their document. Strings that the library returns come from
 *              malloc: free them with descope_string_free or with free.
 *   Threads    Call any function from any thread at any time. One exception: descope_client_free
 *              must be the last call with its client. The library has no background threads. One
 *              exception: a DNS lookup can outlive the call that started it.
 *   Fork       You can fork at any time. Parent and child can both use the library; the child
 *              opens its own connections.
 *   Process    The library changes no signal handlers or masks, never raises SIGPIPE, and writes
 *              nothing to stdout or stderr. It only reads the environment, when a client is
 *              created. Once loaded, the shared library stays loaded: dlclose has no effect.
 *   Retries    A request is retried, until the timeout, only if the service cannot have processed
 *              it: it certainly reached no server, or the edge in front of the service rejected it
 *              (503, 521, 522, 530).
 *   Cookies    The library neither stores nor sends cookies. Tokens are where the caller puts them.
 *   Secrets    The "message" of an error contains no login ID, token or key. "errorDescription" and
 *              "errorMessage" come from the service and may quote the request.
 *
 * OPERATIONS: descope_magiclink_*, descope_session_*, descope_test_*
 *
 *   Each of these functions calls one operation with the default client. descope_call and
 *   descope_client_call call an operation by name.
 *
 *   json   the request, a JSON object with the keys that the function lists. A key is a string
 *          unless its type is given. An unknown key is DESCOPE_E_ARGUMENT
 *   out    NULL, or receives the response or the error document; free it with descope_string_free
 *
 *   They return DESCOPE_OK or any other status, block until the response or the timeout, and can
 *   be called from any thread. Exceptions are stated with the function.
 *
 *   Keys of many operations:
 *     loginId       a phone number (e.g. +14155550123), an email address or another login ID
 *     redirectUrl   the page that the link opens, with the token as parameter t
 *     refreshToken, sessionToken
 *                   a JWT; it is sent in the Authorization header
 *     audience      accepted audiences of the tokens: a string, or an array of strings
 *     projectId     the project, if it is not that of the client
 *     timeoutMs     the timeout of this call (integer)
 *     extra         more fields for the request body (object); they are not checked
 *
 *   Keys of objects:
 *     loginOptions  stepup (boolean), mfa (boolean), customClaims (object), ssoAppId, tenantId,
 *                   revokeOtherSessions (boolean), revokeOtherSessionsTypes (array of strings),
 *                   templateId, templateOptions (object of strings), locale, pkceChallenge;
 *                   for a sign-up without stepup, mfa and ssoAppId
 *     user          loginId, name, givenName, middleName, familyName, phone, email,
 *                   recoveryPhone, recoveryEmail
 *     userTenants   of each: tenantId (required), roleNames (array of strings)
 *
 * THE CONFIGURATION: config_json of descope_client_new and descope_configure
 *
 *   The keys, all optional. A missing value comes from the environment or is a default, see
 *   docs/configuration.md. A key is a string unless its type is given:
 *     projectId, baseUrl, timeoutMs (integer), connectTimeoutMs (integer), maxAttempts (integer),
 *     maxIdleConnections (integer), idleTimeoutMs (integer), proxy, caFile, tlsRoots, userAgent,
 *     authManagementKey, managementKey, publicKey, jwtLeewaySeconds (integer),
 *     keysTtlMs (integer), keysIntervalMs (integer), allowInsecureHttp (boolean)
 *
 * THE ERROR DOCUMENT (keys without a value are left out)
 *
 *   {"error": {"status": 20, "name": "DESCOPE_E_API", "message": "what is wrong and what to do",
 *              "httpStatus": 400, "errorCode": "E062108", "errorDescription": "...",
 *              "errorMessage": "...", "retryAfter": 30, "requestId": "...",
 *              "outcome": "refused", "attempts": 1}}
 *
 *   outcome      "not_sent": no byte of the request reached a server. "refused": the service
 *                answered that it did nothing. "unknown": the service may have processed the
 *                request, so a retry may send a second message
 *   reason       only with DESCOPE_E_TOKEN: "malformed", "expired", "not_yet_valid",
 *                "bad_signature", "unknown_key", "wrong_algorithm", "wrong_issuer",
 *                "wrong_audience", "not_a_session", "not_a_refresh_token"
 *   retryAfter   how long to wait before a retry, in seconds
 *
 * ABI VERSION
 *
 *   The ABI has the version DESCOPE_ABI_VERSION, which is part of the soname. Within a version,
 *   functions, numbers and JSON keys are added, but never changed or removed.
 */
#ifndef DESCOPE_ML_H
#define DESCOPE_ML_H

#include <stddef.h>
#include <stdint.h>

#define DESCOPE_VERSION "@VERSION@"
#define DESCOPE_ABI_VERSION 1
