// What a real Dovecot was recorded to reply (testdata/), said by the fake: every line of every dialogue.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <vector>

#include "fakeservers/testing/dovecot_record.h"
#include "fakeservers/testing/pop3_desk.h"

namespace mailrig::fakeservers {
namespace {

using testing::dovecot_messages;
using testing::Pop3Desk;
using testing::shown_octets;

/// \xHH, \r, \n and \\, and {x*40}.
std::string octets(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '{' && i + 2 < text.size() && text[i + 2] == '*') {
      const std::size_t end = text.find('}', i);
      out.append(std::stoul(std::string(text.substr(i + 3, end - i - 3))), text[i + 1]);
      i = end;
    } else if (text[i] == '\\' && text[i + 1] == 'x') {
      out += static_cast<char>(std::stoul(std::string(text.substr(i + 2, 2)), nullptr, 16));
      i += 3;
    } else if (text[i] == '\\') {
      ++i;
      out += text[i] == 'r' ? '\r' : text[i] == 'n' ? '\n' : text[i] == 't' ? '\t' : text[i];
    } else {
      out += text[i];
    }
  }
  return out;
}

/// One connection of the record, as far as it has been played.
class Replayed {
 public:
  Replayed(Pop3Desk& desk, std::string title) : desk_(desk), title_(std::move(title)), session_(desk.open()) {
    keep(desk_.take(*session_));
  }

  void say(const std::string& said) {
    said_ = said;
    if (!over_) session_->on_bytes(said);
    if (!over_) keep(desk_.take(*session_));
  }
  /// The fake's side of a handshake is the desk's: what shows is whether the session is there to begin one.
  void secure() {
    said_ = "TLS";
    lines_.emplace_back(over_ ? "<no TLS>" : "<TLS>");
  }
  void expect(std::string_view line) {
    const std::string next = next_line();
    EXPECT_EQ(next, line) << title_ << " after " << shown_octets(said_);
  }
  /// That all was said that the record has.
  void finish() {
    for (; at_ < lines_.size(); ++at_) ADD_FAILURE() << title_ << ": nothing expects " << lines_[at_];
  }

 private:
  std::string next_line() { return at_ < lines_.size() ? lines_[at_++] : over_ ? "<closed>" : "<silence>"; }
  void keep(const std::string& said) {
    over_ = desk_.over;
    std::string_view rest = said;
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find("\r\n"), rest.size());
      lines_.push_back(shown_octets(rest.substr(0, end)));
      rest.remove_prefix(std::min(end + 2, rest.size()));
    }
  }

  Pop3Desk& desk_;
  std::string title_;
  std::unique_ptr<Session> session_;
  std::string said_;
  std::vector<std::string> lines_;
  std::size_t at_ = 0;
  bool over_ = false;
};

std::string settings_of(std::string_view tls) {
  std::string messages;
  for (const std::string_view message : dovecot_messages) {
    std::string text;
    for (const char c : message) text += c < 0x20 && c >= 0 ? fmt::format("\\u{:04x}", c) : std::string(1, c);
    messages += fmt::format("{}{{\"text\": \"{}\"}}", messages.empty() ? "" : ", ", text);
  }
  return fmt::format(R"({{"personality": "dovecot", "tls": "{}", "failed_login_delay": "0s", "login_penalty": "0s",
    "mailboxes": {{"anna": {{"password": "s3cret", "messages": [{}]}}}}}})",
                     tls, messages);
}

TEST(DovecotRecord, IsWhatTheFakeReplies) {
  Pop3Desk plain(settings_of("starttls")), implicit(settings_of("implicit"));
  ASSERT_EQ(plain.refusal + implicit.refusal, "");
  std::ifstream record(testing::dovecot_record, std::ios::binary);
  std::unique_ptr<Replayed> talk;
  std::size_t lines = 0;
  for (std::string line; std::getline(record, line);) {
    const auto text = [&line](std::size_t from) { return line.size() > from ? line.substr(from) : std::string(); };
    if (line.starts_with("== ")) {
      if (talk != nullptr) talk->finish();
      talk = std::make_unique<Replayed>(line.find("implicit") == std::string::npos ? plain : implicit, line);
    } else if (line.starts_with("C:")) {
      talk->say(octets(text(3)) + "\r\n");
      ++lines;
    } else if (line.starts_with("R")) {
      talk->say(octets(text(line.find(": ") + 2)));
      ++lines;
    } else if (line == "TLS") {
      talk->secure();
    } else if (line.starts_with("S:") || line.starts_with("E:")) {
      talk->expect(text(3));
    }
  }
  ASSERT_NE(talk, nullptr) << testing::dovecot_record;
  talk->finish();
  EXPECT_GE(lines, 750U);
}

}  // namespace
}  // namespace mailrig::fakeservers
