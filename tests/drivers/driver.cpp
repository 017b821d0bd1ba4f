// Drives the C++ face for the case table; what the lines hold is said in driver.c.
#include <descope_ml.hpp>

#include <iostream>
#include <optional>
#include <string>

// The client of the last line, kept as long as the configuration stays the same.
static const descope::Client &client_for(const std::optional<std::string> &config) {
    static std::optional<descope::Client> client;
    static std::optional<std::string> made_with;
    if (!client || config != made_with) {
        client.reset();
        client = config ? descope::Client(descope::Document(*config)) : descope::Client();
        made_with = config;
    }
    return *client;
}

static descope::Document perform(const descope::Document &line) {
    const descope::Document request(line.get("/request"));
    return client_for(line.find("/config")).call(line.get("/operation"), request);
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
