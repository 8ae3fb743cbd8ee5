#include "fakeservers/core/fault_rule.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "fakeservers/core/base64.h"

namespace mailrig::fakeservers {
namespace {

constexpr std::string_view endings[] = {"orderly", "no-close-notify", "reset", "open"};  // Ending's, then stays_open
constexpr std::string_view states[] = {"clear", "tls"};

constexpr Setting settings[] = {
    {"on", SettingKind::text,
     "the command, known or not, \"greeting\", \"any\", or \"\" for an empty line; may be left out beside `misbehave`"},
    {"nth", SettingKind::whole, "only this occurrence of what fits, on this server, the first being 1"},
    {"nth_in_session", SettingKind::any, "the same, counted in each session: a number, or { from, until }"},
    {"from", SettingKind::whole, "from this occurrence on"},
    {"until", SettingKind::whole, "up to and with this occurrence"},
    {"connection", SettingKind::any, "the nth connection to this server, or { from, until }"},
    {"mailbox", SettingKind::text, "only for this user"},
    {"argument", SettingKind::text, "only with exactly this argument: \"3\" for RETR 3, the address for RCPT and MAIL"},
    {"state", SettingKind::choice, "only in clear, or only under TLS", states},
    {"reply", SettingKind::any, "this instead, and the command is not carried out: a text or a list of lines"},
    {"carried_out", SettingKind::boolean, "the command is carried out all the same, and only its reply is another"},
    {"logs_in", SettingKind::text, "with a reply to a login: it succeeds as this user, whatever the credentials are"},
    {"reply_bytes", SettingKind::any, "exactly these bytes instead: a text, or { base64 }"},
    {"misbehave", SettingKind::text, "a named misbehaviour of docs/personalities.md"},
    {"delay", SettingKind::duration, "waits before the reply"},
    {"drip", SettingKind::map, "sends so many octets every so often: { octets, every }"},
    {"split_every", SettingKind::whole, "octets per segment"},
    {"cut_after", SettingKind::octets, "sends so many octets of the reply, then ends the connection"},
    {"ending", SettingKind::choice,
     "how the connection ends; alone it ends it after the reply; open: it does not, whatever the reply is", endings},
    {"hang", SettingKind::boolean,
     "never answers and keeps the connection open; with cut_after, once these octets are out"},
    {"garble", SettingKind::map, "damages one octet of the reply: { at, xor }"},
};

/// Reads one fault; every function says by its return whether to go on.
class FaultReader {
 public:
  FaultReader(const Value& fault, const FaultVocabulary& vocabulary, std::string path)
      : fault_(fault), vocabulary_(vocabulary), path_(std::move(path)), read_(fault) {}

  Result<FaultRule> read() {
    if (!fault_.is(Value::Kind::map))
      return wrong("", fmt::format("a fault is an object, not {}", to_json(fault_, 60)));
    for (auto part : {&FaultReader::keys, &FaultReader::misbehaviour, &FaultReader::on, &FaultReader::occurrence,
                      &FaultReader::in_session, &FaultReader::connection, &FaultReader::place, &FaultReader::reply,
                      &FaultReader::reply_bytes, &FaultReader::carried_out, &FaultReader::logs_in, &FaultReader::wire,
                      &FaultReader::drip, &FaultReader::garble, &FaultReader::effect}) {
      Status fits = (this->*part)();
      if (!fits) return fits.error();
    }
    return std::move(rule_);
  }

 private:
  Error wrong(std::string_view key, std::string_view what) const {
    std::string at = key.empty() ? path_ : fmt::format("{}.{}", path_, key);
    return Error{Errc::bad_input, fmt::format("{}: {}", at, what), Step::none, at};
  }

  Status keys() {
    for (const auto& [key, value] : fault_.entries()) {
      const Setting* setting = std::ranges::find(settings, key, &Setting::name);
      if (setting == std::end(settings)) {
        std::vector<std::string_view> names;
        for (const Setting& known : settings) names.push_back(known.name);
        std::string_view meant = nearest(key, names);
        return wrong(key, meant.empty() ? "no fault has this key"
                                        : fmt::format("no fault has this key; did you mean \"{}\"?", meant));
      }
      Status fits = check_setting(*setting, value);
      if (!fits) return wrong(key, fits.error().message);
    }
    return {};
  }

