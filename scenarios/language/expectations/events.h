#pragma once
/// What happens in a run, for expectations about order and time (scenarios/language/expectations/temporal.h).
///
///   EventPattern pattern{.kind = EventKind::command, .filters = {{"command", *Condition::parse("DELE")}}};
///   find_kind("login-refused") == EventKind::login_refused
///
/// An event has the fields that its kind lists, no others. Only events that some pattern of the scenario fits are kept.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "scenarios/language/expectations/expectation.h"

namespace mailrig::scenarios {

enum class EventKind : std::uint8_t {
  connected,      // a connection begins a session
  command,        // a server read a command
  reply,          // the first line of a reply, or the greeting, is on its way
  login,          // a server took a login
  login_refused,  // and refused one
  fault,          // a fault of the scenario holds for an exchange
  retrieved,      // RETR is answered with a message, whole
  accepted,       // an SMTP server took a message
  associated,     // the CRM put an e-mail on a record
  ended,          // a session is over
  stored,         // the client's store has committed a message
  state,          // the state of an account changed
  outbox,         // a message to be sent is queued, or its state changed
  early,          // a client talked before the greeting
};
inline constexpr std::size_t event_kinds = 14;

struct EventWord {
  std::string_view name;                     // "login-refused"
  std::span<const std::string_view> fields;  // what a pattern can ask for; the first says the kind where it is unique
  bool of_client = false;                    // known only where the client is ours
};
const EventWord& word_of(EventKind kind);
std::span<const std::string_view> event_names();  // in the order of EventKind
std::optional<EventKind> find_kind(std::string_view name);

/// What fits: all filters hold for the fields of the event. A field that the event does not have is not met.
struct EventPattern {
  EventKind kind = EventKind::connected;
  std::vector<std::pair<std::string, Condition>> filters = {};
  std::string text = {};   // as written: {"command":"DELE"}
  std::size_t number = 0;  // among the patterns of the scenario
};

using EventFields = std::vector<std::pair<std::string_view, std::string_view>>;
bool fits(const EventPattern& pattern, const EventFields& fields);

/// As many patterns as a scenario can have: each is a bit of Event::fits.
inline constexpr std::size_t patterns_max = 64;

struct Event {
  Instant at{};
  std::uint64_t fits = 0;    // the patterns, by number
  std::string message = {};  // which one, where that is known: the same in events of the client and of servers
  std::string text = {};     // "DELE 3 of message \"U17\" (isp#1)"
  bool fits_pattern(const EventPattern& pattern) const { return (fits >> pattern.number & 1U) != 0; }
};

}  // namespace mailrig::scenarios
