// The parts of the C++ wrapper that C does not have: exceptions, move
// semantics, and std::string values, which keep every character or are rejected.
#include <descope_ml.hpp>

#include <cstdio>
#include <string>
#include <type_traits>
#include <utility>

#include "../c/check.h"

using namespace std::string_literals;

static_assert(!std::is_copy_constructible_v<descope::Client>, "a client has one owner");
static_assert(std::is_nothrow_move_constructible_v<descope::Client>,
              "a client can be moved without exceptions");
static_assert(std::is_nothrow_copy_constructible_v<descope::Error>,
              "copying an exception must not throw");

template <typename Exception, typename Function> static bool throws(Function function) {
    try {
        function();
    } catch (const Exception &) {
        return true;
    }
    return false;
}

static void test_documents() {
    descope::Document document;
    document.set("/loginId", "żółw \"\\\n").put("/loginOptions/stepup", "true");
    CHECK(document.get("/loginId") == "żółw \"\\\n");
    CHECK(document.get("/loginOptions") == "{\"stepup\":true}");
    CHECK(!document.find("/nothing"));
    CHECK(throws<std::out_of_range>([&] { document.get("/nothing"); }));
    CHECK(throws<std::invalid_argument>([&] { document.get("no pointer"); }));
    CHECK(throws<std::invalid_argument>([&] { document.put("/a", "no json"); }));
    CHECK(throws<std::invalid_argument>([&] { document.set("/a", "x\0y"s); }));
    CHECK(throws<std::invalid_argument>([] { descope::Document("no json").set("/a", "b"); }));
    CHECK(document.str()
          == "{\"loginId\":\"żółw \\\"\\\\\\n\",\"loginOptions\":{\"stepup\":true}}");
}

static void test_errors() {
    descope::Document config;
    config.set("/projectId", "P1").set("/baseUrl", "http://127.0.0.1:9").put("/maxAttempts", "1");
    descope::Client first(config);
    const descope::Client client = std::move(first);
    try {
        client.sign_in_sms({"u"});
        CHECK(!"no exception was thrown");
    } catch (const descope::Error &error) {
        CHECK(error.status() == DESCOPE_E_NETWORK);
        CHECK(error.name() == "DESCOPE_E_NETWORK"s);
        CHECK(error.outcome() == "not_sent");
        CHECK(error.attempts() == 1);
        CHECK(!error.http_status() && !error.error_code() && !error.retry_after());
        CHECK(std::string(error.what()).find("could not connect") == 0);
        CHECK(descope::Document(error.document()).get("/error/message") == error.what());
    }
    CHECK(throws<descope::Error>([&] { client.call("nope", descope::Document()); }));
    CHECK(throws<descope::Error>([&] { client.warm_up(); }));
    CHECK(throws<descope::Error>([] { descope::configure(descope::Document("[]")); }));
    CHECK(throws<descope::Error>([] { descope::Client(descope::Document("{\"x\": 1}")); }));
    descope::configure(config);
    CHECK(throws<descope::Error>([] { descope::warm_up(); }));
    CHECK(throws<descope::Error>([] { descope::sign_in_sms({""}); }));
    CHECK(throws<descope::Error>([] { descope::call("nope", descope::Document()); }));
    descope::cleanup();
    CHECK(throws<descope::Error>([] { descope::warm_up(); }));
}

// A value in an error document that C++ cannot represent counts as missing. An invalid document
// gives an error with the defaults.
static void test_malformed_error_documents() {
    const descope::Error malformed(
        DESCOPE_E_API, "{\"error\": {\"retryAfter\": 9223372036854775808, \"attempts\": "
                       "true, \"errorMessage\": \"a\\u0000b\", \"errorCode\": \"E1\"}}");
    CHECK(!malformed.retry_after() && !malformed.attempts() && !malformed.error_message());
    CHECK(malformed.error_code() == "E1");
    CHECK(malformed.what() == "DESCOPE_E_API"s);
    for (const char *document : {"", "no json", "[]", "{\"error\": {\"message\": \"\\u0000\"}}"}) {
        const descope::Error invalid(DESCOPE_E_API, document);
        CHECK(invalid.what() == "DESCOPE_E_API"s);
        CHECK(invalid.outcome() == "unknown");
        CHECK(!invalid.http_status());
    }
}

int main() {
    test_documents();
    test_errors();
    test_malformed_error_documents();
    return finish_checks();
}
