#include "client/targets/mbox_quoter.h"

#include <algorithm>

namespace mailrig::client {
namespace {

constexpr std::string_view from = "From ";

}  // namespace

void MboxQuoter::feed(std::string_view piece, std::string& out) {
  while (!piece.empty()) {
    if (!line_start_) {
      const std::size_t end = std::min(piece.find('\n'), piece.size() - 1) + 1;
      out += piece.substr(0, end);
      line_start_ = piece[end - 1] == '\n';
      piece.remove_prefix(end);
      continue;
    }
    const char c = piece.front();
    if (c == from[matched_]) {
      piece.remove_prefix(1);
      if (++matched_ < from.size()) continue;
      out += '>';
      end_match(out);
    } else if (c == '>' && matched_ == 0) {
      piece.remove_prefix(1);
      out += '>';  // the one that is added may stand behind it as well as before it
    } else {
      end_match(out);  // c is not taken: if it is a line end, it begins the next line
    }
  }
}

void MboxQuoter::end_match(std::string& out) {
  out += from.substr(0, matched_);
  matched_ = 0;
  line_start_ = false;
}

void MboxQuoter::finish(std::string& out) {
  end_match(out);
  line_start_ = true;
}

}  // namespace mailrig::client
