#include "mime/message/message_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "base/prng.h"
#include "mime/message/body_decoder.h"

namespace mailrig::mime {
namespace {

/// Collects the bodies of leaves by the number of their part.
struct Bodies : PartSink {
  void on_body(const Message& message, const Part& part, std::string_view piece) override {
    bodies[message.number_of(part)] += piece;
  }
  void on_end(const Message& message, const Part& part) override { ended.push_back(message.number_of(part)); }
  std::map<std::uint32_t, std::string> bodies;
  std::vector<std::uint32_t> ended;
};

/// All that is known of a message, as text that can be compared.
std::string told(const Message& message) {
  std::string text;
  for (const Part& part : message.parts()) {
    text += part.path + " " + part.content_type.type + "/" + part.content_type.subtype + " kind " +
            std::to_string(static_cast<int>(part.kind)) + " in " + std::to_string(part.parent) + " depth " +
            std::to_string(part.message_depth) + " decoded in " + std::to_string(part.decoded_in) + " header " +
            std::to_string(part.header_offset) + "+" + std::to_string(part.header_length) + " body " +
            std::to_string(part.body_offset) + "+" + std::to_string(part.body_length) + " encoding " +
            std::string(to_string(part.encoding)) + "\n";
    const Header header = message.header(part);
    text += std::string(header.text()) + "|" + std::to_string(header.size()) + "\n";
    for (std::size_t i = 0; i < header.size(); ++i) text += std::string(header[i].name) + "|";
  }
  for (const Defect& defect : message.defects().list())
    text += std::string(kind_of(defect.code).name) + " at " + std::to_string(defect.offset) + "+" +
            std::to_string(defect.length) + " " + std::string(defect.done) + "\n";
  return text;
}

struct Read {
  std::string tree;
  Bodies bodies;
};

Read read_pieces(const std::vector<std::string_view>& pieces, const Limits& limits = {}) {
  Read read;
  MessageReader reader({.limits = limits, .sink = &read.bodies});
  for (std::string_view piece : pieces) {
    const std::string gone(piece);  // nobody may keep a view of it
    reader.feed(gone);
  }
  read.tree = told(reader.finish());
  return read;
}

/// The whole is the truth: its tree, and the bodies that its offsets name.
void expect_same(const Message& whole, const Read& read, const std::string& how) {
  EXPECT_EQ(read.tree, told(whole)) << how;
  for (const Part& part : whole.parts()) {
    if (!part.is_leaf()) continue;
    const auto body = read.bodies.bodies.find(whole.number_of(part));
    // What a multipart without parts holds is nobody's body.
    if (part.content_type.type == "multipart" && body == read.bodies.bodies.end()) continue;
    EXPECT_EQ(body == read.bodies.bodies.end() ? std::string_view() : std::string_view(body->second), whole.body(part))
        << how;
  }
}

const std::vector<std::string>& messages() {
  static const std::vector<std::string> all = {
      "",
      "\r\n",
      "no header at all\r\n\r\nsecond paragraph\r\n",
      "Subject: a\r\n folded\r\nTo: b\r\n\r\nbody\r\nwith\rbare and\nlone ends\r",
      "From x\r\nSubject: a\r\njunk\r\n\r\n--b\r\n",
      "Content-Type: multipart/mixed; boundary=b\r\n\r\npre\r\n--b\r\nX: y\r\n\r\none\r\n--\r\n-\r\n--bb\r\n\r\n--b "
      "\t\r\n"
      "Content-Type: text/html\r\n\r\n\r\ntwo\r\n\r\n--b--\r\nepilogue\r\n--b\r\n",
      "Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n\n--b\n\n--b\n\n\n--b--",
      "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: multipart/alternative; boundary=c\r\n\r\n"
      "--c\r\n\r\none\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\ntext\r\n--c--\r\n--b--\r\n",
      "Content-Type: multipart/digest; boundary=\"b:\"\r\n\r\n--b:\r\n\r\nSubject: x\r\n\r\none\r\n--b:\r\n\r\n--b:--",
      "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n"
      "Content-Transfer-Encoding: base64\r\n\r\n"
      // A message with a multipart of one part, "Hi", whose boundary is c.
      "Q29udGVudC1UeXBlOiBtdWx0aXBhcnQvbWl4ZWQ7IGJvdW5kYXJ5PWMNCg0KLS1jDQoNCkhpDQot\r\nLWMtLQ0K\r\n--b\r\n\r\ntwo\r\n--"
      "b--",
      "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\nSubject: never encoded\r\n\r\nx\r\n",
      "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nSubject: "
      "a=\r\nb\r\n\r\nx=3D=\r\ny",
      "Content-Type: multipart/mixed\r\n\r\n--b\r\n",
      "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b--\r\n",
      "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: multipart/mixed; "
      "boundary=b\r\n--b\r\nx\r\n--b--",
  };
  return all;
}

TEST(MessageReader, ASplitAnywhereGivesTheTreeOfTheWholeForEveryRule) {
  std::size_t messages = 0;
  for (const auto& entry : std::filesystem::directory_iterator(std::string(MAILRIG_SOURCE_DIR) + "/mime/testdata")) {
    if (entry.path().extension() != ".eml") continue;
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string source(std::istreambuf_iterator<char>(file), {});
    const Message whole = parse(source);
    for (std::size_t cut = 0; cut <= source.size(); ++cut)
      expect_same(whole, read_pieces({std::string_view(source).substr(0, cut), std::string_view(source).substr(cut)}),
                  entry.path().string() + "\ncut at " + std::to_string(cut));
    ++messages;
  }
  EXPECT_GE(messages, 60U);
}

/// Over what is looked at to find out about an encoding.
TEST(MessageReader, ALongEncodedMultipartIsFoundWhereverItIsSplit) {
  std::string parts = "--b\r\n\r\n";
  while (parts.size() < 9'000) parts += "a line of text in the first part\r\n";
  parts += "--b\r\n\r\nsecond\r\n--b--\r\n";
  std::string encoded;
  Base64Encoder encoder;
  encoder.feed(parts, encoded);
  encoder.finish(encoded);
  const std::string source =
      "Content-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\nContent-Type: multipart/mixed; boundary=b\r\n"
      "Content-Transfer-Encoding: base64\r\n\r\n" +
      encoded + "--o\r\n\r\nlast\r\n--o--\r\n";
  const Message whole = parse(source);
  ASSERT_EQ(whole.parts().size(), 5U);
  EXPECT_EQ(whole.body(whole.parts()[3]), "second");
  EXPECT_EQ(whole.parts()[3].path, "1.2");
  EXPECT_EQ(whole.body(whole.parts()[4]), "last");
  for (std::size_t cut = 0; cut <= source.size(); cut += 7)
    expect_same(whole, read_pieces({std::string_view(source).substr(0, cut), std::string_view(source).substr(cut)}),
                "cut at " + std::to_string(cut));
}

TEST(MessageReader, ASplitAnywhereGivesTheTreeOfTheWhole) {
  for (const std::string& source : messages()) {
    const Message whole = parse(source);
    for (std::size_t cut = 0; cut <= source.size(); ++cut)
      expect_same(whole, read_pieces({std::string_view(source).substr(0, cut), std::string_view(source).substr(cut)}),
                  source + "\ncut at " + std::to_string(cut));
  }
}

TEST(MessageReader, OctetByOctetGivesTheTreeOfTheWhole) {
  for (const std::string& source : messages()) {
    std::vector<std::string_view> pieces;
    for (std::size_t i = 0; i < source.size(); ++i) pieces.push_back(std::string_view(source).substr(i, 1));
    expect_same(parse(source), read_pieces(pieces), source);
  }
}

TEST(MessageReader, LimitsAreTheSameForEverySplit) {
  std::string source =
      "A: 1\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nB: " + std::string(60, 'x') +
      "\r\nC: 3\r\n\r\nbody\r\n--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n\r\n--c\r\n\r\n--c--\r\n"
      "--b\r\n\r\nmore\r\n--b\r\n\r\n--b--\r\n";
  for (const Limits& limits : {Limits{.header = {.octets_max = 64}}, Limits{.header = {.octets_max = 8}},
                               Limits{.header = {.fields_max = 1}}, Limits{.nesting_max = 1}, Limits{.parts_max = 3}}) {
    const Message whole = parse(source, limits);
    for (std::size_t cut = 0; cut <= source.size(); ++cut)
      expect_same(whole,
                  read_pieces({std::string_view(source).substr(0, cut), std::string_view(source).substr(cut)}, limits),
                  "cut at " + std::to_string(cut));
  }
}

/// Lines that mean something and lines that only look like it, in any order.
std::string random_message(Prng& prng) {
  static constexpr std::string_view lines[] = {"Content-Type: multipart/mixed; boundary=b\r\n",
                                               "Content-Type: multipart/digest; boundary=\"b b\"\r\n",
                                               "Content-Type: message/rfc822\r\n",
                                               "Content-Transfer-Encoding: base64\r\n",
                                               "Content-Transfer-Encoding: quoted-printable\r\n",
                                               "--b\r\n",
                                               "--b b\r\n",
                                               "--b--\r\n",
                                               "--b b-- \r\n",
                                               "\r\n",
                                               "\n",
                                               "Subject: x\r\n",
                                               " folded\r\n",
                                               "--\r\n",
                                               "-",
                                               "\r",
                                               "U3ViamVjdDogYQ0KDQp4\r\n",
                                               "text=\r\n",
                                               "--b",
                                               "=2D=2Db=0D=0A"};
  std::string source;
  if (prng.below(2) == 0) source = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n";
  for (std::uint64_t n = prng.below(60); n > 0; --n) source += lines[prng.below(std::size(lines))];
  return source;
}

TEST(MessageReader, RandomMessagesInRandomPiecesGiveTheTreeOfTheWhole) {
  Prng prng(20240601);
  for (int round = 0; round < 3000; ++round) {
    const std::string source = random_message(prng);
    std::vector<std::string_view> pieces;
    for (std::size_t at = 0; at < source.size();) {
      const std::size_t size = 1 + prng.below(round % 2 == 0 ? 5 : 80);
      pieces.push_back(std::string_view(source).substr(at, size));
      at += size;
    }
    expect_same(parse(source), read_pieces(pieces), source);
    if (testing::Test::HasFailure()) return;
  }
}

/// A line that could be a boundary, but is longer than any.
TEST(MessageReader, ALineTooLongToBeABoundaryIsText) {
  const std::string line = "--b" + std::string(boundary_line_octets_max, ' ');
  const std::string source =
      "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n" + line + "\r\nx\r\n--b--\r\n";
  const Message whole = parse(source);
  EXPECT_EQ(whole.body(whole.parts()[1]), line + "\r\nx");
  for (std::size_t cut = 50; cut < source.size(); cut += 7)
    expect_same(whole, read_pieces({std::string_view(source).substr(0, cut), std::string_view(source).substr(cut)}),
                "cut at " + std::to_string(cut));
}

TEST(MessageReader, LeavesEndInTheOrderOfTheSource) {
  Read read = read_pieces({messages()[7]});
  EXPECT_THAT(read.bodies.ended, testing::ElementsAre(2U, 4U));
}

/// A body of 64 MiB in pieces: what the reader keeps of it would be seen as a piece that grows.
TEST(MessageReader, KeepsNothingOfABody) {
  struct Largest : PartSink {
    void on_body(const Message&, const Part&, std::string_view piece) override {
      octets += piece.size();
      largest = std::max(largest, piece.size());
    }
    std::uint64_t octets = 0;
    std::size_t largest = 0;
  } sink;
  MessageReader reader({.limits = {}, .sink = &sink});
  reader.feed("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n");
  const std::string piece(65536, 'x');
  for (int i = 0; i < 1024; ++i) reader.feed(piece);
  reader.feed("\r\n--b--\r\n");
  const Message message = reader.finish();
  EXPECT_EQ(message.parts()[1].body_length, 67108864U);
  EXPECT_EQ(sink.octets, 67108864U);
  EXPECT_LE(sink.largest, piece.size() + boundary_line_octets_max + 2);
}

}  // namespace
}  // namespace mailrig::mime