  Status misbehaviour() {
    if (!read_.has("misbehave")) return {};
    std::string name = read_.text("misbehave", "");
    for (const Misbehaviour& row : vocabulary_.misbehaviours)
      if (row.name == name) named_ = &row;
    if (named_ == nullptr) {
      std::vector<std::string_view> names;
      for (const Misbehaviour& known : vocabulary_.misbehaviours) names.push_back(known.name);
      std::string_view meant = nearest(name, names);
      return wrong("misbehave", fmt::format("{} knows no misbehaviour \"{}\"{}", vocabulary_.protocol, printable(name),
                                            meant.empty() ? std::string("; docs/personalities.md has them all")
                                                          : fmt::format("; did you mean \"{}\"?", meant)));
    }
    if (named_->preset != nullptr) named_->preset(rule_);
    if (named_->id != 0) rule_.misbehaviour = named_;
    return {};
  }

  Status on() {
    if (!read_.has("on")) {
      if (named_ == nullptr) return wrong("on", "a fault says on which command it holds; \"any\" is every one");
      rule_.on = named_->on.substr(0, named_->on.find(' '));
      return {};
    }
    rule_.on = read_.text("on", "");
    if (Status fits = known_on(); !fits) return fits;
    if (named_ == nullptr || named_->on == "any") return {};
    std::string_view words = named_->on;
    while (!words.empty()) {
      std::string_view word = words.substr(0, words.find(' '));
      if (word == rule_.on) return {};
      words.remove_prefix(std::min(words.size(), word.size() + 1));
    }
    return wrong("on", fmt::format("\"{}\" does nothing to {}; it bends {}", named_->name, rule_.on, named_->on));
  }

  /// What a client may say: a server of a line protocol is asked for commands that no RFC has, too.
  Status known_on() const {
    const std::string& on = rule_.on;
    if (on == "any" || std::ranges::find(vocabulary_.verbs, on) != vocabulary_.verbs.end()) return {};
    if (vocabulary_.http) {
      if (on.find(" /") != std::string::npos) return {};
      std::string_view meant = nearest(on, vocabulary_.verbs);
      return wrong("on", meant.empty() ? fmt::format("{} has no command \"{}\"; it has {}", vocabulary_.protocol,
                                                     printable(on), join_words(vocabulary_.verbs))
                                       : fmt::format("{} has no command \"{}\"; did you mean \"{}\"?",
                                                     vocabulary_.protocol, printable(on), meant));
    }
    if (may_be_command(on)) return {};
    std::string_view meant = nearest(on, vocabulary_.verbs);
    return wrong("on",
                 fmt::format("\"{}\" is not a command: it is in capitals, without blanks and control characters{}",
                             printable(on), meant.empty() ? "" : fmt::format("; did you mean \"{}\"?", meant)));
  }

  Status range(const SettingsReader& from, std::string_view path, FaultRule::Range& range) const {
    range.from = from.whole("from", 1);
    range.until = from.whole("until", range.until);
    if (range.from == 0) return wrong(path, "counting begins with 1");
    if (range.until < range.from) return wrong(path, fmt::format("from {} until {} is never", range.from, range.until));
    return {};
  }

  Status occurrence() {
    if (!read_.has("nth")) return range(read_, "until", rule_.occurrence);
    if (read_.has("from") || read_.has("until")) return wrong("nth", "either `nth` or `from` and `until`");
    rule_.occurrence = {read_.whole("nth", 1), read_.whole("nth", 1)};
    return rule_.occurrence.from > 0 ? Status{} : wrong("nth", "counting begins with 1");
  }

  /// A number, or { from, until }.
  Status number_or_range(std::string_view key, FaultRule::Range& into) const {
    const Value* value = fault_.find(key);
    if (value == nullptr) return {};
    if (value->is(Value::Kind::integer)) {
      if (value->integer() < 1) return wrong(key, "counting begins with 1");
      auto number = static_cast<std::uint64_t>(value->integer());
      into = {number, number};
      return {};
    }
    if (!value->is(Value::Kind::map))
      return wrong(key, fmt::format("takes a number or {{ \"from\":, \"until\": }}, not {}", to_json(*value, 60)));
    Status fits = counts_only(*value, key, {"from", "until"});
    return fits ? range(SettingsReader(*value), key, into) : fits;
  }

  Status connection() { return number_or_range("connection", rule_.connection); }

