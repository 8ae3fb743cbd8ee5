#pragma once
/// The only loop between protocol and bytes, for clients and servers, in both worlds.
///
///   Status status = co_await drive(session, *stream, world, {.budget = 10min, .latencies = &latencies});

#include <array>

#include "base/histogram.h"
#include "net/session.h"
#include "net/world.h"

namespace mailrig {

/// Spans per step. In sim virtual time; in net the real time spent on this side, apart from waiting for the peer.
struct StepLatencies {
  std::array<Histogram, step_count> by_step;
  void add(Step step, Duration span) { by_step[static_cast<std::size_t>(step)].add(span); }
};

// A peer that is slower than this over a whole exchange counts as dripping; Postfix draws the same line
// (smtp_min_data_rate, https://www.postfix.org/postconf.5.html#smtp_min_data_rate).
inline constexpr std::uint64_t octets_per_second_min = 500;

struct DriveOptions {
  Duration budget = 6h;  // of the whole session; a session is bounded whatever its peer does
  /// How long the peer may take nothing of what is sent. RFC 5321 §4.5.3.2 asks for 3 minutes per block of DATA.
  Duration write_patience = 5min;
  /// What the patience of a Receive bounds. True: a whole exchange, from the first Receive after a Send to its last
  /// octet, and at Step::retrieve a second more for every `octets_per_second_min` octets that came; so a peer that
  /// drips, or lists without end, cannot hold a session for hours, and a large message over a slow line still has its
  /// time. False: each read.
  bool patience_of_exchange = false;
  StepLatencies* latencies = nullptr;
  /// True: a span counts waiting for the peer (sim). False: it does not (net, where the peer's time is not the
  /// client's).
  bool count_waiting = true;
};

/// Returns what the session said with Done. Never throws; never outlives the budget.
Task<Status> drive(Session& session, Stream& stream, World& world, DriveOptions options);

}  // namespace mailrig
