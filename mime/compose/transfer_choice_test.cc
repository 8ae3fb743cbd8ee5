#include "mime/compose/transfer_choice.h"

#include <gtest/gtest.h>

namespace mailrig::mime {
namespace {

BodySurvey survey_of(std::string_view body) {
  BodySurveyor surveyor;
  surveyor.feed(body);
  return surveyor.finish();
}

std::string_view chosen(std::string_view body, BodyKind kind = BodyKind::text, bool eight_bit = false) {
  return to_string(choose_encoding(survey_of(body), kind, eight_bit));
}

TEST(TransferChoice, ascii_lines_go_as_they_are) {
  EXPECT_EQ(chosen("hello\r\n"), "7bit");
  EXPECT_EQ(chosen(""), "7bit");
  EXPECT_EQ(chosen(".\r\nFrom me \r\n"), "7bit");
  EXPECT_EQ(chosen(std::string(998, 'x') + "\r\n"), "7bit");
}

TEST(TransferChoice, what_is_no_line_of_mail_is_encoded) {
  EXPECT_EQ(chosen(std::string(999, 'x') + "\r\n"), "quoted-printable");
  EXPECT_EQ(chosen(std::string(100, 'x') + "\rx\r\n"), "quoted-printable");
  EXPECT_EQ(chosen("hello\n"), "base64");  // quoted-printable text would come back with CRLF
  EXPECT_EQ(chosen("a" + std::string(14, '\0') + "b\r\n"), "base64");
}

TEST(TransferChoice, eight_bit_only_where_it_is_offered) {
  EXPECT_EQ(chosen("gr\xC3\xBC\xC3\x9F aus dem Norden\r\n"), "quoted-printable");
  EXPECT_EQ(chosen("gr\xC3\xBC\xC3\x9F aus dem Norden\r\n", BodyKind::text, true), "8bit");
  EXPECT_EQ(chosen("\xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA\x9E\r\n"), "base64");
}

TEST(TransferChoice, octets_are_base64_whatever_they_look_like) {
  EXPECT_EQ(chosen("hello\r\n", BodyKind::binary, true), "base64");
}

TEST(TransferChoice, finds_lines_like_our_boundaries_at_every_split) {
  const std::string body =
      "--=_first\r\nx--=_no\r\n--\r\n--x\r\n-\n--=_second\n--=_" + std::string(100, 'y') + "\r\n--=_last";
  const std::vector<std::string> expected{"=_first\r", "=_second", "=_" + std::string(68, 'y'), "=_last"};
  for (std::size_t first = 0; first <= body.size(); ++first) {
    for (std::size_t second = first; second <= body.size(); ++second) {
      BodySurveyor surveyor;
      surveyor.feed(std::string_view(body).substr(0, first));
      surveyor.feed(std::string_view(body).substr(first, second - first));
      surveyor.feed(std::string_view(body).substr(second));
      ASSERT_EQ(surveyor.finish().boundary_lines, expected) << first << ' ' << second;
    }
  }
}

TEST(TransferChoice, a_boundary_is_held_by_a_line_that_begins_like_it) {
  const BodySurvey survey = survey_of("--=_abcd\r\n");
  EXPECT_TRUE(holds_boundary(survey, "=_abcd"));
  EXPECT_TRUE(holds_boundary(survey, "=_ab"));
  EXPECT_FALSE(holds_boundary(survey, "=_abcde"));
}

TEST(TransferChoice, a_body_that_was_made_to_collide_is_encoded) {
  std::string body;
  for (std::size_t i = 0; i <= BodySurveyor::boundary_lines_max; ++i) body += "--=_x\r\n";
  EXPECT_NE(chosen(body), "7bit");
}

}  // namespace
}  // namespace mailrig::mime
