// Sends magic links to several users at the same time, each in a coroutine. It needs C++20.
//
//     c++ -std=c++20 coroutines.cpp -ldescope_ml -pthread
//     DESCOPE_PROJECT_ID=P... ./coroutines LOGIN_ID...
#include <descope_ml_queue.hpp>

#include <coroutine>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

namespace {

// The coroutine type of your framework, such as asio::awaitable with a wrapper, works as well: a
// call continues the coroutine in Queue::run_once, so run that where the coroutine belongs.
class Task {
  public:
    struct promise_type {
        Task get_return_object() {
            return Task(std::coroutine_handle<promise_type>::from_promise(*this));
        }
        std::suspend_never initial_suspend() noexcept { return {}; }
        std::suspend_always final_suspend() noexcept { return {}; }
        void return_value(bool value) noexcept { has_succeeded = value; }
        void unhandled_exception() noexcept { std::terminate(); }

        bool has_succeeded = false;
    };

    Task(Task &&other) noexcept : coroutine_(std::exchange(other.coroutine_, nullptr)) {}
    Task &operator=(Task &&) = delete;
    // Cancels the call that the coroutine waits for.
    ~Task() {
        if (coroutine_) {
            coroutine_.destroy();
        }
    }

    bool has_succeeded() const { return coroutine_.done() && coroutine_.promise().has_succeeded; }

  private:
    explicit Task(std::coroutine_handle<promise_type> coroutine) : coroutine_(coroutine) {}

    std::coroutine_handle<promise_type> coroutine_;
};

Task send_link(descope::Queue &queue, std::string login_id) {
    try {
        // With gcc 13 and clang: co_await queue.sign_in_sms({.login_id = login_id})
        const descope::SignInRequest request{.login_id = login_id};
        const auto sent = co_await queue.sign_in_sms(request);
        std::cout << "sent to " << sent.masked_address() << '\n';
        co_return true;
    } catch (const descope::Error &error) {
        std::cerr << error.name() << ": " << error.what() << " (" << error.outcome() << ")\n";
        co_return false;
    }
}

} // namespace

int main(int argc, char **argv) {
    if (argc < 2) {
        std::cerr << "usage: " << argv[0] << " LOGIN_ID...\n";
        return 2;
    }
    try {
        descope::Queue queue;
        std::vector<Task> tasks;
        for (int index = 1; index < argc; index++) {
            tasks.push_back(send_link(queue, argv[index]));
        }
        queue.run();
        for (const Task &task : tasks) {
            if (!task.has_succeeded()) {
                return EXIT_FAILURE;
            }
        }
        return EXIT_SUCCESS;
    } catch (const descope::Error &error) {
        std::cerr << error.name() << ": " << error.what() << '\n';
    }
    return EXIT_FAILURE;
}
