/*
 * libdescope_ml 0.1.0: Descope magic links for C and for whatever can call C.
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

#define DESCOPE_VERSION "0.1.0"
#define DESCOPE_ABI_VERSION 1



#ifdef __cplusplus
extern "C" {
#endif


/**
 * Nothing is logged.
 */
#define DESCOPE_LOG_OFF 0

/**
 * A bug in the library, caught.
 */
#define DESCOPE_LOG_ERROR 1

/**
 * A call failed for a reason that somebody should look at, or something was done in another way.
 */
#define DESCOPE_LOG_WARN 2

/**
 * A call was refused, or an attempt failed and is repeated.
 */
#define DESCOPE_LOG_INFO 3

/**
 * Every request and every call.
 */
#define DESCOPE_LOG_DEBUG 4

/**
 * Done.
 */
#define DESCOPE_OK 0

/**
 * NULL, not UTF-8, not a JSON object, a field missing, unknown or of the wrong type.
 */
#define DESCOPE_E_ARGUMENT 1

/**
 * No project ID, a bad base URL, an unreadable CA file.
 */
#define DESCOPE_E_CONFIG 2

/**
 * The caller's buffer is too small: *needed says how large it must be.
 */
#define DESCOPE_E_BUFFER 3

/**
 * The JSON pointer names nothing.
 */
#define DESCOPE_E_NOT_FOUND 4

/**
 * Name not found, connection refused, reset or closed.
 */
#define DESCOPE_E_NETWORK 10

/**
 * Handshake or certificate refused.
 */
#define DESCOPE_E_TLS 11

/**
 * The deadline passed.
 */
#define DESCOPE_E_TIMEOUT 12

/**
 * A 2xx answer that is not what the API promises, or an answer that is not HTTP.
 */
#define DESCOPE_E_PROTOCOL 13

/**
 * An HTTP status outside 2xx, 429 apart: errorCode, where there is one, says why.
 */
#define DESCOPE_E_API 20

/**
 * HTTP 429: retryAfter says when to try again, in seconds.
 */
#define DESCOPE_E_RATE_LIMITED 21

/**
 * A session or refresh token is malformed, expired, or not signed by the project.
 */
#define DESCOPE_E_TOKEN 30

/**
 * The caller gave up.
 */
#define DESCOPE_E_CANCELLED 40

/**
 * A bug in the library, caught: please report it.
 */
#define DESCOPE_E_INTERNAL 90

/**
 * A client of one Descope project. It keeps connections: make one and share it between threads.
 */
typedef struct descope_client descope_client;

/**
 * What the host does with a line of the log: one of DESCOPE_LOG_*, the line without its end, UTF-8 and
 * valid only during the call, and the userdata of descope_log_set. It is called on the thread that the
 * call runs on, also on several at once; it must return, and neither throw nor jump out.
 */
typedef void (*descope_log_callback)(int32_t level, const char *message, void *userdata);

/**
 * Performs an operation by name, with the process's default client.
 *
 * operation   the name of the function without descope_ and with slashes, as in the API's path:
 *             "magiclink/signup-in/sms", "session/validate", "test/create_user"
 * json        the request, a JSON object
 * out         NULL, or where the document goes: the service's answer or the error document; to be
 *             freed with descope_string_free
 *
 * Returns DESCOPE_OK or any other status. Blocks until the answer or the deadline. May be called
 * from any thread.
 */
int32_t descope_call(const char *operation, const char *json, char **out);

/**
 * Connects ahead with the process's default client; see descope_client_warm_up.
 *
 * out   NULL, or where the document goes: {} or the error document, whose outcome is "not_sent"; to be
 *       freed with descope_string_free
 *
 * Returns what descope_client_warm_up returns, and DESCOPE_E_CONFIG when the environment does not make
 * a client. May be called from any thread.
 */
int32_t descope_warm_up(char **out);

/**
 * Replaces the process's default client as a whole. Without this it is made from the environment at
 * first use. Calls that are under way end with the client that they began with.
 *
 * config_json   the configuration, e.g. {"projectId": "P...", "timeoutMs": 5000}; NULL: everything
 *               from the environment, as it is now
 * out           NULL, or where the document goes: {} or the error document; to be freed with
 *               descope_string_free
 *
 * Returns DESCOPE_OK, DESCOPE_E_CONFIG or DESCOPE_E_ARGUMENT (and the default client stays as it was),
 * or DESCOPE_E_INTERNAL (no memory for the document). May be called from any thread.
 */
