#include "scenarios/language/expectations/temporal.h"

#include <fmt/format.h>

#include <unordered_map>

namespace mailrig::scenarios {
namespace {

using Form = TemporalExpectation::Form;

/// The nearest event of one pattern so far, for a walk through all events in one direction.
class Nearest {
 public:
  void note(const Event& event) {
    any_ = &event;
    if (event.message.empty())
      of_no_message_ = &event;
    else
      by_message_[event.message] = &event;
  }

  /// The one noted last that `event` is compared with; null: none.
  const Event* to(const Event& event) const {
    if (event.message.empty()) return any_;
    const auto found = by_message_.find(event.message);
    const Event* same = found == by_message_.end() ? nullptr : found->second;
    if (same == nullptr || of_no_message_ == nullptr) return same == nullptr ? of_no_message_ : same;
    // Notes come in the order of the walk, so the later note is the nearer event.
    return (of_no_message_ > same) == forwards_ ? of_no_message_ : same;
  }

  explicit Nearest(bool forwards) : forwards_(forwards) {}

 private:
  bool forwards_;
  const Event* any_ = nullptr;
  const Event* of_no_message_ = nullptr;
  std::unordered_map<std::string_view, const Event*> by_message_;
};

std::string told(const Event& event, Instant start) {
  const Duration since = event.at - start;
  return fmt::format("{} at {} (+{})", event.text, format_instant(event.at), format_duration(since));
}

std::string within(const TemporalExpectation& expectation) {
  return expectation.within ? fmt::format(" within {}", format_duration(*expectation.within)) : "";
}

std::string expected(const TemporalExpectation& expectation) {
  const std::string& event = expectation.event.text;
  const std::string& other = expectation.other.text;
  switch (expectation.form) {
    case Form::never: return fmt::format("no {}", event);
    case Form::never_before: return fmt::format("no {} before {}", event, other);
    case Form::never_after: return fmt::format("no {} after {}{}", event, other, within(expectation));
    case Form::then: return fmt::format("after {}{}: {}", event, within(expectation), other);
  }
  return {};
}

/// What is wrong, of the first event at which it shows.
struct Broken {
  std::size_t times = 0;
  std::string first;
  std::size_t judged = 0;  // events, of those that another is to follow
  std::string open;        // the first event whose span has not passed

  void add(auto&& tell) {
    if (times++ == 0) first = tell();
  }
};

/// The first event of `pattern` from `from` on that belongs to `event`.
const Event* next_of(const EventPattern& pattern, std::span<const Event> events, const Event& event) {
  for (const Event* other = &event + 1; other != events.data() + events.size(); ++other)
    if (other->fits_pattern(pattern) &&
        (event.message.empty() || other->message.empty() || other->message == event.message))
      return other;
  return nullptr;
}

Broken find_never(const TemporalExpectation& expectation, std::span<const Event> events, Instant start) {
  Broken broken;
  Nearest before(true);
  for (const Event& event : events) {
    if (event.fits_pattern(expectation.event)) {
      const Event* other = before.to(event);
      if (expectation.form == Form::never) {
        broken.add([&] { return told(event, start); });
      } else if (expectation.form == Form::never_before && other == nullptr) {
        broken.add([&] {
          const Event* later = next_of(expectation.other, events, event);
          return fmt::format("{}; {}", told(event, start),
                             later == nullptr ? fmt::format("{} has not happened", expectation.other.text)
                                              : "only then: " + told(*later, start));
        });
      } else if (expectation.form == Form::never_after && other != nullptr &&
                 (!expectation.within || event.at - other->at < *expectation.within)) {
        broken.add([&] { return fmt::format("{}, after {}", told(event, start), told(*other, start)); });
      }
    }
    if (expectation.form != Form::never && event.fits_pattern(expectation.other)) before.note(event);
  }
  return broken;
}

Broken find_then(const TemporalExpectation& expectation, std::span<const Event> events, Instant now, Instant start) {
  // From the last to the first, so that the next one is known; the first that is broken is told.
  Broken broken;
  Nearest after(false);
  for (auto event = events.rbegin(); event != events.rend(); ++event) {
    if (event->fits_pattern(expectation.event)) {
      const Event* other = after.to(*event);
      const bool in_time = other != nullptr && (!expectation.within || other->at - event->at <= *expectation.within);
      const bool open = other == nullptr && expectation.within && now - event->at < *expectation.within;
      if (open)
        broken.open =
            fmt::format("not judged: {}; its span ends at {} (+{}), after this step at +{}", told(*event, start),
                        format_instant(event->at + *expectation.within),
                        format_duration(event->at + *expectation.within - start), format_duration(now - start));
      if (!open) ++broken.judged;
      if (!in_time && !open) {
        ++broken.times;
        broken.first =
            fmt::format("{}; {}", told(*event, start),
                        other == nullptr
                            ? fmt::format("no {} followed up to {} (+{})", expectation.other.text, format_instant(now),
                                          format_duration(now - start))
                            : fmt::format("{} later: {}", format_duration(other->at - event->at), told(*other, start)));
      }
    }
    if (event->fits_pattern(expectation.other)) after.note(*event);
  }
  return broken;
}

}  // namespace

TemporalResult check(const TemporalExpectation& expectation, std::span<const Event> events, Instant now,
                     Instant start) {
  const Broken broken = expectation.form == Form::then ? find_then(expectation, events, now, start)
                                                       : find_never(expectation, events, start);
  if (broken.times == 0 && (broken.judged > 0 || broken.open.empty())) return {.held = true};
  if (broken.times == 0) return {.held = true, .open = true, .expected = expected(expectation), .actual = broken.open};
  std::string actual = broken.first;
  if (broken.times > 1) actual += fmt::format(" (the first of {} times)", broken.times);
  return {.expected = expected(expectation), .actual = std::move(actual)};
}

std::string name_of(const TemporalExpectation& expectation) {
  const std::string text = expected(expectation);
  return expectation.form == Form::then ? text : "never" + text.substr(2);
}

}  // namespace mailrig::scenarios
