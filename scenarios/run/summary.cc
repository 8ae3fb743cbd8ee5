#include "scenarios/run/summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

#include "scenarios/run/observed.h"

namespace mailrig::scenarios {
namespace {

std::string observed_text(const Value& map, std::string_view key) {
  const Value value = entry(map, key);
  return value.is(Value::Kind::text) ? value.text() : std::string();
}

std::int64_t count_of(const Value& map, std::string_view key) {
  const Value value = entry(map, key);
  if (value.is(Value::Kind::list)) return static_cast<std::int64_t>(value.items().size());
  return value.is(Value::Kind::integer) ? value.integer() : 0;
}

/// To the nearest second; nothing where there is no such instant.
std::optional<Duration> since(Instant start, const std::string& instant) {
  Result<Instant> at = parse_instant(instant);
  if (!at) return std::nullopt;
  return std::chrono::round<std::chrono::seconds>(*at - start);
}

struct Numbered {
  std::string_view verb;
  std::uint64_t number = 0;
  std::string_view rest;  // after the number, with its blank
};

/// "TOP 12 0" is {"TOP", 12, " 0"}; nothing where the first argument is not a number.
std::optional<Numbered> numbered(std::string_view command) {
  const std::size_t blank = std::min(command.find(' '), command.size());
  Numbered found{.verb = command.substr(0, blank), .rest = {}};
  const std::string_view arguments = command.substr(std::min(blank + 1, command.size()));
  const char* const end = arguments.data() + arguments.size();
  const auto [stopped, failure] = std::from_chars(arguments.data(), end, found.number);
  if (failure != std::errc{} || (stopped != end && *stopped != ' ')) return std::nullopt;
  found.rest = arguments.substr(static_cast<std::size_t>(stopped - arguments.data()));
  return found;
}

std::string commands_text(const std::vector<std::string>& commands) {
  std::string text;
  for (std::size_t i = 0; i < commands.size();) {
    std::size_t next = i + 1;
    std::string shown = commands[i];
    if (const std::optional<Numbered> first = numbered(commands[i])) {
      for (; next < commands.size(); ++next) {
        const std::optional<Numbered> later = numbered(commands[next]);
        if (!later || later->verb != first->verb || later->rest != first->rest) break;
        if (later->number != first->number + (next - i)) break;
      }
      if (next > i + 1)
        shown = fmt::format("{} {}..{}{}", first->verb, first->number, first->number + (next - i - 1), first->rest);
    }
    if (!text.empty()) text += " | ";
    text += shown;
    i = next;
  }
  return text;
}

struct Dialogue {
  Duration at{};
  std::string text;
};

Dialogue dialogue_of(const Value& session, Instant start) {
  std::vector<std::string> commands;
  const Value lines = entry(session, "commands");
  if (lines.is(Value::Kind::list))
    for (const Value& line : lines.items()) commands.push_back(line.text());
  std::string text = commands_text(commands);
  // How soon a server notices that the client has closed is up to the world, and to nothing that the client does.
  const std::string end = observed_text(session, "end");
  if (end != "open" && end != "closed") text += fmt::format("{}({})", text.empty() ? "" : " ", end);
  return {since(start, observed_text(session, "at")).value_or(Duration{}), std::move(text)};
}

}  // namespace

std::string account_summary(const Value& account, Instant start) {
  std::string text = observed_text(account, "state");
  for (const char* key : {"polls", "stored", "retrieved", "deleted"})
    text += fmt::format("; {} {}", count_of(account, key), key);
  for (auto [key, what] : {std::pair{"authentication_failures", "authentication failures"},
                           std::pair{"connection_failures", "connection failures"}, std::pair{"lost", "lost"},
                           std::pair{"set_aside", "set aside"}, std::pair{"outbox", "to be sent"}})
    if (const std::int64_t count = count_of(account, key); count != 0) text += fmt::format("; {} {}", count, what);
  const Value folders = entry(account, "folders");
  if (folders.is(Value::Kind::map))
    for (const auto& [name, messages] : folders.entries())
      if (name != "Inbox" && !(messages == Value(0))) text += fmt::format("; {} in {}", to_json(messages), name);
  const Value crm = entry(account, "crm");
  if (observed_text(crm, "state") != "ok" || count_of(crm, "associated") != 0 || count_of(crm, "pending") != 0)
    text += fmt::format("; CRM {}, {} associated, {} pending", observed_text(crm, "state"), count_of(crm, "associated"),
                        count_of(crm, "pending"));
  if (const std::string by = observed_text(account, "disabled_by"); !by.empty()) text += "; disabled by " + by;
  if (!observed_text(account, "message").empty()) text += "; has a message";
  if (!observed_text(account, "last_error").empty()) text += "; has an error";
  if (const std::optional<Duration> next = since(start, observed_text(account, "next_poll")))
    text += "; next poll at " + format_duration(*next);
  return text;
}

std::vector<std::string> dialogue_lines(const Value& sessions, Instant start) {
  std::vector<Dialogue> all;
  if (sessions.is(Value::Kind::list))
    for (const Value& session : sessions.items()) all.push_back(dialogue_of(session.made(), start));
  std::ranges::stable_sort(all, [](const Dialogue& left, const Dialogue& right) {
    return std::pair(left.at, std::string_view(left.text)) < std::pair(right.at, std::string_view(right.text));
  });
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < all.size();) {
    std::size_t last = i;
    Duration interval{};
    while (last + 1 < all.size() && all[last + 1].text == all[i].text) {
      const Duration pause = all[last + 1].at - all[last].at;
      if (last > i && pause != interval) break;
      interval = pause;
      ++last;
    }
    std::string when = format_duration(all[i].at);
    if (last > i)
      when = interval == Duration{}
                 ? fmt::format("{} {} times", when, last - i + 1)
                 : fmt::format("{}..{} every {}", when, format_duration(all[last].at), format_duration(interval));
    lines.push_back(fmt::format("{}:{}{}", when, all[i].text.empty() ? "" : " ", all[i].text));
    i = last + 1;
  }
  return lines;
}

Value with_summaries(const Value& accounts, Instant start) {
  Value shown = Value::map();
  for (const auto& [name, lazy] : accounts.entries())
    shown.set(name, Value::lazy([account = lazy, start] {
                Value made = account.made();
                made.set("summary", Value::lazy([made, start] { return Value(account_summary(made, start)); }));
                return made;
              }));
  return shown;
}

Value with_dialogues(const Value& servers, Instant start) {
  Value shown = Value::map();
  for (const auto& [name, lazy] : servers.entries())
    shown.set(name, Value::lazy([server = lazy, start] {
                Value made = server.made();
                made.set("dialogues", Value::lazy([made, start] {
                           Value::List lines;
                           for (std::string& line : dialogue_lines(entry(made, "sessions"), start))
                             lines.emplace_back(std::move(line));
                           return Value(std::move(lines));
                         }));
                return made;
              }));
  return shown;
}

}  // namespace mailrig::scenarios
