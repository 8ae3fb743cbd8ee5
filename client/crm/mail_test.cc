#include "client/crm/mail.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mailrig::client {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

StoredMessage stored(std::string folder = "Inbox", std::string message_id = "q1@customer.test") {
  StoredMessage message;
  message.id = 7;
  message.folder = std::move(folder);
  message.message_id = std::move(message_id);
  message.stored_at = *parse_instant("2014-06-02T09:00:00.5Z");
  return message;
}
constexpr std::string_view own = "Anna@Zillum.test";

TEST(CrmMail, AReceivedMessage) {
  CrmMail mail =
      make_crm_mail(stored(),
                    "From: =?UTF-8?Q?B=C3=A4rt?= <Bert@Customer.test>\r\nTo: anna@zillum.test, carl@x.test\r\n"
                    "Cc: Dora <dora@x.test>\r\nSubject: =?UTF-8?Q?f=C3=BCr?=\r\n you\r\n"
                    "Date: Mon, 2 Jun 2014 10:00:00 +0200\r\n\r\nHow much?\r\n",
                    own);
  EXPECT_EQ(mail.key, 7);
  EXPECT_EQ(mail.message_id, "q1@customer.test");
  EXPECT_EQ(mail.from, (mime::Address{"B\xc3\xa4rt", "Bert@Customer.test"}));
  EXPECT_THAT(mail.to, ElementsAre(mime::Address{"", "anna@zillum.test"}, mime::Address{"", "carl@x.test"}));
  EXPECT_THAT(mail.cc, ElementsAre(mime::Address{"Dora", "dora@x.test"}));
  EXPECT_EQ(mail.subject, "f\xc3\xbcr you");
  EXPECT_EQ(mail.content, "How much?\r\n");
  EXPECT_EQ(mail.date_time, "2014-06-02T10:00:00+02:00");
  EXPECT_FALSE(mail.sent);
  EXPECT_FALSE(mail.html);
  EXPECT_THAT(mail.parties, ElementsAre("bert@customer.test", "carl@x.test", "dora@x.test"));
}

constexpr std::string_view sent_by_anna = "From: anna@zillum.test\r\nTo: bert@b.test\r\nCc: anna@zillum.test\r\n\r\nx";

TEST(CrmMail, ASentMessageBelongsToItsRecipients) {
  CrmMail mail = make_crm_mail(stored("Sent"), sent_by_anna, own);
  EXPECT_TRUE(mail.sent);
  EXPECT_THAT(mail.parties, ElementsAre("bert@b.test"));
}

TEST(CrmMail, OwnMailInTheInboxBelongsToNobody) {
  EXPECT_THAT(make_crm_mail(stored("Inbox"), sent_by_anna, own).parties, IsEmpty());
  // Moved to Sent by a filter although somebody else wrote it: still to its recipients, not to its sender.
  EXPECT_THAT(make_crm_mail(stored("Sent"), "From: dora@b.test\r\nTo: bert@b.test\r\n\r\nx", own).parties,
              ElementsAre("bert@b.test"));
}

TEST(CrmMail, WithoutAnAddressInToItIsTheUsers) {
  for (const char* to :
       {"", "To: undisclosed-recipients:;\r\n", "To: team: ;\r\n", "To: \r\n", "Cc: carl@x.test\r\n"}) {
    CrmMail mail = make_crm_mail(stored(), "From: bert@b.test\r\n" + std::string(to) + "\r\nx", own);
    EXPECT_THAT(mail.to, ElementsAre(mime::Address{"", "Anna@Zillum.test"})) << to;
    EXPECT_EQ(mail.parties.front(), "bert@b.test");
  }
}

TEST(CrmMail, BccOfASentMail) {
  const std::string raw = "From: anna@zillum.test\r\nTo: bert@b.test\r\nCc: carl@b.test\r\n\r\nx";
  CrmMail mail = make_crm_mail(stored("Sent"), raw, own, {"Bert@b.test", "carl@b.test", "Dora@b.test"});
  EXPECT_THAT(mail.to, ElementsAre(mime::Address{"", "bert@b.test"}));
  EXPECT_THAT(mail.bcc, ElementsAre(mime::Address{"", "Dora@b.test"}));
  EXPECT_THAT(mail.parties, ElementsAre("bert@b.test", "carl@b.test", "dora@b.test"));
  CrmMail field = make_crm_mail(stored("Sent"), "Bcc: dora@b.test\r\n" + raw, own, {"dora@b.test"});
  EXPECT_THAT(field.bcc, ElementsAre(mime::Address{"", "dora@b.test"}));
  // A received mail is put on the records of those who could see each other.
  CrmMail received =
      make_crm_mail(stored("Inbox"), "From: e@b.test\r\nTo: anna@zillum.test\r\nBcc: dora@b.test\r\n\r\n", own);
  EXPECT_THAT(received.bcc, IsEmpty());
  EXPECT_THAT(received.parties, ElementsAre("e@b.test"));
}

