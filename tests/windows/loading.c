/* Loads the library, makes a call, and lets go of it, many times and in several threads. Its code
 * stays loaded after the first call, and works again each time.
 *
 *     loading LIBRARY LOGIN_ID */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <windows.h>

enum { TIMES = 20, THREADS = 4 };

typedef int32_t (*set_function)(char **doc, const char *pointer, const char *text);
typedef int32_t (*sign_in_function)(const char *json, char **out);
typedef void (*free_function)(char *s);

static const char *login_id;
static wchar_t library[MAX_PATH];

static void fail(const char *what) {
    fprintf(stderr, "%s: error %lu\n", what, (unsigned long)GetLastError());
    exit(1);
}

static FARPROC find(HMODULE module, const char *name) {
    const FARPROC function = GetProcAddress(module, name);

    if (function == NULL)
        fail(name);
    return function;
}

static void load_and_call(void) {
    const HMODULE module = LoadLibraryW(library);
    char *request = NULL, *out = NULL;
    set_function set;
    sign_in_function sign_in;
    free_function free_string;

    if (module == NULL)
        fail("LoadLibrary");
    set = (set_function)(void (*)(void))find(module, "descope_json_set");
    sign_in = (sign_in_function)(void (*)(void))find(module, "descope_magiclink_signin_sms");
    free_string = (free_function)(void (*)(void))find(module, "descope_string_free");
    if (set(&request, "/loginId", login_id) != 0 || sign_in(request, &out) != 0) {
        fprintf(stderr, "%s\n", out != NULL ? out : "no memory");
        exit(1);
    }
    free_string(out);
    free_string(request);
    if (!FreeLibrary(module))
        fail("FreeLibrary");
}

static DWORD WINAPI call_often(void *argument) {
    int i;

    (void)argument;
    for (i = 0; i < TIMES; i++)
        load_and_call();
    return 0;
}

int main(int argc, char **argv) {
    HANDLE threads[THREADS];
    int i;

    if (argc != 3 || MultiByteToWideChar(CP_ACP, 0, argv[1], -1, library, MAX_PATH) == 0)
        fail("usage: loading LIBRARY LOGIN_ID");
    login_id = argv[2];
    /* Loaded and not called, it goes. */
    if (!FreeLibrary(LoadLibraryW(library)) || GetModuleHandleW(library) != NULL)
        fail("the library stays loaded although it was not called");
    call_often(NULL);
    if (GetModuleHandleW(library) == NULL)
        fail("the library was unloaded");
    for (i = 0; i < THREADS; i++)
        if ((threads[i] = CreateThread(NULL, 0, call_often, NULL, 0, NULL)) == NULL)
            fail("CreateThread");
    WaitForMultipleObjects(THREADS, threads, TRUE, INFINITE);
    puts("ok");
    return 0;
}
