#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakeservers/testing/smtp_desk.h"

namespace mailrig::fakeservers::smtp {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::string encoded(std::string_view text) { return to_base64(text); }
const std::string good = Desk::plain("anna@zillum.test", "s3cret");

struct SmtpLogin : ::testing::Test {
  std::string after_ehlo(std::string_view line) {
    desk.connect();
    desk.say("EHLO client.test");
    return desk.say(line);
  }
  Desk desk;
};

TEST_F(SmtpLogin, PlainWithAndWithoutInitialResponse) {
  EXPECT_EQ(after_ehlo("AUTH PLAIN " + good), "235 2.7.0 Authentication successful\r\n");
  EXPECT_EQ(after_ehlo("auth plain"), "334 \r\n");
  EXPECT_EQ(desk.say(good), "235 2.7.0 Authentication successful\r\n");
  EXPECT_EQ(desk.observed("logins"), Value(2));
}

TEST_F(SmtpLogin, LoginWithAndWithoutInitialResponse) {
  EXPECT_EQ(after_ehlo("AUTH LOGIN"), "334 VXNlcm5hbWU6\r\n");
  EXPECT_EQ(desk.say(encoded("anna@zillum.test")), "334 UGFzc3dvcmQ6\r\n");
  EXPECT_EQ(desk.say(encoded("s3cret")), "235 2.7.0 Authentication successful\r\n");
  EXPECT_EQ(after_ehlo("AUTH LOGIN " + encoded("anna@zillum.test")), "334 UGFzc3dvcmQ6\r\n");
  EXPECT_EQ(desk.say(encoded("s3cret")), "235 2.7.0 Authentication successful\r\n");
  std::vector<std::string> lines = desk.rig.lines();
  EXPECT_THAT(lines, ::testing::IsSupersetOf({"C: AUTH LOGIN", "C: <user>", "C: <password>", "C: AUTH LOGIN <user>"}));
}

TEST_F(SmtpLogin, ThePlainLineIsMasked) {
  after_ehlo("AUTH PLAIN");
  desk.say(good);
  EXPECT_THAT(desk.rig.lines(), ::testing::Contains("C: <credentials>"));
  EXPECT_THAT(desk.rig.lines(), Not(::testing::Contains(HasSubstr(good))));
}

TEST_F(SmtpLogin, WrongCredentials) {
  for (const std::string& wrong :
       {Desk::plain("anna@zillum.test", "S3cret"), Desk::plain("bert", "s3cret"), Desk::plain("anna@zillum.test", ""),
        Desk::plain("", "s3cret"), Desk::plain("recent:anna@zillum.test", "s3cret"),
        encoded(std::string("other\0anna@zillum.test\0s3cret", 29))})
    EXPECT_EQ(after_ehlo("AUTH PLAIN " + wrong), "535 5.7.8 Authentication credentials invalid\r\n") << wrong;
  EXPECT_EQ(after_ehlo("AUTH PLAIN " + encoded(std::string("anna@zillum.test\0anna@zillum.test\0s3cret", 40))),
            "235 2.7.0 Authentication successful\r\n");
  EXPECT_EQ(desk.observed("failed_logins"), Value(6));
}

TEST_F(SmtpLogin, ResponsesThatMakeNoSense) {
  for (const std::string& bad :
       {std::string("!"), std::string("AAA"), encoded("no nul"), encoded(std::string("a\0b", 3)),
        encoded(std::string("a\0b\0c\0d", 7)), std::string("=")})
    EXPECT_EQ(after_ehlo("AUTH PLAIN " + bad), "501 5.5.2 Cannot decode response\r\n") << bad;
  after_ehlo("AUTH LOGIN");
  EXPECT_EQ(desk.say("!"), "501 5.5.2 Cannot decode response\r\n");
  EXPECT_EQ(desk.say("NOOP"), "250 2.0.0 Ok\r\n") << "the next line is a command again";
  EXPECT_EQ(desk.observed("failed_logins"), Value(0));
}

TEST_F(SmtpLogin, CanBeGivenUp) {
  after_ehlo("AUTH PLAIN");
  EXPECT_EQ(desk.say("*"), "501 5.7.0 Authentication cancelled\r\n");
  after_ehlo("AUTH LOGIN");
  desk.say(encoded("anna@zillum.test"));
  EXPECT_EQ(desk.say("*"), "501 5.7.0 Authentication cancelled\r\n");
  EXPECT_THAT(desk.rig.lines(), ::testing::Contains("C: *"));
  EXPECT_EQ(desk.say("AUTH PLAIN " + good), "235 2.7.0 Authentication successful\r\n");
}

TEST_F(SmtpLogin, MechanismsThatAreNotOffered) {
  EXPECT_EQ(after_ehlo("AUTH CRAM-MD5"), "504 5.5.4 Unrecognized authentication type\r\n");
  EXPECT_EQ(after_ehlo("AUTH"), "504 5.5.4 Unrecognized authentication type\r\n");
}

TEST(SmtpAuth, WhereThereIsNone) {
  Desk desk("generic", R"({ "sasl": [], "auth_required": false })");
  desk.connect();
  EXPECT_THAT(desk.say("EHLO a"), Not(HasSubstr("AUTH")));
  EXPECT_EQ(desk.say("AUTH PLAIN " + good), "502 5.5.1 AUTH is not offered\r\n");
}

TEST(SmtpAuth, OtherMechanismsFail) {
  Desk desk("generic", R"({ "sasl": ["PLAIN", "NTLM"] })");
  desk.connect();
  EXPECT_THAT(desk.say("EHLO a"), HasSubstr("250-AUTH PLAIN NTLM\r\n"));
  EXPECT_EQ(desk.say("AUTH NTLM " + encoded("NTLMSSP")), "535 5.7.8 Authentication credentials invalid\r\n");
  EXPECT_EQ(desk.say("AUTH NTLM"), "334 \r\n");
  EXPECT_EQ(desk.say(encoded("NTLMSSP")), "535 5.7.8 Authentication credentials invalid\r\n");
  EXPECT_THAT(desk.rig.lines(), ::testing::Contains("C: AUTH NTLM <credentials>"));
}

TEST(SmtpAuth, TooManyFailuresEndTheConnection) {
  Desk desk("generic", R"({ "max_failed_logins": 2, "failed_login_delay": "2s" })");
  desk.connect();
  desk.say("EHLO a");
  EXPECT_EQ(desk.say("AUTH PLAIN " + Desk::plain("a", "b")), "535 5.7.8 Authentication credentials invalid\r\n");
  EXPECT_EQ(desk.waited, 2s);
  EXPECT_EQ(desk.say("AUTH PLAIN " + Desk::plain("a", "b")), "421 4.7.0 mx.test Error: too many failed logins\r\n");
  EXPECT_EQ(desk.ending, "orderly");
}

TEST(SmtpAuth, PasswordsOfApplicationsAndExpiredOnes) {
  Desk desk(
      "generic",
      R"({ "mailboxes": { "anna@zillum.test": { "password": "s3cret", "app_password": "app" }, "bert": { "password": "pw", "password_expired": true }, "carl": {} } })");
  auto login = [&](std::string_view user, std::string_view password) {
    desk.connect();
    desk.say("EHLO a");
    return desk.say("AUTH PLAIN " + Desk::plain(user, password)).substr(0, 9);
  };
  EXPECT_EQ(login("anna@zillum.test", "s3cret"), "534 5.7.9");
  EXPECT_EQ(login("anna@zillum.test", "x"), "535 5.7.8");
  EXPECT_EQ(login("anna@zillum.test", "app"), "235 2.7.0");
  EXPECT_EQ(login("bert", "pw"), "535 5.7.8");
  EXPECT_EQ(login("carl", ""), "535 5.7.8");
  ASSERT_TRUE(desk.change("set", R"({ "texts": { "auth_expired": "535 5.7.0 expired" } })"));
  EXPECT_EQ(login("bert", "pw"), "535 5.7.0");
  ASSERT_TRUE(desk.change("set_password", R"({ "mailbox": "bert", "password": "new" })"));
  EXPECT_EQ(login("bert", "new"), "235 2.7.0");
  EXPECT_EQ(login("bert", "pw"), "535 5.7.8");
  ASSERT_TRUE(desk.change("expire_password", R"({ "mailbox": "bert" })"));
  EXPECT_EQ(login("bert", "new"), "535 5.7.0");
}

TEST(SmtpLock, KindsAreToldToThosePasswordIsRight) {
  Desk desk;
  auto login = [&](std::string_view password = "s3cret") {
    desk.connect();
    desk.say("EHLO a");
    return desk.say("AUTH PLAIN " + Desk::plain("anna@zillum.test", password));
  };
  struct Row {
    std::string_view how, text;
  };
  for (const Row& row : {Row{"captcha", "534 5.7.14 Log in by a browser first, then try again\r\n"},
                         Row{"disabled", "535 5.7.8 SMTP is disabled for this account\r\n"},
                         Row{"temporary", "454 4.7.0 Temporary authentication failure\r\n"},
                         Row{"throttled", "454 4.7.0 Too many login attempts, please try again later\r\n"},
                         Row{"blocked", "235 2.7.0 Authentication successful\r\n"}}) {
    ASSERT_TRUE(desk.change("lock", R"({ "mailbox": "anna@zillum.test", "how": ")" + std::string(row.how) + "\" }"));
    EXPECT_EQ(login(), row.text);
    EXPECT_EQ(login("wrong"), "535 5.7.8 Authentication credentials invalid\r\n");
    EXPECT_EQ(desk.observed("mailboxes").find("anna@zillum.test")->find("locked")->boolean(), true);
  }
  desk.log_in(false);
  EXPECT_EQ(desk.send(), "550 5.7.1 Sending is blocked for this account\r\n");
  ASSERT_TRUE(desk.change("unlock", "{}"));
  desk.log_in(false);
  EXPECT_THAT(desk.send(), StartsWith("250 "));
  EXPECT_EQ(desk.observed("mailboxes").find("anna@zillum.test")->find("locked")->boolean(), false);
  ASSERT_TRUE(desk.change("lock", "{}"));
  EXPECT_EQ(login(), "535 5.7.8 SMTP is disabled for this account\r\n") << "the usual lock";
}

