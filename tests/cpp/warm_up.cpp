// Warm-up in C++, with a client and with the default client. The test's server counts the
// connections.
//
// Usage: warm_up CONFIG
#include <descope_ml.hpp>

#include "../c/check.h"

int main(int argc, char **argv) {
    if (argc != 2) {
        return 2;
    }
    const descope::Document config(argv[1]);
    const descope::SignInRequest request{"+14155550123"};
    const descope::Client client(config);
    client.warm_up();
    CHECK(client.sign_in_sms(request).masked_address() == "+1******0123");
    descope::configure(config);
    descope::warm_up();
    CHECK(descope::sign_in_sms(request).masked_address() == "+1******0123");
    return finish_checks();
}
