// Calls in an io_context of Asio. For Boost.Asio, include <boost/asio.hpp> and write boost::asio,
// and boost::system::error_code instead of asio::error_code.
//
//     DESCOPE_PROJECT_ID=P... ./asio LOGIN_ID
//
// Without arguments the login ID comes from DESCOPE_LOGIN_ID.
#include "calls.h"

#include <asio.hpp>
#include <cstdlib>
#include <exception>

namespace {

class Watcher {
  public:
    Watcher(asio::io_context &context, calls &calls)
        : calls_(calls), descriptor_(context, descope_queue_fd(calls.queue)) {}
    Watcher(const Watcher &) = delete;
    Watcher &operator=(const Watcher &) = delete;
    // The descriptor belongs to the queue: Asio must not close it.
    ~Watcher() { descriptor_.release(); }

    // Waits for the queue again and again until no call is left.
    void wait() {
        descriptor_.async_wait(descriptor_.wait_read, [this](const asio::error_code &error) {
            if (error) {
                calls_fail(&calls_, "async_wait", error.message().c_str());
            } else if (calls_continue(&calls_)) {
                wait();
            }
        });
    }

  private:
    calls &calls_;
    asio::posix::stream_descriptor descriptor_;
};

} // namespace

int main(int argc, char **argv) {
    calls calls;
    if (!calls_start(&calls, argc, argv)) {
        return EXIT_FAILURE;
    }
    try {
        asio::io_context context;
        Watcher watcher(context, calls);
        watcher.wait();
        context.run();
    } catch (const std::exception &error) {
        calls_fail(&calls, "asio", error.what());
    }
    return calls_finish(&calls);
}
