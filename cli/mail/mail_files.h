#pragma once
/// Messages in files, as the subcommands of `mailrig mail` take them.
///
///   Result<std::string> text = read_mail("-");                 // standard input
///   Places places(*text);
///   Place place = places.at(defect.offset);                    // line and column, as an editor counts them

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "cli/program.h"

namespace mailrig::cli {

// Ten times what large providers take.
inline constexpr std::size_t mail_octets_max = 512 << 20;

/// The file as it is; "-" is standard input.
Result<std::string> read_mail(const std::string& path);
/// "standard input" for "-".
std::string mail_name(const std::string& path);

/// Lines that end in bare LFs alone are how Unix keeps mail, and no mistake of the sender: they are read as CRLF. A
/// file with both is left as it is.
std::string as_sent(std::string text);

/// Counted from 1; columns in octets.
struct Place {
  std::uint64_t line = 1;
  std::uint64_t column = 1;
};
/// Asked in the order of the offsets each octet is looked at once, however many are asked; another order begins anew.
class Places {
 public:
  explicit Places(std::string_view text) : text_(text) {}
  Place at(std::uint64_t offset);

 private:
  std::string_view text_;
  std::uint64_t line_ = 1;
  std::size_t line_start_ = 0;
};

}  // namespace mailrig::cli
