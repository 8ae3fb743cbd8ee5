#pragma once
/// Makes messages: numbered, pairwise different, well-formed (RFC 5322), of a size that is known before they are made.
///
///   mime::Generator mail({.profile = "plain", .seed = 7, .octets_min = 2048, .octets_max = 65536});
///   mail.octets(17) == mail.message(17).size();        // the same bytes at every call
///   mime::Generator news({.profile = "newsletter", .like = "gmail", .seed = 7});
///
/// Profile `plain`: one text part in ASCII, lines of at most 78 characters. The others look like real traffic, and
/// `mixed` takes them in turn; a profile is a row in generate_profile.cc, and a program whose header is imitated
/// (`like`) is one in generate_habit.cc.

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/time.h"

namespace mailrig::mime {

struct MessageSkeleton;
struct MuaProfile;
struct Profile;

class Generator {
 public:
  struct Settings {
    std::string profile = "plain";
    std::string like = {};  // of habit_names(); empty: no program in particular
    std::uint64_t seed = 0;
    std::optional<std::uint64_t> octets_min = {};  // default: as the profile has it
    std::optional<std::uint64_t> octets_max = {};
    std::string from = {};  // as in the header field; empty: a sender for each number
    std::string to = "user@generated.test";
    std::string subject = {};  // empty: of the profile; "Message N" in plain
    Instant first{};           // Date of number 0 ...
    Duration every{};          // ... and from one to the next
  };

  /// A name that is none counts as the first of its list.
  explicit Generator(Settings settings);

  /// Every message can be made as small as this; a smaller one than it needs itself is never made, and octets_min below
  /// it counts as it.
  std::uint64_t octets_min() const;

  /// What message(index) has, without making it.
  std::uint64_t octets(std::uint64_t index) const;
  std::string message(std::uint64_t index) const;
  /// The value of its Message-ID field, with < >.
  std::string message_id(std::uint64_t index) const;

 private:
  const Profile& profile_of(std::uint64_t index) const;
  const MuaProfile& habit_of(std::uint64_t index) const;
  std::uint64_t drawn_octets(std::uint64_t index) const;
  MessageSkeleton frame_of(std::uint64_t index) const;

  bool is_plain() const;
  void append_header(std::string& out, std::uint64_t index) const;
  /// The header and the line with the number.
  std::uint64_t frame_octets(std::uint64_t index) const;
  std::string plain_message(std::uint64_t index) const;

  Settings settings_;
  const Profile* profile_ = nullptr;   // null: mixed
  const MuaProfile* habit_ = nullptr;  // null: mixed
};

/// The names that Settings::profile and Settings::like may have.
std::span<const std::string_view> profile_names();
std::span<const std::string_view> habit_names();
/// One line for a person.
std::string_view profile_meaning(std::string_view profile);
/// The largest that messages of it are where nobody says how large they are.
std::uint64_t profile_octets_max(std::string_view profile);

}  // namespace mailrig::mime
