#include "mime/message/fields/received.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "mime/testing/cost.h"

namespace mailrig::mime {
namespace {

using testing::growth;
using testing::growth_max;
using testing::repeated;

// RFC 5321 §4.4 and appendix D.
TEST(ReceivedFields, InTheirClauses) {
  const Received hop = parse_received(
      " from a.test (b.test [192.0.2.1]) by c.test\r\n (Postfix) via TCP with ESMTPS id 7F for <x@c.test>;\r\n"
      " Mon, 2 Jun 2014 10:00:00 +0200\r\n");
  EXPECT_EQ(hop.from.name, "a.test");
  EXPECT_EQ(hop.from.comment, "b.test [192.0.2.1]");
  EXPECT_EQ(hop.peer_host, "b.test");
  EXPECT_EQ(hop.peer_address, "192.0.2.1");
  EXPECT_EQ(hop.helo, "");
  EXPECT_EQ(hop.by.name, "c.test");
  EXPECT_EQ(hop.by.comment, "Postfix");
  EXPECT_EQ(hop.via, "TCP");
  EXPECT_EQ(hop.with, "ESMTPS");
  EXPECT_EQ(hop.id, "7F");
  EXPECT_EQ(hop.for_whom, "x@c.test");
  ASSERT_TRUE(hop.date);
  EXPECT_EQ(to_iso8601(*hop.date), "2014-06-02T10:00:00+02:00");
}

TEST(ReceivedFields, ThePeer) {
  struct Case {
    std::string_view text, host, address, helo;
  };
  for (const Case& c :
       std::initializer_list<Case>{{"from [192.0.2.1] (helo=a.test) by c", "", "", "a.test"},
                                   {"from a ([192.0.2.1]:4711 helo=b) by c", "", "192.0.2.1", "b"},
                                   {"from a (HELO b.test) (192.0.2.1) by c", "", "192.0.2.1", "b.test"},
                                   {"from a (HELO ) (192.0.2.1) by c", "", "192.0.2.1", ""},
                                   {"from a (x.test HELO [192.0.2.7]) by c", "x.test", "", "192.0.2.7"},
                                   {"from a (b.test [IPv6:2001:db8::1]) by c", "b.test", "2001:db8::1", ""},
                                   {"from a ([fe80::1%6]) by c", "", "fe80::1", ""},
                                   {"from a (192.0.2.1:25) by c", "", "192.0.2.1", ""},
                                   {"from a [192.0.2.1] by c", "", "192.0.2.1", ""},
                                   {"from a (unknown[192.0.2.1]) by c", "", "192.0.2.1", ""},
                                   {"from a ([192.0.2.256]) by c", "", "", ""},
                                   {"from a ([1.2.3.4.5]) by c", "", "", ""},
                                   {"from a by c (b.test [192.0.2.1])", "", "", ""}}) {
    const Received hop = parse_received(c.text);
    EXPECT_EQ(hop.peer_host, c.host) << c.text;
    EXPECT_EQ(hop.peer_address, c.address) << c.text;
    EXPECT_EQ(hop.helo, c.helo) << c.text;
    EXPECT_EQ(hop.by.name, "c") << c.text;
  }
}

TEST(ReceivedFields, OfTheWild) {
  Received hop = parse_received("from mail pickup service by c.test with Microsoft SMTPSVC(5.0); 2 Jun 2014 10:00 GMT");
  EXPECT_EQ(hop.from.name, "mail pickup service");
  EXPECT_EQ(hop.with, "Microsoft SMTPSVC");
  hop = parse_received("(from anna@localhost) by c.test (8.12.11/Submit) id x1; Mon, 2 Jun 2014 10:00:00 GMT");
  EXPECT_EQ(hop.from.name, "anna@localhost");
  EXPECT_EQ(hop.id, "x1");
  hop = parse_received("from a by b via smail from stdin id <m1@b> for c@d; x");
  EXPECT_EQ(hop.from.name, "a");
  EXPECT_EQ(hop.via, "smail");
  EXPECT_EQ(hop.id, "m1@b");
  EXPECT_EQ(hop.for_whom, "c@d");
  EXPECT_FALSE(hop.date);
  Defects defects;
  parse_received("from a by b", &defects);
  EXPECT_TRUE(defects.has(DefectCode::invalid_date));
}

// A hop that was cut tells nothing that was not written, and what comes before the cut as if it were whole.
TEST(ReceivedFields, CutAnywhere) {
  static constexpr std::string_view whole =
      "from [a] (b.test [1.2.3.4) by <c> (d(e)) id <f> for <g@h>; 2 Jun 2014 10:00:00 +0000";
  const auto after = [](std::string_view words) { return whole.find(words) + words.size(); };
  for (std::size_t cut = 0; cut <= whole.size(); ++cut) {
    const std::string text(whole.substr(0, cut));  // so that reading behind the end is seen
    Defects defects(text);
    const Received hop = parse_received(text, &defects);
    // The beginning of a keyword is a word like any other.
    EXPECT_EQ(hop.from.name, cut == after("1.2.3.4) b") ? "[a] b"
                             : cut >= after("from [a]") ? "[a]"
                                                        : text.substr(std::min(cut, after("from "))))
        << text;
    EXPECT_EQ(hop.peer_host, cut >= after("b.test") ? "b.test"
                             : cut >= after("(b.")  ? text.substr(after("("))
                                                    : "")
        << text;
    EXPECT_EQ(hop.peer_address, cut >= after("[1.2.3.4") ? "1.2.3.4" : "") << text;
    EXPECT_EQ(hop.by.name, cut == after("(d(e)) i") ? "c i" : cut >= after("<c") ? "c" : "") << text;
    EXPECT_EQ(hop.id, cut >= after("<f") ? "f" : "") << text;
    EXPECT_EQ(hop.for_whom, cut >= after("<g@h") ? "g@h" : text.substr(std::min(cut, after("for <")))) << text;
    EXPECT_EQ(hop.via + hop.with + hop.helo, "") << text;
    EXPECT_TRUE(!hop.date || to_iso8601(*hop.date).starts_with("2014-06-02T")) << text;
    for (const Defect& defect : defects.list()) EXPECT_LE(defect.offset + defect.length, text.size()) << text;
  }
  const Received hop = parse_received(whole);
  EXPECT_EQ(hop.from.comment, "b.test [1.2.3.4");
  EXPECT_EQ(hop.by.comment, "d(e)");
  ASSERT_TRUE(hop.date);
  EXPECT_EQ(to_iso8601(*hop.date), "2014-06-02T10:00:00+00:00");
}

TEST(ReceivedFields, HostileOnesCostInProportionToTheirLength) {
  for (std::string_view piece : {"(", "[", "<", "from ", "from (", "from [", "by (("}) {
    const std::string text = repeated(piece, 50'000);
    EXPECT_LT(growth(text, [](std::string_view part) { parse_received(part); }), growth_max) << piece;
    const Received hop = parse_received(text);
    EXPECT_FALSE(hop.date) << piece;
    EXPECT_EQ(hop.via + hop.with + hop.id + hop.for_whom, "") << piece;
    EXPECT_LE(hop.from.name.size() + hop.from.comment.size() + hop.by.name.size() + hop.by.comment.size(), text.size())
        << piece;
  }
}

}  // namespace
}  // namespace mailrig::mime
