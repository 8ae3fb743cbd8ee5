#include "fakeservers/crm/api.h"

#include <fmt/format.h>

#include <algorithm>

#include "fakeservers/crm/records/view.h"
#include "fakeservers/crm/records/zone.h"
#include "fakeservers/crm/rights.h"
#include "json/json_value.h"

namespace mailrig::fakeservers::crm {
namespace {

constexpr std::string_view json_type = "application/json;charset=UTF-8";
// crm docs, "Limits": one credit for ten written records; over ten is bulk for the lower limit of calls at one time.
constexpr std::size_t records_per_credit = 10;

/// The codes in a body, each once: "SUCCESS, DUPLICATE_DATA".
std::string codes_in(const Value& body) {
  std::vector<std::string> codes;
  auto collect = [&](const Value& map) {
    const Value* code = map.find("code");
    if (code != nullptr && code->is(Value::Kind::text) && std::ranges::find(codes, code->text()) == codes.end())
      codes.push_back(code->text());
  };
  collect(body);
  if (body.is(Value::Kind::map))
    for (const auto& [name, list] : body.entries())
      if (list.is(Value::Kind::list))
        for (const Value& item : list.items()) collect(item);
  return fmt::format("{}", fmt::join(codes, ", "));
}

HttpAnswer to_http(const Organisation& org, const Reply& reply) {
  HttpAnswer http{.status = reply.status, .fields = reply.fields};
  if (!reply.body.is_null()) {
    http.fields.insert(http.fields.begin(), {"Content-Type", std::string(json_type)});
    http.body = to_compact_json(reply.body);
  }
  http.fields.push_back({"Date", format_http_date(org.now())});
  if (org.settings.cookies) {
    http.fields.push_back({"Set-Cookie", "_zcsr_tmp=" + org.cookie + ";path=/;SameSite=Strict;Secure;priority=high"});
    http.fields.push_back({"Set-Cookie", "crmcsr=" + org.cookie + ";path=/;Secure;priority=high"});
  }
  return http;
}

Answered answered(const Organisation& org, const Reply& reply) {
  return {to_http(org, reply), std::nullopt, codes_in(reply.body), {}};
}

Reply oauth_error(std::string_view name) { return {200, Value::map().set("error", name)}; }

Answered give_token(Organisation& org, const Incoming& incoming, bool tls) {
  const Query& query = incoming.target.query;
  auto refuse = [&](std::string_view name) {
    Answered refusal = answered(org, oauth_error(name));
    refusal.note = name;
    return refusal;
  };
  std::string grant_type = query.text("grant_type");
  if (grant_type != "refresh_token" && grant_type != "authorization_code") return refuse("general_error");
  // There is no page on which a user consents, so no authorization code was ever given: the code stands for no refresh
  // token.
  std::string held = grant_type == "refresh_token" ? query.text("refresh_token") : std::string();
  TokenBook::Answer answer =
      org.token_book().refresh(query.text("client_id"), query.text("client_secret"), held, org.now());
  using enum TokenBook::Outcome;
  switch (answer.outcome) {
    case invalid_client: return refuse("invalid_client");
    case invalid_client_secret: return refuse("invalid_client_secret");
    case invalid_code: return refuse("invalid_code");
    case throttled: {
      Answered refusal = answered(
          org, {org.settings.token_throttle_status, object({{"error_description", org.answers.text("token_throttled")},
                                                            {"error", "Access Denied"},
                                                            {"status", "failure"}})});
      refusal.note = "Access Denied";
      return refusal;
    }
    case issued: break;
  }
  std::string origin = org.settings.api_domain;
  if (origin.empty()) origin = fmt::format("{}://{}", tls ? "https" : "http", incoming.http.field("Host"));
  auto seconds = std::chrono::duration_cast<std::chrono::seconds>(org.settings.token_lifetime).count();
  Value body = org.settings.token_in_milliseconds ? object({{"access_token", answer.token},
                                                            {"expires_in_sec", seconds},
                                                            {"api_domain", origin},
                                                            {"token_type", "Bearer"},
                                                            {"expires_in", seconds * 1000}})
                                                  : object({{"access_token", answer.token},
                                                            {"scope", org.settings.scope},
                                                            {"api_domain", origin},
                                                            {"token_type", "Bearer"},
                                                            {"expires_in", seconds}});
  Answered given = answered(org, {200, std::move(body)});
  given.note = "<token>";
  return given;
}

Answered revoke_token(Organisation& org, const Incoming& incoming) {
  bool gone = org.token_book().revoke(incoming.target.query.text("token"));
  Answered done = answered(org, gone ? Reply{200, Value::map().set("status", "success")} : oauth_error("invalid_code"));
  done.note = gone ? "revoked" : "invalid_code";
  return done;
}

CallWeight weight_of(const Incoming& incoming) {
  CallWeight weight{incoming.route->cost, incoming.route->heavy};
  for (std::string_view word : {"insert", "upsert", "update", "note"}) {
    const Value* data = incoming.word == word ? incoming.body.find("data") : nullptr;
    if (data == nullptr || !data->is(Value::Kind::list)) continue;
    std::size_t records = data->items().size();
    weight.cost = std::max<std::uint64_t>(1, (records + records_per_credit - 1) / records_per_credit);
    weight.heavy = records > records_per_credit;
  }
  return weight;
}

Reply too_many(const Organisation& org) {
  Reply reply = org.answers.error(429, org.settings.rate_limit_code);
  auto seconds = std::chrono::ceil<std::chrono::seconds>(org.settings.retry_after).count();
  if (seconds > 0) reply.fields.push_back({"Retry-After", std::to_string(seconds)});
  return reply;
}

void add_limit_fields(Organisation& org, HttpAnswer& http, std::string_view token) {
  std::uint64_t used = org.limits.used(org.now());
  std::string remaining = std::to_string(org.limits.remaining(org.now()));
  using enum Settings::CreditsHeader;
  bool half = used >= org.settings.credits / 2 + org.settings.credits % 2;
  if (org.settings.credits_header == always || (org.settings.credits_header == after_half && half))
    http.fields.push_back({"X-API-CREDITS-REMAINING", remaining});
  if (!org.settings.ratelimit_headers) return;
  auto milliseconds = [](Instant at) {
    return std::to_string(std::chrono::floor<std::chrono::milliseconds>(at.time_since_epoch()).count());
  };
  http.fields.push_back({"X-RATELIMIT-LIMIT", std::to_string(org.settings.credits)});
  http.fields.push_back({"X-RATELIMIT-REMAINING", remaining});
  http.fields.push_back({"X-RATELIMIT-RESET", milliseconds(org.now() + 24h)});
  http.fields.push_back({"X-RATELIMIT-DAY-REMAINING", remaining});
  http.fields.push_back({"X-ACCESSTOKEN-RESET", milliseconds(org.token_book().good_until(token))});
}

Reply invalid_module(const Organisation& org) {
  Value item = org.answers.error_item("INVALID_MODULE", Value::map().set("resource_path_index", 0));
  unsigned status = org.settings.invalid_module_status;
  return org.settings.invalid_module_in_data
             ? Reply{status, Value::map().set("data", Value(Value::List{std::move(item)}))}
             : Reply{status, std::move(item)};
}

/// The call itself, for somebody who may.
Answered call_api(Organisation& org, const Incoming& incoming) {
  TokenCheck token = check_token(org, incoming.http);
  if (!token.refusal.body.is_null()) return answered(org, token.refusal);
  Call call{.org = org,
            .http = incoming.http,
            .query = incoming.target.query,
            .version = incoming.version,
            .module = find_module(incoming.module),
            .id = incoming.id,
            .leaf = incoming.leaf,
            .body = incoming.body};
  if (call.module == nullptr && !incoming.module.empty()) {
    Answered refusal = answered(org, invalid_module(org));
    refusal.unknown = "INVALID_MODULE";
    return refusal;
  }
  if (!call.id.empty() && !is_id(call.id)) return answered(org, call.path_error("INVALID_DATA.id", 1));
  if (std::optional<Reply> refusal = check_rights(org, *incoming.route, call.module)) return answered(org, *refusal);
  std::optional<Limits::Running> running = org.limits.begin(weight_of(incoming), org.now());
  Answered done = answered(org, running ? incoming.route->handler(call) : too_many(org));
  done.running = std::move(running);
  add_limit_fields(org, done.http, token.token);
  return done;
}

}  // namespace

Answered carry_out(Organisation& org, const Incoming& incoming, bool tls) {
  if (org.settings.maintenance) return answered(org, org.answers.error(503, "SERVICE_UNAVAILABLE"));
  auto not_acted = [&](const Reply& reply) {
    Answered refusal = answered(org, reply);
    refusal.unknown = refusal.note;
    return refusal;
  };
  using enum Incoming::Kind;
  switch (incoming.kind) {
    case token: return give_token(org, incoming, tls);
    case revoke: return revoke_token(org, incoming);
    case api: return call_api(org, incoming);
    case wrong_method:
      return not_acted(org.answers.error(org.settings.invalid_method_status, "INVALID_REQUEST_METHOD"));
    case unknown: return not_acted(org.answers.error(404, "INVALID_URL_PATTERN"));
    case unknown_version: break;
  }
  return not_acted({400, object({{"status", "error"},
                                 {"code", "API_NOT_SUPPORTED"},
                                 {"message", org.answers.text("API_NOT_SUPPORTED")},
                                 {"details", Value::map().set("supported_version", incoming.version > 80   ? "v8"
                                                                                   : incoming.version > 20 ? "v2.1"
                                                                                                           : "v2")}})});
}

HttpAnswer scripted_answer(const Value& reply) {
  HttpAnswer http;
  const Value* status = reply.find("status");
  if (status != nullptr && status->is(Value::Kind::integer))
    http.status = static_cast<unsigned>(std::clamp<std::int64_t>(status->integer(), 100, 999));
  const Value* body = reply.find("body");
  bool text = body != nullptr && body->is(Value::Kind::text);
  if (body != nullptr && !body->is_null()) http.body = text ? body->text() : to_compact_json(*body);
  bool has_type = false;
  if (const Value* headers = reply.find("headers"); headers != nullptr && headers->is(Value::Kind::map)) {
    for (const auto& [name, value] : headers->entries()) {
      http.fields.push_back({name, value.is(Value::Kind::text) ? value.text() : to_compact_json(value)});
      has_type = has_type || lower_case(name) == "content-type";
    }
  }
  if (!has_type && !http.body.empty())
    http.fields.insert(http.fields.begin(), {"Content-Type", text ? "text/html" : std::string(json_type)});
  return http;
}

}  // namespace mailrig::fakeservers::crm
