#include "client/pop3/body_reader.h"

#include <gtest/gtest.h>

#include <vector>

namespace mailrig::client {
namespace {

using State = Pop3BodyReader::State;

struct Read {
  std::string text;
  State state = State::reading;
  std::string behind;
  std::uint64_t octets = 0;

  friend bool operator==(const Read&, const Read&) = default;
};
std::ostream& operator<<(std::ostream& out, const Read& read) {
  return out << ::testing::PrintToString(read.text) << " state " << static_cast<int>(read.state) << " behind "
             << ::testing::PrintToString(read.behind) << " octets " << read.octets;
}

Read read(const std::vector<std::string>& chunks, bool bare_lf) {
  Read result;
  Pop3BodyReader reader([&](std::string_view piece) { result.text += piece; });
  reader.begin(bare_lf);
  for (const std::string& chunk : chunks) {
    std::string_view bytes = chunk;
    if (reader.feed(bytes) == State::ended) result.behind += bytes;
  }
  result.behind = std::string(reader.overhang()) + result.behind;
  result.state = reader.state();
  result.octets = reader.octets();
  return result;
}

void expect_read(const std::string& wire, Read wanted, bool bare_lf = false) {
  wanted.octets = wanted.text.size();
  for (std::size_t a = 0; a <= wire.size(); ++a)
    for (std::size_t b = a; b <= wire.size(); ++b)
      EXPECT_EQ(read({wire.substr(0, a), wire.substr(a, b - a), wire.substr(b)}, bare_lf), wanted)
          << ::testing::PrintToString(wire) << " cut at " << a << " and " << b;
}

TEST(Pop3BodyReader, AMessageAndWhatComesBehindIt) {
  expect_read("a\r\n..b\r\n.\r\n+OK\r\n", {"a\r\n.b\r\n", State::ended, "+OK\r\n"});
  expect_read(".\r\n-ERR", {"", State::ended, "-ERR"});
  expect_read("a\r\n.\r", {"a\r\n", State::reading, ""});
}

// docs/providers/misbehaviours.md#m4
TEST(Pop3BodyReader, AServerOfBareLinesUnderACrlfStatusLineEndsWhereAReplyFollows) {
  expect_read("a\nb\n.\n+OK 3\n", {"a\nb\n", State::ended, "+OK 3\n"});
  expect_read("a\nb\n.\n-ERR\r\n", {"a\nb\n", State::ended, "-ERR\r\n"});
  expect_read("a\nb\n.\r\n+OK\r\n", {"a\nb\n", State::ended, "+OK\r\n"});
}

TEST(Pop3BodyReader, ABareLoneDotWithinAMessageIsText) {  // docs/providers/misbehaviours.md#m5
  expect_read("a\n.\nb\r\n.\r\n+OK\r\n", {"a\n.\nb\r\n", State::ended, "+OK\r\n"});
  expect_read("a\n.\n+Ob\r\n.\r\n", {"a\n.\n+Ob\r\n", State::ended, ""});
  expect_read("a\n.\n-ER\r\n.\r\n", {"a\n.\n-ER\r\n", State::ended, ""});
  expect_read("a\n.\n+-ERR\r\n.\r\n", {"a\n.\n+-ERR\r\n", State::ended, ""});
  expect_read("a\n.\n.\n.\nb\r\n.\r\n", {"a\n.\n.\n.\nb\r\n", State::ended, ""});
  expect_read("a\r\n.\n.b\r\n.\r\n", {"a\r\n.\n.b\r\n", State::ended, ""});
}

TEST(Pop3BodyReader, WithoutAnythingBehindItTheEndStaysInDoubt) {
  expect_read("a\n.\n", {"a\n", State::doubtful, ""});
  expect_read("a\n.\n+O", {"a\n", State::doubtful, ""});
  expect_read("a\n.\n", {"a\n", State::ended, ""}, true);
}

TEST(Pop3BodyReader, ADoubledStatusLineIsLeftOut) {  // docs/providers/misbehaviours.md#m23
  expect_read("+OK 120 octets\r\na\r\n.\r\n", {"a\r\n", State::ended, ""});
  expect_read("+OK\na\n.\n", {"a\n", State::ended, ""}, true);
  expect_read("+OK\r\n+OK\r\n.\r\n", {"+OK\r\n", State::ended, ""});
  expect_read("+OK", {"", State::reading, ""});
}

TEST(Pop3BodyReader, WhatOnlyBeginsLikeOneIsText) {
  expect_read("+O: a\r\n.\r\n", {"+O: a\r\n", State::ended, ""});
  expect_read("a\r\n+OK\r\n.\r\n", {"a\r\n+OK\r\n", State::ended, ""});
  expect_read("+\r\n.\r\n", {"+\r\n", State::ended, ""});
}

TEST(Pop3BodyReader, ItReadsOneMessageAfterTheOther) {
  std::string text;
  Pop3BodyReader reader([&](std::string_view piece) { text += piece; });
  std::string_view first = "+OK\r\na\n.\n+OK";
  reader.begin(false);
  EXPECT_EQ(reader.feed(first), State::ended);
  EXPECT_EQ(reader.overhang(), "+OK");
  std::string_view second = "+OK\r\nb\r\n.\r\n";
  reader.begin(false);
  EXPECT_EQ(reader.overhang(), "");
  EXPECT_EQ(reader.octets(), 0U);
  EXPECT_EQ(reader.feed(second), State::ended);
  EXPECT_EQ(text, "a\nb\r\n");
  EXPECT_EQ(reader.octets(), 3U);
}

}  // namespace
}  // namespace mailrig::client
