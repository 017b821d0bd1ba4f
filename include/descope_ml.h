/*
 * libdescope_ml 0.1.0: Descope magic links for C and for any language that can call C.
 *
 * Generated from ffi/ by cbindgen: do not edit. To regenerate: make update-snapshots
 *
 * RULES FOR EVERY FUNCTION
 *
 *   Status     A function that returns int32_t returns 0 for success, or one of DESCOPE_E_*. The
 *              numbers never change. One exception: descope_abi_version returns a version.
 *   Documents  Requests, responses, errors and configurations are JSON text: UTF-8 and
 *              NUL-terminated. A function with the parameter out overwrites *out and does not free
 *              the old value. Afterwards *out is the response on success and the error document on
 *              failure. It is NULL only with DESCOPE_E_MEMORY, before the function has done
 *              anything. out may be NULL.
 *   Ownership  The library does not keep or free its arguments. Exceptions: the functions whose
 *              names end in _free; descope_json_set, descope_json_set_n and descope_json_put, which
 *              free the old document and store a new one; descope_log_set, descope_client_log_set
 *              and descope_events_set, which keep the callback and its userdata. A string in an
 *              out-parameter comes from malloc: free it with descope_string_free or with free. On
 *              Windows, only with descope_string_free: the program may have another C library. So
 *              also if the library was loaded with RTLD_DEEPBIND or dlmopen: its malloc may be
 *              another one than that of the program. A returned const char * is static: never free
 *              it.
 *   Threads    Call any function from any thread, without registering it first. Exceptions: no
 *              call may start with a client after descope_client_free, descope_queue_free must be
 *              the last call with its queue, only one thread at a time may be in
 *              descope_queue_next of a queue, and two threads must not change the same document
 *              at the same time. descope_queue_next without a limit can live on a thread of its
 *              own, while others submit and cancel. The library has no permanent threads. A DNS
 *              lookup can outlive the call that started it.
 *   Fork       You can fork at any time. Parent and child can both use the library; the child
 *              opens its own connections and creates its own queues. On Linux since 4.14, FreeBSD,
 *              NetBSD and OpenBSD it does not matter how the child is made: by fork, _Fork, clone
 *              or the system call. Elsewhere the library notices only fork, and only when its own
 *              handler has run (pthread_atfork). If the parent has several threads, a child made by
 *              _Fork or clone may find locks of the C library itself locked (malloc): only fork
 *              prevents that. A child of vfork uses nothing of the library. Windows has no fork.
 *   Cancel     While a thread is in a function of the library, it cannot be cancelled
 *              (pthread_cancel), in a callback neither: the cancel acts when the function is over.
 *              The cancel state and type of the thread are as before then. Exception:
 *              descope_string_free is free. As POSIX says of that, do not call it while the cancel
 *              type is asynchronous.
 *   Jumps      Neither longjmp nor an exception may leave a callback or a function of the library,
 *              nor may a signal handler that interrupts one be left in such a way. No callback may
 *              end its thread (pthread_exit).
 *   Process    The library changes no signal handlers or masks, with the exception of SIGNALS, never
 *              raises SIGPIPE, and writes nothing to stdout or stderr. Its code stays loaded, see
 *              UNLOADING. On Windows it starts Winsock once, without an effect on what the program
 *              starts and stops.
 *   Size       A text that is passed (a document, a value, a JSON pointer, a name) may have 1 MiB.
 *              More is DESCOPE_E_ARGUMENT at once, whatever its size; of a configuration,
 *              DESCOPE_E_CONFIG.
 *   Overlap    The strings that a function reads may overlap. What it writes (an out-parameter, a
 *              struct, a buffer) must not overlap anything else that it gets, with the exceptions
 *              that descope_json_get, descope_json_set, descope_json_set_n and descope_json_put
 *              state.
 *   Paths      In documents, paths are UTF-8 as well: on Windows they may have any letters, and \ or /
 *              between folders. There, environment variables are read as UTF-16, and the list
 *              SSL_CERT_DIR has ; between its folders.
 *   Environment
 *              Variables are read when a client is created, only for values that the configuration
 *              does not have, and never changed. While one is read, no other thread may call
 *              setenv, unsetenv or putenv: C libraries do not allow that. A client with
 *              "environment": false, or with all values that a variable could give, reads none.
 *              Neither does a program that has more privileges than the user who started it
 *              (set-user-ID, set-group-ID, file capabilities), unless it says "environment": true:
 *              that user has chosen the variables.
 *   Stack      A call needs up to 48 KiB of stack on x86-64, besides what callbacks and signal
 *              handlers of the program take: give a thread or coroutine that makes calls 64 KiB.
 *              A server with more than two intermediate certificates takes 4 KiB more for each.
 *              The smallest stack that POSIX lets a thread have (PTHREAD_STACK_MIN, 16 KiB) is too
 *              small: the process crashes.
 *   Descriptors
 *              On Windows, child processes inherit no handle and no socket. Elsewhere:
 *              All are close-on-exec and none has the number 0, 1 or 2, also in a process that has
 *              closed these. Exception: those that the C library itself opens for a moment during
 *              a DNS lookup. They belong to the library: do not close them. If a program does, and
 *              has its own in their place, calls may fail, but no call waits beyond its timeout.
 *   Retries    A request is retried, at most maxAttempts times in all and within the timeout, only
 *              if the service cannot have processed it: no byte of it was sent, or the HTTP status
 *              says that it did not reach the service (408, 503, 521, 522, 530). A name server that
 *              does not answer is asked again until the timeout; that is no attempt.
 *   Timeouts   After a timeout on a connection that was open before the call, the idle connections
 *              to that server that were open before the call are closed as well. On Linux, a request
 *              that is not acknowledged within connectTimeoutMs ends then, with DESCOPE_E_TIMEOUT
 *              and the outcome "unknown".
 *   Clocks     A token that the caller passes is judged by the clock of this machine, what the
 *              service has just sent by the Date of its response (without one: not by time). A
 *              call that has succeeded at the service does not fail because a clock is wrong.
 *   Cookies    The library neither stores nor sends cookies, nor does it store tokens. The caller
 *              stores them and passes them in each request.
 *   Memory     If memory runs out, a function returns DESCOPE_E_MEMORY, and nothing leaks. The
 *              outcome in the error document says how far the call had come. If out is not NULL and
 *              there is no document, nothing was sent. For that the library has a reserve of 768
 *              KiB: address space that takes no memory of the machine until malloc fails. A call
 *              with small documents needs at most 150 KiB of it, usually less than 20. What ends
 *              the process all the same: malloc fails in more calls at once than the reserve can
 *              serve; it fails for one piece of more than 256 KiB, which only documents of that
 *              size need; and where the C library itself ends the process, as glibc does if the
 *              first call of a thread finds no memory for thread-local data.
 *   Secrets    The "message" of an error contains no login ID, token or key. "errorDescription" and
 *              "errorMessage" come from the service and may quote the request.
 *
 * CALLBACKS: of descope_log_set, descope_client_log_set and descope_events_set
 *
 *   A callback runs on the thread of the call, so possibly on several threads at once. For a call
 *   of a queue, that is the thread in descope_queue_next, or in descope_queue_submit or
 *   descope_queue_free if the call ends there. It must return normally: no exception, no longjmp.
 *
 *   It may call the library, except for descope_queue_next, descope_queue_free and
 *   descope_cleanup. Calls that it makes are not logged and have no event.
 *
 *   It may wait for other threads, also for their calls: it runs only when no other call can be
 *   waiting for its own. The log lines about a request whose answer other calls wait for (public
 *   keys, a refresh that calls share) come when the answer was handed over. But while it runs in
 *   descope_queue_next, the other calls of that queue stand still: it must not wait for them, nor
 *   for a call that waits for them because of maxConnections or a shared refresh.
 *
 *   userdata_free is called once, when no thread can use the userdata any more: after the callback
 *   was replaced or removed, or its client freed, and has returned everywhere; on the thread that
 *   is the last to leave it. If callback is NULL or the function returns an error, it is called
 *   before the function returns. It may do what a callback may do.
 *
 * SIGNALS
 *
 *   A signal does not end a call: its handler runs, and the call goes on. On Linux, with
 *   "interruptible": true in the configuration, a signal whose handler has run ends the blocking
 *   call of its thread, with DESCOPE_E_CANCELLED and the true outcome. That is for runtimes that act
 *   on Ctrl-C, an alarm or a timeout only when a C function has returned. The call returns, and the
 *   runtime raises its exception. It is not for programs in which signals come all the time, such as
 *   those of Go and D, and under profilers.
 *
 *   Such a call blocks the signals of its thread while it computes. While it waits, the thread has
 *   the mask of before. So no signal is missed: one that comes in between ends the next wait. One
 *   that comes after the last wait is handled when the call is over. SIGABRT, SIGBUS, SIGFPE,
 *   SIGILL, SIGSEGV, SIGSYS and SIGTRAP are never blocked. The mask after the call is that of
 *   before.
 *
 *   Any handler ends the call, with or without SA_RESTART, also one for SIGCHLD or SIGWINCH. Block
 *   the signals that must not. The C library has some that cannot be blocked: with glibc, setuid and
 *   its relatives in a program of several threads end the calls of the others; with musl, so does
 *   pthread_cancel. A signal that is blocked or has no handler does not end a call, nor
 *   do SIGSTOP and SIGCONT, nor a handler that ran before the call. The handler must return.
 *
 *   A signal that is sent to the process may be handled by any thread that does not block it, and
 *   ends only a call of that thread. Block it in the other threads, or send it to the thread of the
 *   call (pthread_kill).
 *
 *   The callbacks of such a call run at its end, with the mask of before. Its log lines come then.
 *
 *   Calls of a queue are never ended by a signal. With and without the key, descope_queue_next
 *   returns DESCOPE_PENDING early if a handler runs while it waits. A handler that must reach it in
 *   any case calls descope_queue_wake.
 *
 *   Windows has no such signals: the key changes nothing there.
 *
 * UNLOADING
 *
 *   The code of the library stays loaded until the process ends, since threads that have called it
 *   may need it when they end: dlclose of the shared library has no effect. On Windows it stays
 *   from its first call on: call no function in DllMain. A plug-in that contains
 *   the static library stays loaded as well; link it with -Wl,-z,nodelete, which says so from the
 *   start. Without that flag, it stays loaded from its first call on (glibc).
 *
 *   What the library keeps is used again if the plug-in is opened again. descope_cleanup releases
 *   it; call it where the plug-in is closed by its host.
 *
 *   A destructor or exit handler may call any function, and calls made there work. Without
 *   -Wl,-z,nodelete, the first call of all must not be made in a destructor, except for
 *   descope_cleanup: the plug-in may be unloaded in that moment. Other threads may be in calls
 *   while the process ends.
 *
 * OPERATIONS: descope_magiclink_*, descope_session_*, descope_management_*, descope_test_*
 *
 *   Each of these functions calls one operation with the default client. descope_call and
 *   descope_client_call call an operation by name.
 *
 *   json   the request, a JSON object with the keys that the function lists; "{}" without keys. A
 *          key is a string unless its type is given. An unknown key is DESCOPE_E_ARGUMENT
 *   out    NULL, or receives the response or the error document; free it with descope_string_free
 *
 *   They return DESCOPE_OK or any other status, block until the response or the timeout, and can
 *   be called from any thread. Exceptions are stated with the function. To call the same
 *   operations without blocking, see descope_queue_new.
 *
 *   Keys of many operations:
 *     loginId       a phone number (e.g. +14155550123), an email address or another login ID
 *     redirectUrl   the page that the link opens, with the token as parameter t
 *     refreshToken, sessionToken
 *                   a JWT; requests to the API have it in the Authorization header
 *     audience      accepted audiences of the tokens: a string, or an array of strings
 *     projectId     the project, if it is not that of the client
 *     timeoutMs     the timeout of this call (integer)
 *     extra         more fields for the request body (object); they are not checked
 *
 *   Keys of objects:
 *     loginOptions  stepup (boolean), mfa (boolean), customClaims (object), ssoAppId, tenantId,
 *                   revokeOtherSessions (boolean), revokeOtherSessionsTypes (array of strings),
 *                   templateId, templateOptions (object of strings), locale, pkceChallenge;
 *                   descope_magiclink_signup_* reject stepup, mfa and ssoAppId;
 *                   descope_session_exchange_access_key has its own keys
 *     user          loginId, name, givenName, middleName, familyName, phone, email,
 *                   recoveryPhone, recoveryEmail
 *     userTenants   of each: tenantId (required), roleNames (array of strings)
 *
 * THE CONFIGURATION: config_json of descope_client_new and descope_configure
 *
 *   The keys, all optional. A missing value comes from the environment or is a default, see
 *   docs/configuration.md. managementKey is for descope_management_* and descope_test_*;
 *   authManagementKey is sent with all other requests. An unknown key is DESCOPE_E_CONFIG. A key
 *   is a string unless its type is given:
 *     projectId, baseUrl, timeoutMs (integer), connectTimeoutMs (integer), maxAttempts (integer),
 *     maxConnections (integer), maxIdleConnections (integer), idleTimeoutMs (integer),
 *     connectionMaxAgeMs (integer), proxy, caFile, tlsRoots, userAgent, authManagementKey,
 *     managementKey, publicKey, jwtLeewaySeconds (integer), keysTtlMs (integer),
 *     keysIntervalMs (integer), verifiedTokens (integer), refreshGraceMs (integer),
 *     allowInsecureHttp (boolean), skipVerify (boolean; only for a server on this machine),
 *     environment (boolean; false: no environment variable is read),
 *     interruptible (boolean; true: signals end blocking calls, on Linux only, see SIGNALS)
 *
 *   proxy is "none" or a URL: http://, https://, socks5:// or socks5h://, each followed by
 *   [user:password@]host[:port]. With socks5h the proxy resolves host names. Without proxy,
 *   HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY decide; a proxy from there that cannot be used
 *   is DESCOPE_E_CONFIG of each call that would go through it, and of no other.
 *
 * THE ERROR DOCUMENT (keys without a value are left out)
 *
 *   {"error": {"status": 20, "name": "DESCOPE_E_API", "message": "what is wrong and what to do",
 *              "httpStatus": 400, "errorCode": "E062108", "errorDescription": "...",
 *              "errorMessage": "...", "retryAfter": 30, "requestId": "...",
 *              "outcome": "refused", "attempts": 1}}
 *
 *   outcome      always present. "not_sent": no byte of the request was sent; also for invalid
 *                arguments, configurations and tokens. "refused": the service rejected the request
 *                and did nothing. "unknown": the service may have processed the request, so a retry
 *                may send a second message
 *   reason       only with DESCOPE_E_TOKEN: "malformed", "expired", "not_yet_valid",
 *                "bad_signature", "unknown_key", "wrong_algorithm", "wrong_issuer",
 *                "wrong_audience", "not_a_session", "not_a_refresh_token"
 *   retryAfter   how long to wait before a retry, in seconds. With "unknown_key": the token may be
 *                signed with a new key, and the public keys can be fetched again only then
 *
 * ABI VERSION
 *
 *   The ABI has the version DESCOPE_HEADER_ABI_VERSION, which is part of the soname. Within a
 *   version, functions, numbers and JSON keys are added, but never changed or removed.
 */
