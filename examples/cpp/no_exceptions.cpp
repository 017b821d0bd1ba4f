// Sends a magic link, or exchanges the token of one for a session, in a program without exceptions:
//
//     c++ -std=c++17 -fno-exceptions -fno-rtti no_exceptions.cpp -ldescope_ml
//
//     DESCOPE_PROJECT_ID=P... ./no_exceptions signin LOGIN_ID
//     DESCOPE_PROJECT_ID=P... ./no_exceptions session TOKEN
#include <descope_ml.hpp>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

int fail(const descope::Error &error) {
    std::fprintf(stderr, "%s: %s\n", error.name(), error.what());
    // A message may have been sent: ask the user before you send another one.
    if (error.outcome() == "unknown") {
        std::fputs("the message may have been sent\n", stderr);
    }
    if (const auto wait = error.retry_after()) {
        std::fprintf(stderr, "try again in %lld s\n", static_cast<long long>(wait->count()));
    }
    return EXIT_FAILURE;
}

int sign_in(const descope::Client &client, const char *login_id) {
    const descope::Result<descope::LinkSent> sent = client.try_sign_in_sms({login_id});
    if (!sent) {
        return fail(sent.error());
    }
    std::printf("sent to %s\n", sent->masked_address().c_str());
    return EXIT_SUCCESS;
}

int show_session(const descope::Client &client, const char *token) {
    const descope::Result<descope::SignedIn> signed_in = client.try_verify({token});
    if (!signed_in) {
        return fail(signed_in.error());
    }
    const auto session = client.try_validate({signed_in->session().jwt()});
    if (!session) {
        return fail(session.error());
    }
    std::printf("session of %s\n", session->user_id().c_str());
    return EXIT_SUCCESS;
}

} // namespace

int main(int argc, char **argv) {
    if (argc != 3) {
        std::fprintf(stderr, "usage: %s signin LOGIN_ID | session TOKEN\n", argv[0]);
        return 2;
    }
    const descope::Result<descope::Client> client = descope::Client::create();
    if (!client) {
        return fail(client.error());
    }
    return std::string_view(argv[1]) == "session" ? show_session(*client, argv[2])
                                                  : sign_in(*client, argv[2]);
}
