#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakeservers/testing/smtp_desk.h"

namespace mailrig::fakeservers::smtp {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

/// A desk with anna logged in, without TLS.
struct Mailer : Desk {
  explicit Mailer(std::string_view settings = "{}") : Desk("generic", settings) { log_in(false); }
  std::string code_of_message(std::string_view message, std::string_view from = "anna@zillum.test") {
    return send(message, from).substr(0, 9);
  }
};

TEST(SmtpMessage, SizeIsBoundedAtItsOctet) {
  Mailer mailer(R"({ "size_max": 20 })");
  EXPECT_THAT(mailer.say("EHLO a"), HasSubstr("250-SIZE 20\r\n"));
  std::string fits = "Subject: abcdefgh\r\n";  // 19
  EXPECT_EQ(mailer.code_of_message(fits), "250 2.0.0");
  EXPECT_EQ(mailer.code_of_message("S" + fits), "250 2.0.0");
  EXPECT_EQ(mailer.code_of_message("SS" + fits), "552 5.3.4");
  EXPECT_EQ(mailer.accepted_count(), 2U);
  EXPECT_THAT(mailer.rig.lines(), ::testing::Contains("C: <21 octets, too many>"));
  EXPECT_EQ(mailer.code_of_message(fits), "250 2.0.0") << "the next one is not harmed";
}

TEST(SmtpMessage, BareLineFeeds) {
  Mailer accepting;
  EXPECT_EQ(accepting.code_of_message("a\nb\r\n"), "250 2.0.0");
  EXPECT_EQ(accepting.accepted("raw"), Value("a\nb\r\n"));
  Mailer refusing(R"({ "bare_lf": "refuse" })");
  EXPECT_EQ(refusing.code_of_message("a\nb\r\n"), "554 5.6.0");
  EXPECT_EQ(refusing.code_of_message("a\r\n"), "250 2.0.0");
  Mailer normalising(R"({ "bare_lf": "normalise" })");
  EXPECT_EQ(normalising.code_of_message("a\nb\r\n"), "250 2.0.0");
  EXPECT_EQ(normalising.accepted("raw"), Value("a\r\nb\r\n"));
}

TEST(SmtpMessage, LongLinesAreAPolicy) {
  auto line = [](std::size_t octets) { return std::string(octets - 2, 'x') + "\r\n"; };
  Mailer any;
  EXPECT_EQ(any.code_of_message(line(5'000)), "250 2.0.0");
  Mailer strict(R"({ "text_line_octets_max": 1000 })");
  EXPECT_EQ(strict.code_of_message(line(1'000)), "250 2.0.0");
  EXPECT_EQ(strict.code_of_message(line(1'001)), "554 5.6.0");
}

TEST(SmtpMessage, TheServerIsFullAtSomeTime) {
  Mailer mailer(R"({ "storage": 25 })");
  EXPECT_EQ(mailer.code_of_message("0123456789\r\n"), "250 2.0.0");
  EXPECT_EQ(mailer.code_of_message("01234567890\r\n"), "250 2.0.0") << "12 and 13 are 25";
  EXPECT_EQ(mailer.code_of_message("\r\n"), "452 4.3.1");
  EXPECT_EQ(mailer.accepted_count(), 2U);
}

TEST(SmtpMessage, RecipientsAreBounded) {
  Mailer mailer(R"({ "recipients_max": 2 })");
  mailer.say("MAIL FROM:<a@b>");
  EXPECT_THAT(mailer.say("RCPT TO:<c@d>"), StartsWith("250"));
  EXPECT_THAT(mailer.say("RCPT TO:<e@f>"), StartsWith("250"));
  EXPECT_EQ(mailer.say("RCPT TO:<g@h>"), "452 4.5.3 Error: too many recipients\r\n");
  mailer.say("DATA");
  EXPECT_THAT(mailer.bytes("x\r\n.\r\n"), StartsWith("250"));
  EXPECT_EQ(to_json(mailer.accepted("recipients")), R"(["c@d", "e@f"])");
}

TEST(SmtpMessage, AHundredRecipientsAreTakenByDefault) {
  Mailer mailer;
  mailer.say("MAIL FROM:<a@b>");
  for (int i = 0; i < 100; ++i) EXPECT_THAT(mailer.say("RCPT TO:<r" + std::to_string(i) + "@d>"), StartsWith("250"));
  EXPECT_THAT(mailer.say("RCPT TO:<r100@d>"), StartsWith("452"));
}

TEST(SmtpQuota, CountsMessagesOrRecipientsWithinItsWindow) {
  Mailer mailer(R"({ "daily_quota": 2 })");
  EXPECT_EQ(mailer.code_of_message("x\r\n"), "250 2.0.0");
  mailer.rig.calendar.advance(1h);
  EXPECT_EQ(mailer.code_of_message("x\r\n"), "250 2.0.0");
  EXPECT_EQ(mailer.code_of_message("x\r\n"), "550 5.4.5");
  mailer.rig.calendar.advance(23h - 1ns);
  EXPECT_EQ(mailer.code_of_message("x\r\n"), "550 5.4.5");
  mailer.rig.calendar.advance(1ns);
  EXPECT_EQ(mailer.code_of_message("x\r\n"), "250 2.0.0") << "the first is 24 hours old";
  EXPECT_EQ(mailer.code_of_message("x\r\n"), "550 5.4.5");

  Mailer counting(R"({ "daily_quota": 3, "quota_counts": "recipients", "quota_window": "1h" })");
  auto send_to = [&](int recipients) {
    counting.say("MAIL FROM:<a@b>");
    for (int i = 0; i < recipients; ++i) counting.say("RCPT TO:<r@d>");
    counting.say("DATA");
    return counting.bytes("x\r\n.\r\n").substr(0, 3);
  };
  EXPECT_EQ(send_to(4), "550");
  EXPECT_EQ(send_to(2), "250");
  EXPECT_EQ(send_to(2), "550");
  EXPECT_EQ(send_to(1), "250");
  counting.rig.calendar.advance(1h);
  EXPECT_EQ(send_to(3), "250");
}

TEST(SmtpQuota, MayBeToldAtMail) {
  Mailer mailer(R"({ "daily_quota": 1, "quota_at": "MAIL" })");
  EXPECT_EQ(mailer.code_of_message("x\r\n"), "250 2.0.0");
  EXPECT_EQ(mailer.say("MAIL FROM:<a@b>"), "550 5.4.5 Daily sending quota exceeded\r\n");
  EXPECT_EQ(mailer.say("RCPT TO:<a@b>"), "503 5.5.1 Error: need MAIL command\r\n");
}

TEST(SmtpQuota, IsEachUsersOwn) {
  Desk desk("generic", R"({ "daily_quota": 1, "mailboxes": { "bert": { "password": "pw" } } })");
  desk.log_in(false);
  EXPECT_THAT(desk.send(), StartsWith("250"));
  EXPECT_THAT(desk.send(), StartsWith("550"));
  desk.log_in(false, "bert", "pw");
  EXPECT_THAT(desk.send(), StartsWith("250"));
  EXPECT_EQ(desk.observed("mailboxes").find("bert")->find("sent")->integer(), 1);
}

TEST(SmtpRate, IsToldAtMail) {
  Mailer mailer(R"({ "rate": 2, "rate_window": "1m" })");
  EXPECT_EQ(mailer.code_of_message("x\r\n"), "250 2.0.0");
  mailer.rig.calendar.advance(30s);
  EXPECT_EQ(mailer.code_of_message("x\r\n"), "250 2.0.0");
  EXPECT_EQ(mailer.say("MAIL FROM:<a@b>"), "450 4.7.1 Too many messages, try again later\r\n");
  mailer.rig.calendar.advance(30s - 1ns);
  EXPECT_THAT(mailer.say("MAIL FROM:<a@b>"), StartsWith("450"));
  mailer.rig.calendar.advance(1ns);
  EXPECT_THAT(mailer.say("MAIL FROM:<a@b>"), StartsWith("250"));
}

TEST(SmtpConnections, OfOneUserAreCountedWhereTheyAreLoggedIn) {
  Mailer mailer(R"({ "connections_per_user": 1 })");
  EXPECT_EQ(mailer.code_of_message("x\r\n"), "250 2.0.0");
  std::unique_ptr<mailrig::Session> first = std::move(mailer.session);
  mailer.log_in(false);
  EXPECT_EQ(mailer.send(), "421 4.7.0 mx.test Error: too many connections\r\n");
  EXPECT_EQ(mailer.ending, "orderly");
  first->on_error({Errc::end_of_stream, "gone"});
  mailer.log_in(false);
  EXPECT_EQ(mailer.code_of_message("x\r\n"), "250 2.0.0");
}

TEST(SmtpGreylist, PutsATripletOffTheFirstTime) {
  Mailer mailer(R"({ "greylist": "5m" })");
  auto rcpt = [&](std::string_view from, std::string_view to) {
    mailer.say("RSET");
    mailer.say("MAIL FROM:<" + std::string(from) + ">");
    return mailer.say("RCPT TO:<" + std::string(to) + ">");
  };
  EXPECT_EQ(rcpt("a@b", "Carl@D.test"),
            "450 4.2.0 <Carl@D.test>: Recipient address rejected: Greylisted, see "
            "http://postgrey.schweikert.ch/help/d.test.html\r\n");
  mailer.rig.calendar.advance(5min - 1ns);
  EXPECT_THAT(rcpt("a@b", "carl@d.test"), StartsWith("450"));
  mailer.rig.calendar.advance(1ns);
  EXPECT_THAT(rcpt("a@b", "carl@d.test"), StartsWith("250"));
  EXPECT_THAT(rcpt("a@b", "carl@d.test"), StartsWith("250"));
  EXPECT_THAT(rcpt("a@c", "carl@d.test"), StartsWith("450")) << "another sender";
  EXPECT_THAT(rcpt("a@b", "dora@d.test"), StartsWith("450")) << "another recipient";
  mailer.connect(false, "127.0.0.2:1");
  mailer.say("EHLO a");
  mailer.say("AUTH PLAIN " + Desk::plain("anna@zillum.test", "s3cret"));
  EXPECT_THAT(rcpt("a@b", "carl@d.test"), StartsWith("450")) << "another client";
  mailer.connect(false, "127.0.0.1:2");
  mailer.say("EHLO a");
  mailer.say("AUTH PLAIN " + Desk::plain("anna@zillum.test", "s3cret"));
  EXPECT_THAT(rcpt("a@b", "carl@d.test"), StartsWith("250")) << "another port is the same client";
}

TEST(SmtpRelay, StrangersMaySendToUsersOnly) {
  Desk desk(
      "generic",
      R"({ "auth_required": false, "domains": ["zillum.test"], "mailboxes": { "anna@zillum.test": { "aliases": ["office@zillum.test"] } } })");
  desk.connect();
  desk.say("EHLO a");
  desk.say("MAIL FROM:<a@b>");
  EXPECT_EQ(desk.say("RCPT TO:<ANNA@Zillum.test>"), "250 2.1.5 Ok\r\n");
  EXPECT_EQ(desk.say("RCPT TO:<office@zillum.test>"), "250 2.1.5 Ok\r\n");
  EXPECT_EQ(desk.say("RCPT TO:<bert@zillum.test>"),
            "550 5.1.1 <bert@zillum.test>: Recipient address rejected: User unknown\r\n");
  EXPECT_EQ(desk.say("RCPT TO:<postmaster@zillum.test>"), "250 2.1.5 Ok\r\n");
  EXPECT_EQ(desk.say("RCPT TO:<carl@customer.test>"), "554 5.7.1 <carl@customer.test>: Relay access denied\r\n");
  desk.say("RSET");
  desk.say("AUTH PLAIN " + Desk::plain("anna@zillum.test", "s3cret"));
  desk.say("MAIL FROM:<a@b>");
  EXPECT_EQ(desk.say("RCPT TO:<carl@customer.test>"), "250 2.1.5 Ok\r\n");
  EXPECT_THAT(desk.say("RCPT TO:<bert@zillum.test>"), StartsWith("550")) << "nobody by this name, whoever asks";
  Desk open("generic", R"({ "auth_required": false, "relay": "any" })");
  open.connect();
  open.say("EHLO a");
  open.say("MAIL FROM:<a@b>");
  EXPECT_EQ(open.say("RCPT TO:<carl@customer.test>"), "250 2.1.5 Ok\r\n");
  open.say("DATA");
  open.bytes("x\r\n.\r\n");
  EXPECT_EQ(open.accepted("user"), Value(""));
}

TEST(SmtpSender, MayHaveToBeTheUsersOwn) {
  Mailer at_mail(
      R"({ "check_sender": "MAIL", "mailboxes": { "anna@zillum.test": { "aliases": ["Office@Zillum.test"] } } })");
  EXPECT_EQ(at_mail.say("MAIL FROM:<bert@zillum.test>"),
            "553 5.7.1 <bert@zillum.test>: Sender address rejected: not owned by user anna@zillum.test\r\n");
  EXPECT_THAT(at_mail.say("MAIL FROM:<ANNA@zillum.test>"), StartsWith("250"));
  at_mail.say("RSET");
  EXPECT_THAT(at_mail.say("MAIL FROM:<office@zillum.test>"), StartsWith("250"));
  at_mail.say("RSET");
  EXPECT_THAT(at_mail.say("MAIL FROM:<>"), StartsWith("250"));
  Mailer at_message(R"({ "check_sender": "message" })");
  EXPECT_EQ(at_message.code_of_message("x\r\n", "bert@zillum.test"), "553 5.7.1");
  EXPECT_EQ(at_message.code_of_message("From: <bert@zillum.test>\r\n\r\n"), "553 5.7.1") << "the header counts too";
  EXPECT_EQ(at_message.code_of_message("From: <anna@zillum.test>\r\n\r\n"), "250 2.0.0");
  EXPECT_EQ(at_message.code_of_message("From: <anna@zillum.test>\r\n\r\n", ""), "250 2.0.0") << "the null sender";
  Mailer never;
  EXPECT_EQ(never.code_of_message("From: <x@y>\r\n\r\n", "z@y"), "250 2.0.0");
}

TEST(SmtpSender, FieldsThatTheServerChanges) {
  Mailer sender(
      R"({ "add_sender": true, "mailboxes": { "anna@zillum.test": { "aliases": ["anna@elsewhere.test"] } } })");
  sender.send("From: Anna <anna@elsewhere.test>\r\n\r\nx\r\n");
  EXPECT_EQ(sender.accepted("raw"), Value("From: Anna <anna@elsewhere.test>\r\nSender: anna@zillum.test\r\n\r\nx\r\n"));
  sender.send("From: other@ZILLUM.test\r\n\r\nx\r\n");
  EXPECT_EQ(sender.accepted("raw", 1), Value("From: other@ZILLUM.test\r\n\r\nx\r\n")) << "the same domain";
  sender.send("Subject: x\r\n\r\nx\r\n");
  EXPECT_EQ(sender.accepted("raw", 2), Value("Subject: x\r\n\r\nx\r\n")) << "no From to stand on behalf of";
  Mailer rewriting(
      R"({ "rewrite_from": true, "mailboxes": { "anna@zillum.test": { "aliases": ["anna@elsewhere.test"] } } })");
  rewriting.send("From: Bert <bert@elsewhere.test>\r\n\r\nx\r\n");
  EXPECT_EQ(rewriting.accepted("raw"), Value("From: Bert <anna@zillum.test>\r\n\r\nx\r\n"));
  rewriting.send("From: Anna <anna@elsewhere.test>\r\n\r\nx\r\n");
  EXPECT_EQ(rewriting.accepted("raw", 1), Value("From: Anna <anna@elsewhere.test>\r\n\r\nx\r\n")) << "a verified alias";
}

TEST(SmtpBdat, ChunksMakeAMessage) {
  Mailer mailer;
  mailer.say("MAIL FROM:<anna@zillum.test>");
  mailer.say("RCPT TO:<b@c>");
  EXPECT_EQ(mailer.bytes("BDAT 5\r\n..\r\n.BDAT 4\r\n\r\nab"), "250 2.0.0 Ok: 5 octets\r\n250 2.0.0 Ok: 4 octets\r\n");
  EXPECT_EQ(mailer.say("DATA"), "503 5.5.1 Bad sequence of commands\r\n") << "RFC 3030 section 2";
  EXPECT_THAT(mailer.bytes("BDAT 2 LAST\r\n\r\nNOOP\r\n"),
              ::testing::MatchesRegex("250 2\\.0\\.0 Ok: queued as [0-9a-f]{10}\r\n250 2\\.0\\.0 Ok\r\n"));
  EXPECT_EQ(mailer.accepted("raw"), Value("..\r\n.\r\nab\r\n"));
  EXPECT_EQ(mailer.say("BDAT 0 LAST"), "503 5.5.1 Error: need RCPT command\r\n");
}

TEST(SmtpBdat, AtEverySplit) {
  std::string wire = "MAIL FROM:<a@b>\r\nRCPT TO:<b@c>\r\nBDAT 3\r\nabcBDAT 0 last\r\nNOOP\r\n";
  for (std::size_t cut = 0; cut <= wire.size(); ++cut) {
    Mailer mailer;
    std::string said = mailer.bytes(wire.substr(0, cut));
    said += mailer.bytes(wire.substr(cut));
    EXPECT_THAT(said, StartsWith("250 2.1.0 Ok\r\n250 2.1.5 Ok\r\n250 2.0.0 Ok: 3 octets\r\n250 2.0.0 Ok: queued as "))
        << cut;
    EXPECT_EQ(mailer.accepted("raw"), Value("abc")) << cut;
  }
}

TEST(SmtpBdat, ARefusedChunkIsStillRead) {
  Mailer mailer;
  EXPECT_EQ(mailer.bytes("BDAT 6\r\nQUIT\r\nNOOP\r\n"), "503 5.5.1 Error: need RCPT command\r\n250 2.0.0 Ok\r\n");
  mailer.say("MAIL FROM:<a@b>");
  mailer.say("RCPT TO:nobody");
  EXPECT_EQ(mailer.bytes("BDAT 6 LAST\r\nQUIT\r\nNOOP\r\n"),
            "554 5.5.1 Error: no valid recipients\r\n250 2.0.0 Ok\r\n");
  EXPECT_EQ(mailer.say("BDAT"), "501 5.5.4 Syntax error: nothing may follow this command\r\n");
  EXPECT_EQ(mailer.say("BDAT x"), "501 5.5.4 Syntax error: nothing may follow this command\r\n");
  EXPECT_EQ(mailer.say("BDAT 1 FIRST"), "501 5.5.4 Syntax error: nothing may follow this command\r\n");
}

TEST(SmtpBdat, BinaryNeedsIt) {
  Desk desk("generic", R"({ "ehlo": ["{auth}", "8BITMIME", "BINARYMIME", "CHUNKING"] })");
  desk.log_in(false);
  EXPECT_THAT(desk.say("MAIL FROM:<a@b> BODY=BINARYMIME"), StartsWith("250"));
  desk.say("RCPT TO:<b@c>");
  EXPECT_EQ(desk.say("DATA"), "503 5.5.1 Bad sequence of commands\r\n");
  EXPECT_THAT(desk.bytes("BDAT 1 LAST\r\nx"), StartsWith("250"));
}

TEST(SmtpDelivery, GoesToEachRecipientAndTheSendersCopy) {
  Mailer mailer(R"({ "deliver_to": "in", "sent_copy": true })");
  mailer.say("MAIL FROM:<anna@zillum.test>");
  mailer.say("RCPT TO:<b@c>");
  mailer.say("RCPT TO:<d@e>");
  mailer.say("DATA");
  mailer.bytes("x\r\n.\r\n");
  EXPECT_THAT(mailer.inbox.delivered, ElementsAre("b@c x\r\n", "d@e x\r\n", "anna@zillum.test own x\r\n"));
  Mailer nowhere;
  nowhere.send();
  EXPECT_TRUE(nowhere.inbox.delivered.empty());
  Mailer no_copy(R"({ "deliver_to": "in" })");
  no_copy.send();
  EXPECT_EQ(no_copy.inbox.delivered.size(), 1U);
}

TEST(SmtpDelivery, TellsWhoHasNoMailboxThere) {
  Mailer mailer(R"({ "deliver_to": "in" })");
  mailer.say("MAIL FROM:<anna@zillum.test>");
  mailer.say("RCPT TO:<nobody@here.test>");
  mailer.say("RCPT TO:<b@c>");
  mailer.say("DATA");
  mailer.bytes("x\r\n.\r\n");
  EXPECT_EQ(to_json(*mailer.server().observe().find("undelivered")), R"(["nobody@here.test"])");
}

TEST(SmtpDelivery, AnotherSettingNamesNoServer) {
  Mailer mailer;
  EXPECT_EQ(mailer.server().link("tokens_of", mailer.inbox).error().reason, "tokens_of");
}

TEST(SmtpFault, AReplyStandsInForTheMessage) {
  Mailer mailer(R"({ "faults": [ { "on": "message", "nth": 1, "reply": "451 4.7.1 Try again later" } ] })");
  EXPECT_EQ(mailer.send(), "451 4.7.1 Try again later\r\n");
  EXPECT_EQ(mailer.accepted_count(), 0U);
  EXPECT_EQ(mailer.say("RCPT TO:<a@b>"), "503 5.5.1 Error: need MAIL command\r\n") << "the transaction is over";
  EXPECT_THAT(mailer.send(), StartsWith("250"));
  EXPECT_EQ(mailer.server().rules()[0].fired, 1U);
}

TEST(SmtpFault, TheMessageMayBeAcceptedAndTheReplyBeARefusal) {
  Mailer mailer(
      R"({ "faults": [ { "on": "message", "nth": 1, "reply": "451 4.3.0 try later", "carried_out": true } ] })");
  EXPECT_EQ(mailer.send(), "451 4.3.0 try later\r\n");
  EXPECT_EQ(mailer.accepted_count(), 1U);
  EXPECT_THAT(mailer.send(), StartsWith("250"));
  EXPECT_EQ(mailer.accepted_count(), 2U);
}

TEST(SmtpFault, TheArgumentOfRcptAndMailIsTheAddress) {
  Mailer mailer(R"({ "faults": [ { "on": "RCPT", "argument": "carl@c.test", "nth": 1, "reply": "450 4.2.0 greylisted" },
    { "on": "MAIL", "argument": "", "reply": "550 no bounces" }, { "on": "RCPT", "argument": "TO:<eve@c.test>", "reply": "550 no" } ] })");
  EXPECT_EQ(mailer.say("MAIL FROM:<>"), "550 no bounces\r\n");
  EXPECT_THAT(mailer.say("MAIL FROM:<anna@zillum.test> SIZE=5"), StartsWith("250"));
  EXPECT_THAT(mailer.say("RCPT TO:<bert@c.test>"), StartsWith("250"));
  EXPECT_EQ(mailer.say("rcpt to:<carl@c.test> NOTIFY=NEVER"), "450 4.2.0 greylisted\r\n");
  EXPECT_THAT(mailer.say("RCPT TO: <carl@c.test>"), ::testing::Not(StartsWith("450 4.2.0 greylisted")));
  EXPECT_EQ(mailer.say("RCPT TO:<eve@c.test>"), "550 no\r\n");
}

TEST(SmtpFault, A421MayLeaveTheConnectionOpen) {
  Mailer closing(R"({ "faults": [ { "on": "NOOP", "reply": "421 4.3.2 busy" } ] })");
  EXPECT_EQ(closing.bytes("NOOP\r\nRSET\r\n"), "421 4.3.2 busy\r\n");
  EXPECT_EQ(closing.ending, "orderly");
  Mailer open(R"({ "faults": [ { "on": "NOOP", "reply": "421 4.3.2 busy", "ending": "open" } ] })");
  EXPECT_EQ(open.bytes("NOOP\r\nRSET\r\n"), "421 4.3.2 busy\r\n250 2.0.0 Ok\r\n");
}

TEST(SmtpFault, TheMessageMayBeAcceptedAndTheReplyLost) {
  Mailer mailer(R"({ "faults": [ { "on": "message", "misbehave": "no-answer-to-message" } ] })");
  EXPECT_EQ(mailer.send(), "");
  EXPECT_EQ(mailer.ending, "orderly");
  EXPECT_EQ(mailer.accepted_count(), 1U);
}

TEST(SmtpFault, ScriptedRepliesThatAskForMoreGetIt) {
  Mailer data(R"({ "faults": [ { "on": "DATA", "reply": "354 go" } ] })");
  EXPECT_EQ(data.say("DATA"), "354 go\r\n");
  EXPECT_EQ(data.bytes("QUIT\r\n.\r\n"), "554 5.5.1 Error: no valid recipients\r\n");
  EXPECT_THAT(data.send(), StartsWith("250")) << "with a transaction it is as usual";
  Desk auth(
      "generic",
      R"({ "faults": [ { "on": "AUTH", "nth": 1, "reply": "334 VXNlcm5hbWU6" }, { "on": "AUTH", "nth": 2, "reply": "535 no" }, { "on": "AUTH", "nth": 3, "reply": "235 yes" } ] })");
  auth.connect();
  auth.say("EHLO a");
  EXPECT_EQ(auth.say("AUTH PLAIN"), "334 VXNlcm5hbWU6\r\n");
  EXPECT_EQ(auth.say(Desk::plain("anna@zillum.test", "s3cret")), "235 2.7.0 Authentication successful\r\n")
      << "a scripted challenge is answered like any other";
  EXPECT_THAT(auth.rig.lines(), ::testing::Contains("C: <credentials>"));
  EXPECT_EQ(auth.say("AUTH PLAIN x"), "535 no\r\n");
  EXPECT_EQ(auth.say("AUTH PLAIN x"), "235 yes\r\n");
  EXPECT_EQ(auth.observed("failed_logins"), Value(1));
  Mailer chunk(R"({ "faults": [ { "on": "BDAT", "reply": "250 ok" } ] })");
  EXPECT_EQ(chunk.bytes("BDAT 6\r\nQUIT\r\nNOOP\r\n"), "250 ok\r\n250 2.0.0 Ok\r\n");
}

TEST(SmtpFault, A421ClosesAndQuitLeaves) {
  Mailer mailer(
      R"({ "faults": [ { "on": "MAIL", "reply": "421 4.3.0 bye" }, { "on": "QUIT", "reply": "250 stay" } ] })");
  EXPECT_EQ(mailer.say("MAIL FROM:<a@b>"), "421 4.3.0 bye\r\n");
  EXPECT_EQ(mailer.ending, "orderly");
  mailer.log_in(false);
  EXPECT_EQ(mailer.say("QUIT"), "250 stay\r\n");
  EXPECT_EQ(mailer.ending, "orderly");
}

TEST(SmtpFault, RulesLookAtUsersAndArguments) {
  Mailer mailer(
      R"({ "faults": [ { "on": "RCPT", "argument": "TO:<bad@c>", "reply": "550 no" }, { "on": "NOOP", "mailbox": "anna@zillum.test", "reply": "250 anna" } ] })");
  EXPECT_EQ(mailer.say("NOOP"), "250 anna\r\n");
  mailer.say("MAIL FROM:<a@b>");
  EXPECT_EQ(mailer.say("RCPT TO:<bad@c>"), "550 no\r\n");
  EXPECT_THAT(mailer.say("RCPT TO:<good@c>"), StartsWith("250"));
  mailer.connect();
  EXPECT_EQ(mailer.say("NOOP"), "250 2.0.0 Ok\r\n");
}

TEST(SmtpFault, CanBeExchanged) {
  Mailer mailer(R"({ "faults": [ { "on": "NOOP", "reply": "500 no" } ] })");
  EXPECT_EQ(mailer.say("NOOP"), "500 no\r\n");
  ASSERT_TRUE(mailer.change("set", R"({ "faults": [ { "on": "RSET", "reply": "500 no" } ] })"));
  mailer.log_in(false);
  EXPECT_EQ(mailer.say("NOOP"), "250 2.0.0 Ok\r\n");
  EXPECT_EQ(mailer.say("RSET"), "500 no\r\n");
}

}  // namespace
}  // namespace mailrig::fakeservers::smtp
