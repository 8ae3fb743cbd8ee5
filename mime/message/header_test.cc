#include "mime/message/header.h"

#include <gtest/gtest.h>

#include "mime/message/coding/transfer_encoding.h"
#include "mime/message/facts/readable.h"

namespace mailrig::mime {
namespace {

TEST(HeaderFields, AreTakenOneByOne) {
  std::string_view rest = "From: a@b\r\nSubject : one\r\n\ttwo\r\n three\nX-Empty:\r\n\r\nBody: x\r\n";
  std::optional<HeaderField> field = take_field(rest);
  ASSERT_TRUE(field);
  EXPECT_EQ(field->name, "From");
  EXPECT_EQ(field->body, " a@b\r\n");
  EXPECT_EQ(field->whole, "From: a@b\r\n");
  field = take_field(rest);
  ASSERT_TRUE(field);
  EXPECT_EQ(field->name, "Subject");
  EXPECT_EQ(unfold(field->body), "one two three");
  EXPECT_EQ(field->whole, "Subject : one\r\n\ttwo\r\n three\n");
  field = take_field(rest);
  ASSERT_TRUE(field);
  EXPECT_EQ(unfold(field->body), "");
  EXPECT_FALSE(take_field(rest));
  EXPECT_EQ(rest, "\r\nBody: x\r\n");
}

TEST(HeaderFields, WhatIsNoFieldEndsTheHeader) {
  for (std::string_view none :
       {"", "\r\n", "no colon\r\n", ": x\r\n", " folded: x\r\n", "From MAILER-DAEMON Mon\r\n", "a\x01b: c\r\n"}) {
    std::string_view rest = none;
    EXPECT_FALSE(take_field(rest)) << none;
    EXPECT_EQ(rest, none);
  }
  std::string_view cut = "Subject: x";
  EXPECT_EQ(take_field(cut)->body, " x");
  EXPECT_EQ(cut, "");
}

TEST(HeaderFields, AreFoundByName) {
  constexpr std::string_view message = "A: 1\r\nsubJECT: hi\r\nSubject: second\r\n\r\nX: body\r\n";
  EXPECT_EQ(find_field(message, "subject"), " hi\r\n");
  EXPECT_EQ(find_field(message, "x"), std::nullopt);
  EXPECT_EQ(find_field(message, "sub"), std::nullopt);
  EXPECT_EQ(body_of(message), "X: body\r\n");
  EXPECT_EQ(body_of("A: 1\n\nbody"), "body");
  EXPECT_EQ(body_of("A: 1\r\n"), "");
  EXPECT_EQ(body_of("no header at all\r\n"), "no header at all\r\n");
}

TEST(Charsets, BecomeUtf8) {
  EXPECT_EQ(to_utf8("gr\xfc\xdf \x80\x81", "ISO-8859-1"), "gr\xc3\xbc\xc3\x9f \xe2\x82\xac\xc2\x81");
  EXPECT_EQ(to_utf8("\x9f\xa0\xff", "windows-1252"), "\xc5\xb8\xc2\xa0\xc3\xbf");
  EXPECT_EQ(to_utf8("\xc3\xbc\xff"
                    "a",
                    "utf-8"),
            "\xc3\xbc\xef\xbf\xbd"
            "a");
  EXPECT_EQ(to_utf8("\xe2\x82", ""), "â‚");  // all of it is UTF-8, or windows-1252
  EXPECT_EQ(to_utf8("\xb5\xc7 ok", "gbk"), "\xe7\x99\xbb ok");
}

TEST(TransferEncodings, AreUndone) {
  EXPECT_EQ(from_base64("Zm9v\r\nYmFy"), "foobar");
  EXPECT_EQ(from_base64("Zm9vYg=="), "foob");
  EXPECT_EQ(from_base64("Zm9vYmE="), "fooba");
  EXPECT_EQ(from_base64("Zm9v*!Yg==Zm9v"), "foob");
  EXPECT_EQ(from_base64("+/+/"), "\xfb\xff\xbf");
  EXPECT_EQ(from_base64("Z"), "");
  EXPECT_EQ(from_quoted_printable("a=3Db=C3=bc c  \r\nsoft=\r\nly=  \nend=20\r\n"), "a=b\xc3\xbc c\r\nsoftlyend \r\n");
  EXPECT_EQ(from_quoted_printable("bad =zz =4 ="), "bad =zz =4 ");
  EXPECT_EQ(from_quoted_printable("=41=4"), "A=4");
  EXPECT_EQ(from_quoted_printable("\n\r\n"), "\n\r\n");
}

TEST(Readable, APlainMessage) {
  Readable text = readable_text("Subject: x\r\n\r\nHow much?\r\n");
  EXPECT_EQ(text.content, "How much?\r\n");
  EXPECT_FALSE(text.html);
  EXPECT_EQ(readable_text("Content-Type: text/plain; charset=\"iso-8859-1\"\r\nContent-Transfer-Encoding: "
                          "Quoted-Printable\r\n\r\nf=FCr\r\n")
                .content,
            "f\xc3\xbcr\r\n");
  EXPECT_EQ(readable_text("Content-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\nPGI+\r\n").content,
            "<b>");
  EXPECT_TRUE(readable_text("Content-Type: text/html\r\n\r\n<b>").html);
  EXPECT_EQ(readable_text("Content-Type: application/pdf\r\n\r\n%PDF").content, "");
}

TEST(Readable, PlainBeforeHtmlWhereverItIs) {
  constexpr std::string_view message =
      "Content-Type: multipart/mixed; x=y; boundary=\"a b\"\r\n\r\npreamble\r\n--a b\r\n"
      "Content-Type: multipart/alternative; boundary=a\r\n\r\n--a\r\nContent-Type: text/html\r\n\r\n<p>html\r\n--a  "
      "\r\n"
      "Content-Type: text/plain\r\n\r\nplain\r\n\r\n--a--\r\n--a b\r\n\r\nsecond\r\n--a b--\r\nepilogue";
  EXPECT_EQ(readable_text(message).content, "plain\r\n");
  EXPECT_FALSE(readable_text(message).html);
  EXPECT_EQ(
      readable_text(
          "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>\r\n--b--\r\n")
          .content,
      "<p>");
}

TEST(Readable, AttachmentsAreNotText) {
  EXPECT_EQ(readable_text("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Disposition: Attachment; "
                          "filename=x\r\n\r\nfile\r\n"
                          "--b\r\n\r\ntext\r\n--b--\r\n")
                .content,
            "text");
}

TEST(Readable, WhatIsDamagedIsStillRead) {
  EXPECT_EQ(readable_text("Content-Type: multipart/mixed; boundary=b\n\n--b\n\nnever closed\n").content,
            "never closed\n");
  EXPECT_EQ(readable_text("Content-Type: multipart/mixed\r\n\r\n--b\r\n").content, "");
  EXPECT_EQ(readable_text("Content-Type: multipart/mixed; boundary=b\r\n\r\nno part\r\n").content, "");
  // Limits::nesting_max multiparts are looked into, and no more.
  std::string deep = "\r\ntext\r\n";
  for (int i = 0; i < 100; ++i) {
    const std::string boundary = "b" + std::to_string(i);
    deep = "Content-Type: multipart/mixed; boundary=" + boundary + "\r\n\r\n--" + boundary + "\r\n" + deep;
  }
  EXPECT_EQ(readable_text(deep).content, "text\r\n");
  EXPECT_EQ(readable_text("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" + deep).content, "");
}

}  // namespace
}  // namespace mailrig::mime
