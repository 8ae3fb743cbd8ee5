#include "fakeservers/pop3/deliveries.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace mailrig::fakeservers::pop3 {
namespace {

constexpr std::size_t uid_octets_max = 200;  // RFC 1939 section 7 allows 70; scenarios may break it, rows stay bounded

struct Letter {
  Content content;
  NewMessage about;
};

/// Reads one list of specs; letters_ is what came of it.
class Mailbag {
 public:
  explicit Mailbag(const Delivery& delivery) : delivery_(delivery), now_(delivery.context.world.calendar.now()) {}

  Status read(const Value& messages) {
    Value::List one;
    if (!messages.is(Value::Kind::list)) one.push_back(messages);
    const Value::List& specs = messages.is(Value::Kind::list) ? messages.items() : one;
    for (std::size_t i = 0; i < specs.size(); ++i) {
      path_ = messages.is(Value::Kind::list) ? fmt::format("messages[{}]", i) : "messages";
      Status read = read_spec(specs[i], i, specs.size());
      if (!read) return read;
    }
    return {};
  }

  /// In the order of arrival; of equals, in that of the file.
  std::vector<Letter>& sorted() {
    auto earlier = [](const Letter& a, const Letter& b) { return a.about.arrived < b.about.arrived; };
    if (!std::ranges::is_sorted(letters_, earlier)) std::ranges::stable_sort(letters_, earlier);
    return letters_;
  }

 private:
  Error wrong(std::string_view key, std::string_view what) const {
    std::string at = key.empty() ? path_ : fmt::format("{}.{}", path_, key);
    return Error{Errc::bad_input, fmt::format("{}: {}", at, what), Step::none, at};
  }

  Status read_spec(const Value& spec, std::size_t index, std::size_t count) {
    if (!spec.is(Value::Kind::map) && !spec.is(Value::Kind::text))
      return wrong("", fmt::format("a message is a text or an object, not {}", to_json(spec, 60)));
    for (const Setting& setting : message_table()) {
      const Value* value = spec.find(setting.name);
      Status fits = value == nullptr ? Status{} : check_setting(setting, *value);
      if (!fits) return wrong(setting.name, fits.error().message);
    }
    Result<MessageBatch> batch = make(spec);
    if (!batch) return wrong("", batch.error().message);

    // The day before the clock, shared among the specs of a list and the messages of a batch.
    Duration share = delivery_.delivered ? Duration{} : 24h / static_cast<Duration::rep>(count + 1);
    Instant first = delivery_.delivered ? now_ : now_ - 24h + share * static_cast<Duration::rep>(index + 1);
    Duration every =
        delivery_.delivered ? Duration{} : share / static_cast<Duration::rep>(std::max<std::size_t>(batch->count, 1));
    SettingsReader read(spec);
    if (const Value* at = spec.find("at")) {
      Result<Instant> instant = read_instant(*at);
      if (!instant) return wrong("at", instant.error().message);
      first = *instant;
      every = {};
    }
    every = read.duration("every", every);

    NewMessage about;
    about.uid = read.text("uid", "");
    about.conversation = read.text("conversation", "");
    about.read = read.boolean("read", false);
    about.popped = read.boolean("popped", false);
    about.corrupted = read.boolean("corrupted", false);
    if (parse_sent(read.text("sent", "")) == Sent::smtp) {
      // Gmail counts what its user sent by SMTP as retrieved (docs/providers/gmail.md#queue): only recent mode shows
      // it.
      about.popped = true;
      about.outside = true;
    }
    if (about.uid.size() > uid_octets_max || about.uid.find_first_of("\r\n") != std::string::npos)
      return wrong("uid", fmt::format("takes at most {} octets, without CR and LF", uid_octets_max));
    if (!about.uid.empty() && batch->count > 1) return wrong("uid", "many messages cannot have one unique-id");
    letters_.reserve(letters_.size() + batch->count);
    for (std::size_t i = 0; i < batch->count; ++i) {
      about.arrived = first + every * static_cast<Duration::rep>(i);
      letters_.push_back({batch->content(i), about});
    }
    return {};
  }

  Result<MessageBatch> make(const Value& spec) const {
    if (delivery_.context.make_messages) return delivery_.context.make_messages(spec);
    const Value* text = spec.is(Value::Kind::text) ? &spec : spec.find("text");
    if (text == nullptr || !text->is(Value::Kind::text))
      return Error{Errc::bad_input, "this server has nobody who makes such messages"};
    return MessageBatch{.count = 1, .content = [bytes = text->text()](std::size_t) { return Content::of(bytes); }};
  }

  Result<Instant> read_instant(const Value& at) const {
    if (!at.is(Value::Kind::text))
      return Error{Errc::bad_input, fmt::format("takes an instant, not {}", to_json(at, 60))};
    std::string_view text = at.text();
    if (!text.starts_with('-') && !text.starts_with('+')) return parse_instant(text);
    Result<Duration> span = parse_duration(text.substr(1));
    if (!span) return span.error();
    return text.front() == '-' ? now_ - *span : now_ + *span;
  }

  const Delivery& delivery_;
  Instant now_;
  std::string path_;
  std::vector<Letter> letters_;
};

}  // namespace

Status add_messages(Mailbox& mailbox, const Value& messages, const Delivery& delivery) {
  Mailbag bag(delivery);
  Status read = bag.read(messages);
  if (!read) return read;
  std::vector<Letter>& letters = bag.sorted();
  for (std::size_t i = 0; i < letters.size(); ++i) {
    Letter& letter = letters[i];
    UidShape shape = delivery.settings.uid_shape;
    // After a move to a newer Exchange what was there keeps its old unique-id (docs/providers/exchange.md#unique-ids):
    // here the older half.
    if (shape == UidShape::mixed)
      shape = !delivery.delivered && i < letters.size() / 2 ? UidShape::legacy : UidShape::decimal;
    letter.about.shape = shape;
    mailbox.add(std::move(letter.content), letter.about, delivery.settings);
  }
  return {};
}

}  // namespace mailrig::fakeservers::pop3
