// Drives the C++ face for the case table; what the lines hold is said in driver.c.
#include <descope_ml.hpp>

#include <iostream>
#include <optional>
#include <string>

static descope::Document perform(const descope::Document &line) {
    const descope::Document request(line.get("/request"));
    const std::optional<std::string> config = line.find("/config");
    const std::string operation = line.get("/operation");
    if (line.find("/named") == "true") {
        config ? descope::configure(descope::Document(*config)) : descope::configure();
        return descope::magiclink_signin_sms(request);
    }
    const descope::Client client =
        config ? descope::Client(descope::Document(*config)) : descope::Client();
    return client.call(operation, request);
}

int main() {
    std::string line;
    while (std::getline(std::cin, line)) {
        descope::Document reply;
        try {
            const descope::Document answer = perform(descope::Document(line));
            reply.put("/status", "0").put("/out", answer.str());
        } catch (const descope::Error &error) {
            reply.put("/status", std::to_string(error.status())).put("/out", error.document());
        }
        std::cout << reply.str() << std::endl;
    }
    return 0;
}
