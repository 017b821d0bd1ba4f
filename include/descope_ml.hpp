// libdescope_ml for C++17: RAII over descope_ml.h. Header-only; needs only the standard library.
//
// A failed call throws descope::Error. A NUL character in an argument, or an access to a
// descope::Document with invalid JSON, throws std::invalid_argument. Texts are UTF-8. Several
// threads can use one descope::Client at once. descope_ml.h documents operations, statuses and
// errors.
#ifndef DESCOPE_ML_HPP
#define DESCOPE_ML_HPP

#include <descope_ml.h>

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <functional>
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

// A C string ends at the first NUL, so a NUL inside the text would silently cut it short.
inline std::string c_text(std::string_view text) {
    if (text.find('\0') != std::string_view::npos) {
        throw std::invalid_argument("descope: the text contains a NUL character: remove it");
    }
    return std::string(text);
}

// Returns the value at a JSON pointer, or nullopt if there is none.
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
    if (status == DESCOPE_E_MEMORY) {
        throw std::bad_alloc();
    }
    if (status != DESCOPE_OK) {
        throw std::invalid_argument("descope: invalid JSON document or JSON pointer");
    }
    value.pop_back();
    return value;
}

} // namespace detail

// Thrown when a call fails. what() says what is wrong and what to do; it contains no secrets.
class Error : public std::runtime_error {
  public:
    Error(std::int32_t status, std::string document)
        : std::runtime_error(message(status, document)), status_(status),
          document_(std::make_shared<const std::string>(std::move(document))) {}

    // One of DESCOPE_E_*.
    std::int32_t status() const noexcept { return status_; }
    // The name of the status, e.g. "DESCOPE_E_API".
    const char *name() const noexcept { return descope_status_name(status_); }
    // The whole error document as JSON.
    const std::string &document() const noexcept { return *document_; }
    // "not_sent", "refused" or "unknown". After "unknown" a retry may send a second message.
    std::string outcome() const { return text("/error/outcome").value_or("unknown"); }
    std::optional<std::string> error_code() const { return text("/error/errorCode"); }
    std::optional<std::string> error_description() const { return text("/error/errorDescription"); }
    std::optional<std::string> error_message() const { return text("/error/errorMessage"); }
    // What is wrong with the token, e.g. "expired". Only with DESCOPE_E_TOKEN.
    std::optional<std::string> reason() const { return text("/error/reason"); }
    std::optional<std::string> request_id() const { return text("/error/requestId"); }
    std::optional<std::int64_t> http_status() const { return number("/error/httpStatus"); }
    std::optional<std::int64_t> attempts() const { return number("/error/attempts"); }
    // In seconds.
    std::optional<std::int64_t> retry_after() const { return number("/error/retryAfter"); }

