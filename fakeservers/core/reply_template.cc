#include "fakeservers/core/reply_template.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace mailrig::fakeservers {
namespace {

bool is_word_of(std::string_view words, std::string_view word) {
  while (!words.empty()) {
    std::string_view first = words.substr(0, words.find(' '));
    if (first == word) return true;
    words.remove_prefix(std::min(words.size(), first.size() + 1));
  }
  return false;
}

Result<std::string> joined(const Value& value) {
  if (value.is(Value::Kind::text)) return value.text();
  std::string text;
  if (value.is(Value::Kind::list)) {
    for (const Value& line : value.items()) {
      if (!line.is(Value::Kind::text))
        return Error{Errc::bad_input, fmt::format("a line is a text, not {}", to_json(line, 60))};
      text += fmt::format("{}{}", &line == &value.items().front() ? "" : "\r\n", line.text());
    }
    return text;
  }
  return Error{Errc::bad_input, fmt::format("takes a text or a list of lines, not {}", to_json(value, 60))};
}

}  // namespace

Result<ReplyTemplate> ReplyTemplate::parse(std::string_view text, std::string_view placeholders) {
  ReplyTemplate parsed;
  std::string literal;
  while (!text.empty()) {
    std::size_t brace = text.find_first_of("{}");
    literal += text.substr(0, brace);
    if (brace == std::string_view::npos) break;
    text.remove_prefix(brace);
    if (text.size() > 1 && text[1] == text[0]) {
      literal += text[0];
      text.remove_prefix(2);
      continue;
    }
    std::size_t end = text.find('}');
    if (end == 0 || end == std::string_view::npos)
      return Error{Errc::bad_input,
                   fmt::format("a single \"{}\"; a brace that is meant as such is written twice", text[0])};
    std::string_view name = text.substr(1, end - 1);
    if (!is_word_of(placeholders, name))
      return Error{
          Errc::bad_input,
          placeholders.empty()
              ? fmt::format("this text has no placeholders, and so no {{{}}}", printable(name, 40))
              : fmt::format("this text has no placeholder {{{}}}; it may have: {}", printable(name, 40), placeholders)};
    parsed.pieces_.push_back({std::move(literal), std::string(name)});
    literal.clear();
    text.remove_prefix(end + 1);
  }
  if (!literal.empty()) parsed.pieces_.push_back({std::move(literal), {}});
  return parsed;
}

std::string ReplyTemplate::shown() const {
  std::string text;
  append(text, [](std::string& out, std::string_view name) { out += fmt::format("<{}>", name); });
  return text;
}

Result<ReplyTemplates> ReplyTemplates::read(const Value* texts, std::span<const TextKey> keys) {
  ReplyTemplates book;
  book.texts_.resize(keys.size());
  if (texts == nullptr || texts->is_null()) return book;
  if (!texts->is(Value::Kind::map))
    return Error{Errc::bad_input, fmt::format("texts: takes an object, not {}", to_json(*texts, 60)), Step::none,
                 "texts"};
  for (const auto& [name, value] : texts->entries()) {
    auto wrong = [path = "texts." + name](std::string_view what) {
      return Error{Errc::bad_input, fmt::format("{}: {}", path, what), Step::none, path};
    };
    auto key = std::ranges::find(keys, name, &TextKey::name);
    if (key == keys.end()) {
      std::vector<std::string_view> names;
      for (const TextKey& known : keys) names.push_back(known.name);
      std::string_view meant = nearest(name, names);
      return wrong(meant.empty() ? "there is no such text; docs/personalities.md has them all"
                                 : fmt::format("there is no such text; did you mean \"{}\"?", meant));
    }
    Result<std::string> text = joined(value);
    if (!text) return wrong(text.error().message);
    Result<ReplyTemplate> parsed = ReplyTemplate::parse(*text, key->placeholders);
    if (!parsed) return wrong(parsed.error().message);
    book.texts_[static_cast<std::size_t>(key - keys.begin())] = std::move(*parsed);
  }
  return book;
}

}  // namespace mailrig::fakeservers
