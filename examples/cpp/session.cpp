// Turns the token of a magic link into a session, and checks it as each later request would:
// session TOKEN. The project comes from the environment (DESCOPE_PROJECT_ID).
#include <descope_ml.hpp>

#include <iostream>

int main(int argc, char **argv) {
    if (argc != 2) {
        std::cerr << "usage: " << argv[0] << " TOKEN\n";
        return 2;
    }
    try {
        const auto signed_in =
            descope::magiclink_verify(descope::Document().set("/token", argv[1]));
        // Keep it in a cookie; it comes back with each request.
        const std::string jwt = signed_in.get("/sessionJwt");
        const auto session =
            descope::session_validate(descope::Document().set("/sessionToken", jwt));
        std::cout << "session of " << session.get("/userId") << '\n';
    } catch (const descope::Error &error) {
        std::cerr << error.name() << ": " << error.what() << '\n';
        return 1;
    }
}
