#include "mime/compose/field_writer.h"

#include <gtest/gtest.h>

namespace mailrig::mime {
namespace {

std::string text_field(std::string_view text, FieldWriter::Kind kind = FieldWriter::Kind::plain) {
  std::string out;
  FieldWriter(out, "Subject", kind).text(text).end();
  return out;
}

std::string parameter_field(std::string_view name, std::string_view value) {
  std::string out;
  FieldWriter(out, "Content-Disposition").token("attachment").parameter(name, value).end();
  return out;
}

std::string phrase_field(std::string_view name) {
  std::string out;
  FieldWriter(out, "From").phrase(name).token("<a@x.test>").end();
  return out;
}

TEST(FieldWriter, leaves_short_ascii_as_it_is) {
  EXPECT_EQ(text_field("hello"), "Subject: hello\r\n");
  EXPECT_EQ(text_field("a  b"), "Subject: a  b\r\n");
  EXPECT_EQ(text_field(""), "Subject:\r\n");
}

// "Subject:" and ten words of six letters: 8 + 10 * 7 = 78 characters.
TEST(FieldWriter, a_line_has_78_characters) {
  const std::string ten = "aaaaaa bbbbbb cccccc dddddd eeeeee ffffff gggggg hhhhhh iiiiii jjjjjj";
  EXPECT_EQ(text_field(ten), "Subject: " + ten + "\r\n");
  EXPECT_EQ(text_field(ten + "j"),
            "Subject: aaaaaa bbbbbb cccccc dddddd eeeeee ffffff gggggg hhhhhh iiiiii\r\n jjjjjjj\r\n");
  EXPECT_EQ(text_field(ten + "  k"), "Subject: " + ten + "\r\n  k\r\n");
}

TEST(FieldWriter, encodes_only_the_words_that_need_it) {
  EXPECT_EQ(text_field("Grüße aus Köln"), "Subject: =?UTF-8?B?R3LDvMOfZQ==?= aus =?UTF-8?B?S8O2bG4=?=\r\n");
  // Two in a row carry the blank between them (RFC 2047 §6.2).
  EXPECT_EQ(text_field("ä ö u"), "Subject: =?UTF-8?B?w6Qgw7Y=?= u\r\n");
}

// C3 A4: Q takes 6 characters and one more for each letter, B takes 4 for each three octets.
TEST(FieldWriter, takes_the_shorter_encoding) {
  EXPECT_EQ(text_field("äabcd"), "Subject: =?UTF-8?B?w6RhYmNk?=\r\n");
  EXPECT_EQ(text_field("Verkäufe"), "Subject: =?UTF-8?B?VmVya8OkdWZl?=\r\n");
  EXPECT_EQ(text_field("Verkäuferin"), "Subject: =?UTF-8?Q?Verk=C3=A4uferin?=\r\n");
}

TEST(FieldWriter, what_looks_encoded_is_encoded) {
  EXPECT_EQ(text_field("=?x?="), "Subject: =?UTF-8?B?PT94Pz0=?=\r\n");
  EXPECT_EQ(text_field("=?x?=", FieldWriter::Kind::utf8), "Subject: =?UTF-8?B?PT94Pz0=?=\r\n");
}

TEST(FieldWriter, blanks_at_the_ends_are_kept) {
  EXPECT_EQ(text_field(" a"), "Subject: =?UTF-8?Q?_a?=\r\n");
  EXPECT_EQ(text_field("a b "), "Subject: a =?UTF-8?Q?b_?=\r\n");
  EXPECT_EQ(text_field("  "), "Subject: =?UTF-8?Q?__?=\r\n");
}

// A reader cannot tell one from folding.
TEST(FieldWriter, tabs_are_encoded) { EXPECT_EQ(text_field("a b\tc"), "Subject: a =?UTF-8?B?Yglj?=\r\n"); }

TEST(FieldWriter, no_field_carries_a_line_end) { EXPECT_EQ(text_field("a\r\nBcc: x"), "Subject: a  Bcc: x\r\n"); }

TEST(FieldWriter, utf8_stays_where_it_may) {
  EXPECT_EQ(text_field("Grüße", FieldWriter::Kind::utf8), "Subject: Grüße\r\n");
}

TEST(FieldWriter, encoded_words_split_between_characters_and_keep_to_their_lines) {
  for (std::string_view character : {"ü", "語", "😀"}) {
    for (std::size_t count = 1; count < 120; ++count) {
      std::string text;
      for (std::size_t i = 0; i < count; ++i) text += character;
      std::string_view rest;
      const std::string field = text_field(text);
      rest = std::string_view(field).substr(std::string_view("Subject:").size());
      while (!rest.empty()) {
        const std::size_t end = rest.find("\r\n");
        const std::string_view line = rest.substr(0, end);
        EXPECT_LE(line.size() + (line.data() == field.data() + 8 ? 8 : 0), 76U);
        EXPECT_TRUE(line.starts_with(" =?UTF-8?B?") && line.ends_with("?=")) << line;
        EXPECT_LE(line.size(), 76U);
        rest.remove_prefix(end + 2);
      }
    }
  }
}

TEST(FieldWriter, a_word_that_fits_no_line_is_encoded) {
  const std::string field = text_field(std::string(100, 'x'));
  EXPECT_TRUE(field.starts_with("Subject: =?UTF-8?Q?xxxx")) << field;
  EXPECT_NE(field.find("?=\r\n =?UTF-8?Q?x"), std::string::npos) << field;
}

TEST(FieldWriter, names_are_atoms_quoted_or_encoded) {
  EXPECT_EQ(phrase_field("Anna Bell"), "From: Anna Bell <a@x.test>\r\n");
  EXPECT_EQ(phrase_field("Bell, Anna"), "From: \"Bell, Anna\" <a@x.test>\r\n");
  EXPECT_EQ(phrase_field("Anna \"A\" \\"), "From: \"Anna \\\"A\\\" \\\\\" <a@x.test>\r\n");
  EXPECT_EQ(phrase_field("Anna  Bell"), "From: \"Anna  Bell\" <a@x.test>\r\n");
  EXPECT_EQ(phrase_field("Anna\tBell"), "From: =?UTF-8?Q?Anna=09Bell?= <a@x.test>\r\n");
  EXPECT_EQ(phrase_field("Bär, Anna"), "From: =?UTF-8?Q?B=C3=A4r=2C_Anna?= <a@x.test>\r\n");
}

TEST(FieldWriter, parameters_are_quoted_only_where_they_have_to_be) {
  EXPECT_EQ(parameter_field("filename", "a.pdf"), "Content-Disposition: attachment; filename=a.pdf\r\n");
  EXPECT_EQ(parameter_field("filename", "a b\".pdf"), "Content-Disposition: attachment; filename=\"a b\\\".pdf\"\r\n");
  EXPECT_EQ(parameter_field("filename", ""), "Content-Disposition: attachment; filename=\"\"\r\n");
}

TEST(FieldWriter, parameters_outside_of_ascii_take_rfc_2231) {
  EXPECT_EQ(parameter_field("filename", "für 5%.pdf"),
            "Content-Disposition: attachment; filename*=utf-8''f%C3%BCr%205%25.pdf\r\n");
}

// A line holds a blank, "filename*0=", two quotes, a semicolon, and so 63 letters.
TEST(FieldWriter, long_parameters_are_continued) {
  EXPECT_EQ(parameter_field("filename", std::string(63, 'a') + std::string(62, 'b') + "\"c"),
            "Content-Disposition: attachment;\r\n filename*0=\"" + std::string(63, 'a') + "\";\r\n filename*1=\"" +
                std::string(62, 'b') + "\";\r\n filename*2=\"\\\"c\"\r\n");
  // "filename*0*=utf-8''" leaves 56: nine of "%C3%BC" each; the next section leaves 63 and takes ten.
  std::string name, nine, ten;
  for (int i = 0; i < 19; ++i) name += "ü";
  for (int i = 0; i < 9; ++i) nine += "%C3%BC";
  for (int i = 0; i < 10; ++i) ten += "%C3%BC";
  EXPECT_EQ(parameter_field("filename", name),
            "Content-Disposition: attachment;\r\n filename*0*=utf-8''" + nine + ";\r\n filename*1*=" + ten + "\r\n");
}

}  // namespace
}  // namespace mailrig::mime
