// libdescope_ml for C++17 and later: typed requests and responses, RAII, errors as exceptions or as
// values. Header-only over descope_ml.h; needs only the standard library.
//
//     descope::Client client(descope::Config{});
//     client.sign_in_sms({.login_id = "+14155550123"});            // throws descope::Error
//     auto sent = client.try_sign_in_sms({.login_id = "+1415…"});  // descope::Result
//
// Each call exists twice: one throws descope::Error, one begins with try_ and returns a
// descope::Result. With -fno-exceptions only the second exists. Texts are UTF-8. Several threads
// can use one descope::Client at once. Calls that do not block are in descope_ml_queue.hpp.
// descope_ml.h documents operations, statuses and errors.
#ifndef DESCOPE_ML_HPP
#define DESCOPE_ML_HPP

#include <descope_ml.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <descope_ml_result.hpp>

#include <descope_ml_json.hpp>

namespace descope {
inline namespace DESCOPE_ML_VARIANT {
namespace detail {

using ClientPointer = Handle<descope_client, descope_client_free>;

// Runs a function of the C interface with an out-parameter. Returns the response or the error.
template <typename Response, typename Function> Result<Response> run(Function function) {
    char *out = nullptr;
    const std::int32_t status = function(&out);
    const String owner(out);
    if (status != DESCOPE_OK) {
        return Failure(Error(status, out ? out : ""));
    }
    if constexpr (std::is_void_v<Response>) {
        return {};
    } else if constexpr (std::is_same_v<Response, Document>) {
        return Document(std::string(out ? out : ""));
    } else {
        return Response(Document(std::string(out ? out : "")));
    }
}

// Calls an operation of a client. The library names what is wrong with the request.
template <typename Response>
Result<Response> call(const descope_client *client, const char *operation,
                      const std::string &json) {
    return run<Response>(
        [&](char **out) { return descope_client_call(client, operation, json.c_str(), out); });
}

// Calls an operation of the default client.
template <typename Response> Result<Response> call(const char *operation, const std::string &json) {
    return run<Response>([&](char **out) { return descope_call(operation, json.c_str(), out); });
}

// A text for C. With a NUL inside it becomes one that the library rejects.
inline std::string c_text(std::string_view text) {
    return std::string(has_nul(text) ? std::string_view() : text);
}

} // namespace detail
} // namespace DESCOPE_ML_VARIANT
} // namespace descope

#include <descope_ml_operations.hpp>

