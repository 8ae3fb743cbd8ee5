#include "base/step.h"

#include <array>

namespace mailrig {

std::string_view to_string(Step step) {
  static constexpr std::array<std::string_view, step_count> names{
      "none",     "connect", "tls",    "greeting", "capabilities", "login",     "list",
      "retrieve", "store",   "delete", "quit",     "hello",        "mail from", "rcpt to",
      "data",     "token",   "search", "insert",   "associate",    "request"};
  return names[static_cast<std::size_t>(step)];
}

}  // namespace mailrig
