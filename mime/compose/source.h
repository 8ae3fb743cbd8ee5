#pragma once
/// Octets that come in pieces, and can be read again from the beginning: content that need not be in memory.
///
///   Source small = Source::of("hello");
///   Source file([path] { return pieces_of(path); });           // opened once for each reading
///   Source::Pieces next = file.open();
///   for (Result<std::string_view> piece = next(); piece && !piece->empty(); piece = next()) ...

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace mailrig::mime {

class Source {
 public:
  /// The next piece, valid until the next call; an empty one is the end.
  using Pieces = std::function<Result<std::string_view>()>;

  Source() : Source(of({})) {}
  explicit Source(std::function<Pieces()> open) : open_(std::move(open)) {}

  /// The octets are shared by all copies of the source.
  static Source of(std::string octets) {
    auto shared = std::make_shared<const std::string>(std::move(octets));
    return Source([shared] {
      return [shared, read = false]() mutable -> Result<std::string_view> {
        return std::exchange(read, true) ? std::string_view() : std::string_view(*shared);
      };
    });
  }

  Pieces open() const { return open_(); }

 private:
  std::function<Pieces()> open_;
};

}  // namespace mailrig::mime
