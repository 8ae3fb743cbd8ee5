#include "mime/received.h"

#include <gtest/gtest.h>

namespace mailrig::mime {
namespace {

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

TEST(ReceivedFields, CutAnywhere) {
  constexpr std::string_view whole = "(from x) from [a] (b [1.2.3.4) by <c> (d(e)) id <f> for <g@h>; 2 Jun 2014 10:00";
  for (std::size_t cut = 0; cut <= whole.size(); ++cut) {
    const std::string text(whole.substr(0, cut));
    parse_received(text);
  }
  for (std::string_view piece : {"(", "[", "<", "from ", "from (", "from [", "by (("}) {
    std::string text;
    while (text.size() < 200'000) text += piece;
    parse_received(text);
  }
}

}  // namespace
}  // namespace mailrig::mime
