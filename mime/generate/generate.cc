#include "mime/generate/generate.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "mime/compose/field_writer.h"
#include "mime/compose/write_date.h"
#include "mime/generate/generate_occasion.h"
#include "mime/generate/hash_mix.h"
#include "mime/message/ascii.h"
#include "mime/message/header.h"

namespace mailrig::mime {
namespace {

constexpr std::string_view mixed_name = "mixed";
constexpr std::size_t thread_length = 8;

// A number of eight digits: octets_min() holds for mailboxes of up to 100 million messages.
constexpr std::uint64_t largest_number = 99'999'999;

void append_number(std::string& out, std::uint64_t number) {
  std::array<char, 20> digits;
  auto [end, failure] = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  out.append(digits.data(), end);
}

std::size_t count_digits(std::uint64_t number) {
  std::size_t count = 1;
  for (; number >= 10; number /= 10) ++count;
  return count;
}

constexpr std::string_view mime_fields = "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n";

// What a frame has at most (a test holds it), and how often and how long what the settings give comes in it.
constexpr std::uint64_t frame_octets_max = 9000;
constexpr std::uint64_t given_times_max = 12;

constexpr std::array<int, 8> offsets{0, 60, 120, 120, -240, -420, 330, 540};

struct Person {
  std::string_view name;
  std::string_view local;
};
constexpr std::array<Person, 6> people{{{"Anna Bell", "anna"},
                                        {"\"Carter, Bob\"", "bob.carter"},
                                        {"=?UTF-8?Q?J=C3=B6rg_M=C3=BCller?=", "joerg"},
                                        {"Support", "support"},
                                        {"=?iso-8859-1?Q?Andr=E9?= Petit", "andre.petit"},
                                        {"\"d'Arc\"", "darc"}}};

template <class Row>
const Row* find_row(std::span<const Row> rows, std::string_view name) {
  const auto row = std::ranges::find(rows, name, &Row::name);
  return row == rows.end() ? nullptr : &*row;
}

template <class Row>
std::vector<std::string_view> names_of(std::span<const Row> rows) {
  std::vector<std::string_view> names;
  for (const Row& row : rows) names.push_back(row.name);
  names.push_back(mixed_name);
  return names;
}

/// "Anna <anna@zillum.test>", with the name encoded where it has to be.
std::string in_ascii(const std::string& field) {
  if (std::ranges::none_of(field, is_eight_bit)) return field;
  std::string out;
  const std::size_t angle = std::min(field.rfind('<'), field.size());
  FieldWriter(out, "").phrase(trimmed(std::string_view(field).substr(0, angle)));
  return unfold(out.substr(1)) + ' ' + field.substr(angle);
}

std::string address_in(const std::string& field) {
  const std::size_t open = field.rfind('<');
  const std::size_t close = field.rfind('>');
  if (open == std::string::npos || close == std::string::npos || close < open) return field;
  return field.substr(open + 1, close - open - 1);
}

}  // namespace

std::span<const std::string_view> profile_names() {
  static const std::vector<std::string_view> names = names_of(profiles());
  return names;
}

std::span<const std::string_view> habit_names() {
  static const std::vector<std::string_view> names = names_of(habits().subspan(1));
  return names;
}

std::string_view profile_meaning(std::string_view profile) {
  const Profile* row = find_row(profiles(), profile);
  return row == nullptr ? "all of these in turn" : row->meaning;
}

std::uint64_t profile_octets_max(std::string_view profile) {
  if (const Profile* row = find_row(profiles(), profile)) return row->octets_max;
  return std::ranges::max(profiles(), {}, &Profile::octets_max).octets_max;
}

Generator::Generator(Settings settings)
    : settings_(std::move(settings)),
      profile_(find_row(profiles(), settings_.profile)),
      habit_(find_row(habits(), settings_.like)) {
  if (profile_ == nullptr && settings_.profile != mixed_name) profile_ = &profiles().front();
  if (habit_ == nullptr && settings_.like != mixed_name) habit_ = &habits().front();
}

bool Generator::is_plain() const { return profile_ == &profiles().front() && habit_ == &habits().front(); }

const Profile& Generator::profile_of(std::uint64_t index) const {
  if (profile_ != nullptr) return *profile_;
  return profiles()[mixed(settings_.seed ^ mixed(index / 2)) % profiles().size()];
}

const MuaProfile& Generator::habit_of(std::uint64_t index) const {
  if (habit_ != nullptr) return *habit_;
  return habits()[1 + mixed(settings_.seed + mixed(index)) % (habits().size() - 1)];
}

std::string Generator::message_id(std::uint64_t index) const {
  return habit_of(index).message_id(index, mixed(settings_.seed ^ mixed(index)), "generated.test");
}

void Generator::append_header(std::string& out, std::uint64_t index) const {
  out += "Date: ";
  write_date(out, settings_.first + static_cast<std::int64_t>(index) * settings_.every, 0);
  out += "\r\nFrom: ";
  if (settings_.from.empty()) {
    out += "Sender ";
    append_number(out, index + 1);
    out += " <sender-";
    append_number(out, index + 1);
    out += "@generated.test>";
  } else {
    out += settings_.from;
  }
  out += "\r\nTo: ";
  out += settings_.to;
  out += "\r\nSubject: ";
  if (settings_.subject.empty()) {
    out += "Message ";
    append_number(out, index + 1);
  } else {
    out += settings_.subject;
  }
  out += "\r\nMessage-ID: ";
  out += message_id(index);
  out += "\r\n";
  out += mime_fields;
}

std::uint64_t Generator::frame_octets(std::uint64_t index) const {
  std::size_t digits = count_digits(index + 1);
  std::size_t from = settings_.from.empty() ? std::string_view("Sender  <sender-@generated.test>").size() + 2 * digits
                                            : settings_.from.size();
  std::size_t subject =
      settings_.subject.empty() ? std::string_view("Message ").size() + digits : settings_.subject.size();
  std::size_t fields = std::string_view("Date: \r\nFrom: \r\nTo: \r\nSubject: \r\nMessage-ID: \r\n").size() +
                       written_date_octets + settings_.to.size();
  std::size_t id = std::string_view("<.0123456789abcdef@generated.test>").size() + digits;
  std::size_t first_line = std::string_view("This is number .\r\n").size() + digits;
  return fields + from + subject + id + mime_fields.size() + first_line;
}

/// A number of eight digits has the longest frame; of the other profiles the limit is known, and a test holds it.
std::uint64_t Generator::octets_min() const {
  if (is_plain()) return frame_octets(largest_number - 1);
  const std::uint64_t given = settings_.from.size() + settings_.to.size() + settings_.subject.size();
  return frame_octets_max + given * given_times_max;
}

std::uint64_t Generator::drawn_octets(std::uint64_t index) const {
  const Profile& profile = profile_of(index);
  const std::uint64_t low = settings_.octets_min.value_or(profile.octets_min);
  const std::uint64_t high = std::max(low, settings_.octets_max.value_or(profile.octets_max));
  return low + mixed(mixed(settings_.seed) + index) % (high - low + 1);
}

std::uint64_t Generator::octets(std::uint64_t index) const {
  const std::uint64_t drawn = drawn_octets(index);
  if (is_plain()) return std::max(drawn, frame_octets(index));
  // Only of small messages the frame has to be looked at.
  return drawn >= octets_min() ? drawn : std::max(drawn, frame_of(index).octets());
}

std::string Generator::message(std::uint64_t index) const {
  if (is_plain()) return plain_message(index);
  const MessageSkeleton frame = frame_of(index);
  std::string out;
  write_frame(out, frame, std::max(drawn_octets(index), frame.octets()), mixed(settings_.seed + index));
  return out;
}

std::string Generator::plain_message(std::uint64_t index) const {
  std::uint64_t size = octets(index);
  std::uint64_t left = size - frame_octets(index);
  std::string out;
  out.reserve(size);
  append_header(out, index);
  out += "This is number ";
  append_number(out, index + 1);
  out += '.';
  if (left == 1) {  // one octet alone is no line
    out += '.';
    left = 0;
  }
  out += "\r\n";
  if (left > 0) append_text(out, left, mixed(settings_.seed + index));
  return out;
}

MessageSkeleton Generator::frame_of(std::uint64_t index) const {
  MessageContext occasion;
  occasion.index = index;
  occasion.id_hash = mixed(settings_.seed ^ mixed(index));
  occasion.prng = Prng(occasion.id_hash);
  occasion.habit = &habit_of(index);
  occasion.date = settings_.first + static_cast<std::int64_t>(index) * settings_.every;
  occasion.offset_minutes = offsets[occasion.prng.below(offsets.size())];
  occasion.message_id = message_id(index);
  occasion.to = in_ascii(settings_.to);
  occasion.to_address = address_in(settings_.to);
  const Person& person = people[occasion.prng.below(people.size())];
  occasion.from_address = fmt::format("{}-{}@generated.test", person.local, index + 1);
  occasion.from = fmt::format("{} <{}>", person.name, occasion.from_address);
  if (!settings_.from.empty()) occasion.from_address = address_in(settings_.from);
  const Profile& profile = profile_of(index);
  if (profile.name == "thread")
    for (std::uint64_t before = index - index % thread_length; before < index; ++before)
      occasion.references.push_back(message_id(before));
  BodyPart body = profile.body(occasion);
  // What is given stands over what the profile likes.
  if (!settings_.from.empty()) occasion.from = in_ascii(settings_.from);
  if (!settings_.subject.empty()) {
    occasion.subject = settings_.subject;
    occasion.subject_word.clear();
  }
  MessageSkeleton frame;
  frame.slack_at = occasion.habit->header(frame.text, occasion, body.fields);
  frame.text += "\r\n";
  for (FillSlot& slot : body.slots) {
    slot.at += frame.text.size();
    frame.slots.push_back(std::move(slot));
  }
  frame.text += body.content;
  return frame;
}

}  // namespace mailrig::mime
