// Greetings, encryption and logins: who gets a password, and what a refusal is taken for.
#include "client/pop3/testing/session_scripts.h"

namespace mailrig::client {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)
using ::testing::ElementsAre;

Script::Make login_of(Pop3Settings settings = asking()) {
  return session_of([](RecordingTarget&) {}, std::move(settings));
}

// Greetings

TEST(Pop3Login, WhatIsNoGreetingGetsNoPassword) {  // docs/providers/misbehaviours.md#m31
  for (std::string_view banner : {"220 mail.isp.test ESMTP ready", "SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u2",
                                  "HTTP/1.1 400 Bad Request", "+OK- ready", "OK ready", "* OK IMAP4rev1"}) {
    auto check = [](Session& session) {
      EXPECT_FALSE(report_of(session).greeted);
      EXPECT_THAT(target_of(session).log, ElementsAre("left"));
    };
    EXPECT_EQ(
        Script{}.server(banner).closes(Ending::reset).then_fails(Errc::peer_protocol).at_every_split(login_of(), check),
        "")
        << banner;
  }
}

TEST(Pop3Login, AGreetingThatRefuses) {
  auto check = [](Session& session) {
    EXPECT_FALSE(report_of(session).greeted);
    EXPECT_EQ(report_of(session).refusal->kind, Pop3Refusal::Kind::unavailable);
    EXPECT_EQ(report_of(session).refusal->text, "Server error");
  };
  for (std::string_view banner : {"-ERR Server error", "+ERR Server error"})
    EXPECT_EQ(Script{}
                  .server(banner)
                  .closes(Ending::reset)
                  .then_fails(Errc::peer_refused, "unavailable")
                  .also_failing_each_step(login_of(), check),
              "");
}

TEST(Pop3Login, ASecondLineOfTheGreetingIsNone) {
  EXPECT_EQ(Script{}
                .server_bytes("+OK ready\r\nand more\r\n")
                .closes(Ending::reset)
                .then_fails(Errc::peer_protocol)
                .play(*login_of()()),
            "");
  EXPECT_EQ(Script{}
                .server_bytes("+OK ready\r\nand")
                .closes(Ending::reset)
                .then_fails(Errc::peer_protocol)
                .play(*login_of()()),
            "");
  // Late, it is taken for the answer to CAPA, and is none.
  EXPECT_EQ(Script{}
                .server("+OK ready")
                .client("CAPA")
                .server("and more")
                .closes(Ending::reset)
                .then_fails(Errc::peer_protocol)
                .at_every_split(login_of()),
            "");
  // A blank line does no harm (docs/providers/misbehaviours.md#m34).
  EXPECT_EQ(Script{}
                .server_bytes("+OK ready\r\n\r\n")
                .client("CAPA")
                .server_bytes("\r\n-ERR\r\n")
                .client("USER anna")
                .server("-ERR")
                .client("QUIT")
                .server("+OK")
                .then_fails(Errc::peer_refused)
                .play(*login_of()()),
            "");
}

// Encryption

Pop3Settings with_stls() { return {.tls = TlsMode::starttls, .user = "anna", .password = "s3cret"}; }

TEST(Pop3Login, NothingIsSaidInClearWhereTlsIsRequired) {
  Script script = Script{}
                      .server("+OK Dovecot ready.")
                      .client("CAPA")
                      .server_bytes("+OK\r\nPIPELINING\r\nSTLS\r\n.\r\n")
                      .client("STLS")
                      .at(Step::tls)
                      .server("+OK Begin TLS negotiation now.")
                      .starts_tls()
                      .client("CAPA")
                      .server_bytes("+OK\r\nTOP\r\nUIDL\r\n.\r\n")
                      .client("USER anna")
                      .server("+OK")
                      .client("PASS s3cret")
                      .server("+OK")
                      .client("CAPA")
                      .server("-ERR")
                      .client("STAT")  // what was offered before TLS is forgotten (RFC 2595 §4): one by one
                      .server("+OK 0 0")
                      .client("QUIT")
                      .server("+OK")
                      .then_done();
  EXPECT_EQ(script.also_failing_each_step(login_of(with_stls())), "");
}

TEST(Pop3Login, WithoutCapabilitiesStlsIsTriedAllTheSame) {
  Pop3Settings settings = with_stls();
  settings.ask_capabilities = false;
  EXPECT_EQ(Script{}
                .server("+OK")
                .client("STLS")
                .server("+OK")
                .starts_tls()
                .client("USER anna")
                .server("-ERR")
                .client("QUIT")
                .server("+OK")
                .then_fails(Errc::peer_refused, "no-login")
                .also_failing_each_step(login_of(settings)),
            "");
  EXPECT_EQ(Script{}
                .server("+OK")
                .client("CAPA")
                .server("-ERR")
                .client("STLS")
                .server("-ERR")
                .client("QUIT")
                .server("+OK")
                .then_fails(Errc::peer_refused, "no-stls")
                .also_failing_each_step(login_of(with_stls())),
            "");
}