  private:
    // Returns nullopt instead of throwing, even if the document is not JSON, so that error handling
    // never throws again.
    static std::optional<std::string> find(const std::string &document, const char *pointer) {
        try {
            return detail::find(document.c_str(), pointer);
        } catch (const std::exception &) {
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

    static std::string message(std::int32_t status, const std::string &document) {
        return find(document, "/error/message").value_or(descope_status_name(status));
    }

    std::int32_t status_;
    // Shared, so that copying an exception cannot throw.
    std::shared_ptr<const std::string> document_;
};

// A JSON document: a request, a configuration or a response.
class Document {
  public:
    Document() : json_("{}") {}
    // Does not check the JSON. Invalid JSON causes an exception when the document is used.
    explicit Document(std::string json) : json_(std::move(json)) {}

    // Sets a string at an RFC 6901 pointer, e.g. "/loginOptions/locale".
    Document &set(std::string_view pointer, std::string_view text) {
        return edit(descope_json_set, pointer, text);
    }
    // Sets any JSON value, e.g. "true", "7" or "{\"a\": 1}".
    Document &put(std::string_view pointer, std::string_view json) {
        return edit(descope_json_put, pointer, json);
    }
    // Returns a string without quotes and escapes, any other value as JSON. Throws
    // std::out_of_range if there is no value.
    std::string get(std::string_view pointer) const {
        std::optional<std::string> value = find(pointer);
        if (!value) {
            throw std::out_of_range("descope: no value at this JSON pointer");
        }
        return *std::move(value);
    }
    // The same, but returns nullopt if there is no value.
    std::optional<std::string> find(std::string_view pointer) const {
        return detail::find(detail::c_text(json_).c_str(), detail::c_text(pointer).c_str());
    }

    // The whole document as JSON.
    const std::string &str() const noexcept { return json_; }

  private:
    using Edit = std::int32_t (*)(char **, const char *, const char *);

    Document &edit(Edit function, std::string_view pointer, std::string_view value) {
        char *doc = nullptr;
        std::int32_t status = descope_json_put(&doc, "", detail::c_text(json_).c_str());
        detail::String owner(doc);
        if (status == DESCOPE_OK) {
            status = function(&doc, detail::c_text(pointer).c_str(), detail::c_text(value).c_str());
            owner.release();
            owner.reset(doc);
        }
        if (status == DESCOPE_E_MEMORY) {
            throw std::bad_alloc();
        }
        if (status != DESCOPE_OK) {
            throw std::invalid_argument("descope: invalid JSON document, pointer or value");
        }
        json_.assign(doc);
        return *this;
    }

    std::string json_;
};

namespace detail {

// Returns the response of a call, or throws Error if the call failed.
inline Document response(std::int32_t status, std::string document) {
    if (status != DESCOPE_OK) {
        throw Error(status, std::move(document));
    }
    return Document(std::move(document));
}

// Runs a function of the C interface with an out-parameter. Returns the response or throws Error.
template <typename Function> Document run(Function function) {
    char *out = nullptr;
    const std::int32_t status = function(&out);
    const String owner(out);
    return response(status, out ? out : "");
}

} // namespace detail

// The operations, here and nowhere else: X(function, name). Each is a method of Client and, for the
// default client, a function of this namespace:
//
//     Document function(const Document &request)
//
// descope_ml.h says what each does, which keys it accepts and what it returns.
/* clang-format off */
#define DESCOPE_ML_OPERATIONS(X) \
    X(magiclink_signin_sms, "magiclink/signin/sms") \
    X(magiclink_signin_email, "magiclink/signin/email") \
    X(magiclink_signin_whatsapp, "magiclink/signin/whatsapp") \
    X(magiclink_signup_sms, "magiclink/signup/sms") \
    X(magiclink_signup_email, "magiclink/signup/email") \
    X(magiclink_signup_whatsapp, "magiclink/signup/whatsapp") \
    X(magiclink_signup_in_sms, "magiclink/signup-in/sms") \
    X(magiclink_signup_in_email, "magiclink/signup-in/email") \
    X(magiclink_signup_in_whatsapp, "magiclink/signup-in/whatsapp") \
    X(magiclink_verify, "magiclink/verify") \
    X(magiclink_update_email, "magiclink/update/email") \
    X(magiclink_update_phone_sms, "magiclink/update/phone/sms") \
    X(magiclink_update_phone_whatsapp, "magiclink/update/phone/whatsapp") \
    X(session_validate, "session/validate") \
    X(session_refresh, "session/refresh") \
    X(session_select_tenant, "session/select_tenant") \
    X(session_tenants, "session/tenants") \
    X(session_exchange_access_key, "session/exchange_access_key") \
    X(session_me, "session/me") \
    X(session_history, "session/history") \
    X(session_validate_remote, "session/validate_remote") \
    X(session_logout, "session/logout") \
    X(session_logout_all, "session/logout_all") \
    X(session_match_permissions, "session/match_permissions") \
    X(session_match_roles, "session/match_roles") \
    X(management_embedded_link, "management/embedded_link") \
    X(management_embedded_link_signup, "management/embedded_link_signup") \
    X(management_delete_user, "management/delete_user") \
    X(test_create_user, "test/create_user") \
    X(test_generate_magiclink, "test/generate_magiclink") \
    X(test_delete_all_users, "test/delete_all_users")
/* clang-format on */

// A client of one project. It keeps connections open: create one and share it between threads.
class Client {
  public:
    // Takes the whole configuration from the environment.
    Client() : Client(nullptr) {}
    explicit Client(const Document &config) : Client(detail::c_text(config.str()).c_str()) {}

    // Calls an operation by name, e.g. "magiclink/signin/sms".
    Document call(std::string_view operation, const Document &request) const {
        return detail::run([&](char **out) {
            return descope_client_call(client_.get(), detail::c_text(operation).c_str(),
                                       detail::c_text(request.str()).c_str(), out);
        });
    }

    // Opens a connection in advance, without sending a request. The next call can use it.
    void warm_up() const {
        detail::run([&](char **out) { return descope_client_warm_up(client_.get(), out); });
    }

#define DESCOPE_ML_METHOD(function, name)                                                          \
    Document function(const Document &request) const {                                             \
        return call(name, request);                                                                \
    }
    DESCOPE_ML_OPERATIONS(DESCOPE_ML_METHOD)
#undef DESCOPE_ML_METHOD

  private:
    friend class Queue;

    struct Free {
        void operator()(descope_client *client) const noexcept { descope_client_free(client); }
    };

    explicit Client(const char *config_json) : client_() {
        descope_client *client = nullptr;
        detail::run([&](char **out) { return descope_client_new(config_json, &client, out); });
        client_.reset(client);
    }

    std::unique_ptr<descope_client, Free> client_;
};

// Replaces the default client. Without this, the first call creates it from the environment.
inline void configure(const Document &config) {
    detail::run(
        [&](char **out) { return descope_configure(detail::c_text(config.str()).c_str(), out); });
}

// Replaces the default client with one that is configured from the environment as it is now.
inline void configure() {
    detail::run([](char **out) { return descope_configure(nullptr, out); });
}

// Opens a connection of the default client in advance, without sending a request.
inline void warm_up() {
    detail::run(descope_warm_up);
}

// Releases the default client, caches, and log and event callbacks. No call may be in progress, on
// any thread. Afterwards the library may be used again.
inline void cleanup() noexcept {
    descope_cleanup();
}

// Calls an operation of the default client by name.
inline Document call(std::string_view operation, const Document &request) {
    return detail::run([&](char **out) {
        return descope_call(detail::c_text(operation).c_str(),
                            detail::c_text(request.str()).c_str(), out);
    });
}

#define DESCOPE_ML_FUNCTION(function, name)                                                        \
    inline Document function(const Document &request) {                                            \
        return call(name, request);                                                                \
    }
DESCOPE_ML_OPERATIONS(DESCOPE_ML_FUNCTION)
#undef DESCOPE_ML_FUNCTION
#undef DESCOPE_ML_OPERATIONS

// Gets the event of a call that is over. descope_ml.h, descope_events_set, says what it contains
// and when the handler runs.
using EventHandler = std::function<void(const Document &event)>;

// Sets the handler that gets the event of each call that starts from now on. It replaces the
// previous one. nullptr: none, and nothing is measured. An exception of the handler is ignored.
inline void set_event_handler(EventHandler handler) {
    if (!handler) {
        descope_events_set(nullptr, nullptr, nullptr);
        return;
    }
    // The library frees it.
    auto *owned = new EventHandler(std::move(handler));
    descope_events_set(
        [](const char *event_json, void *userdata) {
            try {
                (*static_cast<EventHandler *>(userdata))(Document(event_json));
            } catch (...) {
            }
        },
        owned, [](void *userdata) { delete static_cast<EventHandler *>(userdata); });
}

} // namespace descope

#include <descope_ml_queue.hpp>

#endif // DESCOPE_ML_HPP
