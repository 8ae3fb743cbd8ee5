#include "client/smtp/session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/testing/script.h"

namespace mailrig::client {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::Script;

constexpr std::string_view text = "Subject: hi\r\n\r\nhello\r\n";  // 22 octets

SmtpMessage message(std::string_view content = text) {
  return {.from = "anna@a.test", .recipients = {"bob@b.test"}, .content = content};
}

struct Setting {
  SmtpSettings settings;
  std::vector<SmtpMessage> messages = {message()};
};
SmtpSettings clear() { return {.tls = TlsMode::none, .hello = "rig.test"}; }
SmtpSettings clear_with_login() {
  return {.tls = TlsMode::none, .user = "anna", .password = "s3cret", .hello = "rig.test"};
}
SmtpSettings starttls() {
  return {.tls = TlsMode::starttls, .user = "anna", .password = "s3cret", .hello = "rig.test"};
}
SmtpSettings implicit() {
  return {.tls = TlsMode::implicit, .user = "anna", .password = "s3cret", .hello = "rig.test"};
}

Script::Make make(Setting setting) {
  return [setting] { return std::make_unique<SmtpSession>(setting.settings, setting.messages); };
}
const SmtpSession& smtp(const Session& session) { return dynamic_cast<const SmtpSession&>(session); }

Script greeted() {
  return Script{}.server("220 mx.b.test ESMTP").at(Step::greeting).client("EHLO rig.test").at(Step::hello);
}
Script& with_message(Script&& script) {
  return script.client("MAIL FROM:<anna@a.test>")
      .at(Step::mail)
      .server("250 ok")
      .client("RCPT TO:<bob@b.test>")
      .at(Step::recipient)
      .server("250 ok")
      .client("DATA")
      .at(Step::data)
      .server("354 go")
      .client_bytes(std::string(text) + ".\r\n")
      .at(Step::data)
      .server("250 2.0.0 Queued")
      .patiently(10min)
      .client("QUIT")
      .at(Step::quit)
      .server("221 bye")
      .then_done();
}
Script& with_message(Script& script) { return with_message(std::move(script)); }
void expect_sent(Session& session) {
  ASSERT_EQ(smtp(session).results().size(), 1U);
  EXPECT_TRUE(smtp(session).results()[0].sent);
  EXPECT_TRUE(smtp(session).status());
  EXPECT_FALSE(smtp(session).refusal());
}

TEST(SmtpSession, WithoutTlsAndLogin) {
  EXPECT_EQ(with_message(greeted().server("250 mx.b.test")).also_failing_each_step(make({clear()}), expect_sent), "");
}

TEST(SmtpSession, PatienceIsAsSet) {
  SmtpSettings settings = clear();
  settings.greeting_patience = 7s;
  settings.reply_patience = 8s;
  settings.final_patience = 9s;
  Script script;
  script.server("220 x").patiently(7s).client("EHLO rig.test").server("250 x").patiently(8s);
  script.client("MAIL FROM:<anna@a.test>")
      .server("250 ok")
      .patiently(8s)
      .client("RCPT TO:<bob@b.test>")
      .server("250 ok");
  script.client("DATA").server("354 go").patiently(8s).client_bytes(std::string(text) + ".\r\n");
  script.server("250 ok").patiently(9s).client("QUIT").server("221 bye").patiently(8s).then_done();
  EXPECT_EQ(script.at_every_split(make({settings})), "");
}

TEST(SmtpSession, StartTlsThenLoginThenMail) {
  Script script = greeted();
  script.server_bytes("250-mx.b.test\r\n250-AUTH PLAIN\r\n250-STARTTLS\r\n250 SIZE 22\r\n");
  script.client("STARTTLS").at(Step::tls).server("220 go").starts_tls().client("EHLO rig.test").at(Step::hello);
  script.server_bytes("250-mx.b.test\r\n250 AUTH PLAIN LOGIN\r\n");
  script.client("AUTH PLAIN AGFubmEAczNjcmV0").at(Step::login).server("235 2.7.0 in");
  EXPECT_EQ(with_message(script).also_failing_each_step(make({starttls()}), expect_sent), "");
}

TEST(SmtpSession, ImplicitTlsIsUpAlready) {
  Script script;
  script.server("220 mx.b.test").client("EHLO rig.test").server_bytes("250-mx\r\n250 AUTH PLAIN\r\n");
  script.client("AUTH PLAIN AGFubmEAczNjcmV0").server("235 in");
  EXPECT_EQ(with_message(script).also_failing_each_step(make({implicit()}), expect_sent), "");
}

// ---- the greeting

struct Refusal {
  const char* line;
  Errc code;
  SmtpTrouble trouble;
};

TEST(SmtpSession, GreetingsThatAreNone) {
  for (const Refusal& row :
       {Refusal{"554 mx.b.test not accepting connections", Errc::peer_refused, SmtpTrouble::permanent},
        Refusal{"500 no", Errc::peer_refused, SmtpTrouble::permanent},
        Refusal{"450 later", Errc::peer_refused, SmtpTrouble::temporary},
        Refusal{"221 bye", Errc::peer_refused, SmtpTrouble::temporary},
        Refusal{"250 hello", Errc::peer_protocol, SmtpTrouble::temporary},
        Refusal{"354 go", Errc::peer_protocol, SmtpTrouble::temporary}}) {
    Script script;
    script.server(row.line).client("QUIT").server("221 bye").then_fails(row.code);
    EXPECT_EQ(script.also_failing_each_step(make({clear()}),
                                            [&](Session& session) {
                                              const SmtpResult& result = smtp(session).results().at(0);
                                              EXPECT_FALSE(result.sent);
                                              EXPECT_EQ(result.judgement.trouble, row.trouble) << row.line;
                                              EXPECT_EQ(result.recipients.at(0).judgement.trouble, row.trouble);
                                            }),
              "")
        << row.line;
  }
}

TEST(SmtpSession, A421EndsTheSessionWithoutQuitWhereverItComes) {
  Script greeting;
  greeting.server("421 4.3.2 busy").then_fails(Errc::peer_refused, "421 4.3.2 busy");
  auto check = [](Session& session) {
    EXPECT_EQ(smtp(session).results().at(0).judgement.trouble, SmtpTrouble::temporary);
    EXPECT_EQ(smtp(session).results().at(0).judgement.code, 421U);
    EXPECT_FALSE(smtp(session).results().at(0).in_doubt);
  };
  EXPECT_EQ(greeting.at_every_split(make({clear()}), check), "");
  Script hello = greeted();
  hello.server("421 busy").then_fails(Errc::peer_refused);
  EXPECT_EQ(hello.at_every_split(make({clear()}), check), "");
  Script data = greeted();
  data.server("250 x")
      .client("MAIL FROM:<anna@a.test>")
      .server("250 ok")
      .client("RCPT TO:<bob@b.test>")
      .server("250 ok");
  data.client("DATA").server("354 go").client_bytes(std::string(text) + ".\r\n").server("421 4.4.1 too slow");
  data.then_fails(Errc::peer_refused);
  EXPECT_EQ(data.at_every_split(make({clear()}), check), "");
}

TEST(SmtpSession, AnotherProtocolAtThisPort) {
  for (const char* banner : {"+OK Dovecot ready.", "SSH-2.0-x", "HTTP/1.1 400 Bad Request"}) {
    SmtpSession session(starttls(), {message()});
    EXPECT_EQ(Script{}.server(banner).then_fails(Errc::peer_protocol).play(session), "");
    EXPECT_EQ(session.status().error().step, Step::greeting);
  }
}

TEST(SmtpSession, AMultiLineGreetingIsOne) {
  Script script;
  script.server_bytes("220-a\r\n220 b\r\n").client("EHLO rig.test").server("250 x");
  EXPECT_EQ(with_message(script).at_every_split(make({clear()}), expect_sent), "");
}

// ---- EHLO and HELO

TEST(SmtpSession, HeloIsEnoughWhereNothingIsNeededOfEhlo) {
  for (const char* refusal : {"500 what", "501 what", "502 what", "504 what", "550 what"}) {
    Script script = greeted();
    script.server(refusal).client("HELO rig.test").at(Step::hello).server("250 x");
    EXPECT_EQ(with_message(script).also_failing_each_step(make({clear()}), expect_sent), "") << refusal;
  }
  Script under_tls;
  under_tls.server("220 x").client("EHLO rig.test").server("502 what").client("HELO rig.test").server("250 x");
  SmtpSettings settings = implicit();
  settings.user.clear();
  EXPECT_EQ(with_message(under_tls).at_every_split(make({settings}), expect_sent), "");
}

TEST(SmtpSession, HeloIsNoWayAroundTlsOrLogin) {
  SmtpSettings no_login = starttls();
  no_login.user.clear();
  for (const SmtpSettings& settings : {starttls(), no_login, clear_with_login()}) {
    Script script = greeted();
    script.server("502 what").client("QUIT").server("221 bye").then_fails(Errc::peer_refused, "502");
    EXPECT_EQ(script.also_failing_each_step(make({settings})), "");
  }
}

TEST(SmtpSession, OtherRefusalsOfEhloAreFinal) {
  for (const char* refusal : {"530 no", "535 no", "554 no", "450 no"}) {
    Script script = greeted();
    script.server(refusal).client("QUIT").server("221 bye").then_fails(Errc::peer_refused);
    EXPECT_EQ(script.at_every_split(make({clear()})), "") << refusal;
  }
  for (const char* nonsense : {"220 x", "221 x", "354 x", "251 x"}) {
    Script script = greeted();
    script.server(nonsense).client("QUIT").server("221 bye").then_fails(Errc::peer_protocol);
    EXPECT_EQ(script.at_every_split(make({clear()})), "") << nonsense;
    Script helo = greeted();
    helo.server("500 x").client("HELO rig.test").server(nonsense).client("QUIT").server("221 bye");
    helo.then_fails(Errc::peer_protocol);
    EXPECT_EQ(helo.at_every_split(make({clear()})), "") << nonsense;
  }
  Script both = greeted();
  both.server("500 x").client("HELO rig.test").server("504 no").client("QUIT").server("221 bye");
  both.then_fails(Errc::peer_refused, "504");
  EXPECT_EQ(both.at_every_split(make({clear()})), "");
}

// ---- STARTTLS

TEST(SmtpSession, WithoutStartTlsNothingIsSaid) {
  for (const char* ehlo : {"250 x\r\n", "250-x\r\n250 AUTH PLAIN\r\n", "250-x\r\n250 PIPELINING\r\n"}) {
    Script script = greeted();
    script.server_bytes(ehlo).client("QUIT").server("221 bye").then_fails(Errc::peer_refused, "starttls-not-offered");
    EXPECT_EQ(script.also_failing_each_step(make({starttls()})), "");
  }
}

TEST(SmtpSession, OnlyA220StartsTls) {
  for (const Refusal& row : {Refusal{"454 4.7.0 not now", Errc::peer_refused, SmtpTrouble::temporary},
                             Refusal{"500 what", Errc::peer_refused, SmtpTrouble::permanent},
                             Refusal{"530 no", Errc::peer_refused, SmtpTrouble::no_login},
                             Refusal{"221 bye", Errc::peer_protocol, SmtpTrouble::temporary},
                             Refusal{"250 ok", Errc::peer_protocol, SmtpTrouble::temporary},
                             Refusal{"354 go", Errc::peer_protocol, SmtpTrouble::temporary}}) {
    Script script = greeted();
    script.server_bytes("250-x\r\n250 STARTTLS\r\n")
        .client("STARTTLS")
        .server(row.line)
        .client("QUIT")
        .server("221 bye");
    script.then_fails(row.code);
    EXPECT_EQ(script.also_failing_each_step(
                  make({starttls()}),
                  [&](Session& session) { EXPECT_EQ(smtp(session).results().at(0).judgement.trouble, row.trouble); }),
              "")
        << row.line;
  }
}

TEST(SmtpSession, BytesBehindTheAnswerToStartTlsEndIt) {
  for (const char* injected : {"250-x\r\n250 AUTH PLAIN\r\n", "250 x\r\n", "junk", "2", "\r\n"}) {
    SmtpSession session(starttls(), {message()});
    Script script = greeted();
    script.server_bytes("250-x\r\n250 STARTTLS\r\n").client("STARTTLS");
    script.server_bytes("220 go\r\n" + std::string(injected)).then_fails(Errc::peer_protocol);
    EXPECT_EQ(script.play(session), "") << injected;
  }
}

TEST(SmtpSession, ADialogueInjectedBehindARefusalIsNotBelieved) {  // curl's test 980
  SmtpSession session(starttls(), {message()});
  Script script = greeted();
  script.server_bytes("250-x\r\n250 STARTTLS\r\n").client("STARTTLS");
  script.server_bytes(
      "454 no\r\n250-x\r\n250 AUTH PLAIN\r\n235 in\r\n250 ok\r\n250 ok\r\n354 go\r\n250 ok\r\n221 bye\r\n");
  script.then_fails(Errc::peer_refused, "454");
  EXPECT_EQ(script.play(session), "");
  EXPECT_FALSE(session.results().at(0).sent);
}

TEST(SmtpSession, AnAnswerBeforeTheQuestionEndsIt) {
  SmtpSession session(clear(), {message()});
  Script script;
  script.server_bytes("220 x\r\n250 x\r\n").then_fails(Errc::peer_protocol);
  EXPECT_EQ(script.play(session), "");
  SmtpSession later(clear(), {message()});
  Script half = greeted();
  half.server_bytes("250 x\r\n2").then_fails(Errc::peer_protocol);
  EXPECT_EQ(half.play(later), "");
}

TEST(SmtpSession, WhatWasOfferedBeforeTlsIsForgotten) {
  Script script = greeted();
  script.server_bytes("250-x\r\n250-STARTTLS\r\n250-AUTH PLAIN\r\n250-PIPELINING\r\n250 SIZE 1\r\n").client("STARTTLS");
  script.server("220 go").starts_tls().client("EHLO rig.test").server("250 x");
  script.client("QUIT").server("221 bye").then_fails(Errc::peer_refused, "no-auth-offered");
  EXPECT_EQ(script.also_failing_each_step(make({starttls()})), "");
}

TEST(SmtpSession, EhloRefusedUnderTlsIsNoWayAroundTheLogin) {
  Script script = greeted();
  script.server_bytes("250-x\r\n250 STARTTLS\r\n").client("STARTTLS").server("220 go").starts_tls();
  script.client("EHLO rig.test")
      .server("500 what")
      .client("QUIT")
      .server("221 bye")
      .then_fails(Errc::peer_refused, "500");
  EXPECT_EQ(script.at_every_split(make({starttls()})), "");
}

TEST(SmtpSession, ACertificateRefusedEndsItWithNothingSaid) {
  SmtpSession session(starttls(), {message()});
  Script script = greeted();
  script.server_bytes("250-x\r\n250 STARTTLS\r\n").client("STARTTLS").server("220 go");
  script.fails(Errc::certificate_refused, "self-signed").then_fails(Errc::certificate_refused, "self-signed");
  EXPECT_EQ(script.play(session), "");
  EXPECT_EQ(session.results().at(0).judgement.trouble, SmtpTrouble::temporary);
  EXPECT_EQ(session.results().at(0).judgement.code, 0U);
}

// ---- AUTH

Script logging_in(const std::string& offered) {
  return std::move(greeted().server_bytes("250-x\r\n250 " + offered + "\r\n"));
}

TEST(SmtpSession, LoginInThreeExchanges) {
  for (const char* offered : {"AUTH LOGIN", "AUTH=LOGIN", "AUTH XOAUTH2 LOGIN"}) {
    Script script = logging_in(offered);
    script.client("AUTH LOGIN").at(Step::login).server("334 VXNlcm5hbWU6").client("YW5uYQ==").at(Step::login);
    script.server("334 UGFzc3dvcmQ6").client("czNjcmV0").at(Step::login).server("235 in");
    EXPECT_EQ(with_message(script).also_failing_each_step(make({clear_with_login()}), expect_sent), "");
  }
}

TEST(SmtpSession, PlainForAServerThatIgnoresTheInitialResponse) {
  Script script = logging_in("AUTH LOGIN PLAIN");
  script.client("AUTH PLAIN AGFubmEAczNjcmV0").server("334").client("AGFubmEAczNjcmV0").server("235 in");
  EXPECT_EQ(with_message(script).at_every_split(make({clear_with_login()}), expect_sent), "");
}

TEST(SmtpSession, ALongLoginDoesNotFitIntoTheCommand) {
  // 11 + 4/3 * (5 + password) + 2 octets: 368 make 509 or 512, three more 513 at least.
  SmtpSettings settings = clear_with_login();
  settings.password = std::string(367, 'p');  // 1 + 4 + 1 + 367 = 373 octets, 500 in base64: 513 with the rest
  Script script = logging_in("AUTH PLAIN");
  std::string response = "AGFubmEAcHBw";  // "\0anna\0ppp"
  for (int i = 0; i < 121; ++i) response += "cHBw";
  response += "cA==";
  script.client("AUTH PLAIN").server("334 ").client(response).server("235 in");
  EXPECT_EQ(with_message(script).at_every_split(make({settings}), expect_sent), "");
  settings.password = std::string(366, 'p');  // 372 octets, 496 in base64: 509
  Script shorter = logging_in("AUTH PLAIN");
  shorter.client("AUTH PLAIN " + response.substr(0, 496)).server("235 in");
  EXPECT_EQ(with_message(shorter).at_every_split(make({settings}), expect_sent), "");
}

TEST(SmtpSession, LoginWherePlainIsListedButNotPermitted) {
  Script script = logging_in("AUTH PLAIN LOGIN");
  script.client("AUTH PLAIN AGFubmEAczNjcmV0").server("504 PLAIN authentication is not permitted by this server.");
  script.client("AUTH LOGIN").server("334 x").client("YW5uYQ==").server("334 x").client("czNjcmV0").server("235 in");
  EXPECT_EQ(with_message(script).at_every_split(make({clear_with_login()}), expect_sent), "");
  for (const char* refusal : {"502 no", "534 5.7.1 too weak", "501 what", "550 no"}) {
    Script next = logging_in("AUTH PLAIN LOGIN");
    next.client("AUTH PLAIN AGFubmEAczNjcmV0").server(refusal);
    next.client("AUTH LOGIN").server("334 x").client("YW5uYQ==").server("334 x").client("czNjcmV0").server("235 in");
    EXPECT_EQ(with_message(next).at_every_split(make({clear_with_login()}), expect_sent), "") << refusal;
  }
  for (const char* refusal : {"535 5.7.8 wrong", "534 5.7.9 by web browser", "454 4.7.0 later", "538 no"}) {
    Script judged = logging_in("AUTH PLAIN LOGIN");
    judged.client("AUTH PLAIN AGFubmEAczNjcmV0").server(refusal).client("QUIT").server("221 bye");
    judged.then_fails(Errc::peer_refused);
    EXPECT_EQ(judged.at_every_split(make({clear_with_login()})), "") << refusal;
  }
  Script twice = logging_in("AUTH PLAIN LOGIN");
  twice.client("AUTH PLAIN AGFubmEAczNjcmV0").server("504 no").client("AUTH LOGIN").server("504 no");
  twice.client("QUIT").server("221 bye").then_fails(Errc::peer_refused, "504");
  auto no_mechanism_in_common = [](Session& session) {
    EXPECT_EQ(smtp(session).results().at(0).judgement.trouble, SmtpTrouble::no_mechanism);
    EXPECT_THAT(smtp(session).status().error().message, HasSubstr("no login mechanism in common"));
  };
  EXPECT_EQ(twice.at_every_split(make({clear_with_login()}), no_mechanism_in_common), "");
  for (const char* refusal : {"502 no", "534 5.7.1 too weak", "534 too weak"}) {
    Script each = logging_in("AUTH PLAIN LOGIN");
    each.client("AUTH PLAIN AGFubmEAczNjcmV0").server(refusal).client("AUTH LOGIN").server(refusal);
    each.client("QUIT").server("221 bye").then_fails(Errc::peer_refused);
    EXPECT_EQ(each.at_every_split(make({clear_with_login()}), no_mechanism_in_common), "") << refusal;
  }
  Script alone = logging_in("AUTH PLAIN");
  alone.client("AUTH PLAIN AGFubmEAczNjcmV0").server("504 no").client("QUIT").server("221 bye");
  alone.then_fails(Errc::peer_refused, "504");
  EXPECT_EQ(alone.at_every_split(make({clear_with_login()})), "");
}

TEST(SmtpSession, ARefusedLoginSendsNoMessage) {
  Script script = logging_in("AUTH PLAIN LOGIN");
  script.client("AUTH PLAIN AGFubmEAczNjcmV0");
  script.server_bytes(
      "535-5.7.8 Username and Password not accepted. Learn more at\r\n535 5.7.8  https://x y - gsmtp\r\n");
  script.client("QUIT").server("221 bye").then_fails(Errc::peer_refused, "535 5.7.8");
  EXPECT_EQ(script.also_failing_each_step(
                make({clear_with_login()}),
                [](Session& session) {
                  const SmtpResult& result = smtp(session).results().at(0);
                  EXPECT_EQ(result.judgement.trouble, SmtpTrouble::authentication);
                  EXPECT_EQ(result.judgement.code, 535U);
                  EXPECT_EQ(result.judgement.enhanced, "5.7.8");
                  EXPECT_EQ(result.judgement.message,
                            "535 5.7.8 Username and Password not accepted. Learn more at https://x y - gsmtp");
                  EXPECT_EQ(smtp(session).refusal()->trouble, SmtpTrouble::authentication);
                  EXPECT_EQ(smtp(session).status().error().step, Step::login);
                }),
            "");
}

TEST(SmtpSession, OnlyA235IsALogin) {
  for (const char* nonsense : {"250 ok", "220 ok", "354 go"}) {
    Script script = logging_in("AUTH PLAIN");
    script.client("AUTH PLAIN AGFubmEAczNjcmV0").server(nonsense).client("QUIT").server("221 bye");
    script.then_fails(Errc::peer_protocol);
    EXPECT_EQ(script.at_every_split(make({clear_with_login()})), "") << nonsense;
  }
  Script plain = logging_in("AUTH PLAIN");
  plain.client("AUTH PLAIN AGFubmEAczNjcmV0").server("334 ").client("AGFubmEAczNjcmV0").server("334 ");
  plain.client("QUIT").server("221 bye").then_fails(Errc::peer_protocol);
  EXPECT_EQ(plain.at_every_split(make({clear_with_login()})), "");
  Script login = logging_in("AUTH LOGIN");
  login.client("AUTH LOGIN").server("334 a").client("YW5uYQ==").server("334 b").client("czNjcmV0").server("334 c");
  login.client("QUIT").server("221 bye").then_fails(Errc::peer_protocol);
  EXPECT_EQ(login.at_every_split(make({clear_with_login()})), "");
}

TEST(SmtpSession, NoLoginIsPossibleWithoutAMechanismWeKnow) {
  for (const char* offered : {"SIZE 1000", "AUTH XOAUTH2"}) {
    Script script = logging_in(offered);
    script.client("QUIT").server("221 bye").then_fails(Errc::peer_refused, "no-auth-offered");
    EXPECT_EQ(script.at_every_split(make({clear_with_login()}),
                                    [](Session& session) {
                                      EXPECT_EQ(smtp(session).results().at(0).judgement.trouble, SmtpTrouble::no_login);
                                      EXPECT_THAT(smtp(session).status().error().message, HasSubstr("encryption"));
                                    }),
              "");
  }
}

TEST(SmtpSession, ANulInALoginIsNotSent) {
  for (bool in_user : {true, false}) {
    SmtpSettings settings = clear_with_login();
    (in_user ? settings.user : settings.password) += '\0';
    Script script = logging_in("AUTH PLAIN LOGIN");
    script.client("QUIT").server("221 bye").then_fails(Errc::bad_input);
    EXPECT_EQ(script.at_every_split(make({settings})), "");
  }
}

// ---- the end, and what is noted

TEST(SmtpSession, ALostAnswerToQuitDoesNotUnsendTheMessage) {
  SmtpSession session(clear(), {message()});
  Script script = greeted();
  script.server("250 x")
      .client("MAIL FROM:<anna@a.test>")
      .server("250 ok")
      .client("RCPT TO:<bob@b.test>")
      .server("250 ok");
  script.client("DATA").server("354 go").client_bytes(std::string(text) + ".\r\n").server("250 ok").client("QUIT");
  script.peer_closes().then_fails(Errc::end_of_stream);
  EXPECT_EQ(script.play(session), "");
  EXPECT_TRUE(session.results().at(0).sent);
  EXPECT_EQ(session.status().error().step, Step::quit);
}

TEST(SmtpSession, AnyAnswerToQuitWillDo) {
  for (const char* answer : {"500 what", "421 bye", "250 bye", "221 2.0.0 bye"}) {
    Script script = greeted();
    script.server("250 x").client("QUIT").server(answer).then_done();
    EXPECT_EQ(script.at_every_split(make({clear(), {}})), "") << answer;
  }
}

TEST(SmtpSession, ALostAnswerToTheMessageLeavesItInDoubt) {
  Script script = greeted();
  script.server("250 x")
      .client("MAIL FROM:<anna@a.test>")
      .server("250 ok")
      .client("RCPT TO:<bob@b.test>")
      .server("250 ok");
  script.client("DATA").server("354 go");
  Script half = script;
  SmtpSession cut(clear(), {message()});
  EXPECT_EQ(half.fails(Errc::reset).then_fails(Errc::reset).play(cut), "");
  EXPECT_FALSE(cut.results().at(0).in_doubt);
  SmtpSession lost(clear(), {message()});
  script.client_bytes(std::string(text) + ".\r\n").times_out().then_fails(Errc::timed_out);
  EXPECT_EQ(script.play(lost), "");
  EXPECT_FALSE(lost.results().at(0).sent);
  EXPECT_TRUE(lost.results().at(0).in_doubt);
  EXPECT_EQ(lost.results().at(0).judgement.trouble, SmtpTrouble::temporary);
}

TEST(SmtpSession, TheDialogueIsNotedMaskedAndEscaped) {
  std::vector<std::string> lines;
  Dialogue dialogue = [&](TranscriptEntry::Who who, std::string line) {
    lines.push_back(std::string(to_string(who)) + ' ' + line);
  };
  SmtpSession session(starttls(), {message("x\n")}, dialogue);
  Script script = greeted();
  script.server_bytes("250-x\r\n250 STARTTLS\r\n")
      .client("STARTTLS")
      .server("220 go")
      .starts_tls()
      .client("EHLO rig.test");
  script.server_bytes("250-x\x07\r\n250-PIPELINING\r\n250 AUTH LOGIN\r\n").client("AUTH LOGIN").server("334 a");
  script.client("YW5uYQ==").server("334 b").client("czNjcmV0").server("235 in");
  script.client_bytes("MAIL FROM:<anna@a.test>\r\nRCPT TO:<bob@b.test>\r\nDATA\r\n");
  script.server_bytes("250 ok\r\n250 ok\r\n354 go\r\n").client_bytes("x\r\n.\r\n").server("250 ok").client("QUIT");
  script.server("221 bye").then_done();
  EXPECT_EQ(script.play(session), "");
  // printf 'x\r\n.\r\n' | sha256sum
  EXPECT_THAT(lines, ElementsAre("S 220 mx.b.test ESMTP", "C EHLO rig.test", "S 250-x", "S 250 STARTTLS", "C STARTTLS",
                                 "S 220 go", "* TLS is up", "C EHLO rig.test", "S 250-x\\x07", "S 250-PIPELINING",
                                 "S 250 AUTH LOGIN", "C AUTH LOGIN", "S 334 a", "C YW5uYQ==", "S 334 b", "C <password>",
                                 "S 235 in", "C MAIL FROM:<anna@a.test>", "C RCPT TO:<bob@b.test>", "C DATA",
                                 "S 250 ok", "S 250 ok", "S 354 go", "C <6 octets, sha256 93fe...505d>", "S 250 ok",
                                 "C QUIT", "S 221 bye"));
}

TEST(SmtpSession, ThePasswordOfPlainIsMasked) {
  std::vector<std::string> lines;
  SmtpSession session(clear_with_login(), {}, [&](TranscriptEntry::Who, std::string line) { lines.push_back(line); });
  Script script = logging_in("AUTH PLAIN");
  script.client("AUTH PLAIN AGFubmEAczNjcmV0").server("334 ").client("AGFubmEAczNjcmV0").server("235 in");
  EXPECT_EQ(script.client("QUIT").server("221 bye").then_done().play(session), "");
  EXPECT_THAT(lines, ElementsAre("220 mx.b.test ESMTP", "EHLO rig.test", "250-x", "250 AUTH PLAIN",
                                 "AUTH PLAIN <password>", "334 ", "<password>", "235 in", "QUIT", "221 bye"));
}

TEST(SmtpSession, ExchangesAreCounted) {
  SmtpSession session(clear(), {message()});
  EXPECT_EQ(with_message(greeted().server("250 x")).play(session), "");
  EXPECT_EQ(session.exchanges(), 7U);  // greeting, EHLO, MAIL, RCPT, DATA, the message, QUIT
}

}  // namespace
}  // namespace mailrig::client
