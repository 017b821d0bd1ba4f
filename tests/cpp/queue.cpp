// descope::Queue: callbacks, futures, errors, exceptions, threads and event loops.
//
// Usage: queue CONFIG
//
// With this configuration the sign-in of +14155550123 by SMS succeeds, +14155550199 is unknown, and
// a sign-in by email gets no response.
#include <descope_ml_queue.hpp>

#include <poll.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "../c/check.h"

using namespace std::string_literals;
using descope::Document;
using descope::Queue;
using Future = descope::Future<Document>;
using Result = descope::Result<Document>;

static_assert(!std::is_copy_constructible_v<Queue>, "a queue has one owner");
static_assert(
    std::is_nothrow_move_constructible_v<Queue> && std::is_nothrow_move_assignable_v<Queue>,
    "a queue can be moved without exceptions");

static const std::chrono::milliseconds NO_LIMIT(-1);
static const std::chrono::milliseconds AT_ONCE(0);

static const char *const SMS = "magiclink/signin/sms";
static const char *const SILENT = "magiclink/signin/email";
static const Document KNOWN("{\"loginId\": \"+14155550123\"}");
static const Document UNKNOWN("{\"loginId\": \"+14155550199\"}");

static std::int32_t status_of_result(const Result &result) {
    return result ? DESCOPE_OK : result.error().status();
}

static std::string masked_phone(const Document &response) {
    return response.get("/maskedPhone");
}

static bool is_readable(const Queue &queue) {
    pollfd entry = {queue.fd(), POLLIN, 0};
    return poll(&entry, 1, 0) == 1;
}

// Waits like an event loop, and runs the callbacks.
static std::size_t poll_once(Queue &queue) {
    pollfd entry = {queue.fd(), POLLIN, 0};
    poll(&entry, 1, static_cast<int>(queue.timeout().count()));
    return queue.run_once(AT_ONCE);
}

template <typename Exception, typename Function> static std::string message_of(Function function) {
    try {
        function();
    } catch (const Exception &error) {
        return error.what();
    }
    return "no exception";
}

// The status of the error that a function throws.
template <typename Function> static std::int32_t status_of(Function function) {
    try {
        function();
    } catch (const descope::Error &error) {
        return error.status();
    }
    return DESCOPE_OK;
}

// Submits a call that has finished as soon as the queue runs: it is cancelled.
static void submit_finished(Queue &queue, std::function<void(const Result &)> callback) {
    CHECK(queue.cancel(queue.submit(SILENT, KNOWN, std::move(callback))));
}

static void test_callbacks(Queue &queue) {
    std::size_t succeeded = 0;
    std::size_t failed = 0;
    for (int i = 0; i < 10; i++) {
        queue.submit(SMS, KNOWN, [&](const Result &result) {
            CHECK(masked_phone(result.value()) == "+1********23");
            succeeded++;
        });
    }
    queue.submit(SMS, UNKNOWN, [&](const Result &result) {
        CHECK(!result && result.error().status() == DESCOPE_E_API);
        CHECK(result.error().error_code() == "E062108");
        CHECK(result.error().outcome() == "refused");
        failed++;
    });
    queue.submit(SMS, UNKNOWN, nullptr);
    queue.run();
    CHECK(succeeded == 10 && failed == 1);
    CHECK(queue.run_once(NO_LIMIT) == 0);
    CHECK(!is_readable(queue));
}

static void test_futures(Queue &queue) {
    Future known = queue.call(SMS, KNOWN).future();
    std::future<Document> unknown = queue.call(SMS, UNKNOWN).future();
    CHECK(known.wait_for(AT_ONCE) == std::future_status::timeout);
    queue.run();
    CHECK(masked_phone(known.get()) == "+1********23");
    CHECK(status_of([&] { unknown.get(); }) == DESCOPE_E_API);
}

