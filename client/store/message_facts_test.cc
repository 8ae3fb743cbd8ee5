#include "client/store/message_facts.h"

#include <gtest/gtest.h>

namespace mailrig::client {
namespace {

TEST(MessageFacts, WhatTheHeaderSays) {
  MessageFacts facts = read_facts(
      "From: Bert\r\n <bert@customer.test>\r\nDate: Mon, 2 Jun 2014 10:00:00 +0200\r\nMESSAGE-ID:\r\n "
      "<q1@customer.test>\r\n\r\nFrom: no\r\n");
  EXPECT_EQ(facts.message_id, "q1@customer.test");
  EXPECT_EQ(facts.from, "Bert <bert@customer.test>");
  EXPECT_EQ(facts.date, *parse_instant("2014-06-02T08:00:00Z"));
}

TEST(MessageFacts, WhatIsMissingIsMissing) {
  for (std::string_view message :
       {"", "\r\nFrom: x\r\n", "Subject: a\r\n\r\nMessage-ID: <x>\r\n", "no header at all"}) {
    MessageFacts facts = read_facts(message);
    EXPECT_EQ(facts.message_id, "") << message;
    EXPECT_EQ(facts.from, "") << message;
    EXPECT_EQ(facts.date, std::nullopt) << message;
  }
}

TEST(MessageFacts, TheFirstFieldThatSaysSomethingCounts) {
  MessageFacts facts = read_facts(
      "Date: never\nDate: Mon, 2 Jun 2014 10:00:00 +0000\nMessage-ID: <>\nMessage-ID: bare@x\nMessage-ID: "
      "<two@x>\nFrom: a@x\nFrom: b@x\n\n");
  EXPECT_EQ(facts.date, *parse_instant("2014-06-02T10:00:00Z"));
  EXPECT_EQ(facts.message_id, "bare@x");
  EXPECT_EQ(facts.from, "a@x");
}

TEST(MessageFacts, AMessageIdHasItsLimit) {
  EXPECT_EQ(read_facts("Message-ID: <" + std::string(998, 'x') + ">\r\n").message_id.size(), 998U);
  EXPECT_EQ(read_facts("Message-ID: <" + std::string(999, 'x') + ">\r\n").message_id, "");
  EXPECT_EQ(read_facts("Message-ID: <open@x\r\n").message_id, "<open@x");
}

TEST(MessageFacts, TheHeaderIsTheSameFromAMessageAndFromTop) {
  std::string_view header = "Subject: a\r\nX: b";
  for (std::string_view text : {"Subject: a\r\nX: b\r\n\r\nbody\r\n\r\nmore", "Subject: a\r\nX: b\r\n\r\n",
                                "Subject: a\r\nX: b\r\n", "Subject: a\r\nX: b"})
    EXPECT_EQ(header_text(text), header);
  EXPECT_EQ(header_text("Subject: a\nX: b\n\nbody\r\n\r\nmore"), "Subject: a\nX: b");
  EXPECT_EQ(header_text("\r\nbody\r\n\r\n"), "");
  EXPECT_EQ(header_text("\nbody\n\n"), "");
  EXPECT_EQ(header_text(""), "");
}

TEST(MessageFacts, AnIdentityIsNoUid) {
  // echo -n "Subject: a" | sha256sum
  EXPECT_EQ(identity_of("Subject: a\r\n\r\n", 120),
            " header c464566f13c8b03c946b6f6aeeefbe50a1c9bce14fbdadabfe7d46671e8d1325 120");
  EXPECT_EQ(identity_of("Subject: a\r\n\r\nbody", 120), identity_of("Subject: a\r\n", 120));
  EXPECT_NE(identity_of("Subject: a\r\n", 120), identity_of("Subject: a\r\n", 121));
  EXPECT_NE(identity_of("Subject: a\r\n", 120), identity_of("Subject: b\r\n", 120));
}

TEST(MessageFacts, FiltersLookAtTheSender) {  // docs/guide.md#filter-to-move-emails-to-sent
  std::vector<Filter> filters{{"Anna@Zillum", "Sent"}, {"@zillum.test", "Colleagues"}};
  auto folder = [&](std::string from) { return folder_for({.from = std::move(from)}, filters); };
  EXPECT_EQ(folder("Anna <anna@zillum.test>"), "Sent");
  EXPECT_EQ(folder("ANNA@ZILLUM.TEST"), "Sent");
  EXPECT_EQ(folder("carl@zillum.test"), "Colleagues");
  EXPECT_EQ(folder("bert@customer.test"), "Inbox");
  EXPECT_EQ(folder(""), "Inbox");
  EXPECT_EQ(folder_for({.from = "anna@zillum.test"}, {}), "Inbox");
}

TEST(MessageFacts, OwnMailIsToldByTheWholeAddress) {
  EXPECT_TRUE(is_from({.from = "Anna <Anna@Zillum.test>"}, "anna@zillum.test"));
  EXPECT_TRUE(is_from({.from = "x@y.test, anna@zillum.test"}, "anna@zillum.test"));
  EXPECT_FALSE(is_from({.from = "joanna@zillum.test"}, "anna@zillum.test"));
  EXPECT_FALSE(is_from({.from = "anna@zillum.test.evil"}, "anna@zillum.test"));
  EXPECT_FALSE(is_from({.from = ""}, ""));
}

}  // namespace
}  // namespace mailrig::client
