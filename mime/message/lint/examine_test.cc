#include "mime/message/lint/examine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mailrig::mime {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// What every message must have: 54 octets.
constexpr std::string_view must = "From: a@x.test\r\nDate: Mon, 2 Jun 2014 10:00:00 +0200\r\n";

/// "bare-lf at 3"
std::vector<std::string> defects(std::string_view source) {
  const Message message = parse(source);
  const Defects found = examine(message);
  std::vector<std::string> lines;
  for (const Defect& defect : found.list())
    lines.push_back(std::string(kind_of(defect.code).name) + " at " + std::to_string(defect.offset));
  return lines;
}

std::vector<std::string> defects_behind(std::string_view rest) {
  return defects(std::string(must) + std::string(rest));
}

TEST(Examine, AFaultlessMessageHasNone) {
  EXPECT_THAT(defects_behind("Subject: hi\r\nTo: b@y.test\r\nMessage-ID: <1@x.test>\r\n\r\nHello.\r\n"), IsEmpty());
}

TEST(Examine, TheLineEndOfTheBlankLineIsLookedAtToo) {
  EXPECT_THAT(defects_behind("\nx\r\n"), ElementsAre("bare-lf at 54"));
  EXPECT_THAT(defects_behind("\r\r\nx\r\n"), ElementsAre("bare-cr at 54"));
  EXPECT_THAT(defects_behind("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\nx\r\n--b--\r\n"),
              ElementsAre("bare-lf at 104"));
}

TEST(Examine, ABoundaryWithoutValueIsMissingInItsField) {
  const std::string text = std::string(must) + "Content-Type: multipart/mixed; boundary=;\r\n\r\nnothing\r\n";
  const Message message = parse(text);
  const Defects examined = examine(message);
  const auto missing = std::ranges::find(examined.list(), DefectCode::boundary_missing, &Defect::code);
  ASSERT_NE(missing, examined.list().end());
  EXPECT_EQ(text.substr(missing->offset, missing->length), " multipart/mixed; boundary=;\r\n");
  EXPECT_LE(missing->offset + missing->length, text.size());
}

TEST(Examine, AByteOrderMarkOfUtf16IsNamed) {
  for (std::string_view mark : {"\xFF\xFE", "\xFE\xFF"})
    EXPECT_THAT(defects(std::string(mark) + "F"), ::testing::Contains("byte-order-mark at 0"));
}

TEST(Examine, WhatEveryMessageHasMayBeMissing) {
  EXPECT_THAT(defects("Subject: x\r\n\r\n"), ElementsAre("missing-field at 12", "missing-field at 12"));
  // A part of a multipart is no message, one within message/rfc822 is.
  EXPECT_THAT(defects_behind("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n"), IsEmpty());
  EXPECT_THAT(defects_behind("Content-Type: message/rfc822\r\n\r\nFrom: a@x.test\r\n\r\n"),
              ElementsAre("missing-field at 102"));
}

TEST(Examine, AFieldStandsTwice) {
  EXPECT_THAT(defects_behind("Subject: x\r\nsubject: y\r\nReceived: by a.test; Mon, 2 Jun 2014 10:00:00 +0200\r\n"
                             "Received: by b.test; Mon, 2 Jun 2014 10:00:00 +0200\r\nX-A: 1\r\nX-A: 2\r\n\r\n"),
              ElementsAre("duplicate-field at 66"));
}

TEST(Examine, OctetsOfTheHeader) {
  EXPECT_THAT(defects_behind("Subject: gr\xC3\xBCn\r\n\r\n"), ElementsAre("utf8-header at 65"));
  EXPECT_THAT(defects_behind("Subject: gr\xFCn\r\n\r\n"), ElementsAre("8bit-header at 65"));
  EXPECT_THAT(defects_behind("Subject: a\x01\r\n\r\n"), ElementsAre("control-character at 64"));
  EXPECT_THAT(defects_behind(std::string_view("Subject: a\0b\r\n\r\n", 16)), ElementsAre("nul-octet at 64"));
  EXPECT_THAT(defects_behind("Subject: a\rb\r\n\r\n"), ElementsAre("bare-cr at 64"));
  EXPECT_THAT(defects_behind("Subject: a\nX: b\r\n\r\n"), ElementsAre("bare-lf at 64"));
}

TEST(Examine, LinesOfTheHeaderHaveTwoLimits) {
  const std::string name = "X-A: ";
  EXPECT_THAT(defects_behind(name + std::string(73, 'x') + "\r\n\r\n"), IsEmpty());
  EXPECT_THAT(defects_behind(name + std::string(74, 'x') + "\r\n\r\n"), ElementsAre("line-over-78 at 54"));
  EXPECT_THAT(defects_behind(name + std::string(993, 'x') + "\r\n\r\n"), ElementsAre("line-over-78 at 54"));
  EXPECT_THAT(defects_behind(name + std::string(994, 'x') + "\r\n\r\n"), ElementsAre("line-too-long at 54"));
}