int32_t descope_configure(const char *config_json,
                          char **out);

/**
 * Makes a client; the environment is read now and never again by it.
 *
 * config_json   the configuration, e.g. {"projectId": "P..."}; NULL: everything from the environment
 * client        where the client goes, NULL on failure; to be freed with descope_client_free
 * out           NULL, or where the document goes: {} or the error document; to be freed with
 *               descope_string_free
 *
 * Returns DESCOPE_OK, DESCOPE_E_CONFIG, DESCOPE_E_ARGUMENT or DESCOPE_E_INTERNAL (no memory). May be
 * called from any thread.
 */
int32_t descope_client_new(const char *config_json,
                           descope_client **client,
                           char **out);

/**
 * Performs an operation by name with a client of one's own.
 *
 * client      from descope_client_new
 * operation   as for descope_call, e.g. "magiclink/signin/sms"
 * json        the request, a JSON object
 * out         NULL, or where the document goes: the service's answer or the error document; to be
 *             freed with descope_string_free
 *
 * Returns DESCOPE_OK or any other status. Blocks until the answer or the deadline. May be called
 * from any thread, at the same time as any other call with the same client.
 */
int32_t descope_client_call(const descope_client *client,
                            const char *operation,
                            const char *json,
                            char **out);

/**
 * Connects ahead, so that the next call need not: name look-up, TCP, a proxy and TLS, but no request.
 *
 * client   from descope_client_new
 * out      NULL, or where the document goes: {} or the error document, whose outcome is "not_sent"; to
 *          be freed with descope_string_free
 *
 * Returns DESCOPE_OK, DESCOPE_E_NETWORK, DESCOPE_E_TLS, DESCOPE_E_TIMEOUT, DESCOPE_E_CONFIG (no project),
 * DESCOPE_E_ARGUMENT or DESCOPE_E_INTERNAL. Blocks until the connection is there, for connectTimeoutMs at
 * the most. The connection waits for whichever thread next needs a new one, for idleTimeoutMs at the
 * most; while one waits, this does nothing. May be called from any thread.
 */
int32_t descope_client_warm_up(const descope_client *client,
                               char **out);

/**
 * Frees a client and closes the connections that it keeps.
 *
 * client   from descope_client_new; NULL does nothing
 *
 * No call with this client may be under way, and none may follow.
 */
void descope_client_free(descope_client *client);

/**
 * Sets a string in a JSON document, with whatever escaping it needs.
 *
 * doc       the document, replaced by the new one; *doc NULL starts one; what *doc pointed to
 *           before is freed, so it must come from this library (or from malloc)
 * pointer   where, by RFC 6901: "/loginId", "/loginOptions/locale"; objects on the way are made
 * text      the string, UTF-8
 *
 * Returns DESCOPE_OK, DESCOPE_E_ARGUMENT, DESCOPE_E_NOT_FOUND (an array index beyond the end) or
 * DESCOPE_E_INTERNAL (no memory); on failure *doc stays as it was. May be called from any thread.
 */
int32_t descope_json_set(char **doc, const char *pointer, const char *text);

/**
 * Sets any JSON value in a JSON document: true, 7, {"a": [1]}.
 *
 * doc       as for descope_json_set
 * pointer   as for descope_json_set
 * json      the value, as JSON
 *
 * Returns as descope_json_set. May be called from any thread.
 */
int32_t descope_json_put(char **doc, const char *pointer, const char *json);

/**
 * Reads a value from a JSON document: a string as its text, anything else as JSON.
 *
 * doc       the document
 * pointer   what, by RFC 6901: "/maskedPhone", "/error/errorCode"; "" is the whole document
 * buf       where the value goes, always NUL-terminated; NULL (with cap 0) only asks for the size
 * cap       the size of buf in bytes
 * needed    NULL, or where the size goes that the value needs, its NUL included
 *
 * Returns DESCOPE_OK, DESCOPE_E_BUFFER (buf holds ""), DESCOPE_E_NOT_FOUND or DESCOPE_E_ARGUMENT; a
 * string with a NUL in it, which C text cannot hold, is DESCOPE_E_ARGUMENT too. May be called from
 * any thread.
 */