namespace descope {
inline namespace DESCOPE_ML_VARIANT {

// The levels of log lines.
enum class LogLevel : std::int32_t {
    off = DESCOPE_LOG_OFF,
    error = DESCOPE_LOG_ERROR,
    warn = DESCOPE_LOG_WARN,
    info = DESCOPE_LOG_INFO,
    debug = DESCOPE_LOG_DEBUG,
};

namespace detail {

// A handler of the caller as callbacks of C. The library frees it when its last use is over.
template <typename Handler> struct Callbacks {
    static void log(std::int32_t level, const char *message, void *userdata) {
        run(userdata, static_cast<LogLevel>(level), std::string_view(message));
    }
    static void event(const char *event_json, void *userdata) {
        run(userdata, Document(event_json));
    }
    static void free(void *userdata) { delete static_cast<Handler *>(userdata); }

  private:
    // No exception may pass through the library.
    template <typename... Arguments>
    static void run(void *userdata, const Arguments &...arguments) {
        Handler &handler = *static_cast<Handler *>(userdata);
#if DESCOPE_ML_EXCEPTIONS
        try {
            handler(arguments...);
        } catch (...) {
        }
#else
        handler(arguments...);
#endif
    }
};

} // namespace detail

// A client of one project. It keeps connections open: create one and share it between threads.
class Client : public ClientOperations<> {
  public:
    // Creates a client; without a configuration, from the environment.
    [[nodiscard]] static Result<Client> create() { return create_from(nullptr); }
    [[nodiscard]] static Result<Client> create(const Config &config) {
        return create_from(detail::to_json(config).c_str());
    }
    [[nodiscard]] static Result<Client> create(const Document &config) {
        return create_from(detail::c_text(config.str()).c_str());
    }

    // Calls an operation by name, e.g. "magiclink/signin/sms", with a request as text.
    [[nodiscard]] Result<Document> try_call(std::string_view operation,
                                            const Document &request) const {
        return detail::call<Document>(client_.get(), detail::c_text(operation).c_str(),
                                      detail::c_text(request.str()));
    }

    // Opens a connection in advance, without sending a request. The next call can use it.
    [[nodiscard]] Result<void> try_warm_up() const {
        return detail::run<void>(
            [&](char **out) { return descope_client_warm_up(client_.get(), out); });
    }

#if DESCOPE_ML_EXCEPTIONS
    // The same functions with exceptions.
    Client() : Client(detail::value_or_throw(create())) {}
    explicit Client(const Config &config) : Client(detail::value_or_throw(create(config))) {}
    explicit Client(const Document &config) : Client(detail::value_or_throw(create(config))) {}

    Document call(std::string_view operation, const Document &request) const {
        return detail::value_or_throw(try_call(operation, request));
    }
    void warm_up() const {
        detail::value_or_throw(try_warm_up());
    }
#endif

    // Sets the handler of this client's log lines: handler(LogLevel, std::string_view). It replaces
    // that of descope::set_log for this client. An exception of the handler is ignored. Fails after
    // a move only.
    template <typename Handler> std::error_code set_log(LogLevel max_level, Handler &&handler) {
        using Owned = std::decay_t<Handler>;
        using Callbacks = detail::Callbacks<Owned>;
        auto *owned = new Owned(std::forward<Handler>(handler));
        return {descope_client_log_set(client_.get(), Callbacks::log, owned, Callbacks::free,
                                       static_cast<std::int32_t>(max_level)),
                error_category()};
    }
    // Removes the handler. The lines go to that of descope::set_log again.
    std::error_code set_log(std::nullptr_t) {
        return {descope_client_log_set(client_.get(), nullptr, nullptr, nullptr, DESCOPE_LOG_OFF),
                error_category()};
    }

  private:
    friend class Queue;

    using ClientOperations<>::ClientOperations;

    static Result<Client> create_from(const char *config_json) {
        descope_client *client = nullptr;
        Result<void> created = detail::run<void>(
            [&](char **out) { return descope_client_new(config_json, &client, out); });
        if (!created) {
            return detail::Failure(std::move(created).error());
        }
        return Client(detail::ClientPointer(client));
    }
};

// Replaces the default client. Without this, the first call creates it from the environment.
[[nodiscard]] inline Result<void> try_configure(const Config &config) {
    return detail::run<void>(
        [&](char **out) { return descope_configure(detail::to_json(config).c_str(), out); });
}
[[nodiscard]] inline Result<void> try_configure(const Document &config) {
    return detail::run<void>(
        [&](char **out) { return descope_configure(detail::c_text(config.str()).c_str(), out); });
}
// Replaces the default client with one that is configured from the environment as it is now.
[[nodiscard]] inline Result<void> try_configure() {
    return detail::run<void>([](char **out) { return descope_configure(nullptr, out); });
}

// Opens a connection of the default client in advance, without sending a request.
[[nodiscard]] inline Result<void> try_warm_up() {
    return detail::run<void>(descope_warm_up);
}

// Calls an operation of the default client by name.
[[nodiscard]] inline Result<Document> try_call(std::string_view operation,
                                               const Document &request) {
    return detail::call<Document>(detail::c_text(operation).c_str(), detail::c_text(request.str()));
}

#if DESCOPE_ML_EXCEPTIONS
// The same functions with exceptions.
inline void configure(const Config &config) {
    detail::value_or_throw(try_configure(config));
}
inline void configure(const Document &config) {
    detail::value_or_throw(try_configure(config));
}
inline void configure() {
    detail::value_or_throw(try_configure());
}
inline void warm_up() {
    detail::value_or_throw(try_warm_up());
}
inline Document call(std::string_view operation, const Document &request) {
    return detail::value_or_throw(try_call(operation, request));
}
#endif

// Releases the default client, caches, and log and event callbacks. No call may be in progress, on
// any thread. Afterwards the library may be used again.
inline void cleanup() noexcept {
    descope_cleanup();
}

// Sets the handler of the log lines: handler(LogLevel, std::string_view). It replaces the previous
// one. An exception of the handler is ignored. descope_ml.h, CALLBACKS, says when it runs.
template <typename Handler> std::error_code set_log(LogLevel max_level, Handler &&handler) {
    using Owned = std::decay_t<Handler>;
    using Callbacks = detail::Callbacks<Owned>;
    auto *owned = new Owned(std::forward<Handler>(handler));
    return {descope_log_set(Callbacks::log, owned, Callbacks::free,
                            static_cast<std::int32_t>(max_level)),
            error_category()};
}
// Removes the handler. Nothing is logged.
inline std::error_code set_log(std::nullptr_t) {
    return {descope_log_set(nullptr, nullptr, nullptr, DESCOPE_LOG_OFF), error_category()};
}

// Sets the handler that gets the event of each call that starts from now on:
// handler(const Document &event). It replaces the previous one. An exception of the handler is
// ignored. descope_ml.h, descope_events_set, says what an event contains.
template <typename Handler> std::error_code set_events(Handler &&handler) {
    using Owned = std::decay_t<Handler>;
    using Callbacks = detail::Callbacks<Owned>;
    auto *owned = new Owned(std::forward<Handler>(handler));
    return {descope_events_set(Callbacks::event, owned, Callbacks::free), error_category()};
}
// Removes the handler. Nothing is measured.
inline std::error_code set_events(std::nullptr_t) {
    return {descope_events_set(nullptr, nullptr, nullptr), error_category()};
}

} // namespace DESCOPE_ML_VARIANT
} // namespace descope

#endif // DESCOPE_ML_HPP
