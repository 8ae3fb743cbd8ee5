#pragma once
/// What a generated message is apart from its filler: all that is said once, and the places where filler goes. Its size
/// is known, so the filler can be measured out to give any size.
///
///   MessageSkeleton frame = ...;                                    // of a profile (generate_profile.h)
///   frame.octets();                                       // the smallest size
///   write_frame(out, frame, 10'000, first);               // exactly so many octets

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "mime/generate/generate_filler.h"

namespace mailrig::mime {

/// How a body that holds filler carries it on after the last whole line of it.
enum class Ending : std::uint8_t {
  none,    // whole lines only
  text,    // by ASCII text of any length: 7bit, 8bit, quoted-printable
  base64,  // by ASCII text in base64, of any length but the last five octets
};

/// What stands around the filler of a file and depends on how much there is: decoded octets, base64 in the message.
/// The sizes do not depend on it, and a head has a multiple of filler_line_decoded octets.
struct Wrapping {
  std::string head;
  std::string tail;
};
using LineWrap = std::function<Wrapping(std::uint64_t lines, std::uint16_t octet_sum)>;

struct FillSlot {
  std::size_t at = 0;  // in the text
  Filler filler = Filler::ascii;
  unsigned share = 1;            // of what there is to fill, among the shares of all slots
  Ending ending = Ending::none;  // of one slot not none
  LineWrap wrap = nullptr;
};

struct MessageSkeleton {
  std::string text;
  std::vector<FillSlot> slots;  // in the order of the text
  std::size_t slack_at = 0;     // a token that can take a few letters more: what no line can be made of

  std::uint64_t octets() const;
};

/// `size` is at least frame.octets(); `first` says which filler. Appends.
void write_frame(std::string& out, const MessageSkeleton& frame, std::uint64_t size, std::uint64_t first);

}  // namespace mailrig::mime
