/*
 * libdescope_ml @VERSION@: Descope magic links for C and for whatever can call C.
 *
 * Written from the library's source by its tests: changes belong there.
 *
 * THE RULES, the same for every function
 *
 *   Status     0 is success, anything else one of DESCOPE_E_*. The numbers never change.
 *   Documents  Requests, answers, errors and configurations are JSON text, UTF-8, NUL-terminated.
 *              Out-parameters come last. *out is set to NULL first; afterwards it holds the answer
 *              on success and the error document on failure (NULL only when there is no memory
 *              left). out may be NULL.
 *   Ownership  What a caller passes in stays the caller's. Strings that the library returns come
 *              from malloc and are freed with descope_string_free, or with plain free.
 *   Threads    Every function may be called from any thread at any time; only
 *              descope_client_free must come last. No thread runs when no call is in flight, but
 *              for a name look-up that the system has not ended yet.
 *   Fork       A child process may use the library whatever the parent was doing; it makes its own
 *              connections.
 *   Process    No signal handler or mask is changed, SIGPIPE is never raised, nothing is written
 *              to stdout or stderr, and the environment is only read, when a client is made.
 *              Once loaded, the shared library stays: dlclose changes nothing.
 *   Retries    What certainly reached no server, or was turned away by the edge before it (503, 521,
 *              522, 530), is tried again within the deadline; nothing else.
 *   Cookies    None is kept and none is sent: a token is where the caller put it.
 *   Secrets    Login IDs, tokens and keys are in no "message". "errorDescription" and
 *              "errorMessage" are the service's own words and may quote the request.
 *
 * THE ERROR DOCUMENT, keys without a value left out
 *
 *   {"error": {"status": 20, "name": "DESCOPE_E_API", "message": "one sentence to act on",
 *              "httpStatus": 400, "errorCode": "E062108", "errorDescription": "...",
 *              "errorMessage": "...", "retryAfter": 30, "requestId": "...",
 *              "outcome": "refused", "attempts": 1}}
 *
 *   outcome: "not_sent" (no byte of the request reached a server), "refused" (the service answered
 *   that it did nothing) or "unknown" (the request may have been acted on: trying again may send a
 *   second message).
 *   reason, with DESCOPE_E_TOKEN only: "malformed", "expired", "not_yet_valid", "bad_signature",
 *   "unknown_key", "wrong_algorithm", "wrong_issuer", "wrong_audience", "not_a_session",
 *   "not_a_refresh_token".
 *
 * THE ABI has version DESCOPE_ABI_VERSION, and the soname carries it. Within it functions, numbers
 * and JSON keys are added, never changed or taken away.
 */
#ifndef DESCOPE_ML_H
#define DESCOPE_ML_H

#include <stddef.h>
#include <stdint.h>

#define DESCOPE_VERSION "@VERSION@"
#define DESCOPE_ABI_VERSION 1