TEST(Examine, OctetsOfABody) {
  EXPECT_THAT(defects_behind("\r\na\nb\r\n"), ElementsAre("bare-lf at 57"));
  EXPECT_THAT(defects_behind("\r\na\rb\r\n"), ElementsAre("bare-cr at 57"));
  EXPECT_THAT(defects_behind(std::string_view("\r\na\0b", 5)), ElementsAre("nul-octet at 57"));
  EXPECT_THAT(defects_behind("\r\n" + std::string(998, 'x') + "\r\n"), IsEmpty());
  EXPECT_THAT(defects_behind("\r\n" + std::string(999, 'x') + "\r\n"), ElementsAre("line-too-long at 56"));
  EXPECT_THAT(defects_behind("\r\na\xC3\xBC"), ElementsAre("8bit-body at 57", "8bit-in-ascii at 57"));
  EXPECT_THAT(defects_behind("Content-Transfer-Encoding: 8bit\r\n\r\na\xC3\xBC"), ElementsAre("8bit-in-ascii at 90"));
  EXPECT_THAT(
      defects_behind("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\na\xC3\xBC"),
      IsEmpty());
  // RFC 3030: binary is octets.
  EXPECT_THAT(defects_behind("Content-Type: image/gif\r\nContent-Transfer-Encoding: binary\r\n\r\na\nb\rc\xFF"),
              IsEmpty());
}

TEST(Examine, TheEncodingOfABody) {
  EXPECT_THAT(defects_behind("Content-Transfer-Encoding: base64\r\n\r\nQ2*F0"), ElementsAre("base64-junk at 93"));
  EXPECT_THAT(defects_behind("Content-Transfer-Encoding: quoted-printable\r\n\r\na=xy"),
              ElementsAre("quoted-printable-invalid at 102"));
}

TEST(Examine, TheCharsetOfAText) {
  EXPECT_THAT(defects_behind("Content-Type: text/plain; charset=klingon\r\n\r\na"),
              ElementsAre("unknown-charset at 88"));
  EXPECT_THAT(defects_behind("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\na\xFF"),
              ElementsAre("unmappable-text at 131"));
}

// Places counted by hand: 54 octets come before.
TEST(Examine, AFaultIsToldAtItsOctet) {
  const std::string quoted =
      "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n";
  EXPECT_THAT(defects_behind(quoted + "=C3=BC=\r\nok =E9t\r\n"), ElementsAre("unmappable-text at 154"));
  const std::string base64 = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n";
  EXPECT_THAT(defects_behind(base64 + "YWJj\r\nZOlm\r\n"), ElementsAre("unmappable-text at 139"));
  EXPECT_THAT(
      defects_behind("Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: 8bit\r\n\r\nab\x85"),
      ElementsAre("vendor-charset at 137"));
  EXPECT_THAT(defects_behind(quoted + "short\r\n" + std::string(77, 'x') + "\r\n"),
              ElementsAre("quoted-printable-line-too-long at 149"));
  EXPECT_THAT(defects_behind("Comments: a\r\n =?utf-8?Q?b?=c\r\n\r\n"),
              ElementsAre("encoded-word-not-separated at 68"));
  EXPECT_THAT(defects_behind("Content-Type: text/plain;\r\n name=\"=?utf-8?Q?a?=\r\n =?utf-8?Q?b?=\"\r\n\r\n"),
              ElementsAre("encoded-word-in-parameter at 88", "encoded-word-in-parameter at 104"));
}

TEST(Examine, ValuesOfFields) {
  EXPECT_THAT(defects("From: a@x.test\r\nDate: yesterday\r\n\r\n"), ElementsAre("invalid-date at 22"));
}

// Nobody can point into a message that was decoded: its defects lie where its encoded form begins.
TEST(Examine, WithinAnEncodedMessageThePlaceIsItsBody) {
  EXPECT_THAT(defects_behind("Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n"
                             // From: a@x.test, Date: as above, Subject: a, and U+0001 in it
                             "RnJvbTogYUB4LnRlc3QNCkRhdGU6IE1vbiwgMiBKdW4gMjAxNCAxMDowMDowMCArMDIwMA0KU3Vi\r\n"
                             "amVjdDogYQENCg0K\r\n"),
              ElementsAre("encoded-multipart at 111", "control-character at 121"));
}

}  // namespace
}  // namespace mailrig::mime
