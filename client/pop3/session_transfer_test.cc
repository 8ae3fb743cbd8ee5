// Which messages are asked for, how many at a time, and what refusals do.
#include "client/pop3/testing/session_scripts.h"

namespace mailrig::client {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Not;

// What is retrieved

TEST(Pop3Transfer, OnlyWhatIsWanted) {
  auto wants = [](RecordingTarget& target) {
    target.deletes = true;
    target.wants = {
        {1, FetchDecision::leave}, {2, FetchDecision::remove}, {3, FetchDecision::retrieve}, {4, FetchDecision::leave}};
  };
  Script script = listed(4)
                      .client("RETR 3")
                      .server_bytes(std::string(message))
                      .client("NOOP")
                      .server("+OK")
                      .commits()
                      .client("DELE 2")
                      .server("+OK")
                      .client("DELE 3")
                      .server("+OK")
                      .client("QUIT")
                      .server("+OK")
                      .then_done();
  EXPECT_EQ(script.also_failing_each_step(session_of(wants)), "");
}

TEST(Pop3Transfer, WithNothingNewThereIsNothingToCommit) {
  auto wants = [](RecordingTarget& target) {
    target.deletes = true;
    target.wants = {{1, FetchDecision::leave}, {2, FetchDecision::remove}};
  };
  EXPECT_EQ(listed(2).client("DELE 2").server("+OK").client("QUIT").server("+OK").then_done().also_failing_each_step(
                session_of(wants)),
            "");
}

TEST(Pop3Transfer, WhatMayNotBeDeletedIsNot) {
  Script script = listed(1)
                      .client("RETR 1")
                      .server_bytes(std::string(message))
                      .client("NOOP")
                      .server("+OK")
                      .commits()
                      .client("QUIT")
                      .server("+OK")
                      .then_done();
  EXPECT_EQ(script.also_failing_each_step(session_of(),
                                          [](Session& session) {
                                            EXPECT_THAT(target_of(session).log,
                                                        ElementsAre("plan 1:u1:10", "begin 1", "end", "committed",
                                                                    "may delete 1?", "quit"));
                                          }),
            "");
}

TEST(Pop3Transfer, ARefusedDeleteIsNoDelete) {
  Script script = listed(1)
                      .client("RETR 1")
                      .server_bytes(std::string(message))
                      .client("NOOP")
                      .server("+OK")
                      .commits()
                      .client("DELE 1")
                      .server("-ERR no such message")
                      .client("QUIT")
                      .server("+OK")
                      .then_done();
  EXPECT_EQ(script.at_every_split(session_of(deleting),
                                  [](Session& session) {
                                    EXPECT_EQ(report_of(session).removed, 0U);
                                    EXPECT_THAT(target_of(session).log, Not(Contains("deleted 1")));
                                  }),
            "");
}

TEST(Pop3Transfer, AMessageIsIdentifiedByItsHeader) {
  auto wants = [](RecordingTarget& target) {
    target.wants = {{1, FetchDecision::identify}, {2, FetchDecision::identify}, {3, FetchDecision::retrieve}};
    target.wants_when_identified = {{2, FetchDecision::retrieve}};
  };
  Script script = listed(3)
                      .client("TOP 1 0")
                      .at(Step::list)
                      .server_bytes("+OK\r\nSubject: a\r\n..b\r\n\r\n.\r\n")
                      .client("TOP 2 0")
                      .server("-ERR not supported")
                      .client("RETR 2")
                      .server_bytes(std::string(message))
                      .client("RETR 3")
                      .server_bytes(std::string(message))
                      .client("NOOP")
                      .server("+OK")
                      .commits()
                      .client("QUIT")
                      .server("+OK")
                      .then_done();
  auto check = [](Session& session) {
    EXPECT_THAT(
        target_of(session).log,
        ElementsAre("plan 1:u1:10 2:u2:10 3:u3:10", "identified 1: Subject: a\r\n.b\r\n\r\n", "identified 2: (refused)",
                    "begin 2", "end", "begin 3", "end", "committed", "may delete 2?", "may delete 3?", "quit"));
  };
  EXPECT_EQ(script.also_failing_each_step(session_of(wants), check), "");
}

TEST(Pop3Transfer, WithoutTopNobodyIsAskedForAHeader) {
  auto wants = [](RecordingTarget& target) { target.wants = {{1, FetchDecision::identify}}; };
  Script script = Script{}
                      .server("+OK")
                      .client("CAPA")
                      .server_bytes("+OK\r\nUIDL\r\n.\r\n")
                      .client("USER anna")
                      .server("+OK")
                      .client("PASS s3cret")
                      .server("+OK")
                      .client("CAPA")
                      .server("-ERR")
                      .client("STAT")
                      .server("+OK 1 10")
                      .client("LIST")
                      .server_bytes("+OK\r\n1 10\r\n.\r\n")
                      .client("UIDL")
                      .server_bytes("+OK\r\n1 a\r\n.\r\n")
                      .client("QUIT")
                      .server("+OK")
                      .then_done();
  EXPECT_EQ(script.also_failing_each_step(
                session_of(wants, asking()),
                [](Session& session) { EXPECT_THAT(target_of(session).log, Contains("identified 1: (refused)")); }),
            "");
}

TEST(Pop3Transfer, TroubleWhileIdentifyingEndsTheSession) {
  auto wants = [](RecordingTarget& target) { target.wants = {{1, FetchDecision::identify}}; };
  EXPECT_EQ(listed(1)
                .client("TOP 1 0")
                .server("-ERR [SYS/TEMP] Server shutting down.")
                .client("QUIT")
                .server("+OK")
                .then_fails(Errc::peer_refused, "temporary")
                .also_failing_each_step(session_of(wants)),
            "");
}

TEST(Pop3Transfer, OfAHeaderOnlySoMuchIsKept) {
  auto wants = [](RecordingTarget& target) { target.wants = {{1, FetchDecision::identify}}; };
  for (std::size_t length : {header_octets_max, header_octets_max + 1}) {
    auto session = session_of(wants)();
    std::string header = std::string(length - 2, 'x') + "\r\n";
    EXPECT_EQ(listed(1)
                  .client("TOP 1 0")
                  .server_bytes("+OK\r\n" + header + ".\r\n")
                  .client("QUIT")
                  .server("+OK")
                  .then_done()
                  .play(*session),
              "");
    EXPECT_EQ(target_of(*session).log[1].size(), std::string_view("identified 1: ").size() + header_octets_max)
        << length;
  }
}

// The window

TEST(Pop3Transfer, ThePipelineHasAWindow) {
  auto retrs = [](unsigned from, unsigned to) {
    std::string text;
    for (unsigned n = from; n <= to; ++n) text += fmt::format("RETR {}\r\n", n);
    return text;
  };
  auto answers = [](unsigned count) {
    std::string text;
    for (unsigned n = 0; n < count; ++n) text += "+OK\r\nx\r\n.\r\n";
    return text;
  };
  // 64 may be out; more are said when half of them were answered: 32 answers leave 32 out.
  Script script = listed_pipelined(100)
                      .client_bytes(retrs(1, 64))
                      .server_bytes(answers(31))
                      .server_bytes(answers(1))
                      .client_bytes(retrs(65, 96))
                      .server_bytes(answers(32))
                      .client_bytes(retrs(97, 100) + "NOOP\r\n")
                      .server_bytes(answers(36) + "+OK\r\n")
                      .commits()
                      .client("QUIT")
                      .server("+OK")
                      .then_done();
  auto session = session_of([](RecordingTarget&) {}, asking())();
  EXPECT_EQ(script.play(*session), "");
  EXPECT_EQ(report_of(*session).retrieved, 100U);
}

TEST(Pop3Transfer, ManyDeletesAreAWindowToo) {
  std::string first, rest;
  for (unsigned n = 1; n <= 64; ++n) first += fmt::format("DELE {}\r\n", n);
  for (unsigned n = 65; n <= 70; ++n) rest += fmt::format("DELE {}\r\n", n);
  std::string oks;
  for (int n = 0; n < 32; ++n) oks += "+OK\r\n";
  auto remove_all = [](RecordingTarget& target) {
    target.deletes = true;
    for (unsigned n = 1; n <= 70; ++n) target.wants[n] = FetchDecision::remove;
  };
  Script script = listed_pipelined(70)
                      .client_bytes(first)
                      .server_bytes(oks)
                      .client_bytes(rest)
                      .server_bytes(oks + "+OK\r\n+OK\r\n+OK\r\n+OK\r\n+OK\r\n+OK\r\n")
                      .client("QUIT")
                      .server("+OK")
                      .then_done();
  auto session = session_of(remove_all, asking())();
  EXPECT_EQ(script.play(*session), "");
  EXPECT_EQ(report_of(*session).removed, 70U);
}

TEST(Pop3Transfer, CarefullyOneByOneEachCheckedByANoop) {
  Pop3Settings careful = asking();
  careful.careful = true;
  Script script = Script{}
                      .server("+OK")
                      .client("CAPA")
                      .server_bytes("+OK\r\nPIPELINING\r\n.\r\n")
                      .client("USER anna")
                      .server("+OK")
                      .client("PASS s3cret")
                      .server("+OK")
                      .client("STAT")
                      .server("+OK 2 20")
                      .client("LIST")
                      .server_bytes("+OK\r\n1 10\r\n2 10\r\n.\r\n")
                      .client("UIDL")
                      .server_bytes("+OK\r\n1 a\r\n2 b\r\n.\r\n")
                      .client("RETR 1")
                      .server_bytes(std::string(message))
                      .client("NOOP")
                      .server("+OK")
                      .client("RETR 2")
                      .server_bytes(std::string(message))
                      .client("NOOP")
                      .server("-ERR what?")
                      .commits()
                      .client("QUIT")
                      .server("+OK")
                      .then_done();
  EXPECT_EQ(script.also_failing_each_step(session_of([](RecordingTarget&) {}, careful),
                                          [](Session& session) { EXPECT_EQ(report_of(session).retrieved, 2U); }),
            "");
}

// Refusals

TEST(Pop3Transfer, AMessageThatCannotBeHadDoesNotHinderTheOthers) {
  // No NOOP: the refusal of message 3 is a reply.
  Script script = listed(3)
                      .client("RETR 1")
                      .server("-ERR Message corrupted")
                      .client("RETR 2")
                      .server_bytes(std::string(message))
                      .client("RETR 3")
                      .server("-ERR Message 3 expunged.")
                      .commits()
                      .client("DELE 2")
                      .server("+OK")
                      .client("QUIT")
                      .server("+OK")
                      .then_done();
  auto check = [](Session& session) {
    EXPECT_THAT(target_of(session).log,
                ElementsAre("plan 1:u1:10 2:u2:10 3:u3:10", "failed 1: peer-refused message", "begin 2", "end",
                            "failed 3: peer-refused message-gone", "committed", "may delete 2?", "deleted 2", "quit"));
    EXPECT_FALSE(report_of(session).refusal.has_value());
  };
  EXPECT_EQ(script.also_failing_each_step(session_of(deleting), check), "");
}

TEST(Pop3Transfer, PassingTroubleOfOneMessageDoesNotHinderTheOthers) {
  Script script = listed(2)
                      .client("RETR 1")
                      .server("-ERR [SYS/TEMP] try later")
                      .client("RETR 2")
                      .server_bytes(std::string(message))
                      .client("NOOP")
                      .server("+OK")
                      .commits()
                      .client("QUIT")
                      .server("+OK")
                      .then_done();
  EXPECT_EQ(
      script.also_failing_each_step(
          session_of([](RecordingTarget&) {}),
          [](Session& session) { EXPECT_THAT(target_of(session).log, Contains("failed 1: peer-refused temporary")); }),
      "");
}

TEST(Pop3Transfer, PassingTroubleOfThreeMessagesIsThatOfAll) {
  Script script = listed(4)
                      .client("RETR 1")
                      .server("-ERR [SYS/TEMP] a")
                      .client("RETR 2")
                      .server("-ERR [SYS/TEMP] b")
                      .client("RETR 3")
                      .server("-ERR [SYS/TEMP] c")
                      .client("QUIT")
                      .server("+OK")
                      .then_fails(Errc::peer_refused, "temporary");
  EXPECT_EQ(script.also_failing_each_step(
                session_of([](RecordingTarget&) {}),
                [](Session& session) { EXPECT_EQ(report_of(session).refusal->text, "[SYS/TEMP] a"); }),
            "");
}

TEST(Pop3Transfer, AMessageWithoutTextWhereTheListingHasSomeIsNotTaken) {
  // 10 octets are listed (session_scripts.h).
  for (const char* body : {".\r\n", "\r\n.\r\n", " \r\n.\r\n"}) {
    Script script = listed(2)
                        .client("RETR 1")
                        .server_bytes(std::string("+OK\r\n") + body)
                        .client("RETR 2")
                        .server_bytes(std::string(message))
                        .client("NOOP")
                        .server("+OK")
                        .commits()
                        .client("DELE 2")
                        .server("+OK")
                        .client("QUIT")
                        .server("+OK")
                        .then_done();
    EXPECT_EQ(script.also_failing_each_step(session_of(deleting),
                                            [](Session& session) {
                                              EXPECT_THAT(target_of(session).log,
                                                          Contains("failed 1: peer-protocol empty-message"));
                                              EXPECT_THAT(target_of(session).log, Not(Contains("may delete 1?")));
                                            }),
              "")
        << body;
  }
}

TEST(Pop3Transfer, ABlankMessageThatIsListedAsSuchIsAMessage) {
  for (const char* body : {"\r\n\r\n\r\n\r\n", "    \r\n"}) {  // LF counted once, or a little more
    Script script = listed(1)
                        .client("RETR 1")
                        .server_bytes(std::string("+OK\r\n") + body + ".\r\n")
                        .client("NOOP")
                        .server("+OK")
                        .commits()
                        .client("QUIT")
                        .server("+OK")
                        .then_done();
    EXPECT_EQ(script.also_failing_each_step(
                  session_of([](RecordingTarget&) {}),
                  [body](Session& session) { EXPECT_THAT(target_of(session).messages, ElementsAre(body)); }),
              "")
        << body;
  }
}

TEST(Pop3Transfer, EnoughForTodayEndsTheRetrievalInGoodOrder) {
  Script script = listed(3)
                      .client("RETR 1")
                      .server_bytes(std::string(message))
                      .client("RETR 2")
                      .server("-ERR [AUTH] Account exceeded POP command or bandwidth limits")
                      .commits()
                      .client("DELE 1")
                      .server("+OK")
                      .client("QUIT")
                      .server("+OK")
                      .then_fails(Errc::peer_refused, "bandwidth");
  auto check = [](Session& session) {
    EXPECT_EQ(report_of(session).refusal->kind, Pop3Refusal::Kind::bandwidth);
    EXPECT_EQ(report_of(session).retrieved, 1U);
    EXPECT_THAT(target_of(session).log, Not(Contains("failed 2: peer-refused bandwidth")));
  };
  EXPECT_EQ(script.also_failing_each_step(session_of(deleting), check), "");
}

TEST(Pop3Transfer, RefusalsOfAPipelineAreAllHeard) {
  Script script = listed_pipelined(3)
                      .client_bytes("RETR 1\r\nRETR 2\r\nRETR 3\r\nNOOP\r\n")
                      .server_bytes(std::string(message) + "-ERR [SYS/TEMP] a\r\n-ERR [IN-USE] b\r\n+OK\r\n")
                      .commits()
                      .client("QUIT")
                      .server("+OK")
                      .then_fails(Errc::peer_refused, "temporary");
  EXPECT_EQ(script.also_failing_each_step(
                session_of([](RecordingTarget&) {}, asking()),
                [](Session& session) { EXPECT_EQ(report_of(session).refusal->text, "[SYS/TEMP] a") << "the first"; }),
            "");
}

// What is written down

TEST(Pop3Transfer, TheDialogueIsMaskedAndBodiesAreOneLine) {
  std::vector<std::string> lines;
  Dialogue dialogue = [&](TranscriptEntry::Who who, std::string line) {
    lines.push_back(std::string(to_string(who)) + ": " + line);
  };
  RecordedSession session(plain(), dialogue);
  session.target.deletes = true;
  Script script = listed(1)
                      .client("RETR 1")
                      .server_bytes("+OK\r\nabc\r\n.\r\n")
                      .client("NOOP")
                      .server("+OK")
                      .commits()
                      .client("DELE 1")
                      .server("+OK \x07")
                      .client("QUIT")
                      .server("+OK")
                      .then_done();
  EXPECT_EQ(script.play(session), "");
  // sha256 of "abc\r\n" by sha256sum.
  EXPECT_THAT(lines, ElementsAre("S: +OK", "C: USER anna", "S: +OK", "C: PASS <password>", "S: +OK", "C: STAT",
                                 "S: +OK 1 10", "C: LIST", "S: +OK", "S: 1 10", "S: .", "C: UIDL", "S: +OK", "S: 1 u1",
                                 "S: .", "C: RETR 1", "S: +OK", "S: <5 octets, sha256 552b...b025>", "C: NOOP",
                                 "S: +OK", "C: DELE 1", "S: +OK \\x07", "C: QUIT", "S: +OK"));
}

}  // namespace
}  // namespace mailrig::client
