#include "client/smtp/classify.h"

#include <gtest/gtest.h>

#include <set>

namespace mailrig::client {
namespace {

using enum SmtpTrouble;

struct Row {
  Step step;
  const char* wire;
  SmtpTrouble trouble;
};

SmtpReply read(std::string_view wire) {
  SmtpReplyReader reader;
  reader.feed(wire);
  return **reader.take();
}

// What providers really send: the tables of docs/personalities.md for Gmail, Office 365, Zoho, and generic servers.
constexpr Row rows[] = {
    // Gmail
    {Step::mail, "530 5.7.0 Must issue a STARTTLS command first. x - gsmtp\r\n", encryption},
    {Step::mail,
     "530-5.5.1 Authentication Required. Learn more at\r\n"
     "530 5.5.1 https://support.google.com/mail/?p=WantAuthError x - gsmtp\r\n",
     no_login},
    {Step::login,
     "535-5.7.8 Username and Password not accepted. Learn more at\r\n"
     "535 5.7.8  https://support.google.com/mail/?p=BadCredentials x - gsmtp\r\n",
     authentication},
    {Step::login,
     "534-5.7.9 Application-specific password required. For more information, go to\r\n"
     "534 5.7.9  https://support.google.com/mail/?p=InvalidSecondFactor x - gsmtp\r\n",
     authentication},
    {Step::login,
     "534-5.7.14 <https://accounts.google.com/signin/continue?x>\r\n"
     "534-5.7.14 Please log in via your web browser and then try again.\r\n"
     "534-5.7.14 Learn more at\r\n534 5.7.14  https://support.google.com/mail/answer/78754 x - gsmtp\r\n",
     web_login},
    {Step::login, "534 5.7.14 <https://accounts.google.com/signin/continue?x>\r\n", web_login},
    {Step::login,
     "534-5.7.9 Please log in with your web browser and then try again. Learn more at\r\n"
     "534 5.7.9  https://support.google.com/mail/?p=WebLoginRequired x - gsmtp\r\n",
     web_login},
    {Step::login, "454 4.7.0 Too many login attempts, please try again later. x - gsmtp\r\n", temporary},
    {Step::login, "454 4.7.0 Cannot authenticate due to a temporary system problem. Try again later.\r\n", temporary},
    {Step::mail, "421 4.3.0 Temporary System Problem.  Try again later (10). x - gsmtp\r\n", temporary},
    {Step::greeting, "421 4.7.0 Try again later, closing connection.\r\n", temporary},
    {Step::data, "550 5.4.5 Daily user sending quota exceeded. x - gsmtp\r\n", daily_limit},
    {Step::mail, "550 5.4.5 Daily sending quota exceeded.\r\n", daily_limit},
    {Step::recipient, "452 4.5.3 Your message has too many recipients.\r\n", temporary},
    {Step::data,
     "552-5.2.3 Your message exceeded Google's message size limits. Please visit\r\n"
     "552 5.2.3 https://support.google.com/mail/?p=MaxSizeError x - gsmtp\r\n",
     permanent},
    {Step::data,
     "552-5.7.0 This message was blocked because its content presents a potential\r\n552 5.7.0 security issue.\r\n",
     permanent},
    {Step::recipient, "452 4.2.2 The email account that you tried to reach is over quota.\r\n", temporary},
    {Step::recipient, "552 5.2.2 x: user is overquota\r\n", permanent},
    {Step::recipient, "450 4.2.1 The user you are trying to contact is receiving mail at a rate\r\n", temporary},
    {Step::login, "504 5.7.4 Unrecognized Authentication Type x - gsmtp\r\n", no_mechanism},
    {Step::hello, "501-5.5.4 HELO/EHLO argument is invalid\r\n501 5.5.4 x\r\n", permanent},
    // Exchange, Office 365
    {Step::login, "535 5.7.3 Authentication unsuccessful [MN2PR13CA0005.namprd13.prod.outlook.com]\r\n",
     authentication},
    {Step::login,
     "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant. "
     "Visit https://aka.ms/smtp_auth_disabled for more information.\r\n",
     no_login},
    {Step::login, "535 5.7.30 Basic authentication is not supported for Client Submission.\r\n", no_login},
    {Step::mail,
     "530 5.7.57 SMTP; Client was not authenticated to send anonymous mail during MAIL FROM [x.prod.outlook.com]\r\n",
     no_login},
    {Step::mail, "530 5.7.1 Client was not authenticated\r\n", no_login},
    {Step::data, "554 5.6.0 Invalid message content, contains bare linefeeds\r\n", permanent},
    {Step::mail, "503 5.5.1 Bad sequence of commands\r\n", permanent},
    {Step::mail, "421 4.4.1 Connection timed out\r\n", temporary},
    {Step::mail, "550 5.7.1 Client does not have permissions to send as this sender\r\n", permanent},
    {Step::data, "554 5.2.252 SendAsDenied; x\r\n", permanent},
    {Step::data, "432 4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded\r\n", temporary},
    {Step::mail, "421 4.4.2 Message submission rate for this client has exceeded the configured limit\r\n", temporary},
    {Step::mail, "451 4.7.500 Server busy. Please try again later from [1.2.3.4]. (AS77712344)\r\n", temporary},
    // Zoho
    {Step::login, "535 Authentication Failed\r\n", authentication},
    {Step::data, "553 Relaying disallowed as anna@zillum.test\r\n", permanent},
    {Step::data,
     "550 5.4.6 Unusual sending activity detected. <a href=https://www.zoho.com/x target=_blank>Learn more.</a>\r\n",
     daily_limit},
    // Others
    {Step::data, "554 5.4.6 Too many hops 51 (50 max): from anna@zillum.test\r\n", permanent},
    {Step::data, "554 5.4.6 Routing loop detected\r\n", permanent},
    {Step::data, "450 4.4.5 try later\r\n", temporary},
    {Step::recipient, "450 4.2.0 <x@y>: Recipient address rejected: Greylisted, see http://x\r\n", temporary},
    {Step::data, "451 4.7.1 Try again later\r\n", temporary},
    {Step::mail, "421 4.7.0 h Error: too many errors\r\n", temporary},
    {Step::login, "535 Incorrect authentication data\r\n", authentication},
    {Step::login, "535 Login Fail. Please enter your authorization code to login.\r\n", authentication},
    {Step::login, "504 PLAIN authentication is not permitted by this server.\r\n", no_mechanism},
    {Step::login, "500 what?\r\n", no_mechanism},
    {Step::login, "502 5.5.1 Error: command not implemented\r\n", no_mechanism},
    {Step::login, "534 5.7.1 Authentication mechanism is too weak\r\n", no_mechanism},
    {Step::login, "534 Authentication mechanism is too weak\r\n", no_mechanism},
    {Step::login, "503 5.5.1 Error: authentication not enabled\r\n", permanent},
    {Step::login, "501 5.5.2 Cannot decode\r\n", authentication},
    {Step::login, "538 5.7.11 Encryption required for requested authentication mechanism\r\n", encryption},
    {Step::login, "530 5.7.0 Must issue a STARTTLS command first\r\n", encryption},
    {Step::mail, "538 5.7.11 Encryption required\r\n", encryption},
    {Step::mail, "534 5.7.14 Please log in via your web browser\r\n", web_login},
    {Step::mail, "535 5.7.8 not logged in\r\n", authentication},
    {Step::recipient, "554 5.7.1 <x>: Relay access denied\r\n", permanent},
    {Step::recipient, "454 4.7.1 <x>: Relay access denied\r\n", temporary},
    {Step::greeting, "554 h ESMTP not accepting connections\r\n", permanent},
    {Step::greeting, "221 h closing\r\n", temporary},
    {Step::mail, "552 5.3.4 Message size exceeds fixed maximum message size\r\n", permanent},
    {Step::tls, "454 4.7.0 TLS not available due to local problem\r\n", temporary},
    {Step::tls, "502 no\r\n", permanent},
};

TEST(SmtpClassify, WhatProvidersReallySend) {
  for (const Row& row : rows) EXPECT_EQ(classify(row.step, read(row.wire)), row.trouble) << row.wire;
}

TEST(SmtpClassify, EachTroubleHasAdviceOfItsOwn) {
  std::set<std::string> all;
  for (SmtpTrouble trouble :
       {temporary, permanent, authentication, no_login, no_mechanism, web_login, daily_limit, encryption})
    all.insert(advice(trouble));
  EXPECT_EQ(all.size(), 8U);
  EXPECT_FALSE(all.contains(""));
}

TEST(SmtpClassify, AdviceSpeaksOfThePasswordOnlyWhereOneWasJudged) {
  for (SmtpTrouble trouble : {temporary, permanent, no_login, no_mechanism, daily_limit, encryption})
    EXPECT_EQ(advice(trouble).find("password"), std::string::npos) << advice(trouble);
  EXPECT_NE(advice(no_mechanism).find("no login mechanism in common"), std::string::npos);
}

TEST(SmtpClassify, AdviceRepeatsThePageThatTheServerNames) {
  EXPECT_EQ(advice(permanent, "550 no. See <https://help.test/a?b=1>."),
            "Sending it again unchanged will not help. The server names this page: https://help.test/a?b=1");
  EXPECT_EQ(advice(permanent, "550 no, see http://help.test/a, or do not."),
            "Sending it again unchanged will not help. The server names this page: http://help.test/a");
  EXPECT_EQ(advice(permanent, "550 no https"), "Sending it again unchanged will not help.");
  EXPECT_EQ(
      advice(daily_limit, "550 5.4.6 Unusual sending activity detected. Unblock: https://mail.zoho.com/UnblockMe"),
      "The provider has blocked sending for now: lift the block there; it is tried again within a day. The server "
      "names this page: https://mail.zoho.com/UnblockMe");
}

}  // namespace
}  // namespace mailrig::client
