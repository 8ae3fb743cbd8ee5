#include "mime/message/facts/outline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mailrig::mime {
namespace {

constexpr std::string_view must = "From: a@x.test\r\nDate: Mon, 2 Jun 2014 10:00:00 +0200\r\n";
constexpr std::string_view must_shown = "From     a@x.test\nDate     Mon, 2 Jun 2014 10:00:00 +0200\n\n";

std::string outline_behind(std::string_view rest) {
  const std::string outline = outline_of(std::string(must) + std::string(rest));
  EXPECT_TRUE(outline.starts_with(must_shown)) << outline;
  return outline.substr(std::min(outline.size(), must_shown.size()));
}

TEST(Outline, FilesWithinATextAreNamed) {
  EXPECT_EQ(outline_behind("\r\nHere:\r\nbegin 644 cat.txt\r\n#0V%T\r\n`\r\nend\r\n"),
            "1  text/plain, 41 octets\n"
            "  uuencoded in it: \"cat.txt\", 3 octets\n");
}

TEST(Outline, OutlooksPackIsNamed) {
  EXPECT_EQ(outline_behind("Content-Type: application/ms-tnef; name=winmail.dat\r\n\r\nx"),
            "1  application/ms-tnef, 1 octet, file \"winmail.dat\", Outlook's TNEF: files are packed inside\n");
}

TEST(Outline, ReportsAreRead) {
  EXPECT_EQ(outline_behind("Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.y.test\r\n\r\n"
                           "Action: failed\r\n"),
            "1  message/delivery-status, 49 octets\n"
            "  Reporting-MTA: dns; mx.y.test\n"
            "  Action: failed\n");
}

TEST(Outline, AnAttachedMessageHasItsOwnFields) {
  EXPECT_EQ(
      outline_behind("Content-Type: message/rfc822\r\n\r\nFrom: c@z.test\r\nDate: Mon, 2 Jun 2014 09:00:00 +0000\r\n"
                     "Subject: inner\r\n\r\nx"),
      "1  message/rfc822\n"
      "    From     c@z.test\n"
      "    Date     Mon, 2 Jun 2014 09:00:00 +0000\n"
      "    Subject  inner\n"
      "  1.1  text/plain, 1 octet\n");
}

TEST(Outline, DefectsAreCounted) {
  EXPECT_EQ(outline_behind("junk\r\nmore\r\n\r\nx"),
            "1  text/plain, 1 octet\n"
            "\n"
            "defects:\n"
            "  MUST   header-without-colon (2 times): a line of the header that is no field\n");
}

}  // namespace
}  // namespace mailrig::mime
