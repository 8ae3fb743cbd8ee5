#include "base/secrets.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/ascii.h"
#include "base/text.h"

namespace mailrig {
namespace {

// A part of an encoded form tells less than as many octets of the secret itself, and numbers look like hexadecimal.
constexpr std::size_t base64_partial = 6;
constexpr std::size_t encoded_partial = 8;
// What follows where printable() has cut a text.
constexpr std::string_view cut = "... (";
// And where to_json() has.
constexpr std::string_view json_cut = " ...";
// What other masks have put in place of a secret: a password of "password" is not in there.
constexpr std::string_view masks[] = {"<password>", "<credentials>", "<user>", "<token>"};

std::string lower_case(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), lower);
  return out;
}

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool is_base64(char c) { return is_alphanumeric(c) || c == '+' || c == '/' || c == '-' || c == '_'; }

std::uint32_t gram(std::string_view text, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<unsigned char>(text[at + i]);
  return value;
}

std::uint32_t bit_of(std::uint32_t front) { return front * 0x9E3779B1U >> 18; }  // of 16,384

/// The characters of base64 that `octets` alone decide, when `before` octets come before them.
std::string base64_core(std::string_view octets, std::size_t before, std::string_view alphabet) {
  const std::size_t begin = (8 * before + 5) / 6;
  const std::size_t end = 8 * (before + octets.size()) / 6;
  std::string out;
  for (std::size_t i = begin; i < end; ++i) {
    unsigned value = 0;
    for (std::size_t bit = 6 * i; bit < 6 * i + 6; ++bit) {
      const auto octet = static_cast<unsigned char>(octets[bit / 8 - before]);
      value = value << 1 | (octet >> (7 - bit % 8) & 1U);
    }
    out += alphabet[value];
  }
  return out;
}

std::string base64_whole(std::string_view octets, std::string_view alphabet) {
  std::string filled(octets);
  filled.append((3 - octets.size() % 3) % 3, '\0');
  std::string out = base64_core(filled, 0, alphabet);
  const std::size_t padding = filled.size() - octets.size();
  return out.replace(out.size() - padding, padding, padding, '=');
}

constexpr std::string_view alphabets[] = {"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
                                          "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"};

/// `each` octet written by `write`, with `between` between two.
template <class Write>
std::string spelt(std::string_view octets, std::string_view between, Write&& write) {
  std::string out;
  for (char c : octets) {
    if (!out.empty()) out += between;
    out += write(c);
  }
  return out;
}

std::string hex(char c) { return fmt::format("{:02x}", static_cast<unsigned char>(c)); }

bool is_unreserved(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

std::string percent_encoded(std::string_view octets, bool plus) {
  return spelt(octets, "", [plus](char c) {
    if (plus && c == ' ') return std::string("+");
    return is_unreserved(c) ? std::string(1, c) : '%' + hex(c);
  });
}

std::string quoted_printable(std::string_view octets) {
  return spelt(octets, "", [](char c) {
    const bool plain = c >= ' ' && c <= '~' && c != '=';
    return plain ? std::string(1, c) : '=' + hex(c);
  });
}

std::string json_escaped(std::string_view octets, bool slash) {
  return spelt(octets, "", [slash](char c) -> std::string {
    switch (c) {
      case '"': return "\\\"";
      case '\\': return "\\\\";
      case '\n': return "\\n";
      case '\r': return "\\r";
      case '\t': return "\\t";
      case '/': return slash ? "\\/" : "/";
      default: return static_cast<unsigned char>(c) < 0x20 ? "\\u00" + hex(c) : std::string(1, c);
    }
  });
}

std::string xml_escaped(std::string_view octets, bool numbers) {
  return spelt(octets, "", [numbers](char c) -> std::string {
    switch (c) {
      case '&': return numbers ? "&#38;" : "&amp;";
      case '<': return numbers ? "&#60;" : "&lt;";
      case '>': return numbers ? "&#62;" : "&gt;";
      case '"': return numbers ? "&#34;" : "&quot;";
      case '\'': return numbers ? "&#39;" : "&apos;";
      default: return std::string(1, c);
    }
  });
}

/// Where a text was cut, a secret may have been.
bool ends_there(std::string_view text, std::size_t at) {
  if (at == text.size()) return true;
  const char c = text[at];
  return c == '"' || c == '\r' || c == '\n' || text.substr(at).starts_with("\\r") ||
         text.substr(at).starts_with("\\n") || text.substr(at).starts_with(cut) ||
         text.substr(at).starts_with(json_cut);
}

/// "535-5.7.8 " of an SMTP reply.
std::size_t after_code(std::string_view text) {
  const bool code = text.size() > 4 &&
                    std::ranges::all_of(text.substr(0, 3), [](char c) { return c >= '0' && c <= '9'; }) &&
                    (text[3] == ' ' || text[3] == '-');
  return code ? 4 : 0;
}

struct Form {
  std::string text;         // lower case
  bool word = false;        // only as a word of its own
  bool token = false;       // base64: what is next to it belongs to it
  std::size_t partial = 0;  // a part of so many octets gives it away where a text is cut
};

struct Span {
  std::size_t begin;
  std::size_t end;
};

}  // namespace

