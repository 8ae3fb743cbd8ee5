#include "fakeservers/crm/limits.h"

#include <utility>

namespace mailrig::fakeservers::crm {
namespace {
constexpr Duration credit_window = 24h;
}

Limits::Running::Running(Limits& limits, bool heavy) : limits_(&limits), heavy_(heavy) {
  ++limits.running_;
  if (heavy) ++limits.heavy_running_;
}
Limits::Running::Running(Running&& other) noexcept
    : limits_(std::exchange(other.limits_, nullptr)), heavy_(other.heavy_) {}
Limits::Running& Limits::Running::operator=(Running&& other) noexcept {
  std::swap(limits_, other.limits_);
  std::swap(heavy_, other.heavy_);
  return *this;
}
Limits::Running::~Running() {
  if (limits_ == nullptr) return;
  --limits_->running_;
  if (heavy_) --limits_->heavy_running_;
}

std::uint64_t Limits::used(Instant now) {
  for (; !charges_.empty() && charges_.front().at + credit_window <= now; charges_.pop_front())
    used_ -= charges_.front().cost;
  return used_;
}

std::uint64_t Limits::remaining(Instant now) {
  std::uint64_t spent = used(now);
  return spent >= settings_.credits ? 0 : settings_.credits - spent;
}

std::optional<Limits::Running> Limits::begin(CallWeight weight, Instant now) {
  if (running_ >= settings_.concurrency || (weight.heavy && heavy_running_ >= settings_.heavy_concurrency))
    return std::nullopt;
  if (weight.cost > remaining(now)) return std::nullopt;
  // Calls of one instant are one entry: a loop without virtual time passing costs no memory.
  if (!charges_.empty() && charges_.back().at == now)
    charges_.back().cost += weight.cost;
  else
    charges_.push_back({now, weight.cost});
  used_ += weight.cost;
  return Running(*this, weight.heavy);
}

}  // namespace mailrig::fakeservers::crm
