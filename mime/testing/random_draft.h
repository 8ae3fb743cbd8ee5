#pragma once
/// Drafts that a careless person and a malicious one would write together: the same for the same seed.

#include <string>

#include "base/prng.h"
#include "mime/compose/compose.h"

namespace mailrig::mime::testing {

class RandomDraft {
 public:
  explicit RandomDraft(std::uint64_t seed) : prng_(seed) {}

  Draft make() {
    Draft draft;
    draft.from = mailboxes(1 + prng_.below(10) / 9);
    draft.reply_to = mailboxes(prng_.below(3) / 2);
    for (Address& mailbox : mailboxes(1 + prng_.below(12))) draft.to.emplace_back(std::move(mailbox));
    for (Address& mailbox : mailboxes(prng_.below(3))) draft.cc.emplace_back(std::move(mailbox));
    for (Address& mailbox : mailboxes(prng_.below(3))) draft.bcc.emplace_back(std::move(mailbox));
    draft.subject = header_text();
    if (prng_.below(4) != 0) draft.text = body();
    if (prng_.below(3) == 0) draft.html = body();
    for (std::uint64_t i = prng_.below(3); i > 0; --i)
      draft.inline_parts.push_back({.name = header_text(),
                                    .type = "image/png",
                                    .content = Source::of(body()),
                                    .content_id = prng_.hex(8) + "@x.test"});
    for (std::uint64_t i = prng_.below(4); i > 0; --i) draft.attachments.push_back(attachment());
    draft.date = Instant{} + std::chrono::seconds{prng_.below(6'000'000'000)};
    draft.offset_minutes = static_cast<int>(prng_.below(24 * 60)) - 12 * 60;
    for (std::uint64_t i = prng_.below(20); i > 0; --i)
      draft.references.push_back(prng_.hex(prng_.below(60) + 1) + "@x.test");
    return draft;
  }

  /// What a field gives back: without what it cannot carry.
  static std::string carried(std::string text) {
    for (char& c : text)
      if ((c >= 0 && c < ' ' && c != '\t') || c == 0x7F) c = ' ';
    return text;
  }
  /// What a text part gives back.
  static std::string in_lines(const std::string& text) {
    std::string lines;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\n' && (i == 0 || text[i - 1] != '\r')) lines += '\r';
      lines += text[i];
    }
    return lines.empty() || lines.ends_with("\r\n") ? lines : lines + "\r\n";
  }

 private:
  std::string piece() {
    static const std::string pieces[] = {"a",
                                         " ",
                                         "hello",
                                         "x.y",
                                         "Grüße",
                                         "日本語の件名",
                                         "привет",
                                         "مرحبا",
                                         "👩‍👩‍👧",
                                         "=?UTF-8?Q?no?=",
                                         "\"",
                                         "\\",
                                         "(",
                                         ",",
                                         ";:<>@",
                                         std::string(90, 'w'),
                                         "%41",
                                         "'",
                                         "=20",
                                         "--",
                                         "*",
                                         "é",
                                         "_",
                                         "?",
                                         "naïve",
                                         "0"};
    return pieces[prng_.below(std::size(pieces))];
  }
  std::string header_text() {
    std::string text;
    for (std::uint64_t i = prng_.below(prng_.below(10) == 0 ? 60 : 8); i > 0; --i)
      text += piece() + (prng_.below(2) == 0 ? " " : "");
    while (text.ends_with(' ')) text.pop_back();
    return text;
  }
  std::vector<Address> mailboxes(std::uint64_t count) {
    static const std::string addresses[] = {"a@x.test", "first.last@sub.x.test", "\"q q\"@x.test", "o'neil+tag@x.test",
                                            "a-local-part-that-is-as-long-as-a-line-of-mail-bears@x.test"};
    std::vector<Address> list;
    for (; count > 0; --count)
      list.push_back({prng_.below(3) == 0 ? "" : header_text(),
                      std::to_string(count) + '.' + addresses[prng_.below(std::size(addresses))]});
    for (Address& mailbox : list)
      if (mailbox.address.find('"') != std::string::npos) mailbox.address = "\"q q\"@x.test";
    return list;
  }
  std::string body() {
    static const std::string lines[] = {"",
                                        ".",
                                        "..",
                                        "From me",
                                        "hello",
                                        "trailing ",
                                        "tab\t",
                                        "-- ",
                                        "--",
                                        "--=_x",
                                        "日本語",
                                        "👩‍👩‍👧 emoji",
                                        "שלום",
                                        "=",
                                        "=41",
                                        std::string("N\0L", 3),
                                        "lone\rCR",
                                        std::string(76, 'q'),
                                        std::string(1200, 'l'),
                                        "8bit \xC3\xBC",
                                        ">From",
                                        "begin 644 x"};
    std::string text;
    const std::uint64_t kinds = prng_.below(std::size(lines)) + 1;
    for (std::uint64_t i = prng_.below(30); i > 0; --i)
      text += lines[prng_.below(kinds)] + (prng_.below(10) == 0 ? "\n" : "\r\n");
    if (prng_.below(3) == 0) text += "no line end";
    return text;
  }
  AttachmentSpec attachment() {
    switch (prng_.below(4)) {
      case 0: return {.name = header_text(), .type = "text/csv", .content = Source::of(body())};
      case 1: return {.type = "message/rfc822", .content = Source::of("Subject: inner\r\n\r\n" + in_lines(body()))};
      default: {
        std::string octets;
        for (std::uint64_t i = prng_.below(500); i > 0; --i) octets += static_cast<char>(prng_.below(256));
        return {.name = header_text(), .content = Source::of(std::move(octets))};
      }
    }
  }

  Prng prng_;
};

inline std::string all_of(const Source& source) {
  std::string all;
  const Source::Pieces next = source.open();
  for (Result<std::string_view> piece = next(); piece && !piece->empty(); piece = next()) all += *piece;
  return all;
}

}  // namespace mailrig::mime::testing
