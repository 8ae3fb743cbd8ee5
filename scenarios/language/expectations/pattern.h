#pragma once
/// A regular expression (ECMAScript, unanchored, on octets) whose cost is bounded whatever the pattern: RE2 does not
/// backtrack, and the states of a pattern and the text that is searched have limits. Back-references and looking ahead
/// or behind are refused.
///
///   auto pattern = Pattern::compile("^RETR \\d+$");
///   (*pattern)->found_in("RETR 3") == true;

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace mailrig::scenarios {

class Pattern {
 public:
  /// A pattern that nobody can read is longer than this, too.
  static constexpr std::size_t octets_max = 1024;
  /// Texts are searched this far: under a millisecond for a pattern of ordinary size. A line of a dialogue has 512
  /// octets.
  static constexpr std::size_t text_octets_max = 64 * 1024;

  /// Errors: bad_input, saying what is wrong with it and at which of its octets, counted from 1.
  static Result<std::shared_ptr<const Pattern>> compile(std::string_view text);

  virtual ~Pattern() = default;
  virtual bool found_in(std::string_view text) const = 0;
  /// How many places of the text match, one behind the other.
  virtual std::size_t count_in(std::string_view text) const = 0;
  virtual const std::string& text() const = 0;
};

}  // namespace mailrig::scenarios
