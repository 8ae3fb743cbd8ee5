#pragma once
/// Where something stands in a scenario file: cheap to copy, worked out (line, column, the line itself) when somebody
/// prints it.
///
///   finding.place = step.place;              // becomes a SourcePlace
///   fmt::print("{}", to_string(SourcePlace(step.place)));   // "suite/gmail/window.json:12:7"

#include <cstdint>
#include <memory>
#include <string>

#include "base/outcome.h"

namespace mailrig::scenarios {

/// A text that places point into.
struct Origin {
  std::string file;
  std::shared_ptr<const std::string> text;
  std::string row;  // how one came here: "row [captcha] of the table", "extended by x.json"; may be empty
};

class Place {
 public:
  Place() = default;
  Place(std::shared_ptr<const Origin> origin, std::size_t offset)
      : origin_(std::move(origin)), offset_(static_cast<std::uint32_t>(offset)) {}

  /// Lines count from 1, columns too, in code points; a tab is one column.
  SourcePlace resolve() const;
  operator SourcePlace() const { return resolve(); }  // NOLINT(google-explicit-constructor)
  bool known() const { return origin_ != nullptr; }
  const std::shared_ptr<const Origin>& origin() const { return origin_; }
  std::size_t offset() const { return offset_; }

 private:
  std::shared_ptr<const Origin> origin_;
  std::uint32_t offset_ = 0;
};

}  // namespace mailrig::scenarios
