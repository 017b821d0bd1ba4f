/* A program that starts and stops Winsock by itself, before, between and after calls, is not
 * disturbed.
 *
 *     winsock LOGIN_ID */
#include <descope_ml.h>

#include <stdio.h>
#include <stdlib.h>
#include <winsock2.h>

static void fail(const char *what) {
    fprintf(stderr, "%s\n", what);
    exit(1);
}

static void sign_in(const char *request) {
    char *out = NULL;

    if (descope_magiclink_signin_sms(request, &out) != DESCOPE_OK)
        fail(out != NULL ? out : "no memory");
    descope_string_free(out);
}

int main(int argc, char **argv) {
    char *request = NULL;
    WSADATA data;
    SOCKET socket_of_program;

    if (argc != 2 || descope_json_set(&request, "/loginId", argv[1]) != DESCOPE_OK)
        fail("usage: winsock LOGIN_ID");
    /* The program starts Winsock first, and stops it while the library has an open connection. */
    if (WSAStartup(MAKEWORD(2, 2), &data) != 0)
        fail("WSAStartup");
    sign_in(request);
    if (WSACleanup() != 0)
        fail("WSACleanup");
    sign_in(request);
    /* What the library has started does not count for the program, which starts it again. */
    if (WSAStartup(MAKEWORD(2, 2), &data) != 0)
        fail("WSAStartup");
    socket_of_program = socket(AF_INET, SOCK_STREAM, 0);
    descope_cleanup();
    if (socket_of_program == INVALID_SOCKET || closesocket(socket_of_program) != 0)
        fail("the socket of the program does not work");
    sign_in(request);
    if (WSACleanup() != 0)
        fail("WSACleanup");
    descope_string_free(request);
    puts("ok");
    return 0;
}
