// Exchanges the token of a magic link for a session, then validates the session JWT, as a server
// does on each later request.
//
//     DESCOPE_PROJECT_ID=P... ./session TOKEN
#include <descope_ml.hpp>

#include <cstdlib>
#include <exception>
#include <iostream>
#include <string>

int main(int argc, char **argv) {
    if (argc != 2) {
        std::cerr << "usage: " << argv[0] << " TOKEN\n";
        return 2;
    }
    try {
        const descope::SignedIn signed_in = descope::verify({argv[1]});
        // Store the JWT in a cookie. The browser sends it with each request.
        const std::string jwt = signed_in.session().jwt();
        const descope::Session session = descope::validate({jwt});
        std::cout << "session of " << session.user_id() << '\n';
        return EXIT_SUCCESS;
    } catch (const descope::Error &error) {
        std::cerr << error.name() << ": " << error.what() << '\n';
    } catch (const std::exception &error) {
        std::cerr << error.what() << '\n';
    }
    return EXIT_FAILURE;
}