static void test_errors_of_submit(Queue &queue) {
    const auto captured = std::make_shared<int>();
    const auto submit = [&](const std::string &operation, const Document &request) {
        queue.submit(operation, request, [captured](const Result &) { CHECK(!"called"); });
    };
    CHECK(status_of([&] { submit("nope", KNOWN); }) == DESCOPE_E_ARGUMENT);
    CHECK(status_of([&] { submit(SMS, Document()); }) == DESCOPE_E_ARGUMENT);
    CHECK(status_of([&] { submit(SMS, Document("no json")); }) == DESCOPE_E_ARGUMENT);
    CHECK(status_of([&] { queue.call("nope", KNOWN).future(); }) == DESCOPE_E_ARGUMENT);
    CHECK(status_of([&] { submit("a\0b"s, KNOWN); }) == DESCOPE_E_ARGUMENT);
    CHECK(status_of([&] { submit(SMS, Document("{}\0"s)); }) == DESCOPE_E_ARGUMENT);
    CHECK(captured.use_count() == 1);
    CHECK(queue.run_once(NO_LIMIT) == 0);
    queue.run();
}

static void test_cancel(Queue &queue) {
    std::int32_t status = DESCOPE_OK;
    const std::uint64_t tag = queue.submit(
        SILENT, KNOWN, [&](const Result &result) { status = status_of_result(result); });
    Future future = queue.call(SILENT, KNOWN).future();
    CHECK(queue.run_once(AT_ONCE) == 0);
    CHECK(tag != future.tag());
    CHECK(queue.cancel(tag) && queue.cancel(future.tag()));
    CHECK(queue.run_once(NO_LIMIT) == 2);
    CHECK(status == DESCOPE_E_CANCELLED);
    CHECK(status_of([&] { future.get(); }) == DESCOPE_E_CANCELLED);
    CHECK(!queue.cancel(tag));
}

static void test_exceptions_of_callbacks(Queue &queue) {
    std::vector<int> called;
    for (int i = 0; i < 3; i++) {
        submit_finished(queue, [&called, i](const Result &) {
            called.push_back(i);
            if (i < 2) {
                throw std::runtime_error(std::to_string(i));
            }
        });
    }
    CHECK(message_of<std::runtime_error>([&] { queue.run_once(NO_LIMIT); }) == "0");
    CHECK(is_readable(queue));
    CHECK(message_of<std::runtime_error>([&] { queue.run(); }) == "1");
    CHECK(is_readable(queue));
    CHECK(queue.run_once(AT_ONCE) == 1);
    CHECK((called == std::vector<int>{0, 1, 2}));
    CHECK(queue.run_once(AT_ONCE) == 0 && !is_readable(queue));
}

// Each callback submits a call that has finished already: run_once leaves it to the next one.
static void test_callbacks_that_submit(Queue &queue) {
    int called = 0;
    std::function<void()> submit = [&] {
        submit_finished(queue, [&](const Result &) {
            called++;
            submit();
        });
    };
    submit();
    for (int i = 1; i <= 3; i++) {
        CHECK(queue.run_once(NO_LIMIT) == 1);
        CHECK(called == i && is_readable(queue));
    }
    submit = [] {};
    queue.run();
    CHECK(called == 4);
}

static void test_run_once_in_a_callback(Queue &queue) {
    std::string order;
    submit_finished(queue, [&](const Result &) {
        CHECK(queue.run_once(AT_ONCE) == 1);
        order += "outer";
    });
    submit_finished(queue, [&](const Result &) { order += "inner "; });
    CHECK(queue.run_once(NO_LIMIT) == 1);
    CHECK(order == "inner outer");
}

static void test_wake(Queue &queue) {
    const Future future = queue.call(SILENT, KNOWN).future();
    std::thread other([&] { queue.wake(); });
    CHECK(queue.run_once(NO_LIMIT) == 0);
    other.join();
    queue.wake();
    CHECK(is_readable(queue));
    CHECK(queue.run_once(std::chrono::hours(24 * 365)) == 0);
    queue.cancel(future.tag());
    queue.run();
}

