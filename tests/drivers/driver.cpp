// Runs the rows of the case table through C++. The comment of driver.c describes the lines of input
// and output. What the types of C++ can express is called with them: the input has it once more,
// with the type of each value, and the output says whether a type was used.
#include <descope_ml_queue.hpp>

#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "../cpp/operations.hpp"
#include "typed_request.hpp"

using descope::Document;
using descope::Error;
using descope::Result;

namespace {

// The answer of a call, and whether it was made with a typed request.
struct Answer {
    std::int32_t status = DESCOPE_OK;
    std::string document{};
    bool is_typed = false;
};

const std::string &text_of(const Document &document) {
    return document.str();
}
template <typename Response> const std::string &text_of(const Response &response) {
    return response.document().str();
}

template <typename Response> Answer answer(const Result<Response> &result) {
    return result ? Answer{DESCOPE_OK, text_of(*result)}
                  : Answer{result.error().status(), result.error().document()};
}

// Whether the next call throws its error: every other one does.
bool throws_next() {
    static bool throws = false;
    throws = !throws;
    return throws;
}

// Makes a call in one of the two ways to report an error.
template <typename Throwing, typename Trying> Answer call(Throwing throwing, Trying trying) {
    if (!throws_next()) {
        return answer(trying());
    }
    try {
        return {DESCOPE_OK, text_of(throwing())};
    } catch (const Error &error) {
        return {error.status(), error.document()};
    }
}

// The request of a line, which may be in a file.
Document read_request(const Document &line) {
    const std::optional<std::string> path = line.find("/requestFile");
    if (!path) {
        return Document(line.get("/request"));
    }
    std::ifstream file(*path, std::ios::binary);
    return Document(std::string(std::istreambuf_iterator<char>(file), {}));
}

// One line of the input.
struct Line {
    explicit Line(const std::string &text)
        : document(text), operation(document.get("/operation")), config(document.find("/config")),
          is_named(document.find("/named") == "true"),
          is_in_queue(document.find("/queue") == "true"), request(read_request(document)) {}

    Document document;
    std::string operation;
    std::optional<std::string> config;
    bool is_named;
    bool is_in_queue;
    Document request;
};

// Makes a client for a configuration; the same for the default client.
Result<descope::Client> create_client(const Line &line) {
    if (!line.config) {
        return descope::Client::create();
    }
    const auto config = read_typed<descope::Config>(line.document, "/typed/config");
    return config ? descope::Client::create(*config)
                  : descope::Client::create(Document(*line.config));
}
void configure(const Line &line) {
    if (!line.config) {
        return descope::configure();
    }
    const auto config = read_typed<descope::Config>(line.document, "/typed/config");
    return config ? descope::configure(*config) : descope::configure(Document(*line.config));
}

// Returns the client of a line. Lines that follow each other with the same configuration share one.
const descope::Client &client_for(const Line &line) {
    static std::optional<descope::Client> client;
    static std::optional<std::string> made_with;
    if (!client || line.config != made_with) {
        client.reset();
        client.emplace(descope::detail::value_or_throw(create_client(line)));
        made_with = line.config;
    }
    return *client;
}

// Configures the default client, unless it has this configuration from the previous line.
void configure_for(const Line &line) {
    static bool configured = false;
    static std::optional<std::string> made_with;
    if (configured && line.config == made_with) {
        return;
    }
    configured = false;
    configure(line);
    configured = true;
    made_with = line.config;
}

// Makes a call in a queue, and waits for its end.
template <typename Submit> Answer call_in_queue(const Line &line, Submit submit) {
    descope::Queue queue(client_for(line));
    Answer ended;
    const Result<std::uint64_t> tag =
        submit(queue, [&](const auto &result) { ended = answer(result); });
    if (!tag) {
        return {tag.error().status(), tag.error().document()};
    }
    queue.run();
    return ended;
}

Answer call_text(const Line &line) {
    if (line.is_in_queue) {
        return call_in_queue(line, [&](descope::Queue &queue, auto callback) {
            return queue.try_submit(line.operation, line.request, callback);
        });
    }
    if (line.is_named) {
        return call([&] { return descope::call(line.operation, line.request); },
                    [&] { return descope::try_call(line.operation, line.request); });
    }
    const descope::Client &client = client_for(line);
    return call([&] { return client.call(line.operation, line.request); },
                [&] { return client.try_call(line.operation, line.request); });
}

// Makes a call with the type of its request; nullopt if the type cannot express it.
template <typename Request, typename Function, typename TryFunction, typename Method,
          typename TryMethod, typename Submit>
std::optional<Answer> call_typed(const Line &line, Function function, TryFunction try_function,
                                 Method method, TryMethod try_method, Submit submit) {
    const std::optional<Request> request = read_typed<Request>(line.document, "/typed/request");
    if (!request) {
        return std::nullopt;
    }
    Answer typed;
    if (line.is_named) {
        typed = call([&] { return function(*request); }, [&] { return try_function(*request); });
    } else if (line.is_in_queue) {
        typed = call_in_queue(line, [&](descope::Queue &queue, auto callback) {
            return submit(queue, *request, callback);
        });
    } else {
        const descope::Client &client = client_for(line);
        typed = call([&] { return method(client, *request); },
                     [&] { return try_method(client, *request); });
    }
    typed.is_typed = true;
    return typed;
}

using CallTyped = std::optional<Answer> (*)(const Line &);

const std::map<std::string, CallTyped> typed_calls = {
#define ROW(name, method, Request)                                                                 \
    {name, [](const Line &line) {                                                                  \
         using descope::Request;                                                                   \
         return call_typed<Request>(                                                               \
             line, [](const Request &request) { return descope::method(request); },                \
             [](const Request &request) { return descope::try_##method(request); },                \
             [](const descope::Client &client, const Request &request) {                           \
                 return client.method(request);                                                    \
             },                                                                                    \
             [](const descope::Client &client, const Request &request) {                           \
                 return client.try_##method(request);                                              \
             },                                                                                    \
             [](descope::Queue &queue, const Request &request, auto callback) {                    \
                 return queue.try_##method(request, callback);                                     \
             });                                                                                   \
     }},
    OPERATIONS(ROW)
#undef ROW
};

Answer call_operation(const Line &line) {
    if (line.is_named) {
        configure_for(line);
    }
    const auto found = typed_calls.find(line.operation);
    const auto typed = found == typed_calls.end() ? std::nullopt : found->second(line);
    return typed ? *typed : call_text(line);
}

} // namespace

int main() {
    std::string text;
    while (std::getline(std::cin, text)) {
        Answer made;
        try {
            made = call_operation(Line(text));
        } catch (const Error &error) { // Of the configuration.
            made = {error.status(), error.document()};
        }
        Document output;
        output.put("/status", std::to_string(made.status)).put("/out", made.document);
        output.put("/typed", made.is_typed ? "true" : "false");
        std::cout << output.str() << std::endl;
    }
    return 0;
}