  Status in_session() {
    if (!read_.has("nth_in_session")) return {};
    for (std::string_view other : {"nth", "from", "until"})
      if (read_.has(other)) return wrong("nth_in_session", fmt::format("either `{}` or `nth_in_session`", other));
    return number_or_range("nth_in_session", rule_.in_session);
  }

  /// A small map of nothing but whole numbers, all of them known.
  Status counts_only(const Value& map, std::string_view path, std::initializer_list<std::string_view> names) const {
    for (const auto& [key, value] : map.entries()) {
      if (std::ranges::find(names, key) == names.end())
        return wrong(fmt::format("{}.{}", path, key),
                     fmt::format("no such key; there are {}", join_words(std::data(names), names.size())));
      if (!value.is(Value::Kind::integer) || value.integer() < 0)
        return wrong(fmt::format("{}.{}", path, key),
                     fmt::format("takes a whole number, zero or more, not {}", to_json(value, 60)));
    }
    return {};
  }
  static std::string join_words(const std::string_view* words, std::size_t count) {
    return mailrig::join_words(std::span(words, count));
  }
  static std::string join_words(std::span<const std::string_view> words) { return mailrig::join_words(words); }

  Status place() {
    if (read_.has("mailbox")) rule_.mailbox = read_.text("mailbox", "");
    if (read_.has("argument")) {
      const std::string argument = read_.text("argument", "");
      rule_.argument =
          vocabulary_.argument_of == nullptr ? argument : std::string(vocabulary_.argument_of(rule_.on, argument));
    }
    if (read_.has("state"))
      rule_.state = read_.text("state", "") == "tls" ? FaultRule::State::tls : FaultRule::State::clear;
    return {};
  }

  Status reply() {
    const Value* value = fault_.find("reply");
    if (value == nullptr) return {};
    if (vocabulary_.http) {
      if (!value->is(Value::Kind::map))
        return wrong("reply",
                     fmt::format("takes {{ \"status\":, \"headers\":, \"body\": }}, not {}", to_json(*value, 60)));
      static constexpr std::array<std::string_view, 4> names{"status", "headers", "body", "carried_out"};
      for (const auto& [key, entry] : value->entries()) {
        if (std::ranges::find(names, key) == names.end())
          return wrong("reply." + key, "a reply has status, headers, body and carried_out");
        if (key == "carried_out" && !entry.is(Value::Kind::boolean))
          return wrong("reply.carried_out", fmt::format("takes true or false, not {}", to_json(entry, 60)));
        if (key == "status" && !entry.is(Value::Kind::integer))
          return wrong("reply.status", fmt::format("takes a number, not {}", to_json(entry, 60)));
      }
      rule_.http_reply = *value;
      return {};
    }
    if (value->is(Value::Kind::text)) {
      rule_.reply = value->text() + "\r\n";
      return {};
    }
    if (!value->is(Value::Kind::list))
      return wrong("reply", fmt::format("takes a text or a list of lines, not {}", to_json(*value, 60)));
    rule_.reply.emplace();
    for (const Value& line : value->items()) {
      if (!line.is(Value::Kind::text))
        return wrong("reply", fmt::format("a line is a text, not {}", to_json(line, 60)));
      *rule_.reply += line.text() + "\r\n";
    }
    return {};
  }

  Status reply_bytes() {
    const Value* value = fault_.find("reply_bytes");
    if (value == nullptr) return {};
    if (rule_.reply || !rule_.http_reply.is_null()) return wrong("reply_bytes", "either `reply` or `reply_bytes`");
    if (value->is(Value::Kind::text)) {
      rule_.reply = value->text();
      return {};
    }
    const Value* base64 = value->find("base64");
    if (base64 == nullptr || !base64->is(Value::Kind::text) || value->entries().size() != 1)
      return wrong("reply_bytes", fmt::format("takes a text or {{ \"base64\": TEXT }}, not {}", to_json(*value, 60)));
    std::optional<std::string> bytes = from_base64(base64->text());
    if (!bytes) return wrong("reply_bytes.base64", "this is not base64 (RFC 4648 §4)");
    rule_.reply = std::move(*bytes);
    return {};
  }

  Status carried_out() {
    if (!read_.has("carried_out")) return {};
    rule_.carried_out = read_.boolean("carried_out", false);
    if (!rule_.carried_out || rule_.reply) return {};
    if (rule_.http_reply.is_null()) return wrong("carried_out", "goes with `reply` or `reply_bytes`");
    rule_.http_reply.set("carried_out", true);
    return {};
  }

