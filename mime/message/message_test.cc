#include "mime/message/message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace mailrig::mime {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// Every part in a line: "2.1 text/plain <body>"; a multipart and a message without their bodies.
std::vector<std::string> tree(const Message& message) {
  std::vector<std::string> lines;
  for (const Part& part : message.parts()) {
    std::string line = part.path + " " + part.content_type.type + "/" + part.content_type.subtype;
    if (part.is_leaf()) line += " <" + std::string(message.body(part)) + ">";
    if (part.kind == Part::Kind::multipart) line += " parts";
    lines.push_back(std::move(line));
  }
  return lines;
}

std::vector<std::string> tree(std::string_view source) { return tree(parse(source)); }

/// "boundary-missing at 14", in the order of the source.
std::vector<std::string> defects(const Message& message) {
  std::vector<std::string> lines;
  for (const Defect& defect : message.defects().list())
    lines.push_back(std::string(kind_of(defect.code).name) + " at " + std::to_string(defect.offset));
  return lines;
}

std::vector<std::string> defects(std::string_view source) { return defects(parse(source)); }

TEST(Message, OfOnePartIsTheTextBehindTheBlankLine) {
  EXPECT_THAT(tree("Subject: hi\r\n\r\none\r\ntwo\r\n"), ElementsAre("1 text/plain <one\r\ntwo\r\n>"));
  EXPECT_THAT(defects("Subject: hi\r\n\r\none\r\ntwo\r\n"), IsEmpty());
}

TEST(Message, WithBareLineFeedsIsReadAlike) {
  EXPECT_THAT(tree("Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n\n--b\n\ntwo\n--b--\n"),
              ElementsAre(" multipart/mixed parts", "1 text/plain <one\n>", "2 text/plain <two>"));
}

TEST(Message, MayBeEmpty) {
  EXPECT_THAT(tree(""), ElementsAre("1 text/plain <>"));
  EXPECT_THAT(tree("\r\n"), ElementsAre("1 text/plain <>"));
  EXPECT_THAT(tree("\r\nSubject: this is body\r\n"), ElementsAre("1 text/plain <Subject: this is body\r\n>"));
}

TEST(Message, WithoutABodyIsAHeader) {
  Message message = parse("Subject: a\r\nFrom: b\r\n");
  EXPECT_EQ(message.root().header_length, 21U);
  EXPECT_EQ(message.root().body_offset, 21U);
  EXPECT_EQ(message.root().body_length, 0U);
  EXPECT_EQ(message.header(message.root()).size(), 2U);
  EXPECT_THAT(defects(message), IsEmpty());
}

// RFC 2046 §5.1.1: the line end before a boundary is the boundary's, blanks behind it are padding of a transport, and
// what stands around the parts is none.
TEST(Message, PartsLieBetweenBoundaries) {
  Message message = parse(
      "Content-Type: multipart/mixed; boundary=\"b 1\"\r\n\r\npreamble\r\n"
      "--b 1\r\nContent-Type: text/html\r\n\r\none\r\n\r\n--b 1  \t\r\n\r\n--b 12\r\n --b 1\r\n--b 1-\r\n"
      "--b 1-- \r\nepilogue\r\n--b 1\r\n\r\nno part\r\n");
  EXPECT_THAT(tree(message), ElementsAre(" multipart/mixed parts", "1 text/html <one\r\n>",
                                         "2 text/plain <--b 12\r\n --b 1\r\n--b 1->"));
  EXPECT_THAT(defects(message), IsEmpty());
}

TEST(Message, APartMayBeEmptyOrLackItsBlankLine) {
  EXPECT_THAT(tree("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n--b\r\nX: y\r\n--b\r\n--b--"),
              ElementsAre(" multipart/mixed parts", "1 text/plain <>", "2 text/plain <>", "3 text/plain <>"));
}

