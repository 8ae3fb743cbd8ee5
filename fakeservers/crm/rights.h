#pragma once
/// Who may call what: the token in the Authorization field, the scopes it is good for, the modules the user has no
/// permission for.

#include <optional>
#include <string>

#include "fakeservers/crm/http/call.h"

namespace mailrig::fakeservers::crm {

struct TokenCheck {
  std::string token;
  Reply refusal;  // without a body where the token is good
};
TokenCheck check_token(const Organisation& org, const HttpRequest& request);

/// `module` is null for calls that are of none.
std::optional<Reply> check_rights(const Organisation& org, const Route& route, const Module* module);

}  // namespace mailrig::fakeservers::crm
