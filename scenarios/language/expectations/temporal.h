#pragma once
/// Expectations about the order of events, and the time between them.
///
///   { "never": { "command": "DELE", "before": "stored" } }
///   { "after": { "login-refused": ... }, "within": "30m", "then": "login" }
///
///   CheckResult result = check(expectation, recorder.events(), calendar.now(), scenario.clock);
///
/// Two events that are each about a known message are compared only where it is the same one; an event that is about no
/// message, or about one that is not known, is compared with all.

#include <optional>
#include <span>
#include <string>

#include "base/outcome.h"
#include "json/place.h"
#include "scenarios/language/expectations/events.h"

namespace mailrig::scenarios {

struct TemporalExpectation {
  enum class Form : std::uint8_t {
    never,         // no such event
    never_before,  // each event comes after one of `other`
    never_after,   // no event comes after one of `other` (within the span, where there is one)
    then,          // each event is followed by one of `other` (within the span, where there is one)
  };
  Form form = Form::never;
  EventPattern event = {};
  EventPattern other = {};
  std::optional<Duration> within = {};
  Value wanted = {};  // as written: { "never": ... } or { "after": ..., "then": ... }
  Level level = Level::must;
  Place place = {};

  /// Does it ask for events that only our own client tells?
  bool asks_client() const {
    return word_of(event.kind).of_client || (form != Form::never && word_of(other.kind).of_client);
  }
};

struct TemporalResult {
  bool held = false;
  /// Nothing could be judged: there were events, and of none the span had passed. `actual` tells the first of them.
  bool open = false;
  std::string expected = {};
  std::string actual = {};  // with both events and their times
};

/// `events` in the order in which they happened. A span that has not passed at `now` is not judged, and told as open.
/// Times are told by the calendar, and from `start`.
TemporalResult check(const TemporalExpectation& expectation, std::span<const Event> events, Instant now, Instant start);

/// "never {"command":"DELE"} before "stored""
std::string name_of(const TemporalExpectation& expectation);

}  // namespace mailrig::scenarios
