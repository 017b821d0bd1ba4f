// Fills the typed requests and the configuration of C++ from documents in which
// tests/support/faces.py marks the type of each value.
#ifndef TYPED_REQUEST_HPP
#define TYPED_REQUEST_HPP

#include <descope_ml.hpp>

#include <charconv>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

// Converts to any required member, so that a request can be made before its members are known.
struct AnyRequired {
    template <typename T> operator descope::Required<T>() const {
        return descope::Required<T>(T());
    }
};

template <typename Struct, typename = void> struct HasOneRequired : std::false_type {};
template <typename Struct>
struct HasOneRequired<Struct, std::void_t<decltype(Struct{AnyRequired()})>> : std::true_type {};
template <typename Struct, typename = void> struct HasTwoRequired : std::false_type {};
template <typename Struct>
struct HasTwoRequired<Struct, std::void_t<decltype(Struct{AnyRequired(), AnyRequired()})>>
    : std::true_type {};

template <typename Struct> Struct make() {
    if constexpr (std::is_default_constructible_v<Struct>) {
        return Struct{};
    } else if constexpr (HasOneRequired<Struct>::value) {
        return Struct{AnyRequired()};
    } else if constexpr (HasTwoRequired<Struct>::value) {
        return Struct{AnyRequired(), AnyRequired()};
    } else {
        return Struct{AnyRequired(), AnyRequired(), AnyRequired()};
    }
}

// Reads one object. The member `keys` has the number of its keys, `o` their marked values.
class TypedReader {
  public:
    TypedReader(const descope::Document &document, std::string path)
        : document_(document), path_(std::move(path)) {}

    // Whether every key has a member, and every value its type.
    template <typename Struct> bool read(Struct &object) {
        descope::detail::Members<Struct>::visit(object, *this);
        return fits_ && number<std::size_t>(path_ + "/keys") == found_;
    }

    // Called by Members::visit.
    template <typename T> void operator()(std::string_view key, std::optional<T> &member) {
        const std::string path = path_ + "/o/" + std::string(key);
        if (document_.find(path)) {
            found_++;
            member = value<T>(path);
            fits_ = fits_ && (member || document_.find(path + "/null") == "true");
        }
    }
    template <typename T> void operator()(std::string_view key, descope::Required<T> &member) {
        std::optional<T> read;
        (*this)(key, read);
        fits_ = fits_ && read;
        if (read) {
            member = descope::Required<T>(*read);
        }
    }

  private:
    template <typename T> struct Type {};

    template <typename T> std::optional<T> value(const std::string &path) const {
        return value(path, Type<T>());
    }
    template <typename Struct>
    std::optional<Struct> value(const std::string &path, Type<Struct>) const {
        Struct object = make<Struct>();
        const bool fits = document_.find(path + "/o") && TypedReader(document_, path).read(object);
        return fits ? std::optional(object) : std::nullopt;
    }
    std::optional<std::string> value(const std::string &path, Type<std::string>) const {
        return text(path + "/s");
    }
    std::optional<bool> value(const std::string &path, Type<bool>) const {
        const auto found = document_.find(path + "/b");
        return found ? std::optional(found == "true") : std::nullopt;
    }
    std::optional<std::uint32_t> value(const std::string &path, Type<std::uint32_t>) const {
        return number<std::uint32_t>(path + "/n");
    }
    template <typename Period>
    std::optional<std::chrono::duration<std::int64_t, Period>>
    value(const std::string &path, Type<std::chrono::duration<std::int64_t, Period>>) const {
        const auto found = number<std::int64_t>(path + "/n");
        return found ? std::optional(std::chrono::duration<std::int64_t, Period>(*found))
                     : std::nullopt;
    }
    std::optional<descope::Document> value(const std::string &path, Type<descope::Document>) const {
        const auto found = text(path + "/json");
        return found ? std::optional(descope::Document(*found)) : std::nullopt;
    }
    std::optional<descope::TlsRoots> value(const std::string &path, Type<descope::TlsRoots>) const {
        for (const auto roots : {descope::TlsRoots::platform, descope::TlsRoots::bundled}) {
            if (text(path + "/s") == name_of(roots)) {
                return roots;
            }
        }
        return std::nullopt;
    }
    template <typename Item>
    std::optional<std::vector<Item>> value(const std::string &path, Type<std::vector<Item>>) const {
        std::vector<Item> items;
        const auto count = number<std::size_t>(path + "/items");
        while (count && items.size() < *count) {
            const auto item = value<Item>(path + "/l/" + std::to_string(items.size()));
            if (!item) {
                return std::nullopt;
            }
            items.push_back(*item);
        }
        return count ? std::optional(items) : std::nullopt;
    }
    std::optional<std::map<std::string, std::string>>
    value(const std::string &path, Type<std::map<std::string, std::string>>) const {
        std::map<std::string, std::string> entries;
        const auto count = number<std::size_t>(path + "/entries");
        while (count && entries.size() < *count) {
            const std::string entry = path + "/m/" + std::to_string(entries.size());
            entries.emplace(text(entry + "/0").value(), text(entry + "/1").value());
        }
        return count ? std::optional(entries) : std::nullopt;
    }

    template <typename Number> std::optional<Number> number(const std::string &path) const {
        const std::string digits = document_.find(path).value_or("");
        Number number = 0;
        const char *end = digits.data() + digits.size();
        const auto read = std::from_chars(digits.data(), end, number);
        const bool whole = read.ec == std::errc() && read.ptr == end;
        return whole ? std::optional(number) : std::nullopt;
    }

    // Texts are hexadecimal: JSON pointers cannot return a NUL.
    std::optional<std::string> text(const std::string &path) const {
        const auto digits = document_.find(path);
        if (!digits) {
            return std::nullopt;
        }
        std::string text;
        for (std::size_t index = 0; index + 1 < digits->size(); index += 2) {
            text += static_cast<char>(std::stoi(digits->substr(index, 2), nullptr, 16));
        }
        return text;
    }

    const descope::Document &document_;
    std::string path_;
    std::size_t found_ = 0;
    bool fits_ = true;
};

// Returns the request or configuration at a path, or nullopt if its type cannot express it.
template <typename Struct>
std::optional<Struct> read_typed(const descope::Document &document, const std::string &path) {
    Struct object = make<Struct>();
    const bool fits = document.find(path) && TypedReader(document, path).read(object);
    return fits ? std::optional(object) : std::nullopt;
}

#endif