TEST(SmtpLock, MayEndByItself) {
  Desk desk;
  ASSERT_TRUE(desk.change("lock", R"({ "how": "temporary", "for": "1h" })"));
  auto locked = [&] { return desk.observed("mailboxes").find("anna@zillum.test")->find("locked")->boolean(); };
  desk.rig.calendar.advance(1h - 1ns);
  EXPECT_TRUE(locked());
  desk.rig.calendar.advance(1ns);
  EXPECT_FALSE(locked());
}

TEST(SmtpLock, ACaptchaOpensAWindow) {
  Desk desk("generic", R"({ "unlock_window": "10m" })");
  auto login = [&] {
    desk.log_in(false);
    return desk.say("MAIL FROM:<a@b>").starts_with("250");
  };
  ASSERT_TRUE(desk.change("lock", R"({ "how": "captcha" })"));
  ASSERT_TRUE(desk.change("unlock", "{}"));
  desk.rig.calendar.advance(10min);
  EXPECT_FALSE(login()) << "nobody logged in within the window";
  ASSERT_TRUE(desk.change("unlock", "{}"));
  desk.rig.calendar.advance(10min - 1ns);
  EXPECT_TRUE(login());
  desk.rig.calendar.advance(1h);
  EXPECT_TRUE(login()) << "unlocked for good by the login";
  ASSERT_TRUE(desk.change("lock", R"({ "how": "disabled" })"));
  ASSERT_TRUE(desk.change("unlock", "{}"));
  desk.rig.calendar.advance(1h);
  EXPECT_TRUE(login()) << "only a captcha has a window";
}

