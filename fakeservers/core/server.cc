#include "fakeservers/core/server.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace mailrig::fakeservers {

bool is_fixed(std::string_view setting) {
  constexpr std::string_view fixed[] = {"tls", "session_resumption", "deliver_to", "tokens_of"};
  return std::ranges::find(fixed, setting) != std::end(fixed);
}

Status FakeServer::link(std::string_view setting, FakeServer& /*other*/) {
  return Error{Errc::bad_input, fmt::format("this server has no setting {} that names another", setting), Step::none,
               std::string(setting)};
}

}  // namespace mailrig::fakeservers
