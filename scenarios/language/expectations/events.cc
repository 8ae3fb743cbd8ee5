#include "scenarios/language/expectations/events.h"

#include <algorithm>

namespace mailrig::scenarios {
namespace {

using FieldList = std::string_view;

constexpr FieldList of_connection[] = {"server"};
constexpr FieldList of_command[] = {"command", "server", "argument", "mailbox", "uid"};
constexpr FieldList of_reply[] = {"reply", "server", "command", "mailbox", "uid"};
constexpr FieldList of_login[] = {"server", "mailbox"};
constexpr FieldList of_message[] = {"server", "mailbox", "uid"};
constexpr FieldList of_end[] = {"end", "server", "mailbox"};
constexpr FieldList of_stored[] = {"account", "uid"};
constexpr FieldList of_state[] = {"state", "account"};

// In the order of EventKind.
constexpr std::array<EventWord, event_kinds> words{{{"connected", of_connection},
                                                    {"command", of_command},
                                                    {"reply", of_reply},
                                                    {"login", of_login},
                                                    {"login-refused", of_login},
                                                    {"fault", of_connection},
                                                    {"retrieved", of_message},
                                                    {"accepted", of_connection},
                                                    {"associated", of_connection},
                                                    {"ended", of_end},
                                                    {"stored", of_stored, true},
                                                    {"state", of_state, true},
                                                    {"outbox", of_state, true},
                                                    {"early", of_connection}}};

constexpr auto kind_names = [] {
  std::array<std::string_view, event_kinds> all{};
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = words[i].name;
  return all;
}();

}  // namespace

const EventWord& word_of(EventKind kind) { return words[static_cast<std::size_t>(kind)]; }
std::span<const std::string_view> event_names() { return kind_names; }

std::optional<EventKind> find_kind(std::string_view name) {
  const auto* found = std::ranges::find(kind_names, name);
  if (found == kind_names.end()) return std::nullopt;
  return static_cast<EventKind>(found - kind_names.begin());
}

bool fits(const EventPattern& pattern, const EventFields& fields) {
  return std::ranges::all_of(pattern.filters, [&](const auto& filter) {
    const auto found = std::ranges::find(fields, filter.first, &EventFields::value_type::first);
    return found != fields.end() && holds(filter.second, Value(found->second));
  });
}

}  // namespace mailrig::scenarios
