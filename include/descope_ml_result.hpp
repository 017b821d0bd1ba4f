// Part of descope_ml.hpp, which includes it: descope::Error and descope::Result.
#ifndef DESCOPE_ML_RESULT_HPP
#define DESCOPE_ML_RESULT_HPP

#ifndef DESCOPE_ML_HPP
#error "include descope_ml.hpp"
#endif

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#if __has_include(<version>)
#include <version>
#endif

// std::chrono::milliseconds. Since C++20, <chrono> has calendars, time zones and formatting as
// well, and is slow to compile. <shared_mutex> needs durations only.
#if __cplusplus >= 202002L
#include <shared_mutex>
#else
#include <chrono>
#endif

// 0 with -fno-exceptions: what throws is absent then.
#ifndef DESCOPE_ML_EXCEPTIONS
#if defined(__cpp_exceptions) || defined(_CPPUNWIND)
#define DESCOPE_ML_EXCEPTIONS 1
#else
#define DESCOPE_ML_EXCEPTIONS 0
#endif
#endif

// An inline namespace. Files of one program may be compiled with different standards, with and
// without exceptions: their types differ, so their names must differ as well.
#ifdef __cpp_lib_expected
#include <expected>
#if DESCOPE_ML_EXCEPTIONS
#define DESCOPE_ML_VARIANT expected_throwing
#else
#define DESCOPE_ML_VARIANT expected_nothrow
#endif
#elif DESCOPE_ML_EXCEPTIONS
#define DESCOPE_ML_VARIANT throwing
#else
#define DESCOPE_ML_VARIANT nothrow
#endif

