// Sends a magic link by SMS to an existing user.
//
//     DESCOPE_PROJECT_ID=P... ./signin LOGIN_ID [REDIRECT_URL]
//
// Without arguments the login ID comes from DESCOPE_LOGIN_ID.
#include <descope_ml.hpp>

#include <cstdlib>
#include <exception>
#include <iostream>

int main(int argc, char **argv) {
    const char *login_id = argc > 1 ? argv[1] : std::getenv("DESCOPE_LOGIN_ID");
    if (login_id == nullptr) {
        std::cerr << "usage: " << argv[0] << " LOGIN_ID [REDIRECT_URL]\n";
        return 2;
    }
    try {
        descope::SignInRequest request{login_id};
        if (argc > 2) {
            request.redirect_url = argv[2];
        }
        const descope::LinkSent sent = descope::sign_in_sms(request);
        std::cout << "sent to " << sent.masked_address() << '\n';
        return EXIT_SUCCESS;
    } catch (const descope::Error &error) {
        // The outcome "unknown" means that the message may have been sent.
        std::cerr << error.name() << ": " << error.what() << " (" << error.outcome() << ")\n";
    } catch (const std::exception &error) {
        std::cerr << error.what() << '\n';
    }
    return EXIT_FAILURE;
}
