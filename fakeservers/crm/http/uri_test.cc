#include "fakeservers/crm/http/uri.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mailrig::fakeservers::crm {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

TEST(Target, IsTakenApartAndDecoded) {
  Target target = parse_target("/crm/v8/Contacts/search?email=a%2Bb%40c.com&word=x+y");
  EXPECT_EQ(target.path, "/crm/v8/Contacts/search");
  EXPECT_THAT(target.segments, ElementsAre("crm", "v8", "Contacts", "search"));
  EXPECT_THAT(target.query.pairs(), ElementsAre(Pair("email", "a+b@c.com"), Pair("word", "x y")));
}

TEST(Target, APlusInAPathIsAPlusAndInAQueryABlank) {
  Target target = parse_target("/a+b%20c?d+e=f%2bg");
  EXPECT_THAT(target.segments, ElementsAre("a+b c"));
  EXPECT_THAT(target.query.pairs(), ElementsAre(Pair("d e", "f+g")));
}

TEST(Target, AnEscapedSlashStaysInItsSegment) {
  EXPECT_THAT(parse_target("/a%2Fb/c").segments, ElementsAre("a/b", "c"));
}

TEST(Target, TakesTheAbsoluteForm) {
  EXPECT_EQ(parse_target("https://crm.test:443/crm/v8?x=1").path, "/crm/v8");
  EXPECT_EQ(parse_target("http://crm.test").path, "/");
  EXPECT_EQ(parse_target("/redirect?to=http://a/b").path, "/redirect");
  EXPECT_EQ(parse_target("*").path, "*");
}

TEST(Target, EdgesOfPaths) {
  EXPECT_THAT(parse_target("/").segments, IsEmpty());
  EXPECT_THAT(parse_target("").segments, IsEmpty());
  EXPECT_THAT(parse_target("/a/").segments, ElementsAre("a"));
  EXPECT_THAT(parse_target("//a").segments, ElementsAre("", "a"));
}

TEST(Query, OddPairsAndBrokenEscapesStandForThemselves) {
  EXPECT_THAT(
      Query::parse("a&=b&c==d&&e=%4&f=%zz&g=%").pairs(),
      ElementsAre(Pair("a", ""), Pair("", "b"), Pair("c", "=d"), Pair("e", "%4"), Pair("f", "%zz"), Pair("g", "%")));
  EXPECT_THAT(Query::parse("").pairs(), IsEmpty());
  EXPECT_THAT(Query::parse("h=%4A%4a").pairs(), ElementsAre(Pair("h", "JJ")));
}

TEST(Query, TheFirstOfTwoCountsAndFormsComeAfter) {
  Query query = Query::parse("a=1&a=2");
  query.append(Query::parse("a=3&b=4"));
  EXPECT_EQ(query.text("a"), "1");
  EXPECT_EQ(query.text("b"), "4");
  EXPECT_TRUE(query.has("b"));
  EXPECT_FALSE(query.has("c"));
  EXPECT_EQ(query.text("c"), "");
  EXPECT_EQ(query.find("c"), nullptr);
}

TEST(MaskedTarget, HidesEverySecretAndNothingElse) {
  EXPECT_EQ(
      masked_target("/oauth/v2/token?grant_type=refresh_token&refresh_token=1000.a.b&client_id=1000.X&client_secret=z"),
      "/oauth/v2/"
      "token?grant_type=refresh_token&refresh_token=<refresh_token>&client_id=1000.X&client_secret=<client_secret>");
  EXPECT_EQ(masked_target("/x?code=1&token=2&access_token=3&authtoken=4&email=a%40b"),
            "/x?code=<code>&token=<token>&access_token=<access_token>&authtoken=<authtoken>&email=a%40b");
  EXPECT_EQ(masked_target("/x?refresh%5Ftoken=1000.a"), "/x?refresh%5Ftoken=<refresh_token>")
      << "an escaped name is the same name";
  EXPECT_EQ(masked_target("/plain/path"), "/plain/path");
  EXPECT_EQ(masked_target("/x?flag&a="), "/x?flag&a");
}

}  // namespace
}  // namespace mailrig::fakeservers::crm
