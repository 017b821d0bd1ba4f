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

// Gives the process's default client a configuration, unless it has it from the last line.
static void configure(const std::optional<std::string> &config) {
    static bool configured = false;
    static std::optional<std::string> made_with;
    if (configured && config == made_with) {
        return;
    }
    configured = false;
    config ? descope::configure(descope::Document(*config)) : descope::configure();
    configured = true;
    made_with = config;
}

static descope::Document perform(const descope::Document &line) {
    const std::optional<std::string> config = line.find("/config");
    const std::string operation = line.get("/operation");
    const descope::Document request(line.get("/request"));
    if (line.find("/named") != "true") {
        return client_for(config).call(operation, request);
    }
    configure(config);
    return operation == "magiclink/signin/sms" ? descope::magiclink_signin_sms(request)
                                               : descope::call(operation, request);
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