  Status logs_in() {
    if (!read_.has("logs_in")) return {};
    if (std::ranges::find(vocabulary_.logins, rule_.on) == vocabulary_.logins.end())
      return wrong("logs_in", vocabulary_.logins.empty()
                                  ? fmt::format("{} has no login to reply to", vocabulary_.protocol)
                                  : fmt::format("goes with `on`: {}", join_words(vocabulary_.logins)));
    if (!rule_.reply) return wrong("logs_in", "goes with `reply` or `reply_bytes`");
    if (rule_.carried_out) return wrong("logs_in", "either `carried_out` or `logs_in`");
    rule_.logs_in = read_.text("logs_in", "");
    return {};
  }

  Status wire() {
    rule_.delay = read_.duration("delay", rule_.delay);
    rule_.split_every = read_.whole("split_every", rule_.split_every);
    if (read_.has("split_every") && rule_.split_every == 0)
      return wrong("split_every", "a segment has one octet at least");
    if (read_.has("cut_after")) rule_.cut_after = read_.octets("cut_after", 0);
    rule_.stays_open = read_.text("ending", "") == "open";
    if (rule_.stays_open && vocabulary_.http) return wrong("ending", "\"open\" is for POP3 and SMTP");
    if (rule_.stays_open && rule_.cut_after) return wrong("ending", "`cut_after` ends the connection: it is not open");
    if (read_.has("ending") && !rule_.stays_open)
      rule_.ending = static_cast<Ending>(std::ranges::find(endings, read_.text("ending", "")) - endings);
    rule_.hang = read_.boolean("hang", rule_.hang);
    if (rule_.hang && read_.has("ending")) return wrong("hang", "a connection that hangs has no `ending`");
    return {};
  }

  Status drip() {
    const Value* value = fault_.find("drip");
    if (value == nullptr) return {};
    static constexpr Setting keys_of_drip[] = {{"octets", SettingKind::whole, "at a time"},
                                               {"every", SettingKind::duration, "from one time to the next"}};
    for (const auto& [key, entry] : value->entries()) {
      const Setting* setting = std::ranges::find(keys_of_drip, key, &Setting::name);
      if (setting == std::end(keys_of_drip)) return wrong("drip." + key, "no such key; there are octets and every");
      Status fits = check_setting(*setting, entry);
      if (!fits) return wrong("drip." + key, fits.error().message);
    }
    SettingsReader read(*value);
    rule_.drip = {read.whole("octets", 1), read.duration("every", 1s)};
    if (rule_.drip->octets == 0) return wrong("drip.octets", "a drop has one octet at least");
    return {};
  }

  Status garble() {
    const Value* value = fault_.find("garble");
    if (value == nullptr) return {};
    Status fits = counts_only(*value, "garble", {"at", "xor"});
    if (!fits) return fits;
    SettingsReader read(*value);
    std::uint64_t flip = read.whole("xor", 255);
    if (flip == 0 || flip > 255) return wrong("garble.xor", "takes 1 to 255: an octet is damaged, or it is not");
    rule_.garble = {read.whole("at", 0), static_cast<unsigned char>(flip)};
    return {};
  }

  Status effect() {
    if (named_ != nullptr || rule_.reply || !rule_.http_reply.is_null() || rule_.delay > Duration::zero() ||
        rule_.drip || rule_.split_every > 0 || rule_.cut_after || rule_.ending || rule_.stays_open || rule_.hang ||
        rule_.garble)
      return {};
    return wrong(
        "",
        "this fault does nothing: it has no reply, reply_bytes, misbehave, delay, drip, split_every, cut_after, "
        "ending, hang or garble");
  }

