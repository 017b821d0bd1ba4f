// Typed requests, responses and errors, in every standard, with and without exceptions.
//
// Usage: typed CONFIG, with a server that knows the user +14155550123
#include <descope_ml_queue.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "../c/check.h"

using descope::Client;
using descope::Document;
using descope::LinkSent;
using descope::LogLevel;
using descope::Result;

static const char *const PHONE = "+14155550123";

static void test_json() {
    descope::SignInRequest request{PHONE};
    CHECK(descope::detail::to_json(request) == "{\"loginId\":\"+14155550123\"}");
    request.redirect_url = std::string("\"\\\n\0\x1f", 5) + "ż";
    request.login_options.emplace();
    request.login_options->stepup = false;
    request.login_options->custom_claims = Document("{\"a\": [1]}");
    request.login_options->revoke_other_sessions_types = std::vector<std::string>{"a", "b"};
    request.login_options->template_options.emplace()["k\""] = "v";
    request.extra = Document("{} , \"loginId\": \"other\"");
    request.timeout = std::chrono::seconds(2);
    CHECK(descope::detail::to_json(request)
          == "{\"loginId\":\"+14155550123\",\"redirectUrl\":\"\\\"\\\\\\u000a\\u0000\\u001fż\","
             "\"loginOptions\":{\"stepup\":false,\"customClaims\":{\"a\": [1]},"
             "\"revokeOtherSessionsTypes\":[\"a\",\"b\"],\"templateOptions\":{\"k\\\"\":\"v\"}},"
             "\"extra\":\"{} , \\\"loginId\\\": \\\"other\\\"\",\"timeoutMs\":2000}");
    descope::CreateUserRequest user{PHONE};
    user.user_tenants = std::vector<descope::UserTenant>{{"T1"}, {"T2"}};
    user.role_names.emplace();
    CHECK(descope::detail::to_json(user)
          == "{\"loginId\":\"+14155550123\",\"roleNames\":[],"
             "\"userTenants\":[{\"tenantId\":\"T1\"},{\"tenantId\":\"T2\"}]}");
    descope::Config config;
    config.tls_roots = descope::TlsRoots::bundled;
    config.jwt_leeway = std::chrono::minutes(1);
    config.max_attempts = 1;
    CHECK(descope::detail::to_json(config)
          == "{\"maxAttempts\":1,\"tlsRoots\":\"bundled\",\"jwtLeewaySeconds\":60}");
    const std::string_view view = "text";
    CHECK(descope::detail::to_json(descope::DeleteUserRequest{view}) == "{\"loginId\":\"text\"}");
#if __cplusplus >= 202002L
    CHECK(descope::detail::to_json(descope::SignInRequest{
              .login_id = "u", .login_options = {{.mfa = true}}, .template_id = "T"})
          == "{\"loginId\":\"u\",\"loginOptions\":{\"mfa\":true},\"templateId\":\"T\"}");
    CHECK(descope::detail::to_json(
              descope::ValidateRequest{.session_token = "s", .audience = {{"a", "b"}}})
          == "{\"sessionToken\":\"s\",\"audience\":[\"a\",\"b\"]}");
#endif
}

// An error names the field, and nothing is sent.
static void check_rejected(const Result<LinkSent> &result, const std::string &message) {
    CHECK(!result && !result.has_value());
    CHECK(result.error().status() == DESCOPE_E_ARGUMENT);
    CHECK(result.error().code() == std::errc::invalid_argument);
    CHECK(result.error().code().category() == descope::error_category());
    CHECK(result.error().code().message() == "DESCOPE_E_ARGUMENT");
    CHECK(result.error().outcome() == "not_sent");
    CHECK(std::string(result.error().what()).find(message) != std::string::npos);
}

