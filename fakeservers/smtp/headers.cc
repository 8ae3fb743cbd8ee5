#include "fakeservers/smtp/headers.h"

#include <algorithm>

namespace mailrig::fakeservers::smtp {
namespace {

bool same_name(std::string_view a, std::string_view b) {
  auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

bool is_blank(char c) { return c == ' ' || c == '\t'; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (is_blank(text.front()) || text.front() == '\r' || text.front() == '\n'))
    text.remove_prefix(1);
  while (!text.empty() && (is_blank(text.back()) || text.back() == '\r' || text.back() == '\n')) text.remove_suffix(1);
  return text;
}

/// Where the first <...> outside of quoted strings and comments stands; npos where there is none.
struct Angle {
  std::size_t open = std::string_view::npos;
  std::size_t close = std::string_view::npos;
};
Angle find_angle(std::string_view value) {
  bool quoted = false;
  std::size_t depth = 0;
  for (std::size_t i = 0; i < value.size(); ++i) {
    char c = value[i];
    if ((quoted || depth > 0) && c == '\\') {
      ++i;
    } else if (quoted) {
      quoted = c != '"';
    } else if (c == '(') {
      ++depth;
    } else if (c == ')' && depth > 0) {
      --depth;
    } else if (depth == 0 && c == '"') {
      quoted = true;
    } else if (depth == 0 && c == '<') {
      return {i, std::min(value.find('>', i), value.size())};
    }
  }
  return {};
}

std::string without_comments(std::string_view value) {
  std::string plain;
  std::size_t depth = 0;
  for (std::size_t i = 0; i < value.size(); ++i) {
    char c = value[i];
    if (depth > 0 && c == '\\')
      ++i;
    else if (c == '(')
      ++depth;
    else if (depth > 0 && c == ')')
      --depth;
    else if (depth == 0)
      plain += c;
  }
  return plain;
}

}  // namespace

Header Header::of(std::string_view message) {
  Header header;
  std::size_t at = 0;
  while (at < message.size()) {
    std::size_t end = std::min(message.find('\n', at), message.size() - 1) + 1;
    std::string_view line = message.substr(at, end - at);
    if (line == "\r\n" || line == "\n") {
      header.end_ = at;
      header.body_ = end;
      return header;
    }
    std::size_t colon = line.find(':');
    if (is_blank(line.front()) && !header.fields_.empty()) {
      HeaderField& folded = header.fields_.back();
      folded.end = end;
    } else if (colon == std::string_view::npos || colon == 0) {
      break;  // no field: the body begins without an empty line
    } else {
      header.fields_.push_back({trimmed(line.substr(0, colon)), {}, at, end});
    }
    HeaderField& field = header.fields_.back();
    std::size_t value = message.find(':', field.begin) + 1;
    field.value = trimmed(message.substr(value, field.end - value));
    at = end;
  }
  header.end_ = header.body_ = at;
  return header;
}

const HeaderField* Header::find(std::string_view name) const {
  auto found = std::ranges::find_if(fields_, [&](const HeaderField& field) { return same_name(field.name, name); });
  return found == fields_.end() ? nullptr : &*found;
}

std::string Header::value(std::string_view name) const {
  const HeaderField* field = find(name);
  return field == nullptr ? std::string() : unfolded(field->value);
}

std::string unfolded(std::string_view value) {
  std::string text;
  for (char c : value)
    if (c != '\r' && c != '\n') text += c;
  return text;
}

std::string address_in(std::string_view value) {
  std::string text = unfolded(value);
  if (Angle angle = find_angle(text); angle.open != std::string::npos)
    return std::string(trimmed(std::string_view(text).substr(angle.open + 1, angle.close - angle.open - 1)));
  std::string plain = without_comments(text);
  return std::string(trimmed(std::string_view(plain).substr(0, plain.find(','))));
}

std::string with_sender(std::string_view message, std::string_view address) {
  Header header = Header::of(message);
  const HeaderField* from = header.find("From");
  std::size_t place = from == nullptr ? 0 : from->end;
  std::string changed;
  std::size_t copied = 0;
  auto copy_to = [&](std::size_t end) {
    changed += message.substr(copied, end - copied);
    copied = end;
  };
  auto insert = [&] {
    copy_to(place);
    changed += "Sender: " + std::string(address) + "\r\n";
  };
  bool inserted = false;
  for (const HeaderField& field : header.fields()) {
    if (!inserted && place <= field.begin) {
      insert();
      inserted = true;
    }
    if (!same_name(field.name, "Sender")) continue;
    copy_to(field.begin);
    copied = field.end;
  }
  if (!inserted) insert();
  copy_to(message.size());
  return changed;
}

std::string with_from(std::string_view message, std::string_view address) {
  Header header = Header::of(message);
  const HeaderField* from = header.find("From");
  if (from == nullptr) return "From: " + std::string(address) + "\r\n" + std::string(message);
  auto begin = static_cast<std::size_t>(from->value.data() - message.data());
  Angle angle = find_angle(from->value);
  std::size_t first = angle.open == std::string_view::npos ? begin : begin + angle.open + 1;
  std::size_t last = angle.open == std::string_view::npos ? begin + from->value.size() : begin + angle.close;
  return std::string(message.substr(0, first)) + std::string(address) + std::string(message.substr(last));
}

}  // namespace mailrig::fakeservers::smtp
