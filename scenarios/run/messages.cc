#include "scenarios/run/messages.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/prng.h"
#include "base/text.h"
#include "fakeservers/core/base64.h"
#include "mime/damage/damage.h"
#include "mime/generate/generate.h"

namespace mailrig::scenarios {
namespace {

using fakeservers::Content;
using fakeservers::MessageBatch;

using Operators = std::vector<const mime::DamageOperator*>;

/// The names in `damage`.
Result<Operators> operators_of(const Value& spec) {
  Operators operators;
  const Value* damage = spec.find("damage");
  if (damage == nullptr) return operators;
  const Value::List names = damage->is(Value::Kind::list) ? damage->items() : Value::List{*damage};
  for (const Value& name : names) {
    const mime::DamageOperator* found = name.is(Value::Kind::text) ? mime::find_damage(name.text()) : nullptr;
    if (found == nullptr)
      return Error{Errc::bad_input, fmt::format("nothing is known that does {} to a message", to_json(name, 60))};
    operators.push_back(found);
  }
  return operators;
}

std::uint64_t seed_of(const Value& spec, std::uint64_t seed) {
  SettingsReader read(spec);
  // Two specs never give the same message, unless they are given the same seed.
  return read.has("seed") ? read.whole("seed", 0) : hash_seed(seed, read.text("stream", ""));
}

MessageBatch fixed(std::string bytes, const Value& spec, const Operators& operators, std::uint64_t seed) {
  if (!operators.empty()) bytes = mime::damage(std::move(bytes), operators, seed_of(spec, seed)).message;
  return {1, [content = Content::of(std::move(bytes))](std::size_t) { return content; }};
}

mime::Generator generator(const Value& spec, std::uint64_t seed, Instant now) {
  mime::Generator::Settings settings;
  SettingsReader read(spec);
  settings.profile = read.text("profile", settings.profile);
  settings.like = read.text("like", settings.like);
  settings.seed = seed_of(spec, seed);
  if (read.has("size_min")) settings.octets_min = read.whole("size_min", 0);
  if (read.has("size_max")) settings.octets_max = read.whole("size_max", 0);
  settings.from = read.text("from", settings.from);
  settings.to = read.text("to", settings.to);
  settings.subject = read.text("subject", settings.subject);
  settings.first = now;
  if (auto at = parse_instant(read.text("at", ""))) settings.first = *at;
  settings.every = read.duration("every", settings.every);
  return mime::Generator(std::move(settings));
}

/// Only of damaged mail the size is not known before it is made: it is made twice.
MessageBatch generated_and_damaged(const Value& spec, const Operators& operators, std::uint64_t seed, Instant now) {
  auto shared = std::make_shared<const mime::Generator>(generator(spec, seed, now));
  auto make = [shared, operators, own = seed_of(spec, seed)](std::uint64_t index) {
    return mime::damage(shared->message(index), operators, hash_seed(own, std::to_string(index))).message;
  };
  auto content = [make](std::size_t index) {
    return Content{make(index).size(), [make, index] { return std::make_shared<const std::string>(make(index)); }};
  };
  return {SettingsReader(spec).whole("generate", 1), content};
}

MessageBatch generated(const Value& spec, std::uint64_t seed, Instant now) {
  auto shared = std::make_shared<const mime::Generator>(generator(spec, seed, now));
  auto content = [shared](std::size_t index) {
    return Content{shared->octets(index),
                   [shared, index] { return std::make_shared<const std::string>(shared->message(index)); }};
  };
  return {SettingsReader(spec).whole("generate", 1), content};
}

std::uint64_t octets_of(const Value& specs) {
  std::uint64_t sum = 0;
  for (const Value& spec : specs.items()) {
    if (spec.is(Value::Kind::text)) {
      sum += spec.text().size();
      continue;
    }
    SettingsReader read(spec);
    const Result<Operators> operators = operators_of(spec);
    const std::uint64_t added = operators ? operators->size() * mime::damage_octets_max : 0;
    if (read.has("generate"))
      sum += read.whole("generate", 1) *
             (read.whole("size_max", mime::profile_octets_max(read.text("profile", "plain"))) + added);
    else
      sum += added + read.text("text", "").size() + read.text("base64", "").size() / 4 * 3;
  }
  return sum;
}

}  // namespace

MessageMaker message_maker(std::uint64_t seed, std::function<Instant()> now) {
  return [seed, now = std::move(now)](const Value& spec) -> Result<MessageBatch> {
    if (spec.is(Value::Kind::text)) return fixed(spec.text(), spec, {}, seed);
    const Result<Operators> operators = operators_of(spec);
    if (!operators) return operators.error();
    if (const Value* text = spec.find("text"); text != nullptr && text->is(Value::Kind::text))
      return fixed(text->text(), spec, *operators, seed);
    if (const Value* base64 = spec.find("base64"); base64 != nullptr && base64->is(Value::Kind::text)) {
      auto bytes = fakeservers::from_base64(base64->text());
      if (bytes) return fixed(std::move(*bytes), spec, *operators, seed);
    }
    if (spec.find("generate") != nullptr)
      return operators->empty() ? generated(spec, seed, now()) : generated_and_damaged(spec, *operators, seed, now());
    return Error{Errc::bad_input,
                 fmt::format("{} is no message: it takes a text, or an object with text, base64, file or generate",
                             to_json(spec, 60))};
  };
}

std::uint64_t mail_octets(const Scenario& scenario) {
  std::uint64_t sum = 0;
  for (const ServerSpec& server : scenario.servers) {
    const Value* mailboxes = server.settings.find("mailboxes");
    if (mailboxes == nullptr) continue;
    for (const auto& [user, mailbox] : mailboxes->entries())
      if (const Value* messages = mailbox.find("messages")) sum += octets_of(*messages);
  }
  for (const Step& step : scenario.steps)
    if (const Value* messages = step.arguments.find("messages"); messages != nullptr && step.verb == Verb::deliver)
      sum += octets_of(*messages);
  return sum;
}

}  // namespace mailrig::scenarios
