#include "client/pop3/capabilities.h"

#include <gtest/gtest.h>

namespace mailrig::client {
namespace {

Pop3Capabilities of(std::initializer_list<std::string_view> lines) {
  Pop3Capabilities capabilities;
  for (std::string_view line : lines) capabilities.add(line);
  return capabilities;
}

TEST(Pop3Capabilities, WhatGmailOffersBeforeTheLogin) {  // docs/providers/gmail.md#dialogue
  Pop3Capabilities gmail =
      of({"USER", "RESP-CODES", "EXPIRE 0", "LOGIN-DELAY 300", "TOP", "UIDL", "X-GOOGLE-RICO", "SASL PLAIN XOAUTH2"});
  EXPECT_TRUE(gmail.top);
  EXPECT_TRUE(gmail.expires_at_once);
  EXPECT_EQ(gmail.login_delay_seconds, 300U);
  EXPECT_FALSE(gmail.pipelining);
  EXPECT_FALSE(gmail.stls);
}

TEST(Pop3Capabilities, WhatDovecotOffers) {  // docs/providers/dovecot.md#replies
  Pop3Capabilities dovecot =
      of({"CAPA", "TOP", "UIDL", "RESP-CODES", "PIPELINING", "AUTH-RESP-CODE", "STLS", "USER", "SASL PLAIN"});
  EXPECT_TRUE(dovecot.pipelining);
  EXPECT_TRUE(dovecot.stls);
  EXPECT_FALSE(dovecot.expires_at_once);
  EXPECT_EQ(dovecot.login_delay_seconds, std::nullopt);
}

TEST(Pop3Capabilities, NothingIsOfferedByAnEmptyAnswer) {
  Pop3Capabilities none;
  EXPECT_FALSE(none.top || none.pipelining || none.stls || none.expires_at_once || none.known);
}

TEST(Pop3Capabilities, LettersAndBlanksDoNotMatter) {
  Pop3Capabilities odd = of({" pipelining ", "\tLogin-Delay\t 60 USER", "expire 0 user", "stls  "});
  EXPECT_TRUE(odd.pipelining);
  EXPECT_EQ(odd.login_delay_seconds, 60U);
  EXPECT_TRUE(odd.expires_at_once);
  EXPECT_TRUE(odd.stls);
}

TEST(Pop3Capabilities, OnlyZeroIsAtOnce) {
  EXPECT_FALSE(of({"EXPIRE 31 USER"}).expires_at_once);
  EXPECT_FALSE(of({"EXPIRE NEVER"}).expires_at_once);
  EXPECT_FALSE(of({"EXPIRE"}).expires_at_once);
  EXPECT_FALSE(of({"EXPIRE 0x"}).expires_at_once);
}

TEST(Pop3Capabilities, OtherWordsAreNotTaken) {
  Pop3Capabilities other = of({"UTF8 USER", "TOPPING", "XSTLS", "SASL TOP UIDL", "IMPLEMENTATION PIPELINING", "",
                               ".capability", "UIDLX", "LOGIN-DELAY x"});
  EXPECT_FALSE(other.top || other.pipelining || other.stls);
  EXPECT_EQ(other.login_delay_seconds, std::nullopt);
}

}  // namespace
}  // namespace mailrig::client
