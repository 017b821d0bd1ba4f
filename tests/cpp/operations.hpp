// Every operation with its method in C++ and the type of its request. OPERATIONS(X) expands to
// X(operation, method, request) for each.
#ifndef OPERATIONS_HPP
#define OPERATIONS_HPP

/* clang-format off */
#define OPERATIONS(X) \
    X("magiclink/signin/sms", sign_in_sms, SignInRequest) \
    X("magiclink/signin/email", sign_in_email, SignInRequest) \
    X("magiclink/signin/whatsapp", sign_in_whatsapp, SignInRequest) \
    X("magiclink/signup/sms", sign_up_sms, SignUpRequest) \
    X("magiclink/signup/email", sign_up_email, SignUpRequest) \
    X("magiclink/signup/whatsapp", sign_up_whatsapp, SignUpRequest) \
    X("magiclink/signup-in/sms", sign_up_or_in_sms, SignInRequest) \
    X("magiclink/signup-in/email", sign_up_or_in_email, SignInRequest) \
    X("magiclink/signup-in/whatsapp", sign_up_or_in_whatsapp, SignInRequest) \
    X("magiclink/verify", verify, VerifyRequest) \
    X("magiclink/update/email", update_email, UpdateEmailRequest) \
    X("magiclink/update/phone/sms", update_phone_sms, UpdatePhoneRequest) \
    X("magiclink/update/phone/whatsapp", update_phone_whatsapp, UpdatePhoneRequest) \
    X("session/validate", validate, ValidateRequest) \
    X("session/refresh", refresh, RefreshRequest) \
    X("session/me", me, MeRequest) \
    X("session/history", history, HistoryRequest) \
    X("session/select_tenant", select_tenant, SelectTenantRequest) \
    X("session/tenants", tenants, TenantsRequest) \
    X("session/exchange_access_key", exchange_access_key, ExchangeAccessKeyRequest) \
    X("session/validate_remote", validate_remote, ValidateRemoteRequest) \
    X("session/logout", logout, LogoutRequest) \
    X("session/logout_all", logout_all, LogoutRequest) \
    X("session/match_permissions", match_permissions, MatchPermissionsRequest) \
    X("session/match_roles", match_roles, MatchRolesRequest) \
    X("management/embedded_link", generate_embedded_link, EmbeddedLinkRequest) \
    X("management/embedded_link_signup", generate_sign_up_embedded_link, SignUpEmbeddedLinkRequest) \
    X("management/delete_user", delete_user, DeleteUserRequest) \
    X("test/create_user", create_test_user, CreateUserRequest) \
    X("test/generate_magiclink", generate_magic_link, GenerateMagicLinkRequest) \
    X("test/delete_all_users", delete_all_test_users, DeleteAllTestUsersRequest)
/* clang-format on */

#endif
