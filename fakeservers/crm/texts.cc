#include "fakeservers/crm/texts.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/text.h"

namespace mailrig::fakeservers::crm {
namespace {

constexpr TextKey keys[] = {
    {"AUTHENTICATION_FAILURE", "", "no Authorization, or none that can be read"},
    {"INVALID_TOKEN", "", "an access token that is unknown, dead or of another data centre"},
    {"OAUTH_SCOPE_MISMATCH", "", "a scope that the token is not good for"},
    {"NO_PERMISSION", "", "a module that the user may not use"},
    {"INVALID_URL_PATTERN", "", "a path that there is not"},
    {"INVALID_REQUEST_METHOD", "", "a method that the path does not take"},
    {"INVALID_MODULE", "", "a module that there is not"},
    {"INVALID_MODULE.associate", "", "a module whose records hold no e-mails"},
    {"API_NOT_SUPPORTED", "", "a version that there is not"},
    {"TOO_MANY_REQUESTS", "", "a limit is passed"},
    {"RATE_LIMIT_EXCEEDED", "", "the same by its newer name"},
    {"SERVICE_UNAVAILABLE", "", "under maintenance"},
    {"INVALID_DATA", "", "a value of the wrong kind or length"},
    {"INVALID_DATA.body", "", "a body that is no JSON object"},
    {"INVALID_DATA.id", "", "an id that is none, or of no record"},
    {"INVALID_DATA.related", "", "the record to put something on is not there"},
    {"INVALID_DATA.relation", "", "a related list that there is not"},
    {"INVALID_DATA.linked", "", "the linked_record is not there"},
    {"INVALID_DATA.api_name", "", "the module of a linked_record is not there"},
    {"INVALID_DATA.owner", "", "an owner that is not the user"},
    {"INVALID_DATA.file", "", "an attachment that was not uploaded"},
    {"INVALID_DATA.delete", "", "a record to delete is not there"},
    {"INVALID_DATA.word", "", "a search word that is too short"},
    {"REQUIRED_PARAM_MISSING", "", "a parameter is missing"},
    {"EXPECTED_PARAM_MISSING", "", "a search for nothing"},
    {"DISCRETE_PAGINATION_LIMIT_EXCEEDED", "", "a page beyond the first 2000 records"},
    {"EXPIRED_VALUE", "", "a page_token whose time is over"},
    {"TOKEN_BOUND_DATA_MISMATCH", "", "a page_token of another list"},
    {"AMBIGUITY_DURING_PROCESSING", "", "page and page_token together"},
    {"ALREADY_MODIFIED", "", "a record was changed after If-Unmodified-Since"},
    {"RECORD_MODIFIED", "", "the same by its other name"},
    {"INVALID_QUERY", "", "a search that cannot be understood"},
    {"INVALID_QUERY.operator", "", "an operator that there is not"},
    {"INVALID_QUERY.characters", "", "characters that must be escaped"},
    {"INVALID_QUERY.field", "", "a field that cannot be searched"},
    {"FIELD_TYPE_UNAVAILABLE", "", "a search by address in a module without addresses"},
    {"CRITERIA_LIMIT_EXCEEDED", "limit", "too many conditions"},
    {"LIMIT_REACHED", "", "a page beyond the first 2000 hits"},
    {"LIMIT_EXCEEDED", "", "too many participants"},
    {"MANDATORY_NOT_FOUND", "", "a mandatory field is missing"},
    {"EXPECTED_FIELD_MISSING", "", "a note without title and content"},
    {"DEPENDENT_FIELD_MISSING", "", "What_Id without $se_module"},
    {"DUPLICATE_DATA", "", "a unique value that is there already, or an e-mail that is on the record already"},
    {"MULTIPLE_OR_MULTI_ERRORS", "", "several unique values that are there already"},
    {"ID_ALREADY_CONVERTED", "", "a lead that has become a contact"},
    {"MAPPING_MISMATCH", "", "a stage that the pipeline has not"},
    {"SUCCESS.insert", "", "a record was added"},
    {"SUCCESS.update", "", "a record was changed"},
    {"SUCCESS.delete", "", "a record was deleted"},
    {"SUCCESS.convert", "", "a lead was converted"},
    {"SUCCESS.associate", "", "an e-mail was put on a record"},
    {"token_throttled", "", "error_description of \"Access Denied\""},
};

}  // namespace

std::span<const TextKey> text_keys() { return keys; }

Status check_texts(const Value* texts) {
  if (texts == nullptr) return {};
  auto wrong = [](std::string_view key, std::string message) {
    return Error{Errc::bad_input, std::move(message), Step::none, key.empty() ? "texts" : fmt::format("texts.{}", key)};
  };
  if (!texts->is(Value::Kind::map)) return wrong("", "\"texts\" takes an object");
  for (const auto& [key, text] : texts->entries()) {
    if (std::ranges::find(keys, key, &TextKey::name) == std::end(keys)) {
      std::vector<std::string_view> names;
      for (const TextKey& known : keys) names.push_back(known.name);
      std::string_view meant = nearest(key, names);
      return wrong(key, fmt::format("a CRM has no text \"{}\"{}", printable(key),
                                    meant.empty() ? "" : fmt::format("; did you mean \"{}\"?", meant)));
    }
    if (!text.is(Value::Kind::text))
      return wrong(key, fmt::format("the text \"{}\" is {}, not a text", key, to_json(text, 60)));
  }
  return {};
}

}  // namespace mailrig::fakeservers::crm