int32_t descope_json_get(const char *doc,
                         const char *pointer,
                         char *buf,
                         size_t cap,
                         size_t *needed);

/**
 * Frees a string that the library returned.
 *
 * s   from an out-parameter of this library; NULL does nothing
 *
 * The strings come from malloc, so plain free does the same. May be called from any thread.
 */
void descope_string_free(char *s);

/**
 * The version of the library that is loaded, e.g. "0.1.0": compare it with DESCOPE_VERSION.
 *
 * Returns a string that is always there and must not be freed. May be called from any thread.
 */
const char *descope_version(void);

/**
 * The version of the ABI of the library that is loaded: compare it with DESCOPE_ABI_VERSION.
 *
 * May be called from any thread.
 */
int32_t descope_abi_version(void);

/**
 * The name of a status, e.g. "DESCOPE_E_API"; "unknown" for a number that is none.
 *
 * Returns a string that is always there and must not be freed. May be called from any thread.
 */
const char *descope_status_name(int32_t status);

/**
 * Sets who is told the library's log, in the place of who was told before. Without it nobody is.
 *
 * callback    who is told; NULL: nobody any more
 * userdata    handed on to the callback as it is; may be NULL
 * max_level   up to which of DESCOPE_LOG_* it is told; DESCOPE_LOG_OFF: nothing
 *
 * No line holds a login ID, a token or a key; each is free of control characters. Calls that other
 * threads have under way may still tell the callback that was set before, so what its userdata points
 * to must last until they have ended. What the library does within a callback is not logged.
 *
 * Returns DESCOPE_OK, DESCOPE_E_ARGUMENT (no such level) or DESCOPE_E_CONFIG (the library is linked
 * statically into a Rust program whose log is already somebody else's). May be called from any thread,
 * also within a callback.
 */
int32_t descope_log_set(descope_log_callback callback,
                        void *userdata,
                        int32_t max_level);

/**
 * Sends a magic link by SMS to a user who exists (API: POST /v1/auth/magiclink/signin/sms).
 *
 * json   the request, e.g. {"loginId": "+14155550123", "redirectUrl": "https://app.example.com/v"}
 * out    NULL, or where the document goes: {"maskedPhone": "..."} or the error document; to be
 *        freed with descope_string_free
 *
 * Returns DESCOPE_OK or any other status; the error document's "outcome" tells whether a message
 * may have been sent. Blocks until the answer or the deadline. May be called from any thread.
 */
int32_t descope_magiclink_signin_sms(const char *json, char **out);

/**
 * Sends a magic link by email to a user who exists (API: POST /v1/auth/magiclink/signin/email).
 *
 * json   the request, e.g. {"loginId": "ann@example.com", "redirectUrl":
 *        "https://app.example.com/v"}
 * out    NULL, or where the document goes: {"maskedEmail": "..."} or the error document; to be
 *        freed with descope_string_free
 *
 * Returns DESCOPE_OK or any other status; the error document's "outcome" tells whether a message
 * may have been sent. Blocks until the answer or the deadline. May be called from any thread.
 */
int32_t descope_magiclink_signin_email(const char *json, char **out);

/**
 * Sends a magic link by WhatsApp to a user who exists (API: POST
 * /v1/auth/magiclink/signin/whatsapp).
 *
 * json   the request, e.g. {"loginId": "+14155550123"}
 * out    NULL, or where the document goes: {"maskedPhone": "..."} or the error document; to be
 *        freed with descope_string_free
 *
 * Returns DESCOPE_OK or any other status; the error document's "outcome" tells whether a message
 * may have been sent. Blocks until the answer or the deadline. May be called from any thread.
 */
int32_t descope_magiclink_signin_whatsapp(const char *json, char **out);

/**
 * Sends a magic link by SMS to somebody who signs up (API: POST /v1/auth/magiclink/signup/sms).
 *
 * json   the request, e.g. {"loginId": "+14155550123", "user": {"name": "Ann"}}
 * out    NULL, or where the document goes: {"maskedPhone": "..."} or the error document; to be
 *        freed with descope_string_free
 *
 * Returns DESCOPE_OK or any other status; the error document's "outcome" tells whether a message
 * may have been sent. Blocks until the answer or the deadline. May be called from any thread.
 */