// A part has at least its blank line or a field (RFC 2046 §5.1.1).
TEST(Message, NoPartLiesBetweenBoundariesThatAreRepeated) {
  EXPECT_THAT(tree("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n--b\r\n\r\none\r\n--b\r\n--b\r\n--b\r\n"
                   "\r\ntwo\r\n--b--"),
              ElementsAre(" multipart/mixed parts", "1 text/plain <one>", "2 text/plain <two>"));
}

TEST(Message, KnowsEveryOffset) {
  constexpr std::string_view source =
      "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nX: y\r\n\r\none\r\n--b--\r\nend\r\n";
  Message message = parse(source);
  const Part& root = message.root();
  EXPECT_EQ(root.header_offset, 0U);
  EXPECT_EQ(root.header_length, 43U);
  EXPECT_EQ(root.body_offset, 45U);
  EXPECT_EQ(root.end(), source.size());
  const Part& part = message.parts()[1];
  EXPECT_EQ(part.header_offset, 50U);
  EXPECT_EQ(part.header_length, 6U);
  EXPECT_EQ(part.body_offset, 58U);
  EXPECT_EQ(part.body_length, 3U);
  EXPECT_EQ(message.whole(part), "X: y\r\n\r\none");         // what RFC 1847 signs
  EXPECT_EQ(message.body(part).data(), source.data() + 58);  // a view, no copy
  EXPECT_EQ(message.find("1"), &part);
  EXPECT_EQ(message.find("2"), nullptr);
}

// RFC 2046 §5.1.2.
TEST(Message, AnOuterBoundaryEndsWhateverIsOpen) {
  Message message = parse(
      "Content-Type: multipart/mixed; boundary=outer\r\n\r\n"
      "--outer\r\nContent-Type: multipart/alternative; boundary=inner\r\n\r\n"
      "--inner\r\n\r\none\r\n"
      "--outer\r\n\r\n--inner\r\ntwo\r\n--outer--\r\n");
  EXPECT_THAT(tree(message), ElementsAre(" multipart/mixed parts", "1 multipart/alternative parts",
                                         "1.1 text/plain <one>", "2 text/plain <--inner\r\ntwo>"));
  EXPECT_THAT(defects(message), ElementsAre("boundary-never-closed at 127"));
}

TEST(Message, AnEndWithoutItsBoundaryIsSaid) {
  constexpr std::string_view source = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\none\r\n";
  EXPECT_THAT(tree(source), ElementsAre(" multipart/mixed parts", "1 text/plain <one\r\n>"));
  EXPECT_THAT(defects(source), ElementsAre("boundary-never-closed at " + std::to_string(source.size())));
}

TEST(Message, AMultipartWithoutPartsIsALeaf) {
  EXPECT_THAT(tree("Content-Type: multipart/mixed; boundary=b\r\n\r\nnothing\r\n"),
              ElementsAre("1 multipart/mixed <nothing\r\n>"));
  EXPECT_THAT(defects("Content-Type: multipart/mixed; boundary=b\r\n\r\nnothing\r\n"),
              ElementsAre("boundary-not-found at 45"));
  EXPECT_THAT(tree("Content-Type: multipart/mixed\r\n\r\n--b\r\n\r\none\r\n--b--"),
              ElementsAre("1 multipart/mixed <--b\r\n\r\none\r\n--b-->"));
  EXPECT_THAT(defects("Content-Type: multipart/mixed\r\n\r\n--b\r\n"), ElementsAre("boundary-missing at 13"));
  EXPECT_THAT(defects("Content-Type: multipart/mixed; boundary=\"\"\r\n\r\n--\r\n"),
              ElementsAre("boundary-invalid at 41"));
}

