// Programs that must not compile: each of these names, defined as a macro, adds one mistake. The
// comment behind a mistake is a regular expression for the diagnostic of its line.
#include <descope_ml_queue.hpp>

#include <iostream>

void mistakes(const descope::Client &client, descope::Queue &queue, const descope::LinkSent &sent) {
    (void)client.try_sign_in_sms({.login_id = "u", .redirect_url = "https://app.example.com/"});
    (void)queue, (void)sent;
#ifdef MISSPELT_FIELD
    (void)client.try_sign_in_sms({.login_id = "u", .redirectURL = "x"}); // redirectURL|convert
#endif
#ifdef MISSPELT_MEMBER
    descope::SignInRequest request{"u"};
    request.redirectURL = "x"; // redirectURL
#endif
#ifdef MISSING_LOGIN_ID
    (void)client.try_sign_in_sms({}); // SignInRequest|Required
#endif
#ifdef MISSING_LOGIN_ID_BESIDE_ANOTHER_FIELD
    (void)client.try_sign_in_sms({.redirect_url = "x"}); // SignInRequest|Required
#endif
#ifdef MISSING_SECOND_REQUIRED_MEMBER
    (void)client.try_select_tenant({.tenant = "T1"}); // SelectTenantRequest|Required|refresh_token
#endif
#ifdef MISSING_MEMBERS_IN_CPP17
    descope::UpdateEmailRequest request{"u", "a@example.com"}; // Required|refresh_token
#endif
#ifdef MISSING_REQUIRED_LIST
    (void)client.try_match_roles({.claims = descope::Document("{}")}); // MatchRolesRequest|Required
#endif
#ifdef WRONG_TYPE
    (void)client.try_sign_in_sms({.login_id = "u", .timeout = 5}); // convert|conversion|no matching
#endif
#ifdef REQUEST_OF_ANOTHER_OPERATION
    (void)client.try_verify(descope::SignInRequest{"u"}); // VerifyRequest
#endif
#ifdef DROPPED_RESULT
    client.try_sign_in_sms({"u"}); // ignoring return value
#endif
#ifdef DROPPED_CLIENT
    descope::Client::create(); // ignoring return value
#endif
#ifdef DROPPED_QUEUE_CALL
    queue.sign_in_sms({"u"}); // ignoring return
#endif
#ifdef DROPPED_ERROR_OF_A_DOCUMENT
    descope::Document().try_set("/a", "b"); // ignoring return value
#endif
#ifdef PRINTED_RESPONSE
    std::cout << sent; // operator<<|invalid operands
#endif
#ifdef COPIED_CLIENT
    descope::Client copy = client; // deleted|copy constructor
#endif
}