TEST(CrmMail, WithoutAFromItIsFromWhoSentIt) {
  EXPECT_EQ(make_crm_mail(stored(), "Sender: s@b.test\r\n\r\n", own).from.address, "s@b.test");
  EXPECT_EQ(make_crm_mail(stored(), "Return-Path: <r@b.test>\r\n\r\n", own).from.address, "r@b.test");
  EXPECT_EQ(make_crm_mail(stored("Sent"), "To: b@b.test\r\n\r\n", own).from.address, "Anna@Zillum.test");
}

TEST(CrmMail, WhatIsMissingIsMadeUp) {
  StoredMessage bare = stored("Inbox", "");
  bare.sha256.fill(0xab);
  CrmMail mail = make_crm_mail(bare, "X: y\r\n\r\n", own);
  EXPECT_EQ(mail.message_id, "sha256-abababababababababababababababababababababababababababababababab@mailrig");
  EXPECT_EQ(mail.subject, "(no subject)");
  EXPECT_EQ(mail.content, "(no text)");
  EXPECT_EQ(mail.date_time, "2014-06-02T09:00:00+00:00");
  EXPECT_THAT(mail.parties, IsEmpty());
  EXPECT_EQ(make_crm_mail(bare, "Date: yesterday\r\n\r\n", own).date_time, "2014-06-02T09:00:00+00:00");
}

TEST(CrmMail, EachPartyIsNamedOnce) {
  CrmMail mail = make_crm_mail(stored(), "From: B@x.test\r\nTo: b@X.test, c@x.test\r\nCc: C@x.test\r\n\r\n", own);
  EXPECT_THAT(mail.parties, ElementsAre("b@x.test", "c@x.test"));
  EXPECT_THAT(make_crm_mail(stored(), "From: b+tag@x.test\r\n\r\n", own).parties, ElementsAre("b+tag@x.test"));
}

TEST(CrmMail, AMailingIsNotSearchedForAsAWhole) {
  std::string raw = "From: b@x.test\r\nTo: ";
  for (int i = 0; i < 30; ++i) raw += "p" + std::to_string(i) + "@x.test, ";
  CrmMail mail = make_crm_mail(stored(), raw + "\r\n\r\n", own);
  EXPECT_EQ(mail.parties.size(), 20U);
  EXPECT_EQ(mail.parties.back(), "p18@x.test");
  EXPECT_EQ(mail.to.size(), 30U);
}

TEST(CrmMail, LongTextsAreCutBetweenCharacters) {
  auto subject = [](const std::string& text) {
    return make_crm_mail(stored(), "Subject: " + text + "\r\n\r\n", own).subject;
  };
  EXPECT_EQ(subject(std::string(250, 'x')).size(), 250U);
  EXPECT_EQ(subject(std::string(251, 'x')).size(), 250U);
  EXPECT_EQ(subject(std::string(249, 'x') + "\xc3\xbc"
                                            "y"),
            std::string(249, 'x') + "\xc3\xbc");
  auto content = [](const std::string& text) { return make_crm_mail(stored(), "\r\n" + text, own).content; };
  EXPECT_EQ(content(std::string(262'144, 'x')), std::string(262'144, 'x'));
  EXPECT_EQ(content(std::string(262'145, 'x')), std::string(262'138, 'x') + "\n[...]");
  EXPECT_EQ(content(std::string(262'137, 'x') + "\xc3\xbc" + std::string(9, 'x')),
            std::string(262'137, 'x') + "\n[...]");
}

TEST(CrmMail, RawOctetsBecomeUtf8) {
  CrmMail mail = make_crm_mail(stored(), "From: \xb5\xc7 <b@x.test>\r\nSubject: \xff\r\n\r\n\xfe", own);
  EXPECT_EQ(mail.from.name, "\xc2\xb5\xc3\x87");  // windows-1252, as nobody says what it is
  EXPECT_EQ(mail.subject, "\xc3\xbf");
  EXPECT_EQ(mail.content, "\xc3\xbe");
}

TEST(CrmMail, Html) {
  CrmMail mail = make_crm_mail(stored(), "Content-Type: text/html\r\n\r\n<b>", own);
  EXPECT_TRUE(mail.html);
  EXPECT_EQ(mail.content, "<b>");
}

}  // namespace
}  // namespace mailrig::client
