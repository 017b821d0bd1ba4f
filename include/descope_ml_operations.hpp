// Part of descope_ml.hpp, which includes it. Generated from the operations of the library by
// `make headers`: do not edit it.
#ifndef DESCOPE_ML_OPERATIONS_HPP
#define DESCOPE_ML_OPERATIONS_HPP

#ifndef DESCOPE_ML_HPP
#error "include descope_ml.hpp"
#endif

/* clang-format off */
namespace descope {
inline namespace DESCOPE_ML_VARIANT {

// Which certificate authorities are trusted if no CA file is set.
enum class TlsRoots {
    // The trust store of the system, or the bundled list if the system has none.
    platform,
    // Mozilla's list, compiled into the library.
    bundled,
};

// The name in JSON.
inline std::string_view name_of(TlsRoots value) noexcept {
    switch (value) {
    case TlsRoots::platform:
        return "platform";
    case TlsRoots::bundled:
        return "bundled";
    }
    return "";
}

// Options of a sign-in.
struct LoginOptions {
    // Requests a step-up of the session that the refresh token belongs to.
    std::optional<bool> stepup{};
    // Custom claims of the session token, as a JSON object.
    std::optional<Document> custom_claims{};
    // Adds a second factor to the session that the refresh token belongs to.
    std::optional<bool> mfa{};
    // The application that the user signs in to.
    std::optional<std::string> sso_app_id{};
    // Ends the user's other sessions when the link is verified.
    std::optional<bool> revoke_other_sessions{};
    // The types of other sessions to end, together with `revoke_other_sessions`.
    std::optional<std::vector<std::string>> revoke_other_sessions_types{};
    // Values for the placeholders of the message template.
    std::optional<std::map<std::string, std::string>> template_options{};
    // The message template. Default: the project's template.
    std::optional<std::string> template_id{};
    // The language of the message, such as `pl-PL`.
    std::optional<std::string> locale{};
    // Base64. The service ignores it except for enchanted links.
    std::optional<std::string> pkce_challenge{};
    // The tenant of the session.
    std::optional<std::string> tenant_id{};
};

template <> struct detail::Members<LoginOptions> {
    template <typename Struct, typename Visitor>
    static void visit(Struct &object, Visitor &visitor) {
        visitor("stepup", object.stepup);
        visitor("customClaims", object.custom_claims);
        visitor("mfa", object.mfa);
        visitor("ssoAppId", object.sso_app_id);
        visitor("revokeOtherSessions", object.revoke_other_sessions);
        visitor("revokeOtherSessionsTypes", object.revoke_other_sessions_types);
        visitor("templateOptions", object.template_options);
        visitor("templateId", object.template_id);
        visitor("locale", object.locale);
        visitor("pkceChallenge", object.pkce_challenge);
        visitor("tenantId", object.tenant_id);
    }
};

// A request for a magic link for an existing user, or for sign-up or sign-in.
struct SignInRequest {
    // The login ID of the user: a phone number such as `+14155550123`, an email address or another
    // login ID.
    Required<std::string> login_id;
    // The URL that the link points to. The service appends `?t=<token>`. Default: the project's
    // URL.
    std::optional<std::string> redirect_url{};
    // Options of the sign-in.
    std::optional<LoginOptions> login_options{};
    // The messaging connector that sends the message. Default: the project's connector.
    std::optional<std::string> provider_id{};
    // The application that the user signs in to.
    std::optional<std::string> sso_app_id{};
    // Sends the link to the user's recovery phone number or email address.
    std::optional<bool> use_recovery{};
    // The message template. Default: the project's template.
    std::optional<std::string> template_id{};
    // More fields of the request body, as a JSON object. They are merged in unchecked.
    std::optional<Document> extra{};
    // The project, if it is not that of the client.
    std::optional<std::string> project_id{};
    // The user's refresh JWT. Required for step-up and MFA.
    std::optional<std::string> refresh_token{};
    // The timeout of this call, if it is not that of the client.
    std::optional<std::chrono::milliseconds> timeout{};
};

template <> struct detail::Members<SignInRequest> {
    template <typename Struct, typename Visitor>
    static void visit(Struct &object, Visitor &visitor) {
        visitor("loginId", object.login_id);
        visitor("redirectUrl", object.redirect_url);
        visitor("loginOptions", object.login_options);
        visitor("providerId", object.provider_id);
        visitor("ssoAppId", object.sso_app_id);
        visitor("useRecovery", object.use_recovery);
        visitor("templateId", object.template_id);
        visitor("extra", object.extra);
        visitor("projectId", object.project_id);
        visitor("refreshToken", object.refresh_token);
        visitor("timeoutMs", object.timeout);
    }
};

// The details of a new user.
struct User {
    // The login ID, if it is not that of the request.
    std::optional<std::string> login_id{};
    // The full name.
    std::optional<std::string> name{};
    // The phone number, for example `+14155550123`.
    std::optional<std::string> phone{};
    // The email address.
    std::optional<std::string> email{};
    // The given name.
    std::optional<std::string> given_name{};
    // The middle name.
    std::optional<std::string> middle_name{};
    // The family name.
    std::optional<std::string> family_name{};
    // The email address for sign-ins with `use_recovery`.
    std::optional<std::string> recovery_email{};
    // The phone number for sign-ins with `use_recovery`.
    std::optional<std::string> recovery_phone{};
};

template <> struct detail::Members<User> {
    template <typename Struct, typename Visitor>
    static void visit(Struct &object, Visitor &visitor) {
        visitor("loginId", object.login_id);
        visitor("name", object.name);
        visitor("phone", object.phone);
        visitor("email", object.email);
        visitor("givenName", object.given_name);
        visitor("middleName", object.middle_name);
        visitor("familyName", object.family_name);
        visitor("recoveryEmail", object.recovery_email);
        visitor("recoveryPhone", object.recovery_phone);
    }
};

// Options of a sign-up.
struct SignUpOptions {
    // Custom claims of the session token, as a JSON object.
    std::optional<Document> custom_claims{};
    // Values for the placeholders of the message template.
    std::optional<std::map<std::string, std::string>> template_options{};
    // The message template. Default: the project's template.
    std::optional<std::string> template_id{};
    // The language of the message, such as `pl-PL`.
    std::optional<std::string> locale{};
    // Base64. The service ignores it except for enchanted links.
    std::optional<std::string> pkce_challenge{};
    // The tenant of the session.
    std::optional<std::string> tenant_id{};
    // Ends the user's other sessions when the link is verified.
    std::optional<bool> revoke_other_sessions{};
    // The types of other sessions to end, together with `revoke_other_sessions`.
    std::optional<std::vector<std::string>> revoke_other_sessions_types{};
};

template <> struct detail::Members<SignUpOptions> {
    template <typename Struct, typename Visitor>
    static void visit(Struct &object, Visitor &visitor) {
        visitor("customClaims", object.custom_claims);
        visitor("templateOptions", object.template_options);
        visitor("templateId", object.template_id);
        visitor("locale", object.locale);
        visitor("pkceChallenge", object.pkce_challenge);
        visitor("tenantId", object.tenant_id);
        visitor("revokeOtherSessions", object.revoke_other_sessions);
        visitor("revokeOtherSessionsTypes", object.revoke_other_sessions_types);
    }
};

// A request for a magic link for a new user.
struct SignUpRequest {
    // The login ID of the user: a phone number such as `+14155550123`, an email address or another
    // login ID.
    std::optional<std::string> login_id{};
    // The email address, if the login ID is not one.
    std::optional<std::string> email{};
    // The phone number, if the login ID is not one.
    std::optional<std::string> phone{};
    // The new user's details.
    std::optional<User> user{};
    // The URL that the link points to. The service appends `?t=<token>`. Default: the project's
    // URL.
    std::optional<std::string> redirect_url{};
    // The messaging connector that sends the message. Default: the project's connector.
    std::optional<std::string> provider_id{};
    // Options of the sign-up.
    std::optional<SignUpOptions> login_options{};
    // The message template. Default: the project's template.
    std::optional<std::string> template_id{};
    // More fields of the request body, as a JSON object. They are merged in unchecked.
    std::optional<Document> extra{};
    // The project, if it is not that of the client.
    std::optional<std::string> project_id{};
    // The timeout of this call, if it is not that of the client.
    std::optional<std::chrono::milliseconds> timeout{};
};

template <> struct detail::Members<SignUpRequest> {
    template <typename Struct, typename Visitor>
    static void visit(Struct &object, Visitor &visitor) {
        visitor("loginId", object.login_id);
        visitor("email", object.email);
        visitor("phone", object.phone);
        visitor("user", object.user);
        visitor("redirectUrl", object.redirect_url);
        visitor("providerId", object.provider_id);
        visitor("loginOptions", object.login_options);
        visitor("templateId", object.template_id);
        visitor("extra", object.extra);
        visitor("projectId", object.project_id);
        visitor("timeoutMs", object.timeout);
    }
};

// Exchanges the token of a link for a session.
struct VerifyRequest {
    // The token of the link: the value of its parameter `t`.
    Required<std::string> token;
    // More fields of the request body, as a JSON object. They are merged in unchecked.
    std::optional<Document> extra{};
    // Accepted audiences of the tokens. At least one must match.
    std::optional<std::vector<std::string>> audience{};
    // The project, if it is not that of the client.
    std::optional<std::string> project_id{};
    // The timeout of this call, if it is not that of the client.
    std::optional<std::chrono::milliseconds> timeout{};
};

template <> struct detail::Members<VerifyRequest> {
    template <typename Struct, typename Visitor>
    static void visit(Struct &object, Visitor &visitor) {
        visitor("token", object.token);
        visitor("extra", object.extra);
        visitor("audience", object.audience);
        visitor("projectId", object.project_id);
        visitor("timeoutMs", object.timeout);
    }
};

// Sends a link to a new email address, which becomes the user's when the link is verified.
struct UpdateEmailRequest {
    // The login ID of the user: a phone number such as `+14155550123`, an email address or another
    // login ID.
    Required<std::string> login_id;
    // The new email address.
    Required<std::string> email;
    // The refresh JWT of the session.
    Required<std::string> refresh_token;
    // The URL that the link points to. The service appends `?t=<token>`. Default: the project's
    // URL.
    std::optional<std::string> redirect_url{};
    // Makes the address a login ID as well.
    std::optional<bool> add_to_login_ids{};
    // If another user has the address: merges both users, and the other user's details stay.
    std::optional<bool> on_merge_use_existing{};
    // The messaging connector that sends the message. Default: the project's connector.
    std::optional<std::string> provider_id{};
    // Values for the placeholders of the message template.
    std::optional<std::map<std::string, std::string>> template_options{};
    // The language of the message, such as `pl-PL`.
    std::optional<std::string> locale{};
    // If another user has the address: fails instead of merging both users.
    std::optional<bool> fail_on_conflict{};
    // The message template. Default: the project's template.
    std::optional<std::string> template_id{};
    // More fields of the request body, as a JSON object. They are merged in unchecked.
    std::optional<Document> extra{};
    // The project, if it is not that of the client.
    std::optional<std::string> project_id{};
    // The timeout of this call, if it is not that of the client.
    std::optional<std::chrono::milliseconds> timeout{};
};

template <> struct detail::Members<UpdateEmailRequest> {
    template <typename Struct, typename Visitor>
    static void visit(Struct &object, Visitor &visitor) {
        visitor("loginId", object.login_id);
        visitor("email", object.email);
        visitor("refreshToken", object.refresh_token);
        visitor("redirectUrl", object.redirect_url);
        visitor("addToLoginIDs", object.add_to_login_ids);
        visitor("onMergeUseExisting", object.on_merge_use_existing);
        visitor("providerId", object.provider_id);
        visitor("templateOptions", object.template_options);
        visitor("locale", object.locale);
        visitor("failOnConflict", object.fail_on_conflict);
        visitor("templateId", object.template_id);
        visitor("extra", object.extra);
        visitor("projectId", object.project_id);
        visitor("timeoutMs", object.timeout);
    }
};

// Sends a link to a new phone number, which becomes the user's when the link is verified.
struct UpdatePhoneRequest {
    // The login ID of the user: a phone number such as `+14155550123`, an email address or another
    // login ID.
    Required<std::string> login_id;
    // The new phone number.
    Required<std::string> phone;
    // The refresh JWT of the session.
    Required<std::string> refresh_token;
    // The URL that the link points to. The service appends `?t=<token>`. Default: the project's
    // URL.
    std::optional<std::string> redirect_url{};
    // Makes the address a login ID as well.
    std::optional<bool> add_to_login_ids{};
    // If another user has the address: merges both users, and the other user's details stay.
    std::optional<bool> on_merge_use_existing{};
    // The messaging connector that sends the message. Default: the project's connector.
    std::optional<std::string> provider_id{};
    // Values for the placeholders of the message template.
    std::optional<std::map<std::string, std::string>> template_options{};
    // The language of the message, such as `pl-PL`.
    std::optional<std::string> locale{};
    // If another user has the address: fails instead of merging both users.
    std::optional<bool> fail_on_conflict{};
    // The message template. Default: the project's template.
    std::optional<std::string> template_id{};
    // More fields of the request body, as a JSON object. They are merged in unchecked.
    std::optional<Document> extra{};
    // The project, if it is not that of the client.
    std::optional<std::string> project_id{};
    // The timeout of this call, if it is not that of the client.
    std::optional<std::chrono::milliseconds> timeout{};
};

template <> struct detail::Members<UpdatePhoneRequest> {
    template <typename Struct, typename Visitor>
    static void visit(Struct &object, Visitor &visitor) {
        visitor("loginId", object.login_id);
        visitor("phone", object.phone);
        visitor("refreshToken", object.refresh_token);
        visitor("redirectUrl", object.redirect_url);
        visitor("addToLoginIDs", object.add_to_login_ids);
        visitor("onMergeUseExisting", object.on_merge_use_existing);
        visitor("providerId", object.provider_id);
        visitor("templateOptions", object.template_options);
        visitor("locale", object.locale);
        visitor("failOnConflict", object.fail_on_conflict);
        visitor("templateId", object.template_id);
        visitor("extra", object.extra);
        visitor("projectId", object.project_id);
        visitor("timeoutMs", object.timeout);
    }
};

// Validates a session token on this machine.
struct ValidateRequest {
    // The session JWT.
    Required<std::string> session_token;
    // Accepted audiences of the token. At least one must match.
    std::optional<std::vector<std::string>> audience{};
    // The project, if it is not that of the client.
    std::optional<std::string> project_id{};
    // The timeout of the key fetch, if it is not that of the client.
    std::optional<std::chrono::milliseconds> timeout{};
};

template <> struct detail::Members<ValidateRequest> {
    template <typename Struct, typename Visitor>
    static void visit(Struct &object, Visitor &visitor) {
        visitor("sessionToken", object.session_token);
        visitor("audience", object.audience);
        visitor("projectId", object.project_id);
        visitor("timeoutMs", object.timeout);
    }
};

// Requests a new session token.
struct RefreshRequest {
    // The refresh JWT of the session.
    Required<std::string> refresh_token;
    // A token of another identity provider that belongs to the session.
    std::optional<std::string> external_token{};
    // More fields of the request body, as a JSON object. They are merged in unchecked.
    std::optional<Document> extra{};
    // Accepted audiences of the tokens. At least one must match.
    std::optional<std::vector<std::string>> audience{};
    // The project, if it is not that of the client.
    std::optional<std::string> project_id{};
    // The timeout of this call, if it is not that of the client.
    std::optional<std::chrono::milliseconds> timeout{};
};

template <> struct detail::Members<RefreshRequest> {
    template <typename Struct, typename Visitor>
    static void visit(Struct &object, Visitor &visitor) {
        visitor("refreshToken", object.refresh_token);
        visitor("externalToken", object.external_token);
        visitor("extra", object.extra);
        visitor("audience", object.audience);
        visitor("projectId", object.project_id);
        visitor("timeoutMs", object.timeout);
    }
};

// Requests the user of a session.
struct MeRequest {
    // The refresh JWT of the session.
    Required<std::string> refresh_token;
    // The project, if it is not that of the client.
    std::optional<std::string> project_id{};
    // The timeout of this call, if it is not that of the client.
    std::optional<std::chrono::milliseconds> timeout{};
};

template <> struct detail::Members<MeRequest> {
    template <typename Struct, typename Visitor>
    static void visit(Struct &object, Visitor &visitor) {
        visitor("refreshToken", object.refresh_token);
        visitor("projectId", object.project_id);
        visitor("timeoutMs", object.timeout);
    }
};

// Requests the sign-ins of the user of a session.
struct HistoryRequest {
    // The refresh JWT of the session.
    Required<std::string> refresh_token;
    // The project, if it is not that of the client.
    std::optional<std::string> project_id{};
    // The timeout of this call, if it is not that of the client.
    std::optional<std::chrono::milliseconds> timeout{};
};

template <> struct detail::Members<HistoryRequest> {
    template <typename Struct, typename Visitor>
    static void visit(Struct &object, Visitor &visitor) {
        visitor("refreshToken", object.refresh_token);
        visitor("projectId", object.project_id);
        visitor("timeoutMs", object.timeout);
    }
};

// Requests a session for one of the user's tenants.
struct SelectTenantRequest {
    // The ID of the tenant.
    Required<std::string> tenant;
    // The refresh JWT of the session.
    Required<std::string> refresh_token;
    // More fields of the request body, as a JSON object. They are merged in unchecked.
    std::optional<Document> extra{};
    // Accepted audiences of the tokens. At least one must match.
    std::optional<std::vector<std::string>> audience{};
    // The project, if it is not that of the client.
    std::optional<std::string> project_id{};
    // The timeout of this call, if it is not that of the client.
    std::optional<std::chrono::milliseconds> timeout{};
};

template <> struct detail::Members<SelectTenantRequest> {
    template <typename Struct, typename Visitor>
    static void visit(Struct &object, Visitor &visitor) {
        visitor("tenant", object.tenant);
        visitor("refreshToken", object.refresh_token);
        visitor("extra", object.extra);
        visitor("audience", object.audience);
        visitor("projectId", object.project_id);
        visitor("timeoutMs", object.timeout);
    }
};

// Requests tenants of the user: the selected one, or those with given IDs.
struct TenantsRequest {
    // The refresh JWT of the session.
    Required<std::string> refresh_token;
    // Requests the tenant that is selected in the session: the claim `dct`. Exclusive with `ids`.
    std::optional<bool> dct{};
    // Requests the tenants with these IDs. Exclusive with `dct`.
    std::optional<std::vector<std::string>> ids{};
    // More fields of the request body, as a JSON object. They are merged in unchecked.
    std::optional<Document> extra{};
    // The project, if it is not that of the client.
    std::optional<std::string> project_id{};
    // The timeout of this call, if it is not that of the client.
    std::optional<std::chrono::milliseconds> timeout{};
};

template <> struct detail::Members<TenantsRequest> {
    template <typename Struct, typename Visitor>
    static void visit(Struct &object, Visitor &visitor) {
        visitor("refreshToken", object.refresh_token);
        visitor("dct", object.dct);
        visitor("ids", object.ids);
        visitor("extra", object.extra);
        visitor("projectId", object.project_id);
        visitor("timeoutMs", object.timeout);
    }
};

// Options of the session of an access key.
struct AccessKeyLoginOptions {
    // Custom claims of the session token, as a JSON object.
    std::optional<Document> custom_claims{};
    // The tenant of the session. It becomes the claim `dct`.
    std::optional<std::string> selected_tenant{};
};

template <> struct detail::Members<AccessKeyLoginOptions> {
    template <typename Struct, typename Visitor>
    static void visit(Struct &object, Visitor &visitor) {
        visitor("customClaims", object.custom_claims);
        visitor("selectedTenant", object.selected_tenant);
    }
};

// Exchanges an access key for a session token.
struct ExchangeAccessKeyRequest {
    // An access key of the project.
    Required<std::string> access_key;
    // Options of the session.
    std::optional<AccessKeyLoginOptions> login_options{};
    // More fields of the request body, as a JSON object. They are merged in unchecked.
    std::optional<Document> extra{};
    // Accepted audiences of the token. At least one must match.
    std::optional<std::vector<std::string>> audience{};
    // The project, if it is not that of the client.
    std::optional<std::string> project_id{};
    // The timeout of this call, if it is not that of the client.
    std::optional<std::chrono::milliseconds> timeout{};
};

template <> struct detail::Members<ExchangeAccessKeyRequest> {
    template <typename Struct, typename Visitor>
    static void visit(Struct &object, Visitor &visitor) {
        visitor("accessKey", object.access_key);
        visitor("loginOptions", object.login_options);
        visitor("extra", object.extra);
        visitor("audience", object.audience);
        visitor("projectId", object.project_id);
        visitor("timeoutMs", object.timeout);
    }
};

// Asks the service whether a session token is valid.
struct ValidateRemoteRequest {
    // The session JWT.
    Required<std::string> session_token;
    // The request body, as a JSON object. It is sent unchecked.
    std::optional<Document> extra{};
    // The project, if it is not that of the client.
    std::optional<std::string> project_id{};
    // The timeout of this call, if it is not that of the client.
    std::optional<std::chrono::milliseconds> timeout{};
};

template <> struct detail::Members<ValidateRemoteRequest> {
    template <typename Struct, typename Visitor>
    static void visit(Struct &object, Visitor &visitor) {
        visitor("sessionToken", object.session_token);
        visitor("extra", object.extra);
        visitor("projectId", object.project_id);
        visitor("timeoutMs", object.timeout);
    }
};

// Ends a session, or all sessions of a user.
struct LogoutRequest {
    // The refresh JWT of the session.
    Required<std::string> refresh_token;
    // The types of sessions to end. Default: all.
    std::optional<std::vector<std::string>> logout_type{};
    // More fields of the request body, as a JSON object. They are merged in unchecked.
    std::optional<Document> extra{};
    // The project, if it is not that of the client.
    std::optional<std::string> project_id{};
    // The timeout of this call, if it is not that of the client.
    std::optional<std::chrono::milliseconds> timeout{};
};

template <> struct detail::Members<LogoutRequest> {
    template <typename Struct, typename Visitor>
    static void visit(Struct &object, Visitor &visitor) {
        visitor("refreshToken", object.refresh_token);
        visitor("logoutType", object.logout_type);
        visitor("extra", object.extra);
        visitor("projectId", object.project_id);
        visitor("timeoutMs", object.timeout);
    }
};

// A permission or role check.
struct MatchPermissionsRequest {
    // The claims of the session.
    Required<Document> claims;
    // The permissions to look for.
    Required<std::vector<std::string>> permissions;
    // Checks the permissions or roles in this tenant instead of those at project level.
    std::optional<std::string> tenant{};
};

template <> struct detail::Members<MatchPermissionsRequest> {
    template <typename Struct, typename Visitor>
    static void visit(Struct &object, Visitor &visitor) {
        visitor("claims", object.claims);
        visitor("permissions", object.permissions);
        visitor("tenant", object.tenant);
    }
};

// A permission or role check.
struct MatchRolesRequest {
    // The claims of the session.
    Required<Document> claims;
    // The roles to look for.
    Required<std::vector<std::string>> roles;
    // Checks the permissions or roles in this tenant instead of those at project level.
    std::optional<std::string> tenant{};
};

template <> struct detail::Members<MatchRolesRequest> {
    template <typename Struct, typename Visitor>
    static void visit(Struct &object, Visitor &visitor) {
        visitor("claims", object.claims);
        visitor("roles", object.roles);
        visitor("tenant", object.tenant);
    }
};

// Requests a token that signs an existing user in.
struct EmbeddedLinkRequest {
    // The login ID of the user: a phone number such as `+14155550123`, an email address or another
    // login ID.
    Required<std::string> login_id;
    // Custom claims of the session token, as a JSON object.
    std::optional<Document> custom_claims{};
    // How long the token is valid, in whole seconds. Default: the setting of the project.
    std::optional<std::chrono::seconds> expires_after{};
    // More fields of the request body, as a JSON object. They are merged in unchecked.
    std::optional<Document> extra{};
    // The project, if it is not that of the client.
    std::optional<std::string> project_id{};
    // The timeout of this call, if it is not that of the client.
    std::optional<std::chrono::milliseconds> timeout{};
};

template <> struct detail::Members<EmbeddedLinkRequest> {
    template <typename Struct, typename Visitor>
    static void visit(Struct &object, Visitor &visitor) {
        visitor("loginId", object.login_id);
        visitor("customClaims", object.custom_claims);
        visitor("timeout", object.expires_after);
        visitor("extra", object.extra);
        visitor("projectId", object.project_id);
        visitor("timeoutMs", object.timeout);
    }
};

// Requests a token that signs a new user up.
struct SignUpEmbeddedLinkRequest {
    // The login ID of the user: a phone number such as `+14155550123`, an email address or another
    // login ID.
    Required<std::string> login_id;
    // Details of the user, such as the name.
    std::optional<User> user{};
    // Whether the user's email address counts as verified.
    std::optional<bool> email_verified{};
    // Whether the user's phone number counts as verified.
    std::optional<bool> phone_verified{};
    // Options of the session.
    std::optional<LoginOptions> login_options{};
    // How long the token is valid, in whole seconds. Default: the setting of the project.
    std::optional<std::chrono::seconds> expires_after{};
    // More fields of the request body, as a JSON object. They are merged in unchecked.
    std::optional<Document> extra{};
    // The project, if it is not that of the client.
    std::optional<std::string> project_id{};
    // The timeout of this call, if it is not that of the client.
    std::optional<std::chrono::milliseconds> timeout{};
};

template <> struct detail::Members<SignUpEmbeddedLinkRequest> {
    template <typename Struct, typename Visitor>
    static void visit(Struct &object, Visitor &visitor) {
        visitor("loginId", object.login_id);
        visitor("user", object.user);
        visitor("emailVerified", object.email_verified);
        visitor("phoneVerified", object.phone_verified);
        visitor("loginOptions", object.login_options);
        visitor("timeout", object.expires_after);
        visitor("extra", object.extra);
        visitor("projectId", object.project_id);
        visitor("timeoutMs", object.timeout);
    }
};

// Deletes a user.
struct DeleteUserRequest {
    // The login ID of the user: a phone number such as `+14155550123`, an email address or another
    // login ID.
    Required<std::string> login_id;
    // More fields of the request body, as a JSON object. They are merged in unchecked.
    std::optional<Document> extra{};
    // The project, if it is not that of the client.
    std::optional<std::string> project_id{};
    // The timeout of this call, if it is not that of the client.
    std::optional<std::chrono::milliseconds> timeout{};
};

template <> struct detail::Members<DeleteUserRequest> {
    template <typename Struct, typename Visitor>
    static void visit(Struct &object, Visitor &visitor) {
        visitor("loginId", object.login_id);
        visitor("extra", object.extra);
        visitor("projectId", object.project_id);
        visitor("timeoutMs", object.timeout);
    }
};

//
struct UserTenant {
    // The ID of the tenant.
    Required<std::string> tenant_id;
    // The roles of the user in the tenant.
    std::optional<std::vector<std::string>> role_names{};
};

template <> struct detail::Members<UserTenant> {
    template <typename Struct, typename Visitor>
    static void visit(Struct &object, Visitor &visitor) {
        visitor("tenantId", object.tenant_id);
        visitor("roleNames", object.role_names);
    }
};

// Creates a test user.
struct CreateUserRequest {
    // The login ID of the user: a phone number such as `+14155550123`, an email address or another
    // login ID.
    Required<std::string> login_id;
    // The email address.
    std::optional<std::string> email{};
    // The phone number, for example `+14155550123`.
    std::optional<std::string> phone{};
    // Whether the email address counts as verified.
    std::optional<bool> verified_email{};
    // Whether the phone number counts as verified.
    std::optional<bool> verified_phone{};
    // The full name.
    std::optional<std::string> name{};
    // The roles of the user at project level.
    std::optional<std::vector<std::string>> role_names{};
    // The tenants of the user.
    std::optional<std::vector<UserTenant>> user_tenants{};
    // The field `invite` of Descope's API.
    std::optional<bool> invite{};
    // The field `test` of Descope's API.
    std::optional<bool> test{};
    // Custom attributes of the project, as a JSON object.
    std::optional<Document> custom_attributes{};
    // The field `picture` of Descope's API.
    std::optional<std::string> picture{};
    // The field `sendMail` of Descope's API.
    std::optional<bool> send_mail{};
    // The field `sendSMS` of Descope's API.
    std::optional<bool> send_sms{};
    // More login IDs.
    std::optional<std::vector<std::string>> additional_identifiers{};
    // The field `inviteUrl` of Descope's API.
    std::optional<std::string> invite_url{};
    // The field `password` of Descope's API.
    std::optional<std::string> password{};
    // The field `hashedPassword` of Descope's API.
    std::optional<Document> hashed_password{};
    // The given name.
    std::optional<std::string> given_name{};
    // The middle name.
    std::optional<std::string> middle_name{};
    // The family name.
    std::optional<std::string> family_name{};
    // The field `ssoAppIds` of Descope's API.
    std::optional<std::vector<std::string>> sso_app_ids{};
    // The field `templateOptions` of Descope's API.
    std::optional<std::map<std::string, std::string>> template_options{};
    // The field `status` of Descope's API.
    std::optional<std::string> status{};
    // The field `recoveryEmail` of Descope's API.
    std::optional<std::string> recovery_email{};
    // The field `recoveryPhone` of Descope's API.
    std::optional<std::string> recovery_phone{};
    // The field `verifiedRecoveryEmail` of Descope's API.
    std::optional<bool> verified_recovery_email{};
    // The field `verifiedRecoveryPhone` of Descope's API.
    std::optional<bool> verified_recovery_phone{};
    // More fields of the request body, as a JSON object. They are merged in unchecked.
    std::optional<Document> extra{};
    // The project, if it is not that of the client.
    std::optional<std::string> project_id{};
    // The timeout of this call, if it is not that of the client.
    std::optional<std::chrono::milliseconds> timeout{};
};

template <> struct detail::Members<CreateUserRequest> {
    template <typename Struct, typename Visitor>
    static void visit(Struct &object, Visitor &visitor) {
        visitor("loginId", object.login_id);
        visitor("email", object.email);
        visitor("phone", object.phone);
        visitor("verifiedEmail", object.verified_email);
        visitor("verifiedPhone", object.verified_phone);
        visitor("name", object.name);
        visitor("roleNames", object.role_names);
        visitor("userTenants", object.user_tenants);
        visitor("invite", object.invite);
        visitor("test", object.test);
        visitor("customAttributes", object.custom_attributes);
        visitor("picture", object.picture);
        visitor("sendMail", object.send_mail);
        visitor("sendSMS", object.send_sms);
        visitor("additionalIdentifiers", object.additional_identifiers);
        visitor("inviteUrl", object.invite_url);
        visitor("password", object.password);
        visitor("hashedPassword", object.hashed_password);
        visitor("givenName", object.given_name);
        visitor("middleName", object.middle_name);
        visitor("familyName", object.family_name);
        visitor("ssoAppIds", object.sso_app_ids);
        visitor("templateOptions", object.template_options);
        visitor("status", object.status);
        visitor("recoveryEmail", object.recovery_email);
        visitor("recoveryPhone", object.recovery_phone);
        visitor("verifiedRecoveryEmail", object.verified_recovery_email);
        visitor("verifiedRecoveryPhone", object.verified_recovery_phone);
        visitor("extra", object.extra);
        visitor("projectId", object.project_id);
        visitor("timeoutMs", object.timeout);
    }
};

// Requests a magic link for a test user.
struct GenerateMagicLinkRequest {
    // The login ID of the user: a phone number such as `+14155550123`, an email address or another
    // login ID.
    Required<std::string> login_id;
    // As if the link were sent by `sms`, `email` or `whatsapp`.
    Required<std::string> delivery_method;
    // The URL that the link points to. The service appends `?t=<token>`. Default: the project's
    // URL.
    std::optional<std::string> redirect_url{};
    // Options of the sign-in.
    std::optional<LoginOptions> login_options{};
    // More fields of the request body, as a JSON object. They are merged in unchecked.
    std::optional<Document> extra{};
    // The project, if it is not that of the client.
    std::optional<std::string> project_id{};
    // The timeout of this call, if it is not that of the client.
    std::optional<std::chrono::milliseconds> timeout{};
};

template <> struct detail::Members<GenerateMagicLinkRequest> {
    template <typename Struct, typename Visitor>
    static void visit(Struct &object, Visitor &visitor) {
        visitor("loginId", object.login_id);
        visitor("deliveryMethod", object.delivery_method);
        visitor("redirectUrl", object.redirect_url);
        visitor("loginOptions", object.login_options);
        visitor("extra", object.extra);
        visitor("projectId", object.project_id);
        visitor("timeoutMs", object.timeout);
    }
};

//
struct DeleteAllTestUsersRequest {
    // The project, if it is not that of the client.
    std::optional<std::string> project_id{};
    // The timeout of this call, if it is not that of the client.
    std::optional<std::chrono::milliseconds> timeout_ms{};
};

template <> struct detail::Members<DeleteAllTestUsersRequest> {
    template <typename Struct, typename Visitor>
    static void visit(Struct &object, Visitor &visitor) {
        visitor("projectId", object.project_id);
        visitor("timeoutMs", object.timeout_ms);
    }
};

// The configuration of a client. Every value has a default or comes from the environment.
struct Config {
    // The project ID, e.g. `P2abc…`. Default: `DESCOPE_PROJECT_ID`.
    std::optional<std::string> project_id{};
    // The URL of the API. Default: `DESCOPE_BASE_URI` or `DESCOPE_BASE_URL`, else the API of the
    // project's region.
    std::optional<std::string> base_url{};
    // The timeout of a whole call, including DNS, connecting and all attempts. Default: 10 s.
    std::optional<std::chrono::milliseconds> timeout{};
    // The timeout of opening one connection. Default: 5 s.
    std::optional<std::chrono::milliseconds> connect_timeout{};
    // The maximum number of requests of a call, from 1 to 10. Default: 3.
    std::optional<std::uint32_t> max_attempts{};
    // The maximum number of connections that calls use at the same time; 0: no limit. Other calls
    // wait in turn, within their timeout. Default: 256.
    std::optional<std::uint32_t> max_connections{};
    // The maximum number of connections that are kept open for later calls. Default: 256.
    std::optional<std::uint32_t> max_idle_connections{};
    // After which time an idle connection is closed. Default: 90 s.
    std::optional<std::chrono::milliseconds> idle_timeout{};
    // For how long a connection is used, however busy it is, so that changes in DNS and servers
    // that are taken out of service are followed; zero: without a limit. At most a day. Default: 5
    // minutes.
    std::optional<std::chrono::milliseconds> connection_max_age{};
    // `http://[user:password@]host[:port]`, or the same with `https://`, `socks5://` or
    // `socks5h://`, or `none`. Default: `HTTPS_PROXY`, `HTTP_PROXY` and `ALL_PROXY`.
    std::optional<std::string> proxy{};
    // A PEM file. Only the certificate authorities in it are trusted. Default: `SSL_CERT_FILE`,
    // `SSL_CERT_DIR` or `REQUESTS_CA_BUNDLE`.
    std::optional<std::string> ca_file{};
    // Which certificate authorities are trusted if no CA file is set.
    std::optional<TlsRoots> tls_roots{};
    // The `User-Agent` header. Default: name and version of the library.
    std::optional<std::string> user_agent{};
    // A management key that is sent with authentication requests. Default:
    // `DESCOPE_AUTH_MANAGEMENT_KEY`.
    std::optional<std::string> auth_management_key{};
    // The management key for test users. Default: `DESCOPE_MANAGEMENT_KEY`.
    std::optional<std::string> management_key{};
    // The project's public key: a JSON Web Key or a JSON Web Key Set. Default:
    // `DESCOPE_PUBLIC_KEY`, else the keys are fetched.
    std::optional<std::string> public_key{};
    // By how much clocks may differ when a token is validated. At most one day. Default: 5 s.
    std::optional<std::chrono::seconds> jwt_leeway{};
    // How long public keys are cached. Default: 10 minutes.
    std::optional<std::chrono::milliseconds> keys_ttl{};
    // The time in which the allowance of requests for public keys grows by one, up to 5. Default: 2
    // s.
    std::optional<std::chrono::milliseconds> keys_interval{};
    // How many tokens are remembered whose signature was verified; 0: none. At most 1,048,576.
    // Default: 4096, which takes 128 KiB per project.
    std::optional<std::uint32_t> verified_tokens{};
    // How long the response of a refresh is kept for calls with the same refresh token that come
    // just after it. At most 60 s. Default: 0, so that only calls that overlap share one request.
    std::optional<std::chrono::milliseconds> refresh_grace{};
    // Allows plain http to other hosts than this machine. Default: false.
    std::optional<bool> allow_insecure_http{};
    // Accepts any certificate of a server on this machine, for tests. A call to any other server
    // fails: the address of the connection decides. Default: false.
    std::optional<bool> skip_verify{};
    // Whether values that are not given come from environment variables. If not, no variable is
    // read. Default: true, but not in a program that has more privileges than its user, such as a
    // set-user-ID program.
    std::optional<bool> environment{};
    // Whether a signal whose handler has run ends the blocking call of its thread, with
    // `Error::Cancelled` and the outcome of the call. While such a call computes, the signals of
    // its thread are blocked; while it waits, the thread has its own mask. Log lines come after the
    // call. Systems without signals ignore it. Default: false. `Error::Cancelled`:
    // crate::Error::Cancelled.
    std::optional<bool> interruptible{};
};

template <> struct detail::Members<Config> {
    template <typename Struct, typename Visitor>
    static void visit(Struct &object, Visitor &visitor) {
        visitor("projectId", object.project_id);
        visitor("baseUrl", object.base_url);
        visitor("timeoutMs", object.timeout);
        visitor("connectTimeoutMs", object.connect_timeout);
        visitor("maxAttempts", object.max_attempts);
        visitor("maxConnections", object.max_connections);
        visitor("maxIdleConnections", object.max_idle_connections);
        visitor("idleTimeoutMs", object.idle_timeout);
        visitor("connectionMaxAgeMs", object.connection_max_age);
        visitor("proxy", object.proxy);
        visitor("caFile", object.ca_file);
        visitor("tlsRoots", object.tls_roots);
        visitor("userAgent", object.user_agent);
        visitor("authManagementKey", object.auth_management_key);
        visitor("managementKey", object.management_key);
        visitor("publicKey", object.public_key);
        visitor("jwtLeewaySeconds", object.jwt_leeway);
        visitor("keysTtlMs", object.keys_ttl);
        visitor("keysIntervalMs", object.keys_interval);
        visitor("verifiedTokens", object.verified_tokens);
        visitor("refreshGraceMs", object.refresh_grace);
        visitor("allowInsecureHttp", object.allow_insecure_http);
        visitor("skipVerify", object.skip_verify);
        visitor("environment", object.environment);
        visitor("interruptible", object.interruptible);
    }
};


// The service has sent a magic link.
class LinkSent {
  public:
    explicit LinkSent(Document document) : document_(std::move(document)) {}
    // The phone number or email address of the recipient, masked except for a few characters.
    std::string masked_address() const { return detail::text(document_, "/maskedPhone", "/maskedEmail"); }
    // The whole response, a JSON object.
    const Document &document() const noexcept { return document_; }

  private:
    Document document_;
};

// A session with a valid token.
class Session {
  public:
    explicit Session(Document document) : document_(std::move(document)) {}
    // The session JWT.
    std::string jwt() const { return detail::text(document_, "/jwt"); }
    // The claims of the JWT, a JSON object.
    Document claims() const { return detail::json(document_, "/claims"); }
    // The ID of the user: `dsub`, or `sub` without it.
    std::string user_id() const { return detail::text(document_, "/userId"); }
    // The project that issued the session.
    std::string project_id() const { return detail::text(document_, "/projectId"); }
    // The permissions at project level, outside of tenants.
    std::vector<std::string> permissions() const { return detail::texts(document_, "/permissions"); }
    // The roles at project level, outside of tenants.
    std::vector<std::string> roles() const { return detail::texts(document_, "/roles"); }
    // The tenants of the user, each with its permissions and roles: a JSON object.
    Document tenants() const { return detail::json(document_, "/tenants"); }
    // The whole response, a JSON object.
    const Document &document() const noexcept { return document_; }

  private:
    Document document_;
};

// A new session. Its tokens are valid.
class SignedIn {
  public:
    explicit SignedIn(Document document) : document_(std::move(document)) {}
    // The session.
    Session session() const { return Session(detail::json(document_, "/session")); }
    // The refresh JWT, if there is one.
    std::optional<std::string> refresh_jwt() const { return detail::not_empty(detail::text(document_, "/refreshJwt")); }
    // The whole response, a JSON object.
    const Document &document() const noexcept { return document_; }

  private:
    Document document_;
};

// The result of a permission or role check.
class MatchResult {
  public:
    explicit MatchResult(Document document) : document_(std::move(document)) {}
    // True if all names were found.
    bool all() const { return detail::is_true(document_, "/all"); }
    // The names that were found, in the order of the request.
    std::vector<std::string> matched() const { return detail::texts(document_, "/matched"); }
    // The whole response, a JSON object.
    const Document &document() const noexcept { return document_; }

  private:
    Document document_;
};

// A token that signs a user in. Deliver it yourself.
class EmbeddedLink {
  public:
    explicit EmbeddedLink(Document document) : document_(std::move(document)) {}
    // The token for `verify`.
    std::string token() const { return detail::text(document_, "/token"); }
    // The whole response, a JSON object.
    const Document &document() const noexcept { return document_; }

  private:
    Document document_;
};

// A magic link of a test user.
class MagicLink {
  public:
    explicit MagicLink(Document document) : document_(std::move(document)) {}
    // The link, with the token in its parameter `t`.
    std::string link() const { return detail::text(document_, "/link"); }
    // The whole response, a JSON object.
    const Document &document() const noexcept { return document_; }

  private:
    Document document_;
};


// The calls of a client. Those that begin with try_ return an error, the others throw it.
// A template, so that a program compiles only those that it uses.
template <typename Unused = void> class ClientOperations {
  public:
    // Sends a magic link by SMS to an existing user.
    [[nodiscard]] Result<LinkSent> try_sign_in_sms(const SignInRequest &request) const {
        return detail::call<LinkSent>(client_.get(), "magiclink/signin/sms", detail::to_json(request));
    }
    // Sends a magic link by email to an existing user.
    [[nodiscard]] Result<LinkSent> try_sign_in_email(const SignInRequest &request) const {
        return detail::call<LinkSent>(client_.get(), "magiclink/signin/email", detail::to_json(request));
    }
    // Sends a magic link by WhatsApp to an existing user.
    [[nodiscard]] Result<LinkSent> try_sign_in_whatsapp(const SignInRequest &request) const {
        return detail::call<LinkSent>(client_.get(), "magiclink/signin/whatsapp", detail::to_json(request));
    }
    // Creates a user and sends a magic link by SMS.
    [[nodiscard]] Result<LinkSent> try_sign_up_sms(const SignUpRequest &request) const {
        return detail::call<LinkSent>(client_.get(), "magiclink/signup/sms", detail::to_json(request));
    }
    // Creates a user and sends a magic link by email.
    [[nodiscard]] Result<LinkSent> try_sign_up_email(const SignUpRequest &request) const {
        return detail::call<LinkSent>(client_.get(), "magiclink/signup/email", detail::to_json(request));
    }
    // Creates a user and sends a magic link by WhatsApp.
    [[nodiscard]] Result<LinkSent> try_sign_up_whatsapp(const SignUpRequest &request) const {
        return detail::call<LinkSent>(client_.get(), "magiclink/signup/whatsapp", detail::to_json(request));
    }
    // Sends a magic link by SMS. Creates the user if it does not exist.
    [[nodiscard]] Result<LinkSent> try_sign_up_or_in_sms(const SignInRequest &request) const {
        return detail::call<LinkSent>(client_.get(), "magiclink/signup-in/sms", detail::to_json(request));
    }
    // Sends a magic link by email. Creates the user if it does not exist.
    [[nodiscard]] Result<LinkSent> try_sign_up_or_in_email(const SignInRequest &request) const {
        return detail::call<LinkSent>(client_.get(), "magiclink/signup-in/email", detail::to_json(request));
    }
    // Sends a magic link by WhatsApp. Creates the user if it does not exist.
    [[nodiscard]] Result<LinkSent> try_sign_up_or_in_whatsapp(const SignInRequest &request) const {
        return detail::call<LinkSent>(client_.get(), "magiclink/signup-in/whatsapp", detail::to_json(request));
    }
    // Exchanges the token of a link for a session, and validates the tokens of the session. The
    // request is never repeated: the token works once.
    [[nodiscard]] Result<SignedIn> try_verify(const VerifyRequest &request) const {
        return detail::call<SignedIn>(client_.get(), "magiclink/verify", detail::to_json(request));
    }
    // Sends a magic link to a new email address of a user.
    [[nodiscard]] Result<LinkSent> try_update_email(const UpdateEmailRequest &request) const {
        return detail::call<LinkSent>(client_.get(), "magiclink/update/email", detail::to_json(request));
    }
    // Sends a magic link by SMS to a new phone number of a user.
    [[nodiscard]] Result<LinkSent> try_update_phone_sms(const UpdatePhoneRequest &request) const {
        return detail::call<LinkSent>(client_.get(), "magiclink/update/phone/sms", detail::to_json(request));
    }
    // Sends a magic link by WhatsApp to a new phone number of a user.
    [[nodiscard]] Result<LinkSent> try_update_phone_whatsapp(const UpdatePhoneRequest &request) const {
        return detail::call<LinkSent>(client_.get(), "magiclink/update/phone/whatsapp", detail::to_json(request));
    }
    // Validates a session token on this machine. Missing public keys are fetched.
    [[nodiscard]] Result<Session> try_validate(const ValidateRequest &request) const {
        return detail::call<Session>(client_.get(), "session/validate", detail::to_json(request));
    }
    // Requests a new session token. The refresh token is validated on this machine first. Calls
    // with the same request that overlap share one request to the service, since a refresh token
    // that is rotated works once.
    [[nodiscard]] Result<SignedIn> try_refresh(const RefreshRequest &request) const {
        return detail::call<SignedIn>(client_.get(), "session/refresh", detail::to_json(request));
    }
    // The user of a session: a JSON object with `userId`, `loginIds`, `email` and so on.
    [[nodiscard]] Result<Document> try_me(const MeRequest &request) const {
        return detail::call<Document>(client_.get(), "session/me", detail::to_json(request));
    }
    // The sign-ins of the user of a session: a JSON object with `authHistory`.
    [[nodiscard]] Result<Document> try_history(const HistoryRequest &request) const {
        return detail::call<Document>(client_.get(), "session/history", detail::to_json(request));
    }
    // Requests a session for one of the user's tenants.
    [[nodiscard]] Result<SignedIn> try_select_tenant(const SelectTenantRequest &request) const {
        return detail::call<SignedIn>(client_.get(), "session/select_tenant", detail::to_json(request));
    }
    // Tenants of the user of a session: a JSON object with `tenants`.
    [[nodiscard]] Result<Document> try_tenants(const TenantsRequest &request) const {
        return detail::call<Document>(client_.get(), "session/tenants", detail::to_json(request));
    }
    // Exchanges an access key for a session token, which is validated. There is no refresh token:
    // exchange the key again when the session token has expired.
    [[nodiscard]] Result<SignedIn> try_exchange_access_key(const ExchangeAccessKeyRequest &request) const {
        return detail::call<SignedIn>(client_.get(), "session/exchange_access_key", detail::to_json(request));
    }
    // Asks the service whether a session token is valid. Returns a JSON object with `parsedJWT`.
    [[nodiscard]] Result<Document> try_validate_remote(const ValidateRemoteRequest &request) const {
        return detail::call<Document>(client_.get(), "session/validate_remote", detail::to_json(request));
    }
    // Ends a session. Its refresh token becomes invalid.
    [[nodiscard]] Result<Document> try_logout(const LogoutRequest &request) const {
        return detail::call<Document>(client_.get(), "session/logout", detail::to_json(request));
    }
    // Ends all sessions of the user.
    [[nodiscard]] Result<Document> try_logout_all(const LogoutRequest &request) const {
        return detail::call<Document>(client_.get(), "session/logout_all", detail::to_json(request));
    }
    // Checks which of these permissions the claims of a session contain.
    [[nodiscard]] Result<MatchResult> try_match_permissions(const MatchPermissionsRequest &request) const {
        return detail::call<MatchResult>(client_.get(), "session/match_permissions", detail::to_json(request));
    }
    // Checks which of these roles the claims of a session contain.
    [[nodiscard]] Result<MatchResult> try_match_roles(const MatchRolesRequest &request) const {
        return detail::call<MatchResult>(client_.get(), "session/match_roles", detail::to_json(request));
    }
    // Returns a token that signs an existing user in. No message is sent: deliver the token
    // yourself, and pass it to `verify`.
    [[nodiscard]] Result<EmbeddedLink> try_generate_embedded_link(const EmbeddedLinkRequest &request) const {
        return detail::call<EmbeddedLink>(client_.get(), "management/embedded_link", detail::to_json(request));
    }
    // Returns a token that signs a new user up. See `generate_embedded_link`.
    [[nodiscard]] Result<EmbeddedLink> try_generate_sign_up_embedded_link(const SignUpEmbeddedLinkRequest &request) const {
        return detail::call<EmbeddedLink>(client_.get(), "management/embedded_link_signup", detail::to_json(request));
    }
    // Deletes a user, whether a test user or not. This cannot be undone.
    [[nodiscard]] Result<Document> try_delete_user(const DeleteUserRequest &request) const {
        return detail::call<Document>(client_.get(), "management/delete_user", detail::to_json(request));
    }
    // Creates a test user. Returns a JSON object with `user`.
    [[nodiscard]] Result<Document> try_create_test_user(const CreateUserRequest &request) const {
        return detail::call<Document>(client_.get(), "test/create_user", detail::to_json(request));
    }
    // Returns a magic link for a test user. No message is sent.
    [[nodiscard]] Result<MagicLink> try_generate_magic_link(const GenerateMagicLinkRequest &request) const {
        return detail::call<MagicLink>(client_.get(), "test/generate_magiclink", detail::to_json(request));
    }
    // Deletes all test users of the project.
    [[nodiscard]] Result<Document> try_delete_all_test_users(const DeleteAllTestUsersRequest &request = {}) const {
        return detail::call<Document>(client_.get(), "test/delete_all_users", detail::to_json(request));
    }
#if DESCOPE_ML_EXCEPTIONS
    // Sends a magic link by SMS to an existing user.
    LinkSent sign_in_sms(const SignInRequest &request) const {
        return detail::value_or_throw(try_sign_in_sms(request));
    }
    // Sends a magic link by email to an existing user.
    LinkSent sign_in_email(const SignInRequest &request) const {
        return detail::value_or_throw(try_sign_in_email(request));
    }
    // Sends a magic link by WhatsApp to an existing user.
    LinkSent sign_in_whatsapp(const SignInRequest &request) const {
        return detail::value_or_throw(try_sign_in_whatsapp(request));
    }
    // Creates a user and sends a magic link by SMS.
    LinkSent sign_up_sms(const SignUpRequest &request) const {
        return detail::value_or_throw(try_sign_up_sms(request));
    }
    // Creates a user and sends a magic link by email.
    LinkSent sign_up_email(const SignUpRequest &request) const {
        return detail::value_or_throw(try_sign_up_email(request));
    }
    // Creates a user and sends a magic link by WhatsApp.
    LinkSent sign_up_whatsapp(const SignUpRequest &request) const {
        return detail::value_or_throw(try_sign_up_whatsapp(request));
    }
    // Sends a magic link by SMS. Creates the user if it does not exist.
    LinkSent sign_up_or_in_sms(const SignInRequest &request) const {
        return detail::value_or_throw(try_sign_up_or_in_sms(request));
    }
    // Sends a magic link by email. Creates the user if it does not exist.
    LinkSent sign_up_or_in_email(const SignInRequest &request) const {
        return detail::value_or_throw(try_sign_up_or_in_email(request));
    }
    // Sends a magic link by WhatsApp. Creates the user if it does not exist.
    LinkSent sign_up_or_in_whatsapp(const SignInRequest &request) const {
        return detail::value_or_throw(try_sign_up_or_in_whatsapp(request));
    }
    // Exchanges the token of a link for a session, and validates the tokens of the session. The
    // request is never repeated: the token works once.
    SignedIn verify(const VerifyRequest &request) const {
        return detail::value_or_throw(try_verify(request));
    }
    // Sends a magic link to a new email address of a user.
    LinkSent update_email(const UpdateEmailRequest &request) const {
        return detail::value_or_throw(try_update_email(request));
    }
    // Sends a magic link by SMS to a new phone number of a user.
    LinkSent update_phone_sms(const UpdatePhoneRequest &request) const {
        return detail::value_or_throw(try_update_phone_sms(request));
    }
    // Sends a magic link by WhatsApp to a new phone number of a user.
    LinkSent update_phone_whatsapp(const UpdatePhoneRequest &request) const {
        return detail::value_or_throw(try_update_phone_whatsapp(request));
    }
    // Validates a session token on this machine. Missing public keys are fetched.
    Session validate(const ValidateRequest &request) const {
        return detail::value_or_throw(try_validate(request));
    }
    // Requests a new session token. The refresh token is validated on this machine first. Calls
    // with the same request that overlap share one request to the service, since a refresh token
    // that is rotated works once.
    SignedIn refresh(const RefreshRequest &request) const {
        return detail::value_or_throw(try_refresh(request));
    }
    // The user of a session: a JSON object with `userId`, `loginIds`, `email` and so on.
    Document me(const MeRequest &request) const {
        return detail::value_or_throw(try_me(request));
    }
    // The sign-ins of the user of a session: a JSON object with `authHistory`.
    Document history(const HistoryRequest &request) const {
        return detail::value_or_throw(try_history(request));
    }
    // Requests a session for one of the user's tenants.
    SignedIn select_tenant(const SelectTenantRequest &request) const {
        return detail::value_or_throw(try_select_tenant(request));
    }
    // Tenants of the user of a session: a JSON object with `tenants`.
    Document tenants(const TenantsRequest &request) const {
        return detail::value_or_throw(try_tenants(request));
    }
    // Exchanges an access key for a session token, which is validated. There is no refresh token:
    // exchange the key again when the session token has expired.
    SignedIn exchange_access_key(const ExchangeAccessKeyRequest &request) const {
        return detail::value_or_throw(try_exchange_access_key(request));
    }
    // Asks the service whether a session token is valid. Returns a JSON object with `parsedJWT`.
    Document validate_remote(const ValidateRemoteRequest &request) const {
        return detail::value_or_throw(try_validate_remote(request));
    }
    // Ends a session. Its refresh token becomes invalid.
    Document logout(const LogoutRequest &request) const {
        return detail::value_or_throw(try_logout(request));
    }
    // Ends all sessions of the user.
    Document logout_all(const LogoutRequest &request) const {
        return detail::value_or_throw(try_logout_all(request));
    }
    // Checks which of these permissions the claims of a session contain.
    MatchResult match_permissions(const MatchPermissionsRequest &request) const {
        return detail::value_or_throw(try_match_permissions(request));
    }
    // Checks which of these roles the claims of a session contain.
    MatchResult match_roles(const MatchRolesRequest &request) const {
        return detail::value_or_throw(try_match_roles(request));
    }
    // Returns a token that signs an existing user in. No message is sent: deliver the token
    // yourself, and pass it to `verify`.
    EmbeddedLink generate_embedded_link(const EmbeddedLinkRequest &request) const {
        return detail::value_or_throw(try_generate_embedded_link(request));
    }
    // Returns a token that signs a new user up. See `generate_embedded_link`.
    EmbeddedLink generate_sign_up_embedded_link(const SignUpEmbeddedLinkRequest &request) const {
        return detail::value_or_throw(try_generate_sign_up_embedded_link(request));
    }
    // Deletes a user, whether a test user or not. This cannot be undone.
    Document delete_user(const DeleteUserRequest &request) const {
        return detail::value_or_throw(try_delete_user(request));
    }
    // Creates a test user. Returns a JSON object with `user`.
    Document create_test_user(const CreateUserRequest &request) const {
        return detail::value_or_throw(try_create_test_user(request));
    }
    // Returns a magic link for a test user. No message is sent.
    MagicLink generate_magic_link(const GenerateMagicLinkRequest &request) const {
        return detail::value_or_throw(try_generate_magic_link(request));
    }
    // Deletes all test users of the project.
    Document delete_all_test_users(const DeleteAllTestUsersRequest &request = {}) const {
        return detail::value_or_throw(try_delete_all_test_users(request));
    }
#endif

  protected:
    explicit ClientOperations(detail::ClientPointer client) noexcept : client_(std::move(client)) {}
    ClientOperations(ClientOperations &&) noexcept = default;
    ClientOperations &operator=(ClientOperations &&) noexcept = default;
    ~ClientOperations() = default;

    detail::ClientPointer client_;
};

// The same calls with the default client.
// Sends a magic link by SMS to an existing user.
template <typename Unused = void> [[nodiscard]] Result<LinkSent> try_sign_in_sms(const SignInRequest &request) {
    return detail::call<LinkSent>("magiclink/signin/sms", detail::to_json(request));
}
// Sends a magic link by email to an existing user.
template <typename Unused = void> [[nodiscard]] Result<LinkSent> try_sign_in_email(const SignInRequest &request) {
    return detail::call<LinkSent>("magiclink/signin/email", detail::to_json(request));
}
// Sends a magic link by WhatsApp to an existing user.
template <typename Unused = void> [[nodiscard]] Result<LinkSent> try_sign_in_whatsapp(const SignInRequest &request) {
    return detail::call<LinkSent>("magiclink/signin/whatsapp", detail::to_json(request));
}
// Creates a user and sends a magic link by SMS.
template <typename Unused = void> [[nodiscard]] Result<LinkSent> try_sign_up_sms(const SignUpRequest &request) {
    return detail::call<LinkSent>("magiclink/signup/sms", detail::to_json(request));
}
// Creates a user and sends a magic link by email.
template <typename Unused = void> [[nodiscard]] Result<LinkSent> try_sign_up_email(const SignUpRequest &request) {
    return detail::call<LinkSent>("magiclink/signup/email", detail::to_json(request));
}
// Creates a user and sends a magic link by WhatsApp.
template <typename Unused = void> [[nodiscard]] Result<LinkSent> try_sign_up_whatsapp(const SignUpRequest &request) {
    return detail::call<LinkSent>("magiclink/signup/whatsapp", detail::to_json(request));
}
// Sends a magic link by SMS. Creates the user if it does not exist.
template <typename Unused = void> [[nodiscard]] Result<LinkSent> try_sign_up_or_in_sms(const SignInRequest &request) {
    return detail::call<LinkSent>("magiclink/signup-in/sms", detail::to_json(request));
}
// Sends a magic link by email. Creates the user if it does not exist.
template <typename Unused = void> [[nodiscard]] Result<LinkSent> try_sign_up_or_in_email(const SignInRequest &request) {
    return detail::call<LinkSent>("magiclink/signup-in/email", detail::to_json(request));
}
// Sends a magic link by WhatsApp. Creates the user if it does not exist.
template <typename Unused = void> [[nodiscard]] Result<LinkSent> try_sign_up_or_in_whatsapp(const SignInRequest &request) {
    return detail::call<LinkSent>("magiclink/signup-in/whatsapp", detail::to_json(request));
}
// Exchanges the token of a link for a session, and validates the tokens of the session. The request
// is never repeated: the token works once.
template <typename Unused = void> [[nodiscard]] Result<SignedIn> try_verify(const VerifyRequest &request) {
    return detail::call<SignedIn>("magiclink/verify", detail::to_json(request));
}
// Sends a magic link to a new email address of a user.
template <typename Unused = void> [[nodiscard]] Result<LinkSent> try_update_email(const UpdateEmailRequest &request) {
    return detail::call<LinkSent>("magiclink/update/email", detail::to_json(request));
}
// Sends a magic link by SMS to a new phone number of a user.
template <typename Unused = void> [[nodiscard]] Result<LinkSent> try_update_phone_sms(const UpdatePhoneRequest &request) {
    return detail::call<LinkSent>("magiclink/update/phone/sms", detail::to_json(request));
}
// Sends a magic link by WhatsApp to a new phone number of a user.
template <typename Unused = void> [[nodiscard]] Result<LinkSent> try_update_phone_whatsapp(const UpdatePhoneRequest &request) {
    return detail::call<LinkSent>("magiclink/update/phone/whatsapp", detail::to_json(request));
}
// Validates a session token on this machine. Missing public keys are fetched.
template <typename Unused = void> [[nodiscard]] Result<Session> try_validate(const ValidateRequest &request) {
    return detail::call<Session>("session/validate", detail::to_json(request));
}
// Requests a new session token. The refresh token is validated on this machine first. Calls with
// the same request that overlap share one request to the service, since a refresh token that is
// rotated works once.
template <typename Unused = void> [[nodiscard]] Result<SignedIn> try_refresh(const RefreshRequest &request) {
    return detail::call<SignedIn>("session/refresh", detail::to_json(request));
}
// The user of a session: a JSON object with `userId`, `loginIds`, `email` and so on.
template <typename Unused = void> [[nodiscard]] Result<Document> try_me(const MeRequest &request) {
    return detail::call<Document>("session/me", detail::to_json(request));
}
// The sign-ins of the user of a session: a JSON object with `authHistory`.
template <typename Unused = void> [[nodiscard]] Result<Document> try_history(const HistoryRequest &request) {
    return detail::call<Document>("session/history", detail::to_json(request));
}
// Requests a session for one of the user's tenants.
template <typename Unused = void> [[nodiscard]] Result<SignedIn> try_select_tenant(const SelectTenantRequest &request) {
    return detail::call<SignedIn>("session/select_tenant", detail::to_json(request));
}
// Tenants of the user of a session: a JSON object with `tenants`.
template <typename Unused = void> [[nodiscard]] Result<Document> try_tenants(const TenantsRequest &request) {
    return detail::call<Document>("session/tenants", detail::to_json(request));
}
// Exchanges an access key for a session token, which is validated. There is no refresh token:
// exchange the key again when the session token has expired.
template <typename Unused = void> [[nodiscard]] Result<SignedIn> try_exchange_access_key(const ExchangeAccessKeyRequest &request) {
    return detail::call<SignedIn>("session/exchange_access_key", detail::to_json(request));
}
// Asks the service whether a session token is valid. Returns a JSON object with `parsedJWT`.
template <typename Unused = void> [[nodiscard]] Result<Document> try_validate_remote(const ValidateRemoteRequest &request) {
    return detail::call<Document>("session/validate_remote", detail::to_json(request));
}
// Ends a session. Its refresh token becomes invalid.
template <typename Unused = void> [[nodiscard]] Result<Document> try_logout(const LogoutRequest &request) {
    return detail::call<Document>("session/logout", detail::to_json(request));
}
// Ends all sessions of the user.
template <typename Unused = void> [[nodiscard]] Result<Document> try_logout_all(const LogoutRequest &request) {
    return detail::call<Document>("session/logout_all", detail::to_json(request));
}
// Checks which of these permissions the claims of a session contain.
template <typename Unused = void> [[nodiscard]] Result<MatchResult> try_match_permissions(const MatchPermissionsRequest &request) {
    return detail::call<MatchResult>("session/match_permissions", detail::to_json(request));
}
// Checks which of these roles the claims of a session contain.
template <typename Unused = void> [[nodiscard]] Result<MatchResult> try_match_roles(const MatchRolesRequest &request) {
    return detail::call<MatchResult>("session/match_roles", detail::to_json(request));
}
// Returns a token that signs an existing user in. No message is sent: deliver the token yourself,
// and pass it to `verify`.
template <typename Unused = void> [[nodiscard]] Result<EmbeddedLink> try_generate_embedded_link(const EmbeddedLinkRequest &request) {
    return detail::call<EmbeddedLink>("management/embedded_link", detail::to_json(request));
}
// Returns a token that signs a new user up. See `generate_embedded_link`.
template <typename Unused = void> [[nodiscard]] Result<EmbeddedLink> try_generate_sign_up_embedded_link(const SignUpEmbeddedLinkRequest &request) {
    return detail::call<EmbeddedLink>("management/embedded_link_signup", detail::to_json(request));
}
// Deletes a user, whether a test user or not. This cannot be undone.
template <typename Unused = void> [[nodiscard]] Result<Document> try_delete_user(const DeleteUserRequest &request) {
    return detail::call<Document>("management/delete_user", detail::to_json(request));
}
// Creates a test user. Returns a JSON object with `user`.
template <typename Unused = void> [[nodiscard]] Result<Document> try_create_test_user(const CreateUserRequest &request) {
    return detail::call<Document>("test/create_user", detail::to_json(request));
}
// Returns a magic link for a test user. No message is sent.
template <typename Unused = void> [[nodiscard]] Result<MagicLink> try_generate_magic_link(const GenerateMagicLinkRequest &request) {
    return detail::call<MagicLink>("test/generate_magiclink", detail::to_json(request));
}
// Deletes all test users of the project.
template <typename Unused = void> [[nodiscard]] Result<Document> try_delete_all_test_users(const DeleteAllTestUsersRequest &request = {}) {
    return detail::call<Document>("test/delete_all_users", detail::to_json(request));
}
#if DESCOPE_ML_EXCEPTIONS
// Sends a magic link by SMS to an existing user.
template <typename Unused = void> LinkSent sign_in_sms(const SignInRequest &request) {
    return detail::value_or_throw(try_sign_in_sms(request));
}
// Sends a magic link by email to an existing user.
template <typename Unused = void> LinkSent sign_in_email(const SignInRequest &request) {
    return detail::value_or_throw(try_sign_in_email(request));
}
// Sends a magic link by WhatsApp to an existing user.
template <typename Unused = void> LinkSent sign_in_whatsapp(const SignInRequest &request) {
    return detail::value_or_throw(try_sign_in_whatsapp(request));
}
// Creates a user and sends a magic link by SMS.
template <typename Unused = void> LinkSent sign_up_sms(const SignUpRequest &request) {
    return detail::value_or_throw(try_sign_up_sms(request));
}
// Creates a user and sends a magic link by email.
template <typename Unused = void> LinkSent sign_up_email(const SignUpRequest &request) {
    return detail::value_or_throw(try_sign_up_email(request));
}
// Creates a user and sends a magic link by WhatsApp.
template <typename Unused = void> LinkSent sign_up_whatsapp(const SignUpRequest &request) {
    return detail::value_or_throw(try_sign_up_whatsapp(request));
}
// Sends a magic link by SMS. Creates the user if it does not exist.
template <typename Unused = void> LinkSent sign_up_or_in_sms(const SignInRequest &request) {
    return detail::value_or_throw(try_sign_up_or_in_sms(request));
}
// Sends a magic link by email. Creates the user if it does not exist.
template <typename Unused = void> LinkSent sign_up_or_in_email(const SignInRequest &request) {
    return detail::value_or_throw(try_sign_up_or_in_email(request));
}
// Sends a magic link by WhatsApp. Creates the user if it does not exist.
template <typename Unused = void> LinkSent sign_up_or_in_whatsapp(const SignInRequest &request) {
    return detail::value_or_throw(try_sign_up_or_in_whatsapp(request));
}
// Exchanges the token of a link for a session, and validates the tokens of the session. The request
// is never repeated: the token works once.
template <typename Unused = void> SignedIn verify(const VerifyRequest &request) {
    return detail::value_or_throw(try_verify(request));
}
// Sends a magic link to a new email address of a user.
template <typename Unused = void> LinkSent update_email(const UpdateEmailRequest &request) {
    return detail::value_or_throw(try_update_email(request));
}
// Sends a magic link by SMS to a new phone number of a user.
template <typename Unused = void> LinkSent update_phone_sms(const UpdatePhoneRequest &request) {
    return detail::value_or_throw(try_update_phone_sms(request));
}
// Sends a magic link by WhatsApp to a new phone number of a user.
template <typename Unused = void> LinkSent update_phone_whatsapp(const UpdatePhoneRequest &request) {
    return detail::value_or_throw(try_update_phone_whatsapp(request));
}
// Validates a session token on this machine. Missing public keys are fetched.
template <typename Unused = void> Session validate(const ValidateRequest &request) {
    return detail::value_or_throw(try_validate(request));
}
// Requests a new session token. The refresh token is validated on this machine first. Calls with
// the same request that overlap share one request to the service, since a refresh token that is
// rotated works once.
template <typename Unused = void> SignedIn refresh(const RefreshRequest &request) {
    return detail::value_or_throw(try_refresh(request));
}
// The user of a session: a JSON object with `userId`, `loginIds`, `email` and so on.
template <typename Unused = void> Document me(const MeRequest &request) {
    return detail::value_or_throw(try_me(request));
}
// The sign-ins of the user of a session: a JSON object with `authHistory`.
template <typename Unused = void> Document history(const HistoryRequest &request) {
    return detail::value_or_throw(try_history(request));
}
// Requests a session for one of the user's tenants.
template <typename Unused = void> SignedIn select_tenant(const SelectTenantRequest &request) {
    return detail::value_or_throw(try_select_tenant(request));
}
// Tenants of the user of a session: a JSON object with `tenants`.
template <typename Unused = void> Document tenants(const TenantsRequest &request) {
    return detail::value_or_throw(try_tenants(request));
}
// Exchanges an access key for a session token, which is validated. There is no refresh token:
// exchange the key again when the session token has expired.
template <typename Unused = void> SignedIn exchange_access_key(const ExchangeAccessKeyRequest &request) {
    return detail::value_or_throw(try_exchange_access_key(request));
}
// Asks the service whether a session token is valid. Returns a JSON object with `parsedJWT`.
template <typename Unused = void> Document validate_remote(const ValidateRemoteRequest &request) {
    return detail::value_or_throw(try_validate_remote(request));
}
// Ends a session. Its refresh token becomes invalid.
template <typename Unused = void> Document logout(const LogoutRequest &request) {
    return detail::value_or_throw(try_logout(request));
}
// Ends all sessions of the user.
template <typename Unused = void> Document logout_all(const LogoutRequest &request) {
    return detail::value_or_throw(try_logout_all(request));
}
// Checks which of these permissions the claims of a session contain.
template <typename Unused = void> MatchResult match_permissions(const MatchPermissionsRequest &request) {
    return detail::value_or_throw(try_match_permissions(request));
}
// Checks which of these roles the claims of a session contain.
template <typename Unused = void> MatchResult match_roles(const MatchRolesRequest &request) {
    return detail::value_or_throw(try_match_roles(request));
}
// Returns a token that signs an existing user in. No message is sent: deliver the token yourself,
// and pass it to `verify`.
template <typename Unused = void> EmbeddedLink generate_embedded_link(const EmbeddedLinkRequest &request) {
    return detail::value_or_throw(try_generate_embedded_link(request));
}
// Returns a token that signs a new user up. See `generate_embedded_link`.
template <typename Unused = void> EmbeddedLink generate_sign_up_embedded_link(const SignUpEmbeddedLinkRequest &request) {
    return detail::value_or_throw(try_generate_sign_up_embedded_link(request));
}
// Deletes a user, whether a test user or not. This cannot be undone.
template <typename Unused = void> Document delete_user(const DeleteUserRequest &request) {
    return detail::value_or_throw(try_delete_user(request));
}
// Creates a test user. Returns a JSON object with `user`.
template <typename Unused = void> Document create_test_user(const CreateUserRequest &request) {
    return detail::value_or_throw(try_create_test_user(request));
}
// Returns a magic link for a test user. No message is sent.
template <typename Unused = void> MagicLink generate_magic_link(const GenerateMagicLinkRequest &request) {
    return detail::value_or_throw(try_generate_magic_link(request));
}
// Deletes all test users of the project.
template <typename Unused = void> Document delete_all_test_users(const DeleteAllTestUsersRequest &request = {}) {
    return detail::value_or_throw(try_delete_all_test_users(request));
}
#endif

} // namespace
} // namespace descope

#endif // DESCOPE_ML_OPERATIONS_HPP
