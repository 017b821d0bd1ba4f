// Part of descope_ml.hpp, which includes it: descope::Document, and what requests are written with.
#ifndef DESCOPE_ML_JSON_HPP
#define DESCOPE_ML_JSON_HPP

#ifndef DESCOPE_ML_HPP
#error "include descope_ml.hpp"
#endif

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <initializer_list>
#include <map>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace descope {
inline namespace DESCOPE_ML_VARIANT {

namespace detail {

// A C string ends at the first NUL, so a NUL inside the text would silently cut it short.
inline bool has_nul(std::string_view text) noexcept {
    return text.find('\0') != std::string_view::npos;
}

// Ends like the program's own `new` if the library had no memory to read a document.
inline void check_memory(std::int32_t status) {
    if (status != DESCOPE_OK && status != DESCOPE_E_NOT_FOUND && status != DESCOPE_E_ARGUMENT) {
#if DESCOPE_ML_EXCEPTIONS
        throw std::bad_alloc();
#else
        std::abort();
#endif
    }
}

} // namespace detail

// A JSON document: a request, a configuration or a response as text.
class Document {
  public:
    Document() : json_("{}") {}
    // Does not check the JSON. Invalid JSON is an error when the document is used.
    explicit Document(std::string json) : json_(std::move(json)) {}

    // The whole document as JSON.
    const std::string &str() const noexcept { return json_; }

    // Sets a string at an RFC 6901 pointer, e.g. "/loginOptions/locale".
    [[nodiscard]] std::error_code try_set(std::string_view pointer, std::string_view text) {
        return edit(descope_json_set, pointer, text);
    }
    // Sets any JSON value, e.g. "true", "7" or "{\"a\": 1}".
    [[nodiscard]] std::error_code try_put(std::string_view pointer, std::string_view json) {
        return edit(descope_json_put, pointer, json);
    }
    // Returns a string without quotes and escapes, any other value as JSON. Returns nullopt if
    // there is no value, and if the document is invalid.
    std::optional<std::string> try_find(std::string_view pointer) const {
        std::string value;
        return read(pointer, value) == DESCOPE_OK ? std::optional(std::move(value)) : std::nullopt;
    }

#if DESCOPE_ML_EXCEPTIONS
    // The same functions with exceptions: std::invalid_argument if the document, the pointer or the
    // value is invalid.
    Document &set(std::string_view pointer, std::string_view text) {
        check(try_set(pointer, text));
        return *this;
    }
    Document &put(std::string_view pointer, std::string_view json) {
        check(try_put(pointer, json));
        return *this;
    }
    std::optional<std::string> find(std::string_view pointer) const {
        std::string value;
        const std::int32_t status = read(pointer, value);
        if (status == DESCOPE_E_NOT_FOUND) {
            return std::nullopt;
        }
        check({status, error_category()});
        return value;
    }
    // Throws std::out_of_range if there is no value.
    std::string get(std::string_view pointer) const {
        std::optional<std::string> value = find(pointer);
        if (!value) {
            throw std::out_of_range("descope: no value at this JSON pointer");
        }
        return *std::move(value);
    }
#endif

  private:
    using Edit = std::int32_t (*)(char **, const char *, const char *);

    std::error_code edit(Edit function, std::string_view pointer, std::string_view value) {
        std::int32_t status = DESCOPE_E_ARGUMENT;
        if (!detail::has_nul(json_) && !detail::has_nul(pointer) && !detail::has_nul(value)) {
            char *doc = nullptr;
            status = descope_json_put(&doc, "", json_.c_str());
            if (status == DESCOPE_OK) {
                status = function(&doc, std::string(pointer).c_str(), std::string(value).c_str());
            }
            const detail::String owner(doc);
            if (status == DESCOPE_OK) {
                json_.assign(doc);
            }
        }
        return {status, error_category()};
    }

    std::int32_t read(std::string_view pointer, std::string &value) const {
        if (detail::has_nul(json_) || detail::has_nul(pointer)) {
            return DESCOPE_E_ARGUMENT;
        }
        const std::int32_t status = detail::get(json_.c_str(), std::string(pointer).c_str(), value);
        detail::check_memory(status);
        return status;
    }

#if DESCOPE_ML_EXCEPTIONS
    static void check(const std::error_code &code) {
        detail::check_memory(code.value());
        if (code) {
            throw std::invalid_argument("descope: invalid JSON document, pointer or value");
        }
    }
#endif

    std::string json_;
};

// The type of a member that a request needs. It has no default constructor, so that a request
// without it does not compile.
template <typename T> class Required {
  public:
    template <typename Value, typename = std::enable_if_t<std::is_convertible_v<Value, T>>>
    Required(Value &&value) : value_(std::forward<Value>(value)) {}
    Required(std::string_view text) : value_(text) {}

    const T &get() const noexcept { return value_; }
    operator const T &() const noexcept { return value_; }

  private:
    T value_;
};

template <typename Item> class Required<std::vector<Item>> {
  public:
    // Else a missing member would be an empty list.
    Required() = delete;
    Required(std::vector<Item> value) : value_(std::move(value)) {}
    Required(std::initializer_list<Item> items) : value_(items) {}

    const std::vector<Item> &get() const noexcept { return value_; }
    operator const std::vector<Item> &() const noexcept { return value_; }

  private:
    std::vector<Item> value_;
};

template <> class Required<Document> {
  public:
    Required(Document value) : value_(std::move(value)) {}

    const Document &get() const noexcept { return value_; }
    operator const Document &() const noexcept { return value_; }

  private:
    Document value_;
};

namespace detail {

// Shows the members of a generated struct to a visitor, each with its key in JSON.
template <typename Struct> struct Members;

// Writes a struct as JSON. Optional members without a value are left out. The library checks what
// is written: here a NUL becomes \u0000, and an invalid document a string, so that the library
// names the field.
class JsonWriter {
  public:
    JsonWriter() { json_.reserve(256); }

    template <typename Struct> void write(const Struct &object) {
        json_ += '{';
        Members<Struct>::visit(object, *this);
        json_ += '}';
    }
    void write(const std::string &text) { write_string(text); }
    void write(bool value) { json_ += value ? "true" : "false"; }
    void write(std::uint32_t value) { json_ += std::to_string(value); }
    void write(std::chrono::milliseconds time) { json_ += std::to_string(time.count()); }
    void write(std::chrono::seconds time) { json_ += std::to_string(time.count()); }
    void write(const Document &document) {
        char *copy = nullptr;
        const std::string &json = document.str();
        std::int32_t status = DESCOPE_E_ARGUMENT;
        if (!has_nul(json)) {
            status = descope_json_put(&copy, "", json.c_str());
        }
        const String owner(copy);
        check_memory(status);
        const bool valid = status == DESCOPE_OK;
        valid ? void(json_ += json) : write_string(json);
    }
    template <typename Item> void write(const std::vector<Item> &items) {
        json_ += '[';
        for (const Item &item : items) {
            separate('[');
            write(item);
        }
        json_ += ']';
    }
    void write(const std::map<std::string, std::string> &entries) {
        json_ += '{';
        for (const auto &[key, value] : entries) {
            separate('{');
            write_string(key);
            json_ += ':';
            write_string(value);
        }
        json_ += '}';
    }
    template <typename T> void write(const Required<T> &value) { write(value.get()); }

    // Called by Members::visit.
    template <typename T> void operator()(std::string_view key, const T &value) {
        // In one piece: appending each character is slow. No key is longer.
        char start[64] = {',', '"'};
        std::size_t size = 2 + key.copy(start + 2, sizeof start - 4);
        start[size++] = '"';
        start[size++] = ':';
        const std::size_t skipped = json_.back() == '{' ? 1 : 0;
        json_.append(start + skipped, size - skipped);
        if constexpr (std::is_enum_v<T>) {
            write_string(name_of(value));
        } else {
            write(value);
        }
    }
    template <typename T> void operator()(std::string_view key, const std::optional<T> &value) {
        if (value) {
            (*this)(key, *value);
        }
    }

    std::string json() &&noexcept { return std::move(json_); }

  private:
    void separate(char open) {
        if (json_.back() != open) {
            json_ += ',';
        }
    }

    // Whether the next characters, up to eight, need no escape. Tokens are long, and a loop over
    // each character is slow.
    static bool are_plain(const char *text, std::size_t count) noexcept {
        constexpr std::uint64_t ones = 0x0101010101010101;
        constexpr std::uint64_t high_bits = 0x80 * ones;
        std::uint64_t word = 'a' * ones;
        if (count == sizeof word) {
            std::memcpy(&word, text, sizeof word);
        } else {
            std::memcpy(&word, text, count);
        }
        const std::uint64_t quotes = word ^ ('"' * ones);
        const std::uint64_t backslashes = word ^ ('\\' * ones);
        const std::uint64_t found = ((word - ' ' * ones) & ~word) | ((quotes - ones) & ~quotes)
                                    | ((backslashes - ones) & ~backslashes);
        return (found & high_bits) == 0;
    }

    void write_string(std::string_view text) {
        json_ += '"';
        std::size_t written = 0;
        for (std::size_t index = 0; index < text.size();) {
            const std::size_t count = text.size() - index < 8 ? text.size() - index : 8;
            if (are_plain(text.data() + index, count)) {
                index += count;
                continue;
            }
            const auto character = static_cast<unsigned char>(text[index++]);
            if (character >= ' ' && character != '"' && character != '\\') {
                continue;
            }
            json_ += text.substr(written, index - 1 - written);
            written = index;
            json_ += '\\';
            if (character >= ' ') {
                json_ += static_cast<char>(character);
            } else {
                json_ += "u00";
                json_ += "0123456789abcdef"[character >> 4];
                json_ += "0123456789abcdef"[character & 15];
            }
        }
        json_ += text.substr(written);
        json_ += '"';
    }

    std::string json_{};
};

template <typename Struct> std::string to_json(const Struct &object) {
    JsonWriter writer;
    writer.write(object);
    return std::move(writer).json();
}

// Readers of responses. A missing member is empty.

template <typename... More>
std::string text(const Document &document, const char *pointer, More... more) {
    std::string found;
    const std::int32_t status = get(document.str().c_str(), pointer, found);
    check_memory(status);
    const bool is_found = status == DESCOPE_OK;
    if constexpr (sizeof...(more) > 0) {
        return is_found ? found : text(document, more...);
    } else {
        return found;
    }
}

inline std::optional<std::string> not_empty(std::string text) {
    return text.empty() ? std::nullopt : std::optional(std::move(text));
}

inline bool is_true(const Document &document, const char *pointer) {
    return document.try_find(pointer) == "true";
}

inline Document json(const Document &document, const char *pointer) {
    std::optional<std::string> found = document.try_find(pointer);
    return found ? Document(*std::move(found)) : Document();
}

inline std::vector<std::string> texts(const Document &document, const char *pointer) {
    // Not in the whole document, which each pointer would parse again.
    const Document array = json(document, pointer);
    std::vector<std::string> found;
    while (auto item = array.try_find('/' + std::to_string(found.size()))) {
        found.push_back(*std::move(item));
    }
    return found;
}

} // namespace detail

} // namespace DESCOPE_ML_VARIANT
} // namespace descope

#endif // DESCOPE_ML_JSON_HPP
