#include "mime/message/body.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mime/message/body_decoder.h"
#include "mime/message/facts/attachment.h"
#include "mime/message/facts/report.h"

namespace mailrig::mime {
namespace {

Text text_of_source(std::string_view source) {
  const Message message = parse(source);
  return text_of(message, message.root());
}

Attachment attachment_of_source(std::string_view source) {
  const Message message = parse(source);
  return attachment_of(message, message.root());
}

TEST(Body, EveryEncodingIsDecodedAtEverySplit) {
  struct Case {
    TransferEncoding encoding;
    std::string_view body;
    std::string_view octets;
  };
  for (const Case& one :
       {Case{TransferEncoding::base64, "Q2\r\nF0", "Cat"},
        Case{TransferEncoding::quoted_printable, "=43a=\r\nt", "Cat"},
        Case{TransferEncoding::uuencode, "begin 644 x\r\n#0V%T\r\n`\r\nend\r\n", "Cat"},
        Case{TransferEncoding::seven_bit, "=43a", "=43a"}, Case{TransferEncoding::unknown, "Q2F0", "Q2F0"}}) {
    for (std::size_t cut = 0; cut <= one.body.size(); ++cut) {
      BodyDecoder decoder(one.encoding);
      std::string octets;
      decoder.feed(one.body.substr(0, cut), octets);
      decoder.feed(one.body.substr(cut), octets);
      decoder.finish(octets);
      EXPECT_EQ(octets, one.octets) << one.body << " cut at " << cut;
    }
    EXPECT_EQ(decode_body(one.body, one.encoding), one.octets);
  }
}

TEST(Body, AnyIsDecodedInPiecesThatAreBounded) {
  std::string source = "Content-Transfer-Encoding: base64\r\n\r\n";
  for (int i = 0; i < 100'000; ++i) source += "Q2F0\r\n";
  const Message message = parse(source);
  std::size_t octets = 0;
  decode_body(message, message.root(), [&octets](std::string_view piece) {
    octets += piece.size();
    EXPECT_LE(piece.size(), decoded_piece_octets);
  });
  EXPECT_EQ(octets, 300'000U);
}

TEST(Body, TheFaultsOfItsEncodingAreToldInTheSource) {
  const std::string_view source = "Content-Transfer-Encoding: base64\r\n\r\nQ2*F0";
  const Message message = parse(source);
  Defects defects(source);
  decode_body(
      message, message.root(), [](std::string_view) {}, &defects);
  ASSERT_EQ(defects.list().size(), 1U);
  EXPECT_EQ(defects.list()[0].code, DefectCode::base64_junk);
  EXPECT_EQ(defects.list()[0].offset, 39U);
}

TEST(Body, TextIsUtf8WhateverItsCharset) {
  EXPECT_EQ(text_of_source("Content-Type: text/plain; charset=iso-8859-1\r\n\r\ngr\xFCn").content, "gr\xC3\xBCn");
  EXPECT_EQ(text_of_source("Content-Type: text/plain; charset=UTF-8\r\n\r\ngr\xC3\xBCn").content, "gr\xC3\xBCn");
  Text lost = text_of_source("Content-Type: text/plain; charset=utf-8\r\n\r\na\xFF");
  EXPECT_EQ(lost.content, "a\xEF\xBF\xBD");
  EXPECT_EQ(lost.loss.unmappable, 1U);
  EXPECT_TRUE(text_of_source("Content-Type: text/plain; charset=klingon\r\n\r\na").loss.unknown_charset);
}

TEST(Body, TextWithoutACharsetIsWhatItLooksLike) {
  EXPECT_EQ(text_of_source("\r\ngr\xC3\xBCn").content, "gr\xC3\xBCn");
  EXPECT_EQ(text_of_source("\r\ngr\xFCn \x80").content, "gr\xC3\xBCn \xE2\x82\xAC");  // windows-1252 has the euro there
  EXPECT_EQ(text_of_source("Content-Type: text/plain; charset=US-ASCII\r\n\r\ngr\xFCn").content, "gr\xC3\xBCn");
}

TEST(Body, ParagraphsAreJoinedWhereThePartSaysSo) {
  const Message flowed = parse("Content-Type: text/plain; format=Flowed; delsp=yes\r\n\r\n");
  EXPECT_EQ(paragraphs_of(flowed.root(), "a \r\nb\r\n"), "ab\r\n");
  const Message fixed = parse("Content-Type: text/plain\r\n\r\n");
  EXPECT_EQ(paragraphs_of(fixed.root(), "a \r\nb\r\n"), "a \r\nb\r\n");
}

TEST(Attachment, HasTheNameOfItsDispositionBeforeThatOfItsType) {
  Attachment file = attachment_of_source(
      "Content-Type: image/png; name=type.png\r\nContent-Disposition: Attachment; "
      "filename=\"disposition.png\"\r\n\r\n");
  EXPECT_EQ(file.name, "disposition.png");
  EXPECT_EQ(file.disposition, "attachment");
  EXPECT_TRUE(file.is_attachment());
}

TEST(Attachment, ANameMakesOneUnlessItIsInline) {
  EXPECT_TRUE(attachment_of_source("Content-Type: image/png; name=a.png\r\n\r\n").is_attachment());
  EXPECT_FALSE(attachment_of_source("Content-Type: image/png; name=a.png\r\nContent-Disposition: inline\r\n\r\n")
                   .is_attachment());
  EXPECT_FALSE(attachment_of_source("Content-Type: image/png\r\n\r\n").is_attachment());
}

TEST(Attachment, OutlooksPackIsKnown) {
  EXPECT_TRUE(attachment_of_source("Content-Type: application/ms-tnef\r\n\r\n").tnef);
  EXPECT_TRUE(attachment_of_source("Content-Type: application/octet-stream; name=WINMAIL.DAT\r\n\r\n").tnef);
  EXPECT_FALSE(attachment_of_source("Content-Type: application/octet-stream; name=a.dat\r\n\r\n").tnef);
}

TEST(Attachment, FilesWithinATextAreFound) {
  const std::string text =
      "Two files.\r\nbegin 644 a.txt\r\n#0V%T\r\n`\r\nend\r\nand\r\nbegin 600 b.txt\r\n#0V%T\r\n`\r\nend\r\nBye\r\n"
      "begin 644 never\r\n#0V%T\r\n";
  const std::vector<EmbeddedFile> files = files_in(text);
  ASSERT_EQ(files.size(), 2U);
  EXPECT_EQ(files[0].name, "a.txt");
  EXPECT_EQ(files[0].offset, 12U);
  EXPECT_EQ(files[1].name, "b.txt");
  EXPECT_EQ(files[1].mode, 0600U);
  EXPECT_EQ(decode_body(files[1].text, TransferEncoding::uuencode), "Cat");
  EXPECT_EQ(text.substr(files[1].offset, files[1].text.size()), "begin 600 b.txt\r\n#0V%T\r\n`\r\nend\r\n");
}

// RFC 3464 app. E, shortened.
TEST(Report, HasAGroupForTheMessageAndOneForEachRecipient) {
  const std::vector<ReportGroup> groups = read_report(
      "Reporting-MTA: dns; cs.utk.edu\r\n\r\nOriginal-Recipient: rfc822;louisl@larry.slip.umd.edu\r\n"
      "Final-Recipient: rfc822;louisl@larry.slip.umd.edu\r\nAction: failed\r\nStatus: 4.0.0\r\n"
      "Diagnostic-Code: smtp; 426 connection\r\n timed out\r\n\r\n\r\nAction: delayed\r\n");
  ASSERT_EQ(groups.size(), 3U);
  EXPECT_EQ(*groups[0].find("reporting-mta"), "dns; cs.utk.edu");
  EXPECT_EQ(*groups[1].find("diagnostic-code"), "smtp; 426 connection timed out");
  EXPECT_EQ(groups[1].find("reporting-mta"), nullptr);
  EXPECT_EQ(*groups[2].find("action"), "delayed");
  EXPECT_TRUE(read_report("").empty());
}

}  // namespace
}  // namespace mailrig::mime