TEST(SmtpTls, StarttlsIsOfferedTakenAndForgetsWhatWasSaid) {
  Desk desk("generic", R"({ "tls": "starttls-required" })");
  desk.connect();
  EXPECT_EQ(desk.say("EHLO a"),
            "250-mx.test\r\n250-PIPELINING\r\n250-SIZE "
            "10240000\r\n250-STARTTLS\r\n250-ENHANCEDSTATUSCODES\r\n250-8BITMIME\r\n250 CHUNKING\r\n");
  for (std::string_view line :
       {"MAIL FROM:<a@b>", "AUTH PLAIN x", "RCPT TO:<a@b>", "DATA", "RSET", "VRFY x", "HELP", "BDAT 1 LAST"})
    EXPECT_EQ(desk.say(line), "530 5.7.0 Must issue a STARTTLS command first\r\n") << line;
  EXPECT_EQ(desk.say("NOOP"), "250 2.0.0 Ok\r\n");
  EXPECT_EQ(desk.say("STARTTLS now"), "501 5.5.4 Syntax error: nothing may follow this command\r\n");
  EXPECT_EQ(desk.say("STARTTLS"), "220 2.0.0 Ready to start TLS\r\n");
  EXPECT_TRUE(desk.starts_tls);
  EXPECT_EQ(desk.say("MAIL FROM:<a@b>"), "503 5.5.1 Say EHLO first\r\n") << "RFC 3207 section 4.2";
  EXPECT_EQ(desk.say("EHLO a"),
            "250-mx.test\r\n250-PIPELINING\r\n250-SIZE 10240000\r\n250-AUTH PLAIN "
            "LOGIN\r\n250-ENHANCEDSTATUSCODES\r\n250-8BITMIME\r\n250 CHUNKING\r\n");
  EXPECT_EQ(desk.say("STARTTLS"), "503 5.5.1 TLS is up already\r\n");
  desk.say("AUTH PLAIN " + good);
  EXPECT_THAT(desk.send(), StartsWith("250 "));
  EXPECT_EQ(desk.accepted("tls"), Value(true));
}

