// Drives the C++ face for the case table; what the lines hold is said in driver.c.
#include <descope_ml.hpp>

#include <iostream>
#include <map>
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

using Named = descope::Document (*)(const descope::Document &);
using Method = descope::Document (descope::Client::*)(const descope::Document &) const;

// The functions and the methods by the names of their operations.
struct Functions {
    Named function;
    Method method;
};
static const std::map<std::string, Functions> named_functions = {
    {"magiclink/signin/email",
     {descope::magiclink_signin_email, &descope::Client::magiclink_signin_email}},
    {"magiclink/signin/sms",
     {descope::magiclink_signin_sms, &descope::Client::magiclink_signin_sms}},
    {"magiclink/signin/whatsapp",
     {descope::magiclink_signin_whatsapp, &descope::Client::magiclink_signin_whatsapp}},
    {"magiclink/signup/email",
     {descope::magiclink_signup_email, &descope::Client::magiclink_signup_email}},
    {"magiclink/signup-in/email",
     {descope::magiclink_signup_in_email, &descope::Client::magiclink_signup_in_email}},
    {"magiclink/signup-in/sms",
     {descope::magiclink_signup_in_sms, &descope::Client::magiclink_signup_in_sms}},
    {"magiclink/signup-in/whatsapp",
     {descope::magiclink_signup_in_whatsapp, &descope::Client::magiclink_signup_in_whatsapp}},
    {"magiclink/signup/sms",
     {descope::magiclink_signup_sms, &descope::Client::magiclink_signup_sms}},
    {"magiclink/signup/whatsapp",
     {descope::magiclink_signup_whatsapp, &descope::Client::magiclink_signup_whatsapp}},
    {"magiclink/update/email",
     {descope::magiclink_update_email, &descope::Client::magiclink_update_email}},
    {"magiclink/update/phone/sms",
     {descope::magiclink_update_phone_sms, &descope::Client::magiclink_update_phone_sms}},
    {"magiclink/update/phone/whatsapp",
     {descope::magiclink_update_phone_whatsapp, &descope::Client::magiclink_update_phone_whatsapp}},
    {"magiclink/verify", {descope::magiclink_verify, &descope::Client::magiclink_verify}},
    {"session/history", {descope::session_history, &descope::Client::session_history}},
    {"session/logout", {descope::session_logout, &descope::Client::session_logout}},
    {"session/logout_all", {descope::session_logout_all, &descope::Client::session_logout_all}},
    {"session/match_permissions",
     {descope::session_match_permissions, &descope::Client::session_match_permissions}},
    {"session/match_roles", {descope::session_match_roles, &descope::Client::session_match_roles}},
    {"session/me", {descope::session_me, &descope::Client::session_me}},
    {"session/refresh", {descope::session_refresh, &descope::Client::session_refresh}},
    {"session/select_tenant",
     {descope::session_select_tenant, &descope::Client::session_select_tenant}},
    {"session/validate", {descope::session_validate, &descope::Client::session_validate}},
    {"session/validate_remote",
     {descope::session_validate_remote, &descope::Client::session_validate_remote}},
    {"test/create_user", {descope::test_create_user, &descope::Client::test_create_user}},
    {"test/delete_all_users",
     {descope::test_delete_all_users, &descope::Client::test_delete_all_users}},
    {"test/generate_magiclink",
     {descope::test_generate_magiclink, &descope::Client::test_generate_magiclink}},
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
