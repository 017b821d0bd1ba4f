// Part of descope_ml_queue.hpp, which includes it: the calls of a descope::Queue, and what follows
// them.
#ifndef DESCOPE_ML_QUEUE_CALLS_HPP
#define DESCOPE_ML_QUEUE_CALLS_HPP

#ifndef DESCOPE_ML_QUEUE_HPP
#error "include descope_ml_queue.hpp"
#endif

#include <cstddef>
#include <cstdint>
#include <exception>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <type_traits>
#include <unordered_map>
#include <utility>

#ifdef __cpp_impl_coroutine
#include <coroutine>
#endif

// Up to version 12, gcc destroys a temporary aggregate in a co_await expression twice. There,
// co_await queue.sign_in_sms({"…"}) does not compile: give the request a name.
#ifndef DESCOPE_ML_NO_TEMPORARIES_IN_AWAIT
#if defined(__cpp_impl_coroutine) && defined(__GNUC__) && !defined(__clang__) && __GNUC__ < 13
#define DESCOPE_ML_NO_TEMPORARIES_IN_AWAIT 1
#else
#define DESCOPE_ML_NO_TEMPORARIES_IN_AWAIT 0
#endif
#endif

namespace descope {
inline namespace DESCOPE_ML_VARIANT {
namespace detail {

#if DESCOPE_ML_NO_TEMPORARIES_IN_AWAIT
// A call with a temporary request.
template <typename Call> struct Unawaitable : Call {
    void operator co_await() && = delete; // Give the request a name.
};
#endif

// The status and the document of a call that has ended.
struct Ending {
    template <typename Response> Result<Response> result() && {
        if (status != DESCOPE_OK) {
            return Failure(Error(status, std::move(document)));
        }
        if constexpr (std::is_same_v<Response, Document>) {
            return Document(std::move(document));
        } else {
            return Response(Document(std::move(document)));
        }
    }

    std::int32_t status;
    std::string document;
};

// What follows a call of a queue.
class Continuation {
  public:
    Continuation() = default;
    Continuation(const Continuation &) = delete;
    Continuation &operator=(const Continuation &) = delete;
    virtual ~Continuation() = default;
    virtual void run(Ending ending) = 0;
};

template <typename Response, typename Callback> class CallbackContinuation : public Continuation {
  public:
    explicit CallbackContinuation(Callback callback) : callback_(std::move(callback)) {}
    void run(Ending ending) override { callback_(std::move(ending).template result<Response>()); }

  private:
    Callback callback_;
};

// A queue of the library, and the continuations of its calls. Nothing of the caller runs while the
// lock is held.
class QueueState {
  public:
    explicit QueueState(descope_queue *queue) : queue_(queue) {}

    descope_queue *queue() const noexcept { return queue_.get(); }

    // A tag for a call.
    std::uint64_t reserve_tag() {
        const std::lock_guard<std::mutex> lock(mutex_);
        return ++last_tag_;
    }

    // Starts a call. If that fails, the continuation does not run.
    Result<void> submit(std::uint64_t tag, const std::string &operation, const std::string &json,
                        std::unique_ptr<Continuation> continuation) {
        put(tag, std::move(continuation));
        Result<void> submitted = detail::run<void>([&](char **out) {
            return descope_queue_submit(queue(), operation.c_str(), json.c_str(), tag, out);
        });
        if (!submitted) {
            take(tag);
        }
        return submitted;
    }

    // Removes the continuation of a call, or nothing if it is unknown.
    std::unique_ptr<Continuation> take(std::uint64_t tag) {
        const std::lock_guard<std::mutex> lock(mutex_);
        const auto found = continuations_.extract(tag);
        return found ? std::move(found.mapped()) : nullptr;
    }

    // Cancels a call without a continuation.
    void abandon(std::uint64_t tag) {
        std::unique_ptr<Continuation> dropped;
        {
            const std::lock_guard<std::mutex> lock(mutex_);
            const auto found = continuations_.find(tag);
            if (found == continuations_.end()) {
                return;
            }
            dropped.swap(found->second);
        }
        descope_queue_cancel(queue(), tag);
    }

    std::size_t size() const {
        const std::lock_guard<std::mutex> lock(mutex_);
        return continuations_.size();
    }

  private:
    void put(std::uint64_t tag, std::unique_ptr<Continuation> continuation) {
        const std::lock_guard<std::mutex> lock(mutex_);
        continuations_.emplace(tag, std::move(continuation));
    }

    mutable std::mutex mutex_{};
    std::uint64_t last_tag_ = 0;
    std::unordered_map<std::uint64_t, std::unique_ptr<Continuation>> continuations_{};
    // Freed first: it ends the calls in progress.
    Handle<descope_queue, descope_queue_free> queue_;
};

// A call that has not started.
struct Start {
    // Starts it, with a callback that gets a Result. nullptr ignores the result.
    template <typename Response, typename Callback>
    Result<std::uint64_t> submit(Callback &&callback) const {
        using Owned = std::decay_t<Callback>;
        std::unique_ptr<Continuation> continuation;
        if constexpr (!std::is_null_pointer_v<Owned>) {
            continuation = std::make_unique<CallbackContinuation<Response, Owned>>(
                std::forward<Callback>(callback));
        }
        const std::uint64_t tag = state->reserve_tag();
        Result<void> submitted = state->submit(tag, operation, json, std::move(continuation));
        if (!submitted) {
            return Failure(std::move(submitted).error());
        }
        return tag;
    }

    std::shared_ptr<QueueState> state;
    std::string operation;
    std::string json;
};

#ifdef __cpp_impl_coroutine

// Waits in a coroutine for a call.
template <typename Response> class Awaiter {
  public:
    explicit Awaiter(Start start) : start_(std::move(start)) {}
    Awaiter(const Awaiter &) = delete;
    Awaiter &operator=(const Awaiter &) = delete;
    // A coroutine that is destroyed while it waits cancels its call.
    ~Awaiter() {
        const auto state = state_.lock();
        if (state && tag_ != 0) {
            state->abandon(tag_);
        }
    }

    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> coroutine) {
        // The queue may be destroyed while the coroutine waits.
        const auto state = std::move(start_.state);
        state_ = state;
        tag_ = state->reserve_tag();
        Result<void> submitted = state->submit(tag_, start_.operation, start_.json,
                                               std::make_unique<Resume>(*this, coroutine));
        if (submitted) {
            // Another thread may have resumed the coroutine already: the awaiter is gone then.
            return true;
        }
        tag_ = 0;
        result_.emplace(Failure(std::move(submitted).error()));
        return false;
    }
    Result<Response> take() { return *std::move(result_); }

  private:
    class Resume : public Continuation {
      public:
        Resume(Awaiter &awaiter, std::coroutine_handle<> coroutine)
            : awaiter_(awaiter), coroutine_(coroutine) {}
        void run(Ending ending) override {
            awaiter_.tag_ = 0;
            awaiter_.result_.emplace(std::move(ending).template result<Response>());
            coroutine_.resume();
        }

      private:
        Awaiter &awaiter_;
        std::coroutine_handle<> coroutine_;
    };

    Start start_;
    std::weak_ptr<QueueState> state_{};
    std::uint64_t tag_ = 0;
    std::optional<Result<Response>> result_{};
};

template <typename Response> class ResultAwaiter : public Awaiter<Response> {
  public:
    using Awaiter<Response>::Awaiter;
    [[nodiscard]] Result<Response> await_resume() { return this->take(); }
};

#if DESCOPE_ML_EXCEPTIONS
template <typename Response> class ThrowingAwaiter : public Awaiter<Response> {
  public:
    using Awaiter<Response>::Awaiter;
    Response await_resume() { return value_or_throw(this->take()); }
};
#endif

#endif

} // namespace detail

// A future of a call, and the tag for Queue::cancel. The future becomes ready in Queue::run_once:
// before that, get() blocks, and on the thread that has to call run_once it would block forever.
template <typename Value> class Future : public std::future<Value> {
  public:
    Future(std::future<Value> base, std::uint64_t tag) noexcept
        : std::future<Value>(std::move(base)), tag_(tag) {}

    std::uint64_t tag() const noexcept { return tag_; }

  private:
    std::uint64_t tag_;
};

// A call of a queue that has not started. One of its functions, or co_await, starts it.
template <typename Response> class [[nodiscard]] TryQueueCall {
  public:
    TryQueueCall(std::shared_ptr<detail::QueueState> state, std::string operation, std::string json)
        : start_{std::move(state), std::move(operation), std::move(json)} {}

    // Starts it. The callback gets a Result<Response> in run_once; nullptr ignores it. Returns the
    // tag, or what is wrong with the operation or the request: then the callback does not run.
    template <typename Callback>
    [[nodiscard]] Result<std::uint64_t> submit(Callback &&callback) const {
        return start_.submit<Response>(std::forward<Callback>(callback));
    }

    // Starts it. The future gets the response or the error.
    Future<Result<Response>> future() const {
        auto promise = std::make_shared<std::promise<Result<Response>>>();
        std::future<Result<Response>> future = promise->get_future();
        Result<std::uint64_t> tag =
            submit([promise](Result<Response> result) { promise->set_value(std::move(result)); });
        if (!tag) {
            promise->set_value(detail::Failure(std::move(tag).error()));
        }
        return {std::move(future), tag ? *tag : 0};
    }

#ifdef __cpp_impl_coroutine
    // co_await starts it and gives the Result. The coroutine continues in run_once. A coroutine
    // that is destroyed meanwhile, where run_once does not run, cancels the call.
    auto operator co_await() && {
        return detail::ResultAwaiter<Response>(std::move(start_));
    }
#endif

  private:
    detail::Start start_;
};

#if DESCOPE_ML_EXCEPTIONS
// The same with exceptions. A callback gets a Result nevertheless.
template <typename Response> class [[nodiscard]] QueueCall {
  public:
    QueueCall(std::shared_ptr<detail::QueueState> state, std::string operation, std::string json)
        : start_{std::move(state), std::move(operation), std::move(json)} {}

    template <typename Callback> std::uint64_t submit(Callback &&callback) const {
        return detail::value_or_throw(start_.submit<Response>(std::forward<Callback>(callback)));
    }

    Future<Response> future() const {
        std::promise<Response> promise;
        std::future<Response> future = promise.get_future();
        const std::uint64_t tag =
            submit([promise = std::move(promise)](Result<Response> result) mutable {
                if (result) {
                    promise.set_value(*std::move(result));
                } else {
                    promise.set_exception(std::make_exception_ptr(std::move(result).error()));
                }
            });
        return {std::move(future), tag};
    }

#ifdef __cpp_impl_coroutine
    auto operator co_await() && {
        return detail::ThrowingAwaiter<Response>(std::move(start_));
    }
#endif

  private:
    detail::Start start_;
};
#endif

} // namespace DESCOPE_ML_VARIANT
} // namespace descope

#endif // DESCOPE_ML_QUEUE_CALLS_HPP
