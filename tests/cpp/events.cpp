// Event handlers in C++. The server must know the user +14155550123.
//
// Usage: events CONFIG
#include <descope_ml_queue.hpp>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "../c/check.h"

int main(int argc, char **argv) {
    if (argc != 2) {
        return 2;
    }
    const descope::Document request("{\"loginId\": \"+14155550123\"}");
    const descope::Client client{descope::Document(argv[1])};
    const std::string sent = client.call("magiclink/signin/sms", request).str();

    const auto events = std::make_shared<std::vector<descope::Document>>();
    const auto set = descope::set_events([events](const descope::Document &event) {
        events->push_back(event);
        throw std::runtime_error("does not change the result of the call");
    });
    CHECK(!set);
    CHECK(client.call("magiclink/signin/sms", request).str() == sent);
    CHECK(events->size() == 1);
    CHECK(events->at(0).get("/operation") == "magiclink/signin/sms");
    CHECK(events->at(0).get("/outcome") == "sent");
    try {
        client.call("magiclink/signin/sms", descope::Document());
        CHECK(!"an exception");
    } catch (const descope::Error &error) {
        CHECK(error.status() == DESCOPE_E_ARGUMENT);
    }
    CHECK(events->size() == 2);
    CHECK(events->at(1).get("/name") == "DESCOPE_E_ARGUMENT");
    {
        descope::Queue queue(client);
        const std::uint64_t tag = queue.submit("magiclink/signin/sms", request, nullptr);
        queue.run();
        CHECK(events->size() == 3);
        CHECK(events->at(2).get("/tag") == std::to_string(tag));
    }

    // The handler is destroyed.
    CHECK(events.use_count() == 2);
    CHECK(!descope::set_events(nullptr));
    CHECK(events.use_count() == 1);
    client.sign_in_sms({"+14155550123"});
    CHECK(events->size() == 3);
    return finish_checks();
}