// Both sides of RFC 2046 §5.1.2 that other parsers agree on: the inner one has its parts, and ends at its closing
// boundary.
TEST(Message, ABoundaryThatTwoLevelsShareIsTheInnerOnes) {
  Message message = parse(
      "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n"
      "--b\r\n\r\none\r\n--b\r\n\r\ntwo\r\n--b--\r\n--b\r\n\r\nthree\r\n--b--\r\n");
  EXPECT_THAT(tree(message), ElementsAre(" multipart/mixed parts", "1 multipart/alternative parts",
                                         "1.1 text/plain <one>", "1.2 text/plain <two>", "2 text/plain <three>"));
  EXPECT_THAT(defects(message), ElementsAre("boundary-equal-to-outer at 96"));
}

TEST(Message, ABoundaryThatBreaksTheGrammarIsUsedAllTheSame) {
  const std::string boundary(100, 'x');
  const std::string source = "Content-Type: multipart/mixed; boundary=" + boundary + "\r\n\r\n--" + boundary +
                             "\r\n\r\none\r\n--" + boundary + "--";
  EXPECT_THAT(tree(source), ElementsAre(" multipart/mixed parts", "1 text/plain <one>"));
  EXPECT_THAT(defects(source), ElementsAre("boundary-invalid at 40"));
}

// The section numbers of RFC 3501 §6.4.5, by its example: part 3 is a message that is a multipart, part 4 a multipart
// with a message that is one.
TEST(Message, PartsAreNumberedAsInImap) {
  Message message = parse(
      "Content-Type: multipart/mixed; boundary=a\r\n\r\n"
      "--a\r\n\r\n1\r\n--a\r\nContent-Type: application/octet-stream\r\n\r\n2\r\n"
      "--a\r\nContent-Type: message/rfc822\r\n\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
      "--b\r\n\r\n3.1\r\n--b\r\n\r\n3.2\r\n--b--\r\n"
      "--a\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n"
      "--c\r\nContent-Type: image/gif\r\n\r\n4.1\r\n"
      "--c\r\nContent-Type: message/rfc822\r\n\r\nContent-Type: multipart/mixed; boundary=d\r\n\r\n"
      "--d\r\n\r\n4.2.1\r\n--d\r\nContent-Type: multipart/alternative; boundary=e\r\n\r\n"
      "--e\r\n\r\n4.2.2.1\r\n--e\r\n\r\n4.2.2.2\r\n--e--\r\n--d--\r\n--c--\r\n--a--\r\n");
  EXPECT_THAT(
      tree(message),
      ElementsAre(" multipart/mixed parts", "1 text/plain <1>", "2 application/octet-stream <2>", "3 message/rfc822",
                  "3 multipart/mixed parts", "3.1 text/plain <3.1>", "3.2 text/plain <3.2>", "4 multipart/mixed parts",
                  "4.1 image/gif <4.1>", "4.2 message/rfc822", "4.2 multipart/mixed parts", "4.2.1 text/plain <4.2.1>",
                  "4.2.2 multipart/alternative parts", "4.2.2.1 text/plain <4.2.2.1>", "4.2.2.2 text/plain <4.2.2.2>"));
  EXPECT_EQ(message.find("4.2")->content_type.subtype, "rfc822");
  EXPECT_EQ(message.find("4.2.2.2")->message_depth, 1U);
}

TEST(Message, AMessageWithinAMessageIsNumberedToo) {
  EXPECT_THAT(tree("Content-Type: message/rfc822\r\n\r\nContent-Type: message/global\r\n\r\nSubject: x\r\n\r\nbody"),
              ElementsAre("1 message/rfc822", "1.1 message/global", "1.1.1 text/plain <body>"));
}

// RFC 2046 §5.1.5.
TEST(Message, PartsOfADigestAreMessagesUnlessTheySayOtherwise) {
  EXPECT_THAT(tree("Content-Type: multipart/digest; boundary=b\r\n\r\n--b\r\n\r\nSubject: x\r\n\r\none\r\n"
                   "--b\r\nContent-Type: text/html\r\n\r\ntwo\r\n--b--"),
              ElementsAre(" multipart/digest parts", "1 message/rfc822", "1.1 text/plain <one>", "2 text/html <two>"));
}

