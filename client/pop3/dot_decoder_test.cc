#include "client/pop3/dot_decoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace mailrig::client {
namespace {

struct Decoded {
  std::string text;
  DotDecoder::End end = DotDecoder::End::none;
  std::string rest;  // behind the end

  friend bool operator==(const Decoded&, const Decoded&) = default;
};
std::ostream& operator<<(std::ostream& out, const Decoded& decoded) {
  return out << ::testing::PrintToString(decoded.text) << " end " << static_cast<int>(decoded.end) << " rest "
             << ::testing::PrintToString(decoded.rest);
}

/// `believed`: how a doubtful end is resolved; nothing: it stops there.
Decoded decode(const std::vector<std::string>& chunks, bool bare_lf = false, bool refuse_doubt = false) {
  DotDecoder decoder(bare_lf);
  Decoded decoded;
  for (const std::string& chunk : chunks) {
    std::string_view bytes = chunk;
    while (!bytes.empty()) {
      if (decoded.end != DotDecoder::End::none) {
        decoded.rest += bytes;
        break;
      }
      DotDecoder::Piece piece = decoder.take(bytes);
      decoded.text += piece.text;
      if (piece.end == DotDecoder::End::doubtful && refuse_doubt)
        decoded.text += decoder.not_the_end();
      else
        decoded.end = piece.end;
    }
  }
  return decoded;
}

/// The same at every single cut, at every pair of cuts, and byte by byte.
void expect_decoded(const std::string& wire, const Decoded& wanted, bool bare_lf = false, bool refuse_doubt = false) {
  EXPECT_EQ(decode({wire}, bare_lf, refuse_doubt), wanted);
  for (std::size_t a = 0; a <= wire.size(); ++a)
    for (std::size_t b = a; b <= wire.size(); ++b)
      EXPECT_EQ(decode({wire.substr(0, a), wire.substr(a, b - a), wire.substr(b)}, bare_lf, refuse_doubt), wanted)
          << "cut at " << a << " and " << b;
  std::vector<std::string> octets;
  for (char c : wire) octets.emplace_back(1, c);
  EXPECT_EQ(decode(octets, bare_lf, refuse_doubt), wanted) << "byte by byte";
}

using enum DotDecoder::End;

TEST(DotDecoder, TheEndIsALoneDot) {
  expect_decoded("a\r\n.\r\n", {"a\r\n", sure, ""});
  expect_decoded("a\r\n.\r\n+OK\r\n", {"a\r\n", sure, "+OK\r\n"});
  expect_decoded("a\r\nb", {"a\r\nb", none, ""});
}

TEST(DotDecoder, AnEmptyReplyHasNoLineBeforeTheDot) {
  expect_decoded(".\r\n", {"", sure, ""});
  expect_decoded(".\r\nx", {"", sure, "x"});
}

TEST(DotDecoder, StuffedDotsLoseOneDot) {
  // RFC 1939 §3, and the body of scenarios/suite/retrieval/dot-split-between-segments.json.
  expect_decoded("...two\r\n..one\r\n..\r\nlast\r\n.\r\n", {"..two\r\n.one\r\n.\r\nlast\r\n", sure, ""});
}

TEST(DotDecoder, ALineThatWasNotStuffedLosesItsDotToo) {
  expect_decoded("a\r\n.hidden\r\n.\r\n", {"a\r\nhidden\r\n", sure, ""});
}

TEST(DotDecoder, DotsWithinALineAreText) {
  expect_decoded("a.b\r\nc.\r\n.\r\n", {"a.b\r\nc.\r\n", sure, ""});
  expect_decoded("a\r.\r\n.\r\n", {"a\r.\r\n", sure, ""});
}

TEST(DotDecoder, ADotAndCrWithoutLfIsText) {
  expect_decoded("a\r\n.\rb\r\n.\r\n", {"a\r\n\rb\r\n", sure, ""});
  expect_decoded("a\r\n.\r\r\n.\r\n", {"a\r\n\r\r\n", sure, ""});
  expect_decoded("a\r\n.\r.\r\n.\r\n", {"a\r\n\r.\r\n", sure, ""});
  expect_decoded("a\r\n.\r", {"a\r\n", none, ""});  // docs/providers/misbehaviours.md#m3: the LF never comes
}

TEST(DotDecoder, OctetsOfAnyKindPass) {
  std::string body("a\0b\xff\x80\r\n\r\n", 9);
  expect_decoded(body + ".\r\n", {body, sure, ""});
}

TEST(DotDecoder, ABareLfIsNoLineEnd) {
  expect_decoded("a\n.two\r\n.\r\n", {"a\n.two\r\n", sure, ""});
  expect_decoded("a\n..two\r\n.\r\n", {"a\n..two\r\n", sure, ""});
  expect_decoded("a\nb\n\nc\r\n.\r\n", {"a\nb\n\nc\r\n", sure, ""});
}

TEST(DotDecoder, ALoneDotNextToABareLfIsDoubtful) {
  expect_decoded("a\n.\nb", {"a\n", doubtful, "b"});
  expect_decoded("a\n.\r\nb", {"a\n", doubtful, "b"});
  expect_decoded("a\r\n.\nb", {"a\r\n", doubtful, "b"});
  expect_decoded(".\n+OK", {"", doubtful, "+OK"});
}

TEST(DotDecoder, ADoubtfulEndThatWasNoneIsText) {
  expect_decoded("a\n.\nb\r\n.\r\n", {"a\n.\nb\r\n", sure, ""}, false, true);
  expect_decoded("a\n.\r\n.b\r\n.\r\n", {"a\n.\r\nb\r\n", sure, ""}, false, true);
  expect_decoded("a\r\n.\n.b\r\n.\r\n", {"a\r\n.\n.b\r\n", sure, ""}, false, true);
  expect_decoded("a\n.\n.\n.\r\n.\r\n", {"a\n.\n.\n.\r\n", sure, ""}, false, true);
}

TEST(DotDecoder, DotCrAfterABareLfIsText) {
  expect_decoded("a\n.\rb\r\n.\r\n", {"a\n.\rb\r\n", sure, ""});
  expect_decoded("a\n.\r\r\n.\r\n", {"a\n.\r\r\n", sure, ""});
}

TEST(DotDecoder, AServerOfBareLinesEndsWithABareDotLine) {
  expect_decoded("a\n..b\n.\n+OK", {"a\n.b\n", sure, "+OK"}, true);
  expect_decoded(".\n", {"", sure, ""}, true);
  expect_decoded("a\r\n..b\n.\r\n", {"a\r\n.b\n", sure, ""}, true);
}

TEST(DotDecoder, TextComesInOnePieceWhereNoDotIsInTheWay) {
  DotDecoder decoder;
  std::string wire = "one\r\ntwo\r\nthree\r\n.\r\n";
  std::string_view bytes = wire;
  EXPECT_EQ(decoder.take(bytes).text, "one\r\ntwo\r\nthree\r\n");
  EXPECT_EQ(bytes, ".\r\n");
  EXPECT_EQ(decoder.take(bytes).end, sure);
}

}  // namespace
}  // namespace mailrig::client
