#include "mime/generate/generate_frame.h"

#include <algorithm>

#include "mime/message/coding/base64.h"

namespace mailrig::mime {
namespace {

std::string in_lines(std::string_view octets) {
  Base64Encoder encoder;
  std::string text;
  encoder.feed(octets, text);
  encoder.finish(text);
  return text;
}

std::uint64_t wrapping_octets(const FillSlot& slot) {
  if (!slot.wrap) return 0;
  const Wrapping wrapping = slot.wrap(0, 0);
  return in_lines(wrapping.head).size() + in_lines(wrapping.tail).size();
}

struct Measure {
  std::uint64_t lines = 0;
  std::uint64_t rest = 0;  // octets of the ending
};

/// What every slot gets; the slack is what is left.
std::vector<Measure> measure(const MessageSkeleton& frame, std::uint64_t to_fill, std::uint64_t& slack) {
  // A last line of base64: four characters and CRLF.
  constexpr std::uint64_t base64_line_min = 6;
  std::uint64_t shares = 0;
  for (const FillSlot& slot : frame.slots) shares += slot.share;
  std::vector<Measure> measures(frame.slots.size());
  std::uint64_t left = to_fill;
  std::size_t main = 0;
  for (std::size_t i = 0; i < frame.slots.size(); ++i) {
    if (frame.slots[i].ending != Ending::none) {
      main = i;
      continue;
    }
    measures[i].lines = to_fill * frame.slots[i].share / shares / filler_line_octets;
    left -= measures[i].lines * filler_line_octets;
  }
  Measure& ended = measures[main];
  ended.lines = left / filler_line_octets;
  ended.rest = left % filler_line_octets;
  slack = 0;
  if (frame.slots[main].ending == Ending::text) {
    if (ended.rest == 1) slack = 1;  // no line has one octet
  } else {
    slack = ended.rest < base64_line_min ? ended.rest : (ended.rest - 2) % 4;
  }
  ended.rest -= slack;
  return measures;
}

/// The letters that make a token longer.
constexpr std::string_view slack_letters = "qwxyz";

void write_slot(std::string& out, const FillSlot& slot, Measure measured, std::uint64_t first) {
  Wrapping wrapping;
  if (slot.wrap) wrapping = slot.wrap(measured.lines, filler_octet_sum(first, measured.lines));
  out += in_lines(wrapping.head);
  append_lines(out, slot.filler, first, measured.lines);
  if (measured.rest > 0 && slot.ending == Ending::text) {
    append_text(out, measured.rest, first);
    // Quoted-printable allows no blank there.
    if (out.ends_with(" \r\n")) out[out.size() - 3] = '.';
  }
  if (measured.rest > 0 && slot.ending == Ending::base64) {
    append_lines(out, Filler::ascii_base64, first, 1);
    out.resize(out.size() - (filler_line_octets - measured.rest));
    out.replace(out.size() - 2, 2, "\r\n");
  }
  out += in_lines(wrapping.tail);
}

}  // namespace

std::uint64_t MessageSkeleton::octets() const {
  std::uint64_t sum = text.size();
  for (const FillSlot& slot : slots) sum += wrapping_octets(slot);
  return sum;
}

void write_frame(std::string& out, const MessageSkeleton& frame, std::uint64_t size, std::uint64_t first) {
  std::uint64_t slack = 0;
  const std::vector<Measure> measures = measure(frame, size - frame.octets(), slack);
  out.reserve(out.size() + size);
  const std::string_view text = frame.text;
  out += text.substr(0, frame.slack_at);
  out += slack_letters.substr(0, slack);
  std::size_t at = frame.slack_at;
  for (std::size_t i = 0; i < frame.slots.size(); ++i) {
    out += text.substr(at, frame.slots[i].at - at);
    write_slot(out, frame.slots[i], measures[i], first + i);
    at = frame.slots[i].at;
  }
  out += text.substr(at);
}

}  // namespace mailrig::mime
