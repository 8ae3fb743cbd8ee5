#pragma once
/// One organisation's CRM: everything that calls read and change.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "fakeservers/core/server.h"
#include "fakeservers/crm/answers.h"
#include "fakeservers/crm/limits.h"
#include "fakeservers/crm/records/mails.h"
#include "fakeservers/crm/records/records.h"
#include "fakeservers/crm/settings.h"
#include "fakeservers/crm/tokens.h"

namespace mailrig::fakeservers::crm {

/// Where a page_token stands.
struct PageToken {
  std::string bound_to;  // the parameters that it was given for
  std::uint64_t page = 0;
  Instant until;
};
inline constexpr Duration page_token_lifetime = 24h;  // crm docs, "Get Records"
// A client walks one list at a time; the oldest of more is forgotten, as if it had expired.
inline constexpr std::size_t page_tokens_max = 1'000;

struct Organisation {
  Organisation(ServerContext server_context, Settings given, Value texts);
  Organisation(const Organisation&) = delete;

  Instant now() const { return context.world.calendar.now(); }
  std::string time(Instant instant) const;
  /// { "name": ..., "id": ... }
  Value user() const;
  /// The user with his address, as Owner shows him.
  Value owner() const;
  /// The id that stands for a module in answers.
  std::string module_id(const Module& module) const;
  TokenBook& token_book() { return other_tokens == nullptr ? tokens : *other_tokens; }

  ServerContext context;
  Settings settings;
  Prng prng;
  Answers answers;
  IdMaker ids;
  std::string user_id;
  std::string user_zuid;
  std::string cookie;
  std::map<std::string_view, std::string> module_ids;
  RecordStore records;
  MailBook mails;
  std::map<std::string, PageToken, std::less<>> page_tokens;
  std::vector<std::string> page_token_order;
  TokenBook tokens;
  TokenBook* other_tokens = nullptr;  // of the server that grants them for this one; outlives it
  Limits limits;
};

}  // namespace mailrig::fakeservers::crm