class Secrets::Index {
 public:
  void add(std::string_view secret);
  void add_login(std::string_view user, std::string_view password);
  std::vector<Span> find(std::string_view given) const;

 private:
  void add_form(std::string text, bool brief, bool token, std::size_t partial);
  void add_base64(std::string_view secret, bool brief);
  void add_twice_encoded(const std::string& once);
  /// What is secret at this place of a text in lower case; `end` is `at` where nothing is.
  Span match(std::string_view text, std::size_t at) const;
  std::size_t match_rest(std::string_view text, std::size_t from) const;
  /// `form` is found from span.begin to `end`.
  static void widen(Span& span, const Form& form, std::size_t end, std::string_view text);

  std::unordered_set<std::string> known_;
  std::unordered_set<std::string> twice_encoded_;  // of most secrets both alphabets make the same
  std::vector<Form> forms_;
  std::unordered_map<std::string, std::size_t> words_;                    // forms of fewer than 4 octets
  std::unordered_map<std::uint32_t, std::vector<std::size_t>> by_front_;  // by their first 4 octets, sorted
  std::unordered_map<std::uint32_t, std::vector<std::size_t>> by_back_;   // by their last 4
  std::array<std::uint64_t, 256> fronts_{};  // a bit for each front, hashed: most places are none at one look
  std::size_t longest_ = 0;
};

void Secrets::Index::add(std::string_view secret) {
  if (secret.empty() || !known_.emplace(secret).second) return;
  const bool brief = secret.size() < anywhere_octets_min;
  const std::size_t partial = brief ? 0 : anywhere_octets_min;
  add_form(std::string(secret), brief, false, partial);
  add_form(printable(secret, secret.size()), brief, false, partial);
  for (bool slash : {false, true}) add_form(json_escaped(secret, slash), brief, false, partial);
  for (bool numbers : {false, true}) add_form(xml_escaped(secret, numbers), brief, false, partial);
  for (bool plus : {false, true}) add_form(percent_encoded(secret, plus), brief, false, partial);
  add_form(quoted_printable(secret), brief, false, partial);
  for (std::string_view between : {"", " ", ":"}) add_form(spelt(secret, between, hex), brief, false, encoded_partial);
  for (std::string_view before : {"%", "=", "\\x", "\\\\x", "\\u00"})
    add_form(spelt(secret, "", [before](char c) { return std::string(before) + hex(c); }), brief, false,
             encoded_partial);
  add_base64(secret, brief);
}

void Secrets::Index::add_base64(std::string_view secret, bool brief) {
  for (std::string_view alphabet : alphabets) {
    if (brief) {
      std::string whole = base64_whole(secret, alphabet);
      for (bool padded : {true, false}) {
        if (!padded) whole.erase(whole.find_last_not_of('=') + 1);
        add_form(whole, true, true, base64_partial);
        std::string twice = base64_whole(whole, alphabet);
        add_form(twice, true, true, base64_partial);
        twice.erase(twice.find_last_not_of('=') + 1);
        add_form(std::move(twice), true, true, base64_partial);
      }
      continue;
    }
    for (std::size_t before = 0; before < 3; ++before) {
      std::string core = base64_core(secret, before, alphabet);
      add_twice_encoded(core);
      add_form(std::move(core), false, true, base64_partial);
    }
  }
}

