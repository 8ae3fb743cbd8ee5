#include "client/crm/answers.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <tuple>

#include "base/text.h"
#include "client/crm/json.h"

namespace mailrig::client {
namespace {

using nlohmann::json;

// Older answers give milliseconds as "expires_in" beside "expires_in_sec"; no token lives for a day.
constexpr std::int64_t token_seconds_max = 24 * 60 * 60;
// Zoho's have 16 to 19 digits; 64 bits hold 20.
constexpr std::size_t id_digits_max = 20;
// Zoho's access tokens have 70 octets; those of other OAuth servers reach a few thousand.
constexpr std::size_t token_octets_max = 8 * 1024;
constexpr Duration retry_after_max = 24h;

/// What an error code means where it is told of an item or of the whole call.
struct CodeRow {
  std::string_view code;
  CrmVerdict verdict;
};
// docs/providers/crm.md#status-codes, #write and #e-mails. A code that is not here is unclear: whether it will pass is
// not known, so the call is asked again and the user is told.
constexpr CodeRow code_rows[] = {
    {"TOO_MANY_REQUESTS", CrmVerdict::busy},
    {"RATE_LIMIT_EXCEEDED", CrmVerdict::busy},
    {"API_LIMIT_EXCEEDED", CrmVerdict::busy},
    {"INTERNAL_ERROR", CrmVerdict::down},
    {"INTERNAL_SERVER_ERROR", CrmVerdict::down},
    {"SERVICE_UNAVAILABLE", CrmVerdict::down},
    {"OAUTH_SCOPE_MISMATCH", CrmVerdict::scope_missing},
    {"INVALID_TOKEN", CrmVerdict::token_refused},
    {"AUTHENTICATION_FAILURE", CrmVerdict::token_refused},
    {"DUPLICATE_DATA", CrmVerdict::duplicate},
    {"ALREADY_ASSOCIATED", CrmVerdict::duplicate},
    {"ID_ALREADY_CONVERTED", CrmVerdict::converted},
    {"ID_ALREADY_DELETED", CrmVerdict::gone},
    {"STORAGE_SPACE_EXCEEDS", CrmVerdict::full},
    {"STORAGE_LIMIT_EXCEEDED", CrmVerdict::full},
    {"LICENSE_EXPIRED", CrmVerdict::full},
    {"LICENSE_LIMIT_EXCEEDED", CrmVerdict::full},
    // The mail search of the CRM is down or its mailbox is being synchronised; the record is being edited or reviewed.
    {"CANNOT_PROCESS", CrmVerdict::later},
    {"RECORD_LOCKED", CrmVerdict::later},
    {"NOT_APPROVED", CrmVerdict::later},
    {"NO_PERMISSION", CrmVerdict::forbidden},
    {"AUTHORIZATION_FAILED", CrmVerdict::forbidden},
    // Also said of a module that this user may not use.
    {"INVALID_MODULE", CrmVerdict::forbidden},
    {"INVALID_DATA", CrmVerdict::refused},
    {"MANDATORY_NOT_FOUND", CrmVerdict::refused},
    {"EXPECTED_FIELD_MISSING", CrmVerdict::refused},
    {"DEPENDENT_FIELD_MISSING", CrmVerdict::refused},
    {"MULTIPLE_OR_MULTI_ERRORS", CrmVerdict::refused},
    {"LIMIT_EXCEEDED", CrmVerdict::refused},
    {"FILE_SIZE_EXCEEDS", CrmVerdict::refused},
    {"MAPPING_MISMATCH", CrmVerdict::refused},
    {"BLOCKED_RECORD", CrmVerdict::refused},
};

// The numbers of v1 (docs/providers/crm.md#v1), by the names that they have today.
struct NumberRow {
  std::string_view number;
  std::string_view code;
};
constexpr NumberRow number_rows[] = {
    {"4500", "INTERNAL_ERROR"},        {"4820", "TOO_MANY_REQUESTS"},     {"4421", "TOO_MANY_REQUESTS"},
    {"4423", "TOO_MANY_REQUESTS"},     {"4834", "INVALID_TOKEN"},         {"4401", "MANDATORY_NOT_FOUND"},
    {"4103", "ID_ALREADY_DELETED"},    {"401.1", "AUTHORIZATION_FAILED"}, {"401.2", "AUTHORIZATION_FAILED"},
    {"401.3", "AUTHORIZATION_FAILED"}, {"4101", "LICENSE_EXPIRED"},       {"4807", "FILE_SIZE_EXCEEDS"},
    {"4831", "MANDATORY_NOT_FOUND"},   {"4832", "INVALID_DATA"},          {"4835", "INVALID_DATA"},
};

std::string upper_case(std::string text) {
  for (char& c : text)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return text;
}

/// The code as text, upper case; a number of v1 by its name.
std::string code_of(const json& item) {
  std::string code = upper_case(text_member(item, "code"));
  for (const NumberRow& row : number_rows)
    if (code == row.number) return std::string(row.code);
  return code;
}

/// What the answer is about: the first item of "Emails" or "data" (doubly nested in some answers of Recruit), v1's
/// "response"."error", or the answer itself.
const json& subject(const json& body) {
  for (std::string_view root : {"Emails", "data"}) {
    const json* list = find_member(body, root);
    if (list == nullptr || !list->is_array() || list->empty()) continue;
    const json& first = list->front();
    return first.is_array() && !first.empty() ? first.front() : first;
  }
  const json* response = find_member(body, "response");
  const json* error = response == nullptr ? nullptr : find_member(*response, "error");
  return error == nullptr ? body : *error;
}

/// The errors of several fields are told in a list: a duplicate among them is what matters.
const json& deepest(const json& item) {
  const json* details = find_member(item, "details");
  const json* errors = details == nullptr ? nullptr : find_member(*details, "errors");
  if (errors == nullptr || !errors->is_array()) return item;
  for (const json& error : *errors)
    if (code_of(error) == "DUPLICATE_DATA") return error;
  return item;
}

std::string id_of(const json& item) {
  const json* details = find_member(item, "details");
  if (details == nullptr) return {};
  const json* duplicate = find_member(*details, "duplicate_record");
  std::string id = duplicate == nullptr ? std::string() : text_member(*duplicate, "id");
  if (id.empty()) id = text_member(*details, "id");
  return is_record_id(id) ? id : std::string();
}

std::string detail(const json& item, std::string_view key) {
  const json* details = find_member(item, "details");
  return details == nullptr ? std::string() : text_member(*details, key);
}

/// What a status, or a code that is one, means without further words. Nothing: it depends on the body.
std::optional<CrmVerdict> verdict_of_status(unsigned status) {
  if (status == 429) return CrmVerdict::busy;
  if (status == 402 || status == 507) return CrmVerdict::full;
  if (status >= 500) return CrmVerdict::down;
  return std::nullopt;
}

/// A code that is an HTTP status ("code": 503).
std::optional<CrmVerdict> verdict_of_number(const std::string& code) {
  if (code.size() != 3 || !std::all_of(code.begin(), code.end(), [](char c) { return c >= '0' && c <= '9'; }))
    return std::nullopt;
  if (code == "401") return CrmVerdict::token_refused;
  if (code == "403") return CrmVerdict::forbidden;
  return verdict_of_status(static_cast<unsigned>(std::stoul(code))).value_or(CrmVerdict::unclear);
}

/// Is this what was asked for? Only an answer of 2xx gets here, and none with an error that is known.
bool is_success(const json& body, const json& item, const std::string& code, CrmQuestion question) {
  switch (question) {
    case CrmQuestion::list: {
      const json* data = find_member(body, "data");
      return data != nullptr && data->is_array() && code.empty();
    }
    case CrmQuestion::available: {
      const json* available = find_member(body, "available");
      return available != nullptr && available->is_boolean();
    }
    case CrmQuestion::write: return code == "SUCCESS" && upper_case(text_member(item, "status")) != "ERROR";
    case CrmQuestion::token: break;
  }
  return false;
}

CrmVerdict verdict_of(unsigned status, const json& body, const json& item, CrmQuestion question) {
  const std::string code = code_of(item);
  const std::string words = text_member(item, "message");
  // An item of a list is a record: it may have a field of the name "code".
  const bool is_list = question == CrmQuestion::list && &item != &body && status < 300;
  if (is_list && is_success(body, item, {}, question)) return CrmVerdict::ok;
  const auto* const row = std::find_if(std::begin(code_rows), std::end(code_rows),
                                       [&](const CodeRow& known) { return known.code == code; });
  const CrmVerdict known = row == std::end(code_rows) ? CrmVerdict::unclear : row->verdict;
  // These are said of the whole account whatever the status is.
  if (known == CrmVerdict::busy || known == CrmVerdict::full || known == CrmVerdict::scope_missing) return known;
  if (const std::optional<CrmVerdict> told = verdict_of_status(status)) return *told;
  if (status == 401) return known == CrmVerdict::forbidden ? known : CrmVerdict::token_refused;
  if (code == "INVALID_QUERY" && question == CrmQuestion::list) {
    const std::string param = detail(item, "param_name");
    return (param.empty() || param == "email") && detail(item, "reason").empty() ? CrmVerdict::unsearchable
                                                                                 : CrmVerdict::unclear;
  }
  if (code == "INVALID_DATA" && (words.find("related id given seems to be invalid") != std::string::npos ||
                                 words.find("the id given seems to be invalid") != std::string::npos))
    return CrmVerdict::gone;
  if (row != std::end(code_rows)) {
    // What cannot be asked so is not an answer to the question.
    const bool of_item = known == CrmVerdict::refused || known == CrmVerdict::duplicate;
    return of_item && question != CrmQuestion::write ? CrmVerdict::unclear : known;
  }
  if (const std::optional<CrmVerdict> numbered = verdict_of_number(code)) return *numbered;
  if (status == 403) return CrmVerdict::forbidden;
  if (status == 423 || status == 425) return CrmVerdict::later;
  return status / 100 == 2 && is_success(body, item, code, question) ? CrmVerdict::ok : CrmVerdict::unclear;
}

std::optional<Duration> retry_after_of(const HttpResponse& response, Instant now) {
  if (response.retry_after_seconds) {
    const auto most = static_cast<std::uint64_t>(std::chrono::floor<std::chrono::seconds>(retry_after_max).count());
    return std::chrono::seconds(std::min(*response.retry_after_seconds, most));
  }
  if (!response.retry_after_date) return std::nullopt;
  // By the server's own clock where it tells it: ours may differ.
  const Duration wait = *response.retry_after_date - response.date.value_or(now);
  return std::clamp<Duration>(wait, Duration::zero(), retry_after_max);
}

/// An OAuth error code is a word (RFC 6749 §5.2), Zoho's has a blank at times. Anything else may hold a secret.
std::string shown_error(const std::string& error) {
  constexpr std::size_t octets_max = 60;
  const bool plain = error.size() <= octets_max && std::all_of(error.begin(), error.end(), [](char c) {
                       return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-' || c == ' ';
                     });
  return plain ? error : fmt::format("<an error of {} octets>", error.size());
}

bool is_header_value(std::string_view token) {
  return !token.empty() && token.size() <= token_octets_max &&
         std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

bool is_end_of_connection(std::string_view error) {
  return error == "INVALID_CODE" || error == "INVALID_CLIENT" || error == "INVALID_CLIENT_SECRET" ||
         error == "INVALID_GRANT";
}

}  // namespace

bool is_record_id(std::string_view id) {
  return !id.empty() && id.size() <= id_digits_max &&
         std::all_of(id.begin(), id.end(), [](char c) { return c >= '0' && c <= '9'; });
}

CrmAnswer read_answer(const HttpResponse& response, CrmQuestion question, Instant now) {
  CrmAnswer answer;
  answer.retry_after = retry_after_of(response, now);
  if (response.status == 204) {
    // To a write it says neither that nor why not.
    answer.verdict = question == CrmQuestion::write ? CrmVerdict::unclear : CrmVerdict::nothing;
    answer.message = "the CRM answered 204: nothing";
    return answer;
  }
  const std::optional<json> body = parse_answer_body(response.body);
  if (!body) {
    // A gateway's page, or nothing at all: what was asked may work the next time.
    answer.verdict = verdict_of_status(response.status)
                         .value_or(response.status == 401 ? CrmVerdict::token_refused : CrmVerdict::unclear);
    answer.message = response.body.empty()
                         ? fmt::format("the CRM answered {} with an empty body", response.status)
                         : fmt::format("the CRM answered {} with a body that is not a JSON object: \"{}\"",
                                       response.status, printable(response.body, 80));
    return answer;
  }
  const json& item = deepest(subject(*body));
  answer.verdict = verdict_of(response.status, *body, item, question);
  answer.id = id_of(item);
  if (answer.verdict == CrmVerdict::ok && question == CrmQuestion::list) {
    answer.message = fmt::format("the CRM answered {}", response.status);
    return answer;
  }
  answer.code = code_of(item);
  const std::string words = text_member(item, "message");
  std::string field = detail(item, "api_name");
  if (field.empty()) field = detail(item, "param_name");
  answer.message = fmt::format(
      "the CRM answered {}{}{}{}", response.status, answer.code.empty() ? "" : " " + printable(answer.code, 80),
      words.empty() ? "" : ": " + printable(words, 200), field.empty() ? "" : " (field " + printable(field, 80) + ")");
  return answer;
}

CrmHits read_hits(const HttpResponse& response, std::string_view address) {
  struct Hit {
    bool other_field;
    std::size_t id_digits;
    std::string id;
    bool operator<(const Hit& other) const {
      return std::tie(other_field, id_digits, id) < std::tie(other.other_field, other.id_digits, other.id);
    }
  };
  std::vector<Hit> hits;
  CrmHits found;
  const std::optional<json> body = parse_answer_body(response.body);
  const json* data = body ? find_member(*body, "data") : nullptr;
  if (data == nullptr || !data->is_array()) return {};
  for (const json& record : *data) {
    const json* converted = find_member(record, "$converted");
    if (!record.is_object() || (converted != nullptr && converted->is_boolean() && converted->get<bool>())) continue;
    bool has = false;
    for (const auto& field : record.items())
      has = has || (field.value().is_string() && lower_case(field.value().get<std::string>()) == address);
    if (!has) continue;
    const std::string id = text_member(record, "id");
    if (is_record_id(id))
      hits.push_back({lower_case(text_member(record, "Email")) != address, id.size(), id});
    else
      found.unusable = true;
  }
  std::sort(hits.begin(), hits.end());
  for (Hit& hit : hits) found.ids.push_back(std::move(hit.id));
  return found;
}

bool read_available(const HttpResponse& response, const CrmRecord& record) {
  const std::optional<json> body = parse_answer_body(response.body);
  if (!body || response.status != 200) return false;
  const json* available = find_member(*body, "available");
  const json* found = find_member(*body, "record");
  return available != nullptr && available->is_boolean() && available->get<bool>() && found != nullptr &&
         text_member(*found, "id") == record.id;
}

bool read_has_note(const HttpResponse& response, std::string_view title, std::string_view content) {
  const std::optional<json> body = parse_answer_body(response.body);
  const json* data = body ? find_member(*body, "data") : nullptr;
  if (data == nullptr || !data->is_array()) return false;
  return std::any_of(data->begin(), data->end(), [&](const json& note) {
    return text_member(note, "Note_Title") == title && text_member(note, "Note_Content") == content;
  });
}

CrmGrant read_grant(const HttpResponse& response, Instant now) {
  CrmGrant grant;
  grant.retry_after = retry_after_of(response, now);
  const std::optional<json> body = parse_answer_body(response.body);
  const std::string error = body ? text_member(*body, "error") : std::string();
  grant.message = fmt::format("the CRM's token server answered {}{}", response.status,
                              error.empty() ? "" : " " + shown_error(error));
  // Throttling is told by 400 or 200, both seen, and by 429 whatever its body.
  if (response.status == 429 || upper_case(error) == "ACCESS DENIED") {
    grant.kind = CrmGrant::Kind::throttled;
    grant.message += ": too many tokens were asked for";
    return grant;
  }
  if (response.status >= 500 || !body) {
    if (!body) grant.message += " with a body that is not a JSON object";
    return grant;
  }
  if (!error.empty()) {
    // Only these are about the connection itself; an error page as JSON has an "error" too. Zoho's come with 200.
    const bool can_judge =
        response.status / 100 == 2 || response.status == 400 || response.status == 401 || response.status == 403;
    if (!can_judge || !is_end_of_connection(upper_case(error))) return grant;
    grant.kind = CrmGrant::Kind::dead;
    grant.message += ": the connection to the CRM is not valid any more; reconnect the account with the CRM";
    return grant;
  }
  std::string token = text_member(*body, "access_token");
  if (response.status / 100 != 2 || token.empty()) {
    grant.message += " and no token";
    return grant;
  }
  if (!is_header_value(token)) {
    grant.message += " with a token that fits no header field";
    return grant;
  }
  const json* seconds = find_member(*body, "expires_in_sec");
  if (seconds == nullptr) seconds = find_member(*body, "expires_in");
  std::int64_t lifetime = 3600;
  if (seconds != nullptr && seconds->is_number_integer()) lifetime = seconds->get<std::int64_t>();
  if (lifetime > token_seconds_max) lifetime /= 1000;
  grant.kind = CrmGrant::Kind::granted;
  grant.access_token = std::move(token);
  grant.api_domain = text_member(*body, "api_domain");
  grant.lifetime = std::chrono::seconds(std::clamp<std::int64_t>(lifetime, 0, token_seconds_max));
  grant.message = "a token was granted";
  return grant;
}

}  // namespace mailrig::client