TEST(Pop3Login, StlsThatIsRefusedEndsTheSession) {  // docs/providers/misbehaviours.md#m37
  for (std::string_view offer : {"STLS\r\n", ""}) {
    Script script = Script{}
                        .server("+OK")
                        .client("CAPA")
                        .server_bytes("+OK\r\n" + std::string(offer) + ".\r\n")
                        .client("STLS")
                        .server("-ERR TLS support isn't enabled.")
                        .client("QUIT")
                        .server("+OK")
                        .then_fails(Errc::peer_refused, "no-stls");
    EXPECT_EQ(script.also_failing_each_step(login_of(with_stls())), "");
  }
}

TEST(Pop3Login, WhatIsInjectedBehindStlsIsNotRead) {  // docs/providers/misbehaviours.md#m35, CVE-2011-0411
  for (std::string_view injected : {"+OK\r\n", "+", "\r\n"})
    EXPECT_EQ(Script{}
                  .server("+OK")
                  .client("CAPA")
                  .server("-ERR")
                  .client("STLS")
                  .server_bytes("+OK Begin TLS negotiation.\r\n" + std::string(injected))
                  .closes(Ending::reset)
                  .then_fails(Errc::peer_protocol)
                  .play(*login_of(with_stls())()),
              "");
}

TEST(Pop3Login, ALoginThatCannotBeSaidIsNotSaid) {
  for (const std::string& bad : {std::string("an\rna"), std::string("an\nna"), std::string("an\0na", 5)}) {
    Pop3Settings user = asking();
    user.user = bad;
    Pop3Settings password = asking();
    password.password = bad;
    EXPECT_EQ(Script{}
                  .server("+OK")
                  .client("CAPA")
                  .server("-ERR")
                  .closes(Ending::reset)
                  .then_fails(Errc::bad_input)
                  .at_every_split(login_of(user)),
              "");
    EXPECT_EQ(Script{}
                  .server("+OK")
                  .client("CAPA")
                  .server("-ERR")
                  .closes(Ending::reset)
                  .then_fails(Errc::bad_input)
                  .at_every_split(login_of(password)),
              "");
  }
}

// Login

TEST(Pop3Login, ARefusedLoginIsToldAndNotRepeated) {
  Script script = Script{}
                      .server("+OK")
                      .client("CAPA")
                      .server("-ERR")
                      .client("USER anna")
                      .server("+OK")
                      .client("PASS s3cret")
                      .server("-ERR [AUTH] Username and password not accepted.")
                      .client("QUIT")
                      .server("+OK")
                      .then_fails(Errc::peer_refused, "authentication");
  auto check = [](Session& session) {
    EXPECT_FALSE(report_of(session).logged_in);
    EXPECT_TRUE(report_of(session).greeted);
    EXPECT_EQ(report_of(session).refusal->step, Step::login);
    EXPECT_EQ(report_of(session).refusal->text, "[AUTH] Username and password not accepted.");
    EXPECT_THAT(target_of(session).log, ElementsAre("quit"));
  };
  EXPECT_EQ(script.also_failing_each_step(login_of(), check), "");
}

TEST(Pop3Login, ARefusedUserNameGetsNoPassword) {
  Script script = Script{}
                      .server("+OK")
                      .client("CAPA")
                      .server("-ERR")
                      .client("USER anna")
                      .server("-ERR Command is not valid in this state.")
                      .client("QUIT")
                      .server("+OK")
                      .then_fails(Errc::peer_refused, "needs-tls");
  EXPECT_EQ(script.also_failing_each_step(login_of()), "");
}

TEST(Pop3Login, ARefusalOfTwoLines) {  // docs/providers/misbehaviours.md#m33
  Script refused =
      Script{}.server("+OK").client("CAPA").server("-ERR").client("USER anna").server("+OK").client("PASS s3cret");
  EXPECT_EQ(Script(refused)
                .server_bytes("-ERR Logon failure: unknown user name or bad password.\r\nConnection is closed. 21\r\n")
                .client("QUIT")
                .peer_closes()
                .closes(Ending::reset)
                .then_fails(Errc::peer_refused, "authentication")
                .play(*login_of()()),
            "");
  EXPECT_EQ(Script(refused)
                .server("-ERR Logon failure: unknown user name or bad password.")
                .client("QUIT")
                .server("Connection is closed. 21")
                .peer_closes()
                .closes(Ending::reset)
                .then_fails(Errc::peer_refused, "authentication")
                .at_every_split(login_of()),
            "");
  EXPECT_EQ(Script(refused)
                .server("-ERR no")
                .client("QUIT")
                .server_bytes("a\r\nb\r\nc\r\nd\r\n+OK\r\n")
                .then_fails(Errc::peer_refused)
                .at_every_split(login_of()),
            "");
  EXPECT_EQ(Script(refused)
                .server("-ERR no")
                .client("QUIT")
                .server_bytes("a\r\nb\r\nc\r\nd\r\ne\r\n")
                .closes(Ending::reset)
                .then_fails(Errc::peer_protocol)
                .at_every_split(login_of()),
            "");
}

