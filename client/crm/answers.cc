#include "client/crm/answers.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <tuple>

#include "base/text.h"

namespace mailrig::client {
namespace {

using nlohmann::json;

// Older answers give milliseconds as "expires_in" beside "expires_in_sec"; no token lives for a day.
constexpr std::int64_t token_seconds_max = 24 * 60 * 60;

std::optional<json> parse(const HttpResponse& response) {
  json body = json::parse(response.body, nullptr, false);
  if (body.is_discarded() || !body.is_object()) return std::nullopt;
  return body;
}

const json* member(const json& object, std::string_view key) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(key);
  return found == object.end() ? nullptr : &*found;
}

/// A text, or an id that came as a number (beyond 2^53: exact in a 64-bit integer).
std::string text(const json& object, std::string_view key) {
  const json* value = member(object, key);
  if (value == nullptr) return {};
  if (value->is_string()) return value->get<std::string>();
  return value->is_number_integer() ? value->dump() : std::string();
}

/// What the answer is about: the first item of "Emails" or "data", or the answer itself.
const json& subject(const json& body) {
  for (std::string_view root : {"Emails", "data"}) {
    const json* list = member(body, root);
    if (list != nullptr && list->is_array() && !list->empty()) return list->front();
  }
  return body;
}

/// The errors of several fields are told in a list: a duplicate among them is what matters.
const json& deepest(const json& item) {
  const json* details = member(item, "details");
  const json* errors = details == nullptr ? nullptr : member(*details, "errors");
  if (errors == nullptr || !errors->is_array()) return item;
  for (const json& error : *errors)
    if (text(error, "code") == "DUPLICATE_DATA") return error;
  return item;
}

std::string id_of(const json& item) {
  const json* details = member(item, "details");
  if (details == nullptr) return {};
  const json* duplicate = member(*details, "duplicate_record");
  std::string id = duplicate == nullptr ? std::string() : text(*duplicate, "id");
  return id.empty() ? text(*details, "id") : id;
}

CrmVerdict verdict_of(unsigned status, const std::string& code, const std::string& message) {
  if (status == 429 || code == "TOO_MANY_REQUESTS" || code == "RATE_LIMIT_EXCEEDED") return CrmVerdict::busy;
  if (status >= 500 || code == "INTERNAL_ERROR" || code == "INTERNAL_SERVER_ERROR" || code == "SERVICE_UNAVAILABLE")
    return CrmVerdict::down;
  if (code == "OAUTH_SCOPE_MISMATCH") return CrmVerdict::scope_missing;
  if (status == 401 || code == "INVALID_TOKEN" || code == "AUTHENTICATION_FAILURE") return CrmVerdict::token_refused;
  if (code == "DUPLICATE_DATA") return CrmVerdict::duplicate;
  if (code == "ID_ALREADY_CONVERTED") return CrmVerdict::converted;
  if (code == "ID_ALREADY_DELETED") return CrmVerdict::gone;
  if (code == "INVALID_DATA" && (message.find("related id given seems to be invalid") != std::string::npos ||
                                 message.find("the id given seems to be invalid") != std::string::npos))
    return CrmVerdict::gone;
  // The mail search of the CRM is down or its mailbox is being synchronised; somebody edits the record.
  if (code == "CANNOT_PROCESS" || code == "RECORD_LOCKED") return CrmVerdict::later;
  // INVALID_MODULE is also said of a module that this user may not use.
  if (status == 403 || code == "NO_PERMISSION" || code == "AUTHORIZATION_FAILED" || code == "INVALID_MODULE")
    return CrmVerdict::forbidden;
  if (code == "SUCCESS" || code.empty()) return status < 300 ? CrmVerdict::ok : CrmVerdict::refused;
  return CrmVerdict::refused;
}

}  // namespace

