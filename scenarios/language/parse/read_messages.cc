#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "fakeservers/core/base64.h"
#include "mime/damage/damage.h"
#include "mime/generate/generate.h"
#include "scenarios/language/parse/scenario_parser.h"

namespace mailrig::scenarios {
namespace {

// Of one scenario. A server keeps some 270 octets for each message before one is looked at, so this is 270 MB; it is
// half of what the client takes from one mailbox.
constexpr std::uint64_t generated_max = 1'000'000;
constexpr std::uint64_t message_octets_max = 1ULL << 30;

constexpr std::string_view octets_words[] = {"as-is"};

bool has_bare_lf(std::string_view text) {
  for (std::size_t lf = text.find('\n'); lf != std::string_view::npos; lf = text.find('\n', lf + 1))
    if (lf == 0 || text[lf - 1] != '\r') return true;
  return false;
}

/// Every LF with a CR before it, and only one.
std::string with_crlf(std::string_view text) {
  std::string lines;
  lines.reserve(text.size() + text.size() / 32);
  for (char c : text) {
    if (c == '\n' && !lines.ends_with('\r')) lines += '\r';
    lines += c;
  }
  return lines;
}

constexpr std::string_view sources[] = {"text", "base64", "file", "generate"};

}  // namespace

Value ScenarioParser::read_messages(const Node& node, const Mailroom& room) {
  Value::List list;
  if (!node.is(Node::Kind::list)) {
    list.push_back(read_message(node, {room.stream + "/0", room.address, room.delivered, room.protocol}));
    return list;
  }
  list.reserve(node.items().size());
  for (std::size_t i = 0; i < node.items().size(); ++i)
    list.push_back(read_message(*node.items()[i],
                                {fmt::format("{}/{}", room.stream, i), room.address, room.delivered, room.protocol}));
  return list;
}

Value ScenarioParser::read_message(const Node& node, const Mailroom& room) {
  if (node.is(Node::Kind::text)) return Value(as_sent(std::string(node.text()), node, false));
  if (!node.is(Node::Kind::map)) {
    reading_.wrong_type("messages", node, "a message: a text, or an object with text, base64, file or generate");
    return {};
  }
  Fields fields(reading_, node, "a message");
  Value::Map spec;
  auto given = std::ranges::count_if(sources, [&](std::string_view key) { return fields.has(key); });
  if (given != 1) {
    reading_.error(reading_.at(node), given == 0 ? "nothing says what this message is" : "a message has one source",
                   "one of text, base64, file or generate");
    return {};
  }
  const bool as_is = fields.has("octets");
  if (as_is && !fields.has("text") && !fields.has("file"))
    reading_.error(
        reading_.at(node),
        "\"octets\" is about \"text\" and \"file\": base64 is as it is already, and generated mail has its line ends");
  if (auto word = fields.choice("octets", octets_words)) spec.emplace_back("octets", octets_words[*word]);
  if (const Node* text = fields.take("text"))
    if (auto bytes = reading_.text("text", *text)) spec.emplace_back("text", as_sent(std::move(*bytes), *text, as_is));
  if (const Node* base64 = fields.take("base64")) {
    auto text = reading_.text("base64", *base64);
    if (text && !fakeservers::from_base64(*text))
      reading_.error(reading_.at(*base64), "\"base64\": this is not base64",
                     "letters, digits, + and /, filled up with = (RFC 4648 section 4)");
    if (text) spec.emplace_back("base64", std::move(*text));
  }
  if (const Node* file = fields.take("file")) {
    // Its bytes go along as "text", so that nobody reads files later; the name stays for people.
    if (auto bytes = reading_.read_file("file", *file)) {
      spec.emplace_back("file", file->text());
      spec.emplace_back("text", as_sent(std::move(*bytes), *file, as_is));
    }
  }
  if (const Node* damage = fields.take("damage")) read_damage(*damage, spec);
  const Node* at_node = fields.take("at");
  std::optional<Instant> at = at_node == nullptr ? std::nullopt : reading_.instant("at", *at_node);
  if (fields.has("generate")) {
    read_generate(fields, room, at, spec);
  } else {
    if (at) spec.emplace_back("at", format_instant(*at));
    // Where it is damaged is drawn.
    if (std::ranges::find(spec, "damage", &Value::Map::value_type::first) != spec.end()) {
      if (auto seed = fields.whole("seed")) spec.emplace_back("seed", static_cast<std::int64_t>(*seed));
      spec.emplace_back("stream", room.stream);
    }
  }
  fields.settings(room.protocol->message_settings, spec);
  fields.finish();
  return Value(std::move(spec));
}

/// A message whose lines end in LF alone, as every editor on Unix writes it, goes out with CRLF: on the wire a bare LF
/// is no line end (RFC 5321 section 2.3.8), so that a line of one dot after it would end the message for some clients
/// only.
std::string ScenarioParser::as_sent(std::string bytes, const Node& node, bool as_is) {
  if (!has_bare_lf(bytes)) return bytes;
  if (as_is) {
    reading_.warn(reading_.at(node),
                  "this message goes out with lines that end in LF alone, and dots after them are not doubled: clients "
                  "that take a bare LF for a line end may lose step with the server");
    return bytes;
  }
  reading_.warn(reading_.at(node), "lines of this message end in LF alone; it is sent with CRLF",
                "CRLF, or \"octets\": \"as-is\" to send it as it is");
  return with_crlf(bytes);
}

void ScenarioParser::read_generate(Fields& fields, const Mailroom& room, std::optional<Instant> at, Value::Map& spec) {
  auto count = fields.whole("generate", 1, generated_max);
  generated_ += count.value_or(0);
  if (count && generated_ > generated_max) {
    reading_.error(reading_.at(fields.node()), fmt::format("the scenario generates {} messages up to here", generated_),
                   fmt::format("at most {} in all its mailboxes and deliveries", generated_max));
    generated_ = 0;  // told once
  }
  spec.emplace_back("generate", static_cast<std::int64_t>(count.value_or(1)));
  mime::Generator::Settings settings;
  settings.to = room.address;
  if (auto profile = fields.choice("profile", mime::profile_names())) {
    settings.profile = mime::profile_names()[*profile];
    spec.emplace_back("profile", settings.profile);
  }
  if (auto like = fields.choice("like", mime::habit_names())) {
    settings.like = mime::habit_names()[*like];
    spec.emplace_back("like", settings.like);
  }
  for (auto [key, field] :
       {std::pair{"from", &settings.from}, std::pair{"to", &settings.to}, std::pair{"subject", &settings.subject}}) {
    const Node* node = fields.take(key);
    auto text = node == nullptr ? std::nullopt : reading_.text(key, *node);
    if (text && text->find_first_of("\r\n") != std::string::npos)
      reading_.error(reading_.at(*node),
                     fmt::format("\"{}\": a line end cannot stand in a generated header field", key),
                     "one line; write such a message as a text of its own");
    else if (text)
      *field = std::move(*text);
    if (text || std::string_view(key) == "to") spec.emplace_back(key, *field);
  }
  if (const Node* size = fields.take("size")) read_size(*size, mime::Generator(settings).octets_min(), spec);
  if (auto seed = fields.whole("seed")) spec.emplace_back("seed", static_cast<std::int64_t>(*seed));
  spec.emplace_back("stream", room.stream);
  // Without a step that delivers them they came one after the other over the last day, or from `at` up to the clock.
  const bool past = !room.delivered && count;
  if (!at && past) at = scenario_.clock - 24h;
  if (at) spec.emplace_back("at", format_instant(*at));
  if (past && !fields.has("every") && *at < scenario_.clock)
    spec.emplace_back("every", format_duration((scenario_.clock - *at) / static_cast<std::int64_t>(*count)));
}

/// A name alone is a list of one.
void ScenarioParser::read_damage(const Node& node, Value::Map& spec) {
  const Node* const alone[] = {&node};
  const bool list = node.is(Node::Kind::list);
  Value names = Value::list();
  for (const Node* item : list ? node.items() : std::span<const Node* const>(alone)) {
    auto name = reading_.text("damage", *item);
    if (name && mime::find_damage(*name) == nullptr)
      reading_.unknown(reading_.at(*item), fmt::format("\"damage\": nothing is known that does \"{}\"", *name),
                       mime::damage_names(), *name);
    else if (name)
      names.push(std::move(*name));
  }
  if (!names.items().empty()) spec.emplace_back("damage", std::move(names));
}

/// "2KiB..64KiB", "3000", 3000 become size_min and size_max.
bool ScenarioParser::read_size(const Node& node, std::uint64_t smallest, Value::Map& spec) {
  std::uint64_t low = 0, high = 0;
  std::size_t dots = node.is(Node::Kind::text) ? node.text().find("..") : std::string_view::npos;
  if (dots == std::string_view::npos) {
    auto octets = reading_.octets("size", node);
    if (!octets) return false;
    low = high = *octets;
  } else {
    auto from = parse_octets(node.text().substr(0, dots));
    auto to = parse_octets(node.text().substr(dots + 2));
    if (!from || !to) {
      reading_.wrong_type("size", node, "octets such as \"10kB\", or a range such as \"2KiB..64KiB\"");
      return false;
    }
    low = *from;
    high = *to;
  }
  if (high < low) {
    reading_.error(reading_.at(node), "\"size\": the range ends before it begins", "the smaller size first",
                   fmt::format("\"{}..{}\"", node.text().substr(dots + 2), node.text().substr(0, dots)));
    return false;
  }
  if (low < smallest || high > message_octets_max) {
    reading_.error(reading_.at(node),
                   fmt::format("\"size\": a generated message cannot have {} octets", low < smallest ? low : high),
                   fmt::format("from {} (its header) to {}", smallest, message_octets_max));
    return false;
  }
  spec.emplace_back("size_min", static_cast<std::int64_t>(low));
  spec.emplace_back("size_max", static_cast<std::int64_t>(high));
  return true;
}

}  // namespace mailrig::scenarios