int32_t descope_magiclink_signup_sms(const char *json, char **out);

/**
 * Sends a magic link by email to somebody who signs up (API: POST
 * /v1/auth/magiclink/signup/email).
 *
 * json   the request, e.g. {"loginId": "ann@example.com", "user": {"name": "Ann"}}
 * out    NULL, or where the document goes: {"maskedEmail": "..."} or the error document; to be
 *        freed with descope_string_free
 *
 * Returns DESCOPE_OK or any other status; the error document's "outcome" tells whether a message
 * may have been sent. Blocks until the answer or the deadline. May be called from any thread.
 */
int32_t descope_magiclink_signup_email(const char *json, char **out);

/**
 * Sends a magic link by WhatsApp to somebody who signs up (API: POST
 * /v1/auth/magiclink/signup/whatsapp).
 *
 * json   the request, e.g. {"loginId": "+14155550123"}
 * out    NULL, or where the document goes: {"maskedPhone": "..."} or the error document; to be
 *        freed with descope_string_free
 *
 * Returns DESCOPE_OK or any other status; the error document's "outcome" tells whether a message
 * may have been sent. Blocks until the answer or the deadline. May be called from any thread.
 */
int32_t descope_magiclink_signup_whatsapp(const char *json, char **out);

/**
 * Sends a magic link by SMS, and signs the user up if there is none yet (API: POST
 * /v1/auth/magiclink/signup-in/sms).
 *
 * json   the request, e.g. {"loginId": "+14155550123"}
 * out    NULL, or where the document goes: {"maskedPhone": "..."} or the error document; to be
 *        freed with descope_string_free
 *
 * Returns DESCOPE_OK or any other status; the error document's "outcome" tells whether a message
 * may have been sent. Blocks until the answer or the deadline. May be called from any thread.
 */
int32_t descope_magiclink_signup_in_sms(const char *json, char **out);

/**
 * Sends a magic link by email, and signs the user up if there is none yet (API: POST
 * /v1/auth/magiclink/signup-in/email).
 *
 * json   the request, e.g. {"loginId": "ann@example.com"}
 * out    NULL, or where the document goes: {"maskedEmail": "..."} or the error document; to be
 *        freed with descope_string_free
 *
 * Returns DESCOPE_OK or any other status; the error document's "outcome" tells whether a message
 * may have been sent. Blocks until the answer or the deadline. May be called from any thread.
 */
int32_t descope_magiclink_signup_in_email(const char *json, char **out);

/**
 * Sends a magic link by WhatsApp, and signs the user up if there is none yet (API: POST
 * /v1/auth/magiclink/signup-in/whatsapp).
 *
 * json   the request, e.g. {"loginId": "+14155550123"}
 * out    NULL, or where the document goes: {"maskedPhone": "..."} or the error document; to be
 *        freed with descope_string_free
 *
 * Returns DESCOPE_OK or any other status; the error document's "outcome" tells whether a message
 * may have been sent. Blocks until the answer or the deadline. May be called from any thread.
 */
int32_t descope_magiclink_signup_in_whatsapp(const char *json, char **out);

/**
 * Turns the token of a link into a session, and checks the tokens of the answer (API: POST
 * /v1/auth/magiclink/verify). Never sent twice: the token works once.
 *
 * json   the request, e.g. {"token": "the t of the link"}
 * out    NULL, or where the document goes: {"sessionJwt": "...", "refreshJwt": "...", "user":
 *        {...}, "session": {...}, "refreshClaims": {...}, ...} or the error document; to be freed
 *        with descope_string_free
 *
 * Returns DESCOPE_OK or any other status; after an error whose "outcome" is unknown the link may
 * be used up. Blocks until the answer or the deadline. May be called from any thread.
 */
int32_t descope_magiclink_verify(const char *json, char **out);

