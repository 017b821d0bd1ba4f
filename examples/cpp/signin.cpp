// Sends a magic link by SMS: signin LOGIN_ID [REDIRECT_URL]. The project comes from the environment
// (DESCOPE_PROJECT_ID), as does the login ID when no argument gives it (DESCOPE_LOGIN_ID).
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
        descope::Document request;
        request.set("/loginId", login_id);
        if (argc > 2) {
            request.set("/redirectUrl", argv[2]);
        }
        const descope::Document answer = descope::magiclink_signin_sms(request);
        std::cout << "sent to " << answer.get("/maskedPhone") << '\n';
        return 0;
    } catch (const descope::Error &error) {
        std::cerr << error.name() << ": " << error.what() << " (" << error.outcome() << ")\n";
    } catch (const std::exception &error) {
        std::cerr << error.what() << '\n';
    }
    return 1;
}
