// UTF-7 (RFC 2152), character by character: what is wrong with one does not touch the next.
#include <utility>

#include "mime/message/ascii.h"
#include "mime/message/coding/charset_reader.h"

namespace mailrig::mime {
namespace {

int base64_digit(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (is_digit(c)) return c - '0' + 52;
  return c == '+' ? 62 : c == '/' ? 63 : -1;
}

class Utf7Reader final : public CharsetReader {
 public:
  using CharsetReader::CharsetReader;

  void feed(std::string_view octets, std::string& out, TextLoss& loss) override {
    for (char c : octets) {
      take(c, out, loss);
      ++fed_;
    }
  }

  void finish(std::string& out, TextLoss& loss) override {
    if (state_ != State::direct) end_run(out, loss);
    state_ = State::direct;
    fed_ = 0;
  }

 private:
  enum class State : std::uint8_t { direct, plus, run };

  void take(char c, std::string& out, TextLoss& loss) {
    const int digit = state_ == State::direct ? -1 : base64_digit(c);
    if (digit >= 0) {
      state_ = State::run;
      bits_ = bits_ << 6U | static_cast<std::uint32_t>(digit);
      count_ += 6;
      if (count_ >= 16) take_unit(static_cast<char16_t>(bits_ >> (count_ -= 16) & 0xFFFFU), out, loss);
      return;
    }
    if (state_ == State::plus && c == '-') {
      out += '+';
      state_ = State::direct;
      return;
    }
    if (state_ != State::direct) {
      end_run(out, loss);
      state_ = State::direct;
      if (c == '-') return;
    }
    if (c == '+') {
      state_ = State::plus;
      unit_at_ = fed_;
    } else if (is_eight_bit(c)) {
      replace(fed_, out, loss);
    } else {
      out += c;
    }
  }

  void take_unit(char16_t unit, std::string& out, TextLoss& loss) {
    const bool high = unit >= 0xD800 && unit < 0xDC00;
    const bool low = unit >= 0xDC00 && unit < 0xE000;
    if (high_ != 0 && low) {
      append_utf8(0x10000U + ((std::exchange(high_, 0) - 0xD800U) << 10U) + (unit - 0xDC00U), out);
    } else {
      if (std::exchange(high_, 0) != 0) replace(unit_at_, out, loss);
      unit_at_ = fed_;
      if (high)
        high_ = unit;
      else if (low)
        replace(unit_at_, out, loss);
      else
        append_utf8(unit, out);
    }
  }

  /// The bits that are left over are zero, and fewer than a digit (RFC 2152).
  void end_run(std::string& out, TextLoss& loss) {
    const bool leftover = count_ >= 6 || (bits_ & ((1U << count_) - 1U)) != 0;
    if (std::exchange(high_, 0) != 0 || leftover || state_ == State::plus) replace(unit_at_, out, loss);
    bits_ = 0;
    count_ = 0;
  }

  State state_ = State::direct;
  std::uint64_t fed_ = 0;
  std::uint64_t unit_at_ = 0;  // where the present code unit began
  std::uint32_t bits_ = 0;
  unsigned count_ = 0;  // of bits_ that belong to no unit yet
  char16_t high_ = 0;   // the first half of a surrogate pair
};

}  // namespace

std::unique_ptr<CharsetReader> make_utf7_reader(const CharsetRow& row) { return std::make_unique<Utf7Reader>(row); }

}  // namespace mailrig::mime