static void test_event_loop(Queue &queue) {
    std::string phone;
    queue.submit(SMS, KNOWN, [&](const Result &result) { phone = masked_phone(*result); });
    std::size_t count = 0;
    while (count == 0) {
        count = poll_once(queue);
    }
    CHECK(count == 1 && phone == "+1********23");
    CHECK(!is_readable(queue));
}

// Neither the timer of a call that has finished nor that of one that has timed out makes the
// descriptor of an idle queue readable.
static void test_idle_queue(Queue &queue) {
    const Document request = Document(KNOWN).put("/timeoutMs", "100");
    queue.cancel(queue.call(SILENT, request).future().tag());
    queue.run();
    Future cancelled = queue.call(SILENT, request).future();
    queue.run_once(AT_ONCE);
    queue.cancel(cancelled.tag());
    queue.run();
    pollfd entry = {queue.fd(), POLLIN, 0};
    CHECK(poll(&entry, 1, 200) == 0);
    Future timed_out = queue.call(SILENT, request).future();
    queue.run();
    CHECK(status_of([&] { timed_out.get(); }) == DESCOPE_E_TIMEOUT);
    CHECK(!is_readable(queue));
}

// The main thread runs the calls of all other threads, and waits while there is none.
static void test_threads(Queue &queue) {
    std::atomic<int> running(8);
    std::atomic<int> succeeded(0);
    std::vector<std::thread> threads;
    for (int i = running; i > 0; i--) {
        threads.emplace_back([&] {
            for (int j = 0; j < 10; j++) {
                succeeded += masked_phone(queue.call(SMS, KNOWN).future().get()) == "+1********23";
            }
            running--;
            queue.wake();
        });
    }
    while (running > 0) {
        poll_once(queue);
    }
    for (std::thread &thread : threads) {
        thread.join();
    }
    CHECK(succeeded == 80);
    CHECK(queue.run_once(AT_ONCE) == 0);
}

static void test_move(const Document &config) {
    Queue first{descope::Client(config)};
    Future future = first.call(SMS, KNOWN).future();
    Queue second(std::move(first));
    CHECK(first.fd() == -1 && first.timeout() < AT_ONCE);
    CHECK(status_of([&] { first.run_once(NO_LIMIT); }) == DESCOPE_E_ARGUMENT);
    CHECK(status_of([&] { first.cancel(future.tag()); }) == DESCOPE_E_ARGUMENT);
    first.wake(); // Does nothing.
    first = std::move(second);
    first.run();
    CHECK(masked_phone(future.get()) == "+1********23");
}

static void test_destroyed_queue(const descope::Client &client) {
    const auto captured = std::make_shared<int>();
    Queue queue(client);
    Future future = queue.call(SILENT, KNOWN).future();
    queue.submit(SILENT, KNOWN, [captured](const Result &) { CHECK(!"called"); });
    queue.run_once(AT_ONCE);
    queue = Queue(client);
    CHECK(captured.use_count() == 1);
    try {
        future.get();
        CHECK(!"no exception was thrown");
    } catch (const std::future_error &error) {
        CHECK(error.code() == std::future_errc::broken_promise);
    }
}

static void test_clients(const Document &config) {
    descope::configure(config);
    Queue queue;
    Future future = queue.call(SMS, KNOWN).future();
    queue.run();
    CHECK(masked_phone(future.get()) == "+1********23");
    descope::Client client(config);
    const descope::Client owner(std::move(client));
    CHECK(status_of([&] { Queue invalid(client); }) == DESCOPE_E_ARGUMENT);
}

int main(int argc, char **argv) {
    if (argc != 2) {
        return 2;
    }
    const Document config(argv[1]);
    const descope::Client client(config);
    Queue queue(client);
    test_callbacks(queue);
    test_futures(queue);
    test_errors_of_submit(queue);
    test_cancel(queue);
    test_exceptions_of_callbacks(queue);
    test_callbacks_that_submit(queue);
    test_run_once_in_a_callback(queue);
    test_wake(queue);
    test_event_loop(queue);
    test_idle_queue(queue);
    test_threads(queue);
    test_move(config);
    test_destroyed_queue(client);
    test_clients(config);
    return finish_checks();
}
