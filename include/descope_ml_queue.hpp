// Part of descope_ml.hpp, which includes it: descope::Queue, calls that do not block.
#ifndef DESCOPE_ML_QUEUE_HPP
#define DESCOPE_ML_QUEUE_HPP

#ifndef DESCOPE_ML_HPP
#error "include descope_ml.hpp instead of descope_ml_queue.hpp"
#endif

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace descope {

// The result of a call of a Queue.
class Result {
  public:
    Result(std::int32_t status, std::string document)
        : status_(status), document_(std::move(document)) {}

    // DESCOPE_OK or one of DESCOPE_E_*.
    std::int32_t status() const noexcept { return status_; }
    // The response or the error document, as JSON.
    const std::string &document() const noexcept { return document_; }
    // Returns the response, or throws Error if the call failed.
    Document get() const { return detail::response(status_, document_); }
    // Returns the error, or nullopt if the call succeeded.
    std::optional<Error> error() const {
        if (status_ == DESCOPE_OK) {
            return std::nullopt;
        }
        return Error(status_, document_);
    }

  private:
    std::int32_t status_;
    std::string document_;
};

// The future of a call of a Queue. get() returns the response, or throws Error if the call failed.
// The future becomes ready in Queue::run_once: before that, get() blocks, and on the thread that
// has to call run_once it would block forever.
class Future : public std::future<Document> {
  public:
    Future(std::future<Document> base, std::uint64_t tag) noexcept
        : std::future<Document>(std::move(base)), tag_(tag) {}

    // The tag for Queue::cancel.
    std::uint64_t tag() const noexcept { return tag_; }

  private:
    std::uint64_t tag_;
};

// Calls that do not block: any number of them at the same time, without a thread. They make
// progress in run_once and run only. Wait for fd() in an event loop and then call run_once with
// 0 ms, or let run_once wait.
//
// Threads: call submit, cancel, wake, fd and timeout from any thread. Only one thread at a time may
// be in run_once or run of a queue: the callbacks run there. They may use the queue, but must not
// move or destroy it.
//
// The destructor cancels the calls in progress. Their callbacks do not run, and their futures throw
// std::future_error with broken_promise; the service may have processed these calls. After a move,
// the old object can only be destroyed or assigned to. A forked child creates its own queues.
class Queue {
  public:
    using Callback = std::function<void(const Result &)>;

    // Creates a queue for the default client. Throws Error.
    Queue() : Queue(nullptr) {}
    // Creates a queue for a client, which may be destroyed before the queue. Throws Error.
    explicit Queue(const Client &client) : Queue(pointer(client)) {}

    // Starts a call by name, e.g. "magiclink/signin/sms", and returns its tag at once. The timeout
    // of the call counts from now. Throws Error if the operation or the request is invalid; then
    // the callback does not run. All later errors are passed to the callback. An empty callback
    // ignores the result.
    std::uint64_t submit(std::string_view operation, const Document &request, Callback callback) {
        const std::string name = detail::c_text(operation);
        const std::string json = detail::c_text(request.str());
        const std::uint64_t tag = callbacks_->add(std::move(callback));
        try {
            detail::run([&](char **out) {
                return descope_queue_submit(queue_.get(), name.c_str(), json.c_str(), tag, out);
            });
        } catch (...) {
            callbacks_->take(tag);
            throw;
        }
        return tag;
    }

    // The same, but returns a future, which has the tag.
    Future submit(std::string_view operation, const Document &request) {
        const auto promise = std::make_shared<std::promise<Document>>();
        std::future<Document> future = promise->get_future();
        const std::uint64_t tag = submit(operation, request, [promise](const Result &result) {
            try {
                promise->set_value(result.get());
            } catch (...) {
                promise->set_exception(std::current_exception());
            }
        });
        return Future(std::move(future), tag);
    }

    // Waits until a call has finished, at most for the timeout; negative: no limit. Then runs the
    // callbacks of all calls that have finished, and returns their number. Returns 0 after the
    // timeout, wake or a signal, and at once if there is no call. Throws Error if another thread is
    // in run_once, inside a log callback and in a forked child.
    //
    // An exception of a callback leaves run_once. The next run_once runs the remaining callbacks at
    // once, and fd() is readable until then.
    std::size_t run_once(std::chrono::milliseconds timeout) {
        std::size_t count = 0;
        // The calls that callbacks submit have to wait for the next run_once. Otherwise callbacks
        // that submit more and more calls would keep the event loop waiting.
        std::size_t limit = 1;
        for (; count < limit; ++count) {
            const auto finished = next(count == 0 ? timeout : std::chrono::milliseconds(0));
            if (!finished) {
                break;
            }
            if (count == 0) {
                limit += callbacks_->size();
            }
            const auto &[callback, result] = *finished;
            if (callback) {
                callback(result);
            }
        }
        return count;
    }

    // Runs the callbacks until no call is left. wake and signals do not end it.
    void run() {
        while (callbacks_->size() > 0) {
            run_once(std::chrono::milliseconds(-1));
        }
    }

    // Cancels a call. Its result has the status DESCOPE_E_CANCELLED, and the outcome says whether
    // the service may have processed it. A call that has finished already keeps its result. Returns
    // false if no call has this tag.
    bool cancel(std::uint64_t tag) {
        const std::int32_t status = descope_queue_cancel(queue_.get(), tag);
        if (status != DESCOPE_OK && status != DESCOPE_E_NOT_FOUND) {
            throw Error(status, "");
        }
        return status == DESCOPE_OK;
    }

    // Lets the current run_once return at once; if there is none, the following one. Can be called
    // in a signal handler.
    void wake() noexcept { descope_queue_wake(queue_.get()); }

    // The descriptor for an event loop: readable exactly while run_once has something to do. Do
    // nothing with it but wait.
    int fd() const noexcept { return descope_queue_fd(queue_.get()); }

    // After which time run_once has to be called even if fd() is not readable. Negative: never; on
    // Linux it always is.
    std::chrono::milliseconds timeout() const noexcept {
        return std::chrono::milliseconds(descope_queue_timeout(queue_.get()));
    }

  private:
    struct Free {
        void operator()(descope_queue *queue) const noexcept { descope_queue_free(queue); }
    };

    // The callbacks of the calls in progress. Nothing of the caller runs while the lock is held.
    class Callbacks {
      public:
        std::uint64_t add(Callback callback) {
            const std::lock_guard<std::mutex> lock(mutex_);
            callbacks_.emplace(++last_tag_, std::move(callback));
            return last_tag_;
        }

        Callback take(std::uint64_t tag) {
            const std::lock_guard<std::mutex> lock(mutex_);
            Callback callback;
            if (const auto found = callbacks_.extract(tag)) {
                callback.swap(found.mapped());
            }
            return callback;
        }

        std::size_t size() const {
            const std::lock_guard<std::mutex> lock(mutex_);
            return callbacks_.size();
        }

      private:
        mutable std::mutex mutex_{};
        std::uint64_t last_tag_ = 0;
        std::unordered_map<std::uint64_t, Callback> callbacks_{};
    };

    // NULL would be the default client.
    static const descope_client *pointer(const Client &client) {
        if (!client.client_) {
            throw std::invalid_argument("descope: the client was moved: use the new object");
        }
        return client.client_.get();
    }

    explicit Queue(const descope_client *client)
        : callbacks_(std::make_unique<Callbacks>()), queue_() {
        descope_queue *queue = nullptr;
        detail::run([&](char **out) { return descope_queue_new(client, &queue, out); });
        queue_.reset(queue);
    }

    // Returns a call that has finished, and its callback.
    std::optional<std::pair<Callback, Result>> next(std::chrono::milliseconds timeout) {
        const auto milliseconds = std::clamp<std::int64_t>(timeout.count(), -1, INT32_MAX);
        std::uint64_t tag = 0;
        std::int32_t status = DESCOPE_OK;
        char *out = nullptr;
        const std::int32_t progress = descope_queue_next(
            queue_.get(), static_cast<std::int32_t>(milliseconds), &tag, &status, &out);
        const detail::String owner(out);
        if (progress == DESCOPE_PENDING || progress == DESCOPE_E_NOT_FOUND) {
            return std::nullopt;
        }
        if (progress != DESCOPE_OK) {
            throw Error(progress, out ? out : "");
        }
        // Before anything that allocates memory: a future must not stay in the map if that fails.
        Callback callback = callbacks_->take(tag);
        return std::pair(std::move(callback), Result(status, out ? out : ""));
    }

    std::unique_ptr<Callbacks> callbacks_;
    std::unique_ptr<descope_queue, Free> queue_;
};

} // namespace descope

#endif // DESCOPE_ML_QUEUE_HPP