TEST(Pop3Login, ALoginThatIsCutOffIsNoRefusal) {  // docs/providers/misbehaviours.md#m26
  for (bool at_user : {true, false}) {
    Script script = Script{}.server("+OK").client("CAPA").server("-ERR").client("USER anna");
    if (!at_user) script.server("+OK").client("PASS s3cret");
    auto session = login_of()();
    EXPECT_EQ(script.peer_closes().closes(Ending::reset).then_fails(Errc::end_of_stream).play(*session), "");
    EXPECT_TRUE(report_of(*session).lost_at_login);
    EXPECT_FALSE(report_of(*session).capabilities_failed);
  }
}

TEST(Pop3Login, SilenceAtCapaIsRemembered) {  // docs/providers/misbehaviours.md#m36
  auto session = login_of()();
  EXPECT_EQ(Script{}
                .server("+OK")
                .client("CAPA")
                .times_out()
                .closes(Ending::reset)
                .then_fails(Errc::timed_out)
                .play(*session),
            "");
  EXPECT_TRUE(report_of(*session).capabilities_failed);
  EXPECT_TRUE(report_of(*session).greeted);
  EXPECT_FALSE(report_of(*session).lost_at_login);
  auto middle = login_of()();
  EXPECT_EQ(Script{}
                .server("+OK")
                .client("CAPA")
                .server_bytes("+OK\r\nTOP\r\n")
                .times_out()
                .closes(Ending::reset)
                .then_fails(Errc::timed_out)
                .play(*middle),
            "");
  EXPECT_TRUE(report_of(*middle).capabilities_failed);
}

TEST(Pop3Login, OnlyTheLogin) {
  Pop3Settings settings = asking();
  settings.login_only = true;
  EXPECT_EQ(Script{}
                .server("+OK")
                .client("CAPA")
                .server_bytes("+OK\r\n.\r\n")
                .client("USER anna")
                .server("+OK")
                .client("PASS s3cret")
                .server("+OK")
                .client("QUIT")
                .server("+OK")
                .then_done()
                .also_failing_each_step(login_of(settings),
                                        [](Session& session) {
                                          EXPECT_TRUE(report_of(session).logged_in);
                                          EXPECT_THAT(target_of(session).log, ElementsAre("quit"));
                                        }),
            "");
}

TEST(Pop3Login, TheDialogueSaysWhereTlsBegins) {
  std::vector<std::string> lines;
  RecordingTarget target;
  Pop3Session session(with_stls(), target, [&](TranscriptEntry::Who who, std::string line) {
    lines.push_back(std::string(to_string(who)) + ' ' + line);
  });
  Script script = Script{}.server("+OK").client("CAPA").server_bytes("+OK\r\nSTLS\r\n.\r\n").client("STLS");
  script.server("+OK").starts_tls().client("CAPA").server("-ERR").client("USER anna").server("-ERR no").client("QUIT");
  EXPECT_EQ(script.server("+OK").then_fails(Errc::peer_refused).play(session), "");
  EXPECT_THAT(lines, ElementsAre("S +OK", "C CAPA", "S +OK", "S STLS", "S .", "C STLS", "S +OK", "* TLS is up",
                                 "C CAPA", "S -ERR", "C USER anna", "S -ERR no", "C QUIT", "S +OK"));
}

// Other ways to log in

