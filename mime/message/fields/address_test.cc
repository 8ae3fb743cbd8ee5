#include "mime/message/fields/address.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "base/text.h"
#include "mime/message/fields/address_spec.h"
#include "mime/message/fields/idn.h"
#include "mime/testing/cost.h"

namespace mailrig::mime {
namespace {

using ::testing::ElementsAre;
using testing::growth;
using testing::growth_max;
using ::testing::IsEmpty;
using testing::repeated;
using Addresses = std::vector<Address>;

TEST(AddressLists, OfEveryShape) {
  EXPECT_EQ(parse_addresses(" a@b.test\r\n"), (Addresses{{"", "a@b.test"}}));
  EXPECT_EQ(parse_addresses("Bert Bolt <bert@b.test>, \"Cole, Carl\" <c@b.test>"),
            (Addresses{{"Bert Bolt", "bert@b.test"}, {"Cole, Carl", "c@b.test"}}));
  EXPECT_EQ(parse_addresses("anna@x.test (Anna (work) \\) A)"), (Addresses{{"Anna (work) ) A", "anna@x.test"}}));
  EXPECT_EQ(parse_addresses("team: a@x.test, B <b@x.test>;, c@x.test"),
            (Addresses{{"", "a@x.test"}, {"B", "b@x.test"}, {"", "c@x.test"}}));
  EXPECT_EQ(parse_addresses("undisclosed-recipients:;"), Addresses{});
  EXPECT_EQ(parse_addresses("=?UTF-8?Q?J=C3=BCrgen?= <j+tag@x.test>"), (Addresses{{"J\xc3\xbcrgen", "j+tag@x.test"}}));
  EXPECT_EQ(parse_addresses("\"a b\"@x.test, <\"c<d\"@x.test>"),
            (Addresses{{"", "\"a b\"@x.test"}, {"", "\"c<d\"@x.test"}}));
  EXPECT_EQ(parse_addresses("X <@relay,@other:y@x.test>"), (Addresses{{"X", "y@x.test"}}));
  EXPECT_EQ(parse_addresses("a @ x.test"), (Addresses{{"", "a@x.test"}}));
  EXPECT_EQ(parse_addresses("Folded\r\n Name <f@x.test>,\r\n\tg@x.test"),
            (Addresses{{"Folded Name", "f@x.test"}, {"", "g@x.test"}}));
}

TEST(AddressLists, WhatIsNoAddressIsPassedOver) {
  for (std::string_view none : {"", ",,;", "nobody", "<>", "@x.test", "a@", "\"open", "(open", "<a@", "\\"})
    EXPECT_LE(parse_addresses(none).size(), none == "<a@" ? 1U : 0U) << none;
  std::string many;
  for (int i = 0; i < 10'001; ++i) many += "a@b,";
  EXPECT_EQ(parse_addresses(many).size(), addresses_max);
}

/// "name <address>" for each, with the group in front where there is one.
std::vector<std::string> shown(std::string_view text, Defects* defects = nullptr) {
  const AddressList list = parse_address_list(text, defects);
  std::vector<std::string> lines;
  for (const Mailbox& mailbox : list.mailboxes)
    lines.push_back((mailbox.group ? list.groups[*mailbox.group] + ": " : "") + mailbox.name + " <" + mailbox.address +
                    ">");
  return lines;
}

// RFC 5322 appendix A.
TEST(Addresses, TheExamplesOfTheRfc) {
  EXPECT_THAT(shown("\"Joe Q. Public\" <john.q.public@example.com>"),
              ElementsAre("Joe Q. Public <john.q.public@example.com>"));
  EXPECT_THAT(shown("Mary Smith <mary@x.test>, jdoe@example.org, Who? <one@y.test>"),
              ElementsAre("Mary Smith <mary@x.test>", " <jdoe@example.org>", "Who? <one@y.test>"));
  EXPECT_THAT(shown("<boss@nil.test>, \"Giant; \\\"Big\\\" Box\" <sysservices@example.net>"),
              ElementsAre(" <boss@nil.test>", "Giant; \"Big\" Box <sysservices@example.net>"));
  EXPECT_THAT(
      shown("A Group:Ed Jones <c@a.test>,joe@where.test,John <jdoe@one.test>;"),
      ElementsAre("A Group: Ed Jones <c@a.test>", "A Group:  <joe@where.test>", "A Group: John <jdoe@one.test>"));
  EXPECT_THAT(shown("Undisclosed recipients:;"), IsEmpty());
  EXPECT_THAT(parse_address_list("Undisclosed recipients:;").groups, ElementsAre("Undisclosed recipients"));
  EXPECT_THAT(shown("Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>"),
              ElementsAre("Pete <pete@silly.test>"));
  EXPECT_EQ(parse_address_list("Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>").mailboxes[0].comment,
            "A nice ) chap his account his host");
  EXPECT_THAT(shown("Mary Smith <@node.test:mary@example.net>, , jdoe@test  . example"),
              ElementsAre("Mary Smith <mary@example.net>", " <jdoe@test.example>"));
  EXPECT_EQ(parse_address_list("Mary Smith <@node.test,@b.test:mary@example.net>").mailboxes[0].route,
            "@node.test,@b.test");
  EXPECT_THAT(shown("Joe Q. Public <john.q.public@example.com>"),
              ElementsAre("Joe Q. Public <john.q.public@example.com>"));
}

TEST(Addresses, LocalPartsAndDomains) {
  struct Case {
    std::string_view text, address, local, domain;
  };
  for (const Case& c :
       std::initializer_list<Case>{{"\"foo bar\"@x.test", "\"foo bar\"@x.test", "foo bar", "x.test"},
                                   {"<\"a\\\"b@c\"@x.test>", "\"a\\\"b@c\"@x.test", "a\"b@c", "x.test"},
                                   {"\"john\".doe@x.test", "\"john\".doe@x.test", "john.doe", "x.test"},
                                   {"a+b/c=d@[192.0.2.1]", "a+b/c=d@[192.0.2.1]", "a+b/c=d", "[192.0.2.1]"},
                                   {"X <a@[IPv6:2001:db8::1]>", "a@[IPv6:2001:db8::1]", "a", "[IPv6:2001:db8::1]"},
                                   {"a@[IPv6:2001:db8::1]", "a@[IPv6:2001:db8::1]", "a", "[IPv6:2001:db8::1]"},
                                   {"j\xc3\xbcrgen@b\xc3\xbc"
                                    "cher.test",
                                    "j\xc3\xbcrgen@b\xc3\xbc"
                                    "cher.test",
                                    "j\xc3\xbcrgen",
                                    "b\xc3\xbc"
                                    "cher.test"},
                                   {"root", "root", "root", ""}}) {
    const AddressList list = parse_address_list(c.text);
    ASSERT_EQ(list.mailboxes.size(), 1U) << c.text;
    EXPECT_EQ(list.mailboxes[0].address, c.address);
    EXPECT_EQ(list.mailboxes[0].local(), c.local);
    EXPECT_EQ(list.mailboxes[0].domain(), c.domain);
  }
}

TEST(Addresses, NamesAreDecoded) {
  EXPECT_THAT(shown("=?ISO-8859-1?Q?Andr=E9?= Pirard <a@x.test>"), ElementsAre("Andr\xc3\xa9 Pirard <a@x.test>"));
  EXPECT_THAT(shown("=?utf-8?q?a?=\r\n =?utf-8?q?b?= <a@x.test>"), ElementsAre("ab <a@x.test>"));
  EXPECT_THAT(shown("\"=?utf-8?q?=C3=A9?= b\" <a@x.test>"), ElementsAre("\xc3\xa9 b <a@x.test>"));
  EXPECT_THAT(shown("\"Serge B, HR\" =?utf-8?b?4oSi?= conference <a@x.test>"),
              ElementsAre("Serge B, HR \xe2\x84\xa2 conference <a@x.test>"));
  EXPECT_THAT(shown("a@x.test (=?utf-8?q?=C3=A9?=)"), ElementsAre("\xc3\xa9 <a@x.test>"));
  EXPECT_THAT(shown("=?utf-8?q?team?=: a@x.test;"), ElementsAre("team:  <a@x.test>"));
  EXPECT_THAT(shown("=?utf-8?Q?Doe,_J?= <a@x.test>"), ElementsAre("Doe, J <a@x.test>"));
  EXPECT_THAT(shown("Andr\xe9 <a@x.test>"), ElementsAre("Andr\xc3\xa9 <a@x.test>"));
}

struct Wild {
  std::string_view text;
  std::vector<std::string> expected;
  DefectCode defect;
};

TEST(Addresses, OfTheWild) {
  using enum DefectCode;
  const Wild cases[] = {{"A <a@x.test> B <b@x.test>", {"A <a@x.test>", "B <b@x.test>"}, missing_comma},
                        {"a@x.test b@x.test", {" <a@x.test>", " <b@x.test>"}, missing_comma},
                        {"<a@x.test><b@x.test>", {" <a@x.test>", " <b@x.test>"}, missing_comma},
                        {"a@x.test; B <b@x.test>;", {" <a@x.test>", "B <b@x.test>"}, wrong_separator},
                        {"A <a@x.test, b@x.test", {"A <a@x.test>", " <b@x.test>"}, unclosed_angle},
                        {"A <a@x.test", {"A <a@x.test>"}, unclosed_angle},
                        {"a@x.test>", {" <a@x.test>"}, unclosed_angle},
                        {"A <<a@x.test>>", {"A <a@x.test>"}, unclosed_angle},
                        {"team: a@x.test, b@x.test", {"team:  <a@x.test>", "team:  <b@x.test>"}, unclosed_group},
                        {"one: a@x.test, two: b@x.test;", {"one:  <a@x.test>", "two:  <b@x.test>"}, unclosed_group},
                        {"\"Joe <a@x.test>", {"\"Joe <a@x.test>"}, unclosed_quote},
                        {"a@x.test (Anna", {"Anna <a@x.test>"}, unclosed_comment},
                        {"Anna (work <a@x.test>, b@x.test", {"Anna (work <a@x.test>", " <b@x.test>"}, unclosed_comment},
                        {"<a(b@x.test>, c@x.test", {" <a(b@x.test>", " <c@x.test>"}, invalid_address},
                        {"Anna @ home <a@x.test>", {"Anna @ home <a@x.test>"}, invalid_address},
                        {"a@x.test <a@x.test>", {"a@x.test <a@x.test>"}, invalid_address},
                        {"[List] Anna <a@x.test>", {"[List] Anna <a@x.test>"}, invalid_address},
                        {"Anna a@x.test", {"Anna <a@x.test>"}, invalid_address},
                        {"<a@x.test> Anna", {"Anna <a@x.test>"}, invalid_address},
                        {"Anna B. C. <a@x.test>", {"Anna B. C. <a@x.test>"}, obsolete_address},
                        {"a . b @ x.test", {" <a.b@x.test>"}, obsolete_address},
                        {"<a b@x.test>", {" <b@x.test>"}, invalid_address},
                        {"<a b c@x.test>", {" <c@x.test>"}, invalid_address},
                        {"<a@x.test b@x.test>", {" <a@x.test b@x.test>"}, invalid_address},
                        {"<a@x.test b>", {" <a@x.test>"}, invalid_address},
                        {"<a b>", {" <a b>"}, invalid_address},
                        {"<a@si(c)lly.test>", {"c <a@si(c)lly.test>"}, invalid_address},
                        {"a@si(c)lly.test", {"c <a@si(c)lly.test>"}, invalid_address},
                        {"a(b)c@x.test", {"b <a(b)c@x.test>"}, invalid_address},
                        {"a@x.test more", {"more <a@x.test>"}, invalid_address},
                        {"Dr. a@x.test", {"Dr. <a@x.test>"}, invalid_address},
                        {"a@x.test. Bye", {"Bye <a@x.test.>"}, invalid_domain},
                        {"Anna <>", {"Anna <>"}, invalid_address},
                        {"Mary Smith", {"Mary Smith <>"}, address_without_domain},
                        {"MAILER-DAEMON", {" <MAILER-DAEMON>"}, address_without_domain},
                        {"<nobody>", {" <nobody>"}, address_without_domain},
                        {"a..b@x.test", {" <a..b@x.test>"}, invalid_address},
                        {".a@x.test", {" <.a@x.test>"}, invalid_address},
                        {"a@x..test", {" <a@x..test>"}, invalid_domain},
                        {"a@", {" <a@>"}, invalid_domain},
                        {"@x.test", {" <@x.test>"}, invalid_address},
                        {"a@b@x.test", {" <a@b@x.test>"}, invalid_address},
                        {"@a: b", {}, invalid_address},
                        {"a@[1.2, b@x.test]", {" <a@[1.2>", " <b@x.test]>"}, invalid_domain},
                        {"a@[1.2", {" <a@[1.2>"}, invalid_domain}};
  for (const Wild& c : cases) {
    Defects defects(c.text);
    EXPECT_EQ(shown(c.text, &defects), c.expected) << c.text;
    EXPECT_TRUE(defects.has(c.defect)) << c.text << " lacks " << kind_of(c.defect).name;
  }
}

// RFC 5322 §3.4.1 says SHOULD NOT; the grammar of today allows it (appendix A.5).
TEST(Addresses, CommentsBesideTheAtSignBreakNoMust) {
  for (std::string_view text :
       {"<k@(Kim's host.)public.example>", "Ann(A kind \\) aunt) <ann(her account)@silly.test(her host)>",
        "<a @ x.test>", "a(c)@(d)x.test"}) {
    Defects defects(text);
    parse_address_list(text, &defects);
    EXPECT_TRUE(defects.has(DefectCode::comment_beside_at)) << text;
    for (const Defect& defect : defects.list()) EXPECT_EQ(kind_of(defect.code).severity, Severity::should) << text;
  }
}

TEST(Addresses, AnEncodedWordThatAQuoteCutsIsDecoded) {
  EXPECT_THAT(shown("\"Acme =?utf-8?q?=C3=96sterreich\"?= <a@x.test>"), ElementsAre("Acme Österreich <a@x.test>"));
  EXPECT_THAT(shown("\"=?utf-8?b?w5Zz\"dA==?= <a@x.test>"), ElementsAre("Öst <a@x.test>"));
  EXPECT_THAT(shown("\"what? =? no\"?= <a@x.test>"), ElementsAre("what? =? no?= <a@x.test>"));
}

TEST(Addresses, WhatLeavesInDoubtWhoIsMeantIsTold) {
  for (std::string_view good :
       {"a@x.test; b@x.test", "J. R. Doe <a@x.test>", "a @ x.test", "team: a@x.test;", "Jürgen <ü@x.test>"}) {
    Defects defects(good);
    parse_address_list(good, &defects);
    EXPECT_EQ(doubtful_address(defects), nullptr) << good;
  }
  for (std::string_view bad :
       {"<ceo bank.test@evil.test>", "a@x.test b@x.test", "a@x.test more", "nobody", "a@", "<a@x.test"}) {
    Defects defects(bad);
    parse_address_list(bad, &defects);
    EXPECT_NE(doubtful_address(defects), nullptr) << bad;
  }
}

TEST(Addresses, WhatIsRightHasNoDefect) {
  for (std::string_view text :
       {"a@x.test", "A B <a@x.test>, \"C. D.\" <c@x.test>", "team: a@x.test;", "empty:;", "\"a b\"@x.test",
        "(c) Anna (d) <a@x.test> (e)", "<a@[192.0.2.1]>", " =?utf-8?q?a?= <a@x.test>\r\n", "a!b#c'd@x-y.test"}) {
    Defects defects(text);
    parse_address_list(text, &defects);
    EXPECT_TRUE(defects.empty()) << text << ": " << kind_of(defects.list().front().code).name;
  }
}

TEST(Addresses, HaveTheirLimit) {
  std::string many;
  for (int i = 0; i < 10'001; ++i) many += "a@b,";
  Defects defects(many);
  EXPECT_EQ(parse_address_list(many, &defects).mailboxes.size(), addresses_max);
  EXPECT_TRUE(defects.has(DefectCode::address_count_limit));
  std::ranges::replace(many, ',', ' ');
  EXPECT_EQ(parse_address_list(many).mailboxes.size(), addresses_max);
  many.clear();
  for (int i = 0; i < 10'001; ++i) many += "g:;";
  EXPECT_EQ(parse_address_list(many).groups.size(), addresses_max);
}

// What is quadratic here would take minutes of a header that is as long as it may be.
TEST(Addresses, HostileListsCostInProportionToTheirLength) {
  const std::string_view pieces[] = {"\"\\\"",  "(",  "<",  "a@", "a b ", "<(", "<(,",
                                     "<\"\\\"", "\"", "\\", "a.", ":",    "@",  "a@b "};
  for (std::string_view piece : pieces) {
    const std::string text = repeated(piece, 50'000);
    EXPECT_LT(growth(text, [](std::string_view part) { parse_address_list(part); }), growth_max) << piece;
    Defects defects(text);
    const AddressList list = parse_address_list(text, &defects);
    EXPECT_LE(list.mailboxes.size(), addresses_max) << piece;
    std::size_t octets = 0;
    for (const Mailbox& mailbox : list.mailboxes) {
      octets += mailbox.name.size() + mailbox.comment.size() + mailbox.address.size() + mailbox.route.size();
      EXPECT_TRUE(is_well_formed_utf8(mailbox.name + mailbox.address)) << piece;
    }
    // A comment alone is told twice, as the name too; nothing is told more often.
    EXPECT_LE(octets, 2 * text.size()) << piece;
    EXPECT_FALSE(defects.empty()) << piece;
    for (const Defect& defect : defects.list()) EXPECT_LE(defect.offset + defect.length, text.size()) << piece;
  }
}

TEST(Addresses, OfHostileListsNothingIsLost) {
  // One address a blank, without a comma between: all of them, up to the limit.
  Mailbox only;
  only.address = "a@b";
  EXPECT_EQ(parse_address_list(repeated("a@b ", 4 * 500)).mailboxes, std::vector<Mailbox>(500, only));
  EXPECT_EQ(parse_address_list(repeated("a@b ", 4 * 10'001)).mailboxes.size(), addresses_max);
  // A comment that nothing closes goes on to the end, and is all that there is.
  EXPECT_THAT(parse_address_list(repeated("(", 1000)).groups, IsEmpty());
}

TEST(Addresses, CutAnywhere) {
  constexpr std::string_view whole =
      "A Group(x\\)): \"Q \\\" q\" (c (d)) <@r,@s:\"l \\\" l\"@[1.2.3.4]>, a.b @ x.test; =?utf-8?q?=C3=A9?= <e@x>";
  for (std::size_t cut = 0; cut <= whole.size(); ++cut) {
    const std::string text(whole.substr(0, cut));  // so that reading behind the end is seen
    Defects defects(text);
    parse_address_list(text, &defects);
    for (const Defect& defect : defects.list()) EXPECT_LE(defect.offset + defect.length, text.size());
  }
}

TEST(AddressSpecs, CommentsAndRoutesApart) {
  std::string comment;
  AddressSpec spec = parse_address_spec("@relay:anna (at) @ x . test", comment);
  EXPECT_EQ(spec.address, "anna@x.test");
  EXPECT_EQ(spec.route, "@relay");
  EXPECT_EQ(comment, "at");
}

// RFC 5891 and RFC 3492 §7.1.
TEST(Domains, InUnicodeAndInAscii) {
  EXPECT_EQ(domain_to_ascii("b\xc3\xbc"
                            "cher.example"),
            "xn--bcher-kva.example");
  EXPECT_EQ(domain_to_unicode("xn--bcher-kva.example"),
            "b\xc3\xbc"
            "cher.example");
  EXPECT_EQ(domain_to_ascii("fa\xc3\x9f.example"), "xn--fa-hia.example");  // not "fass"
  EXPECT_EQ(domain_to_ascii("B\xc3\x9c"
                            "CHER.example"),
            "xn--bcher-kva.example");
  EXPECT_EQ(domain_to_unicode("XN--BCHER-KVA.example"),
            "b\xc3\xbc"
            "cher.example");
}

TEST(Domains, WhatHasNoOtherFormStays) {
  for (std::string_view domain : {"", "x.test", "X.Test", "[192.0.2.1]", "a..b", "xn--", "xn--\xff", "a b"}) {
    EXPECT_EQ(domain_to_ascii(domain), domain);
    EXPECT_EQ(domain_to_unicode(domain), domain);
  }
  const std::string zero("\xc3\xbc\0.test", 8);
  EXPECT_EQ(domain_to_ascii(zero), zero);
  const std::string huge(100'000, '\xc3');
  EXPECT_EQ(domain_to_ascii(huge), huge);
}

}  // namespace
}  // namespace mailrig::mime
