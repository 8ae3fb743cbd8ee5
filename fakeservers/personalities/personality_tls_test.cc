// Every personality works with every `tls` setting: STLS and STARTTLS are answered, and users log in where they may.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakeservers/testing/pop3_desk.h"
#include "fakeservers/testing/smtp_desk.h"

namespace mailrig::fakeservers {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr std::string_view tls_modes[] = {"implicit", "starttls", "starttls-required", "none"};

std::string pop3_settings_of(const std::string& personality, std::string_view tls) {
  return R"({"personality": ")" + personality + R"(", "tls": ")" + std::string(tls) +
         R"(", "mailboxes": {"anna": {"password": "s3cret"}}})";
}

/// The connection is left open by talk(), so each part is a session of its own.
TEST(PersonalityTls, EveryPop3PersonalityWithEverySetting) {
  for (const std::string& personality : personality_names("pop3")) {
    for (std::string_view tls : tls_modes) {
      SCOPED_TRACE(personality + " " + std::string(tls));
      testing::Pop3Desk desk(pop3_settings_of(personality, tls));
      ASSERT_EQ(desk.refusal, "");
      const bool offers = tls.starts_with("starttls");
      EXPECT_THAT(desk.talk("CAPA\r\n"), offers ? ::testing::Matcher<std::string>(HasSubstr("\r\nSTLS\r\n"))
                                                : ::testing::Matcher<std::string>(Not(HasSubstr("STLS"))));
      EXPECT_THAT(desk.talk("STLS\r\n"), StartsWith(offers ? "+OK" : "-ERR"));
      EXPECT_THAT(desk.talk("USER anna\r\n"), StartsWith(tls == "starttls-required" ? "-ERR" : "+OK"));

      std::unique_ptr<Session> session = desk.open();
      desk.take(*session);
      auto say = [&](std::string_view line) {
        session->on_bytes(std::string(line) + "\r\n");
        return desk.take(*session);
      };
      if (offers) {
        EXPECT_THAT(say("STLS"), StartsWith("+OK"));
        EXPECT_THAT(say("CAPA"), Not(HasSubstr("STLS")));
        EXPECT_THAT(say("STLS"), StartsWith("-ERR"));
      }
      EXPECT_THAT(say("USER anna"), StartsWith("+OK"));
      EXPECT_THAT(say("PASS s3cret"), StartsWith("+OK"));
      EXPECT_THAT(say("STAT"), StartsWith("+OK 0 0"));
      EXPECT_THAT(say("QUIT"), StartsWith("+OK"));
    }
  }
}

TEST(PersonalityTls, EverySmtpPersonalityWithEverySetting) {
  for (const std::string& personality : personality_names("smtp")) {
    for (std::string_view tls : tls_modes) {
      SCOPED_TRACE(personality + " " + std::string(tls));
      smtp::Desk desk(personality, R"({"tls": ")" + std::string(tls) + "\"}");
      ASSERT_EQ(desk.refusal.message, "");
      const bool offers = tls.starts_with("starttls");
      EXPECT_THAT(desk.connect(tls == "implicit"), StartsWith("220 "));
      const std::string hello = desk.say("EHLO client.test");
      EXPECT_THAT(hello, StartsWith("250-"));
      EXPECT_EQ(hello.find("STARTTLS") != std::string_view::npos, offers) << hello;
      const std::string answer = desk.say("STARTTLS");
      EXPECT_THAT(answer, offers ? ::testing::Matcher<std::string>(StartsWith("220 "))
                                 : ::testing::Matcher<std::string>(StartsWith("5")));
      EXPECT_EQ(desk.starts_tls, offers);
      EXPECT_THAT(desk.say("EHLO client.test"), Not(HasSubstr("STARTTLS")));
      EXPECT_THAT(desk.say("AUTH LOGIN"), StartsWith("334 "));
      EXPECT_THAT(desk.say(to_base64("anna@zillum.test")), StartsWith("334 "));
      EXPECT_THAT(desk.say(to_base64("s3cret")), StartsWith("235 "));
      EXPECT_THAT(desk.say("QUIT"), StartsWith("221 "));
    }
  }
}

TEST(PersonalityTls, WithoutWordsForStartingTlsItIsRefused) {
  for (std::string_view tls : {"starttls", "starttls-required"}) {
    testing::Pop3Desk pop3(R"({"tls": ")" + std::string(tls) + R"(", "texts": {"stls": null}})");
    EXPECT_EQ(pop3.refusal, "tls: \"" + std::string(tls) +
                                "\" needs texts.stls, the reply to STLS, which this personality does not have");
    smtp::Desk smtp("generic", R"({"tls": ")" + std::string(tls) + R"(", "texts": {"starttls": null}})");
    EXPECT_EQ(smtp.refusal.message,
              "tls: \"" + std::string(tls) +
                  "\" needs texts.starttls, the reply to STARTTLS, which this personality does not have");
    EXPECT_EQ(smtp.refusal.reason, "tls");
  }
  EXPECT_EQ(testing::Pop3Desk(R"({"tls": "none", "texts": {"stls": null}})").refusal, "");
}

}  // namespace
}  // namespace mailrig::fakeservers