  const Value& fault_;
  const FaultVocabulary& vocabulary_;
  std::string path_;
  SettingsReader read_;
  const Misbehaviour* named_ = nullptr;
  FaultRule rule_;
};

std::string ordinal(std::uint64_t n) {
  std::string_view suffix = n % 100 / 10 == 1 ? "th"
                            : n % 10 == 1     ? "st"
                            : n % 10 == 2     ? "nd"
                            : n % 10 == 3     ? "rd"
                                              : "th";
  return fmt::format("{}{}", n, suffix);
}

std::string describe(const FaultRule::Range& range) {
  if (range.from == range.until) return ordinal(range.from);
  FaultRule::Range open;
  return range.until == open.until ? fmt::format("{} and later", ordinal(range.from))
                                   : fmt::format("{} to {}", ordinal(range.from), ordinal(range.until));
}

}  // namespace

bool may_be_command(std::string_view on) {
  return std::ranges::none_of(on, [](unsigned char c) { return c <= ' ' || c == 0x7f || (c >= 'a' && c <= 'z'); });
}

Result<std::vector<FaultRule>> parse_faults(const Value* list, const FaultVocabulary& vocabulary) {
  std::vector<FaultRule> rules;
  if (list == nullptr || list->is_null()) return rules;
  if (!list->is(Value::Kind::list))
    return Error{Errc::bad_input, fmt::format("faults: takes a list, not {}", to_json(*list, 60)), Step::none,
                 "faults"};
  for (std::size_t i = 0; i < list->items().size(); ++i) {
    Result<FaultRule> rule = FaultReader(list->items()[i], vocabulary, fmt::format("faults[{}]", i)).read();
    if (!rule) return rule.error();
    rules.push_back(std::move(*rule));
  }
  return rules;
}

Status check_logins(std::span<const FaultRule> rules, const Value* mailboxes) {
  std::vector<std::string_view> users;
  if (mailboxes != nullptr && mailboxes->is(Value::Kind::map))
    for (const auto& [name, mailbox] : mailboxes->entries()) users.push_back(name);
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const std::optional<std::string>& user = rules[i].logs_in;
    if (!user || std::ranges::find(users, *user) != users.end()) continue;
    const std::string path = fmt::format("faults[{}].logs_in", i);
    const std::string_view meant = nearest(*user, users);
    return Error{Errc::bad_input,
                 fmt::format("{}: no mailbox is named \"{}\"{}", path, printable(*user),
                             meant.empty() ? std::string() : fmt::format("; did you mean \"{}\"?", printable(meant))),
                 Step::none, path};
  }
  return {};
}

std::string describe(const FaultRule& rule) {
  std::string text = rule.on.empty() ? "an empty line" : rule.on;
  // What stands behind these is a password, in every protocol that has them.
  const bool secret = rule.on == "PASS" || rule.on == "AUTH" || rule.on == "response";
  if (rule.argument) text += fmt::format(" {}", secret ? "<password>" : printable(*rule.argument));
  if (!rule.occurrence.holds_always()) text += fmt::format(", the {}", describe(rule.occurrence));
  if (!rule.in_session.holds_always()) text += fmt::format(", the {} of a session", describe(rule.in_session));
  if (!rule.connection.holds_always()) text += fmt::format(", on the {} connection", describe(rule.connection));
  if (rule.mailbox) text += fmt::format(", for {}", printable(*rule.mailbox));
  if (rule.state != FaultRule::State::either)
    text += rule.state == FaultRule::State::tls ? ", under TLS" : ", in clear";

  std::string what;
  auto add = [&](std::string_view part) { what += fmt::format("{}{}", what.empty() ? "" : ", ", part); };
  if (rule.reply) add(fmt::format("replies \"{}\"", printable(*rule.reply, 60)));
  if (rule.carried_out) add("and is carried out");
  if (rule.logs_in) add(fmt::format("and logs in {}", printable(*rule.logs_in)));
  if (!rule.http_reply.is_null()) add(fmt::format("replies {}", to_json(rule.http_reply, 60)));
  if (rule.misbehaviour != nullptr) add(rule.misbehaviour->name);
  if (rule.delay > Duration::zero()) add(fmt::format("waits {}", format_duration(rule.delay)));
  if (rule.drip) add(fmt::format("drips {} octets every {}", rule.drip->octets, format_duration(rule.drip->every)));
  if (rule.split_every > 0) add(fmt::format("splits every {} octets", rule.split_every));
  if (rule.garble) add(fmt::format("garbles octet {}", rule.garble->at));
  if (rule.cut_after && rule.cut_after != FaultRule::all_octets)
    add(fmt::format("cut after {} octets", *rule.cut_after));
  if (rule.hang) add("hangs");
  if (rule.stays_open) add("keeps the connection open");
  if (rule.ending) add(fmt::format("ends the connection ({})", endings[static_cast<std::size_t>(*rule.ending)]));
  return fmt::format("{}: {}", text, what);
}

std::span<const Setting> fault_settings() { return settings; }

}  // namespace mailrig::fakeservers
