// Drives the C++ face for the case table; what the lines hold is said in driver.c.
#include <descope_ml.hpp>

#include <iostream>
#include <map>
#include <optional>
#include <string>

#include "../c/operations.h"

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

using Named = descope::Document (*)(const descope::Document &);
using Method = descope::Document (descope::Client::*)(const descope::Document &) const;

// The functions and the methods by the names of their operations.
struct Functions {
    Named function;
    Method method;
};
static const std::map<std::string, Functions> named_functions = {
#define ROW(operation, name) {operation, {descope::name, &descope::Client::name}},
    OPERATIONS(ROW)
#undef ROW
};

static descope::Document perform(const descope::Document &line) {
    const std::optional<std::string> config = line.find("/config");
    const std::string operation = line.get("/operation");
    const descope::Document request(line.get("/request"));
    const auto found = named_functions.find(operation);
    if (line.find("/named") != "true") {
        const descope::Client &client = client_for(config);
        return found == named_functions.end() ? client.call(operation, request)
                                              : (client.*found->second.method)(request);
    }
    configure(config);
    return found == named_functions.end() ? descope::call(operation, request)
                                          : found->second.function(request);
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
