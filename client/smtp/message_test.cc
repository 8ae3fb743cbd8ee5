// One message through MAIL, RCPT and DATA: who was refused, what is sent all the same, and what is told of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/smtp/session.h"
#include "net/testing/script.h"

namespace mailrig::client {
namespace {

using testing::Script;

constexpr std::string_view text = "Subject: hi\r\n\r\nhello\r\n";  // 22 octets

SmtpMessage message(std::vector<std::string> to = {"b@b.test"}, std::string_view content = text) {
  return {.from = "a@a.test", .recipients = std::move(to), .content = content};
}
Script::Make make(std::vector<SmtpMessage> messages) {
  return [messages] {
    return std::make_unique<SmtpSession>(SmtpSettings{.tls = TlsMode::none, .hello = "rig.test"}, messages);
  };
}
const SmtpResult& result_of(Session& session, std::size_t i = 0) {
  return dynamic_cast<const SmtpSession&>(session).results().at(i);
}
Script hello(const std::string& offered = "") {
  Script script;
  script.server("220 x").client("EHLO rig.test");
  script.server_bytes(offered.empty() ? "250 x\r\n" : "250-x\r\n250 " + offered + "\r\n");
  return script;
}
Script& and_quit(Script& script) { return script.client("QUIT").server("221 bye").then_done(); }

TEST(SmtpMessage, PartlyRefusedIsSentToTheOthers) {
  for (bool pipelined : {false, true}) {
    Script script = hello(pipelined ? "PIPELINING" : "");
    if (pipelined) {
      script.client_bytes(
          "MAIL FROM:<a@a.test>\r\nRCPT TO:<b@b.test>\r\nRCPT TO:<c@b.test>\r\nRCPT TO:<d@b.test>\r\nDATA\r\n");
      script.server_bytes("250 ok\r\n250 2.1.5 ok\r\n550-5.1.1 no\r\n550 5.1.1 such\r\n450 4.2.0 grey\r\n354 go\r\n");
    } else {
      script.client("MAIL FROM:<a@a.test>").server("250 ok").client("RCPT TO:<b@b.test>").server("250 2.1.5 ok");
      script.client("RCPT TO:<c@b.test>").server_bytes("550-5.1.1 no\r\n550 5.1.1 such\r\n");
      script.client("RCPT TO:<d@b.test>").server("450 4.2.0 grey").client("DATA").server("354 go");
    }
    script.client_bytes(std::string(text) + ".\r\n").server("250 2.0.0 queued");
    auto check = [](Session& session) {
      const SmtpResult& result = result_of(session);
      EXPECT_TRUE(result.sent);
      EXPECT_EQ(result.judgement.trouble, std::nullopt);
      EXPECT_EQ(result.judgement.code, 250U);
      EXPECT_EQ(result.judgement.enhanced, "2.0.0");
      EXPECT_EQ(result.judgement.message, "250 2.0.0 queued");
      ASSERT_EQ(result.recipients.size(), 3U);
      EXPECT_EQ(result.recipients[0].address, "b@b.test");
      EXPECT_EQ(result.recipients[0].judgement.trouble, std::nullopt);
      EXPECT_EQ(result.recipients[1].judgement.trouble, SmtpTrouble::permanent);
      EXPECT_EQ(result.recipients[1].judgement.message, "550 5.1.1 no such");
      EXPECT_EQ(result.recipients[2].judgement.trouble, SmtpTrouble::temporary);
      EXPECT_EQ(result.recipients[2].judgement.enhanced, "4.2.0");
    };
    EXPECT_EQ(and_quit(script).also_failing_each_step(make({message({"b@b.test", "c@b.test", "d@b.test"})}), check),
              "");
  }
}

TEST(SmtpMessage, AllRefusedIsNotSent) {
  Script script = hello();
  script.client("MAIL FROM:<a@a.test>").server("250 ok").client("RCPT TO:<b@b.test>").server("550 5.1.1 no");
  script.client("RCPT TO:<c@b.test>").server("450 4.2.0 grey");
  auto check = [](Session& session) {
    EXPECT_FALSE(result_of(session).sent);
    EXPECT_EQ(result_of(session).judgement.trouble, SmtpTrouble::temporary);  // one may be reached later
    EXPECT_EQ(result_of(session).judgement.code, 450U);
    EXPECT_EQ(result_of(session).recipients[0].judgement.trouble, SmtpTrouble::permanent);
  };
  EXPECT_EQ(and_quit(script).also_failing_each_step(make({message({"b@b.test", "c@b.test"})}), check), "");
  Script permanent = hello();
  permanent.client("MAIL FROM:<a@a.test>").server("250 ok").client("RCPT TO:<b@b.test>").server("551 moved");
  permanent.client("RCPT TO:<c@b.test>").server("550 no");
  EXPECT_EQ(and_quit(permanent).at_every_split(make({message({"b@b.test", "c@b.test"})}),
                                               [](Session& session) {
                                                 EXPECT_EQ(result_of(session).judgement.code, 551U);
                                                 EXPECT_EQ(result_of(session).judgement.trouble,
                                                           SmtpTrouble::permanent);
                                               }),
            "");
}

// RFC 2920 §3.1: a server may grant DATA although it refused everybody; a lone dot is all that may follow.
TEST(SmtpMessage, DataGrantedForNobodyGetsALoneDot) {
  for (const char* answer : {"554 no valid recipients", "250 whatever"}) {
    Script script = hello("PIPELINING");
    script.client_bytes("MAIL FROM:<a@a.test>\r\nRCPT TO:<b@b.test>\r\nDATA\r\n");
    script.server_bytes("250 ok\r\n550 5.1.1 no\r\n354 go\r\n").client_bytes(".\r\n").server(answer);
    EXPECT_EQ(and_quit(script).also_failing_each_step(make({message()}),
                                                      [](Session& session) {
                                                        EXPECT_FALSE(result_of(session).sent);
                                                        EXPECT_FALSE(result_of(session).in_doubt);
                                                        EXPECT_EQ(result_of(session).judgement.message, "550 5.1.1 no");
                                                      }),
              "");
  }
}

TEST(SmtpMessage, ARefusedMailIsTheReasonForAll) {
  Script script = hello("PIPELINING");
  script.client_bytes("MAIL FROM:<a@a.test>\r\nRCPT TO:<b@b.test>\r\nDATA\r\n");
  script.server_bytes(
      "550 5.4.5 Daily user sending quota exceeded.\r\n503 5.5.1 MAIL first\r\n503 5.5.1 RCPT first\r\n");
  auto check = [](Session& session) {
    EXPECT_EQ(result_of(session).judgement.trouble, SmtpTrouble::daily_limit);
    EXPECT_EQ(result_of(session).judgement.enhanced, "5.4.5");
    EXPECT_EQ(result_of(session).recipients[0].judgement.code, 550U);
  };
  EXPECT_EQ(and_quit(script).also_failing_each_step(make({message()}), check), "");
  Script lockstep = hello();
  lockstep.client("MAIL FROM:<a@a.test>").server("550 5.4.5 Daily user sending quota exceeded.");
  EXPECT_EQ(and_quit(lockstep).also_failing_each_step(make({message()}), check), "");
  Script odd = hello("PIPELINING");  // MAIL refused and yet a recipient taken and DATA granted
  odd.client_bytes("MAIL FROM:<a@a.test>\r\nRCPT TO:<b@b.test>\r\nDATA\r\n");
  odd.server_bytes("550 5.4.5 x\r\n250 ok\r\n354 go\r\n").client_bytes(".\r\n").server("250 ok");
  EXPECT_EQ(and_quit(odd).at_every_split(make({message()}), check), "");
}

TEST(SmtpMessage, RefusedDataIsTheReasonWhereRecipientsWereTaken) {
  Script script = hello();
  script.client("MAIL FROM:<a@a.test>").server("250 ok").client("RCPT TO:<b@b.test>").server("250 ok");
  script.client("RCPT TO:<c@b.test>").server("550 5.1.1 no").client("DATA").server("451 4.3.0 disk");
  auto check = [](Session& session) {
    EXPECT_EQ(result_of(session).judgement.code, 451U);
    EXPECT_EQ(result_of(session).judgement.trouble, SmtpTrouble::temporary);
    EXPECT_EQ(result_of(session).recipients[0].judgement.code, 451U);
    EXPECT_EQ(result_of(session).recipients[1].judgement.code, 550U);
  };
  EXPECT_EQ(and_quit(script).also_failing_each_step(make({message({"b@b.test", "c@b.test"})}), check), "");
}

TEST(SmtpMessage, TheVerdictAfterTheDot) {
  struct Row {
    const char* reply;
    bool sent;
    std::optional<SmtpTrouble> trouble;
  };
  for (const Row& row : {Row{"250 ok", true, std::nullopt}, Row{"251 ok", true, std::nullopt},
                         Row{"451 4.7.1 Try again later", false, SmtpTrouble::temporary},
                         Row{"553 Relaying disallowed", false, SmtpTrouble::permanent},
                         Row{"550 5.4.6 Unusual sending activity detected.", false, SmtpTrouble::daily_limit}}) {
    Script script = hello();
    script.client("MAIL FROM:<a@a.test>").server("250 ok").client("RCPT TO:<b@b.test>").server("250 ok").client("DATA");
    script.server("354 go").client_bytes(std::string(text) + ".\r\n").server(row.reply);
    EXPECT_EQ(
        and_quit(script).at_every_split(make({message()}),
                                        [&](Session& session) {
                                          EXPECT_EQ(result_of(session).sent, row.sent) << row.reply;
                                          EXPECT_EQ(result_of(session).judgement.trouble, row.trouble) << row.reply;
                                          EXPECT_EQ(result_of(session).recipients[0].judgement.trouble, row.trouble);
                                          EXPECT_FALSE(result_of(session).in_doubt);
                                        }),
        "");
  }
}

TEST(SmtpMessage, RepliesThatBelongNowhereEndTheSession) {
  auto expect_broken = [](Script& script) {
    script.then_fails(Errc::peer_protocol);
    EXPECT_EQ(script.at_every_split(make({message()})), "");
  };
  Script mail = hello();
  expect_broken(mail.client("MAIL FROM:<a@a.test>").server("354 go"));
  Script rcpt = hello();
  expect_broken(rcpt.client("MAIL FROM:<a@a.test>").server("250 ok").client("RCPT TO:<b@b.test>").server("334 x"));
  for (const char* reply : {"250 ok", "355 x"}) {
    Script data = hello();
    data.client("MAIL FROM:<a@a.test>").server("250 ok").client("RCPT TO:<b@b.test>").server("250 ok");
    expect_broken(data.client("DATA").server(reply));
  }
  Script final = hello();
  final.client("MAIL FROM:<a@a.test>").server("250 ok").client("RCPT TO:<b@b.test>").server("250 ok").client("DATA");
  expect_broken(final.server("354 go").client_bytes(std::string(text) + ".\r\n").server("354 go"));
}

TEST(SmtpMessage, MailSaysWhatTheServerCanHear) {
  struct Row {
    const char* offered;
    const char* content;
    const char* parameters;
  };
  for (const Row& row :
       {Row{"SIZE 100", "x\n", " SIZE=3"}, Row{"SIZE 3", "x\n", " SIZE=3"}, Row{"SIZE", "x\n", ""},
        Row{"8BITMIME", "x\r\n", ""}, Row{"8BITMIME", "\xff\r\n", " BODY=8BITMIME"},
        Row{"SIZE 9\r\n250 8BITMIME", "\xff\r\n", " SIZE=3 BODY=8BITMIME"}, Row{"HELP", "\xff\r\n", ""}}) {
    std::string offered = row.offered;
    if (std::size_t end = offered.find("\r\n"); end != std::string::npos) offered.replace(end, 6, "\r\n250-");
    Script script;
    script.server("220 x").client("EHLO rig.test").server_bytes("250-x\r\n250-" + offered + "\r\n250 HELP\r\n");
    script.client("MAIL FROM:<a@a.test>" + std::string(row.parameters)).server("250 ok");
    script.client("RCPT TO:<b@b.test>").server("250 ok").client("DATA").server("354 go");
    std::string wire = row.content;
    if (wire == "x\n") wire = "x\r\n";
    script.client_bytes(wire + ".\r\n").server("250 ok");
    const bool undeclared = row.content[0] == '\xff' && std::string_view(row.parameters).empty();
    EXPECT_EQ(and_quit(script).play(*make({message({"b@b.test"}, row.content)})()), "") << row.offered;
    std::unique_ptr<Session> session = make({message({"b@b.test"}, row.content)})();
    EXPECT_EQ(script.play(*session), "");
    EXPECT_EQ(result_of(*session).undeclared_eight_bit, undeclared) << row.offered;
  }
}

TEST(SmtpMessage, WhatCannotBeTakenIsNotOffered) {
  auto refused = [](const std::string& offered, const SmtpMessage& mail, std::string_view why) {
    Script script = hello(offered);
    EXPECT_EQ(and_quit(script).at_every_split(make({mail}),
                                              [&](Session& session) {
                                                EXPECT_FALSE(result_of(session).sent);
                                                EXPECT_EQ(result_of(session).judgement.trouble, SmtpTrouble::permanent);
                                                EXPECT_EQ(result_of(session).judgement.code, 0U);
                                                EXPECT_EQ(result_of(session).judgement.message, why);
                                              }),
              "");
  };
  refused("SIZE 21", message(), "the message has 22 octets and the server takes 21 at most");
  refused("SIZE 99", message({}), "the message has no recipients");
  refused("HELP", message({"b@b.test\r\nDATA"}),
          "recipient: \"b@b.test\\r\\nDATA\" is no e-mail address: it holds a control character");
  SmtpMessage from = message();
  from.from = "a>b";
  refused("HELP", from, "sender: \"a>b\" is no e-mail address: it holds a blank or an angle bracket");
  refused("HELP", message({"\xc3\xa4@b.test"}),
          "an address has letters outside of ASCII, and the server does not offer SMTPUTF8 (RFC 6531)");
}

TEST(SmtpMessage, InternationalAddressesWhereTheServerTakesThem) {
  Script script = hello("SMTPUTF8");
  script.client("MAIL FROM:<a@a.test> SMTPUTF8").server("250 ok").client("RCPT TO:<\xc3\xa4@b.test>").server("250 ok");
  script.client("DATA").server("354 go").client_bytes(std::string(text) + ".\r\n").server("250 ok");
  EXPECT_EQ(and_quit(script).at_every_split(make({message({"\xc3\xa4@b.test"})})), "");
}

TEST(SmtpMessage, TheNullPathOfAReport) {
  SmtpMessage report = message();
  report.from = "";
  Script script = hello();
  script.client("MAIL FROM:<>").server("250 ok").client("RCPT TO:<b@b.test>").server("250 ok").client("DATA");
  script.server("354 go").client_bytes(std::string(text) + ".\r\n").server("250 ok");
  EXPECT_EQ(and_quit(script).at_every_split(make({report})), "");
}

std::vector<std::string> many(std::size_t n) {
  std::vector<std::string> addresses;
  for (std::size_t i = 0; i < n; ++i) addresses.push_back("r" + std::to_string(i) + "@b.test");
  return addresses;
}

TEST(SmtpMessage, AHundredCommandsAtOnceAreTheMost) {
  for (std::size_t recipients : {97U, 98U, 99U, 100U, 250U}) {
    std::vector<std::string> commands = {"MAIL FROM:<a@a.test>\r\n"};
    for (const std::string& address : many(recipients)) commands.push_back("RCPT TO:<" + address + ">\r\n");
    commands.push_back("DATA\r\n");
    Script script = hello("PIPELINING");
    for (std::size_t at = 0; at < commands.size();) {
      std::string out;
      std::string in;
      for (std::size_t n = 0; n < 100 && at < commands.size(); ++n, ++at) {
        out += commands[at];
        in += at + 1 == commands.size() ? "354 go\r\n" : "250 ok\r\n";
      }
      script.client_bytes(out).server_bytes(in);
    }
    script.client_bytes(std::string(text) + ".\r\n").server("250 ok");
    EXPECT_EQ(and_quit(script).play(*make({message(many(recipients))})()), "") << recipients;
  }
}

TEST(SmtpMessage, AfterAGroupThatWasRefusedNothingMoreIsAsked) {
  Script script = hello("PIPELINING");
  std::string out = "MAIL FROM:<a@a.test>\r\n";
  std::string in = "451 4.3.0 no\r\n";
  for (const std::string& address : many(99)) {
    out += "RCPT TO:<" + address + ">\r\n";
    in += "503 no\r\n";
  }
  script.client_bytes(out).server_bytes(in);
  EXPECT_EQ(and_quit(script).play(*make({message(many(150))})()), "");
}

TEST(SmtpMessage, SeveralOverOneConnection) {
  Script script = hello();
  script.client("MAIL FROM:<a@a.test>").server("250 ok").client("RCPT TO:<b@b.test>").server("550 no");
  script.client("RSET").server("250 ok");
  script.client("MAIL FROM:<a@a.test>").server("250 ok").client("RCPT TO:<c@b.test>").server("250 ok").client("DATA");
  script.server("354 go").client_bytes(std::string(text) + ".\r\n").server("250 ok");
  script.client("MAIL FROM:<a@a.test>").server("452 full");
  script.client("MAIL FROM:<a@a.test>").server("250 ok").client("RCPT TO:<e@b.test>").server("250 ok").client("DATA");
  script.server("354 go").client_bytes(std::string(text) + ".\r\n").server("552 5.2.3 big");
  auto check = [](Session& session) {
    EXPECT_EQ(dynamic_cast<const SmtpSession&>(session).results().size(), 4U);
    EXPECT_FALSE(result_of(session, 0).sent);
    EXPECT_TRUE(result_of(session, 1).sent);
    EXPECT_EQ(result_of(session, 2).judgement.trouble, SmtpTrouble::temporary);
    EXPECT_EQ(result_of(session, 3).judgement.trouble, SmtpTrouble::permanent);
  };
  auto session = make({message({"b@b.test"}), message({"c@b.test"}), message({"d@b.test"}), message({"e@b.test"})});
  EXPECT_EQ(and_quit(script).also_failing_each_step(session, check), "");
}

TEST(SmtpMessage, WhatIsCutOffSharesTheFateOfTheSession) {
  Script script = hello();
  script.client("MAIL FROM:<a@a.test>").server("250 ok").client("RCPT TO:<b@b.test>").server("250 ok").client("DATA");
  script.server("354 go").client_bytes(std::string(text) + ".\r\n").server("250 ok");
  script.client("MAIL FROM:<a@a.test>").server("250 ok").client("RCPT TO:<c@b.test>").peer_closes();
  script.then_fails(Errc::end_of_stream);
  std::unique_ptr<Session> session = make({message(), message({"c@b.test"}), message({"d@b.test"})})();
  EXPECT_EQ(script.play(*session), "");
  EXPECT_TRUE(result_of(*session, 0).sent);
  EXPECT_EQ(result_of(*session, 1).judgement.trouble, SmtpTrouble::temporary);
  EXPECT_FALSE(result_of(*session, 1).in_doubt);
  EXPECT_EQ(result_of(*session, 1).recipients.at(0).judgement.trouble, SmtpTrouble::temporary);
  EXPECT_EQ(result_of(*session, 2).judgement.trouble, SmtpTrouble::temporary);
  EXPECT_EQ(result_of(*session, 2).recipients.at(0).address, "d@b.test");
}

TEST(SmtpMessage, WhatWasHeardOutlivesTheConnection) {
  for (auto [mail, recipient] : {std::pair{"550 SC-001 no", "503 no MAIL"}, std::pair{"250 ok", "550 SC-001 no"}}) {
    Script script = hello("PIPELINING");
    script.client_bytes("MAIL FROM:<a@a.test>\r\nRCPT TO:<b@b.test>\r\nDATA\r\n").server(mail);
    Script after_mail = script;
    script.server(recipient).peer_closes().then_fails(Errc::end_of_stream);
    std::unique_ptr<Session> session = make({message()})();
    EXPECT_EQ(script.play(*session), "");
    EXPECT_EQ(result_of(*session, 0).judgement.trouble, SmtpTrouble::permanent);
    EXPECT_EQ(result_of(*session, 0).judgement.code, 550U);
    EXPECT_EQ(result_of(*session, 0).recipients.at(0).judgement.code, 550U);
    std::unique_ptr<Session> early = make({message()})();
    EXPECT_EQ(after_mail.peer_closes().then_fails(Errc::end_of_stream).play(*early), "");
    const bool mail_refused = std::string_view(mail).starts_with("550");
    EXPECT_EQ(result_of(*early, 0).judgement.trouble, mail_refused ? SmtpTrouble::permanent : SmtpTrouble::temporary);
  }
}

TEST(SmtpMessage, ARefusedRsetEndsTheSession) {
  Script script = hello();
  script.client("MAIL FROM:<a@a.test>").server("250 ok").client("RCPT TO:<b@b.test>").server("550 no");
  script.client("RSET").server("500 what").client("QUIT").server("221 bye").then_done();
  EXPECT_EQ(script.at_every_split(make({message(), message()}),
                                  [](Session& session) {
                                    EXPECT_EQ(dynamic_cast<const SmtpSession&>(session).results().size(), 1U)
                                        << "the second message was not offered to the server";
                                  }),
            "");
}

TEST(SmtpMessage, ABodyIsStreamedInPieces) {
  std::string content;
  for (int i = 0; i < 20'000; ++i) content += ".line\n";
  std::string wire;
  for (int i = 0; i < 20'000; ++i) wire += "..line\r\n";
  Script script = hello();
  script.client("MAIL FROM:<a@a.test>").server("250 ok").client("RCPT TO:<b@b.test>").server("250 ok").client("DATA");
  script.server("354 go").client_bytes(wire + ".\r\n").server("250 ok");
  EXPECT_EQ(and_quit(script).play(*make({message({"b@b.test"}, content)})()), "");  // the player bounds a Send
}

}  // namespace
}  // namespace mailrig::client
