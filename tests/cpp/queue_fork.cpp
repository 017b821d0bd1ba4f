// Forks while a descope::Queue has calls in progress. The child cannot use the queue, and whatever
// it does with it changes nothing for the parent, whose callbacks and futures get their results.
//
// Usage: queue_fork CONFIG FORKS, with messages by email that are delayed for longer than the test
#include <descope_ml_queue.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "../c/check.h"

using descope::Document;
using descope::Queue;
using Future = descope::Future<Document>;
using Result = descope::Result<Document>;

static const int CALLS = 20;

// Seconds after which a child counts as hung and is killed.
static const unsigned CHILD_TIMEOUT_SECONDS = 60;

static const std::chrono::milliseconds NO_LIMIT(-1);
static const std::chrono::milliseconds AT_ONCE(0);

static const char *const SMS = "magiclink/signin/sms";
static const char *const SILENT = "magiclink/signin/email";
static const Document KNOWN("{\"loginId\": \"+14155550123\"}");

static bool is_sent(const Document &response) {
    return response.get("/maskedPhone") == "+1********23";
}

// Checks that a function throws the error of a queue that belongs to the parent.
template <typename Function> static void check_is_rejected(Function function) {
    try {
        function();
        CHECK(!"no exception was thrown");
    } catch (const descope::Error &error) {
        CHECK(error.status() == DESCOPE_E_ARGUMENT);
    }
}

// Runs in the child. The queue of the parent can only be destroyed, which runs no callback and
// breaks the promises of the futures. A new queue works, also with the client of the parent.
static void use_queues_in_child(const descope::Client &client, Queue &inherited, Future &future,
                                bool is_new_queue_first) {
    const auto captured = std::make_shared<int>();
    const auto check_new_queue = [&] {
        Queue own(client);
        Future sent = own.call(SMS, KNOWN).future();
        own.run();
        CHECK(is_sent(sent.get()));
    };
    if (is_new_queue_first) {
        check_new_queue();
    }
    check_is_rejected([&] { inherited.call(SMS, KNOWN).future(); });
    check_is_rejected(
        [&] { inherited.submit(SMS, KNOWN, [captured](const Result &) { CHECK(!"called"); }); });
    CHECK(captured.use_count() == 1);
    check_is_rejected([&] { inherited.run_once(NO_LIMIT); });
    check_is_rejected([&] { inherited.run(); });
    check_is_rejected([&] { inherited.cancel(future.tag()); });
    inherited.wake();
    { const Queue destroyed(std::move(inherited)); }
    try {
        future.get();
        CHECK(!"no exception was thrown");
    } catch (const std::future_error &error) {
        CHECK(error.code() == std::future_errc::broken_promise);
    }
    if (!is_new_queue_first) {
        check_new_queue();
    }
}

// The calls of the parent: half of them with a callback, half with a future, and one that waits for
// its answer until it is cancelled.
struct Calls {
    explicit Calls(Queue &queue) : silent(queue.call(SILENT, KNOWN).future()) {
        for (int i = 0; i < CALLS; i++) {
            queue.submit(SMS, KNOWN, [this](const Result &result) {
                CHECK(is_sent(result.value()));
                called++;
            });
            futures.push_back(queue.call(SMS, KNOWN).future());
        }
    }
    Calls(const Calls &) = delete;

    int called = 0;
    std::vector<Future> futures;
    Future silent;
};

// Forks once the parent has so many results, and waits for the child.
static void run_child(const descope::Client &client, Queue &queue, Calls &calls, int number) {
    const int called_before = calls.called;
    const pid_t child = fork();
    int status = 1;

    CHECK(child >= 0);
    if (child == 0) {
        alarm(CHILD_TIMEOUT_SECONDS);
        failed_checks = 0;
        use_queues_in_child(client, queue, calls.silent, number % 2 == 0);
        CHECK(calls.called == called_before);
        _exit(failed_checks != 0);
    }
    CHECK(waitpid(child, &status, 0) == child && status == 0);
}

static void test_calls_of_the_parent_finish(const descope::Client &client, int forks) {
    Queue queue(client);
    for (int number = 0; number < forks && failed_checks == 0; number++) {
        Calls calls(queue);
        int results = 0;
        // Before the first result in every other round, afterwards at any later moment.
        const int results_before_fork = number % 2 == 0 ? 0 : number % CALLS;
        if (number % 4 == 0) {
            queue.run_once(AT_ONCE);
        }
        while (results < results_before_fork) {
            results += static_cast<int>(queue.run_once(NO_LIMIT));
        }
        CHECK(calls.silent.wait_for(AT_ONCE) == std::future_status::timeout);
        run_child(client, queue, calls, number);
        CHECK(queue.cancel(calls.silent.tag()));
        queue.run();
        CHECK(calls.called == CALLS);
        for (Future &future : calls.futures) {
            CHECK(is_sent(future.get()));
        }
        try {
            calls.silent.get();
            CHECK(!"no exception was thrown");
        } catch (const descope::Error &error) {
            CHECK(error.status() == DESCOPE_E_CANCELLED);
        }
        CHECK(queue.run_once(NO_LIMIT) == 0);
    }
}

int main(int argc, char **argv) {
    if (argc != 3) {
        return 2;
    }
    const descope::Client client{Document(argv[1])};
    test_calls_of_the_parent_finish(client, std::atoi(argv[2]));
    return finish_checks();
}
