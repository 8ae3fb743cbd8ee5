#include "fakeservers/core/server.h"

#include <fmt/format.h>

namespace mailrig::fakeservers {

Status FakeServer::link(std::string_view setting, FakeServer& /*other*/) {
  return Error{Errc::bad_input, fmt::format("this server has no setting {} that names another", setting), Step::none,
               std::string(setting)};
}

}  // namespace mailrig::fakeservers
