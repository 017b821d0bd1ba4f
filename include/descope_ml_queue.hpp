// libdescope_ml for C++: calls that do not block, with callbacks, futures and coroutines.
//
//     descope::Queue queue(client);
//     queue.sign_in_sms(request, [](descope::Result<descope::LinkSent> sent) { … });
//     std::future<descope::LinkSent> sent = queue.sign_in_sms(request).future();
//     descope::LinkSent sent = co_await queue.sign_in_sms(request);
//
// The calls make progress in Queue::run_once and run, and end there.
#ifndef DESCOPE_ML_QUEUE_HPP
#define DESCOPE_ML_QUEUE_HPP

#include <descope_ml.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

#include <descope_ml_queue_calls.hpp>

#include <descope_ml_queue_operations.hpp>

namespace descope {
inline namespace DESCOPE_ML_VARIANT {

// Calls that do not block: any number of them at the same time, without a thread. They make
// progress in run_once and run only. Wait for fd() in an event loop and then call run_once with
// 0 ms, or let run_once wait. The timeout of a call counts from its start.
//
// Threads: call everything but run_once and run from any thread. Only one thread at a time may be
// in run_once or run of a queue: callbacks and coroutines continue there. They may use the queue,
// but must not move or destroy it.
//
// The destructor cancels the calls in progress. Their callbacks do not run, their coroutines do not
// continue, and their futures throw std::future_error with broken_promise; the service may have
// processed these calls. After a move, the old object can only be destroyed or assigned to. A
// forked child creates its own queues.
class Queue : public QueueOperations<> {
  public:
    // Creates a queue for the default client.
    [[nodiscard]] static Result<Queue> create() { return create_from(nullptr); }
    // Creates a queue for a client, which may be destroyed before the queue.
    [[nodiscard]] static Result<Queue> create(const Client &client) {
        if (client.client_.get() == nullptr) { // NULL would be the default client.
            return detail::Failure(client.try_warm_up().error());
        }
        return create_from(client.client_.get());
    }

    // A call by name, e.g. "magiclink/signin/sms", with a request as text.
    TryQueueCall<Document> try_call(std::string_view operation, const Document &request) {
        return {state_, detail::c_text(operation), detail::c_text(request.str())};
    }
    // Starts it.
    template <typename Callback>
    [[nodiscard]] Result<std::uint64_t> try_submit(std::string_view operation,
                                                   const Document &request, Callback &&callback) {
        return try_call(operation, request).submit(std::forward<Callback>(callback));
    }

    // Waits until a call has finished, at most for the timeout; negative: no limit. Then runs what
    // follows all calls that have finished, and returns their number. Returns 0 after the timeout,
    // wake or a signal, and at once if there is no call. Returns an error if another thread is in
    // run_once, inside a log callback and in a forked child.
    //
    // An exception of a callback leaves run_once. The next run_once runs the remaining callbacks at
    // once, and fd() is readable until then.
    [[nodiscard]] Result<std::size_t> try_run_once(std::chrono::milliseconds timeout) {
        std::size_t count = 0;
        // The calls that callbacks submit have to wait for the next run_once. Otherwise callbacks
        // that submit more and more calls would keep the event loop waiting.
        std::size_t limit = 1;
        for (; count < limit; ++count) {
            Result<bool> finished = run_next(count == 0 ? timeout : std::chrono::milliseconds(0),
                                             [&] { limit += count == 0 ? state_->size() : 0; });
            if (!finished) {
                return detail::Failure(std::move(finished).error());
            }
            if (!*finished) {
                break;
            }
        }
        return count;
    }

    // Runs the callbacks until no call is left. wake and signals do not end it.
    [[nodiscard]] Result<void> try_run() {
        while (state_->size() > 0) {
            Result<std::size_t> count = try_run_once(std::chrono::milliseconds(-1));
            if (!count) {
                return detail::Failure(std::move(count).error());
            }
        }
        return {};
    }

    // Cancels a call. Its result has the status DESCOPE_E_CANCELLED, and the outcome says whether
    // the service may have processed it. A call that has finished already keeps its result. Returns
    // false if no call has this tag.
    [[nodiscard]] Result<bool> try_cancel(std::uint64_t tag) {
        const std::int32_t status = descope_queue_cancel(pointer(), tag);
        if (status != DESCOPE_OK && status != DESCOPE_E_NOT_FOUND) {
            return detail::Failure(Error(status, ""));
        }
        return status == DESCOPE_OK;
    }

#if DESCOPE_ML_EXCEPTIONS
    // The same functions with exceptions.
    Queue() : Queue(detail::value_or_throw(create())) {}
    explicit Queue(const Client &client) : Queue(detail::value_or_throw(create(client))) {}

    QueueCall<Document> call(std::string_view operation, const Document &request) {
        return {state_, detail::c_text(operation), detail::c_text(request.str())};
    }
    template <typename Callback>
    std::uint64_t submit(std::string_view operation, const Document &request, Callback &&callback) {
        return call(operation, request).submit(std::forward<Callback>(callback));
    }
    std::size_t run_once(std::chrono::milliseconds timeout) {
        return detail::value_or_throw(try_run_once(timeout));
    }
    void run() {
        detail::value_or_throw(try_run());
    }
    bool cancel(std::uint64_t tag) {
        return detail::value_or_throw(try_cancel(tag));
    }
#endif

    // Lets the current run_once return at once; if there is none, the following one. Can be called
    // in a signal handler.
    void wake() noexcept {
        descope_queue_wake(pointer());
    }

    // The descriptor for an event loop: readable exactly while run_once has something to do. Do
    // nothing with it but wait.
    int fd() const noexcept {
        return descope_queue_fd(pointer());
    }

    // The same on Windows: an event HANDLE, signaled exactly while run_once has something to do.
    // NULL elsewhere, as fd() is -1 there.
    void *event() const noexcept {
        return descope_queue_event(pointer());
    }

    // After which time run_once has to be called even if fd() is not readable. Negative: never; on
    // Linux and Windows it always is.
    std::chrono::milliseconds timeout() const noexcept {
        return std::chrono::milliseconds(descope_queue_timeout(pointer()));
    }

  private:
    using QueueOperations<>::QueueOperations;

    // NULL after a move.
    descope_queue *pointer() const noexcept {
        return state_ ? state_->queue() : nullptr;
    }

    static Result<Queue> create_from(const descope_client *client) {
        descope_queue *queue = nullptr;
        Result<void> created =
            detail::run<void>([&](char **out) { return descope_queue_new(client, &queue, out); });
        if (!created) {
            return detail::Failure(std::move(created).error());
        }
        return Queue(std::make_shared<detail::QueueState>(queue));
    }

    // Runs what follows one call that has finished. Returns false if none has finished in time.
    template <typename Function>
    Result<bool> run_next(std::chrono::milliseconds timeout, Function before) {
        const auto milliseconds = std::clamp<std::int64_t>(timeout.count(), -1, INT32_MAX);
        std::uint64_t tag = 0;
        std::int32_t status = DESCOPE_OK;
        char *out = nullptr;
        const std::int32_t progress = descope_queue_next(
            pointer(), static_cast<std::int32_t>(milliseconds), &tag, &status, &out);
        const detail::String owner(out);
        if (progress == DESCOPE_PENDING || progress == DESCOPE_E_NOT_FOUND) {
            return false;
        }
        if (progress != DESCOPE_OK) {
            return detail::Failure(Error(progress, out ? out : ""));
        }
        // Before anything that allocates memory: it must not stay in the map if that fails.
        const std::unique_ptr<detail::Continuation> continuation = state_->take(tag);
        before();
        if (continuation) {
            continuation->run({status, out ? out : ""});
        }
        return true;
    }
};

} // namespace DESCOPE_ML_VARIANT
} // namespace descope

#endif // DESCOPE_ML_QUEUE_HPP
