#include "fakeservers/pop3/uids.h"

#include <charconv>

#include "fakeservers/core/base64.h"

namespace mailrig::fakeservers::pop3 {
namespace {

void append_hex(std::string& out, std::uint64_t value, int digits) {
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) out += "0123456789abcdef"[value >> shift & 15];
}

/// One to one, so that numbers that differ stay apart (the finaliser of SplitMix64).
std::uint64_t scrambled(std::uint64_t value) {
  value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9U;
  value = (value ^ value >> 27) * 0x94D049BB133111EBU;
  return value ^ value >> 31;
}

/// docs/providers/gmail.md#unique-ids: 23 octets, "GmailId" and a message id: milliseconds above 20 bits, in which
/// messages of one millisecond differ (an odd factor permutes them).
void append_gmail(std::string& out, const UidSource& source) {
  auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(source.arrived.time_since_epoch()).count();
  std::uint64_t low = (source.number * 0x9E375U + source.salt) & 0xFFFFFU;
  out += "GmailId";
  append_hex(out, static_cast<std::uint64_t>(milliseconds) << 20 | low, 16);
}

/// docs/providers/exchange.md#unique-ids: 24 octets in base64 ("AAwh/KAAAAAod7I61XIb+CUvteSrrDfb").
void append_legacy(std::string& out, const UidSource& source) {
  std::string bytes("\x00\x0C\x21\xFC", 4);
  auto append = [&](std::uint64_t value, int octets) {
    for (int shift = 8 * (octets - 1); shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 0xFF);
  };
  append(source.number, 4);
  append(scrambled(source.salt ^ source.number), 8);
  append(scrambled(~source.salt), 8);
  out += to_base64(bytes);
}

}  // namespace

void append_uid(std::string& out, UidShape shape, const UidSource& source) {
  switch (shape) {
    case UidShape::opaque: append_hex(out, scrambled(source.salt + source.number), 16); return;
    case UidShape::gmail: append_gmail(out, source); return;
    case UidShape::legacy: append_legacy(out, source); return;
    case UidShape::dovecot:  // %{uid|hex(8)}%{uidvalidity|hex(8)}, docs/providers/dovecot.md#unique-ids
      append_hex(out, source.first + source.number - 1, 8);
      append_hex(out, source.validity, 8);
      return;
    case UidShape::decimal:
    case UidShape::mixed: break;
  }
  char digits[20];
  auto end = std::to_chars(digits, digits + sizeof(digits), source.first + source.number - 1).ptr;
  out.append(digits, end);
}

}  // namespace mailrig::fakeservers::pop3