CrmAnswer read_answer(const HttpResponse& response) {
  CrmAnswer answer;
  if (response.retry_after_seconds) {
    // A server that wants a day or more is asked after a day.
    const auto seconds = std::min<std::uint64_t>(*response.retry_after_seconds, 24 * 60 * 60);
    answer.retry_after = std::chrono::seconds(seconds);
  }
  if (response.status == 204) {
    answer.verdict = CrmVerdict::nothing;
    answer.message = "the CRM answered 204: nothing";
    return answer;
  }
  const std::optional<json> body = parse(response);
  if (!body) {
    // A gateway's page, or nothing at all: what was asked may work the next time.
    answer.verdict = response.status == 429 ? CrmVerdict::busy : CrmVerdict::down;
    answer.message =
        fmt::format("the CRM answered {} with no JSON: \"{}\"", response.status, printable(response.body, 80));
    return answer;
  }
  const json& item = deepest(subject(*body));
  answer.code = text(item, "code");
  const std::string words = text(item, "message");
  answer.verdict = verdict_of(response.status, answer.code, words);
  answer.id = id_of(item);
  answer.message =
      fmt::format("the CRM answered {}{}{}", response.status, answer.code.empty() ? "" : " " + printable(answer.code),
                  words.empty() ? "" : ": " + printable(words));
  return answer;
}

std::vector<std::string> read_hits(const HttpResponse& response, std::string_view address) {
  struct Hit {
    bool other_field;
    std::size_t id_digits;
    std::string id;
    bool operator<(const Hit& other) const {
      return std::tie(other_field, id_digits, id) < std::tie(other.other_field, other.id_digits, other.id);
    }
  };
  std::vector<Hit> hits;
  const std::optional<json> body = parse(response);
  const json* data = body ? member(*body, "data") : nullptr;
  if (data == nullptr || !data->is_array()) return {};
  for (const json& record : *data) {
    const std::string id = text(record, "id");
    const json* converted = member(record, "$converted");
    if (id.empty() || (converted != nullptr && converted->is_boolean() && converted->get<bool>())) continue;
    bool has = false;
    for (const auto& field : record.items())
      has = has || (field.value().is_string() && lower_case(field.value().get<std::string>()) == address);
    if (has) hits.push_back({lower_case(text(record, "Email")) != address, id.size(), id});
  }
  std::sort(hits.begin(), hits.end());
  std::vector<std::string> ids;
  for (Hit& hit : hits) ids.push_back(std::move(hit.id));
  return ids;
}

bool read_available(const HttpResponse& response, const CrmRecord& record) {
  const std::optional<json> body = parse(response);
  if (!body || response.status != 200) return false;
  const json* available = member(*body, "available");
  const json* found = member(*body, "record");
  return available != nullptr && available->is_boolean() && available->get<bool>() && found != nullptr &&
         text(*found, "id") == record.id;
}

bool read_has_note(const HttpResponse& response, std::string_view title, std::string_view content) {
  const std::optional<json> body = parse(response);
  const json* data = body ? member(*body, "data") : nullptr;
  if (data == nullptr || !data->is_array()) return false;
  return std::any_of(data->begin(), data->end(), [&](const json& note) {
    return text(note, "Note_Title") == title && text(note, "Note_Content") == content;
  });
}

CrmGrant read_grant(const HttpResponse& response) {
  const std::optional<json> body = parse(response);
  if (!body)
    return {.kind = CrmGrant::Kind::down,
            .message = fmt::format("the CRM's token server answered {} with no JSON", response.status)};
  const std::string error = text(*body, "error");
  const std::string said = fmt::format("the CRM's token server answered {} {}", response.status, printable(error));
  // Throttling is told by 400 or 200, both seen.
  if (lower_case(error) == "access denied" || response.status == 429)
    return {.kind = CrmGrant::Kind::throttled, .message = said + ": too many tokens were asked for"};
  if (!error.empty() && error != "general_error")
    return {.kind = CrmGrant::Kind::dead,
            .message = said + ": the connection to the CRM is not valid any more; reconnect the account with the CRM"};
  const std::string token = text(*body, "access_token");
  if (response.status != 200 || token.empty())
    return {.kind = CrmGrant::Kind::down, .message = said + (error.empty() ? "and no token" : "")};
  const json* seconds = member(*body, "expires_in_sec");
  if (seconds == nullptr) seconds = member(*body, "expires_in");
  std::int64_t lifetime = seconds != nullptr && seconds->is_number() ? seconds->get<std::int64_t>() : 3600;
  if (lifetime > token_seconds_max) lifetime /= 1000;
  return {.kind = CrmGrant::Kind::granted,
          .access_token = token,
          .lifetime = std::chrono::seconds(std::clamp<std::int64_t>(lifetime, 0, token_seconds_max)),
          .message = "a token was granted"};
}

}  // namespace mailrig::client
