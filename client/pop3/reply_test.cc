#include "client/pop3/reply.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace mailrig::client {
namespace {

using ::testing::ElementsAre;
using Word = StatusLine::Word;

std::vector<std::string> lines_of(const std::vector<std::string>& chunks) {
  LineReader reader;
  std::vector<std::string> lines;
  for (const std::string& chunk : chunks) {
    std::string_view bytes = chunk;
    while (std::optional<LineReader::Line> line = reader.take(bytes))
      lines.push_back(std::string(line->text) + (line->bare_lf ? " (LF)" : ""));
  }
  if (!reader.partial().empty()) lines.push_back("partial: " + std::string(reader.partial()));
  if (reader.overflowed()) lines.emplace_back("overflowed");
  return lines;
}

TEST(LineReader, LinesAtEverySplit) {
  std::string wire = "+OK one\r\n\r\ntwo\nthree\r\r\nfour";
  auto wanted = ElementsAre("+OK one", "", "two (LF)", "three\r", "partial: four");
  for (std::size_t a = 0; a <= wire.size(); ++a)
    for (std::size_t b = a; b <= wire.size(); ++b)
      EXPECT_THAT(lines_of({wire.substr(0, a), wire.substr(a, b - a), wire.substr(b)}), wanted) << a << ' ' << b;
}

TEST(LineReader, AWholeLineIsAViewOfWhatArrived) {
  LineReader reader;
  std::string wire = "+OK one\r\n";
  std::string_view bytes = wire;
  EXPECT_EQ(reader.take(bytes)->text.data(), wire.data());
  EXPECT_TRUE(bytes.empty());
}

TEST(LineReader, ALineHasItsLimit) {
  std::string longest = std::string(pop3_line_octets_max - 2, 'x') + "\r\n";
  EXPECT_THAT(lines_of({longest}), ElementsAre(std::string(pop3_line_octets_max - 2, 'x')));
  EXPECT_THAT(lines_of({longest.substr(0, 100), longest.substr(100)}),
              ElementsAre(std::string(pop3_line_octets_max - 2, 'x')));
  EXPECT_THAT(lines_of({"x" + longest, "a\r\n"}), ElementsAre("overflowed"));
  EXPECT_THAT(lines_of({std::string(pop3_line_octets_max, 'x')}),
              ElementsAre("partial: " + std::string(pop3_line_octets_max, 'x')));
  EXPECT_THAT(lines_of({std::string(pop3_line_octets_max, 'x'), "y"}),
              ElementsAre("partial: " + std::string(pop3_line_octets_max, 'x'), "overflowed"));
}

TEST(LineReader, ClearForgetsHalfALine) {
  LineReader reader;
  std::string_view half = "+OK inj";
  EXPECT_FALSE(reader.take(half));
  reader.clear();
  std::string_view next = "+OK\r\n";
  EXPECT_EQ(reader.take(next)->text, "+OK");
}

TEST(Status, TheFirstWord) {
  struct Case {
    std::string_view line;
    Word word;
    std::string_view text;
  };
  // docs/providers/misbehaviours.md#m30
  for (Case one : {Case{"+OK", Word::ok, ""},
                   Case{"+OK ready", Word::ok, "ready"},
                   Case{"+ok ready", Word::ok, "ready"},
                   Case{"+OKfoo", Word::ok, "foo"},
                   Case{"+OK  \ttwo", Word::ok, "two"},
                   Case{"-ERR", Word::err, ""},
                   Case{"-ERR no", Word::err, "no"},
                   Case{"-err no", Word::err, "no"},
                   Case{"-ERR[SYS/PERM] no", Word::err, "[SYS/PERM] no"},
                   Case{"+ERR Server error", Word::err, "Server error"},
                   Case{"-OK", Word::none, ""},
                   Case{"OK", Word::none, ""},
                   Case{"ERR", Word::none, ""},
                   Case{"+", Word::none, ""},
                   Case{"+ ", Word::none, ""},
                   Case{"", Word::none, ""},
                   Case{"+O", Word::none, ""},
                   Case{"-ER", Word::none, ""},
                   Case{" +OK", Word::none, ""},
                   Case{"Connection is closed. 21", Word::none, ""}}) {
    EXPECT_EQ(parse_status(one.line).word, one.word) << one.line;
    EXPECT_EQ(parse_status(one.line).text, one.text) << one.line;
  }
}

TEST(Status, GreetingsThatAreBelieved) {
  for (std::string_view good : {"+OK", "+OK ready", "+ok ready", "+OK\tready", "+OK "})
    EXPECT_TRUE(is_good_greeting(good)) << good;
  // docs/providers/misbehaviours.md#m31
  for (std::string_view wrong : {"+OK-", "+OKready", "-ERR busy", "+ERR Server error", "220 mail.isp.test ESMTP ready",
                                 "SSH-2.0-OpenSSH_9.2p1", "HTTP/1.1 400 Bad Request", "", "OK", "+O"})
    EXPECT_FALSE(is_good_greeting(wrong)) << wrong;
}

}  // namespace
}  // namespace mailrig::client
