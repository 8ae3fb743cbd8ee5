#include "mime/message/fields/list_header.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "mime/message/fields/text_list.h"
#include "mime/message/mime_fields.h"
#include "mime/testing/cost.h"

namespace mailrig::mime {
namespace {

using ::testing::ElementsAre;
using testing::growth;
using testing::growth_max;
using ::testing::IsEmpty;
using testing::repeated;
using Urls = std::vector<ListUrl>;

// RFC 2369 §3.
TEST(ListUrls, TheExamplesOfTheRfc) {
  EXPECT_EQ(parse_list_urls(" <ftp://ftp.host.com/list.txt> (FTP),\r\n <mailto:list@host.com?subject=help>\r\n"),
            (Urls{{"ftp://ftp.host.com/list.txt", "FTP"}, {"mailto:list@host.com?subject=help", ""}}));
  EXPECT_EQ(parse_list_urls("(Use this command to get off the list)\r\n"
                            "     <mailto:list-manager@host.com?body=unsubscribe%20list>"),
            (Urls{{"mailto:list-manager@host.com?body=unsubscribe%20list", "Use this command to get off the list"}}));
  EXPECT_EQ(parse_list_urls("NO (posting not allowed on this list)"),
            (Urls{{"NO", "posting not allowed on this list"}}));
}

TEST(ListUrls, OfTheWild) {
  EXPECT_EQ(parse_list_urls("<https://x.test/a\r\n b>"), (Urls{{"https://x.test/ab", ""}}));
  EXPECT_EQ(parse_list_urls("<https://x.test/1,2> <mailto:a@x.test>"),
            (Urls{{"https://x.test/1,2", ""}, {"mailto:a@x.test", ""}}));
  EXPECT_EQ(parse_list_urls("https://x.test/"), (Urls{{"https://x.test/", ""}}));
  Defects defects;
  EXPECT_EQ(parse_list_urls("<https://x.test/", &defects), (Urls{{"https://x.test/", ""}}));
  EXPECT_TRUE(defects.has(DefectCode::unclosed_angle));
  std::string many;
  for (int i = 0; i < 200; ++i) many += "<a>,";
  EXPECT_EQ(parse_list_urls(many).size(), list_urls_max);
}

// RFC 2919 §3.
TEST(ListIds, NameAndIdentifier) {
  EXPECT_EQ(parse_list_id("List Header Mailing List <list-header.nisto.com>")->id, "list-header.nisto.com");
  EXPECT_EQ(parse_list_id("List Header Mailing List <list-header.nisto.com>")->name, "List Header Mailing List");
  EXPECT_EQ(parse_list_id("\"Lena's \\\"Personal\\\" <Joke> List\" <lenas-jokes.da39efc.localhost>")->name,
            "Lena's \"Personal\" <Joke> List");
  EXPECT_EQ(parse_list_id("<a.b>")->name, "");
  EXPECT_EQ(parse_list_id(" a.b\r\n")->id, "a.b");
  EXPECT_FALSE(parse_list_id(" \r\n"));
}

TEST(TextLists, CommasBetween) {
  EXPECT_THAT(parse_text_list(" red, =?utf-8?Q?gr=C3=BC,n?=,\r\n light\r\n blue,, "),
              ElementsAre("red", "gr\xc3\xbc,n", "light blue"));
  EXPECT_THAT(parse_text_list("\"a, b\", c"), ElementsAre("a, b", "c"));
  EXPECT_THAT(parse_text_list("de, en-GB"), ElementsAre("de", "en-GB"));
  EXPECT_THAT(parse_text_list(" ,, "), IsEmpty());
  EXPECT_EQ(parse_text_list(std::string(30'000, 'a') + "," + std::string(30'000, ',')).size(), 1U);
}

TEST(Lists, HostileOnesCostInProportionToTheirLength) {
  for (std::string_view piece : {"\"\\\"", "\"", "(", "<", ",", "=?x?q?", "a\"", "<a> "}) {
    const std::string text = repeated(piece, 50'000, "\"");
    EXPECT_LT(growth(text, [](std::string_view part) { parse_text_list(part); }), growth_max) << piece;
    EXPECT_LT(growth(text, [](std::string_view part) { parse_list_urls(part); }), growth_max) << piece;
    EXPECT_LT(growth(text, [](std::string_view part) { parse_list_id(part); }), growth_max) << piece;
    EXPECT_LT(growth(text, [](std::string_view part) { parse_content_location(part); }), growth_max) << piece;
    std::size_t octets = 0;
    for (const std::string& item : parse_text_list(text)) octets += item.size();
    EXPECT_LE(octets, text.size()) << piece;
    EXPECT_LE(parse_list_urls(text).size(), list_urls_max) << piece;
    EXPECT_TRUE(is_well_formed_utf8(parse_content_location(text))) << piece;
  }
}

TEST(Lists, OfHostileOnesWhatCanBeRead) {
  // The quote that opens nothing is a word of its own, and the limit cuts the rest.
  const std::vector<ListUrl> urls = parse_list_urls(repeated("<a> ", 4000, "\""));
  ASSERT_EQ(urls.size(), list_urls_max);
  EXPECT_EQ(urls[0], (ListUrl{"\"", ""}));
  for (std::size_t i = 1; i < urls.size(); ++i) EXPECT_EQ(urls[i], (ListUrl{"a", ""})) << i;
  // The identifier is what the last bracket holds.
  EXPECT_EQ(parse_list_id(repeated("<a> ", 4000, "\""))->id, "a");
  EXPECT_EQ(parse_list_id(repeated("<", 4000, "\""))->id, "");
  EXPECT_EQ(parse_list_id(repeated("(", 1000, "\""))->id, "\"" + std::string(999, '('));
  // Only commas: no item; a lone quote joins nothing.
  EXPECT_THAT(parse_text_list(repeated(",", 4000, "\"")), ElementsAre("\""));
}

TEST(MimeVersions, AreNumbers) {
  for (std::string_view text : {"1.0", " 1.0 (produced by MetaSend Vx.x)\r\n", "(x) 1.0", "1.(x)0"}) {
    Defects defects(text);
    EXPECT_EQ(parse_mime_version(text, &defects), (MimeVersion{1, 0})) << text;
    EXPECT_TRUE(defects.empty()) << text;
  }
  EXPECT_EQ(parse_mime_version("2.1"), (MimeVersion{2, 1}));
  for (std::string_view text : {"", "1", "1.", ".0", "x", "1.x", "11111111111.0"})
    EXPECT_FALSE(parse_mime_version(text)) << text;
  for (std::string_view text : {"", "2.0", "1.0 x"}) {
    Defects defects(text);
    parse_mime_version(text, &defects);
    EXPECT_TRUE(defects.has(DefectCode::invalid_mime_version)) << text;
  }
}

TEST(ContentLocations, AreUris) {
  EXPECT_EQ(parse_content_location(" http://x.test/a\r\n b/c\r\n"), "http://x.test/ab/c");
  EXPECT_EQ(parse_content_location("\"fiction1/fiction2\""), "fiction1/fiction2");
  EXPECT_EQ(parse_content_location("=?utf-8?Q?a=C3=BC?="), "a\xc3\xbc");
}

// RFC 1864 §2, where the digest is that of the text there.
TEST(ContentMd5, IsSixteenOctets) {
  const auto digest = parse_content_md5(" Q2hlY2sgSW50ZWdyaXR5IQ==\r\n");
  ASSERT_TRUE(digest);
  EXPECT_EQ(std::string(digest->begin(), digest->end()), "Check Integrity!");
  EXPECT_FALSE(parse_content_md5("Q2hlY2s="));
  EXPECT_FALSE(parse_content_md5(""));
}

}  // namespace
}  // namespace mailrig::mime