/**
 * Sends a magic link to another email address of a user (API: POST
 * /v1/auth/magiclink/update/email).
 *
 * json   the request, e.g. {"loginId": "...", "email": "ann@example.com", "refreshToken": "..."}
 * out    NULL, or where the document goes: {"maskedEmail": "..."} or the error document; to be
 *        freed with descope_string_free
 *
 * Returns DESCOPE_OK or any other status; the error document's "outcome" tells whether a message
 * may have been sent. Blocks until the answer or the deadline. May be called from any thread.
 */
int32_t descope_magiclink_update_email(const char *json, char **out);

/**
 * Sends a magic link by SMS to another phone number of a user (API: POST
 * /v1/auth/magiclink/update/phone/sms).
 *
 * json   the request, e.g. {"loginId": "...", "phone": "+14155550123", "refreshToken": "..."}
 * out    NULL, or where the document goes: {"maskedPhone": "..."} or the error document; to be
 *        freed with descope_string_free
 *
 * Returns DESCOPE_OK or any other status; the error document's "outcome" tells whether a message
 * may have been sent. Blocks until the answer or the deadline. May be called from any thread.
 */
int32_t descope_magiclink_update_phone_sms(const char *json, char **out);

/**
 * Sends a magic link by WhatsApp to another phone number of a user (API: POST
 * /v1/auth/magiclink/update/phone/whatsapp).
 *
 * json   the request, e.g. {"loginId": "...", "phone": "+14155550123", "refreshToken": "..."}
 * out    NULL, or where the document goes: {"maskedPhone": "..."} or the error document; to be
 *        freed with descope_string_free
 *
 * Returns DESCOPE_OK or any other status; the error document's "outcome" tells whether a message
 * may have been sent. Blocks until the answer or the deadline. May be called from any thread.
 */
int32_t descope_magiclink_update_phone_whatsapp(const char *json, char **out);

/**
 * Checks a session token on this machine. The project's public keys are fetched when they are not
 * known yet, or too old; with them at hand no byte is sent.
 *
 * json   the request, e.g. {"sessionToken": "...", "audience": "optional"}
 * out    NULL, or where the document goes: {"jwt": "...", "claims": {...}, "userId": "...",
 *        "projectId": "...", "permissions": [...], "roles": [...], "tenants": {...}} or the error
 *        document; to be freed with descope_string_free
 *
 * Returns DESCOPE_OK; DESCOPE_E_TOKEN for a token that does not hold, the error document's
 * "reason" says why; or why the keys could not be had. May be called from any thread.
 */
int32_t descope_session_validate(const char *json, char **out);

/**
 * Asks for a new session token, and checks the tokens of the answer (API: POST /v1/auth/refresh).
 * The refresh token is checked on this machine before it is sent.
 *
 * json   the request, e.g. {"refreshToken": "..."}
 * out    NULL, or where the document goes: as that of descope_magiclink_verify, or the error
 *        document; to be freed with descope_string_free
 *
 * Returns DESCOPE_OK or any other status. Blocks until the answer or the deadline. May be called
 * from any thread.
 */
int32_t descope_session_refresh(const char *json, char **out);

/**
 * Asks for a session in one of the user's tenants, and checks the tokens of the answer (API: POST
 * /v1/auth/tenant/select).
 *
 * json   the request, e.g. {"tenant": "T1", "refreshToken": "..."}
 * out    NULL, or where the document goes: as that of descope_magiclink_verify, or the error
 *        document; to be freed with descope_string_free
 *
 * Returns DESCOPE_OK or any other status. Blocks until the answer or the deadline. May be called
 * from any thread.
 */
int32_t descope_session_select_tenant(const char *json, char **out);

/**
 * Tells who the user of a session is (API: GET /v1/auth/me).
 *
 * json   the request, e.g. {"refreshToken": "..."}
 * out    NULL, or where the document goes: {"userId": "...", "loginIds": [...], ...} or the error
 *        document; to be freed with descope_string_free
 *
 * Returns DESCOPE_OK or any other status. Blocks until the answer or the deadline. May be called
 * from any thread.
 */
int32_t descope_session_me(const char *json, char **out);

/**
 * Tells when the user of a session has signed in (API: GET /v1/auth/me/history).
 *
 * json   the request, e.g. {"refreshToken": "..."}
 * out    NULL, or where the document goes: {"authHistory": [...]} or the error document; to be
 *        freed with descope_string_free
 *
 * Returns DESCOPE_OK or any other status. Blocks until the answer or the deadline. May be called
 * from any thread.
 */
