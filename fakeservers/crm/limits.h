#pragma once
/// What an organisation may ask for: credits in any 24 hours, and calls at the same time.
///
///   Limits limits(settings);
///   std::optional<Limits::Running> call = limits.begin({.cost = 1, .heavy = true}, now);   // nothing: answer 429
///   limits.remaining(now) == 50'999;                                                       // the call ends with
///   `call`

#include <cstdint>
#include <deque>
#include <optional>

#include "fakeservers/crm/settings.h"

namespace mailrig::fakeservers::crm {

struct CallWeight {
  std::uint64_t cost = 1;
  bool heavy = false;  // counts toward the lower limit of calls at the same time
};

class Limits {
 public:
  explicit Limits(const Settings& settings) : settings_(settings) {}

  /// A call in progress; it ends when this goes.
  class Running {
   public:
    Running(Limits& limits, bool heavy);
    Running(Running&& other) noexcept;
    Running& operator=(Running&& other) noexcept;
    ~Running();

   private:
    Limits* limits_;
    bool heavy_;
  };

  /// Charges the call and counts it as running; nothing where a limit is passed, which costs nothing.
  std::optional<Running> begin(CallWeight weight, Instant now);
  std::uint64_t used(Instant now);
  std::uint64_t remaining(Instant now);
  std::uint64_t running() const { return running_; }

 private:
  struct Charge {
    Instant at;
    std::uint64_t cost;
  };

  const Settings& settings_;
  std::deque<Charge> charges_;
  std::uint64_t used_ = 0;
  std::uint64_t running_ = 0;
  std::uint64_t heavy_running_ = 0;
};

}  // namespace mailrig::fakeservers::crm