static void test_rejected_requests(const Client &client) {
    check_rejected(client.try_sign_in_sms({""}), "`loginId` must not be empty");
    check_rejected(client.try_sign_in_sms({std::string("a\0b", 3)}),
                   "`loginId` contains a control");
    descope::SignInRequest request{PHONE};
    request.extra = Document("{} , \"loginId\": \"other\"");
    check_rejected(client.try_sign_in_sms(request), "`extra`");
    request.extra = Document(std::string("{}\0", 3));
    check_rejected(client.try_sign_in_sms(request), "`extra`");
    request.extra.reset();
    request.timeout = std::chrono::milliseconds(-1);
    check_rejected(client.try_sign_in_sms(request), "`timeoutMs`");
    request.timeout.reset();
    request.refresh_token = "\xff";
    CHECK(!client.try_sign_in_sms(request));
    CHECK(!client.try_call("a\0b", Document()));
    CHECK(!client.try_call("session/me", Document(std::string("{}\0", 3))));
    descope::Config config;
    config.project_id = std::string("P2\0test", 7);
    CHECK(Client::create(config).error().status() == DESCOPE_E_CONFIG);
    CHECK(Client::create(Document("[]")).error().status() == DESCOPE_E_CONFIG);
}

static void test_results(const Client &client) {
    const Result<LinkSent> sent = client.try_sign_in_sms({PHONE});
    CHECK(sent && sent.has_value());
    CHECK(sent->masked_address() == "+1********23");
    CHECK((*sent).document().try_find("/maskedPhone") == "+1********23");
    CHECK(sent.value().masked_address() == sent->masked_address());
    const Result<LinkSent> refused = client.try_sign_in_sms({"+14155550199"});
    CHECK(refused.error().error_code() == "E062108" && refused.error().http_status() == 400);
    CHECK(refused.value_or(*sent).masked_address() == "+1********23");
#ifndef __cpp_lib_expected
    CHECK(client.try_sign_in_sms({PHONE})
              .and_then([&](const LinkSent &) { return client.try_sign_in_sms({"+14155550199"}); })
              .error()
              .error_code()
          == "E062108");
    CHECK(client.try_sign_in_sms({PHONE})
              .transform([](const LinkSent &link) { return link.masked_address().size(); })
              .value()
          == 12);
#endif
    CHECK(client.try_warm_up().has_value());
    const descope::Error limited(DESCOPE_E_RATE_LIMITED, "{\"error\": {\"retryAfter\": 30}}");
    CHECK(limited.retry_after() == std::chrono::seconds(30));
    CHECK(descope::Error(DESCOPE_E_TIMEOUT, "").code() == std::errc::timed_out);
    CHECK(descope::Error(DESCOPE_E_CANCELLED, "").code() == std::errc::operation_canceled);
    CHECK(descope::Error(DESCOPE_E_API, "").code().value() == DESCOPE_E_API);
}

static void test_responses() {
    const descope::SignedIn signed_in(Document(
        "{\"refreshJwt\": \"\", \"session\": {\"jwt\": \"a.b.c\", \"claims\": {\"sub\": \"U1\"}, "
        "\"userId\": \"U1\", \"projectId\": \"P1\", \"permissions\": [\"a\\\"\", \"b\"], "
        "\"roles\": [], \"tenants\": {}}, \"new\": 1}"));
    CHECK(!signed_in.refresh_jwt());
    CHECK(signed_in.document().try_find("/new") == "1");
    const descope::Session session = signed_in.session();
    CHECK(session.jwt() == "a.b.c" && session.user_id() == "U1" && session.project_id() == "P1");
    CHECK((session.permissions() == std::vector<std::string>{"a\"", "b"}));
    CHECK(session.roles().empty() && session.tenants().str() == "{}");
    const auto match = descope::try_match_permissions({session.claims(), {"a", "b"}});
    CHECK(match && !match->all() && match->matched().empty());
    const descope::Session other(Document("{\"permissions\": \"admin\"}"));
    CHECK(other.permissions().empty() && other.jwt().empty());
}

static void test_documents() {
    Document document;
    CHECK(!document.try_set("/a", "x\"") && !document.try_put("/b", "[1]"));
    CHECK(document.str() == "{\"a\":\"x\\\"\",\"b\":[1]}");
    CHECK(document.try_set("no pointer", "x") == std::errc::invalid_argument);
    CHECK(document.try_put("/a", std::string("1\0", 2)) == std::errc::invalid_argument);
    CHECK(!document.try_find("/c") && !Document("no json").try_find("/c"));
}

