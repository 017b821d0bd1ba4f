// libdescope_ml through its C++ types: what they cost in addition to the C ABI.
#include "../c/harness.h"

#include <descope_ml.hpp>

#include <chrono>
#include <cstdlib>
#include <optional>
#include <string>

namespace {

std::optional<descope::Client> client;
std::string login_id;
std::optional<std::string> redirect_url;

int call_error(const descope::Error &error) {
    return harness_error("the call failed", error.document());
}

int prepare(const char *) {
    descope::Config config;
    config.project_id = harness.project;
    config.base_url = harness.url;
    if (*harness.ca) {
        config.ca_file = harness.ca;
    }
    const char *verified_tokens = std::getenv("BENCH_VERIFIED_TOKENS");
    config.verified_tokens =
        static_cast<std::uint32_t>(std::atoi(verified_tokens ? verified_tokens : "0"));
    auto created = descope::Client::create(config);
    if (!created) {
        return call_error(created.error());
    }
    client.emplace(*std::move(created));
    const descope::Document request(harness.request);
    login_id = request.try_find("/loginId").value_or("");
    redirect_url = request.try_find("/redirectUrl");
    return 0;
}

int signin(void *) {
    descope::SignInRequest request{login_id};
    request.redirect_url = redirect_url;
    const auto sent = client->try_sign_in_sms(request);
    return sent ? harness_check_phone(sent->masked_address().c_str()) : call_error(sent.error());
}

int validate(void *) {
    const auto session = client->try_validate({harness.token});
    if (!session) {
        return call_error(session.error());
    }
    return session->user_id().empty() ? harness_error("the session has no user", nullptr) : 0;
}

} // namespace

int main(int argc, char **argv) {
    const harness_peer typed = {"typed", prepare, nullptr, signin, validate, nullptr};
    return harness_main(argc, argv, &typed);
}
