#pragma once
/// The only loop between protocol and bytes, for clients and servers, in both worlds.
///
///   Status status = co_await drive(session, *stream, world, {.budget = 10min, .latencies = &latencies});

#include <array>
#include <functional>

#include "base/histogram.h"
#include "net/session.h"
#include "net/world.h"

namespace mailrig {

/// Spans per step. In sim virtual time; in net the real time spent on this side, apart from waiting for the peer.
struct StepLatencies {
  std::array<Histogram, step_count> by_step;
  void add(Step step, Duration span) { by_step[static_cast<std::size_t>(step)].add(span); }
};

struct DriveOptions {
  Duration budget = 6h;  // of the whole session; a session is bounded whatever its peer does
  /// Makes durable what the session handed over; asked at Commit. Without one a Commit succeeds.
  std::function<Status()> commit = {};
  StepLatencies* latencies = nullptr;
  /// True: a span counts waiting for the peer (sim). False: it does not (net, where the peer's time is not the
  /// client's).
  bool count_waiting = true;
};

/// Returns what the session said with Done. Never throws; never outlives the budget.
Task<Status> drive(Session& session, Stream& stream, World& world, DriveOptions options);

}  // namespace mailrig
