#include "client/pop3/session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/pop3/testing/recording_target.h"
#include "net/testing/script.h"

namespace mailrig::client {
namespace {

using mailrig::testing::Script;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::RecordedSession;
using testing::RecordingTarget;
using ::testing::StartsWith;

using Prepare = std::function<void(RecordingTarget&)>;

Pop3Settings plain() { return {.tls = TlsMode::none, .user = "anna", .password = "s3cret"}; }

Script::Make session_of(
    Pop3Settings settings, Prepare prepare = [](RecordingTarget&) {}) {
  return [=] {
    auto session = std::make_unique<RecordedSession>(settings);
    prepare(session->target);
    return session;
  };
}

RecordingTarget& target_of(Session& session) { return static_cast<RecordedSession&>(session).target; }
const Pop3Report& report_of(Session& session) { return static_cast<RecordedSession&>(session).session.report(); }

/// A server without PIPELINING, up to the answer to PASS (RFC 1939 §10, docs/providers/exchange.md).
Script logged_in() {
  return Script{}
      .server("+OK The Microsoft Exchange POP3 service is ready.")
      .client("CAPA")
      .server_bytes("+OK\r\nTOP\r\nUIDL\r\nUSER\r\n.\r\n")
      .client("USER anna")
      .server("+OK")
      .client("PASS s3cret")
      .server("+OK User successfully logged on.")
      .client("CAPA")
      .server_bytes("+OK\r\nTOP\r\nUIDL\r\nUSER\r\n.\r\n");
}
Script listed(std::string sizes, std::string uids) {
  return logged_in()
      .client("STAT")
      .server("+OK 2 320")
      .client("LIST")
      .server_bytes("+OK\r\n" + sizes + ".\r\n")
      .client("UIDL")
      .server_bytes("+OK\r\n" + uids + ".\r\n");
}
Script two_listed() { return listed("1 120\r\n2 200\r\n", "1 aaa\r\n2 bbb\r\n"); }

/// A Dovecot, up to its listing (docs/providers/dovecot.md#replies).
Script pipelining(std::string_view user = "anna") {
  return Script{}
      .server("+OK Dovecot ready.")
      .client("CAPA")
      .server_bytes("+OK\r\nCAPA\r\nTOP\r\nUIDL\r\nRESP-CODES\r\nPIPELINING\r\nUSER\r\nSASL PLAIN\r\n.\r\n")
      .client("USER " + std::string(user))
      .server("+OK")
      .client("PASS s3cret")
      .server("+OK Logged in.")
      .client_bytes("STAT\r\nLIST\r\nUIDL\r\n");
}

TEST(Pop3Session, OneByOneWhereNothingElseIsOffered) {
  Script script = two_listed()
                      .client("RETR 1")
                      .at(Step::retrieve)
                      .server_bytes("+OK\r\nSubject: a\r\n\r\n..one\r\n.\r\n")
                      .client("RETR 2")
                      .server_bytes("+OK 200 octets\r\nSubject: b\r\n\r\n.\r\n")
                      .client("NOOP")
                      .at(Step::request)
                      .server("+OK")
                      .commits()
                      .client("DELE 1")
                      .at(Step::remove)
                      .server("+OK")
                      .client("DELE 2")
                      .server("+OK")
                      .client("QUIT")
                      .at(Step::quit)
                      .server("+OK Microsoft Exchange Server 2013 POP3 server signing off.")
                      .then_done();
  auto check = [](Session& session) {
    RecordingTarget& target = target_of(session);
    EXPECT_THAT(target.log, ElementsAre("plan 1:aaa:120 2:bbb:200", "begin 1", "end", "begin 2", "end", "committed",
                                        "may delete 1?", "deleted 1", "may delete 2?", "deleted 2", "quit"));
    EXPECT_THAT(target.messages, ElementsAre("Subject: a\r\n\r\n.one\r\n", "Subject: b\r\n\r\n"));
    const Pop3Report& report = report_of(session);
    EXPECT_TRUE(report.greeted && report.logged_in && report.quit_confirmed);
    EXPECT_EQ(report.retrieved, 2U);
    EXPECT_EQ(report.removed, 2U);
    EXPECT_FALSE(report.refusal.has_value());
    EXPECT_FALSE(report.astray || report.capabilities_failed || report.lost_at_login);
    EXPECT_TRUE(target.offer.top && target.offer.uidl);
    EXPECT_FALSE(target.offer.pipelining || target.offer.expires_at_once);
    // Greeting, CAPA twice, USER, PASS, STAT, LIST, UIDL, RETR twice, DELE twice, QUIT; the NOOP is our own affair.
    EXPECT_EQ(session.exchanges(), 13U);
  };
  EXPECT_EQ(script.also_failing_each_step(session_of(plain(), [](RecordingTarget& t) { t.deletes = true; }), check),
            "");
}

TEST(Pop3Session, PipelinedWhereOffered) {
  Script script =
      pipelining()
          .server_bytes("+OK 3 30\r\n+OK 3 messages:\r\n1 10\r\n2 20\r\n3 0\r\n.\r\n+OK\r\n1 a\r\n2 b\r\n3 c\r\n.\r\n")
          .client_bytes("RETR 1\r\nRETR 2\r\nRETR 3\r\nNOOP\r\n")
          .at(Step::retrieve)
          .server_bytes("+OK 4 octets\r\none\r\n.\r\n+OK 4 octets\r\n..two\r\n.\r\n+OK 0 octets\r\n.\r\n+OK\r\n")
          .commits()
          .client_bytes("DELE 1\r\nDELE 2\r\nDELE 3\r\n")
          .server_bytes("+OK Marked to be deleted.\r\n+OK Marked to be deleted.\r\n+OK Marked to be deleted.\r\n")
          .client("QUIT")
          .server("+OK Logging out, messages deleted.")
          .then_done();
  auto check = [](Session& session) {
    EXPECT_THAT(target_of(session).messages, ElementsAre("one\r\n", ".two\r\n", ""));
    EXPECT_TRUE(target_of(session).offer.pipelining);
    EXPECT_EQ(report_of(session).removed, 3U);
    EXPECT_EQ(session.exchanges(), 4U + 3U + 3U + 3U + 1U);
  };
  EXPECT_EQ(script.also_failing_each_step(session_of(plain(), [](RecordingTarget& t) { t.deletes = true; }), check),
            "");
}

// Gmail: docs/providers/gmail.md#dialogue; docs/providers/misbehaviours.md#m10
TEST(Pop3Session, PipeliningThatIsOfferedAfterTheLoginOnly) {
  Script script =
      Script{}
          .server("+OK Gpop ready for requests from 127.0.0.1 hv19mb95710270qab")
          .client("CAPA")
          .server_bytes(
              "+OK Capability list follows\r\nUSER\r\nRESP-CODES\r\nEXPIRE 0\r\nLOGIN-DELAY "
              "300\r\nTOP\r\nUIDL\r\n.\r\n")
          .client("USER anna")
          .server("+OK send PASS")
          .client("PASS s3cret")
          .server("+OK Welcome.")
          .client("CAPA")
          .server_bytes("+OK Capability list follows\r\nUSER\r\nEXPIRE 0\r\nLOGIN-DELAY 300\r\nPIPELINING\r\n.\r\n")
          .client_bytes("STAT\r\nLIST\r\nUIDL\r\n")
          .server_bytes("+OK 0 0\r\n+OK message sizes follow\r\n.\r\n+OK UIDs follow\r\n.\r\n")
          .client("QUIT")
          .server("+OK Farewell.")
          .then_done();
  auto check = [](Session& session) {
    EXPECT_THAT(target_of(session).log, ElementsAre("plan", "quit"));
    EXPECT_TRUE(target_of(session).offer.expires_at_once);
    EXPECT_EQ(target_of(session).offer.login_delay_seconds, 300U);
    EXPECT_FALSE(target_of(session).offer.top) << "the later answer counts";
  };
  EXPECT_EQ(script.also_failing_each_step(session_of(plain()), check), "");
}

TEST(Pop3Session, ALoginWithoutCapabilities) {
  Script script = Script{}
                      .server("+OK")
                      .client("CAPA")
                      .server("-ERR unknown command")
                      .client("USER anna")
                      .server("+OK")
                      .client("PASS s3cret")
                      .server("+OK")
                      .client("STAT")
                      .server("+OK 0 0")
                      .client("QUIT")
                      .server("+OK")
                      .then_done();
  auto check = [](Session& session) { EXPECT_TRUE(target_of(session).offer.top) << "unknown, so it is worth a try"; };
  EXPECT_EQ(script.also_failing_each_step(session_of(plain()), check), "");
  Script without = Script{}
                       .server("+OK")
                       .client("USER anna")
                       .server("+OK")
                       .client("PASS s3cret")
                       .server("+OK")
                       .client("STAT")
                       .server("+OK 0 0")
                       .client("QUIT")
                       .server("+OK")
                       .then_done();
  Pop3Settings settings = plain();
  settings.ask_capabilities = false;
  EXPECT_EQ(without.also_failing_each_step(session_of(settings), check), "");
}

TEST(Pop3Session, PatienceIsTheAccounts) {
  Pop3Settings settings = plain();
  settings.greeting_patience = 7s;
  settings.reply_patience = 90s;
  Script script = Script{}
                      .server("+OK")
                      .at(Step::greeting)
                      .patiently(7s)
                      .client("CAPA")
                      .at(Step::capabilities)
                      .server("-ERR")
                      .at(Step::capabilities)
                      .patiently(90s)
                      .client("USER anna")
                      .at(Step::login)
                      .server("+OK")
                      .at(Step::login)
                      .patiently(90s)
                      .client("PASS s3cret")
                      .at(Step::login)
                      .server("+OK")
                      .client("STAT")
                      .at(Step::list)
                      .server("+OK 0 0")
                      .at(Step::list)
                      .patiently(90s)
                      .client("QUIT")
                      .at(Step::quit)
                      .server("+OK")
                      .at(Step::quit)
                      .patiently(10s)  // nothing depends on it
                      .then_done();
  EXPECT_EQ(script.at_every_split(session_of(settings)), "");
  Script with_mail = two_listed()
                         .client("RETR 1")
                         .server_bytes("+OK\r\nx\r\n.\r\n")
                         .patiently(90s)
                         .client("NOOP")
                         .server("+OK")
                         .commits()
                         .client("QUIT")
                         .server("+OK")
                         .patiently(90s)
                         .then_done();
  EXPECT_EQ(
      with_mail.at_every_split(session_of(settings, [](RecordingTarget& t) { t.wants[2] = FetchDecision::leave; })),
      "");
  settings.reply_patience = 3s;
  Script hasty = Script{}
                     .server("+OK")
                     .client("CAPA")
                     .server("-ERR")
                     .client("USER anna")
                     .server("-ERR")
                     .client("QUIT")
                     .server("+OK")
                     .patiently(3s)
                     .then_fails(Errc::peer_refused);
  EXPECT_EQ(hasty.at_every_split(session_of(settings)), "");
}

// The listing

TEST(Pop3Session, ARefusedStatEndsTheSession) {  // docs/providers/refusals-and-counters.md#refused-after-login
  Script script = logged_in()
                      .client("STAT")
                      .server("-ERR login allowed only every 15 minutes")
                      .client("QUIT")
                      .server("+OK")
                      .then_fails(Errc::peer_refused, "login-delay");
  auto check = [](Session& session) {
    EXPECT_TRUE(report_of(session).logged_in);
    EXPECT_EQ(report_of(session).refusal->retry_after, 15min);
    EXPECT_THAT(target_of(session).log, ElementsAre("quit"));
  };
  EXPECT_EQ(script.also_failing_each_step(session_of(plain()), check), "");
}

TEST(Pop3Session, ARefusedStatOfThreePipelined) {
  Script script =
      pipelining()
          .server_bytes(
              "-ERR [SYS/PERM] Your account is not enabled for POP access.\r\n+OK\r\n1 10\r\n.\r\n-ERR no\r\n")
          .client("QUIT")
          .server("+OK")
          .then_fails(Errc::peer_refused, "permanent");
  EXPECT_EQ(script.also_failing_each_step(session_of(plain())), "");
}

TEST(Pop3Session, ARefusedListEndsTheSession) {
  Script script = logged_in()
                      .client("STAT")
                      .server("+OK 2 320")
                      .client("LIST")
                      .server("-ERR [SYS/TEMP] Couldn't sync mailbox.")
                      .client("QUIT")
                      .server("+OK")
                      .then_fails(Errc::peer_refused, "temporary");
  EXPECT_EQ(script.also_failing_each_step(session_of(plain())), "");
}

TEST(Pop3Session, UidlMayBeMissing) {  // docs/providers/misbehaviours.md#m9
  Script script = logged_in()
                      .client("STAT")
                      .server("+OK 1 120")
                      .client("LIST")
                      .server_bytes("+OK\r\n1 120\r\n.\r\n")
                      .client("UIDL")
                      .server("-ERR unknown command")
                      .client("QUIT")
                      .server("+OK")
                      .then_done();
  auto check = [](Session& session) {
    EXPECT_THAT(target_of(session).log, ElementsAre("plan 1::120", "quit"));
    EXPECT_FALSE(target_of(session).offer.uidl);
  };
  EXPECT_EQ(script.also_failing_each_step(
                session_of(plain(), [](RecordingTarget& t) { t.wants[1] = FetchDecision::leave; }), check),
            "");
  Script trouble = logged_in()
                       .client("STAT")
                       .server("+OK 1 120")
                       .client("LIST")
                       .server_bytes("+OK\r\n1 120\r\n.\r\n")
                       .client("UIDL")
                       .server("-ERR User is authenticated but not connected.")
                       .client("QUIT")
                       .server("+OK")
                       .then_fails(Errc::peer_refused, "temporary");
  EXPECT_EQ(trouble.also_failing_each_step(session_of(plain())), "");
}

TEST(Pop3Session, StatsOfAllKinds) {  // docs/providers/misbehaviours.md#m20, #m21
  for (std::string_view stat : {"+OK 3 4294967800", "+OK 2 (320 octets)", "+OK", "+OK 2 messages", "+OK many"})
    EXPECT_EQ(logged_in()
                  .client("STAT")
                  .server(stat)
                  .client("LIST")
                  .server_bytes("+OK\r\n.\r\n")
                  .client("UIDL")
                  .server_bytes("+OK\r\n.\r\n")
                  .client("QUIT")
                  .server("+OK")
                  .then_done()
                  .at_every_split(session_of(plain())),
              "")
        << stat;
}

TEST(Pop3Session, DotsInListings) {  // docs/providers/misbehaviours.md#m22, #m36
  Script script = listed(".1 10\r\n", "1 ..b\r\n.2 c\r\n").client("QUIT").server("+OK").then_done();
  auto check = [](Session& session) {
    EXPECT_THAT(target_of(session).log, ElementsAre("plan 1:..b:10 2:c:0", "quit"));
  };
  auto leave_all = [](RecordingTarget& t) { t.wants = {{1, FetchDecision::leave}, {2, FetchDecision::leave}}; };
  EXPECT_EQ(script.at_every_split(session_of(plain(), leave_all), check), "");
}

TEST(Pop3Session, LinesOfBareLf) {
  Script script = Script{}
                      .server_bytes("+OK\n")
                      .client("CAPA")
                      .server_bytes("-ERR\n")
                      .client("USER anna")
                      .server_bytes("+OK\n")
                      .client("PASS s3cret")
                      .server_bytes("+OK\n")
                      .client("STAT")
                      .server_bytes("+OK 1 5\n")
                      .client("LIST")
                      .server_bytes("+OK\n1 5\n.\n")
                      .client("UIDL")
                      .server_bytes("+OK\n1 a\n.\n")
                      .client("RETR 1")
                      .server_bytes("+OK\na\n..b\n.\n")
                      .client("NOOP")
                      .server_bytes("+OK\n")
                      .commits()
                      .client("QUIT")
                      .server_bytes("+OK\n")
                      .then_done();
  auto check = [](Session& session) { EXPECT_THAT(target_of(session).messages, ElementsAre("a\n.b\n")); };
  EXPECT_EQ(script.also_failing_each_step(session_of(plain()), check), "");
}

}  // namespace
}  // namespace mailrig::client