// RFC 2046 §5.2.2 and §5.2.3: a fragment or a reference is no message to be looked into.
TEST(Message, OthersOfMessageTypeAreLeaves) {
  for (std::string_view subtype : {"partial; id=a; number=1", "external-body; access-type=url", "delivery-status"}) {
    const std::string source = "Content-Type: message/" + std::string(subtype) + "\r\n\r\nSubject: x\r\n\r\ny";
    EXPECT_EQ(parse(source).parts().size(), 1U) << subtype;
  }
}

// RFC 2045 §5.2.
TEST(Message, ATypeThatIsNoneIsPlainText) {
  EXPECT_THAT(tree("Content-Type: html\r\n\r\nx"), ElementsAre("1 text/plain <x>"));
  EXPECT_THAT(defects("Content-Type: html\r\n\r\nx"), ElementsAre("invalid-content-type at 14"));
}

TEST(Message, OfTwoFieldsTheFirstCounts) {
  EXPECT_THAT(tree("Content-Type: text/html\r\nContent-Type: text/plain\r\n\r\nx"), ElementsAre("1 text/html <x>"));
}

// RFC 2045 §6.4 forbids the encoding; what is meant is clear for a message, and for a multipart it was never used.
TEST(Message, AnEncodedMessageIsDecodedAndRead) {
  Message message = parse(
      "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n"
      "U3ViamVjdDogYQ0KDQ\r\np4\r\n");  // "Subject: a", a blank line, "x"
  EXPECT_THAT(tree(message), ElementsAre("1 message/rfc822", "1.1 text/plain <x>"));
  EXPECT_EQ(message.header(message.parts()[1]).find("subject")->body, " a\r\n");
  EXPECT_EQ(message.parts()[1].decoded_in, 0U);
  EXPECT_EQ(message.parts()[1].body_offset, 14U);
  EXPECT_THAT(defects(message), ElementsAre("encoded-multipart at 57"));
}

TEST(Message, AMessageThatOnlyClaimsToBeEncodedIsRead) {
  EXPECT_THAT(tree("Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\nSubject: a\r\n\r\nx"),
              ElementsAre("1 message/rfc822", "1.1 text/plain <x>"));
}

TEST(Message, TheEncodingOfAMultipartIsIgnored) {
  Message message = parse(
      "Content-Type: multipart/mixed; boundary=b\r\nContent-Transfer-Encoding: base64\r\n\r\n--b\r\n\r\none\r\n--b--");
  EXPECT_THAT(tree(message), ElementsAre(" multipart/mixed parts", "1 text/plain <one>"));
  EXPECT_EQ(message.root().encoding, TransferEncoding::seven_bit);
}

TEST(Message, LinesThatAreNoFieldsArePassedOver) {
  Message message =
      parse("From anna@x.test Mon Jun  2\r\n>From x\r\nSubject: a\r\njunk\r\n more\r\nTo : b\r\n\r\nbody");
  EXPECT_THAT(tree(message), ElementsAre("1 text/plain <body>"));
  EXPECT_EQ(message.header(message.root()).size(), 2U);
  EXPECT_EQ(message.header(message.root()).find("to")->body, " b\r\n");
  EXPECT_THAT(defects(message), ElementsAre("mbox-from-line at 0", "mbox-from-line at 29", "header-without-colon at 50",
                                            "space-before-colon at 65"));
}

TEST(Message, ABlockWithoutAnyFieldIsBody) {
  EXPECT_THAT(tree("Hello,\r\nworld.\r\n\r\nBye.\r\n"), ElementsAre("1 text/plain <Hello,\r\nworld.\r\n\r\nBye.\r\n>"));
  EXPECT_THAT(defects("Hello,\r\nworld.\r\n\r\nBye.\r\n"), ElementsAre("missing-blank-line at 0"));
}

