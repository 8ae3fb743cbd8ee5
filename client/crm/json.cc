#include "client/crm/json.h"

#include <nlohmann/json.hpp>

namespace mailrig::client {

using nlohmann::json;

bool is_within_json_limits(std::string_view text) {
  std::size_t depth = 0;
  std::size_t values = 1;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;  // the escaped character cannot end the string
      if (c == '"') in_string = false;
      continue;
    }
    if (c == '"') in_string = true;
    // Each value but the first follows one of these.
    if (c == '[' || c == '{' || c == ',' || c == ':') ++values;
    if (c == '[' || c == '{') ++depth;
    if ((c == ']' || c == '}') && depth > 0) --depth;
    if (depth > json_depth_max || values > json_values_max) return false;
  }
  return true;
}

std::optional<json> parse_answer_body(std::string_view text) {
  if (!is_within_json_limits(text)) return std::nullopt;
  json body = json::parse(text, nullptr, false);
  if (body.is_discarded() || !body.is_object()) return std::nullopt;
  return body;
}

const json* find_member(const json& object, std::string_view key) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(key);
  return found == object.end() ? nullptr : &*found;
}

std::string text_member(const json& object, std::string_view key) {
  const json* value = find_member(object, key);
  if (value == nullptr) return {};
  if (value->is_string()) return value->get<std::string>();
  return value->is_number_integer() ? value->dump() : std::string();
}

}  // namespace mailrig::client