#ifndef DESCOPE_ML_H
#define DESCOPE_ML_H

#include <stddef.h>
#include <stdint.h>

#define DESCOPE_HEADER_VERSION "0.1.0"
#define DESCOPE_HEADER_ABI_VERSION 1



#ifdef __cplusplus
extern "C" {
#endif


/**
 * No logging.
 */
#define DESCOPE_LOG_OFF 0

/**
 * A bug in the library, which was caught.
 */
#define DESCOPE_LOG_ERROR 1

/**
 * A failure that needs attention, or a fallback was used.
 */
#define DESCOPE_LOG_WARN 2

/**
 * A call was rejected, or a failed attempt is retried.
 */
#define DESCOPE_LOG_INFO 3

/**
 * Every request and every call.
 */
#define DESCOPE_LOG_DEBUG 4

/**
 * Success.
 */
#define DESCOPE_OK 0

/**
 * An argument is invalid: NULL where it is not allowed, not UTF-8, not a JSON object, or a key is
 * missing, unknown or of the wrong type.
 */
#define DESCOPE_E_ARGUMENT 1

/**
 * The configuration is invalid (a bad base URL, an unreadable CA file), or the call needs a value
 * that it does not have (a project ID, the management key).
 */
#define DESCOPE_E_CONFIG 2

/**
 * The caller's buffer is too small: *needed is the required size.
 */
#define DESCOPE_E_BUFFER 3

/**
 * The document has no value at the JSON pointer, or the queue has no call to report or to cancel.
 */
#define DESCOPE_E_NOT_FOUND 4

/**
 * Not an error: no call of the queue has finished yet.
 */
#define DESCOPE_PENDING 5

/**
 * The DNS lookup failed, or the connection was refused, reset or closed.
 */
#define DESCOPE_E_NETWORK 10

/**
 * The TLS handshake failed, or the server's certificate was rejected.
 */
#define DESCOPE_E_TLS 11

/**
 * The timeout passed.
 */
#define DESCOPE_E_TIMEOUT 12

/**
 * The response is not valid HTTP, or a 2xx response is not what the API documents.
 */
#define DESCOPE_E_PROTOCOL 13

/**
 * The HTTP status is neither 2xx nor 429: see errorCode, if the response has one.
 */
#define DESCOPE_E_API 20

/**
 * HTTP 429: wait for retryAfter seconds.
 */
#define DESCOPE_E_RATE_LIMITED 21

/**
 * The validation on this machine rejected a session or refresh token: "reason" says why. If the
 * service rejects a token, the status is DESCOPE_E_API.
 */
#define DESCOPE_E_TOKEN 30

/**
 * The call was cancelled, by descope_queue_cancel, or by a signal if the client is "interruptible".
 */
#define DESCOPE_E_CANCELLED 40

/**
 * A bug in the library, which was caught: please report it.
 */
#define DESCOPE_E_INTERNAL 90

/**
 * Memory has run out: see "Memory" at the top. Without an error document, nothing was sent.
 */
#define DESCOPE_E_MEMORY 91

/**
 * A client of one Descope project. It keeps connections open: create one and share it between
 * threads.
 */
typedef struct descope_client descope_client;

/**
 * Calls that do not block: any number of them at the same time, without a thread. They make
 * progress in descope_queue_next only. Wait for descope_queue_fd (on Windows: descope_queue_event) in
 * an event loop and then call descope_queue_next with the timeout 0, or let descope_queue_next wait.
 */
typedef struct descope_queue descope_queue;

/**
 * Event callback. It gets one JSON object (UTF-8, valid only during the callback) and the userdata of
 * descope_events_set. CALLBACKS, above, says when it runs and what it may do.
 */
typedef void (*descope_event_callback)(const char *event_json, void *userdata);

/**
 * Log callback. It gets a level (one of DESCOPE_LOG_*), one line without a line end (UTF-8, valid only
 * during the callback) and the userdata of descope_log_set or descope_client_log_set. CALLBACKS, above,
 * says when it runs and what it may do.
 */
typedef void (*descope_log_callback)(int32_t level, const char *message, void *userdata);

/**
 * Releases what the library keeps for the process: the default client with its connections and public
 * keys, caches, and the callbacks of descope_log_set and descope_events_set. For plug-ins that are closed
 * (see UNLOADING), and for programs that look for leaks. Other programs need not call it.
 *
 * Clients and queues are not freed: free them before. No call may be in progress on any thread, and it
 * is not allowed in a callback. Afterwards the library may be used again: it starts anew.
 */
void descope_cleanup(void);

/**
 * Creates a client. The environment is read now, and not again by this client.
 *
 * config_json   the configuration, e.g. {"projectId": "P..."}; NULL: everything from the
 *               environment
 * client        receives the client, NULL on failure; free it with descope_client_free
 * out           NULL, or receives {} or the error document; free it with descope_string_free
 *
 * Returns DESCOPE_OK, DESCOPE_E_CONFIG, DESCOPE_E_ARGUMENT, DESCOPE_E_MEMORY or
 * DESCOPE_E_INTERNAL. Call it from any thread.
 */
int32_t descope_client_new(const char *config_json, descope_client **client, char **out);

/**
 * Calls an operation by name.
 *
 * client      from descope_client_new
 * operation   its name, as in the documentation of each function: "magiclink/signin/sms"
 * json        the request, a JSON object
 * out         NULL, or receives the response or the error document; free it with
 *             descope_string_free
 *
 * Returns the same as descope_call. Blocks until the response or the timeout. Call it from any
 * thread, also while other threads use the same client.
 */
int32_t descope_client_call(const descope_client *client,
                            const char *operation,
                            const char *json,
                            char **out);

/**
 * Opens a connection in advance (DNS, TCP, proxy, TLS), without sending a request. The next call
 * can use it.
 *
 * client   from descope_client_new
 * out      NULL, or receives {} or the error document, whose outcome is "not_sent"; free it with
 *          descope_string_free
 *
 * Returns DESCOPE_OK, DESCOPE_E_NETWORK, DESCOPE_E_TLS, DESCOPE_E_TIMEOUT, DESCOPE_E_CONFIG (no
 * project ID), DESCOPE_E_ARGUMENT, DESCOPE_E_MEMORY or DESCOPE_E_INTERNAL. Blocks until the connection is open, at
 * most for connectTimeoutMs. The next call on any thread that needs a connection uses it. It is
 * kept at most for idleTimeoutMs. If an idle connection exists, no new one is opened. Call it from
 * any thread.
 */
int32_t descope_client_warm_up(const descope_client *client,
                               char **out);

/**
 * Frees a client and closes its connections.
 *
 * client   from descope_client_new; NULL does nothing
 *
 * Calls in progress go on: what they use is kept until the last of them ends, and so are the
 * connections, the log callback and the client of a queue. A call that begins at this moment goes on
 * or is DESCOPE_E_ARGUMENT. Do not start calls with the client afterwards. A few bytes of each client
 * stay until descope_cleanup. Call it from any thread, also in a callback.
 */
void descope_client_free(descope_client *client);

/**
 * Calls an operation of the default client by name.
 *
 * operation   its name, as in the documentation of each function: "magiclink/signup-in/sms"
 * json        the request, a JSON object
 * out         NULL, or receives the response or the error document; free it with
 *             descope_string_free
 *
 * Returns DESCOPE_OK or any other status. An unknown name is DESCOPE_E_ARGUMENT, and the message
 * lists all names. Blocks until the response or the timeout. Call it from any thread.
 */
int32_t descope_call(const char *operation, const char *json, char **out);

/**
 * Opens a connection of the default client in advance; see descope_client_warm_up.
 *
 * out   NULL, or receives {} or the error document, whose outcome is "not_sent"; free it with
 *       descope_string_free
 *
 * Returns the same as descope_client_warm_up, and DESCOPE_E_CONFIG if the environment has no valid
 * configuration for the default client. Blocks like descope_client_warm_up. Call it from any
 * thread.
 */
int32_t descope_warm_up(char **out);

/**
 * Replaces the default client. If this is never called, the first call creates the default client
 * from the environment. Calls in progress keep using the old client.
 *
 * config_json   the configuration, e.g. {"projectId": "P...", "timeoutMs": 5000}; NULL: everything
 *               from the environment as it is now
 * out           NULL, or receives {} or the error document; free it with descope_string_free
 *
 * Returns DESCOPE_OK, DESCOPE_E_CONFIG (the configuration is invalid), DESCOPE_E_ARGUMENT
 * (config_json is not UTF-8), DESCOPE_E_MEMORY or DESCOPE_E_INTERNAL. On failure the default client
 * is not replaced. Call it from any thread.
 */
int32_t descope_configure(const char *config_json, char **out);

/**
 * Sets the event callback: it gets one event for each call that starts from now on, when the call is
 * over. It replaces the previous callback: calls in progress that started under that one have no event.
 * Without a callback nothing is measured.
 *
 * callback        the callback; NULL removes the previous one
 * userdata        passed to the callback unchanged; may be NULL
 * userdata_free   NULL, or a function that frees userdata; see CALLBACKS
 *
 * An event contains no login ID, token or key. Its keys, times in milliseconds:
 *   operation         e.g. "magiclink/signin/sms"; "warm_up" for descope_warm_up and the like
 *   tag               the tag of a call of a queue
 *   status, name      the result of the call, e.g. 0 and "DESCOPE_OK"
 *   outcome           "sent" after success, otherwise as in the error document; absent if a
 *                     call that sends no request has succeeded
 *   attempts, httpStatus, requestId, reason, errorCode
 *                     as in the error document, and after success as well
 *   connectionReused  whether the last request used a connection that was already open (boolean)
 *   clockDifferenceSeconds
 *                     by how many seconds the clock of this machine is ahead of that of the service
 *                     (negative: behind), if that is more than jwtLeewaySeconds
 *   startTimeMs       when the call started, since 1970-01-01 UTC
 *   totalMs           the time of the whole call
 *   phases            where that time went, all requests together: dnsMs, connectMs (TCP and proxy),
 *                     tlsMs, sendMs, waitMs (for the first byte of the response), readMs,
 *                     retryWaitMs (between attempts), keysWaitMs (for keys that another call
 *                     fetches), connectionWaitMs (for one of maxConnections). The rest is work on
 *                     this machine
 *   requests          the HTTP requests, also those for public keys; of each: method, scheme,
 *                     serverAddress, serverPort, path, attempt (from 1), startMs (since the start
 *                     of the call), durationMs (to the end of the response, with waiting for one
 *                     of maxConnections and opening a connection), status, name, httpStatus,
 *                     connectionReused
 * Keys without a value are left out.
 *
 * The callback runs after the result of the call is decided, and before the function of the call
 * returns: for a call of a queue in descope_queue_next, for a call that descope_queue_free ends in
 * that function.
 *
 * These have no event:
 *   - calls that a log or event callback makes or submits
 *   - calls that fail before they start: an unknown operation, an argument that is NULL, too
 *     large or not UTF-8, a tag that is in use, a queue of the parent process in a forked child
 *
 * Returns DESCOPE_OK. Call it from any thread, also in the callback.
 */
int32_t descope_events_set(descope_event_callback callback,
                           void *userdata,
                           void (*userdata_free)(void *userdata));

/**
 * Sets a string in a JSON document and escapes it as necessary.
 *
 * doc       the address of the document. If *doc is NULL, a new document is created. The old string
 *           is freed and *doc receives the new one, so *doc must come from this library (or malloc)
 * pointer   where, an RFC 6901 pointer: "/loginId", "/loginOptions/locale". Missing objects on the
 *           way are created
 * text      the string, UTF-8. pointer and text may be parts of *doc
 *
 * Returns DESCOPE_OK, DESCOPE_E_ARGUMENT, DESCOPE_E_NOT_FOUND (an array index beyond the end) or
 * DESCOPE_E_MEMORY. On failure *doc does not change. Call it from any thread.
 */
int32_t descope_json_set(char **doc, const char *pointer, const char *text);

/**
 * Sets a string of a given length in a JSON document, for languages whose strings can contain a NUL.
 * A NUL in it is written as \\u0000.
 *
 * doc       as for descope_json_set
 * pointer   as for descope_json_set
 * text      the string, UTF-8; it need not end with a NUL. NULL if length is 0
 * length    its length in bytes
 *
 * pointer and text may be parts of *doc. Returns the same as descope_json_set. Call it from any
 * thread.
 */
int32_t descope_json_set_n(char **doc,
                           const char *pointer,
                           const char *text,
                           size_t length);

/**
 * Sets any JSON value in a JSON document: true, 7, {"a": 1}.
 *
 * doc       as for descope_json_set
 * pointer   as for descope_json_set
 * json      the value, as JSON. pointer and json may be parts of *doc
 *
 * Returns the same as descope_json_set. Call it from any thread.
 */
int32_t descope_json_put(char **doc, const char *pointer, const char *json);

/**
 * Reads a value from a JSON document: a string without quotes and escapes, any other value as JSON.
 *
 * doc       the document
 * pointer   which value, an RFC 6901 pointer: "/maskedPhone", "/error/errorCode"; "" is the whole
 *           document
 * buf       receives the value, NUL-terminated, or "" on failure; NULL with cap 0 asks only for the
 *           size and returns DESCOPE_E_BUFFER
 * cap       the size of buf in bytes
 * needed    NULL, or receives the size that the value needs, including the NUL; 0 if there is no
 *           value
 *
 * Returns DESCOPE_OK, DESCOPE_E_BUFFER (buf is too small), DESCOPE_E_NOT_FOUND, DESCOPE_E_MEMORY or
 * DESCOPE_E_ARGUMENT. A string that contains a NUL is DESCOPE_E_ARGUMENT too, since a C string
 * cannot hold it. buf may be, or overlap, doc and pointer: they are read first. Call it from any
 * thread.
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
 * The strings come from malloc, so free does the same. Call it from any thread.
 */
void descope_string_free(char *s);

/**
 * Sets the log callback of the process. It replaces the previous one. Without a callback nothing is
 * logged.
 *
 * callback        the callback; NULL removes it
 * userdata        passed to the callback unchanged; may be NULL
 * userdata_free   NULL, or a function that frees userdata; see CALLBACKS
 * max_level       the most detailed level to report, one of DESCOPE_LOG_*; DESCOPE_LOG_OFF removes the
 *                 callback
 *
 * A line contains no login ID, token, key or control character. Lines of a client that has a callback
 * of its own go there, and not to this one.
 *
 * Returns DESCOPE_OK or DESCOPE_E_ARGUMENT (unknown level). Call it from any thread, also in a
 * callback.
 */
int32_t descope_log_set(descope_log_callback callback,
                        void *userdata,
                        void (*userdata_free)(void *userdata),
                        int32_t max_level);

/**
 * Sets the log callback of a client. Its lines go there, and no longer to the callback of
 * descope_log_set. So two parts of a program that each have a client do not take each other's lines.
 *
 * client          from descope_client_new
 * callback        the callback; NULL removes it: the lines go to the callback of descope_log_set again
 * userdata        passed to the callback unchanged; may be NULL
 * userdata_free   NULL, or a function that frees userdata; see CALLBACKS. The userdata of the last
 *                 callback is freed with the client
 * max_level       the most detailed level to report, one of DESCOPE_LOG_*. DESCOPE_LOG_OFF: this
 *                 client logs nothing, and the callback is not kept
 *
 * A queue logs like its client. What descope_client_new logs goes to the callback of descope_log_set.
 *
 * Returns DESCOPE_OK or DESCOPE_E_ARGUMENT (NULL, unknown level). Call it from any thread, also in a
 * callback.
 */
int32_t descope_client_log_set(descope_client *client,
                               descope_log_callback callback,
                               void *userdata,
                               void (*userdata_free)(void *userdata),
                               int32_t max_level);

/**
 * Sends a magic link by SMS to an existing user.
 * Operation: magiclink/signin/sms (API: POST /v1/auth/magiclink/signin/sms)
 *
 * json   required: loginId; optional: redirectUrl, loginOptions (object), providerId,
 *        ssoAppId, useRecovery (boolean), templateId, refreshToken, extra, projectId,
 *        timeoutMs
 * out    {"maskedPhone": "..."}, or the error document; free it with descope_string_free
 *
 * refreshToken is required if stepup or mfa is true in loginOptions. After an error with the
 * outcome "unknown" the message may have been sent.
 */
int32_t descope_magiclink_signin_sms(const char *json, char **out);

/**
 * Sends a magic link by email to an existing user.
 * Operation: magiclink/signin/email (API: POST /v1/auth/magiclink/signin/email)
 *
 * json   required: loginId; optional: redirectUrl, loginOptions (object), providerId,
 *        ssoAppId, useRecovery (boolean), templateId, refreshToken, extra, projectId,
 *        timeoutMs
 * out    {"maskedEmail": "..."}, or the error document; free it with descope_string_free
 *
 * refreshToken is required if stepup or mfa is true in loginOptions. After an error with the
 * outcome "unknown" the message may have been sent.
 */
int32_t descope_magiclink_signin_email(const char *json, char **out);

/**
 * Sends a magic link by WhatsApp to an existing user.
 * Operation: magiclink/signin/whatsapp (API: POST /v1/auth/magiclink/signin/whatsapp)
 *
 * json   required: loginId; optional: redirectUrl, loginOptions (object), providerId,
 *        ssoAppId, useRecovery (boolean), templateId, refreshToken, extra, projectId,
 *        timeoutMs
 * out    {"maskedPhone": "..."}, or the error document; free it with descope_string_free
 *
 * refreshToken is required if stepup or mfa is true in loginOptions. After an error with the
 * outcome "unknown" the message may have been sent.
 */
int32_t descope_magiclink_signin_whatsapp(const char *json, char **out);

/**
 * Creates a user and sends a magic link by SMS.
 * Operation: magiclink/signup/sms (API: POST /v1/auth/magiclink/signup/sms)
 *
 * json   required: loginId, email or phone (at least one, here or inside user); optional: user
 *        (object), redirectUrl, loginOptions (object), providerId, templateId, extra,
 *        projectId, timeoutMs
 * out    {"maskedPhone": "..."}, or the error document; free it with descope_string_free
 *
 * After an error with the outcome "unknown" the message may have been sent.
 */
int32_t descope_magiclink_signup_sms(const char *json, char **out);

/**
 * Creates a user and sends a magic link by email.
 * Operation: magiclink/signup/email (API: POST /v1/auth/magiclink/signup/email)
 *
 * json   required: loginId, email or phone (at least one, here or inside user); optional: user
 *        (object), redirectUrl, loginOptions (object), providerId, templateId, extra,
 *        projectId, timeoutMs
 * out    {"maskedEmail": "..."}, or the error document; free it with descope_string_free
 *
 * After an error with the outcome "unknown" the message may have been sent.
 */
int32_t descope_magiclink_signup_email(const char *json, char **out);

/**
 * Creates a user and sends a magic link by WhatsApp.
 * Operation: magiclink/signup/whatsapp (API: POST /v1/auth/magiclink/signup/whatsapp)
 *
 * json   required: loginId, email or phone (at least one, here or inside user); optional: user
 *        (object), redirectUrl, loginOptions (object), providerId, templateId, extra,
 *        projectId, timeoutMs
 * out    {"maskedPhone": "..."}, or the error document; free it with descope_string_free
 *
 * After an error with the outcome "unknown" the message may have been sent.
 */
int32_t descope_magiclink_signup_whatsapp(const char *json, char **out);

/**
 * Sends a magic link by SMS. Creates the user if it does not exist.
 * Operation: magiclink/signup-in/sms (API: POST /v1/auth/magiclink/signup-in/sms)
 *
 * json   required: loginId; optional: redirectUrl, loginOptions (object), providerId,
 *        ssoAppId, useRecovery (boolean), templateId, refreshToken, extra, projectId,
 *        timeoutMs
 * out    {"maskedPhone": "..."}, or the error document; free it with descope_string_free
 *
 * refreshToken is required if stepup or mfa is true in loginOptions. After an error with the
 * outcome "unknown" the message may have been sent.
 */
int32_t descope_magiclink_signup_in_sms(const char *json, char **out);

/**
 * Sends a magic link by email. Creates the user if it does not exist.
 * Operation: magiclink/signup-in/email (API: POST /v1/auth/magiclink/signup-in/email)
 *
 * json   required: loginId; optional: redirectUrl, loginOptions (object), providerId,
 *        ssoAppId, useRecovery (boolean), templateId, refreshToken, extra, projectId,
 *        timeoutMs
 * out    {"maskedEmail": "..."}, or the error document; free it with descope_string_free
 *
 * refreshToken is required if stepup or mfa is true in loginOptions. After an error with the
 * outcome "unknown" the message may have been sent.
 */
int32_t descope_magiclink_signup_in_email(const char *json, char **out);

/**
 * Sends a magic link by WhatsApp. Creates the user if it does not exist.
 * Operation: magiclink/signup-in/whatsapp (API: POST /v1/auth/magiclink/signup-in/whatsapp)
 *
 * json   required: loginId; optional: redirectUrl, loginOptions (object), providerId,
 *        ssoAppId, useRecovery (boolean), templateId, refreshToken, extra, projectId,
 *        timeoutMs
 * out    {"maskedPhone": "..."}, or the error document; free it with descope_string_free
 *
 * refreshToken is required if stepup or mfa is true in loginOptions. After an error with the
 * outcome "unknown" the message may have been sent.
 */
int32_t descope_magiclink_signup_in_whatsapp(const char *json, char **out);

/**
 * Exchanges the token of a magic link for a session, and validates the tokens of the response.
 * Operation: magiclink/verify (API: POST /v1/auth/magiclink/verify)
 *
 * json   required: token (the parameter t of the link); optional: audience, extra, projectId,
 *        timeoutMs
 * out    {"sessionJwt": "...", "refreshJwt": "...", "user": {...}, "session": {...},
 *        "refreshClaims": {...}, "serverTime": 1760000000, ...}, or the error document; free it
 *        with descope_string_free
 *
 * session is what descope_session_validate returns, refreshClaims the claims of the refresh
 * token, serverTime when the response was sent: seconds since 1970 by the clock of the service
 * (absent if it does not say). The clock of this machine does not judge these tokens. The token of
 * the link works once, so the request is repeated only if no byte of it was sent. After an error
 * with the outcome "unknown" it may be used up.
 */
int32_t descope_magiclink_verify(const char *json, char **out);

/**
 * Sends a magic link to a new email address of a user.
 * Operation: magiclink/update/email (API: POST /v1/auth/magiclink/update/email)
 *
 * json   required: loginId, email, refreshToken; optional: redirectUrl, addToLoginIDs
 *        (boolean), onMergeUseExisting (boolean), failOnConflict (boolean), providerId,
 *        templateId, templateOptions (object of strings), locale, extra, projectId, timeoutMs
 * out    {"maskedEmail": "..."}, or the error document; free it with descope_string_free
 *
 * After an error with the outcome "unknown" the message may have been sent.
 */
int32_t descope_magiclink_update_email(const char *json, char **out);

/**
 * Sends a magic link by SMS to a new phone number of a user.
 * Operation: magiclink/update/phone/sms (API: POST /v1/auth/magiclink/update/phone/sms)
 *
 * json   required: loginId, phone, refreshToken; optional: redirectUrl, addToLoginIDs
 *        (boolean), onMergeUseExisting (boolean), failOnConflict (boolean), providerId,
 *        templateId, templateOptions (object of strings), locale, extra, projectId, timeoutMs
 * out    {"maskedPhone": "..."}, or the error document; free it with descope_string_free
 *
 * After an error with the outcome "unknown" the message may have been sent.
 */
int32_t descope_magiclink_update_phone_sms(const char *json, char **out);

/**
 * Sends a magic link by WhatsApp to a new phone number of a user.
 * Operation: magiclink/update/phone/whatsapp (API: POST
 * /v1/auth/magiclink/update/phone/whatsapp)
 *
 * json   required: loginId, phone, refreshToken; optional: redirectUrl, addToLoginIDs
 *        (boolean), onMergeUseExisting (boolean), failOnConflict (boolean), providerId,
 *        templateId, templateOptions (object of strings), locale, extra, projectId, timeoutMs
 * out    {"maskedPhone": "..."}, or the error document; free it with descope_string_free
 *
 * After an error with the outcome "unknown" the message may have been sent.
 */
int32_t descope_magiclink_update_phone_whatsapp(const char *json, char **out);

/**
 * Returns a token that signs an existing user in. No message is sent: deliver the token yourself,
 * for example in a link of your own, and pass it to descope_magiclink_verify. Needs managementKey
 * in the configuration.
 * Operation: management/embedded_link (API: POST /v1/mgmt/user/signin/embeddedlink)
 *
 * json   required: loginId; optional: customClaims (object), timeout (integer; how many seconds
 *        the token is valid), extra, projectId, timeoutMs
 * out    {"token": "..."}, or the error document; free it with descope_string_free
 */
int32_t descope_management_embedded_link(const char *json, char **out);

/**
 * Returns a token that signs a new user up. No message is sent: deliver the token yourself, and
 * pass it to descope_magiclink_verify. Needs managementKey in the configuration.
 * Operation: management/embedded_link_signup (API: POST /v1/mgmt/user/signup/embeddedlink)
 *
 * json   required: loginId; optional: user (object), emailVerified (boolean), phoneVerified
 *        (boolean), loginOptions (object), timeout (integer; how many seconds the token is valid),
 *        extra, projectId, timeoutMs
 * out    {"token": "..."}, or the error document; free it with descope_string_free
 */
int32_t descope_management_embedded_link_signup(const char *json, char **out);

/**
 * Deletes a user, whether a test user or not. This cannot be undone. Needs managementKey in the
 * configuration.
 * Operation: management/delete_user (API: POST /v1/mgmt/user/delete)
 *
 * json   required: loginId; optional: extra, projectId, timeoutMs
 * out    {}, or the error document; free it with descope_string_free
 */
int32_t descope_management_delete_user(const char *json, char **out);

/**
 * Creates a queue.
 *
 * client   from descope_client_new; NULL: the default client of the process. The queue keeps it
 *          alive: it may be freed before the queue
 * queue    receives the queue, NULL on failure; free it with descope_queue_free
 * out      NULL, or receives {} or the error document; free it with descope_string_free
 *
 * Returns DESCOPE_OK, DESCOPE_E_CONFIG (the environment is not a valid configuration),
 * DESCOPE_E_NETWORK (no file descriptors left), DESCOPE_E_ARGUMENT, DESCOPE_E_MEMORY or
 * DESCOPE_E_INTERNAL. Call it from any thread. A forked child cannot use a queue of its parent: it creates its own.
 */
int32_t descope_queue_new(const descope_client *client,
                          descope_queue **queue,
                          char **out);

/**
 * Starts a call and returns at once. Its timeout counts from now.
 *
 * queue       from descope_queue_new
 * operation   its name, as in the documentation of each function: "magiclink/signin/sms"
 * json        the request, a JSON object; it is copied
 * tag         a number of your choice that descope_queue_next returns with the result. Two calls
 *             of a queue that were not reported yet must not have the same tag
 * out         NULL, or receives {} or the error document; free it with descope_string_free
 *
 * Returns DESCOPE_OK, DESCOPE_E_ARGUMENT (operation, request or tag), DESCOPE_E_CONFIG or
 * DESCOPE_E_MEMORY. After an error nothing was sent, and descope_queue_next does not report the
 * call. All later errors come from descope_queue_next. Call it from any thread, also while another
 * one is in descope_queue_next.
 */
int32_t descope_queue_submit(descope_queue *queue,
                             const char *operation,
                             const char *json,
                             uint64_t tag,
                             char **out);

/**
 * Continues all calls that can be continued, and reports one that has finished.
 *
 * queue        from descope_queue_new
 * timeout_ms   how long to wait for a call to finish; 0: do not wait; -1: no limit
 * tag          NULL, or receives the tag of the call
 * status       NULL, or receives the status of the call, as descope_call would return it
 * out          NULL, or receives the response or the error document; free it with
 *              descope_string_free. NULL is stored with DESCOPE_PENDING and DESCOPE_E_NOT_FOUND
 *
 * Returns DESCOPE_OK if it reports a call, DESCOPE_PENDING if no call has finished (after the
 * timeout, descope_queue_wake or a signal), DESCOPE_E_NOT_FOUND if there is no call,
 * DESCOPE_E_MEMORY (no call is lost: call it again), and DESCOPE_E_ARGUMENT if another thread is
 * in descope_queue_next of this queue, from inside a callback of this library, in a forked child,
 * and for NULL. Call it from one thread at a time.
 */
int32_t descope_queue_next(descope_queue *queue,
                           int32_t timeout_ms,
                           uint64_t *tag,
                           int32_t *status,
                           char **out);

/**
 * Cancels a call. descope_queue_next reports it with DESCOPE_E_CANCELLED and the outcome: "not_sent"
 * if no byte of the request was sent, "unknown" if the service may have processed it. A call that
 * has finished already is reported with its result. The connection of a cancelled call is closed.
 *
 * queue   from descope_queue_new
 * tag     the tag of the call
 *
 * Returns DESCOPE_OK, DESCOPE_E_NOT_FOUND (no call has this tag), DESCOPE_E_ARGUMENT or
 * DESCOPE_E_MEMORY. Call it from any thread, also while another one is in descope_queue_next.
 */
int32_t descope_queue_cancel(descope_queue *queue,
                             uint64_t tag);

/**
 * Lets descope_queue_next return at once with DESCOPE_PENDING, unless it has a finished call to
 * report. If no thread is in descope_queue_next, this counts for the following one. Several calls
 * before that count as one.
 *
 * queue   from descope_queue_new; NULL does nothing
 *
 * Call it from any thread and from any signal handler.
 */
void descope_queue_wake(descope_queue *queue);

/**
 * When descope_queue_next has to be called even if the descriptor is not readable, or the event not
 * signaled.
 *
 * queue   from descope_queue_new; NULL: -1
 *
 * Returns milliseconds, or -1: never. On Linux and Windows it is always -1, since timers make the
 * descriptor readable or signal the event. Portable programs pass it to their event loop. Call it from
 * any thread.
 */
int32_t descope_queue_timeout(const descope_queue *queue);

/**
 * The descriptor of a queue, for an event loop. It is readable exactly while descope_queue_next has
 * something to do. It is level-triggered.
 *
 * queue   from descope_queue_new; NULL: -1
 *
 * Returns a file descriptor that belongs to the queue: do nothing with it but wait, and do not close
 * it. On Windows, which has none, it returns -1: see descope_queue_event. Call it from any thread.
 */
int32_t descope_queue_fd(const descope_queue *queue);

/**
 * The event object of a queue, for an event loop of Windows. It is signaled exactly while
 * descope_queue_next has something to do, and no wait resets it.
 *
 * queue   from descope_queue_new; NULL: NULL
 *
 * Returns a HANDLE that belongs to the queue: do nothing with it but wait, for example in
 * WaitForMultipleObjects or MsgWaitForMultipleObjects, and do not close it. On other systems, which
 * have none, it returns NULL: see descope_queue_fd. Call it from any thread.
 */
void *descope_queue_event(const descope_queue *queue);

/**
 * Frees a queue. Calls in progress are cancelled and not reported.
 *
 * queue   from descope_queue_new; NULL does nothing
 *
 * Call it when no other thread uses the queue, not in a callback of this library, and do not use the
 * queue afterwards. A forked child may free a queue of its parent, which goes on working there.
 */
void descope_queue_free(descope_queue *queue);

/**
 * Validates a session token on this machine. The token is not sent. The public keys of the project
 * are fetched first if they are not cached, or if they are too old.
 * Operation: session/validate
 *
 * json   required: sessionToken; optional: audience, projectId, timeoutMs
 * out    {"jwt": "...", "claims": {...}, "userId": "...", "projectId": "...", "permissions":
 *        [...], "roles": [...], "tenants": {...}}, or the error document; free it with
 *        descope_string_free
 *
 * DESCOPE_E_TOKEN: the token is invalid, and "reason" says why. DESCOPE_E_NETWORK, _TLS, _TIMEOUT,
 * _PROTOCOL, _API, _RATE_LIMITED: the keys could not be fetched.
 */
int32_t descope_session_validate(const char *json, char **out);

/**
 * Requests a new session token, and validates the tokens of the response. The refresh token is
 * validated on this machine before it is sent.
 * Operation: session/refresh (API: POST /v1/auth/refresh)
 *
 * json   required: refreshToken; optional: audience, externalToken, extra, projectId,
 *        timeoutMs
 * out    the same as descope_magiclink_verify, or the error document; free it with
 *        descope_string_free
 *
 * Calls of one client with the same request that overlap share one request to the service, since
 * a refresh token that is rotated works once. refreshGraceMs in the configuration lets later calls
 * have the response as well. Processes do not share: see docs/operations.md.
 *
 * DESCOPE_E_TOKEN: the refresh token is invalid, and "reason" says why.
 */
int32_t descope_session_refresh(const char *json, char **out);

/**
 * Requests a session for one of the user's tenants, and validates the tokens of the response.
 * Operation: session/select_tenant (API: POST /v1/auth/tenant/select)
 *
 * json   required: tenant (its ID), refreshToken; optional: audience, extra, projectId,
 *        timeoutMs
 * out    the same as descope_magiclink_verify, or the error document; free it with
 *        descope_string_free
 */
int32_t descope_session_select_tenant(const char *json, char **out);

/**
 * Returns tenants of the user of a session: the one that is selected in the session, or those with
 * the given IDs. Exactly one of dct and ids is required.
 * Operation: session/tenants (API: POST /v1/auth/me/tenants)
 *
 * json   required: refreshToken; optional: dct (boolean; true: the selected tenant), ids (array of
 *        strings), extra, projectId, timeoutMs
 * out    {"tenants": [{"id": "...", "name": "...", ...}]}, or the error document; free it with
 *        descope_string_free
 */
int32_t descope_session_tenants(const char *json, char **out);

/**
 * Exchanges an access key for a session token, and validates it. There is no refresh token:
 * exchange the key again when the session token has expired.
 * Operation: session/exchange_access_key (API: POST /v1/auth/accesskey/exchange)
 *
 * json   required: accessKey (sent in the Authorization header); optional: loginOptions (object
 *        with customClaims and selectedTenant), audience, extra, projectId, timeoutMs
 * out    {"sessionJwt": "...", "session": {...}, ...}, or the error document; free it with
 *        descope_string_free
 *
 * session is what descope_session_validate returns. Its userId is the ID of the access key.
 */
int32_t descope_session_exchange_access_key(const char *json, char **out);

/**
 * Returns the user of a session.
 * Operation: session/me (API: GET /v1/auth/me)
 *
 * json   required: refreshToken; optional: projectId, timeoutMs
 * out    {"userId": "...", "loginIds": [...], ...}, or the error document; free it with
 *        descope_string_free
 */
int32_t descope_session_me(const char *json, char **out);

/**
 * Returns the sign-ins of the user of a session.
 * Operation: session/history (API: GET /v1/auth/me/history)
 *
 * json   required: refreshToken; optional: projectId, timeoutMs
 * out    {"authHistory": [...]}, or the error document; free it with descope_string_free
 */
int32_t descope_session_history(const char *json, char **out);

/**
 * Asks the service whether a session token is valid.
 * Operation: session/validate_remote (API: POST /v1/auth/validate)
 *
 * json   required: sessionToken; optional: extra, projectId, timeoutMs
 * out    {"parsedJWT": {...}}, or the error document; free it with descope_string_free
 */
int32_t descope_session_validate_remote(const char *json, char **out);

/**
 * Ends a session. Its refresh token becomes invalid.
 * Operation: session/logout (API: POST /v1/auth/logout)
 *
 * json   required: refreshToken; optional: logoutType (array of strings), extra, projectId,
 *        timeoutMs
 * out    the JSON object of the service, or the error document; free it with
 *        descope_string_free
 */
int32_t descope_session_logout(const char *json, char **out);

/**
 * Ends all sessions of the user.
 * Operation: session/logout_all (API: POST /v1/auth/logoutall)
 *
 * json   required: refreshToken; optional: logoutType (array of strings), extra, projectId,
 *        timeoutMs
 * out    the JSON object of the service, or the error document; free it with
 *        descope_string_free
 */
int32_t descope_session_logout_all(const char *json, char **out);

/**
 * Checks which of the given permissions a session has. Sends nothing. claims is the value that
 * descope_session_validate returns. matched has the permissions that were found; all is true if
 * all were found.
 * Operation: session/match_permissions
 *
 * json   required: claims (object), permissions (array of strings); optional: tenant (its ID)
 * out    {"all": false, "matched": ["read"]}, or the error document; free it with
 *        descope_string_free
 *
 * With tenant, only the permissions in that tenant count; without it, only those outside of
 * tenants.
 */
int32_t descope_session_match_permissions(const char *json, char **out);

/**
 * Checks which of the given roles a session has. Sends nothing. claims is the value that
 * descope_session_validate returns. matched has the roles that were found; all is true if all were
 * found.
 * Operation: session/match_roles
 *
 * json   required: claims (object), roles (array of strings); optional: tenant (its ID)
 * out    {"all": true, "matched": ["admin"]}, or the error document; free it with
 *        descope_string_free
 *
 * With tenant, only the roles in that tenant count; without it, only those outside of tenants.
 */
int32_t descope_session_match_roles(const char *json, char **out);

/**
 * The name of a status, e.g. "DESCOPE_E_API"; "unknown" for an unknown number.
 *
 * Returns a static string: do not free it. Call it from any thread.
 */
const char *descope_status_name(int32_t status);

/**
 * Creates a test user. Needs managementKey in the configuration.
 * Operation: test/create_user (API: POST /v1/mgmt/user/create/test)
 *
 * json   required: loginId; optional: email, phone, verifiedEmail (boolean), verifiedPhone
 *        (boolean), name, givenName, middleName, familyName, picture, roleNames (array of
 *        strings), userTenants (array of objects), customAttributes (object),
 *        additionalIdentifiers (array of strings), ssoAppIds (array of strings), password,
 *        hashedPassword (object), status, test (boolean), invite (boolean), inviteUrl,
 *        sendMail (boolean), sendSMS (boolean), templateOptions (object of strings),
 *        recoveryEmail, recoveryPhone, verifiedRecoveryEmail (boolean), verifiedRecoveryPhone
 *        (boolean), extra, projectId, timeoutMs
 * out    {"user": {...}, "created": true}, or the error document; free it with
 *        descope_string_free
 */
int32_t descope_test_create_user(const char *json, char **out);

/**
 * Returns a magic link for a test user, without sending a message. Needs managementKey in the
 * configuration.
 * Operation: test/generate_magiclink (API: POST /v1/mgmt/tests/generate/magiclink)
 *
 * json   required: loginId, deliveryMethod ("sms", "email" or "whatsapp"); optional:
 *        redirectUrl, loginOptions (object), extra, projectId, timeoutMs
 * out    {"loginId": "...", "link": "https://...?t=..."}, or the error document; free it with
 *        descope_string_free
 */
int32_t descope_test_generate_magiclink(const char *json, char **out);

/**
 * Deletes all test users of the project. Needs managementKey in the configuration.
 * Operation: test/delete_all_users (API: DELETE /v1/mgmt/user/test/delete/all)
 *
 * json   optional: projectId, timeoutMs
 * out    the JSON object of the service, or the error document; free it with
 *        descope_string_free
 */
int32_t descope_test_delete_all_users(const char *json, char **out);

/**
 * The version of the loaded library, e.g. "0.1.0". Compare it with DESCOPE_HEADER_VERSION.
 *
 * Returns a static string: do not free it. Call it from any thread.
 */
const char *descope_version(void);

/**
 * The ABI version of the loaded library. Compare it with DESCOPE_HEADER_ABI_VERSION.
 *
 * Call it from any thread.
 */
int32_t descope_abi_version(void);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* DESCOPE_ML_H */
