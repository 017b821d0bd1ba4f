// Calls of a queue in coroutines: results, errors, and coroutines that are destroyed while they
// wait.
//
// Usage: coroutines CONFIG. Sign-ins of +14155550123 by SMS succeed, by email they get no response.
#include <descope_ml_queue.hpp>

#include <coroutine>
#include <exception>
#include <optional>
#include <string>
#include <utility>

#include "../c/check.h"

namespace {

const char *const PHONE = "+14155550123";
const std::chrono::milliseconds NO_LIMIT(-1);

// A coroutine that starts at once. The object destroys it.
class Task {
  public:
    struct promise_type {
        Task get_return_object() {
            return Task(std::coroutine_handle<promise_type>::from_promise(*this));
        }
        std::suspend_never initial_suspend() noexcept { return {}; }
        std::suspend_always final_suspend() noexcept { return {}; }
        void return_void() noexcept {}
        void unhandled_exception() noexcept { std::terminate(); }
    };

    Task(Task &&other) noexcept : coroutine_(std::exchange(other.coroutine_, nullptr)) {}
    Task &operator=(Task &&) = delete;
    ~Task() {
        if (coroutine_) {
            coroutine_.destroy();
        }
    }

    bool is_done() const { return coroutine_.done(); }

  private:
    explicit Task(std::coroutine_handle<promise_type> coroutine) : coroutine_(coroutine) {}

    std::coroutine_handle<promise_type> coroutine_;
};

Task sign_in(descope::Queue &queue, std::string login_id, std::string &text) {
    const descope::SignInRequest request{.login_id = login_id};
    const auto sent = co_await queue.try_sign_in_sms(request);
    text = sent ? sent->masked_address() : sent.error().what();
}

// Two calls, the second of which gets no response.
Task wait_in_vain(descope::Queue &queue, std::string &text) {
    const descope::SignInRequest request{.login_id = PHONE};
    const auto first = co_await queue.try_sign_in_sms(request);
    text = first ? "first" : first.error().what();
    const auto second = co_await queue.try_sign_in_email(request);
    text = second ? "second" : second.error().name();
}

void test_results(descope::Queue &queue) {
    std::string known;
    std::string unknown;
    std::string rejected;
    const Task tasks[] = {sign_in(queue, PHONE, known), sign_in(queue, "+14155550199", unknown),
                          sign_in(queue, "", rejected)};
    // What submitting reports does not suspend the coroutine.
    CHECK(tasks[2].is_done() && rejected.find("`loginId` must not be empty") == 0);
    CHECK(!tasks[0].is_done() && !tasks[1].is_done());
    CHECK(queue.try_run().has_value());
    CHECK(tasks[0].is_done() && known == "+1********23");
    CHECK(tasks[1].is_done() && unknown.find("E062108") != std::string::npos);
}

// A coroutine that is destroyed while it waits cancels its call, which does not resume it.
void test_destroyed_coroutine(descope::Queue &queue) {
    std::string text;
    std::optional<Task> task(wait_in_vain(queue, text));
    CHECK(queue.try_run_once(NO_LIMIT).value() == 1);
    CHECK(text == "first" && !task->is_done());
    task.reset();
    CHECK(queue.try_run().has_value());
    CHECK(text == "first");
}

// A queue that is destroyed first does not resume the coroutine.
void test_destroyed_queue(const descope::Client &client) {
    std::string text;
    std::optional<Task> task;
    {
        descope::Queue queue = *descope::Queue::create(client);
        task.emplace(wait_in_vain(queue, text));
        CHECK(queue.try_run_once(NO_LIMIT).value() == 1);
    }
    CHECK(text == "first" && !task->is_done());
    task.reset();
}

#if DESCOPE_ML_EXCEPTIONS
Task sign_in_throwing(descope::Queue &queue, std::string login_id, std::string &text) {
    try {
#if DESCOPE_ML_NO_TEMPORARIES_IN_AWAIT
        const descope::SignInRequest request{.login_id = login_id};
        const descope::LinkSent sent = co_await queue.sign_in_sms(request);
#else
        const descope::LinkSent sent = co_await queue.sign_in_sms({.login_id = login_id});
#endif
        text = sent.masked_address();
        const auto document = co_await queue.call("magiclink/signin/sms", descope::Document());
        text = document.str();
    } catch (const descope::Error &error) {
        text += error.what();
    }
}

void test_exceptions(descope::Queue &queue) {
    std::string known;
    std::string unknown;
    const Task one = sign_in_throwing(queue, PHONE, known);
    const Task other = sign_in_throwing(queue, "+14155550199", unknown);
    queue.run();
    CHECK(one.is_done() && known.find("+1********23`loginId` is required") == 0);
    CHECK(other.is_done() && unknown.find("E062108") != std::string::npos);
}
#endif

} // namespace

int main(int argc, char **argv) {
    if (argc != 2) {
        return 2;
    }
    const auto client = descope::Client::create(descope::Document(argv[1]));
    auto queue = descope::Queue::create(*client);
    test_results(*queue);
    test_destroyed_coroutine(*queue);
    test_destroyed_queue(*client);
#if DESCOPE_ML_EXCEPTIONS
    test_exceptions(*queue);
#endif
    return finish_checks();
}
