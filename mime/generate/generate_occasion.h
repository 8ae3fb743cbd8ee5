#pragma once
/// One generated message before it is written: who writes to whom, when and about what, and the parts that a profile
/// makes of it. Internal to the generator: generate.h is the door.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/prng.h"
#include "base/time.h"
#include "mime/generate/generate_frame.h"

namespace mailrig::mime {

struct MuaProfile;

struct MessageContext {
  std::uint64_t index = 0;
  std::uint64_t id_hash = 0;  // of this seed and index
  Prng prng{0};
  const MuaProfile* habit = nullptr;  // never null
  Instant date{};
  int offset_minutes = 0;
  std::string from;          // the field's body: ASCII
  std::string from_address;  // of it
  std::string to;            // the field's body: ASCII
  std::string to_address;
  std::string subject;       // UTF-8 ...
  std::string subject_word;  // ... or one encoded word of another charset
  std::string message_id;    // with < >, as all of them
  std::vector<std::string> references;
  std::vector<std::pair<std::string, std::string>> fields;  // that the profile brings: name and body, ASCII
  unsigned multiparts = 0;                                  // so far
};

/// A part, or a whole body: what stands in its header about it, and its octets.
struct BodyPart {
  std::string fields;
  std::string content;
  std::vector<FillSlot> slots;  // offsets are those of content
};

// --- Profiles (generate_profile.cc)

struct Profile {
  std::string_view name;
  std::string_view meaning;
  std::uint64_t octets_min;  // what the sizes are where nobody says so
  std::uint64_t octets_max;
  BodyPart (*body)(MessageContext& occasion);
};
std::span<const Profile> profiles();

// --- Habits of programs (generate_habit.cc)

struct MuaProfile {
  std::string_view name;  // "" for no program in particular
  std::string (*message_id)(std::uint64_t index, std::uint64_t hash, std::string_view domain);
  std::string (*boundary)(std::uint64_t hash, unsigned number);
  std::string_view preamble;
  /// All fields; `of_body` are those of the message's own part. Returns where a token can be made longer.
  std::size_t (*header)(std::string& out, const MessageContext& occasion, std::string_view of_body);
};
std::span<const MuaProfile> habits();  // the one without a name first

// --- What profiles are made of (generate_parts.cc)

std::string new_boundary(MessageContext& occasion);

/// A text with lines that end in CRLF, and filler behind it. Main is the part whose filler takes what is left over.
struct TextPart {
  std::string_view type = "text/plain";
  std::string_view charset = "us-ascii";
  std::string_view encoding = "7bit";
  std::string before = {};  // encoded already
  Filler filler = Filler::ascii;
  unsigned share = 1;
  bool main = true;
  std::string after = {};
};
BodyPart text_part(TextPart part);

/// `parameters` such as "; type=\"text/html\"", a line each.
BodyPart multipart(MessageContext& occasion, std::string_view subtype, std::vector<BodyPart> parts,
                   std::vector<std::string> parameters = {});

/// In base64, all of it given.
BodyPart file_part(std::string fields, std::string_view octets);
/// In base64, with filler in the middle.
BodyPart filled_file_part(std::string fields, LineWrap wrap, unsigned share);

LineWrap pdf();
LineWrap jpeg();
LineWrap tnef();

/// A page around a text.
BodyPart html_part(std::string_view before, std::string_view after, unsigned share, bool main = false);

}  // namespace mailrig::mime