int32_t descope_session_history(const char *json, char **out);

/**
 * Asks the service whether a session token holds (API: POST /v1/auth/validate).
 *
 * json   the request, e.g. {"sessionToken": "..."}
 * out    NULL, or where the document goes: {"parsedJWT": {...}} or the error document; to be freed
 *        with descope_string_free
 *
 * Returns DESCOPE_OK or any other status. Blocks until the answer or the deadline. May be called
 * from any thread.
 */
int32_t descope_session_validate_remote(const char *json, char **out);

/**
 * Ends a session: its refresh token works no more (API: POST /v1/auth/logout).
 *
 * json   the request, e.g. {"refreshToken": "...", "logoutType": ["optional"]}
 * out    NULL, or where the document goes: the service's own, or the error document; to be freed
 *        with descope_string_free
 *
 * Returns DESCOPE_OK or any other status. Blocks until the answer or the deadline. May be called
 * from any thread.
 */
int32_t descope_session_logout(const char *json, char **out);

/**
 * Ends all sessions of the user (API: POST /v1/auth/logoutall).
 *
 * json   the request, e.g. {"refreshToken": "..."}
 * out    NULL, or where the document goes: the service's own, or the error document; to be freed
 *        with descope_string_free
 *
 * Returns DESCOPE_OK or any other status. Blocks until the answer or the deadline. May be called
 * from any thread.
 */
int32_t descope_session_logout_all(const char *json, char **out);

/**
 * Tells which permissions the claims of a session grant: outside of tenants, or in one.
 *
 * json   the request, e.g. {"claims": {...}, "permissions": ["read", "write"], "tenant":
 *        "optional"}
 * out    NULL, or where the document goes: {"all": false, "matched": ["read"]} or the error
 *        document; to be freed with descope_string_free
 *
 * Returns DESCOPE_OK or DESCOPE_E_ARGUMENT. Sends nothing. May be called from any thread.
 */
int32_t descope_session_match_permissions(const char *json, char **out);

/**
 * Tells which roles the claims of a session grant: outside of tenants, or in one.
 *
 * json   the request, e.g. {"claims": {...}, "roles": ["admin"], "tenant": "optional"}
 * out    NULL, or where the document goes: {"all": true, "matched": ["admin"]} or the error
 *        document; to be freed with descope_string_free
 *
 * Returns DESCOPE_OK or DESCOPE_E_ARGUMENT. Sends nothing. May be called from any thread.
 */
int32_t descope_session_match_roles(const char *json, char **out);

/**
 * Makes a test user, with the management key (API: POST /v1/mgmt/user/create/test).
 *
 * json   the request, e.g. {"loginId": "+14155550123", "phone": "+14155550123"}
 * out    NULL, or where the document goes: {"user": {...}, "created": true} or the error document;
 *        to be freed with descope_string_free
 *
 * Returns DESCOPE_OK or any other status. Blocks until the answer or the deadline. May be called
 * from any thread.
 */
int32_t descope_test_create_user(const char *json, char **out);

/**
 * Makes the link that a test user would be sent, with the management key (API: POST
 * /v1/mgmt/tests/generate/magiclink).
 *
 * json   the request, e.g. {"loginId": "+14155550123", "deliveryMethod": "sms"}
 * out    NULL, or where the document goes: {"loginId": "...", "link": "https://...?t=..."} or the
 *        error document; to be freed with descope_string_free
 *
 * Returns DESCOPE_OK or any other status. Blocks until the answer or the deadline. May be called
 * from any thread.
 */
int32_t descope_test_generate_magiclink(const char *json, char **out);

/**
 * Deletes every test user of the project, with the management key (API: DELETE
 * /v1/mgmt/user/test/delete/all).
 *
 * json   the request, e.g. {}
 * out    NULL, or where the document goes: the service's own, or the error document; to be freed
 *        with descope_string_free
 *
 * Returns DESCOPE_OK or any other status. Blocks until the answer or the deadline. May be called
 * from any thread.
 */
int32_t descope_test_delete_all_users(const char *json, char **out);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* DESCOPE_ML_H */