/// `once`: of the secret, what base64 makes of it whatever is around it.
void Secrets::Index::add_twice_encoded(const std::string& once) {
  if (once.size() < anywhere_octets_min || !twice_encoded_.insert(once).second) return;
  for (std::string_view alphabet : alphabets)
    for (std::size_t before = 0; before < 3; ++before)
      add_form(base64_core(once, before, alphabet), false, true, base64_partial);
}

void Secrets::Index::add_login(std::string_view user, std::string_view password) {
  if (password.empty()) return;
  add(password);
  if (password.size() >= anywhere_octets_min) return;  // found in all of these
  const char nul = '\0';
  const std::string name(user);
  const std::string secret(password);
  for (const std::string& response :
       {fmt::format("{0}{1}{0}{2}", nul, name, secret), fmt::format("{1}{0}{1}{0}{2}", nul, name, secret),
        fmt::format("user={}\1auth=Bearer {}\1\1", name, secret),
        fmt::format("n,a={},\1auth=Bearer {}\1\1", name, secret)})
    for (std::string_view alphabet : alphabets) {
      std::string whole = base64_whole(response, alphabet);
      whole.erase(whole.find_last_not_of('=') + 1);
      const std::size_t partial = whole.size();
      std::string twice = base64_core(whole, 0, alphabet);
      const std::size_t twice_partial = twice.size();
      add_form(std::move(twice), false, true, twice_partial);
      add_form(std::move(whole), false, true, partial);
    }
}

void Secrets::Index::add_form(std::string text, bool brief, bool token, std::size_t partial) {
  text = lower_case(text);
  if (text.empty()) return;
  const std::size_t index = forms_.size();
  // Of most secrets most forms are the same.
  if (text.size() < anywhere_octets_min) {
    if (!words_.emplace(text, index).second) return;
  } else {
    std::vector<std::size_t>& alike = by_front_[gram(text, 0)];
    const auto at = std::ranges::lower_bound(alike, text, {}, [this](std::size_t i) { return forms_[i].text; });
    if (at != alike.end() && forms_[*at].text == text) return;
    alike.insert(at, index);
    by_back_[gram(text, text.size() - 4)].push_back(index);
    const std::uint32_t bit = bit_of(gram(text, 0));
    fronts_[bit / 64] |= std::uint64_t{1} << bit % 64;
  }
  longest_ = std::max(longest_, text.size());
  forms_.push_back({std::move(text), brief, token, partial});
}

void Secrets::Index::widen(Span& span, const Form& form, std::size_t end, std::string_view text) {
  if (form.word) {
    const bool apart = (span.begin == 0 || !is_alphanumeric(text[span.begin - 1])) &&
                       (end == text.size() || !is_alphanumeric(text[end]));
    if (!apart) return;
  }
  span.end = std::max(span.end, end);
  if (!form.token) return;
  // The characters next to it hold the rest of its bits, and of what it is part of.
  while (span.begin > 0 && is_base64(text[span.begin - 1])) --span.begin;
  while (span.end < text.size() && (is_base64(text[span.end]) || text[span.end] == '=')) ++span.end;
}

