#include "net/asio/asio_core.h"

#include <fmt/format.h>

#include <algorithm>

#include "net/suspend.h"

namespace mailrig {

Parked::Parked(AsioCore& core, std::string_view what)
    : core_(core), what_(what), since_(core.now()), next_(core.parked_) {
  if (next_ != nullptr) next_->previous_ = this;
  core_.parked_ = this;
}

Parked::~Parked() {
  if (next_ != nullptr) next_->previous_ = previous_;
  (previous_ != nullptr ? previous_->next_ : core_.parked_) = next_;
}

Task<void> Parked::stay() {
  return suspend_with([this](std::unique_ptr<Resumption> resumption) { resumption_ = std::move(resumption); });
}

void Parked::wake() {
  std::unique_ptr<Resumption> woken = std::move(resumption_);
  if (woken) woken->resume();
}

std::vector<std::string> AsioCore::waiting() const {
  std::vector<std::string> all;
  for (const Parked* parked = parked_; parked != nullptr; parked = parked->next_)
    all.push_back(
        fmt::format("{} since +{}", parked->what_,
                    format_duration(std::chrono::floor<std::chrono::milliseconds>(parked->since_.time_since_epoch()))));
  std::reverse(all.begin(), all.end());
  return all;
}

void AsioCore::abandon() {
  // The end of one coroutine may make another wait anew: go on until nobody does.
  do {
    if (parked_ != nullptr) {
      std::unique_ptr<Resumption> ended = std::move(parked_->resumption_);  // posts the end of its coroutine
    }
    context.restart();
    context.poll();
  } while (parked_ != nullptr);
}

Task<void> WaitPoint::wait(std::string_view what, Moment deadline) {
  Parked parked(core_, what);
  parked_ = &parked;
  deadline_ = deadline;
  // Also when the coroutine is destroyed instead of resumed.
  struct Leave {
    WaitPoint& point;
    ~Leave() { point.parked_ = nullptr; }
  } leave{*this};
  co_await parked.stay();
}

void WaitPoint::wake() {
  if (parked_ != nullptr) parked_->wake();
}

}  // namespace mailrig
