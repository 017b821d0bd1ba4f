// Part of descope_ml_queue.hpp, which includes it. Generated from the operations of the library by
// `make headers`: do not edit it.
#ifndef DESCOPE_ML_QUEUE_OPERATIONS_HPP
#define DESCOPE_ML_QUEUE_OPERATIONS_HPP

#ifndef DESCOPE_ML_QUEUE_HPP
#error "include descope_ml_queue.hpp"
#endif

/* clang-format off */
namespace descope {
inline namespace DESCOPE_ML_VARIANT {

// The calls of a queue. With a callback, which gets a Result, a call starts at once and its tag is
// returned. Without one, the object that is returned starts it: see QueueCall.
template <typename Unused = void> class QueueOperations {
  public:
    // Sends a magic link by SMS to an existing user.
    [[nodiscard]] TryQueueCall<LinkSent> try_sign_in_sms(const SignInRequest &request) {
        return TryQueueCall<LinkSent>(state_, "magiclink/signin/sms", detail::to_json(request));
    }
    // Sends a magic link by SMS to an existing user.
    template <typename Callback>
    [[nodiscard]] auto try_sign_in_sms(const SignInRequest &request, Callback &&callback) {
        return try_sign_in_sms(request).submit(std::forward<Callback>(callback));
    }
    // Sends a magic link by email to an existing user.
    [[nodiscard]] TryQueueCall<LinkSent> try_sign_in_email(const SignInRequest &request) {
        return TryQueueCall<LinkSent>(state_, "magiclink/signin/email", detail::to_json(request));
    }
    // Sends a magic link by email to an existing user.
    template <typename Callback>
    [[nodiscard]] auto try_sign_in_email(const SignInRequest &request, Callback &&callback) {
        return try_sign_in_email(request).submit(std::forward<Callback>(callback));
    }
    // Sends a magic link by WhatsApp to an existing user.
    [[nodiscard]] TryQueueCall<LinkSent> try_sign_in_whatsapp(const SignInRequest &request) {
        return TryQueueCall<LinkSent>(state_, "magiclink/signin/whatsapp", detail::to_json(request));
    }
    // Sends a magic link by WhatsApp to an existing user.
    template <typename Callback>
    [[nodiscard]] auto try_sign_in_whatsapp(const SignInRequest &request, Callback &&callback) {
        return try_sign_in_whatsapp(request).submit(std::forward<Callback>(callback));
    }
    // Creates a user and sends a magic link by SMS.
    [[nodiscard]] TryQueueCall<LinkSent> try_sign_up_sms(const SignUpRequest &request) {
        return TryQueueCall<LinkSent>(state_, "magiclink/signup/sms", detail::to_json(request));
    }
    // Creates a user and sends a magic link by SMS.
    template <typename Callback>
    [[nodiscard]] auto try_sign_up_sms(const SignUpRequest &request, Callback &&callback) {
        return try_sign_up_sms(request).submit(std::forward<Callback>(callback));
    }
    // Creates a user and sends a magic link by email.
    [[nodiscard]] TryQueueCall<LinkSent> try_sign_up_email(const SignUpRequest &request) {
        return TryQueueCall<LinkSent>(state_, "magiclink/signup/email", detail::to_json(request));
    }
    // Creates a user and sends a magic link by email.
    template <typename Callback>
    [[nodiscard]] auto try_sign_up_email(const SignUpRequest &request, Callback &&callback) {
        return try_sign_up_email(request).submit(std::forward<Callback>(callback));
    }
    // Creates a user and sends a magic link by WhatsApp.
    [[nodiscard]] TryQueueCall<LinkSent> try_sign_up_whatsapp(const SignUpRequest &request) {
        return TryQueueCall<LinkSent>(state_, "magiclink/signup/whatsapp", detail::to_json(request));
    }
    // Creates a user and sends a magic link by WhatsApp.
    template <typename Callback>
    [[nodiscard]] auto try_sign_up_whatsapp(const SignUpRequest &request, Callback &&callback) {
        return try_sign_up_whatsapp(request).submit(std::forward<Callback>(callback));
    }
    // Sends a magic link by SMS. Creates the user if it does not exist.
    [[nodiscard]] TryQueueCall<LinkSent> try_sign_up_or_in_sms(const SignInRequest &request) {
        return TryQueueCall<LinkSent>(state_, "magiclink/signup-in/sms", detail::to_json(request));
    }
    // Sends a magic link by SMS. Creates the user if it does not exist.
    template <typename Callback>
    [[nodiscard]] auto try_sign_up_or_in_sms(const SignInRequest &request, Callback &&callback) {
        return try_sign_up_or_in_sms(request).submit(std::forward<Callback>(callback));
    }
    // Sends a magic link by email. Creates the user if it does not exist.
    [[nodiscard]] TryQueueCall<LinkSent> try_sign_up_or_in_email(const SignInRequest &request) {
        return TryQueueCall<LinkSent>(state_, "magiclink/signup-in/email", detail::to_json(request));
    }
    // Sends a magic link by email. Creates the user if it does not exist.
    template <typename Callback>
    [[nodiscard]] auto try_sign_up_or_in_email(const SignInRequest &request, Callback &&callback) {
        return try_sign_up_or_in_email(request).submit(std::forward<Callback>(callback));
    }
    // Sends a magic link by WhatsApp. Creates the user if it does not exist.
    [[nodiscard]] TryQueueCall<LinkSent> try_sign_up_or_in_whatsapp(const SignInRequest &request) {
        return TryQueueCall<LinkSent>(state_, "magiclink/signup-in/whatsapp", detail::to_json(request));
    }
    // Sends a magic link by WhatsApp. Creates the user if it does not exist.
    template <typename Callback>
    [[nodiscard]] auto try_sign_up_or_in_whatsapp(const SignInRequest &request, Callback &&callback) {
        return try_sign_up_or_in_whatsapp(request).submit(std::forward<Callback>(callback));
    }
    // Exchanges the token of a link for a session, and validates the tokens of the session. The
    // request is never repeated: the token works once.
    [[nodiscard]] TryQueueCall<SignedIn> try_verify(const VerifyRequest &request) {
        return TryQueueCall<SignedIn>(state_, "magiclink/verify", detail::to_json(request));
    }
    // Exchanges the token of a link for a session, and validates the tokens of the session. The
    // request is never repeated: the token works once.
    template <typename Callback>
    [[nodiscard]] auto try_verify(const VerifyRequest &request, Callback &&callback) {
        return try_verify(request).submit(std::forward<Callback>(callback));
    }
    // Sends a magic link to a new email address of a user.
    [[nodiscard]] TryQueueCall<LinkSent> try_update_email(const UpdateEmailRequest &request) {
        return TryQueueCall<LinkSent>(state_, "magiclink/update/email", detail::to_json(request));
    }
    // Sends a magic link to a new email address of a user.
    template <typename Callback>
    [[nodiscard]] auto try_update_email(const UpdateEmailRequest &request, Callback &&callback) {
        return try_update_email(request).submit(std::forward<Callback>(callback));
    }
    // Sends a magic link by SMS to a new phone number of a user.
    [[nodiscard]] TryQueueCall<LinkSent> try_update_phone_sms(const UpdatePhoneRequest &request) {
        return TryQueueCall<LinkSent>(state_, "magiclink/update/phone/sms", detail::to_json(request));
    }
    // Sends a magic link by SMS to a new phone number of a user.
    template <typename Callback>
    [[nodiscard]] auto try_update_phone_sms(const UpdatePhoneRequest &request, Callback &&callback) {
        return try_update_phone_sms(request).submit(std::forward<Callback>(callback));
    }
    // Sends a magic link by WhatsApp to a new phone number of a user.
    [[nodiscard]] TryQueueCall<LinkSent> try_update_phone_whatsapp(const UpdatePhoneRequest &request) {
        return TryQueueCall<LinkSent>(state_, "magiclink/update/phone/whatsapp", detail::to_json(request));
    }
    // Sends a magic link by WhatsApp to a new phone number of a user.
    template <typename Callback>
    [[nodiscard]] auto try_update_phone_whatsapp(const UpdatePhoneRequest &request, Callback &&callback) {
        return try_update_phone_whatsapp(request).submit(std::forward<Callback>(callback));
    }
    // Validates a session token on this machine. Missing public keys are fetched.
    [[nodiscard]] TryQueueCall<Session> try_validate(const ValidateRequest &request) {
        return TryQueueCall<Session>(state_, "session/validate", detail::to_json(request));
    }
    // Validates a session token on this machine. Missing public keys are fetched.
    template <typename Callback>
    [[nodiscard]] auto try_validate(const ValidateRequest &request, Callback &&callback) {
        return try_validate(request).submit(std::forward<Callback>(callback));
    }
    // Requests a new session token. The refresh token is validated on this machine first. Calls
    // with the same request that overlap share one request to the service, since a refresh token
    // that is rotated works once.
    [[nodiscard]] TryQueueCall<SignedIn> try_refresh(const RefreshRequest &request) {
        return TryQueueCall<SignedIn>(state_, "session/refresh", detail::to_json(request));
    }
    // Requests a new session token. The refresh token is validated on this machine first. Calls
    // with the same request that overlap share one request to the service, since a refresh token
    // that is rotated works once.
    template <typename Callback>
    [[nodiscard]] auto try_refresh(const RefreshRequest &request, Callback &&callback) {
        return try_refresh(request).submit(std::forward<Callback>(callback));
    }
    // The user of a session: a JSON object with `userId`, `loginIds`, `email` and so on.
    [[nodiscard]] TryQueueCall<Document> try_me(const MeRequest &request) {
        return TryQueueCall<Document>(state_, "session/me", detail::to_json(request));
    }
    // The user of a session: a JSON object with `userId`, `loginIds`, `email` and so on.
    template <typename Callback>
    [[nodiscard]] auto try_me(const MeRequest &request, Callback &&callback) {
        return try_me(request).submit(std::forward<Callback>(callback));
    }
    // The sign-ins of the user of a session: a JSON object with `authHistory`.
    [[nodiscard]] TryQueueCall<Document> try_history(const HistoryRequest &request) {
        return TryQueueCall<Document>(state_, "session/history", detail::to_json(request));
    }
    // The sign-ins of the user of a session: a JSON object with `authHistory`.
    template <typename Callback>
    [[nodiscard]] auto try_history(const HistoryRequest &request, Callback &&callback) {
        return try_history(request).submit(std::forward<Callback>(callback));
    }
    // Requests a session for one of the user's tenants.
    [[nodiscard]] TryQueueCall<SignedIn> try_select_tenant(const SelectTenantRequest &request) {
        return TryQueueCall<SignedIn>(state_, "session/select_tenant", detail::to_json(request));
    }
    // Requests a session for one of the user's tenants.
    template <typename Callback>
    [[nodiscard]] auto try_select_tenant(const SelectTenantRequest &request, Callback &&callback) {
        return try_select_tenant(request).submit(std::forward<Callback>(callback));
    }
    // Tenants of the user of a session: a JSON object with `tenants`.
    [[nodiscard]] TryQueueCall<Document> try_tenants(const TenantsRequest &request) {
        return TryQueueCall<Document>(state_, "session/tenants", detail::to_json(request));
    }
    // Tenants of the user of a session: a JSON object with `tenants`.
    template <typename Callback>
    [[nodiscard]] auto try_tenants(const TenantsRequest &request, Callback &&callback) {
        return try_tenants(request).submit(std::forward<Callback>(callback));
    }
    // Exchanges an access key for a session token, which is validated. There is no refresh token:
    // exchange the key again when the session token has expired.
    [[nodiscard]] TryQueueCall<SignedIn> try_exchange_access_key(const ExchangeAccessKeyRequest &request) {
        return TryQueueCall<SignedIn>(state_, "session/exchange_access_key", detail::to_json(request));
    }
    // Exchanges an access key for a session token, which is validated. There is no refresh token:
    // exchange the key again when the session token has expired.
    template <typename Callback>
    [[nodiscard]] auto try_exchange_access_key(const ExchangeAccessKeyRequest &request, Callback &&callback) {
        return try_exchange_access_key(request).submit(std::forward<Callback>(callback));
    }
    // Asks the service whether a session token is valid. Returns a JSON object with `parsedJWT`.
    [[nodiscard]] TryQueueCall<Document> try_validate_remote(const ValidateRemoteRequest &request) {
        return TryQueueCall<Document>(state_, "session/validate_remote", detail::to_json(request));
    }
    // Asks the service whether a session token is valid. Returns a JSON object with `parsedJWT`.
    template <typename Callback>
    [[nodiscard]] auto try_validate_remote(const ValidateRemoteRequest &request, Callback &&callback) {
        return try_validate_remote(request).submit(std::forward<Callback>(callback));
    }
    // Ends a session. Its refresh token becomes invalid.
    [[nodiscard]] TryQueueCall<Document> try_logout(const LogoutRequest &request) {
        return TryQueueCall<Document>(state_, "session/logout", detail::to_json(request));
    }
    // Ends a session. Its refresh token becomes invalid.
    template <typename Callback>
    [[nodiscard]] auto try_logout(const LogoutRequest &request, Callback &&callback) {
        return try_logout(request).submit(std::forward<Callback>(callback));
    }
    // Ends all sessions of the user.
    [[nodiscard]] TryQueueCall<Document> try_logout_all(const LogoutRequest &request) {
        return TryQueueCall<Document>(state_, "session/logout_all", detail::to_json(request));
    }
    // Ends all sessions of the user.
    template <typename Callback>
    [[nodiscard]] auto try_logout_all(const LogoutRequest &request, Callback &&callback) {
        return try_logout_all(request).submit(std::forward<Callback>(callback));
    }
    // Checks which of these permissions the claims of a session contain.
    [[nodiscard]] TryQueueCall<MatchResult> try_match_permissions(const MatchPermissionsRequest &request) {
        return TryQueueCall<MatchResult>(state_, "session/match_permissions", detail::to_json(request));
    }
    // Checks which of these permissions the claims of a session contain.
    template <typename Callback>
    [[nodiscard]] auto try_match_permissions(const MatchPermissionsRequest &request, Callback &&callback) {
        return try_match_permissions(request).submit(std::forward<Callback>(callback));
    }
    // Checks which of these roles the claims of a session contain.
    [[nodiscard]] TryQueueCall<MatchResult> try_match_roles(const MatchRolesRequest &request) {
        return TryQueueCall<MatchResult>(state_, "session/match_roles", detail::to_json(request));
    }
    // Checks which of these roles the claims of a session contain.
    template <typename Callback>
    [[nodiscard]] auto try_match_roles(const MatchRolesRequest &request, Callback &&callback) {
        return try_match_roles(request).submit(std::forward<Callback>(callback));
    }
    // Returns a token that signs an existing user in. No message is sent: deliver the token
    // yourself, and pass it to `verify`.
    [[nodiscard]] TryQueueCall<EmbeddedLink> try_generate_embedded_link(const EmbeddedLinkRequest &request) {
        return TryQueueCall<EmbeddedLink>(state_, "management/embedded_link", detail::to_json(request));
    }
    // Returns a token that signs an existing user in. No message is sent: deliver the token
    // yourself, and pass it to `verify`.
    template <typename Callback>
    [[nodiscard]] auto try_generate_embedded_link(const EmbeddedLinkRequest &request, Callback &&callback) {
        return try_generate_embedded_link(request).submit(std::forward<Callback>(callback));
    }
    // Returns a token that signs a new user up. See `generate_embedded_link`.
    [[nodiscard]] TryQueueCall<EmbeddedLink> try_generate_sign_up_embedded_link(const SignUpEmbeddedLinkRequest &request) {
        return TryQueueCall<EmbeddedLink>(state_, "management/embedded_link_signup", detail::to_json(request));
    }
    // Returns a token that signs a new user up. See `generate_embedded_link`.
    template <typename Callback>
    [[nodiscard]] auto try_generate_sign_up_embedded_link(const SignUpEmbeddedLinkRequest &request, Callback &&callback) {
        return try_generate_sign_up_embedded_link(request).submit(std::forward<Callback>(callback));
    }
    // Deletes a user, whether a test user or not. This cannot be undone.
    [[nodiscard]] TryQueueCall<Document> try_delete_user(const DeleteUserRequest &request) {
        return TryQueueCall<Document>(state_, "management/delete_user", detail::to_json(request));
    }
    // Deletes a user, whether a test user or not. This cannot be undone.
    template <typename Callback>
    [[nodiscard]] auto try_delete_user(const DeleteUserRequest &request, Callback &&callback) {
        return try_delete_user(request).submit(std::forward<Callback>(callback));
    }
    // Creates a test user. Returns a JSON object with `user`.
    [[nodiscard]] TryQueueCall<Document> try_create_test_user(const CreateUserRequest &request) {
        return TryQueueCall<Document>(state_, "test/create_user", detail::to_json(request));
    }
    // Creates a test user. Returns a JSON object with `user`.
    template <typename Callback>
    [[nodiscard]] auto try_create_test_user(const CreateUserRequest &request, Callback &&callback) {
        return try_create_test_user(request).submit(std::forward<Callback>(callback));
    }
    // Returns a magic link for a test user. No message is sent.
    [[nodiscard]] TryQueueCall<MagicLink> try_generate_magic_link(const GenerateMagicLinkRequest &request) {
        return TryQueueCall<MagicLink>(state_, "test/generate_magiclink", detail::to_json(request));
    }
    // Returns a magic link for a test user. No message is sent.
    template <typename Callback>
    [[nodiscard]] auto try_generate_magic_link(const GenerateMagicLinkRequest &request, Callback &&callback) {
        return try_generate_magic_link(request).submit(std::forward<Callback>(callback));
    }
    // Deletes all test users of the project.
    [[nodiscard]] TryQueueCall<Document> try_delete_all_test_users(const DeleteAllTestUsersRequest &request = {}) {
        return TryQueueCall<Document>(state_, "test/delete_all_users", detail::to_json(request));
    }
    // Deletes all test users of the project.
    template <typename Callback>
    [[nodiscard]] auto try_delete_all_test_users(const DeleteAllTestUsersRequest &request, Callback &&callback) {
        return try_delete_all_test_users(request).submit(std::forward<Callback>(callback));
    }
#if DESCOPE_ML_EXCEPTIONS
    // Sends a magic link by SMS to an existing user.
    [[nodiscard]] QueueCall<LinkSent> sign_in_sms(const SignInRequest &request) {
        return QueueCall<LinkSent>(state_, "magiclink/signin/sms", detail::to_json(request));
    }
    // Sends a magic link by SMS to an existing user.
    template <typename Callback>
    auto sign_in_sms(const SignInRequest &request, Callback &&callback) {
        return sign_in_sms(request).submit(std::forward<Callback>(callback));
    }
    // Sends a magic link by email to an existing user.
    [[nodiscard]] QueueCall<LinkSent> sign_in_email(const SignInRequest &request) {
        return QueueCall<LinkSent>(state_, "magiclink/signin/email", detail::to_json(request));
    }
    // Sends a magic link by email to an existing user.
    template <typename Callback>
    auto sign_in_email(const SignInRequest &request, Callback &&callback) {
        return sign_in_email(request).submit(std::forward<Callback>(callback));
    }
    // Sends a magic link by WhatsApp to an existing user.
    [[nodiscard]] QueueCall<LinkSent> sign_in_whatsapp(const SignInRequest &request) {
        return QueueCall<LinkSent>(state_, "magiclink/signin/whatsapp", detail::to_json(request));
    }
    // Sends a magic link by WhatsApp to an existing user.
    template <typename Callback>
    auto sign_in_whatsapp(const SignInRequest &request, Callback &&callback) {
        return sign_in_whatsapp(request).submit(std::forward<Callback>(callback));
    }
    // Creates a user and sends a magic link by SMS.
    [[nodiscard]] QueueCall<LinkSent> sign_up_sms(const SignUpRequest &request) {
        return QueueCall<LinkSent>(state_, "magiclink/signup/sms", detail::to_json(request));
    }
    // Creates a user and sends a magic link by SMS.
    template <typename Callback>
    auto sign_up_sms(const SignUpRequest &request, Callback &&callback) {
        return sign_up_sms(request).submit(std::forward<Callback>(callback));
    }
    // Creates a user and sends a magic link by email.
    [[nodiscard]] QueueCall<LinkSent> sign_up_email(const SignUpRequest &request) {
        return QueueCall<LinkSent>(state_, "magiclink/signup/email", detail::to_json(request));
    }
    // Creates a user and sends a magic link by email.
    template <typename Callback>
    auto sign_up_email(const SignUpRequest &request, Callback &&callback) {
        return sign_up_email(request).submit(std::forward<Callback>(callback));
    }
    // Creates a user and sends a magic link by WhatsApp.
    [[nodiscard]] QueueCall<LinkSent> sign_up_whatsapp(const SignUpRequest &request) {
        return QueueCall<LinkSent>(state_, "magiclink/signup/whatsapp", detail::to_json(request));
    }
    // Creates a user and sends a magic link by WhatsApp.
    template <typename Callback>
    auto sign_up_whatsapp(const SignUpRequest &request, Callback &&callback) {
        return sign_up_whatsapp(request).submit(std::forward<Callback>(callback));
    }
    // Sends a magic link by SMS. Creates the user if it does not exist.
    [[nodiscard]] QueueCall<LinkSent> sign_up_or_in_sms(const SignInRequest &request) {
        return QueueCall<LinkSent>(state_, "magiclink/signup-in/sms", detail::to_json(request));
    }
    // Sends a magic link by SMS. Creates the user if it does not exist.
    template <typename Callback>
    auto sign_up_or_in_sms(const SignInRequest &request, Callback &&callback) {
        return sign_up_or_in_sms(request).submit(std::forward<Callback>(callback));
    }
    // Sends a magic link by email. Creates the user if it does not exist.
    [[nodiscard]] QueueCall<LinkSent> sign_up_or_in_email(const SignInRequest &request) {
        return QueueCall<LinkSent>(state_, "magiclink/signup-in/email", detail::to_json(request));
    }
    // Sends a magic link by email. Creates the user if it does not exist.
    template <typename Callback>
    auto sign_up_or_in_email(const SignInRequest &request, Callback &&callback) {
        return sign_up_or_in_email(request).submit(std::forward<Callback>(callback));
    }
    // Sends a magic link by WhatsApp. Creates the user if it does not exist.
    [[nodiscard]] QueueCall<LinkSent> sign_up_or_in_whatsapp(const SignInRequest &request) {
        return QueueCall<LinkSent>(state_, "magiclink/signup-in/whatsapp", detail::to_json(request));
    }
    // Sends a magic link by WhatsApp. Creates the user if it does not exist.
    template <typename Callback>
    auto sign_up_or_in_whatsapp(const SignInRequest &request, Callback &&callback) {
        return sign_up_or_in_whatsapp(request).submit(std::forward<Callback>(callback));
    }
    // Exchanges the token of a link for a session, and validates the tokens of the session. The
    // request is never repeated: the token works once.
    [[nodiscard]] QueueCall<SignedIn> verify(const VerifyRequest &request) {
        return QueueCall<SignedIn>(state_, "magiclink/verify", detail::to_json(request));
    }
    // Exchanges the token of a link for a session, and validates the tokens of the session. The
    // request is never repeated: the token works once.
    template <typename Callback>
    auto verify(const VerifyRequest &request, Callback &&callback) {
        return verify(request).submit(std::forward<Callback>(callback));
    }
    // Sends a magic link to a new email address of a user.
    [[nodiscard]] QueueCall<LinkSent> update_email(const UpdateEmailRequest &request) {
        return QueueCall<LinkSent>(state_, "magiclink/update/email", detail::to_json(request));
    }
    // Sends a magic link to a new email address of a user.
    template <typename Callback>
    auto update_email(const UpdateEmailRequest &request, Callback &&callback) {
        return update_email(request).submit(std::forward<Callback>(callback));
    }
    // Sends a magic link by SMS to a new phone number of a user.
    [[nodiscard]] QueueCall<LinkSent> update_phone_sms(const UpdatePhoneRequest &request) {
        return QueueCall<LinkSent>(state_, "magiclink/update/phone/sms", detail::to_json(request));
    }
    // Sends a magic link by SMS to a new phone number of a user.
    template <typename Callback>
    auto update_phone_sms(const UpdatePhoneRequest &request, Callback &&callback) {
        return update_phone_sms(request).submit(std::forward<Callback>(callback));
    }
    // Sends a magic link by WhatsApp to a new phone number of a user.
    [[nodiscard]] QueueCall<LinkSent> update_phone_whatsapp(const UpdatePhoneRequest &request) {
        return QueueCall<LinkSent>(state_, "magiclink/update/phone/whatsapp", detail::to_json(request));
    }
    // Sends a magic link by WhatsApp to a new phone number of a user.
    template <typename Callback>
    auto update_phone_whatsapp(const UpdatePhoneRequest &request, Callback &&callback) {
        return update_phone_whatsapp(request).submit(std::forward<Callback>(callback));
    }
    // Validates a session token on this machine. Missing public keys are fetched.
    [[nodiscard]] QueueCall<Session> validate(const ValidateRequest &request) {
        return QueueCall<Session>(state_, "session/validate", detail::to_json(request));
    }
    // Validates a session token on this machine. Missing public keys are fetched.
    template <typename Callback>
    auto validate(const ValidateRequest &request, Callback &&callback) {
        return validate(request).submit(std::forward<Callback>(callback));
    }
    // Requests a new session token. The refresh token is validated on this machine first. Calls
    // with the same request that overlap share one request to the service, since a refresh token
    // that is rotated works once.
    [[nodiscard]] QueueCall<SignedIn> refresh(const RefreshRequest &request) {
        return QueueCall<SignedIn>(state_, "session/refresh", detail::to_json(request));
    }
    // Requests a new session token. The refresh token is validated on this machine first. Calls
    // with the same request that overlap share one request to the service, since a refresh token
    // that is rotated works once.
    template <typename Callback>
    auto refresh(const RefreshRequest &request, Callback &&callback) {
        return refresh(request).submit(std::forward<Callback>(callback));
    }
    // The user of a session: a JSON object with `userId`, `loginIds`, `email` and so on.
    [[nodiscard]] QueueCall<Document> me(const MeRequest &request) {
        return QueueCall<Document>(state_, "session/me", detail::to_json(request));
    }
    // The user of a session: a JSON object with `userId`, `loginIds`, `email` and so on.
    template <typename Callback>
    auto me(const MeRequest &request, Callback &&callback) {
        return me(request).submit(std::forward<Callback>(callback));
    }
    // The sign-ins of the user of a session: a JSON object with `authHistory`.
    [[nodiscard]] QueueCall<Document> history(const HistoryRequest &request) {
        return QueueCall<Document>(state_, "session/history", detail::to_json(request));
    }
    // The sign-ins of the user of a session: a JSON object with `authHistory`.
    template <typename Callback>
    auto history(const HistoryRequest &request, Callback &&callback) {
        return history(request).submit(std::forward<Callback>(callback));
    }
    // Requests a session for one of the user's tenants.
    [[nodiscard]] QueueCall<SignedIn> select_tenant(const SelectTenantRequest &request) {
        return QueueCall<SignedIn>(state_, "session/select_tenant", detail::to_json(request));
    }
    // Requests a session for one of the user's tenants.
    template <typename Callback>
    auto select_tenant(const SelectTenantRequest &request, Callback &&callback) {
        return select_tenant(request).submit(std::forward<Callback>(callback));
    }
    // Tenants of the user of a session: a JSON object with `tenants`.
    [[nodiscard]] QueueCall<Document> tenants(const TenantsRequest &request) {
        return QueueCall<Document>(state_, "session/tenants", detail::to_json(request));
    }
    // Tenants of the user of a session: a JSON object with `tenants`.
    template <typename Callback>
    auto tenants(const TenantsRequest &request, Callback &&callback) {
        return tenants(request).submit(std::forward<Callback>(callback));
    }
    // Exchanges an access key for a session token, which is validated. There is no refresh token:
    // exchange the key again when the session token has expired.
    [[nodiscard]] QueueCall<SignedIn> exchange_access_key(const ExchangeAccessKeyRequest &request) {
        return QueueCall<SignedIn>(state_, "session/exchange_access_key", detail::to_json(request));
    }
    // Exchanges an access key for a session token, which is validated. There is no refresh token:
    // exchange the key again when the session token has expired.
    template <typename Callback>
    auto exchange_access_key(const ExchangeAccessKeyRequest &request, Callback &&callback) {
        return exchange_access_key(request).submit(std::forward<Callback>(callback));
    }
    // Asks the service whether a session token is valid. Returns a JSON object with `parsedJWT`.
    [[nodiscard]] QueueCall<Document> validate_remote(const ValidateRemoteRequest &request) {
        return QueueCall<Document>(state_, "session/validate_remote", detail::to_json(request));
    }
    // Asks the service whether a session token is valid. Returns a JSON object with `parsedJWT`.
    template <typename Callback>
    auto validate_remote(const ValidateRemoteRequest &request, Callback &&callback) {
        return validate_remote(request).submit(std::forward<Callback>(callback));
    }
    // Ends a session. Its refresh token becomes invalid.
    [[nodiscard]] QueueCall<Document> logout(const LogoutRequest &request) {
        return QueueCall<Document>(state_, "session/logout", detail::to_json(request));
    }
    // Ends a session. Its refresh token becomes invalid.
    template <typename Callback>
    auto logout(const LogoutRequest &request, Callback &&callback) {
        return logout(request).submit(std::forward<Callback>(callback));
    }
    // Ends all sessions of the user.
    [[nodiscard]] QueueCall<Document> logout_all(const LogoutRequest &request) {
        return QueueCall<Document>(state_, "session/logout_all", detail::to_json(request));
    }
    // Ends all sessions of the user.
    template <typename Callback>
    auto logout_all(const LogoutRequest &request, Callback &&callback) {
        return logout_all(request).submit(std::forward<Callback>(callback));
    }
    // Checks which of these permissions the claims of a session contain.
    [[nodiscard]] QueueCall<MatchResult> match_permissions(const MatchPermissionsRequest &request) {
        return QueueCall<MatchResult>(state_, "session/match_permissions", detail::to_json(request));
    }
    // Checks which of these permissions the claims of a session contain.
    template <typename Callback>
    auto match_permissions(const MatchPermissionsRequest &request, Callback &&callback) {
        return match_permissions(request).submit(std::forward<Callback>(callback));
    }
    // Checks which of these roles the claims of a session contain.
    [[nodiscard]] QueueCall<MatchResult> match_roles(const MatchRolesRequest &request) {
        return QueueCall<MatchResult>(state_, "session/match_roles", detail::to_json(request));
    }
    // Checks which of these roles the claims of a session contain.
    template <typename Callback>
    auto match_roles(const MatchRolesRequest &request, Callback &&callback) {
        return match_roles(request).submit(std::forward<Callback>(callback));
    }
    // Returns a token that signs an existing user in. No message is sent: deliver the token
    // yourself, and pass it to `verify`.
    [[nodiscard]] QueueCall<EmbeddedLink> generate_embedded_link(const EmbeddedLinkRequest &request) {
        return QueueCall<EmbeddedLink>(state_, "management/embedded_link", detail::to_json(request));
    }
    // Returns a token that signs an existing user in. No message is sent: deliver the token
    // yourself, and pass it to `verify`.
    template <typename Callback>
    auto generate_embedded_link(const EmbeddedLinkRequest &request, Callback &&callback) {
        return generate_embedded_link(request).submit(std::forward<Callback>(callback));
    }
    // Returns a token that signs a new user up. See `generate_embedded_link`.
    [[nodiscard]] QueueCall<EmbeddedLink> generate_sign_up_embedded_link(const SignUpEmbeddedLinkRequest &request) {
        return QueueCall<EmbeddedLink>(state_, "management/embedded_link_signup", detail::to_json(request));
    }
    // Returns a token that signs a new user up. See `generate_embedded_link`.
    template <typename Callback>
    auto generate_sign_up_embedded_link(const SignUpEmbeddedLinkRequest &request, Callback &&callback) {
        return generate_sign_up_embedded_link(request).submit(std::forward<Callback>(callback));
    }
    // Deletes a user, whether a test user or not. This cannot be undone.
    [[nodiscard]] QueueCall<Document> delete_user(const DeleteUserRequest &request) {
        return QueueCall<Document>(state_, "management/delete_user", detail::to_json(request));
    }
    // Deletes a user, whether a test user or not. This cannot be undone.
    template <typename Callback>
    auto delete_user(const DeleteUserRequest &request, Callback &&callback) {
        return delete_user(request).submit(std::forward<Callback>(callback));
    }
    // Creates a test user. Returns a JSON object with `user`.
    [[nodiscard]] QueueCall<Document> create_test_user(const CreateUserRequest &request) {
        return QueueCall<Document>(state_, "test/create_user", detail::to_json(request));
    }
    // Creates a test user. Returns a JSON object with `user`.
    template <typename Callback>
    auto create_test_user(const CreateUserRequest &request, Callback &&callback) {
        return create_test_user(request).submit(std::forward<Callback>(callback));
    }
    // Returns a magic link for a test user. No message is sent.
    [[nodiscard]] QueueCall<MagicLink> generate_magic_link(const GenerateMagicLinkRequest &request) {
        return QueueCall<MagicLink>(state_, "test/generate_magiclink", detail::to_json(request));
    }
    // Returns a magic link for a test user. No message is sent.
    template <typename Callback>
    auto generate_magic_link(const GenerateMagicLinkRequest &request, Callback &&callback) {
        return generate_magic_link(request).submit(std::forward<Callback>(callback));
    }
    // Deletes all test users of the project.
    [[nodiscard]] QueueCall<Document> delete_all_test_users(const DeleteAllTestUsersRequest &request = {}) {
        return QueueCall<Document>(state_, "test/delete_all_users", detail::to_json(request));
    }
    // Deletes all test users of the project.
    template <typename Callback>
    auto delete_all_test_users(const DeleteAllTestUsersRequest &request, Callback &&callback) {
        return delete_all_test_users(request).submit(std::forward<Callback>(callback));
    }
#endif
#if DESCOPE_ML_NO_TEMPORARIES_IN_AWAIT
    [[nodiscard]] detail::Unawaitable<TryQueueCall<LinkSent>> try_sign_in_sms(SignInRequest &&request) {
        return {try_sign_in_sms(std::as_const(request))};
    }
    [[nodiscard]] detail::Unawaitable<TryQueueCall<LinkSent>> try_sign_in_email(SignInRequest &&request) {
        return {try_sign_in_email(std::as_const(request))};
    }
    [[nodiscard]] detail::Unawaitable<TryQueueCall<LinkSent>> try_sign_in_whatsapp(SignInRequest &&request) {
        return {try_sign_in_whatsapp(std::as_const(request))};
    }
    [[nodiscard]] detail::Unawaitable<TryQueueCall<LinkSent>> try_sign_up_sms(SignUpRequest &&request) {
        return {try_sign_up_sms(std::as_const(request))};
    }
    [[nodiscard]] detail::Unawaitable<TryQueueCall<LinkSent>> try_sign_up_email(SignUpRequest &&request) {
        return {try_sign_up_email(std::as_const(request))};
    }
    [[nodiscard]] detail::Unawaitable<TryQueueCall<LinkSent>> try_sign_up_whatsapp(SignUpRequest &&request) {
        return {try_sign_up_whatsapp(std::as_const(request))};
    }
    [[nodiscard]] detail::Unawaitable<TryQueueCall<LinkSent>> try_sign_up_or_in_sms(SignInRequest &&request) {
        return {try_sign_up_or_in_sms(std::as_const(request))};
    }
    [[nodiscard]] detail::Unawaitable<TryQueueCall<LinkSent>> try_sign_up_or_in_email(SignInRequest &&request) {
        return {try_sign_up_or_in_email(std::as_const(request))};
    }
    [[nodiscard]] detail::Unawaitable<TryQueueCall<LinkSent>> try_sign_up_or_in_whatsapp(SignInRequest &&request) {
        return {try_sign_up_or_in_whatsapp(std::as_const(request))};
    }
    [[nodiscard]] detail::Unawaitable<TryQueueCall<SignedIn>> try_verify(VerifyRequest &&request) {
        return {try_verify(std::as_const(request))};
    }
    [[nodiscard]] detail::Unawaitable<TryQueueCall<LinkSent>> try_update_email(UpdateEmailRequest &&request) {
        return {try_update_email(std::as_const(request))};
    }
    [[nodiscard]] detail::Unawaitable<TryQueueCall<LinkSent>> try_update_phone_sms(UpdatePhoneRequest &&request) {
        return {try_update_phone_sms(std::as_const(request))};
    }
    [[nodiscard]] detail::Unawaitable<TryQueueCall<LinkSent>> try_update_phone_whatsapp(UpdatePhoneRequest &&request) {
        return {try_update_phone_whatsapp(std::as_const(request))};
    }
    [[nodiscard]] detail::Unawaitable<TryQueueCall<Session>> try_validate(ValidateRequest &&request) {
        return {try_validate(std::as_const(request))};
    }
    [[nodiscard]] detail::Unawaitable<TryQueueCall<SignedIn>> try_refresh(RefreshRequest &&request) {
        return {try_refresh(std::as_const(request))};
    }
    [[nodiscard]] detail::Unawaitable<TryQueueCall<Document>> try_me(MeRequest &&request) {
        return {try_me(std::as_const(request))};
    }
    [[nodiscard]] detail::Unawaitable<TryQueueCall<Document>> try_history(HistoryRequest &&request) {
        return {try_history(std::as_const(request))};
    }
    [[nodiscard]] detail::Unawaitable<TryQueueCall<SignedIn>> try_select_tenant(SelectTenantRequest &&request) {
        return {try_select_tenant(std::as_const(request))};
    }
    [[nodiscard]] detail::Unawaitable<TryQueueCall<Document>> try_tenants(TenantsRequest &&request) {
        return {try_tenants(std::as_const(request))};
    }
    [[nodiscard]] detail::Unawaitable<TryQueueCall<SignedIn>> try_exchange_access_key(ExchangeAccessKeyRequest &&request) {
        return {try_exchange_access_key(std::as_const(request))};
    }
    [[nodiscard]] detail::Unawaitable<TryQueueCall<Document>> try_validate_remote(ValidateRemoteRequest &&request) {
        return {try_validate_remote(std::as_const(request))};
    }
    [[nodiscard]] detail::Unawaitable<TryQueueCall<Document>> try_logout(LogoutRequest &&request) {
        return {try_logout(std::as_const(request))};
    }
    [[nodiscard]] detail::Unawaitable<TryQueueCall<Document>> try_logout_all(LogoutRequest &&request) {
        return {try_logout_all(std::as_const(request))};
    }
    [[nodiscard]] detail::Unawaitable<TryQueueCall<MatchResult>> try_match_permissions(MatchPermissionsRequest &&request) {
        return {try_match_permissions(std::as_const(request))};
    }
    [[nodiscard]] detail::Unawaitable<TryQueueCall<MatchResult>> try_match_roles(MatchRolesRequest &&request) {
        return {try_match_roles(std::as_const(request))};
    }
    [[nodiscard]] detail::Unawaitable<TryQueueCall<EmbeddedLink>> try_generate_embedded_link(EmbeddedLinkRequest &&request) {
        return {try_generate_embedded_link(std::as_const(request))};
    }
    [[nodiscard]] detail::Unawaitable<TryQueueCall<EmbeddedLink>> try_generate_sign_up_embedded_link(SignUpEmbeddedLinkRequest &&request) {
        return {try_generate_sign_up_embedded_link(std::as_const(request))};
    }
    [[nodiscard]] detail::Unawaitable<TryQueueCall<Document>> try_delete_user(DeleteUserRequest &&request) {
        return {try_delete_user(std::as_const(request))};
    }
    [[nodiscard]] detail::Unawaitable<TryQueueCall<Document>> try_create_test_user(CreateUserRequest &&request) {
        return {try_create_test_user(std::as_const(request))};
    }
    [[nodiscard]] detail::Unawaitable<TryQueueCall<MagicLink>> try_generate_magic_link(GenerateMagicLinkRequest &&request) {
        return {try_generate_magic_link(std::as_const(request))};
    }
    [[nodiscard]] detail::Unawaitable<TryQueueCall<Document>> try_delete_all_test_users(DeleteAllTestUsersRequest &&request) {
        return {try_delete_all_test_users(std::as_const(request))};
    }
#if DESCOPE_ML_EXCEPTIONS
    [[nodiscard]] detail::Unawaitable<QueueCall<LinkSent>> sign_in_sms(SignInRequest &&request) {
        return {sign_in_sms(std::as_const(request))};
    }
    [[nodiscard]] detail::Unawaitable<QueueCall<LinkSent>> sign_in_email(SignInRequest &&request) {
        return {sign_in_email(std::as_const(request))};
    }
    [[nodiscard]] detail::Unawaitable<QueueCall<LinkSent>> sign_in_whatsapp(SignInRequest &&request) {
        return {sign_in_whatsapp(std::as_const(request))};
    }
    [[nodiscard]] detail::Unawaitable<QueueCall<LinkSent>> sign_up_sms(SignUpRequest &&request) {
        return {sign_up_sms(std::as_const(request))};
    }
    [[nodiscard]] detail::Unawaitable<QueueCall<LinkSent>> sign_up_email(SignUpRequest &&request) {
        return {sign_up_email(std::as_const(request))};
    }
    [[nodiscard]] detail::Unawaitable<QueueCall<LinkSent>> sign_up_whatsapp(SignUpRequest &&request) {
        return {sign_up_whatsapp(std::as_const(request))};
    }
    [[nodiscard]] detail::Unawaitable<QueueCall<LinkSent>> sign_up_or_in_sms(SignInRequest &&request) {
        return {sign_up_or_in_sms(std::as_const(request))};
    }
    [[nodiscard]] detail::Unawaitable<QueueCall<LinkSent>> sign_up_or_in_email(SignInRequest &&request) {
        return {sign_up_or_in_email(std::as_const(request))};
    }
    [[nodiscard]] detail::Unawaitable<QueueCall<LinkSent>> sign_up_or_in_whatsapp(SignInRequest &&request) {
        return {sign_up_or_in_whatsapp(std::as_const(request))};
    }
    [[nodiscard]] detail::Unawaitable<QueueCall<SignedIn>> verify(VerifyRequest &&request) {
        return {verify(std::as_const(request))};
    }
    [[nodiscard]] detail::Unawaitable<QueueCall<LinkSent>> update_email(UpdateEmailRequest &&request) {
        return {update_email(std::as_const(request))};
    }
    [[nodiscard]] detail::Unawaitable<QueueCall<LinkSent>> update_phone_sms(UpdatePhoneRequest &&request) {
        return {update_phone_sms(std::as_const(request))};
    }
    [[nodiscard]] detail::Unawaitable<QueueCall<LinkSent>> update_phone_whatsapp(UpdatePhoneRequest &&request) {
        return {update_phone_whatsapp(std::as_const(request))};
    }
    [[nodiscard]] detail::Unawaitable<QueueCall<Session>> validate(ValidateRequest &&request) {
        return {validate(std::as_const(request))};
    }
    [[nodiscard]] detail::Unawaitable<QueueCall<SignedIn>> refresh(RefreshRequest &&request) {
        return {refresh(std::as_const(request))};
    }
    [[nodiscard]] detail::Unawaitable<QueueCall<Document>> me(MeRequest &&request) {
        return {me(std::as_const(request))};
    }
    [[nodiscard]] detail::Unawaitable<QueueCall<Document>> history(HistoryRequest &&request) {
        return {history(std::as_const(request))};
    }
    [[nodiscard]] detail::Unawaitable<QueueCall<SignedIn>> select_tenant(SelectTenantRequest &&request) {
        return {select_tenant(std::as_const(request))};
    }
    [[nodiscard]] detail::Unawaitable<QueueCall<Document>> tenants(TenantsRequest &&request) {
        return {tenants(std::as_const(request))};
    }
    [[nodiscard]] detail::Unawaitable<QueueCall<SignedIn>> exchange_access_key(ExchangeAccessKeyRequest &&request) {
        return {exchange_access_key(std::as_const(request))};
    }
    [[nodiscard]] detail::Unawaitable<QueueCall<Document>> validate_remote(ValidateRemoteRequest &&request) {
        return {validate_remote(std::as_const(request))};
    }
    [[nodiscard]] detail::Unawaitable<QueueCall<Document>> logout(LogoutRequest &&request) {
        return {logout(std::as_const(request))};
    }
    [[nodiscard]] detail::Unawaitable<QueueCall<Document>> logout_all(LogoutRequest &&request) {
        return {logout_all(std::as_const(request))};
    }
    [[nodiscard]] detail::Unawaitable<QueueCall<MatchResult>> match_permissions(MatchPermissionsRequest &&request) {
        return {match_permissions(std::as_const(request))};
    }
    [[nodiscard]] detail::Unawaitable<QueueCall<MatchResult>> match_roles(MatchRolesRequest &&request) {
        return {match_roles(std::as_const(request))};
    }
    [[nodiscard]] detail::Unawaitable<QueueCall<EmbeddedLink>> generate_embedded_link(EmbeddedLinkRequest &&request) {
        return {generate_embedded_link(std::as_const(request))};
    }
    [[nodiscard]] detail::Unawaitable<QueueCall<EmbeddedLink>> generate_sign_up_embedded_link(SignUpEmbeddedLinkRequest &&request) {
        return {generate_sign_up_embedded_link(std::as_const(request))};
    }
    [[nodiscard]] detail::Unawaitable<QueueCall<Document>> delete_user(DeleteUserRequest &&request) {
        return {delete_user(std::as_const(request))};
    }
    [[nodiscard]] detail::Unawaitable<QueueCall<Document>> create_test_user(CreateUserRequest &&request) {
        return {create_test_user(std::as_const(request))};
    }
    [[nodiscard]] detail::Unawaitable<QueueCall<MagicLink>> generate_magic_link(GenerateMagicLinkRequest &&request) {
        return {generate_magic_link(std::as_const(request))};
    }
    [[nodiscard]] detail::Unawaitable<QueueCall<Document>> delete_all_test_users(DeleteAllTestUsersRequest &&request) {
        return {delete_all_test_users(std::as_const(request))};
    }
#endif
#endif

  protected:
    explicit QueueOperations(std::shared_ptr<detail::QueueState> state) noexcept
        : state_(std::move(state)) {}
    QueueOperations(QueueOperations &&) noexcept = default;
    QueueOperations &operator=(QueueOperations &&) noexcept = default;
    ~QueueOperations() = default;

    std::shared_ptr<detail::QueueState> state_;
};

} // namespace
} // namespace descope

#endif // DESCOPE_ML_QUEUE_OPERATIONS_HPP
