#pragma once
/// The one place where a coroutine of ours is parked outside of Asio's own operations. For .cc files of net/ only: it
/// brings Asio's completion machinery with it.

#include <boost/asio/async_result.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <utility>

#include "net/loop.h"

namespace mailrig {

template <class Handler>
class HandlerResumption final : public Resumption {
 public:
  explicit HandlerResumption(Handler handler) : handler_(std::move(handler)) {}
  void resume() override {
    Handler handler = std::move(handler_);  // what holds this object may live in the coroutine, and end with it
    std::move(handler)();
  }

 private:
  Handler handler_;
};

/// Suspends the awaiting coroutine and hands its resumption to `keep`, which must not resume it before returning.
template <class Keep>
Task<void> suspend_with(Keep keep) {
  return boost::asio::async_initiate<const boost::asio::use_awaitable_t<>&, void()>(
      [keep = std::move(keep)](auto handler) mutable {
        keep(std::unique_ptr<Resumption>(std::make_unique<HandlerResumption<decltype(handler)>>(std::move(handler))));
      },
      boost::asio::use_awaitable);
}

}  // namespace mailrig
