#pragma once
/// What a scenario may tell the fake CRM; docs/personalities-smtp-crm.md has every name with its meaning, default and
/// source.
///
///   Result<Settings> settings = read_settings(server);          // the server's map, laid over its personality's
///   settings->token_lifetime == 1h;

#include <chrono>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/settings.h"

namespace mailrig::fakeservers::crm {

struct Client {
  std::string id;
  std::string secret;
  std::string refresh_token;

  friend bool operator==(const Client&, const Client&) = default;
};

struct Settings {
  // Tokens.
  std::vector<Client> clients;
  std::string tokens_of;   // the server that grants the tokens that this one takes; empty: itself
  std::string api_domain;  // empty: the origin that the token was asked at
  std::string scope = "ZohoCRM.modules.ALL ZohoSearch.securesearch.READ ZohoCRM.modules.emails.ALL";
  Duration token_lifetime = 1h;
  Duration token_window = 10min;
  std::uint64_t tokens_per_window = 10;
  std::uint64_t live_tokens = 15;
  unsigned token_throttle_status = 400;
  bool token_throttle_extends = true;
  bool token_in_milliseconds = false;  // the answer of 2018: expires_in_sec, and expires_in in ms
  bool bearer = false;

  // Limits.
  std::uint64_t credits = 51'000;  // Enterprise with one user
  std::uint64_t concurrency = 20;
  std::uint64_t heavy_concurrency = 10;
  Duration service_time{};
  enum class CreditsHeader : std::uint8_t { after_half, always, never } credits_header = CreditsHeader::after_half;
  bool ratelimit_headers = false;
  Duration retry_after{};  // zero: no such header
  std::string rate_limit_code = "TOO_MANY_REQUESTS";
  bool maintenance = false;
  Duration idle = 5min;

  // Records.
  Duration index_lag{};
  std::vector<std::string> unique;                            // "Leads.Email"
  std::vector<std::string> mandatory;                         // "Leads.Company", beside what always is
  std::map<std::string, std::uint64_t, std::less<>> lengths;  // "Last_Name" or "Leads.Last_Name"
  std::vector<std::string> forbidden;                         // modules that the user may not use
  std::chrono::minutes zone{0};
  std::string owner_name = "Patricia Boyle";
  std::string owner_email = "p.boyle@zylker.test";

  // Where the sources differ.
  unsigned associate_status = 201;
  std::string associate_root = "Emails";
  bool linked_record_required = false;
  unsigned invalid_module_status = 400;
  bool invalid_module_in_data = false;
  std::optional<unsigned> all_failed_status;  // nothing: 400, and 202 in v2
  unsigned mixed_status = 207;
  unsigned scope_mismatch_status = 401;
  unsigned invalid_method_status = 400;
  std::string precondition_code = "ALREADY_MODIFIED";
  std::uint64_t criteria_max = 15;
  enum class MessageCase : std::uint8_t { documented, lower, capital } message_case = MessageCase::documented;
  bool cookies = true;
};

std::span<const Setting> settings_table();

/// Error bad_input names the key and what it takes.
Result<Settings> read_settings(const Value& values);

}  // namespace mailrig::fakeservers::crm
