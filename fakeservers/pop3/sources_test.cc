#include "fakeservers/pop3/sources.h"

#include <gtest/gtest.h>

namespace mailrig::fakeservers::pop3 {
namespace {

/// All that a source makes, given so much room at a time.
std::string made(ReplySource& source, std::size_t room) {
  std::string all;
  for (;;) {
    std::string piece;
    if (!source.append(piece, room)) {
      EXPECT_EQ(piece, "");
      return all;
    }
    EXPECT_LE(piece.size(), room);
    all += piece;
  }
}
std::string message(std::string_view text, std::size_t octets, FinalCrlf tail, std::size_t room) {
  MessageSource source(std::make_shared<const std::string>(text), octets, tail);
  return made(source, room);
}

TEST(MessageSource, ByteStuffing) {  // RFC 1939 section 3
  struct Row {
    std::string_view text;
    std::string_view wire;
  };
  for (const Row& row : {
           Row{"", ".\r\n"},
           Row{"a\r\n", "a\r\n.\r\n"},
           Row{".\r\n", "..\r\n.\r\n"},
           Row{"..\r\n", "...\r\n.\r\n"},
           Row{"a\r\n.\r\n", "a\r\n..\r\n.\r\n"},
           Row{"a\r\n.b\r\n..c\r\nd.\r\n", "a\r\n..b\r\n...c\r\nd.\r\n.\r\n"},
           Row{"\r\n\r\n.\r\n", "\r\n\r\n..\r\n.\r\n"},
           Row{"a\n.\nb\r\n", "a\n.\nb\r\n.\r\n"},  // a bare LF ends no line
           Row{"a\r.\r\n", "a\r.\r\n.\r\n"},        // nor does a bare CR
           Row{"a\r\r\n.b\r\n", "a\r\r\n..b\r\n.\r\n"},
           Row{"\n.x\r\n", "\n.x\r\n.\r\n"},
           Row{"no end", "no end\r\n.\r\n"},
           Row{"no end\r", "no end\r\r\n.\r\n"},
           Row{"no end\n", "no end\n\r\n.\r\n"},
           Row{".", "..\r\n.\r\n"},
       }) {
    EXPECT_EQ(stuffed(row.text, FinalCrlf::line), row.wire) << row.text;
    for (std::size_t room = 2; room < row.wire.size() + 2; ++room)
      EXPECT_EQ(message(row.text, row.text.size(), FinalCrlf::line, room), row.wire) << "room " << room;
  }
  EXPECT_EQ(stuffed(std::string_view("\0\r\n.\0", 5), FinalCrlf::line), std::string("\0\r\n..\0\r\n.\r\n", 11));
}

TEST(MessageSource, TheTailMayBeGlued) {
  EXPECT_EQ(stuffed("last char", FinalCrlf::none), "last char.\r\n");
  EXPECT_EQ(stuffed("last char\r\n", FinalCrlf::none), "last char\r\n.\r\n");
  EXPECT_EQ(stuffed("", FinalCrlf::none), ".\r\n");
}

TEST(MessageSource, ABeginningOfAMessage) {
  EXPECT_EQ(message("H: h\r\n\r\n.body\r\n", 8, FinalCrlf::line, 100), "H: h\r\n\r\n.\r\n");
  EXPECT_EQ(message("H: h\r\n\r\n.body\r\n", 5, FinalCrlf::line, 100), "H: h\r\r\n.\r\n");
}

TEST(MessageSource, LongBodiesInFullPieces) {
  std::string text;
  std::string wire;
  for (int i = 0; i < 20'000; ++i) {
    text += i % 3 == 0 ? ".line\r\n" : "line.\r\n";
    wire += i % 3 == 0 ? "..line\r\n" : "line.\r\n";
  }
  EXPECT_EQ(message(text, text.size(), FinalCrlf::line, 64 * 1024), wire + ".\r\n");
  EXPECT_EQ(message(text, text.size(), FinalCrlf::line, 1024), wire + ".\r\n");
}

TEST(ListingSource, RowsAndTheFinalDot) {
  auto row = [](std::string& out, std::size_t n) {
    if (n != 1) out += std::to_string(n) + "\r\n";
  };
  ListingSource three(3, row);
  EXPECT_EQ(made(three, 2048), "0\r\n2\r\n.\r\n");
  ListingSource none(0, row);
  EXPECT_EQ(made(none, 2048), ".\r\n");
  ListingSource many(10'000, [](std::string& out, std::size_t n) { out += std::string(n % 1000, 'x') + "\r\n"; });
  std::string all = made(many, 2048);
  EXPECT_EQ(all.size(), 10U * (999 * 1000 / 2) + 20'000 + 3);
  EXPECT_TRUE(all.ends_with("x\r\n.\r\n"));
}

TEST(BytesSource, AsTheyAre) {
  BytesSource bytes(std::string(5000, 'a'));
  EXPECT_EQ(made(bytes, 1024), std::string(5000, 'a'));
  BytesSource none("");
  EXPECT_EQ(made(none, 1024), "");
}

TEST(EndlessSource, NeverEnds) {
  EndlessSource source("begin", "abc");
  std::string first;
  EXPECT_TRUE(source.append(first, 1024));
  EXPECT_EQ(first.substr(0, 11), "beginabcabc");
  EXPECT_EQ(first.size(), 1022U);  // no piece is torn apart
  for (int i = 0; i < 1000; ++i) {
    std::string more;
    EXPECT_TRUE(source.append(more, 1024));
    EXPECT_EQ(more.size(), 1023U);
  }
}

TEST(TopOctets, HeaderEmptyLineAndLines) {
  std::string_view text = "H: h\r\nI: i\r\n\r\none\r\ntwo\r\n";
  EXPECT_EQ(top_octets(text, 0), 14U);
  EXPECT_EQ(top_octets(text, 1), 19U);
  EXPECT_EQ(top_octets(text, 2), 24U);
  EXPECT_EQ(top_octets(text, 3), 24U);
  EXPECT_EQ(top_octets("H: h\r\n", 5), 6U);
  EXPECT_EQ(top_octets("H: h", 5), 4U);
  EXPECT_EQ(top_octets("", 5), 0U);
  EXPECT_EQ(top_octets("H: h\n\none\ntwo", 1), 10U);
  EXPECT_EQ(top_octets("\r\none\r\n", 0), 2U);
  EXPECT_EQ(top_octets("H\r\n\r\none", 1), 8U);
}

}  // namespace
}  // namespace mailrig::fakeservers::pop3