TEST(SmtpTls, WhatComesInClearBehindStarttlsIsDropped) {
  Desk desk("generic", R"({ "tls": "starttls" })");
  desk.connect();
  desk.say("EHLO a");
  EXPECT_EQ(desk.bytes("STARTTLS\r\nRSET\r\nNOOP\r\n"), "220 2.0.0 Ready to start TLS\r\n");
  EXPECT_EQ(desk.say("NOOP"), "250 2.0.0 Ok\r\n");
  EXPECT_EQ(desk.observed("commands").find("RSET")->integer(), 0);
}

TEST(SmtpTls, OptionalTlsAndAuth) {
  Desk desk("generic", R"({ "tls": "starttls" })");
  desk.connect();
  EXPECT_THAT(desk.say("EHLO a"), Not(HasSubstr("AUTH")));
  EXPECT_EQ(desk.say("AUTH PLAIN " + good),
            "538 5.7.11 Encryption required for requested authentication mechanism\r\n");
  EXPECT_EQ(desk.say("MAIL FROM:<a@b>"), "530 5.7.0 Authentication required\r\n");
  ASSERT_TRUE(desk.change("set", R"({ "auth_in_clear": true })"));
  EXPECT_THAT(desk.say("EHLO a"), HasSubstr("250-STARTTLS\r\n250-AUTH PLAIN LOGIN\r\n"));
  EXPECT_EQ(desk.say("AUTH PLAIN " + good), "235 2.7.0 Authentication successful\r\n");
  EXPECT_EQ(desk.say("STARTTLS"), "220 2.0.0 Ready to start TLS\r\n");
  desk.say("EHLO a");
  EXPECT_EQ(desk.say("MAIL FROM:<a@b>"), "530 5.7.0 Authentication required\r\n") << "the login was forgotten";
}

TEST(SmtpTls, ImplicitAndNone) {
  Desk implicit("generic", R"({ "tls": "implicit" })");
  implicit.connect(true);
  EXPECT_THAT(implicit.say("EHLO a"), HasSubstr("250-AUTH PLAIN LOGIN"));
  EXPECT_EQ(implicit.say("STARTTLS"), "503 5.5.1 TLS is up already\r\n");
  Desk none;
  none.connect();
  EXPECT_EQ(none.say("STARTTLS"), "502 5.5.1 STARTTLS is not offered\r\n");
  EXPECT_FALSE(none.starts_tls);
}

}  // namespace
}  // namespace mailrig::fakeservers::smtp
