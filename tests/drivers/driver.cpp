// Runs the rows of the case table through the C++ wrapper. The comment of driver.c describes the
// lines of input and output.
#include <descope_ml.hpp>

#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <optional>
#include <string>

#include "../c/operations.h"

// Returns the client for a configuration. Lines that follow each other with the same configuration
// share a client.
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

// Configures the default client, unless it has this configuration from the previous line.
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

using NamedFunction = descope::Document (*)(const descope::Document &);
using Method = descope::Document (descope::Client::*)(const descope::Document &) const;

// The named function and the method of each operation.
struct Functions {
    NamedFunction function;
    Method method;
};
static const std::map<std::string, Functions> named_functions = {
#define ROW(operation, name) {operation, {descope::name, &descope::Client::name}},
    OPERATIONS(ROW)
#undef ROW
};

// Returns the content of a file.
static std::string read_file(const std::string &path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

static descope::Document call_operation(const descope::Document &line) {
    const std::optional<std::string> config = line.find("/config");
    const std::string operation = line.get("/operation");
    const std::optional<std::string> file = line.find("/requestFile");
    const descope::Document request(file ? read_file(*file) : line.get("/request"));
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
        descope::Document output;
        try {
            const descope::Document response = call_operation(descope::Document(line));
            output.put("/status", "0").put("/out", response.str());
        } catch (const descope::Error &error) {
            output.put("/status", std::to_string(error.status())).put("/out", error.document());
        }
        std::cout << output.str() << std::endl;
    }
    return 0;
}
