#include <fmt/format.h>

#include <charconv>
#include <stdexcept>

#include "base/text.h"
#include "scenarios/language/expectations/expectation.h"

namespace mailrig::scenarios {
namespace {

bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

/// The text between the quotes of ['...']; `at` stands behind the opening quote and is left behind the closing one.
boost::system::result<std::string, PathError> read_quoted(std::string_view text, std::size_t& at) {
  std::size_t begin = at - 1;
  std::string name;
  for (; at < text.size(); ++at) {
    char c = text[at];
    if (c == '\'') {
      ++at;
      return name;
    }
    if (c == '\\' && at + 1 < text.size()) c = text[++at];
    name += c;
  }
  return PathError{begin, "the quote that opens here is not closed"};
}

}  // namespace

void throw_exception_from_error(const PathError& error, const boost::source_location&) {
  throw std::logic_error(error.message);
}

boost::system::result<Path, PathError> Path::parse(std::string_view text) {
  if (text.empty()) return PathError{0, "the path is empty; write for example accounts.work.state"};
  if (text.size() > octets_max)
    return PathError{0, fmt::format("a path of {} octets; at most {} are allowed", text.size(), octets_max)};
  Path path;
  path.text_ = text;
  std::size_t at = 0;
  while (at < text.size()) {
    std::size_t begin = at;
    if (path.segments_.size() >= segments_max)
      return PathError{begin, fmt::format("a path of more than {} steps", segments_max)};
    Segment segment;
    if (text[at] == '[') {
      ++at;
      if (at < text.size() && text[at] == '\'') {
        ++at;
        auto name = read_quoted(text, at);
        if (!name) return name.error();
        segment.name = std::move(*name);
      } else {
        auto [end, failure] = std::from_chars(text.data() + at, text.data() + text.size(), segment.index);
        if (failure != std::errc{})
          return PathError{
              at, "[ ] takes the number of an item such as [0] or [-1], or a name in quotes such as ['anna@x.test']"};
        segment.is_index = true;
        at = static_cast<std::size_t>(end - text.data());
      }
      if (at >= text.size() || text[at] != ']') return PathError{begin, "the [ that opens here is not closed"};
      ++at;
    } else {
      if (!path.segments_.empty()) {
        if (text[at] != '.')
          return PathError{at, fmt::format("{} stands where a name or item has ended; a dot or [ may follow",
                                           printable(text.substr(at, 1)))};
        begin = ++at;
      }
      while (at < text.size() && is_name(text[at])) ++at;
      if (at == begin) {
        std::string found = at < text.size() ? printable(text.substr(at, 1)) : "the end";
        return PathError{
            at,
            fmt::format("a name is missing before {}; a name with other characters is written ['like this']", found)};
      }
      segment.name = text.substr(begin, at - begin);
    }
    path.segments_.push_back(std::move(segment));
    path.offsets_.push_back(begin);
  }
  return path;
}

std::string Path::prefix(std::size_t count) const {
  if (count >= segments_.size()) return text_;
  std::string_view text = std::string_view(text_).substr(0, offsets_[count]);
  if (text.ends_with('.')) text.remove_suffix(1);
  return std::string(text);
}

}  // namespace mailrig::scenarios