Span Secrets::Index::match(std::string_view text, std::size_t at) const {
  Span span{at, at};
  if (!words_.empty() && (at == 0 || !is_alphanumeric(text[at - 1])))
    for (std::size_t octets = 1; octets < anywhere_octets_min && at + octets <= text.size(); ++octets)
      if (const auto word = words_.find(std::string(text.substr(at, octets))); word != words_.end())
        widen(span, forms_[word->second], at + octets, text);
  if (at + 4 > text.size()) return span;
  const std::uint32_t front = gram(text, at);
  const std::uint32_t bit = bit_of(front);
  if ((fronts_[bit / 64] >> bit % 64 & 1U) == 0) return span;
  const auto bucket = by_front_.find(front);
  if (bucket == by_front_.end()) return span;
  // Sorted: those that agree with the text so far are a range, which narrows octet by octet.
  std::span<const std::size_t> alike = bucket->second;
  for (std::size_t same = 4;; ++same) {
    if (forms_[alike.front()].text.size() == same) {
      widen(span, forms_[alike.front()], at + same, text);
      alike = alike.subspan(1);
    }
    if (alike.empty()) return span;
    if (ends_there(text, at + same))
      for (std::size_t index : alike)
        if (const Form& form = forms_[index]; !form.word && same >= form.partial) {
          widen(span, form, at + same, text);
          break;
        }
    if (at + same == text.size()) return span;
    const auto fit =
        std::ranges::equal_range(alike, text[at + same], {}, [&](std::size_t i) { return forms_[i].text[same]; });
    if (fit.empty()) return span;
    alike = {fit.begin(), fit.end()};
  }
}

/// The end of a secret that began in the line before.
std::size_t Secrets::Index::match_rest(std::string_view text, std::size_t from) const {
  const std::size_t most = std::min(text.size() - from, longest_ > 0 ? longest_ - 1 : 0);
  for (std::size_t octets = most; octets >= 4; --octets) {
    const auto alike = by_back_.find(gram(text, from + octets - 4));
    if (alike == by_back_.end()) continue;
    const std::string_view rest = text.substr(from, octets);
    for (std::size_t index : alike->second) {
      const Form& form = forms_[index];
      if (form.word || octets < form.partial || !form.text.ends_with(rest)) continue;
      Span span{from, from};
      widen(span, form, from + octets, text);
      return span.end;
    }
  }
  return from;
}

std::vector<Span> Secrets::Index::find(std::string_view given) const {
  std::vector<Span> spans;
  if (forms_.empty() || given.empty()) return spans;
  const std::string text = lower_case(given);
  std::size_t at = after_code(text);
  if (const std::size_t end = match_rest(text, at); end > at) {
    spans.push_back({at, end});
    at = end;
  } else {
    at = 0;
  }
  while (at < text.size()) {
    if (text[at] == '<') {
      const std::string_view rest = std::string_view(text).substr(at);
      const auto* masked = std::ranges::find_if(masks, [&](std::string_view one) { return rest.starts_with(one); });
      if (masked != std::end(masks)) {
        at += masked->size();
        continue;
      }
    }
    const Span found = match(text, at);
    if (found.end == at) {
      ++at;
      continue;
    }
    spans.push_back({found.begin, found.end});
    at = found.end;
  }
  return spans;
}

Secrets::Secrets() = default;
Secrets::Secrets(Secrets&& other) noexcept = default;
Secrets& Secrets::operator=(Secrets&& other) noexcept = default;
Secrets::~Secrets() = default;

Secrets::Index& Secrets::index() {
  if (!index_) index_ = std::make_unique<Index>();
  return *index_;
}

void Secrets::add(std::string_view secret) {
  if (!secret.empty()) index().add(secret);
}

void Secrets::add_login(std::string_view user, std::string_view password) {
  if (!password.empty()) index().add_login(user, password);
}

std::string Secrets::masked(std::string_view text) const {
  const std::vector<Span> spans = index_ ? index_->find(text) : std::vector<Span>();
  if (spans.empty()) return std::string(text);
  std::string out;
  std::size_t at = 0;
  for (const Span& span : spans) {
    // Two that touch are one: how many there were is nothing to tell.
    if (out.empty() || span.begin > at) {
      if (span.begin > at) out += text.substr(at, span.begin - at);
      out += mask;
    }
    at = std::max(at, span.end);
  }
  return out += text.substr(at);
}

std::string Secrets::blanked(std::string_view text) const {
  std::string out(text);
  if (!index_) return out;
  for (const Span& span : index_->find(text))
    std::fill_n(out.begin() + static_cast<std::ptrdiff_t>(span.begin), span.end - span.begin, '*');
  return out;
}

}  // namespace mailrig