TEST(Message, AHeaderThatGoesOnToTheEndIsSaid) {
  EXPECT_THAT(defects("Subject: a\r\nHello\r\n"),
              ElementsAre("header-without-colon at 12", "missing-blank-line at 19"));
}

// No text may be lost: before a delimiter the lines after the last field can only be the body.
TEST(Message, AHeaderBeforeADelimiterEndsAfterItsLastField) {
  constexpr std::string_view source =
      "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nX: y\r\nHello\r\n world\r\n--b--\r\n";
  EXPECT_THAT(tree(source), ElementsAre(" multipart/mixed parts", "1 text/plain <Hello\r\n world>"));
  EXPECT_THAT(defects(source), ElementsAre("missing-blank-line at 56"));
}

TEST(Message, HtmlAndBase64AreNoHeader) {
  const std::string page = "Content-Type: text/html\r\n<p>Note: one</p>\r\n\r\n<p>two</p>\r\n";
  EXPECT_THAT(tree(page), ElementsAre("1 text/html <<p>Note: one</p>\r\n\r\n<p>two</p>\r\n>"));
  // A field that is known shows that the header goes on.
  EXPECT_THAT(tree("Content-Type: text/html\r\n<p>\r\nSubject: x\r\n\r\n<p>two</p>"),
              ElementsAre("1 text/html <<p>two</p>>"));
  EXPECT_THAT(tree("References: <a@x.test>\r\n<b@x.test>\r\n\r\nbody"), ElementsAre("1 text/plain <body>"));
  const std::string base64 = "Content-Transfer-Encoding: base64\r\nSGVsbG8gd29ybGQsIGhlbGxv\r\nSGVsbG8h\r\n\r\n";
  EXPECT_THAT(tree(base64), ElementsAre("1 text/plain <SGVsbG8gd29ybGQsIGhlbGxv\r\nSGVsbG8h\r\n\r\n>"));
  EXPECT_THAT(tree("Content-Transfer-Encoding: base64\r\njunk\r\n\r\nSGVsbG8h"),
              ElementsAre("1 text/plain <SGVsbG8h>"));
}

TEST(Message, OfALineOfBlanksTheHeaderIsContinued) {
  Message message = parse("Subject: a\r\n \t\r\nTo: b\r\n\r\nbody");
  EXPECT_EQ(message.header(message.root()).size(), 2U);
  EXPECT_THAT(defects(message), ElementsAre("blank-folded-line at 12"));
}

TEST(Message, IsNotLookedIntoDeeperThanTheLimit) {
  std::string source;
  for (int i = 0; i < 300; ++i) source += "Content-Type: message/rfc822\r\n\r\n";
  Message message = parse(source);
  EXPECT_EQ(message.parts().size(), 101U);
  EXPECT_TRUE(message.parts().back().is_leaf());
  EXPECT_THAT(defects(message), ElementsAre("nesting-limit at 3232"));
}

TEST(Message, HasNoMorePartsThanTheLimit) {
  Message message =
      parse("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n1\r\n--b\r\n\r\n2\r\n--b\r\n\r\n3\r\n--b--",
            {.parts_max = 3});
  EXPECT_THAT(tree(message), ElementsAre(" multipart/mixed parts", "1 text/plain <1>", "2 text/plain <2>"));
  EXPECT_THAT(defects(message), ElementsAre("part-limit at 70"));
}

TEST(Message, AHeaderOverTheLimitGoesOnAsBody) {
  Message message = parse("A: 1\r\nB: 2\r\nC: 3\r\n\r\nbody", {.header = {.octets_max = 12}});
  EXPECT_EQ(message.header(message.root()).size(), 2U);
  EXPECT_EQ(message.body(message.root()), "C: 3\r\n\r\nbody");
  EXPECT_THAT(defects(message), ElementsAre("header-size-limit at 12"));
}

}  // namespace
}  // namespace mailrig::mime
