// What each provider says, as docs/personalities-smtp-crm.md quotes it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakeservers/testing/smtp_desk.h"

namespace mailrig::fakeservers::smtp {
namespace {

using ::testing::MatchesRegex;
using ::testing::StartsWith;

// Gmail's session token, which stands for "<token>".
std::string gmail(std::string_view text) {
  std::string pattern;
  for (char c : text) {
    if (std::string_view(".?[]()+*").find(c) != std::string_view::npos) pattern += '\\';
    pattern += c;
  }
  for (std::size_t at = pattern.find("<token>"); at != std::string::npos; at = pattern.find("<token>", at))
    pattern.replace(at, 7, "[a-z0-9.]+");
  return pattern;
}

struct Gmail : Desk {
  explicit Gmail(std::string_view settings = "{}") : Desk("gmail", settings) {}
  void upgrade() {
    connect();
    say("EHLO client.test");
    say("STARTTLS");
    say("EHLO client.test");
  }
  std::string login(std::string_view password = "s3cret") {
    upgrade();
    return say("AUTH PLAIN " + plain("anna@zillum.test", password));
  }
};

TEST(SmtpGmail, GreetsAndUpgrades) {
  Gmail desk;
  EXPECT_THAT(desk.connect(), MatchesRegex(gmail("220 smtp.gmail.com ESMTP <token> - gsmtp\r\n")));
  EXPECT_EQ(desk.say("EHLO client.test"),
            "250-smtp.gmail.com at your service, [127.0.0.1]\r\n250-SIZE "
            "35882577\r\n250-8BITMIME\r\n250-STARTTLS\r\n250-ENHANCEDSTATUSCODES\r\n250-PIPELINING\r\n250-"
            "CHUNKING\r\n250 SMTPUTF8\r\n");
  EXPECT_THAT(desk.say("MAIL FROM:<anna@zillum.test>"),
              MatchesRegex(gmail("530 5.7.0 Must issue a STARTTLS command first. <token> - gsmtp\r\n")));
  EXPECT_EQ(desk.say("STARTTLS"), "220 2.0.0 Ready to start TLS\r\n");
  EXPECT_EQ(desk.say("EHLO client.test"),
            "250-smtp.gmail.com at your service, [127.0.0.1]\r\n250-SIZE 35882577\r\n250-8BITMIME\r\n250-AUTH LOGIN "
            "PLAIN XOAUTH2 PLAIN-CLIENTTOKEN OAUTHBEARER "
            "XOAUTH\r\n250-ENHANCEDSTATUSCODES\r\n250-PIPELINING\r\n250-CHUNKING\r\n250 SMTPUTF8\r\n");
  EXPECT_THAT(desk.say("MAIL FROM:<anna@zillum.test>"),
              MatchesRegex(gmail("530-5.5.1 Authentication Required. Learn more at\r\n530 5.5.1 "
                                 "https://support.google.com/mail/?p=WantAuthError <token> - gsmtp\r\n")));
}

TEST(SmtpGmail, RefusesLoginsByManyLines) {
  Gmail desk;
  EXPECT_THAT(desk.login("wrong"),
              MatchesRegex(gmail("535-5.7.8 Username and Password not accepted. Learn more at\r\n535 5.7.8  "
                                 "https://support.google.com/mail/?p=BadCredentials <token> - gsmtp\r\n")));
  ASSERT_TRUE(desk.change("lock", "{}"));
  EXPECT_THAT(desk.login(),
              MatchesRegex(gmail(
                  "534-5.7.14 <https://accounts.google.com/signin/continue?sarp=1&scc=1&plt=<token>>\r\n534-5.7.14 "
                  "Please log in via your web browser and then try again.\r\n534-5.7.14 Learn more at\r\n534 5.7.14  "
                  "https://support.google.com/mail/answer/78754 <token> - gsmtp\r\n")));
  ASSERT_TRUE(desk.change("lock", R"({ "how": "disabled" })"));
  EXPECT_THAT(
      desk.login(),
      MatchesRegex(gmail("534-5.7.9 Please log in with your web browser and then try again. Learn more at\r\n534 5.7.9 "
                         " https://support.google.com/mail/?p=WebLoginRequired <token> - gsmtp\r\n")));
  ASSERT_TRUE(desk.change("lock", R"({ "how": "throttled" })"));
  EXPECT_THAT(desk.login(),
              MatchesRegex(gmail("454 4.7.0 Too many login attempts, please try again later. <token> - gsmtp\r\n")));
  ASSERT_TRUE(desk.change("lock", R"({ "how": "temporary" })"));
  EXPECT_THAT(desk.login(),
              StartsWith("454 4.7.0 Cannot authenticate due to a temporary system problem. Try again later."));
  Gmail two_step(R"({ "mailboxes": { "anna@zillum.test": { "app_password": "app" } } })");
  EXPECT_THAT(two_step.login(),
              MatchesRegex(gmail("534-5.7.9 Application-specific password required. For more information, go to\r\n534 "
                                 "5.7.9  https://support.google.com/mail/?p=InvalidSecondFactor <token> - gsmtp\r\n")));
  desk.upgrade();
  EXPECT_THAT(desk.say("AUTH CRAM-MD5"),
              MatchesRegex(gmail("504 5.7.4 Unrecognized Authentication Type <token> - gsmtp\r\n")));
}

TEST(SmtpGmail, UnlockedByCaptchaForTenMinutes) {
  Gmail desk;
  ASSERT_TRUE(desk.change("lock", "{}"));
  ASSERT_TRUE(desk.change("unlock", "{}"));
  desk.rig.calendar.advance(10min);
  EXPECT_THAT(desk.login(), StartsWith("534-5.7.14"));
  ASSERT_TRUE(desk.change("unlock", "{}"));
  EXPECT_EQ(desk.login(), "235 2.7.0 Accepted\r\n");
}

TEST(SmtpGmail, RecentModeIsNoSmtpUser) {
  Gmail desk;
  desk.upgrade();
  EXPECT_THAT(desk.say("AUTH PLAIN " + Desk::plain("recent:anna@zillum.test", "s3cret")), StartsWith("535-5.7.8"));
}

TEST(SmtpGmail, TakesAMessageAndMakesItsFromTheUsers) {
  Gmail desk;
  desk.login();
  EXPECT_THAT(desk.say("MAIL FROM:<other@elsewhere.test>"), MatchesRegex(gmail("250 2.1.0 OK <token> - gsmtp\r\n")));
  EXPECT_THAT(desk.say("RCPT TO:<b@c.test>"), MatchesRegex(gmail("250 2.1.5 OK <token> - gsmtp\r\n")));
  EXPECT_THAT(desk.say("DATA"), MatchesRegex(gmail("354  Go ahead <token> - gsmtp\r\n")));
  EXPECT_THAT(desk.bytes("From: Other <other@elsewhere.test>\r\n\r\nx\r\n.\r\n"),
              MatchesRegex("250 2\\.0\\.0 OK [0-9]{14} [a-z0-9.]+ - gsmtp\r\n"));
  EXPECT_EQ(desk.accepted("header"), Value("From: Other <anna@zillum.test>\r\n"));
  EXPECT_THAT(desk.say("QUIT"), MatchesRegex(gmail("221 2.0.0 closing connection <token> - gsmtp\r\n")));
}

TEST(SmtpGmail, TheDaysQuotaIsToldAfterTheMessage) {
  Gmail desk(R"({ "daily_quota": 1 })");
  desk.login();
  desk.send();
  EXPECT_THAT(desk.send(), MatchesRegex(gmail("550 5.4.5 Daily user sending quota exceeded. <token> - gsmtp\r\n")));
}

TEST(SmtpGmail, SizeIsToldInTwoLines) {
  Gmail desk;
  desk.login();
  EXPECT_THAT(desk.say("MAIL FROM:<a@b> SIZE=35882578"),
              MatchesRegex(gmail("552-5.2.3 Your message exceeded Google's message size limits. Please visit\r\n552 "
                                 "5.2.3 https://support.google.com/mail/?p=MaxSizeError <token> - gsmtp\r\n")));
  EXPECT_THAT(desk.say("MAIL FROM:<a@b> SIZE=35882577"), StartsWith("250"));
}

TEST(SmtpGmail, TokensDifferFromConnectionToConnectionAndNotFromRunToRun) {
  Gmail a, b;
  std::string first = a.connect();
  EXPECT_EQ(first, b.connect());
  EXPECT_NE(first, a.connect());
}

struct Office : Desk {
  explicit Office(std::string_view settings = "{}") : Desk("office365", settings) {}
  std::string login(std::string_view password = "s3cret") {
    connect();
    say("EHLO client.test");
    say("STARTTLS");
    say("EHLO client.test");
    say("AUTH LOGIN");
    say(to_base64("anna@zillum.test"));
    return say(to_base64(password));
  }
};

TEST(SmtpOffice365, GreetsAndUpgrades) {
  Office desk;
  EXPECT_EQ(desk.connect(),
            "220 AM3PR05CA0094.outlook.office365.com Microsoft ESMTP MAIL Service ready at Mon, 2 Jun 2014 09:00:00 "
            "+0000\r\n");
  EXPECT_EQ(desk.say("EHLO client.test"),
            "250-AM3PR05CA0094.outlook.office365.com Hello [127.0.0.1]\r\n250-SIZE "
            "157286400\r\n250-PIPELINING\r\n250-DSN\r\n250-ENHANCEDSTATUSCODES\r\n250-STARTTLS\r\n250-8BITMIME\r\n250-"
            "BINARYMIME\r\n250-CHUNKING\r\n250 SMTPUTF8\r\n");
  EXPECT_EQ(desk.say("STARTTLS"), "220 2.0.0 SMTP server ready\r\n");
  EXPECT_EQ(desk.say("EHLO client.test"),
            "250-AM3PR05CA0094.outlook.office365.com Hello [127.0.0.1]\r\n250-SIZE "
            "157286400\r\n250-PIPELINING\r\n250-DSN\r\n250-ENHANCEDSTATUSCODES\r\n250-AUTH LOGIN "
            "XOAUTH2\r\n250-8BITMIME\r\n250-BINARYMIME\r\n250-CHUNKING\r\n250 SMTPUTF8\r\n");
  EXPECT_EQ(desk.say("AUTH PLAIN " + Desk::plain("anna@zillum.test", "s3cret")),
            "504 5.7.4 Unrecognized authentication type\r\n");
  EXPECT_EQ(desk.say("MAIL FROM:<a@b>"),
            "530 5.7.57 SMTP; Client was not authenticated to send anonymous mail during MAIL FROM "
            "[MN2PR13CA0005.namprd13.prod.outlook.com]\r\n");
}

TEST(SmtpOffice365, RefusesLogins) {
  Office desk;
  EXPECT_EQ(desk.login("wrong"), "535 5.7.3 Authentication unsuccessful [MN2PR13CA0005.namprd13.prod.outlook.com]\r\n");
  ASSERT_TRUE(desk.change("lock", "{}"));
  EXPECT_EQ(desk.login(),
            "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant. Visit "
            "https://aka.ms/smtp_auth_disabled for more information. [MN2PR13CA0005.namprd13.prod.outlook.com]\r\n");
  ASSERT_TRUE(desk.change("lock", R"({ "how": "captcha" })"));
  EXPECT_EQ(desk.login(),
            "535 5.7.139 Authentication unsuccessful, the request did not meet the criteria to be authenticated "
            "successfully. Contact your administrator. [MN2PR13CA0005.namprd13.prod.outlook.com]\r\n");
}

TEST(SmtpOffice365, RefusesForeignSendersBareLineFeedsAndHaste) {
  Office desk;
  desk.login();
  EXPECT_EQ(desk.send("x\r\n", "other@zillum.test"),
            "550 5.7.60 SMTP; Client does not have permissions to send as this sender\r\n");
  EXPECT_EQ(desk.send("a\nb\r\n"), "554 5.6.0 Invalid message content, contains bare linefeeds\r\n");
  EXPECT_THAT(desk.send("Message-ID: <m@x>\r\n\r\nx\r\n"),
              MatchesRegex("250 2\\.6\\.0 <m@x> \\[InternalId=[0-9]{14}, "
                           "Hostname=MN2PR13CA0005\\.namprd13\\.prod\\.outlook\\.com\\] Queued mail for delivery\r\n"));
  EXPECT_THAT(desk.send("x\r\n"), MatchesRegex("250 2\\.6\\.0 <[0-9a-f]{10}@mx\\.test> \\[InternalId=.*"));
  for (int i = 0; i < 28; ++i) EXPECT_THAT(desk.send("x\r\n"), StartsWith("250 2.6.0"));
  EXPECT_EQ(desk.say("MAIL FROM:<anna@zillum.test>"),
            "421 4.4.2 Message submission rate for this client has exceeded the configured limit\r\n");
  EXPECT_EQ(desk.ending, "orderly");
}

TEST(SmtpOffice365, ThreeConnectionsSendAtATime) {
  Office desk;
  std::vector<std::unique_ptr<mailrig::Session>> open;
  for (int i = 0; i < 3; ++i) {
    desk.login();
    EXPECT_THAT(desk.send(), StartsWith("250"));
    open.push_back(std::move(desk.session));
  }
  desk.login();
  EXPECT_EQ(desk.send(), "432 4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded\r\n");
}

struct Zoho : Desk {
  explicit Zoho(std::string_view settings = "{}") : Desk("zoho", settings) {}
  std::string login(std::string_view password = "s3cret") {
    connect();
    say("EHLO client.test");
    say("STARTTLS");
    say("EHLO client.test");
    return say("AUTH PLAIN " + plain("anna@zillum.test", password));
  }
};

TEST(SmtpZoho, GreetsWithADateOfItsOwn) {
  Zoho desk;
  EXPECT_EQ(desk.connect(), "220 mx.zohomail.com SMTP Server ready June 2, 2014 01:00:00 AM PST\r\n");
  desk.rig.calendar.advance(15h + 30min);
  EXPECT_EQ(desk.connect(), "220 mx.zohomail.com SMTP Server ready June 2, 2014 04:30:00 PM PST\r\n");
  desk.rig.calendar.advance(7h + 30min);
  EXPECT_EQ(desk.connect(), "220 mx.zohomail.com SMTP Server ready June 3, 2014 12:00:00 AM PST\r\n");
  desk.rig.calendar.advance(12h);
  EXPECT_EQ(desk.connect(), "220 mx.zohomail.com SMTP Server ready June 3, 2014 12:00:00 PM PST\r\n");
  EXPECT_EQ(desk.say("EHLO client.test"),
            "250-mx.zohomail.com Hello client.test (client.test (127.0.0.1))\r\n250-STARTTLS\r\n250 SIZE 53477376\r\n");
  EXPECT_EQ(desk.say("STARTTLS"), "220 Ready to start TLS.\r\n");
  EXPECT_EQ(desk.say("EHLO client.test"),
            "250-mx.zohomail.com Hello client.test (client.test (127.0.0.1))\r\n250-AUTH LOGIN PLAIN\r\n250 SIZE "
            "53477376\r\n");
}

TEST(SmtpZoho, RelaysNothingAndTellsItAfterTheDot) {
  Zoho desk;
  EXPECT_EQ(desk.login("wrong"), "535 Authentication Failed\r\n");
  EXPECT_EQ(desk.login(), "235 Authentication Successful\r\n");
  EXPECT_EQ(desk.say("MAIL FROM:<stranger@elsewhere.test>"), "250 Sender <stranger@elsewhere.test> OK\r\n");
  EXPECT_EQ(desk.say("RCPT TO:<b@c.test>"), "250 Recipient <b@c.test> OK\r\n");
  desk.say("DATA");
  EXPECT_EQ(desk.bytes("x\r\n.\r\n"), "553 Relaying disallowed as stranger@elsewhere.test\r\n");
  EXPECT_EQ(desk.accepted_count(), 0U);
}

TEST(SmtpZoho, SendsOnBehalfOfOutsideAddresses) {
  Zoho desk(R"({ "mailboxes": { "anna@zillum.test": { "aliases": ["anna@outside.test", "a2@zillum.test"] } } })");
  desk.login();
  EXPECT_THAT(desk.send("From: Anna <anna@outside.test>\r\n\r\nx\r\n", "anna@outside.test"), StartsWith("250"));
  EXPECT_EQ(desk.accepted("header"), Value("From: Anna <anna@outside.test>\r\nSender: anna@zillum.test\r\n"));
  EXPECT_EQ(desk.accepted("headers").find("From")->text(), "Anna <anna@outside.test>");
  desk.send("From: a2@zillum.test\r\n\r\nx\r\n", "a2@zillum.test");
  EXPECT_EQ(desk.accepted("header", 1), Value("From: a2@zillum.test\r\n"));
}

TEST(SmtpZoho, BlocksWithHtmlInTheReply) {
  Zoho desk;
  ASSERT_TRUE(desk.change("lock", "{}"));
  EXPECT_EQ(desk.login(), "235 Authentication Successful\r\n");
  EXPECT_EQ(desk.send(),
            "550 5.4.6 Unusual sending activity detected. <a href=https://www.zoho.com/mail/help/usage-policy.html "
            "target=_blank>Learn more.</a> To unblock <a href=https://mail.zoho.com/UnblockMe target=_blank>Click "
            "here.</a>\r\n");
}

TEST(SmtpZoho, HasADailyLimit) {
  Zoho desk(R"({ "daily_quota": 1 })");
  desk.login();
  desk.send();
  EXPECT_EQ(desk.send(), "550 5.4.5 Daily sending quota exceeded.\r\n");
}

TEST(SmtpPersonalities, AllHaveEveryTextAndNoneAReplyWithoutACode) {
  for (const std::string& name : personality_names("smtp")) {
    Value personality = *resolve_personality("smtp", name);
    const Value* texts = personality.find("texts");
    for (const TextKey& key : smtp_texts()) {
      const Value* text = texts->find(key.name);
      if (key.name == "auth_expired" || key.name == "auth_token_refused") continue;  // may be left out, or have no code
      ASSERT_NE(text, nullptr) << name << ' ' << key.name;
      if (key.name == "ehlo") continue;
      Value::List lines = text->is(Value::Kind::list) ? text->items() : Value::List{*text};
      for (std::size_t i = 0; i < lines.size(); ++i)
        EXPECT_THAT(lines[i].text(),
                    MatchesRegex(i + 1 == lines.size() ? "[2345][0-9][0-9] .*" : "[2345][0-9][0-9]-.*"))
            << name << ' ' << key.name;
    }
  }
}

TEST(SmtpPersonalities, EveryReplyOfGmailEndsInItsTail) {
  // Those that real logs show without: STARTTLS, HELO, and what ends a login well or asks for more.
  Value personality = *resolve_personality("smtp", Value("gmail"));
  for (const auto& [key, text] : personality.find("texts")->entries()) {
    if (key == "starttls" || key == "auth" || key == "ehlo" || key == "helo" || key.starts_with("auth_prompt") ||
        key == "auth_token_refused" || key == "early")
      continue;
    std::string last = text.is(Value::Kind::list) ? text.items().back().text() : text.text();
    EXPECT_THAT(last, ::testing::EndsWith("{token} - gsmtp")) << key;
  }
}

// A server of the house names neither a tenant nor an inner server.
TEST(SmtpExchange2013, SpeaksAsOffice365DoesWithoutTheCloud) {
  Desk desk("exchange2013");
  EXPECT_EQ(desk.connect(), "220 mx.test Microsoft ESMTP MAIL Service ready at Mon, 2 Jun 2014 09:00:00 +0000\r\n");
  EXPECT_EQ(desk.say("EHLO client.test"),
            "250-mx.test Hello [127.0.0.1]\r\n250-SIZE 36700160\r\n250-PIPELINING\r\n250-DSN\r\n"
            "250-ENHANCEDSTATUSCODES\r\n250-STARTTLS\r\n250-8BITMIME\r\n250-BINARYMIME\r\n250 CHUNKING\r\n");
  EXPECT_EQ(desk.say("MAIL FROM:<anna@zillum.test>"), "530 5.7.1 Client was not authenticated\r\n");
  desk.connect(true);
  desk.say("EHLO client.test");
  EXPECT_EQ(desk.say("AUTH PLAIN AGFubmEAcHc="), "504 5.7.4 Unrecognized authentication type\r\n");
  desk.say("AUTH LOGIN");
  desk.say("YW5uYUB6aWxsdW0udGVzdA==");
  EXPECT_EQ(desk.say("d3Jvbmc="), "535 5.7.3 Authentication unsuccessful\r\n");
  desk.say("AUTH LOGIN");
  desk.say("YW5uYUB6aWxsdW0udGVzdA==");
  EXPECT_EQ(desk.say("czNjcmV0"), "235 2.7.0 Authentication successful\r\n");
  desk.say("MAIL FROM:<carl@zillum.test>");
  desk.say("RCPT TO:<bert@customer.test>");
  desk.say("DATA");
  EXPECT_EQ(desk.bytes("From: carl@zillum.test\r\n\r\nx\r\n.\r\n"),
            "550 5.7.1 Client does not have permissions to send as this sender\r\n");
}

}  // namespace
}  // namespace mailrig::fakeservers::smtp
