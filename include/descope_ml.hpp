// libdescope_ml for C++17: RAII over descope_ml.h, header-only, nothing but the standard library.
//
// Failures are exceptions of type descope::Error; what the documents hold and which statuses there
// are is in descope_ml.h. Texts are UTF-8. A descope::Client may be used by many threads at once.
#ifndef DESCOPE_ML_HPP
#define DESCOPE_ML_HPP

#include <descope_ml.h>

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace descope {

namespace detail {

struct StringFree {
    void operator()(char *s) const noexcept { descope_string_free(s); }
};
using String = std::unique_ptr<char, StringFree>;

// C text cannot hold a NUL, and one in the middle would silently cut the text short.
inline std::string c_text(std::string_view text) {
    if (text.find('\0') != std::string_view::npos) {
        throw std::invalid_argument("descope: a text holds a NUL character");
    }
    return std::string(text);
}

// The value under a pointer, or nothing when it names none.
inline std::optional<std::string> find(const char *doc, const char *pointer) {
    std::size_t needed = 0;
    std::int32_t status = descope_json_get(doc, pointer, nullptr, 0, &needed);
    if (status == DESCOPE_E_NOT_FOUND) {
        return std::nullopt;
    }
    std::string value(needed, '\0');
    if (status == DESCOPE_E_BUFFER) {
        status = descope_json_get(doc, pointer, value.data(), value.size(), nullptr);
    }
    if (status != DESCOPE_OK) {
        throw std::invalid_argument("descope: not a JSON document, or not a JSON pointer");
    }
    value.pop_back();
    return value;
}

} // namespace detail

// Why a call failed. what() is one sentence that a person can act on, without anybody's secrets.
class Error : public std::runtime_error {
  public:
    Error(std::int32_t status, std::string document)
        : std::runtime_error(sentence(status, document)), status_(status),
          document_(std::make_shared<const std::string>(std::move(document))) {}

    // One of DESCOPE_E_*.
    std::int32_t status() const noexcept { return status_; }
    // The status's name, e.g. "DESCOPE_E_API".
    const char *name() const noexcept { return descope_status_name(status_); }
    // The whole error document, JSON.
    const std::string &document() const noexcept { return *document_; }
    // "not_sent", "refused" or "unknown": whether trying again may send a second message.
    std::string outcome() const { return text("/error/outcome").value_or("unknown"); }
    std::optional<std::string> error_code() const { return text("/error/errorCode"); }
    std::optional<std::string> error_description() const { return text("/error/errorDescription"); }
    std::optional<std::string> error_message() const { return text("/error/errorMessage"); }
    // What is wrong with a token, such as "expired"; with DESCOPE_E_TOKEN only.
    std::optional<std::string> reason() const { return text("/error/reason"); }
    std::optional<std::string> request_id() const { return text("/error/requestId"); }
    std::optional<std::int64_t> http_status() const { return number("/error/httpStatus"); }
    std::optional<std::int64_t> attempts() const { return number("/error/attempts"); }
    // In seconds.
    std::optional<std::int64_t> retry_after() const { return number("/error/retryAfter"); }

  private:
    // Nothing where the document, which may be anybody's, has no such text: whoever handles an
    // error is not to be met by another one.
    static std::optional<std::string> find(const std::string &document, const char *pointer) {
        try {
            return detail::find(document.c_str(), pointer);
        } catch (const std::invalid_argument &) {
            return std::nullopt;
        }
    }

    std::optional<std::string> text(const char *pointer) const { return find(*document_, pointer); }

    std::optional<std::int64_t> number(const char *pointer) const {
        const std::string digits = text(pointer).value_or("");
        std::int64_t value = 0;
        const char *end = digits.data() + digits.size();
        const auto read = std::from_chars(digits.data(), end, value);
        const bool whole = read.ec == std::errc() && read.ptr == end;
        return whole ? std::optional<std::int64_t>(value) : std::nullopt;
    }

    static std::string sentence(std::int32_t status, const std::string &document) {
        return find(document, "/error/message").value_or(descope_status_name(status));
    }

    std::int32_t status_;
    // Shared, so that copying an exception cannot throw.
    std::shared_ptr<const std::string> document_;
};

// A JSON document: a request, a configuration or an answer.
class Document {
  public:
    Document() : json_("{}") {}
    // Takes JSON text as it is; what is wrong with it shows when it is used.
    explicit Document(std::string json) : json_(std::move(json)) {}

    // Sets a string where an RFC 6901 pointer says, such as "/loginOptions/locale".
    Document &set(std::string_view pointer, std::string_view text) {
        return change(descope_json_set, pointer, text);
    }
    // Sets any other JSON value: "true", "7", "{\"a\": 1}".
    Document &put(std::string_view pointer, std::string_view json) {
        return change(descope_json_put, pointer, json);
    }
    // A string as its text, anything else as JSON; throws std::out_of_range when there is none.
    std::string get(std::string_view pointer) const {
        std::optional<std::string> value = find(pointer);
        if (!value) {
            throw std::out_of_range("descope: the JSON pointer names nothing");
        }
        return *std::move(value);
    }
    // The same, or nothing when there is none.
    std::optional<std::string> find(std::string_view pointer) const {
        return detail::find(detail::c_text(json_).c_str(), detail::c_text(pointer).c_str());
    }

    const std::string &str() const noexcept { return json_; }

  private:
    using Change = std::int32_t (*)(char **, const char *, const char *);

    Document &change(Change function, std::string_view pointer, std::string_view value) {
        char *doc = nullptr;
        std::int32_t status = descope_json_put(&doc, "", detail::c_text(json_).c_str());
        detail::String owner(doc);
        if (status == DESCOPE_OK) {
            status = function(&doc, detail::c_text(pointer).c_str(), detail::c_text(value).c_str());
            owner.release();
            owner.reset(doc);
        }
        if (status == DESCOPE_E_INTERNAL) {
            throw std::bad_alloc();
        }
        if (status != DESCOPE_OK) {
            throw std::invalid_argument("descope: not a JSON document, pointer or value");
        }
        json_.assign(doc);
        return *this;
    }

    std::string json_;
};

namespace detail {

// The document that a call puts into its out-parameter; throws when it fails.
template <typename Call> Document answered(Call call) {
    char *out = nullptr;
    const std::int32_t status = call(&out);
    const String owner(out);
    std::string document = out ? out : "";
    if (status != DESCOPE_OK) {
        throw Error(status, std::move(document));
    }
    return Document(std::move(document));
}

// Calls a named function of the C interface.
inline Document named(std::int32_t (*function)(const char *, char **), const Document &request) {
    return answered([&](char **out) { return function(c_text(request.str()).c_str(), out); });
}

} // namespace detail

// A client of one project, with connections of its own: make one and share it.
class Client {
  public:
    // Everything from the environment.
    Client() : Client(nullptr) {}
    explicit Client(const Document &config) : Client(detail::c_text(config.str()).c_str()) {}

    // Performs an operation by name, such as "magiclink/signin/sms".
    Document call(std::string_view operation, const Document &request) const {
        return detail::answered([&](char **out) {
            return descope_client_call(client_.get(), detail::c_text(operation).c_str(),
                                       detail::c_text(request.str()).c_str(), out);
        });
    }

    // Connects ahead, so that the next call need not.
    void warm_up() const {
        detail::answered([&](char **out) { return descope_client_warm_up(client_.get(), out); });
    }

    // The operations by name; what each does, takes and answers is said in descope_ml.h.
    Document magiclink_signin_sms(const Document &request) const {
        return call("magiclink/signin/sms", request);
    }
    Document magiclink_signin_email(const Document &request) const {
        return call("magiclink/signin/email", request);
    }
    Document magiclink_signin_whatsapp(const Document &request) const {
        return call("magiclink/signin/whatsapp", request);
    }
    Document magiclink_signup_sms(const Document &request) const {
        return call("magiclink/signup/sms", request);
    }
    Document magiclink_signup_email(const Document &request) const {
        return call("magiclink/signup/email", request);
    }
    Document magiclink_signup_whatsapp(const Document &request) const {
        return call("magiclink/signup/whatsapp", request);
    }
    Document magiclink_signup_in_sms(const Document &request) const {
        return call("magiclink/signup-in/sms", request);
    }
    Document magiclink_signup_in_email(const Document &request) const {
        return call("magiclink/signup-in/email", request);
    }
    Document magiclink_signup_in_whatsapp(const Document &request) const {
        return call("magiclink/signup-in/whatsapp", request);
    }
    Document magiclink_verify(const Document &request) const {
        return call("magiclink/verify", request);
    }
    Document magiclink_update_email(const Document &request) const {
        return call("magiclink/update/email", request);
    }
    Document magiclink_update_phone_sms(const Document &request) const {
        return call("magiclink/update/phone/sms", request);
    }
    Document magiclink_update_phone_whatsapp(const Document &request) const {
        return call("magiclink/update/phone/whatsapp", request);
    }
    Document session_validate(const Document &request) const {
        return call("session/validate", request);
    }
    Document session_refresh(const Document &request) const {
        return call("session/refresh", request);
    }
    Document session_select_tenant(const Document &request) const {
        return call("session/select_tenant", request);
    }
    Document session_me(const Document &request) const { return call("session/me", request); }
    Document session_history(const Document &request) const {
        return call("session/history", request);
    }
    Document session_validate_remote(const Document &request) const {
        return call("session/validate_remote", request);
    }
    Document session_logout(const Document &request) const {
        return call("session/logout", request);
    }
    Document session_logout_all(const Document &request) const {
        return call("session/logout_all", request);
    }
    Document session_match_permissions(const Document &request) const {
        return call("session/match_permissions", request);
    }
    Document session_match_roles(const Document &request) const {
        return call("session/match_roles", request);
    }
    Document test_create_user(const Document &request) const {
        return call("test/create_user", request);
    }
    Document test_generate_magiclink(const Document &request) const {
        return call("test/generate_magiclink", request);
    }
    Document test_delete_all_users(const Document &request) const {
        return call("test/delete_all_users", request);
    }

  private:
    struct Free {
        void operator()(descope_client *client) const noexcept { descope_client_free(client); }
    };

    explicit Client(const char *config_json) {
        descope_client *client = nullptr;
        detail::answered([&](char **out) { return descope_client_new(config_json, &client, out); });
        client_.reset(client);
    }

    std::unique_ptr<descope_client, Free> client_;
};

// Replaces the process's default client.
inline void configure(const Document &config) {
    detail::answered(
        [&](char **out) { return descope_configure(detail::c_text(config.str()).c_str(), out); });
}

// Replaces the process's default client by one made from the environment as it is now.
inline void configure() {
    detail::answered([](char **out) { return descope_configure(nullptr, out); });
}

// Connects ahead with the process's default client, so that its next call need not.
inline void warm_up() {
    detail::answered(descope_warm_up);
}

// Performs an operation by name, with the process's default client.
inline Document call(std::string_view operation, const Document &request) {
    return detail::answered([&](char **out) {
        return descope_call(detail::c_text(operation).c_str(),
                            detail::c_text(request.str()).c_str(), out);
    });
}

// The operations by name, with the process's default client.
inline Document magiclink_signin_sms(const Document &request) {
    return detail::named(descope_magiclink_signin_sms, request);
}
inline Document magiclink_signin_email(const Document &request) {
    return detail::named(descope_magiclink_signin_email, request);
}
inline Document magiclink_signin_whatsapp(const Document &request) {
    return detail::named(descope_magiclink_signin_whatsapp, request);
}
inline Document magiclink_signup_sms(const Document &request) {
    return detail::named(descope_magiclink_signup_sms, request);
}
inline Document magiclink_signup_email(const Document &request) {
    return detail::named(descope_magiclink_signup_email, request);
}
inline Document magiclink_signup_whatsapp(const Document &request) {
    return detail::named(descope_magiclink_signup_whatsapp, request);
}
inline Document magiclink_signup_in_sms(const Document &request) {
    return detail::named(descope_magiclink_signup_in_sms, request);
}
inline Document magiclink_signup_in_email(const Document &request) {
    return detail::named(descope_magiclink_signup_in_email, request);
}
inline Document magiclink_signup_in_whatsapp(const Document &request) {
    return detail::named(descope_magiclink_signup_in_whatsapp, request);
}
inline Document magiclink_verify(const Document &request) {
    return detail::named(descope_magiclink_verify, request);
}
inline Document magiclink_update_email(const Document &request) {
    return detail::named(descope_magiclink_update_email, request);
}
inline Document magiclink_update_phone_sms(const Document &request) {
    return detail::named(descope_magiclink_update_phone_sms, request);
}
inline Document magiclink_update_phone_whatsapp(const Document &request) {
    return detail::named(descope_magiclink_update_phone_whatsapp, request);
}
inline Document session_validate(const Document &request) {
    return detail::named(descope_session_validate, request);
}
inline Document session_refresh(const Document &request) {
    return detail::named(descope_session_refresh, request);
}
inline Document session_select_tenant(const Document &request) {
    return detail::named(descope_session_select_tenant, request);
}
inline Document session_me(const Document &request) {
    return detail::named(descope_session_me, request);
}
inline Document session_history(const Document &request) {
    return detail::named(descope_session_history, request);
}
inline Document session_validate_remote(const Document &request) {
    return detail::named(descope_session_validate_remote, request);
}
inline Document session_logout(const Document &request) {
    return detail::named(descope_session_logout, request);
}
inline Document session_logout_all(const Document &request) {
    return detail::named(descope_session_logout_all, request);
}
inline Document session_match_permissions(const Document &request) {
    return detail::named(descope_session_match_permissions, request);
}
inline Document session_match_roles(const Document &request) {
    return detail::named(descope_session_match_roles, request);
}
inline Document test_create_user(const Document &request) {
    return detail::named(descope_test_create_user, request);
}
inline Document test_generate_magiclink(const Document &request) {
    return detail::named(descope_test_generate_magiclink, request);
}
inline Document test_delete_all_users(const Document &request) {
    return detail::named(descope_test_delete_all_users, request);
}

} // namespace descope

#endif // DESCOPE_ML_HPP
