#include "fakeservers/smtp/path.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mailrig::fakeservers::smtp {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

/// The address and what is left, or "no".
std::string forward(std::string_view text, PathRules rules = {}) {
  std::optional<Path> path = parse_path(text, PathKind::forward, rules);
  return path ? path->address + "|" + std::string(path->rest) : "no";
}
std::string reverse(std::string_view text, PathRules rules = {}) {
  std::optional<Path> path = parse_path(text, PathKind::reverse, rules);
  return path ? path->address + "|" + std::string(path->rest) : "no";
}

TEST(SmtpPath, OrdinaryAddresses) {
  EXPECT_EQ(forward("<anna@zillum.test>"), "anna@zillum.test|");
  EXPECT_EQ(forward("<Anna.B+tag@Zillum.Test> SIZE=1"), "Anna.B+tag@Zillum.Test| SIZE=1");
  EXPECT_EQ(forward("<!#$%&'*+-/=?^_`{|}~@a-b.c>"), "!#$%&'*+-/=?^_`{|}~@a-b.c|");
  EXPECT_EQ(forward("<a@b>"), "a@b|");
}

TEST(SmtpPath, QuotedLocalParts) {
  EXPECT_EQ(forward(R"(<"anna bell"@zillum.test>)"), R"("anna bell"@zillum.test|)");
  EXPECT_EQ(forward(R"(<"a\"b\\c@d>"@zillum.test>)"), R"("a\"b\\c@d>"@zillum.test|)");
  EXPECT_EQ(forward(R"(<""@zillum.test>)"), R"(""@zillum.test|)");
  for (std::string_view bad :
       {R"(<"open@zillum.test>)", R"(<"a"b@zillum.test>)", R"(<a"b"@zillum.test>)", "<\"a\tb\"@c>", R"(<"a\)", R"(<")"})
    EXPECT_EQ(forward(bad), "no") << bad;
}

TEST(SmtpPath, AddressLiterals) {
  EXPECT_EQ(forward("<a@[127.0.0.1]>"), "a@[127.0.0.1]|");
  EXPECT_EQ(forward("<a@[IPv6:::1]>"), "a@[IPv6:::1]|");
  for (std::string_view bad : {"<a@[]>", "<a@[1.2.3.4>", "<a@[1.2.3.4]x>", "<a@[a b]>"})
    EXPECT_EQ(forward(bad), "no") << bad;
}

TEST(SmtpPath, OnlyTheSenderMayBeNull) {
  EXPECT_EQ(reverse("<>"), "|");
  EXPECT_EQ(reverse("<> SIZE=1"), "| SIZE=1");
  EXPECT_EQ(reverse("<>x"), "no");
  EXPECT_EQ(forward("<>"), "no");
}

TEST(SmtpPath, SourceRoutesAreReadAndForgotten) {
  EXPECT_EQ(forward("<@relay.test:anna@zillum.test>"), "anna@zillum.test|");
  EXPECT_EQ(reverse("<@a.test,@b.test:anna@zillum.test>"), "anna@zillum.test|");
  for (std::string_view bad : {"<@a.test>", "<@a.test,anna@b.test>", "<@:a@b>", "<@a.test;@b.test:a@b>"})
    EXPECT_EQ(forward(bad), "no") << bad;
}

TEST(SmtpPath, WhatIsNone) {
  for (std::string_view bad : {"",
                               "anna@zillum.test",
                               "<anna@zillum.test",
                               "anna@zillum.test>",
                               "<@>",
                               "<a@>",
                               "<@b>",
                               "<a@b@c>",
                               "<a b@c>",
                               "<a..b@c>",
                               "<.a@c>",
                               "<a.@c>",
                               "<a@b..c>",
                               "<a@.c>",
                               "<a@b.>",
                               "<a@-b>",
                               "<a@b->",
                               "<a@b_c>",
                               "<a@b>c",
                               "<a@b>>",
                               "<<a@b>>",
                               "< a@b>",
                               "<a@b >",
                               "<a@b\xC3\xA4>"})
    EXPECT_EQ(forward(bad), "no") << bad;
}

