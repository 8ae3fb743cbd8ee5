#include "fakeservers/smtp/session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakeservers/testing/smtp_desk.h"
#include "net/testing/script.h"

namespace mailrig::fakeservers::smtp {
namespace {

using mailrig::testing::Script;
using mailrig::testing::Tests;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

/// A fresh server for each play, kept alive beside its session.
Script::Make fresh(std::string_view settings = "{}", bool tls = false) {
  auto desk = std::make_shared<std::unique_ptr<Desk>>();
  return [desk, text = std::string(settings), tls] {
    *desk = std::make_unique<Desk>("generic", text);
    return (*desk)->server().open({.connection = "out#1", .number = 1, .peer = "127.0.0.1:40001", .tls = tls});
  };
}

constexpr std::string_view ehlo_lines =
    "250-mx.test\r\n250-PIPELINING\r\n250-SIZE 10240000\r\n250-AUTH PLAIN "
    "LOGIN\r\n250-ENHANCEDSTATUSCODES\r\n250-8BITMIME\r\n250 CHUNKING\r\n";

Script whole_dialogue() {
  return Script{Tests::server}
      .server("220 mx.test ESMTP")
      .client("EHLO client.test")
      .at(Step::none)
      .server_bytes(std::string(ehlo_lines))
      .client("AUTH PLAIN " + Desk::plain("anna@zillum.test", "s3cret"))
      .server("235 2.7.0 Authentication successful")
      .client("MAIL FROM:<anna@zillum.test> SIZE=30 BODY=8BITMIME")
      .server("250 2.1.0 Ok")
      .client("RCPT TO:<bert@customer.test>")
      .server("250 2.1.5 Ok")
      .client("DATA")
      .server("354 End data with <CR><LF>.<CR><LF>");
}

TEST(SmtpSession, AWholeDialogueAtEverySplit) {
  std::string id = "<unknown>";
  {
    Desk desk;
    desk.log_in(false);
    std::string accepted = desk.send();
    id = accepted.substr(accepted.rfind(' ') + 1, 10);
    EXPECT_EQ(accepted, "250 2.0.0 Ok: queued as " + id + "\r\n");
  }
  EXPECT_EQ(whole_dialogue()
                .client_bytes("Subject: x\r\n\r\n..\r\nhello\r\n.\r\n")
                .server("250 2.0.0 Ok: queued as " + id)
                .client("QUIT")
                .server("221 2.0.0 Bye")
                .then_done()
                .at_every_split(fresh()),
            "");
}

TEST(SmtpSession, EveryFailureEndsIt) {
  EXPECT_EQ(Script{Tests::server}
                .server("220 mx.test ESMTP")
                .client("NOOP")
                .server("250 2.0.0 Ok")
                .client("QUIT")
                .server("221 2.0.0 Bye")
                .then_done()
                .at_every_split(fresh()),
            "");
  for (Errc code : {Errc::reset, Errc::end_of_stream, Errc::truncated, Errc::cancelled})
    EXPECT_EQ(whole_dialogue().fails(code).then_fails(code).at_every_split(fresh()), "");
}

TEST(SmtpSession, PipelinedCommandsAreAnsweredInTheirOrder) {
  EXPECT_EQ(Script{Tests::server}
                .server("220 mx.test ESMTP")
                .client("EHLO client.test")
                .server_bytes(std::string(ehlo_lines))
                .client("AUTH PLAIN " + Desk::plain("anna@zillum.test", "s3cret"))
                .server("235 2.7.0 Authentication successful")
                .pipelined("MAIL FROM:<anna@zillum.test>\r\nRCPT TO:<b@c.test>\r\nRCPT TO:nobody\r\nRSET\r\nQUIT\r\n")
                .server_bytes("250 2.1.0 Ok\r\n250 2.1.5 Ok\r\n501 5.1.3 Bad recipient address syntax\r\n250 2.0.0 "
                              "Ok\r\n221 2.0.0 Bye\r\n")
                .then_done()
                .at_every_split(fresh()),
            "");
}

TEST(SmtpSession, WhatIsAcceptedIsKeptAsSent) {
  Desk desk;
  desk.log_in(false);
  desk.say("MAIL FROM:<anna@zillum.test>");
  desk.say("RCPT TO:<bert@customer.test>");
  desk.say("RCPT TO:<@relay.test:Carl@Customer.test>");
  desk.say("DATA");
  desk.bytes("Subject: x\r\nX: 1\r\nX: 2\r\nFrom: Anna\r\n <anna@zillum.test>\r\n\r\n..dot\r\n.\r\n");
  ASSERT_EQ(desk.accepted_count(), 1U);
  EXPECT_EQ(desk.accepted("from"), Value("anna@zillum.test"));
  EXPECT_EQ(to_json(desk.accepted("recipients")), R"(["bert@customer.test", "Carl@Customer.test"])");
  EXPECT_EQ(desk.accepted("raw"),
            Value("Subject: x\r\nX: 1\r\nX: 2\r\nFrom: Anna\r\n <anna@zillum.test>\r\n\r\n.dot\r\n"));
  EXPECT_EQ(desk.accepted("octets"), Value(65));
  EXPECT_EQ(desk.accepted("header"), Value("Subject: x\r\nX: 1\r\nX: 2\r\nFrom: Anna\r\n <anna@zillum.test>\r\n"));
  EXPECT_EQ(desk.accepted("body"), Value(".dot\r\n"));
  EXPECT_EQ(desk.accepted("user"), Value("anna@zillum.test"));
  EXPECT_EQ(desk.accepted("tls"), Value(false));
  EXPECT_EQ(to_json(desk.accepted("headers")),
            R"({"Subject": "x", "X": ["1", "2"], "From": "Anna <anna@zillum.test>"})");
  EXPECT_THAT(desk.observer.accepted,
              ElementsAre("out#1 Subject: x\r\nX: 1\r\nX: 2\r\nFrom: Anna\r\n <anna@zillum.test>\r\n\r\n.dot\r\n"));
}

TEST(SmtpSession, TheTranscriptHasNoSecretAndNoBody) {
  Desk desk;
  desk.log_in(false);
  desk.send("Subject: secret offer\r\n\r\nhello\r\n");
  desk.say("QUIT");
  EXPECT_THAT(
      desk.rig.lines(),
      ElementsAre("S: 220 mx.test ESMTP", "C: EHLO client.test", "S: 250-mx.test", "S: 250-PIPELINING",
                  "S: 250-SIZE 10240000", "S: 250-AUTH PLAIN LOGIN", "S: 250-ENHANCEDSTATUSCODES", "S: 250-8BITMIME",
                  "S: 250 CHUNKING", "C: AUTH PLAIN <credentials>", "S: 235 2.7.0 Authentication successful",
                  "C: MAIL FROM:<anna@zillum.test>", "S: 250 2.1.0 Ok", "C: RCPT TO:<bert@customer.test>",
                  "S: 250 2.1.5 Ok", "C: DATA", "S: 354 End data with <CR><LF>.<CR><LF>",
                  StartsWith("C: <32 octets, sha256 "), StartsWith("S: 250 2.0.0 Ok: queued as "), "C: QUIT",
                  "S: 221 2.0.0 Bye", "*: closes the connection"));
  Value sessions = desk.observed("sessions");
  EXPECT_EQ(
      to_json(sessions.items()[0].find("commands")->made()),
      R"(["EHLO client.test", "AUTH PLAIN <credentials>", "MAIL FROM:<anna@zillum.test>", "RCPT TO:<bert@customer.test>", "DATA", "QUIT"])");
  EXPECT_EQ(sessions.items()[0].find("user")->text(), "anna@zillum.test");
  EXPECT_EQ(sessions.items()[0].find("end")->text(), "quit");
  EXPECT_EQ(desk.observed("commands").find("MAIL")->integer(), 1);
  EXPECT_EQ(desk.observed("commands").find("BDAT")->integer(), 0);
  EXPECT_EQ(desk.observed("logins"), Value(1));
}

TEST(SmtpSession, CommandsAtTheWrongTime) {
  Desk desk;
  desk.connect();
  EXPECT_EQ(desk.say("MAIL FROM:<a@b>"), "503 5.5.1 Say EHLO first\r\n");
  EXPECT_EQ(desk.say("AUTH PLAIN"), "503 5.5.1 Say EHLO first\r\n");
  desk.say("EHLO client.test");
  EXPECT_EQ(desk.say("MAIL FROM:<a@b>"), "530 5.7.0 Authentication required\r\n");
  EXPECT_EQ(desk.say("RCPT TO:<a@b>"), "503 5.5.1 Error: need MAIL command\r\n");
  EXPECT_EQ(desk.say("DATA"), "503 5.5.1 Error: need RCPT command\r\n");
  desk.say("AUTH PLAIN " + Desk::plain("anna@zillum.test", "s3cret"));
  EXPECT_EQ(desk.say("AUTH PLAIN x"), "503 5.5.1 Already authenticated\r\n");
  EXPECT_EQ(desk.say("MAIL FROM:<a@b>"), "250 2.1.0 Ok\r\n");
  EXPECT_EQ(desk.say("MAIL FROM:<a@b>"), "503 5.5.1 Error: nested MAIL command\r\n");
  EXPECT_EQ(desk.say("DATA"), "503 5.5.1 Error: need RCPT command\r\n");
  EXPECT_EQ(desk.say("RCPT TO:nobody"), "501 5.1.3 Bad recipient address syntax\r\n");
  EXPECT_EQ(desk.say("DATA"), "554 5.5.1 Error: no valid recipients\r\n");
  EXPECT_EQ(desk.say("RCPT TO:<a@b>"), "250 2.1.5 Ok\r\n");
  EXPECT_EQ(desk.say("RSET"), "250 2.0.0 Ok\r\n");
  EXPECT_EQ(desk.say("RCPT TO:<a@b>"), "503 5.5.1 Error: need MAIL command\r\n");
  desk.say("MAIL FROM:<>");
  desk.say("RCPT TO:<a@b>");
  EXPECT_THAT(desk.say("EHLO again.test"), StartsWith("250-mx.test"));
  EXPECT_EQ(desk.say("RCPT TO:<a@b>"), "503 5.5.1 Error: need MAIL command\r\n")
      << "EHLO is a RSET (RFC 5321 section 4.1.4)";
}

TEST(SmtpSession, AuthIsNoPartOfATransaction) {
  Desk desk("generic", R"({ "auth_required": false })");
  desk.connect();
  desk.say("EHLO client.test");
  desk.say("MAIL FROM:<a@b>");
  EXPECT_EQ(desk.say("AUTH PLAIN " + Desk::plain("anna@zillum.test", "s3cret")),
            "503 5.5.1 Bad sequence of commands\r\n");
}

TEST(SmtpSession, HeloNoopVrfyHelpAndTheRest) {
  Desk desk("generic", R"({ "auth_required": false })");
  desk.connect();
  EXPECT_EQ(desk.say("helo client.test"), "250 mx.test\r\n");
  EXPECT_EQ(desk.say("MAIL FROM:<a@b>"), "250 2.1.0 Ok\r\n");
  EXPECT_EQ(desk.say("noop whatever"), "250 2.0.0 Ok\r\n");
  EXPECT_THAT(desk.say("VRFY"), StartsWith("501")) << "RFC 5321 section 4.1.1.6: VRFY takes a name";
  // RFC 6531 section 3.7.4.2: a name beyond ASCII comes with SMTPUTF8, to a server that offers it.
  EXPECT_THAT(desk.say("VRFY \xC3\xA4nne"), StartsWith("501"));
  EXPECT_THAT(desk.say("VRFY \xC3\xA4nne SMTPUTF8"), StartsWith("501")) << "it is not offered here";
  EXPECT_EQ(desk.say("VRFY anna"), "252 2.1.5 Cannot VRFY user, but will accept message and attempt delivery\r\n");
  EXPECT_EQ(desk.say("EXPN list"), "502 5.5.1 EXPN is not offered\r\n");
  EXPECT_EQ(desk.say("HELP MAIL"), "214 2.0.0 See RFC 5321\r\n");
  EXPECT_EQ(desk.say("TURN"), "500 5.5.2 Error: command not recognized\r\n");
  EXPECT_EQ(desk.say(""), "500 5.5.2 Error: command not recognized\r\n");
  EXPECT_EQ(desk.say("DATA now"), "501 5.5.4 Syntax error: nothing may follow this command\r\n");
  EXPECT_EQ(desk.say("RSET now"), "501 5.5.4 Syntax error: nothing may follow this command\r\n");
  EXPECT_EQ(desk.say("QUIT now"), "501 5.5.4 Syntax error: nothing may follow this command\r\n");
  EXPECT_EQ(desk.say("RSET  "), "250 2.0.0 Ok\r\n");
  EXPECT_EQ(desk.say("EHLO"), "501 5.5.4 EHLO takes the name of the client\r\n");
  EXPECT_EQ(desk.say("HELO a b"), "501 5.5.4 EHLO takes the name of the client\r\n");
  EXPECT_EQ(desk.ending, "");
  EXPECT_EQ(desk.say("QUIT"), "221 2.0.0 Bye\r\n");
  EXPECT_EQ(desk.ending, "orderly");
}

TEST(SmtpSession, ParametersOfMail) {
  Desk desk;
  desk.log_in(false);
  auto mail = [&](std::string_view rest) {
    std::string said = desk.say("MAIL FROM:<anna@zillum.test>" + std::string(rest));
    desk.say("RSET");
    return said.substr(0, 9);
  };
  EXPECT_EQ(mail(""), "250 2.1.0");
  EXPECT_EQ(mail(" SIZE=10240000"), "250 2.1.0");
  EXPECT_EQ(mail(" SIZE=10240001"), "552 5.3.4");
  EXPECT_EQ(mail(" SIZE=99999999999999999999"), "552 5.3.4");
  EXPECT_EQ(mail(" SIZE=x"), "501 5.5.4");
  EXPECT_EQ(mail(" SIZE"), "501 5.5.4");
  EXPECT_EQ(mail(" BODY=7BIT"), "250 2.1.0");
  EXPECT_EQ(mail(" body=8bitmime"), "250 2.1.0");
  EXPECT_EQ(mail(" BODY=BINARYMIME"), "501 5.5.4") << "not offered";
  EXPECT_EQ(mail(" BODY=x"), "501 5.5.4");
  EXPECT_EQ(mail(" AUTH=<>"), "250 2.1.0");
  EXPECT_EQ(mail(" AUTH"), "501 5.5.4");
  EXPECT_EQ(mail(" SMTPUTF8"), "555 5.5.4");
  EXPECT_EQ(mail(" RET=FULL"), "555 5.5.4");
  EXPECT_EQ(mail(" X-NONE=1"), "555 5.5.4");
  EXPECT_EQ(mail(" SIZE="), "501 5.1.7");
  EXPECT_EQ(desk.say("MAIL FROM:<a@b> X=1"), "555 5.5.4 Unsupported option: X\r\n");
  EXPECT_EQ(desk.say("MAIL FROM:<a@b> BODY=1"), "501 5.5.4 Bad value of option: BODY\r\n");
  EXPECT_EQ(desk.say("MAIL TO:<a@b>"), "501 5.1.7 Bad sender address syntax\r\n");
  EXPECT_EQ(desk.say("mail from: <a@b> "), "250 2.1.0 Ok\r\n");
  EXPECT_EQ(desk.say("RCPT TO:<a@b> NOTIFY=NEVER"), "555 5.5.4 Unsupported option: NOTIFY\r\n");
  EXPECT_EQ(desk.say("RCPT TO:<a@b> ="), "501 5.1.3 Bad recipient address syntax\r\n");
  EXPECT_EQ(desk.say("RCPT FROM:<a@b>"), "501 5.1.3 Bad recipient address syntax\r\n");
}

TEST(SmtpSession, ParametersThatAreNotOfferedAreUnknown) {
  Desk desk("generic", R"({ "ehlo": ["{auth}", "DSN", "SMTPUTF8"] })");
  desk.log_in(false);
  EXPECT_THAT(desk.say("MAIL FROM:<a@b> SIZE=1"), StartsWith("555"));
  EXPECT_THAT(desk.say("MAIL FROM:<a@b> BODY=7BIT"), StartsWith("555"));
  EXPECT_THAT(desk.say("MAIL FROM:<a@b> RET=SOME"), StartsWith("501"));
  EXPECT_THAT(desk.say("MAIL FROM:<a@b> ENVID"), StartsWith("501"));
  EXPECT_THAT(desk.say("MAIL FROM:<a@b> SMTPUTF8=x"), StartsWith("501"));
  EXPECT_THAT(desk.say("VRFY \xC3\xA4nne SMTPUTF8"), StartsWith("252"));
  EXPECT_THAT(desk.say("VRFY \xC3\xA4nne"), StartsWith("501"));
  EXPECT_THAT(desk.say("MAIL FROM:<\xC3\xA4@b>"), StartsWith("501"));
  EXPECT_THAT(desk.say("MAIL FROM:<\xC3\xA4@b> RET=HDRS ENVID=x SMTPUTF8"), StartsWith("250"));
  EXPECT_THAT(desk.say("RCPT TO:<\xC3\xB6@b> NOTIFY=NEVER ORCPT=rfc822;x"), StartsWith("250"));
  EXPECT_THAT(desk.say("RCPT TO:<c@b> NOTIFY"), StartsWith("555"));
  EXPECT_THAT(desk.say("BDAT 0 LAST"), StartsWith("500"));
  desk.say("RSET");
  desk.say("MAIL FROM:<a@b>");
  EXPECT_THAT(desk.say("RCPT TO:<\xC3\xB6@b>"), StartsWith("501"));
}

TEST(SmtpSession, CommandLinesAreBoundedAsTheRfcsSay) {
  Desk desk("generic", R"({ "max_errors": 0 })");
  desk.log_in(false);
  // 512 octets with CRLF (RFC 5321 section 4.5.3.1.4).
  EXPECT_EQ(desk.say("NOOP " + std::string(505, 'x')), "250 2.0.0 Ok\r\n");
  EXPECT_EQ(desk.say("NOOP " + std::string(506, 'x')), "500 5.5.2 Error: line too long\r\n");
  EXPECT_EQ(desk.ending, "");
  // 512 + 26 + 17 + 500 + 10 + 115 for MAIL, 512 + 529 for RCPT.
  std::string mail = "MAIL FROM:<a@b> AUTH=";
  EXPECT_THAT(desk.say(mail + std::string(1180 - 2 - mail.size(), 'x')), StartsWith("250"));
  desk.say("RSET");
  EXPECT_THAT(desk.say(mail + std::string(1180 - 1 - mail.size(), 'x')), StartsWith("500 5.5.2"));
  desk.say("MAIL FROM:<a@b>");
  std::string rcpt = "RCPT TO:<a@b> X=";
  EXPECT_THAT(desk.say(rcpt + std::string(1041 - 2 - rcpt.size(), 'x')), StartsWith("555"));
  EXPECT_THAT(desk.say(rcpt + std::string(1041 - 1 - rcpt.size(), 'x')), StartsWith("500"));
}

TEST(SmtpSession, ALineWithoutEndIsCutOff) {
  Desk desk;
  desk.connect();
  EXPECT_EQ(desk.bytes(std::string(12'287, 'x')), "");
  EXPECT_EQ(desk.bytes("x"), "500 5.5.2 Error: line too long\r\n");
  EXPECT_EQ(desk.ending, "orderly");
}

TEST(SmtpSession, AuthLinesMayBeLonger) {
  Desk desk("generic", R"({ "max_errors": 0 })");
  desk.connect();
  desk.say("EHLO a");
  std::string line = "AUTH PLAIN ";
  EXPECT_EQ(desk.say(line + std::string(12'288 - 2 - line.size(), 'A')).substr(0, 3), "501")
      << "no base64 of this length";
  desk.say("AUTH PLAIN");
  EXPECT_EQ(desk.say(std::string(8'000, 'A')), "501 5.5.2 Cannot decode response\r\n") << "6000 octets without a NUL";
}

TEST(SmtpSession, TooManyErrorsEndIt) {
  Desk desk("generic", R"({ "max_errors": 3 })");
  desk.connect();
  EXPECT_EQ(desk.say("X"), "500 5.5.2 Error: command not recognized\r\n");
  EXPECT_EQ(desk.say("NOOP"), "250 2.0.0 Ok\r\n");
  EXPECT_EQ(desk.say("Y"), "500 5.5.2 Error: command not recognized\r\n");
  EXPECT_EQ(desk.say("Z"), "500 5.5.2 Error: command not recognized\r\n421 4.7.0 mx.test Error: too many errors\r\n");
  EXPECT_EQ(desk.ending, "orderly");
}

TEST(SmtpSession, ASilentClientIsLeft) {
  Desk desk("generic", R"({ "idle": "9s" })");
  desk.connect();
  EXPECT_EQ(std::get<Receive>(desk.session->next()).patience, 9s);
  desk.session->on_error({Errc::timed_out, "late"});
  Action said = desk.session->next();
  EXPECT_EQ(std::get<Send>(said).bytes, "421 4.4.2 mx.test Error: timeout exceeded\r\n");
  EXPECT_EQ(std::get<Close>(desk.session->next()).ending, Ending::orderly);
  EXPECT_EQ(desk.observed("sessions").items()[0].find("end")->text(), "timed-out");
}

TEST(SmtpSession, TheGreetingMayBeHeldBack) {
  Desk desk("generic", R"({ "greet_delay": "3s" })");
  EXPECT_EQ(desk.connect(), "");
  EXPECT_EQ(std::get<Receive>(desk.session->next()).patience, 3s);
  desk.session->on_error({Errc::timed_out, "nothing came"});
  EXPECT_EQ(std::get<Send>(desk.session->next()).bytes, "220 mx.test ESMTP\r\n");
  EXPECT_EQ(desk.observed("sessions").items()[0].find("early")->boolean(), false);
}

TEST(SmtpSession, WhatMayBeASecretIsNotShown) {
  Desk desk;
  desk.connect();
  desk.say("AGFubmEAczNjcmV0");
  desk.say("s3cret");
  desk.say("PASS s3cret");
  desk.say("AUTH dXNlcg==");
  desk.say("AUTH");
  EXPECT_THAT(desk.rig.lines(), ::testing::Contains("C: <16 octets>"));
  EXPECT_THAT(desk.rig.lines(), ::testing::Contains("C: <6 octets>"));
  EXPECT_THAT(desk.rig.lines(), ::testing::Contains("C: PASS <6 octets>"));
  EXPECT_THAT(desk.rig.lines(), ::testing::Contains("C: AUTH <8 octets>"));
  EXPECT_THAT(desk.rig.lines(), ::testing::Contains("C: AUTH"));
  for (const std::string& line : desk.rig.lines()) EXPECT_THAT(line, ::testing::Not(HasSubstr("s3cret")));
}

// RFC 5321 section 4.3.1: the client waits for the greeting.
TEST(SmtpGreeting, AClientThatTalksFirstIsSeen) {
  Desk desk("generic", R"({ "greet_delay": "1s", "auth_required": false })");
  auto early = [&](std::size_t i) { return desk.observed("sessions").items().at(i).find("early")->boolean(); };
  std::unique_ptr<mailrig::Session> session =
      desk.server().open({.connection = "out#1", .number = 1, .peer = "127.0.0.1:40001"});
  Action action = session->next();
  ASSERT_TRUE(std::holds_alternative<Receive>(action));
  EXPECT_EQ(std::get<Receive>(action).patience, 1s);
  EXPECT_FALSE(early(0));
  session->on_bytes("EHLO a\r\n");
  EXPECT_TRUE(early(0));
  action = session->next();
  ASSERT_TRUE(std::holds_alternative<Wait>(action)) << "the greeting comes when it is due";
  EXPECT_EQ(desk.rig.lines(), std::vector<std::string>{"*: the client talks before the greeting"});
}

TEST(SmtpGreeting, EnforceSyncHoldsWhereARuleHoldsTheGreetingBackToo) {
  Desk desk(
      "generic",
      R"({ "enforce_sync": true, "faults": [ { "on": "greeting", "delay": "9s", "reply": "220 a\r\n220 b" } ] })");
  ASSERT_EQ(desk.refusal.message, "");
  std::unique_ptr<mailrig::Session> session =
      desk.server().open({.connection = "out#1", .number = 1, .peer = "127.0.0.1:40001"});
  const Action listens = session->next();
  ASSERT_TRUE(std::holds_alternative<Receive>(listens));
  EXPECT_EQ(std::get<Receive>(listens).patience, 9s);
  session->on_bytes("EHLO a\r\n");
  const Action said = session->next();
  ASSERT_TRUE(std::holds_alternative<Send>(said));
  EXPECT_EQ(std::get<Send>(said).bytes, "554 SMTP synchronization error\r\n");
  EXPECT_TRUE(std::holds_alternative<Close>(session->next()));
  const std::vector<std::string> lines = desk.rig.lines();
  EXPECT_THAT(lines, ::testing::Contains("S: 554 SMTP synchronization error"));
  EXPECT_THAT(lines, ::testing::Not(::testing::Contains("S: 220 b"))) << "it was never sent";
}

TEST(SmtpGreeting, EnforceSyncRefusesAsEximDoes) {
  Desk desk("generic", R"({ "greet_delay": "1s", "enforce_sync": true })");
  std::unique_ptr<mailrig::Session> session =
      desk.server().open({.connection = "out#1", .number = 1, .peer = "127.0.0.1:40001"});
  session->next();
  session->on_bytes("EHLO a\r\n");
  Action action = session->next();
  ASSERT_TRUE(std::holds_alternative<Send>(action));
  EXPECT_EQ(std::get<Send>(action).bytes, "554 SMTP synchronization error\r\n");
  EXPECT_TRUE(std::holds_alternative<Close>(session->next()));
  EXPECT_EQ(desk.rig.lines(),
            (std::vector<std::string>{"*: the client talks before the greeting", "S: 554 SMTP synchronization error",
                                      "*: closes the connection"}));
}

}  // namespace
}  // namespace mailrig::fakeservers::smtp
