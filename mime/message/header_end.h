#pragma once
/// Where a header ends that no blank line ends: before the first line that can only belong to the body.
///
///   find_body("Content-Type: multipart/mixed; boundary=b\r\n--b\r\nContent-Type: ...", odd_line) == 43

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace mailrig::mime {

/// What came after the lines that could be the header.
enum class HeaderStop : std::uint8_t { blank_line, delimiter, end };

/// `text`: from the header's first octet to where it stopped. `first_odd_line`: of HeaderEnd. Returns the offset of the
/// body's first line; npos where the header goes on to the end of `text`.
///
/// Taken for the body are: the delimiter that this very header announces; HTML; base64, under a
/// Content-Transfer-Encoding that says so; and, before a delimiter, the lines after the last field. A known field
/// further down (From:, Content-Type:) proves that HTML or base64 is not the body, since what a filter takes for the
/// body must not hold fields of the header.
std::size_t find_body(std::string_view text, std::size_t first_odd_line, HeaderStop stop);

}  // namespace mailrig::mime
