/* Every operation and its named function in the header: X(operation, function name without
 * descope_). OPERATIONS(X) expands to X for each. */
#ifndef OPERATIONS_H
#define OPERATIONS_H

/* clang-format off */
#define OPERATIONS(X) \
    X("magiclink/signin/email", magiclink_signin_email) \
    X("magiclink/signin/sms", magiclink_signin_sms) \
    X("magiclink/signin/whatsapp", magiclink_signin_whatsapp) \
    X("magiclink/signup/email", magiclink_signup_email) \
    X("magiclink/signup-in/email", magiclink_signup_in_email) \
    X("magiclink/signup-in/sms", magiclink_signup_in_sms) \
    X("magiclink/signup-in/whatsapp", magiclink_signup_in_whatsapp) \
    X("magiclink/signup/sms", magiclink_signup_sms) \
    X("magiclink/signup/whatsapp", magiclink_signup_whatsapp) \
    X("magiclink/update/email", magiclink_update_email) \
    X("magiclink/update/phone/sms", magiclink_update_phone_sms) \
    X("magiclink/update/phone/whatsapp", magiclink_update_phone_whatsapp) \
    X("magiclink/verify", magiclink_verify) \
    X("management/embedded_link", management_embedded_link) \
    X("management/embedded_link_signup", management_embedded_link_signup) \
    X("management/delete_user", management_delete_user) \
    X("session/exchange_access_key", session_exchange_access_key) \
    X("session/history", session_history) \
    X("session/logout", session_logout) \
    X("session/logout_all", session_logout_all) \
    X("session/match_permissions", session_match_permissions) \
    X("session/match_roles", session_match_roles) \
    X("session/me", session_me) \
    X("session/refresh", session_refresh) \
    X("session/select_tenant", session_select_tenant) \
    X("session/tenants", session_tenants) \
    X("session/validate", session_validate) \
    X("session/validate_remote", session_validate_remote) \
    X("test/create_user", test_create_user) \
    X("test/delete_all_users", test_delete_all_users) \
    X("test/generate_magiclink", test_generate_magiclink)
/* clang-format on */

#endif
