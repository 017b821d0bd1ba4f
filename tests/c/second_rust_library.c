/* The static library beside another one that has Rust inside: each has its own runtime, and catches
 * its own panics only. Needs a library built with the feature test-panic. */
#include <descope_ml.h>

#include <stddef.h>

#include "check.h"

/* Of tests/c/other_rust_library.rs. */
size_t other_library_append(int number);
int other_library_double(int number);
void other_library_set_panic_hook(void);
size_t other_library_panic(void);

int main(void) {
    descope_client *client = NULL;
    char *out = NULL;

    other_library_set_panic_hook();
    CHECK(descope_client_new("{\"projectId\": \"P1\"}", &client, NULL) == DESCOPE_OK);
    CHECK(descope_client_call(client, "test/panic", "{}", &out) == DESCOPE_E_INTERNAL);
    descope_string_free(out);
    CHECK(other_library_panic() == 1);
    CHECK(descope_client_call(client, "test/panic", "{}", NULL) == DESCOPE_E_INTERNAL);
    CHECK(other_library_panic() == 2);
    CHECK(other_library_append(1) == 1);
    CHECK(other_library_double(21) == 42);
    descope_client_free(client);
    return finish_checks();
}
