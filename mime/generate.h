#pragma once
/// Makes messages: numbered, pairwise different, well-formed (RFC 5322), of a size that is known before they are made.
///
///   mime::Generator mail({.profile = "plain", .seed = 7, .octets_min = 2048, .octets_max = 65536});
///   mail.octets(17) == mail.message(17).size();        // the same bytes at every call
///
/// Profile `plain`: one text part in ASCII, lines of at most 78 characters. A profile is a row of a table in
/// generate.cc.

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "base/time.h"

namespace mailrig::mime {

class Generator {
 public:
  struct Settings {
    std::string profile = "plain";
    std::uint64_t seed = 0;
    std::uint64_t octets_min = 1024;
    std::uint64_t octets_max = 8192;
    std::string from = {};  // as in the header field; empty: a sender for each number
    std::string to = "user@generated.test";
    std::string subject = {};  // empty: "Message N"
    Instant first{};           // Date of number 0 ...
    Duration every{};          // ... and from one to the next
  };

  explicit Generator(Settings settings);

  /// No smaller message can be made: the header, and a line that holds the number. octets_min below it counts as it.
  std::uint64_t octets_min() const;

  /// What message(index) has, without making it.
  std::uint64_t octets(std::uint64_t index) const;
  std::string message(std::uint64_t index) const;
  /// The value of its Message-ID field, with < >.
  std::string message_id(std::uint64_t index) const;

 private:
  void append_header(std::string& out, std::uint64_t index) const;
  /// The header and the line with the number.
  std::uint64_t frame_octets(std::uint64_t index) const;

  Settings settings_;
  std::uint64_t low_;
  std::uint64_t high_;
};

/// The names that Settings::profile may have.
std::span<const std::string_view> profile_names();

}  // namespace mailrig::mime