TEST(SmtpPath, LenientByDefaultStrictWhenTold) {
  EXPECT_EQ(forward(" <a@b>"), "a@b|");
  EXPECT_EQ(forward("  <a@b>"), "no");
  EXPECT_EQ(forward("<anna>"), "anna|");
  PathRules strict{.strict = true};
  EXPECT_EQ(forward(" <a@b>", strict), "no");
  EXPECT_EQ(forward("<anna>", strict), "no");
  EXPECT_EQ(forward(R"(<"a@b">)", strict), "no");
  EXPECT_EQ(forward("<Postmaster>", strict), "Postmaster|");
  EXPECT_EQ(forward("<postmasters>", strict), "no");
  EXPECT_EQ(forward("<a@b>", strict), "a@b|");
  EXPECT_EQ(reverse("<>", strict), "|");
}

TEST(SmtpPath, Utf8WhereItIsAskedFor) {
  EXPECT_EQ(forward("<\xC3\xA4@\xC3\xB6.test>", {.utf8 = true}), "\xC3\xA4@\xC3\xB6.test|");
  EXPECT_EQ(forward("<\"\xC3\xA4\"@b>", {.utf8 = true}), "\"\xC3\xA4\"@b|");
  EXPECT_EQ(forward("<\xC3\xA4@b>"), "no");
  EXPECT_EQ(forward("<\"\xC3\xA4\"@b>"), "no");
}

TEST(SmtpPath, LengthsOfRfc5321) {
  std::string local(64, 'l');
  EXPECT_EQ(forward("<" + local + "@b.test>"), local + "@b.test|");
  EXPECT_EQ(forward("<" + local + "l@b.test>"), "no");
  // <a@ and > leave 252 of 256 octets.
  std::string domain = std::string(251, 'd');
  EXPECT_EQ(forward("<a@" + domain + "d>"), "a@" + domain + "d|");
  EXPECT_EQ(forward("<a@" + domain + "dd>"), "no");
  std::string routed = "<@" + std::string(200, 'r') + ":a@" + std::string(50, 'd') + ">";
  EXPECT_EQ(routed.size(), 256U);
  EXPECT_NE(forward(routed), "no");
  EXPECT_EQ(forward("<@" + std::string(201, 'r') + ":a@" + std::string(50, 'd') + ">"), "no");
}

TEST(SmtpParameters, NamesInCapitalsAndValuesAsTheyAre) {
  EXPECT_THAT(*parse_parameters(" SIZE=12 body=8BitMime AUTH=<> X-a"),
              ElementsAre(Pair("SIZE", "12"), Pair("BODY", "8BitMime"), Pair("AUTH", "<>"), Pair("X-A", "")));
  EXPECT_THAT(*parse_parameters(""), IsEmpty());
  EXPECT_THAT(*parse_parameters("   "), IsEmpty());
  EXPECT_THAT(*parse_parameters("  A  B "), ElementsAre(Pair("A", ""), Pair("B", "")));
  for (std::string_view bad : {" SIZE=", " =1", " SI_ZE=1", " -X=1", " A=b=c", " A=\x01", " \xC3\xA4=1", " A=\x7F"})
    EXPECT_FALSE(parse_parameters(bad)) << bad;
  EXPECT_TRUE(parse_parameters(" ORCPT=utf-8;\xC3\xA4"));
}

TEST(SmtpAddress, SpellingsAreCompared) {
  EXPECT_EQ(canonical_address("Anna@ZILLUM.test"), "anna@zillum.test");
  EXPECT_EQ(canonical_address(R"("anna"@zillum.test)"), "anna@zillum.test");
  EXPECT_EQ(canonical_address(R"("a\ b"@c)"), "a b@c");
  EXPECT_EQ(canonical_address("anna"), "anna");
  EXPECT_EQ(domain_of("Anna@ZILLUM.test"), "zillum.test");
  EXPECT_EQ(domain_of("anna"), "");
}

TEST(SmtpHello, NamesAndLiterals) {
  for (std::string_view good : {"client.test", "localhost", "my_pc", "[127.0.0.1]", "[IPv6:::1]", "\xC3\xA4.test"})
    EXPECT_TRUE(is_hello_name(good)) << good;
  for (std::string_view bad : {"", "a b", "<a>", "a\tb", "a;b"}) EXPECT_FALSE(is_hello_name(bad)) << bad;
  EXPECT_TRUE(is_hello_name(std::string(255, 'a')));
  EXPECT_FALSE(is_hello_name(std::string(256, 'a')));
}

}  // namespace
}  // namespace mailrig::fakeservers::smtp
