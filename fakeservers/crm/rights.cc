#include "fakeservers/crm/rights.h"

#include <fmt/format.h>

#include <algorithm>

namespace mailrig::fakeservers::crm {
namespace {

std::string_view scope_word(Right right) {
  switch (right) {
    case Right::read: return "READ";
    case Right::create: return "CREATE";
    case Right::update: return "UPDATE";
    case Right::remove: return "DELETE";
  }
  return "READ";
}

std::string_view permission_word(Right right) {
  switch (right) {
    case Right::read: return "View";
    case Right::create: return "Create";
    case Right::update: return "Edit";
    case Right::remove: return "Delete";
  }
  return "View";
}

/// Scopes stand with blanks or commas between them; Zoho does not mind letter case in them.
bool has_scope(std::string_view scopes, std::string_view wanted) {
  std::string all = lower_case(scopes);
  std::string one = lower_case(wanted);
  std::string_view rest = all;
  while (!rest.empty()) {
    std::string_view word = rest.substr(0, rest.find_first_of(" ,"));
    if (word == one) return true;
    rest.remove_prefix(std::min(rest.size(), word.size() + 1));
  }
  return false;
}

bool scope_allows(const Organisation& org, const Route& route, const Module* module) {
  const std::string& scopes = org.settings.scope;
  std::string_view word = scope_word(route.right);
  auto either = [&](const std::string& prefix) {
    return has_scope(scopes, prefix + "ALL") || has_scope(scopes, prefix + std::string(word));
  };
  if (route.mail && !either("ZohoCRM.modules.emails.")) return false;
  if (route.word == "search" && !has_scope(scopes, "ZohoSearch.securesearch.READ")) return false;
  return module == nullptr || either("ZohoCRM.modules.") || either(fmt::format("ZohoCRM.modules.{}.", module->name));
}

}  // namespace

TokenCheck check_token(const Organisation& org, const HttpRequest& request) {
  std::string_view credentials = request.field("Authorization");
  std::size_t blank = credentials.find(' ');
  std::string scheme = lower_case(credentials.substr(0, blank));
  bool known = scheme == "zoho-oauthtoken" || (scheme == "bearer" && org.settings.bearer);
  if (!known || blank == std::string_view::npos) return {{}, org.answers.error(401, "AUTHENTICATION_FAILURE")};
  std::string token(credentials.substr(blank + 1));
  const TokenBook& granted = org.other_tokens == nullptr ? org.tokens : *org.other_tokens;
  if (!granted.is_good(token, org.now())) return {{}, org.answers.error(401, "INVALID_TOKEN")};
  return {std::move(token), {}};
}

std::optional<Reply> check_rights(const Organisation& org, const Route& route, const Module* module) {
  if (!scope_allows(org, route, module))
    return org.answers.error(org.settings.scope_mismatch_status, "OAUTH_SCOPE_MISMATCH");
  if (module == nullptr || std::ranges::find(org.settings.forbidden, module->name) == org.settings.forbidden.end())
    return std::nullopt;
  Value permission(fmt::format("Crm_Implied_{}_{}", permission_word(route.right), module->name));
  return org.answers.error(403, "NO_PERMISSION",
                           Value::map().set("permissions", Value(Value::List{std::move(permission)})));
}

}  // namespace mailrig::fakeservers::crm
