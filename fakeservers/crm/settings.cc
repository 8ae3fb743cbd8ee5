#include "fakeservers/crm/settings.h"

#include <fmt/format.h>

#include <array>

#include "base/text.h"
#include "fakeservers/crm/records/zone.h"

namespace mailrig::fakeservers::crm {
namespace {

constexpr std::array<std::string_view, 2> token_forms{"seconds", "milliseconds"};
constexpr std::array<std::string_view, 5> editions{"free", "standard", "professional", "enterprise", "ultimate"};
constexpr std::array<std::string_view, 3> credits_headers{"after-half", "always", "never"};
constexpr std::array<std::string_view, 2> rate_limit_codes{"TOO_MANY_REQUESTS", "RATE_LIMIT_EXCEEDED"};
constexpr std::array<std::string_view, 2> associate_roots{"Emails", "data"};
constexpr std::array<std::string_view, 2> invalid_module_forms{"bare", "data"};
constexpr std::array<std::string_view, 2> precondition_codes{"ALREADY_MODIFIED", "RECORD_MODIFIED"};
constexpr std::array<std::string_view, 3> message_cases{"documented", "lower", "capital"};

using enum SettingKind;
constexpr Setting table[] = {
    {"api_domain", text, "the api_domain of a token answer; default: the origin that the token was asked at"},
    {"tokens_of", text, "the CRM server of the scenario whose tokens are good here too; default: its own"},
    {"scope", text, "the scopes that a token is good for"},
    {"token_lifetime", duration, "how long an access token is good, by the calendar"},
    {"token_window", duration, "the span in which tokens are counted"},
    {"tokens_per_window", whole, "access tokens per refresh token and window; more are refused"},
    {"live_tokens", whole,
     "access tokens of one refresh token that are good at the same time; one more kills the oldest"},
    {"token_throttle_status", whole, "the status of \"Access Denied\": 400 or 200"},
    {"token_throttle_extends", boolean, "whether asking while refused makes the refusal longer"},
    {"token_form", choice, "expires_in in seconds, or the answer of 2018 with milliseconds", token_forms},
    {"bearer", boolean, "whether \"Authorization: Bearer\" is taken too"},
    {"edition", choice, "the edition that credits and concurrency come from", editions},
    {"users", whole, "users of the organisation; they add credits"},
    {"credits", whole, "credits in any 24 hours; default by edition"},
    {"concurrency", whole, "calls at the same time; default by edition"},
    {"heavy_concurrency", whole, "searches, conversions, e-mail calls and writes of over 10 records at the same time"},
    {"service_time", duration, "how long a call takes before it is answered"},
    {"credits_header", choice, "when X-API-CREDITS-REMAINING is sent", credits_headers},
    {"ratelimit_headers", boolean, "whether the X-RATELIMIT headers of the first v2 SDKs are sent"},
    {"retry_after", duration, "Retry-After of a 429; 0s: none"},
    {"rate_limit_code", choice, "the code of a 429", rate_limit_codes},
    {"maintenance", boolean, "every call is answered 503 SERVICE_UNAVAILABLE"},
    {"idle", duration, "how long a silent connection is kept"},
    {"index_lag", duration, "how long a write stays invisible to searches"},
    {"unique", text_list, "fields marked unique, as \"Leads.Email\""},
    {"mandatory", text_list, "fields that are mandatory beside those that always are, as \"Leads.Company\""},
    {"lengths", map, "the most characters of a field, as \"Last_Name\" or \"Leads.Last_Name\""},
    {"forbidden", text_list, "modules that the user has no permission for"},
    {"zone", text, "the offset in which times are written, as \"+05:30\""},
    {"owner_name", text, "the user's name"},
    {"owner_email", text, "the user's address"},
    {"associate_status", whole, "the status of an association: 201 or 200"},
    {"associate_root", choice, "the root key of an association", associate_roots},
    {"linked_record_required", boolean, "whether an association must name a linked_record"},
    {"invalid_module_status", whole, "the status of INVALID_MODULE: 400 or 404"},
    {"invalid_module_form", choice, "INVALID_MODULE at the top or inside data[]", invalid_module_forms},
    {"all_failed_status", whole, "the status when every item failed: 400 or 202; default 400, in v2 202"},
    {"mixed_status", whole, "the status when some items failed: 207 or 200"},
    {"scope_mismatch_status", whole, "the status of OAUTH_SCOPE_MISMATCH: 401 or 403"},
    {"invalid_method_status", whole, "the status of INVALID_REQUEST_METHOD: 400 or 405"},
    {"precondition_code", choice, "the code of a 412", precondition_codes},
    {"criteria_max", whole, "conditions of one search: 10 or 15 in the sources"},
    {"message_case", choice, "how messages begin: as documented, in lower case, with a capital", message_cases},
    {"cookies", boolean, "whether the cookies _zcsr_tmp and crmcsr are set"},
};

struct Edition {
  std::string_view name;
  std::uint64_t credits;
  std::uint64_t credits_per_user;
  std::uint64_t credits_max;
  std::uint64_t concurrency;
};
// Zoho's page "API limits", and Kaizen post 203 for the calls at one time.
constexpr Edition edition_table[] = {{"free", 5'000, 0, 5'000, 5},
                                     {"standard", 50'000, 250, 100'000, 10},
                                     {"professional", 50'000, 500, 3'000'000, 15},
                                     {"enterprise", 50'000, 1'000, 5'000'000, 20},
                                     {"ultimate", 50'000, 2'000, UINT64_MAX, 25}};

Error bad(std::string_view key, std::string message) {
  return {Errc::bad_input, std::move(message), Step::none, std::string(key)};
}

Status read_clients(const Value& values, std::vector<Client>& clients) {
  const Value* given = values.find("clients");
  if (given == nullptr) return {};
  Value::List list = given->is(Value::Kind::list) ? given->items() : Value::List{*given};
  for (const Value& one : list) {
    SettingsReader read(one);
    Client client{read.text("client_id", ""), read.text("client_secret", ""), read.text("refresh_token", "")};
    if (!one.is(Value::Kind::map) || client.id.empty() || client.secret.empty() || client.refresh_token.empty())
      return bad("clients",
                 "\"clients\" takes an object (or a list of them) with client_id, client_secret and refresh_token");
    clients.push_back(std::move(client));
  }
  return {};
}

void read_limits(const SettingsReader& read, Settings& settings) {
  std::string edition = read.text("edition", "enterprise");
  for (const Edition& one : edition_table) {
    if (one.name != edition) continue;
    // Thousands of millions of users would not pass the largest sum.
    std::uint64_t users = std::min<std::uint64_t>(read.whole("users", 1), 1'000'000'000);
    settings.credits = std::min(one.credits + one.credits_per_user * users, one.credits_max);
    settings.concurrency = one.concurrency;
  }
  settings.credits = read.whole("credits", settings.credits);
  settings.concurrency = read.whole("concurrency", settings.concurrency);
  settings.heavy_concurrency = read.whole("heavy_concurrency", settings.heavy_concurrency);
  std::string header = read.text("credits_header", "after-half");
  using enum Settings::CreditsHeader;
  settings.credits_header = header == "always" ? always : header == "never" ? never : after_half;
}

Status read_status(const SettingsReader& read, std::string_view name, std::array<unsigned, 2> allowed,
                   unsigned& status) {
  std::uint64_t value = read.whole(name, status);
  if (value != allowed[0] && value != allowed[1])
    return bad(name, fmt::format("\"{}\" takes {} or {}, not {}", name, allowed[0], allowed[1], value));
  status = static_cast<unsigned>(value);
  return {};
}

Status read_disputed(const SettingsReader& read, Settings& settings) {
  struct Row {
    std::string_view name;
    std::array<unsigned, 2> allowed;
    unsigned& status;
  };
  for (const Row& row : {Row{"token_throttle_status", {400, 200}, settings.token_throttle_status},
                         Row{"associate_status", {201, 200}, settings.associate_status},
                         Row{"invalid_module_status", {400, 404}, settings.invalid_module_status},
                         Row{"mixed_status", {207, 200}, settings.mixed_status},
                         Row{"scope_mismatch_status", {401, 403}, settings.scope_mismatch_status},
                         Row{"invalid_method_status", {400, 405}, settings.invalid_method_status}})
    if (Status sound = read_status(read, row.name, row.allowed, row.status); !sound) return sound;
  if (read.has("all_failed_status")) {
    settings.all_failed_status = 400;
    if (Status sound = read_status(read, "all_failed_status", {400, 202}, *settings.all_failed_status); !sound)
      return sound;
  }
  settings.associate_root = read.text("associate_root", settings.associate_root);
  settings.linked_record_required = read.boolean("linked_record_required", false);
  settings.invalid_module_in_data = read.text("invalid_module_form", "bare") == "data";
  settings.precondition_code = read.text("precondition_code", settings.precondition_code);
  settings.criteria_max = read.whole("criteria_max", settings.criteria_max);
  std::string letters = read.text("message_case", "documented");
  using enum Settings::MessageCase;
  settings.message_case = letters == "lower" ? lower : letters == "capital" ? capital : documented;
  settings.cookies = read.boolean("cookies", true);
  return {};
}

}  // namespace

std::span<const Setting> settings_table() { return table; }

Result<Settings> read_settings(const Value& values) {
  for (const Setting& setting : table) {
    const Value* value = values.find(setting.name);
    if (value == nullptr) continue;
    if (Status fits = check_setting(setting, *value); !fits) return bad(setting.name, fits.error().message);
  }
  Settings settings;
  SettingsReader read(values);
  if (Status sound = read_clients(values, settings.clients); !sound) return sound.error();
  if (Status sound = read_disputed(read, settings); !sound) return sound.error();
  read_limits(read, settings);
  settings.api_domain = read.text("api_domain", "");
  settings.tokens_of = read.text("tokens_of", "");
  settings.scope = read.text("scope", settings.scope);
  settings.token_lifetime = read.duration("token_lifetime", settings.token_lifetime);
  settings.token_window = read.duration("token_window", settings.token_window);
  settings.tokens_per_window = read.whole("tokens_per_window", settings.tokens_per_window);
  settings.live_tokens = read.whole("live_tokens", settings.live_tokens);
  settings.token_throttle_extends = read.boolean("token_throttle_extends", true);
  settings.token_in_milliseconds = read.text("token_form", "seconds") == "milliseconds";
  settings.bearer = read.boolean("bearer", false);
  settings.service_time = read.duration("service_time", settings.service_time);
  settings.ratelimit_headers = read.boolean("ratelimit_headers", false);
  settings.retry_after = read.duration("retry_after", settings.retry_after);
  settings.rate_limit_code = read.text("rate_limit_code", settings.rate_limit_code);
  settings.maintenance = read.boolean("maintenance", false);
  settings.idle = read.duration("idle", settings.idle);
  settings.index_lag = read.duration("index_lag", settings.index_lag);
  settings.unique = read.text_list("unique");
  settings.mandatory = read.text_list("mandatory");
  settings.forbidden = read.text_list("forbidden");
  settings.owner_name = read.text("owner_name", settings.owner_name);
  settings.owner_email = read.text("owner_email", settings.owner_email);
  if (read.has("zone")) {
    Result<std::chrono::minutes> zone = parse_zone(read.text("zone", ""));
    if (!zone) return bad("zone", zone.error().message);
    settings.zone = *zone;
  }
  if (const Value* lengths = values.find("lengths")) {
    for (const auto& [name, length] : lengths->entries()) {
      if (!length.is(Value::Kind::integer) || length.integer() < 0)
        return bad("lengths", fmt::format("\"lengths\" takes whole numbers, and \"{}\" has {}", printable(name),
                                          to_json(length, 60)));
      settings.lengths[name] = static_cast<std::uint64_t>(length.integer());
    }
  }
  return settings;
}

}  // namespace mailrig::fakeservers::crm
