#include "fakeservers/crm/answers.h"

#include <algorithm>

namespace mailrig::fakeservers::crm {
namespace {

std::string_view code_of(std::string_view key) { return key.substr(0, key.find('.')); }

bool is_letter(char c, char first, char last) { return c >= first && c <= last; }

}  // namespace

Value object(Value::Map entries) { return Value(std::move(entries)); }

bool is_error_item(const Value& item) {
  const Value* status = item.find("status");
  return status != nullptr && *status == Value("error");
}

std::string Answers::text(std::string_view key) const {
  const Value* found = texts_.find(key);
  std::string text = found != nullptr && found->is(Value::Kind::text) ? found->text() : std::string(key);
  if (text.empty()) return text;
  char& first = text.front();
  using enum Settings::MessageCase;
  if (settings_.message_case == lower && is_letter(first, 'A', 'Z')) first = static_cast<char>(first - 'A' + 'a');
  if (settings_.message_case == capital && is_letter(first, 'a', 'z')) first = static_cast<char>(first - 'a' + 'A');
  return text;
}

Value Answers::error_item(std::string_view key, Value details) const {
  return object({{"code", code_of(key)}, {"details", std::move(details)}, {"message", text(key)}, {"status", "error"}});
}

Value Answers::success_item(std::string_view key, Value details) const {
  return object(
      {{"code", code_of(key)}, {"details", std::move(details)}, {"message", text(key)}, {"status", "success"}});
}

Reply Answers::items(std::string_view root, Value::List items, unsigned all_well, unsigned version) const {
  auto failed = static_cast<std::size_t>(std::ranges::count_if(items, is_error_item));
  unsigned status = all_well;
  if (failed == items.size() && failed > 0)
    status = settings_.all_failed_status.value_or(version < 21 ? 202 : 400);
  else if (failed > 0)
    status = settings_.mixed_status;
  return {status, Value::map().set(std::string(root), Value(std::move(items))), {}};
}

}  // namespace mailrig::fakeservers::crm
