// cpp-httplib and nlohmann/json. Each thread has a client, which keeps its connection.
#include "../c/harness.h"

#include <httplib.h>
#include <nlohmann/json.hpp>

#include <exception>
#include <memory>
#include <string>

namespace {

using nlohmann::json;

void *open_client() {
    auto client = std::make_unique<httplib::Client>(std::string(harness.url));
    client->set_keep_alive(true);
    client->set_tcp_nodelay(true);
    client->set_connection_timeout(5);
    client->set_read_timeout(10);
    client->set_default_headers({{"Authorization", std::string("Bearer ") + harness.project}});
    if (*harness.ca)
        client->set_ca_cert_path(harness.ca);
    return client.release();
}

std::string body_of(const char *document) {
    const json request = json::parse(document);
    json body{{"loginId", request.at("loginId").get_ref<const std::string &>()}};
    if (const auto redirect = request.find("redirectUrl"); redirect != request.end())
        body["redirectUrl"] = *redirect;
    return body.dump();
}

int signin(void *opened) {
    try {
        auto *client = static_cast<httplib::Client *>(opened);
        const auto response = client->Post("/v1/auth/magiclink/signin/sms",
                                           body_of(harness.request), "application/json");
        if (!response)
            return harness_error("the call failed", httplib::to_string(response.error()).c_str());
        if (response->status != 200)
            return harness_error("the response status is not 200", nullptr);
        const json document = json::parse(response->body);
        return harness_check_phone(
            document.at("maskedPhone").get_ref<const std::string &>().c_str());
    } catch (const std::exception &error) {
        return harness_error("the call failed", error.what());
    }
}

} // namespace

int main(int argc, char **argv) {
    static const harness_peer httplib_peer = {"httplib", nullptr, open_client,
                                              signin,    nullptr, nullptr};
    return harness_main(argc, argv, &httplib_peer);
}
