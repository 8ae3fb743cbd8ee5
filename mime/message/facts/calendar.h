#pragma once
/// The facts of an invitation: iCalendar (RFC 5545) in a part of text/calendar.
///
///   CalendarFacts facts = read_calendar(text_of(message, part).content);
///   facts.method == "REQUEST";  facts.components[0].find("summary")->value == "Lunch"
///
/// Properties of events, to-dos and journal entries, as they are written but unfolded and unescaped. Nothing is
/// computed: recurrences and time zones are left to a calendar program. What is not a content line is passed over.

#include <string>
#include <string_view>
#include <vector>

namespace mailrig::mime {

struct CalendarProperty {
  std::string name;  // lower case
  std::string value;
  std::vector<std::pair<std::string, std::string>> parameters;  // names in lower case
};

struct CalendarComponent {
  std::string kind;  // lower case: "vevent"
  std::vector<CalendarProperty> properties;

  /// The first of this name, or null.
  const CalendarProperty* find(std::string_view lower_case_name) const;
};

struct CalendarFacts {
  std::string method;  // upper case: "REQUEST"; empty where none is given
  std::vector<CalendarComponent> components;
};

// A calendar that is sent as a whole has some thousand entries.
inline constexpr std::size_t calendar_components_max = 10'000;
inline constexpr std::size_t calendar_properties_max = 100'000;

CalendarFacts read_calendar(std::string_view text);

}  // namespace mailrig::mime
