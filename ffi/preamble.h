/*
 * libdescope_ml @VERSION@: Descope magic links for C and for any language that can call C.
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

#define DESCOPE_HEADER_VERSION "@VERSION@"
#define DESCOPE_HEADER_ABI_VERSION 1
