#pragma once
/// The dialogues with a real Dovecot in pop3/testdata, and the mailbox that they were held about.

#include <array>
#include <string>
#include <string_view>

namespace mailrig::fakeservers::testing {

inline constexpr const char* dovecot_record = MAILRIG_SOURCE_DIR "/fakeservers/pop3/testdata/dovecot-2.3.19.1.txt";

/// An ordinary one; dots; no line end at its end; octets over 127 (UTF-8), a tab, and a CR within a line.
inline constexpr std::array<std::string_view, 4> dovecot_messages{
    "Subject: plain\r\nMessage-ID: <1@example.test>\r\n\r\nhello\r\nsecond\r\nthird\r\n",
    "Subject: dots\r\n\r\n.\r\n..\r\n.x\r\nend\r\n", "Subject: no end\r\n\r\nlast line without end",
    "Subject: octets\r\n\r\n\xc3\xbc high\r\nbare \r in line\r\ntab\there\r\n"};

/// Its second half of unique-ids; the personality's default is the same.
inline constexpr std::uint64_t dovecot_uid_validity = 1331464705;

/// As the record has it: everything but what is printable is \xHH.
inline std::string shown_octets(std::string_view line) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (char c : line) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet >= 0x20 && octet < 0x7f && c != '\\')
      text += c;
    else
      text += {'\\', 'x', digits[octet >> 4], digits[octet & 15]};
  }
  return text;
}

}  // namespace mailrig::fakeservers::testing