// Handlers are freed when they are replaced, or with their client.
static void test_handlers(Client client) {
    const auto lines = std::make_shared<std::vector<std::string>>();
    const auto count = [lines](LogLevel level, std::string_view line) {
        CHECK(level <= LogLevel::debug);
        lines->emplace_back(line);
    };
    CHECK(!descope::set_log(LogLevel::debug, count));
    CHECK(client.try_sign_in_sms({PHONE}).has_value());
    CHECK(!lines->empty());
    lines->clear();
    CHECK(
        !client.set_log(LogLevel::debug, [lines](LogLevel, std::string_view) { lines->clear(); }));
    CHECK(lines.use_count() == 4);
    CHECK(client.try_sign_in_sms({PHONE}).has_value());
    CHECK(lines->empty());
    CHECK(!client.set_log(nullptr));
    CHECK(lines.use_count() == 3);
    CHECK(!descope::set_log(nullptr));
    CHECK(lines.use_count() == 2);
    CHECK(!descope::set_events([lines](const Document &event) {
        lines->push_back(event.try_find("/operation").value_or(""));
    }));
    CHECK(client.try_sign_in_sms({PHONE}).has_value());
    CHECK(lines->size() == 1 && lines->back() == "magiclink/signin/sms");
    CHECK(!descope::set_events(nullptr));
    CHECK(lines.use_count() == 2);
    const Client moved(std::move(client));
    CHECK(client.set_log(LogLevel::warn, count) == std::errc::invalid_argument);
    CHECK(lines.use_count() == 2);
}

static void test_default_client(const Document &config) {
    CHECK(descope::try_configure(config).has_value());
    CHECK(descope::try_sign_in_sms({PHONE})->masked_address() == "+1********23");
    CHECK(!descope::try_configure(Document("{\"x\": 1}")));
    CHECK(descope::try_warm_up().has_value());
    descope::cleanup();
}

static void test_queue(const Client &client) {
    Result<descope::Queue> queue = descope::Queue::create(client);
    std::vector<std::string> texts;
    const auto record = [&](const Result<LinkSent> &sent) {
        texts.push_back(sent ? sent->masked_address() : sent.error().error_code().value_or(""));
    };
    CHECK(queue->try_sign_in_sms({PHONE}, record).has_value());
    CHECK(queue->try_run().has_value());
    CHECK(queue->try_sign_in_sms({"+14155550199"}).submit(record).has_value());
    CHECK(queue->try_run().has_value());
    CHECK((texts == std::vector<std::string>{"+1********23", "E062108"}));
    CHECK(queue->try_sign_in_sms({""}, record).error().status() == DESCOPE_E_ARGUMENT);
    auto rejected = queue->try_sign_in_sms({""}).future();
    CHECK(rejected.get().error().status() == DESCOPE_E_ARGUMENT);
    auto sent = queue->try_sign_in_sms({PHONE}).future();
    CHECK(queue->try_run_once(std::chrono::milliseconds(-1)).value() == 1);
    CHECK(sent.get()->masked_address() == "+1********23");
    CHECK(!queue->try_cancel(sent.tag()).value());
    CHECK(texts.size() == 2);
}

#if DESCOPE_ML_EXCEPTIONS
static void test_exceptions(const Client &client) {
    CHECK(client.sign_in_sms({PHONE}).masked_address() == "+1********23");
    try {
        client.verify({"no token of a link"});
        CHECK(false);
    } catch (const std::runtime_error &error) {
        CHECK(std::string(error.what()).find("`token`") == 0);
    }
    try {
        (void)descope::try_match_roles({Document("[]"), {"a"}}).value();
        CHECK(false);
    } catch (const std::exception &) {
    }
}
#endif

int main(int argc, char **argv) {
    if (argc != 2) {
        return 2;
    }
    const Document config(argv[1]);
    Result<Client> client = Client::create(config);
    CHECK(client.has_value());
    test_json();
    test_rejected_requests(*client);
    test_results(*client);
    test_responses();
    test_documents();
    test_queue(*client);
#if DESCOPE_ML_EXCEPTIONS
    test_exceptions(*client);
#endif
    test_default_client(config);
    test_handlers(*std::move(client));
    return finish_checks();
}