TEST(Pop3Login, AUserCommandThatIsRefusedAsSuchJudgesNoPassword) {
  for (const char* refusal : {"-ERR command not supported", "-ERR unknown command", "-ERR", "-ERR no",
                              "-ERR [AUTH] go away", "-ERR not here, try another port"}) {
    Script script = Script{}
                        .server("+OK")
                        .client("CAPA")
                        .server_bytes("+OK\r\nUSER\r\nSASL GSSAPI\r\n.\r\n")
                        .client("USER anna")
                        .server(refusal)
                        .client("QUIT")
                        .server("+OK")
                        .then_fails(Errc::peer_refused, "no-login");
    EXPECT_EQ(script.also_failing_each_step(login_of()), "") << refusal;
  }
  Script unlisted = Script{}
                        .server("+OK")
                        .client("CAPA")
                        .server_bytes("+OK\r\nSASL GSSAPI\r\n.\r\n")
                        .client("USER anna")
                        .server("-ERR no")
                        .client("QUIT")
                        .server("+OK")
                        .then_fails(Errc::peer_refused, "no-login");
  EXPECT_EQ(unlisted.also_failing_each_step(login_of()), "");
  Script listed = Script{}
                      .server("+OK")
                      .client("CAPA")
                      .server_bytes("+OK\r\nUSER\r\n.\r\n")
                      .client("USER anna")
                      .server("-ERR no such user")
                      .client("QUIT")
                      .server("+OK")
                      .then_fails(Errc::peer_refused, "unknown-user");
  EXPECT_EQ(listed.also_failing_each_step(login_of()), "");
  Script switched_off = Script{}.server("+OK").client("CAPA").server("-ERR").client("USER anna");
  switched_off.server("-ERR [AUTH] POP3 has been switched off for this mailbox").client("QUIT").server("+OK");
  EXPECT_EQ(switched_off.then_fails(Errc::peer_refused, "permanent").also_failing_each_step(login_of()), "");
}

TEST(Pop3Login, WithoutUserAuthPlainIsUsed) {  // RFC 5034, RFC 4616
  auto plain_login = [](Script script) {
    return std::move(script.client("AUTH PLAIN").server("+ ").client("AGFubmEAczNjcmV0"));
  };
  Script only_sasl =
      plain_login(Script{}.server("+OK").client("CAPA").server_bytes("+OK\r\nsasl LOGIN plain\r\nPIPELINING\r\n.\r\n"));
  only_sasl.server("+OK in")
      .client_bytes("STAT\r\nLIST\r\nUIDL\r\n")
      .server("+OK 0 0")
      .server_bytes("+OK\r\n.\r\n+OK\r\n.\r\n");
  only_sasl.client("QUIT").server("+OK").then_done();
  EXPECT_EQ(only_sasl.at_every_split(login_of(), [](Session& session) { EXPECT_TRUE(report_of(session).logged_in); }),
            "");

  Script refused = plain_login(Script{}.server("+OK").client("CAPA").server_bytes("+OK\r\nSASL PLAIN\r\n.\r\n"));
  refused.server("-ERR no").client("QUIT").server("+OK").then_fails(Errc::peer_refused, "authentication");
  EXPECT_EQ(refused.also_failing_each_step(login_of()), "");

  Script after_user = plain_login(Script{}
                                      .server("+OK")
                                      .client("CAPA")
                                      .server_bytes("+OK\r\nUSER\r\nSASL PLAIN\r\n.\r\n")
                                      .client("USER anna")
                                      .server("-ERR unknown command"));
  after_user.server("-ERR no").client("QUIT").server("+OK").then_fails(Errc::peer_refused, "authentication");
  EXPECT_EQ(after_user.also_failing_each_step(login_of()), "");

  Script neither = Script{}
                       .server("+OK")
                       .client("CAPA")
                       .server_bytes("+OK\r\nSASL PLAIN\r\n.\r\n")
                       .client("AUTH PLAIN")
                       .server("-ERR unknown mechanism")
                       .client("QUIT")
                       .server("+OK")
                       .then_fails(Errc::peer_refused, "no-login");
  EXPECT_EQ(neither.also_failing_each_step(login_of()), "");

  for (const char* refusal : {"-ERR [AUTH] Unsupported authentication mechanism", "-ERR mechanism not available"}) {
    Script late = plain_login(Script{}.server("+OK").client("CAPA").server_bytes("+OK\r\nSASL PLAIN\r\n.\r\n"));
    late.server(refusal).client("QUIT").server("+OK").then_fails(Errc::peer_refused, "no-login");
    EXPECT_EQ(late.also_failing_each_step(login_of()), "") << refusal;
  }
}

TEST(Pop3Login, ThePasswordOfAuthPlainIsMasked) {
  std::string lines;
  RecordedSession session(asking(), [&](TranscriptEntry::Who, std::string line) { lines += line + "\n"; });
  Script script = Script{}.server("+OK").client("CAPA").server_bytes("+OK\r\nSASL PLAIN\r\n.\r\n").client("AUTH PLAIN");
  script.server("+").client("AGFubmEAczNjcmV0").server("-ERR no").client("QUIT").server("+OK");
  EXPECT_EQ(script.then_fails(Errc::peer_refused).play(session), "");
  EXPECT_EQ(lines.find("AGFubmE"), std::string::npos) << lines;
  EXPECT_NE(lines.find("<password>"), std::string::npos);
}

}  // namespace
}  // namespace mailrig::client
