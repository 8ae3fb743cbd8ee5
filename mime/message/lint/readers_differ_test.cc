#include "mime/message/lint/readers_differ.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "mime/message/lint/examine.h"
#include "mime/message/lint/readers_measured.h"

namespace mailrig::mime {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string_view> names_of(std::string_view text) {
  const Message message = parse(text);
  std::vector<std::string_view> names;
  for (const ReaderFinding& finding : reader_findings(message, examine(message))) names.push_back(finding.note->name);
  return names;
}

constexpr std::string_view header = "From: a@x.test\r\nDate: Mon, 2 Jun 2014 10:00:00 +0200\r\n";

TEST(ReadersDiffer, AMessageThatAllReadAlikeHasNoFinding) {
  EXPECT_THAT(names_of(std::string(header) + "Subject: x\r\n\r\nhello\r\n"), ElementsAre());
}

TEST(ReadersDiffer, EachConstructIsToldOnceAtItsPlace) {
  const std::string text = std::string(header) + "Content-Type: text/plain\r\nContent-Type: text/html\r\n" +
                           "Content-Transfer-Encoding: base64 (by a gateway)\r\n\r\nSGVsbG8\r\n";
  EXPECT_THAT(names_of(text), ElementsAre("two-content-types", "encoding-with-comment", "base64-missing-padding"));
  const Message message = parse(text);
  const std::vector<ReaderFinding> findings = reader_findings(message, examine(message));
  EXPECT_EQ(findings[0].offset, text.find("Content-Type: text/html"));
  EXPECT_EQ(findings[1].offset, text.find("(by"));
  EXPECT_THAT(to_string(*findings[0].note),
              HasSubstr("Content-Type stands twice: the first counts; GMime 3.2.13, Ruby mail 2.7.1, reformime 2.9.3"));
  EXPECT_THAT(to_string(*findings[0].note), HasSubstr("(measured 2026-11-30)"));
}

TEST(ReadersDiffer, WhatBreaksNoRuleIsToldToo) {
  EXPECT_THAT(
      names_of(std::string(header) + "To: team: b@x.test;\r\nCc: empty:;\r\nSubject: =?utf-8*de?Q?=C3=BC?=\r\n"
                                     "Content-Disposition: attachment; filename=a.txt; filename*=utf-8''b.txt\r\n\r\n"
                                     "begin 644 a\r\n#:&D*\r\n`\r\nend\r\n"),
      ElementsAre("group", "empty-group", "word-with-language", "filename-beside-extended", "uuencoded-file"));
  EXPECT_THAT(names_of(std::string(header) + "Content-Type: multipart/digest; boundary=b\r\n\r\n--b\r\n\r\n" +
                       std::string(header) + "\r\nx\r\n--b--\r\n"),
              ElementsAre("digest"));
}

TEST(ReadersDiffer, EveryReaderHasAVersionAndEveryRowAReader) {
  std::set<std::string_view> names;
  for (const ReaderNote& note : measured_notes()) {
    EXPECT_TRUE(names.insert(note.name).second) << note.name;
    EXPECT_FALSE(note.others[0].readers.empty()) << note.name;
    for (const OtherReading& other : note.others) {
      for (std::string_view rest = other.readers; !rest.empty();) {
        const std::string_view reader = rest.substr(0, rest.find(", "));
        rest.remove_prefix(std::min(reader.size() + 2, rest.size()));
        EXPECT_FALSE(reader_version(reader).empty()) << note.name << ": " << reader;
      }
    }
  }
  EXPECT_EQ(measured_note(DefectCode::bare_lf, ""), nullptr);
  EXPECT_EQ(measured_note(DefectCode::duplicate_field, "Subject"), nullptr);
}

}  // namespace
}  // namespace mailrig::mime
