#pragma once
/// What holds for every reader of mime/, whatever it is fed: its text is UTF-8 and of a size that its input explains,
/// and its defects lie within the input.
///
///   check(list.mailboxes.size() <= addresses_max, "more addresses than the limit");

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "base/text.h"
#include "mime/message/defect.h"

namespace mailrig::mime::fuzz {

inline void check(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "broken: %s\n", what);
  std::abort();
}

// No charset makes more UTF-8 out of an octet than this, U+FFFD included.
inline constexpr std::size_t growth_max = 6;

inline void check_text(std::string_view text, std::string_view input) {
  check(is_well_formed_utf8(text), "text that is not UTF-8");
  check(text.size() <= growth_max * input.size() + 16, "text that is longer than its input explains");
}

inline void check_defects(const Defects& defects, std::string_view input) {
  check(defects.list().size() <= defects_max, "more defects than the limit");
  for (const Defect& defect : defects.list())
    check(defect.offset <= input.size() && defect.length <= input.size() - defect.offset,
          "a defect that lies outside of the input");
}

}  // namespace mailrig::mime::fuzz