namespace descope {
inline namespace DESCOPE_ML_VARIANT {

namespace detail {

// Owns an object of the C interface. <memory> would make the header slower to compile.
template <typename T, void (*Free)(T *)> class Handle {
  public:
    explicit Handle(T *pointer) noexcept : pointer_(pointer) {}
    Handle(const Handle &) = delete;
    Handle &operator=(const Handle &) = delete;
    Handle(Handle &&other) noexcept : pointer_(std::exchange(other.pointer_, nullptr)) {}
    Handle &operator=(Handle &&other) noexcept {
        if (this != &other) {
            Free(std::exchange(pointer_, std::exchange(other.pointer_, nullptr)));
        }
        return *this;
    }
    ~Handle() { Free(pointer_); }

    T *get() const noexcept { return pointer_; }

  private:
    T *pointer_;
};

using String = Handle<char, descope_string_free>;

// Reads the value at a JSON pointer: a string without quotes and escapes, any other value as JSON.
// Returns one of DESCOPE_OK, DESCOPE_E_NOT_FOUND and DESCOPE_E_ARGUMENT.
inline std::int32_t get(const char *doc, const char *pointer, std::string &value) {
    char buffer[256];
    std::size_t needed = 0;
    std::int32_t status = descope_json_get(doc, pointer, buffer, sizeof buffer, &needed);
    if (status == DESCOPE_OK) {
        value.assign(buffer, needed - 1);
    } else if (status == DESCOPE_E_BUFFER) {
        value.resize(needed);
        status = descope_json_get(doc, pointer, value.data(), value.size(), nullptr);
        value.pop_back();
    }
    return status;
}

class ErrorCategory : public std::error_category {
  public:
    const char *name() const noexcept override { return "descope_ml"; }
    std::string message(int status) const override { return descope_status_name(status); }
    std::error_condition default_error_condition(int status) const noexcept override {
        switch (status) {
        case DESCOPE_E_ARGUMENT:
            return std::errc::invalid_argument;
        case DESCOPE_E_TIMEOUT:
            return std::errc::timed_out;
        case DESCOPE_E_CANCELLED:
            return std::errc::operation_canceled;
        default:
            return {status, *this};
        }
    }
};

} // namespace detail

// The category of Error::code(). Its values are DESCOPE_OK and DESCOPE_E_*.
inline const std::error_category &error_category() noexcept {
    static const detail::ErrorCategory category;
    return category;
}

// The error of a call. what() says what is wrong and what to do; it contains no secrets.
class Error : public std::runtime_error {
  public:
    Error(std::int32_t status, const std::string &document)
        : std::runtime_error(message(status, document)), status_(status), document_(document) {}

    // One of DESCOPE_E_*.
    std::int32_t status() const noexcept { return status_; }
    // The status as an error code, whose condition is e.g. std::errc::timed_out.
    std::error_code code() const noexcept { return {status_, error_category()}; }
    // The name of the status, e.g. "DESCOPE_E_API".
    const char *name() const noexcept { return descope_status_name(status_); }
    // The whole error document as JSON.
    const char *document() const noexcept { return document_.what(); }
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
    // After which time the service accepts requests again. Only with DESCOPE_E_RATE_LIMITED.
    std::optional<std::chrono::seconds> retry_after() const {
        const auto seconds = number("/error/retryAfter");
        return seconds ? std::optional(std::chrono::seconds(*seconds)) : std::nullopt;
    }

  private:
    // Also if the document is not JSON: error handling must not fail again.
    static std::optional<std::string> find(const char *document, const char *pointer) {
        std::string value;
        const bool found = detail::get(document, pointer, value) == DESCOPE_OK;
        return found ? std::optional(std::move(value)) : std::nullopt;
    }

    std::optional<std::string> text(const char *pointer) const { return find(document(), pointer); }

    std::optional<std::int64_t> number(const char *pointer) const {
        const std::string digits = text(pointer).value_or("");
        // At most 18 digits fit.
        const bool whole = !digits.empty() && digits.size() <= 18
                           && digits.find_first_not_of("0123456789") == std::string::npos;
        return whole ? std::optional<std::int64_t>(std::strtoll(digits.c_str(), nullptr, 10))
                     : std::nullopt;
    }

    static std::string message(std::int32_t status, const std::string &document) {
        return find(document.c_str(), "/error/message").value_or(descope_status_name(status));
    }

    std::int32_t status_;
    // An exception for its text, which copies share: copying must not throw.
    std::runtime_error document_;
};

#ifdef __cpp_lib_expected

// The value of a call, or its error.
template <typename T> using Result = std::expected<T, Error>;

namespace detail {
using Failure = std::unexpected<Error>;
} // namespace detail

#else

namespace detail {

struct Failure {
    explicit Failure(Error reason) : error(std::move(reason)) {}
    Error error;
};

// What std::expected does as well: without exceptions the program ends.
[[noreturn]] inline void bad_access([[maybe_unused]] const Error &error) {
#if DESCOPE_ML_EXCEPTIONS
    throw error;
#else
    std::abort();
#endif
}

} // namespace detail

// The value of a call, or its error: the members of std::expected, which is used where the standard
// library has it. value() of an error throws it, as Error here and as
// std::bad_expected_access<Error> there.
template <typename T> class [[nodiscard]] Result {
  public:
    Result(T value) : value_(std::move(value)), error_() {}
    Result(detail::Failure failure) : value_(), error_(std::move(failure.error)) {}

    bool has_value() const noexcept { return value_.has_value(); }
    explicit operator bool() const noexcept { return has_value(); }

    const T &operator*() const &noexcept { return *value_; }
    T &operator*() &noexcept { return *value_; }
    T &&operator*() &&noexcept { return *std::move(value_); }
    const T *operator->() const noexcept { return &*value_; }
    T *operator->() noexcept { return &*value_; }

    const T &value() const & { return check(), *value_; }
    T &value() & { return check(), *value_; }
    T &&value() && { return check(), *std::move(value_); }
    template <typename Default> T value_or(Default &&other) const & {
        return value_.value_or(std::forward<Default>(other));
    }
    template <typename Default> T value_or(Default &&other) && {
        return std::move(value_).value_or(std::forward<Default>(other));
    }

    const Error &error() const &noexcept { return *error_; }
    Error &error() &noexcept { return *error_; }
    Error &&error() &&noexcept { return *std::move(error_); }

    // Calls a function, which returns a Result, with the value.
    template <typename Function> auto and_then(Function &&function) && {
        using Next = decltype(function(*std::move(value_)));
        return has_value() ? function(*std::move(value_))
                           : Next(detail::Failure(*std::move(error_)));
    }
    // Calls a function, which returns a value, with the value.
    template <typename Function> auto transform(Function &&function) && {
        using Next = Result<decltype(function(*std::move(value_)))>;
        return has_value() ? Next(function(*std::move(value_)))
                           : Next(detail::Failure(*std::move(error_)));
    }

  private:
    void check() const {
        if (!has_value()) {
            detail::bad_access(*error_);
        }
    }

    std::optional<T> value_;
    std::optional<Error> error_;
};

template <> class [[nodiscard]] Result<void> {
  public:
    Result() noexcept : error_() {}
    Result(detail::Failure failure) : error_(std::move(failure.error)) {}

    bool has_value() const noexcept { return !error_; }
    explicit operator bool() const noexcept { return has_value(); }
    void operator*() const noexcept {}
    void value() const {
        if (error_) {
            detail::bad_access(*error_);
        }
    }
    const Error &error() const &noexcept { return *error_; }
    Error &error() &noexcept { return *error_; }
    Error &&error() &&noexcept { return *std::move(error_); }

  private:
    std::optional<Error> error_;
};

#endif

#if DESCOPE_ML_EXCEPTIONS
namespace detail {

// Returns the value, or throws the error.
template <typename T> T value_or_throw(Result<T> result) {
    if (!result) {
        throw std::move(result).error();
    }
    if constexpr (!std::is_void_v<T>) {
        return *std::move(result);
    }
}

} // namespace detail
#endif

} // namespace DESCOPE_ML_VARIANT
} // namespace descope

#endif // DESCOPE_ML_RESULT_HPP
