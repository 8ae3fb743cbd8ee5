// Replies that go astray, connections that are lost, peers that never end.
#include "client/pop3/testing/session_scripts.h"

namespace mailrig::client {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Not;

// Replies that go astray

TEST(Pop3Astray, TextBehindAMessageIsNoReplyAndTheMessageNotBelieved) {  // docs/providers/misbehaviours.md#m6
  Script script = listed(2)
                      .client("RETR 1")
                      .server_bytes(std::string(message))
                      .client("RETR 2")
                      .server_bytes("+OK\r\nSubject: b\r\n\r\nbegin\r\n.\r\nthe rest\r\n.\r\n")
                      .commits()
                      .closes(Ending::reset)
                      .then_fails(Errc::peer_protocol);
  auto session = session_of(deleting)();
  EXPECT_EQ(script.play(*session), "");
  EXPECT_THAT(target_of(*session).log, ElementsAre("plan 1:u1:10 2:u2:10", "begin 1", "end", "begin 2",
                                                   "failed 2: peer-protocol", "committed", "left"));
  EXPECT_TRUE(report_of(*session).astray);
  EXPECT_EQ(report_of(*session).retrieved, 1U);
}

TEST(Pop3Astray, TextThatComesLaterIsFoundByTheNextCommand) {
  Script lock_step = listed(2)
                         .client("RETR 1")
                         .server_bytes(std::string(message))
                         .client("RETR 2")
                         .server("the rest")
                         .closes(Ending::reset)
                         .then_fails(Errc::peer_protocol);
  EXPECT_EQ(lock_step.at_every_split(session_of(deleting),
                                     [](Session& session) {
                                       EXPECT_THAT(target_of(session).log,
                                                   ElementsAre("plan 1:u1:10 2:u2:10", "begin 1",
                                                               "failed 1: peer-protocol", "left"));
                                     }),
            "");
  Script last = listed(1)
                    .client("RETR 1")
                    .server_bytes(std::string(message))
                    .client("NOOP")
                    .server("the rest")
                    .closes(Ending::reset)
                    .then_fails(Errc::peer_protocol);
  EXPECT_EQ(last.at_every_split(session_of(deleting),
                                [](Session& session) {
                                  EXPECT_THAT(target_of(session).log, ElementsAre("plan 1:u1:10", "begin 1",
                                                                                  "failed 1: peer-protocol", "left"));
                                }),
            "");
}

TEST(Pop3Astray, HalfALineThatNobodyAskedForIsAstrayToo) {
  auto session = session_of(deleting)();
  EXPECT_EQ(listed(2)
                .client("RETR 1")
                .server_bytes(std::string(message) + "the re")
                .closes(Ending::reset)
                .then_fails(Errc::peer_protocol)
                .play(*session),
            "");
  EXPECT_TRUE(report_of(*session).astray);
}

TEST(Pop3Astray, APipelineThatGoesAstrayBelievesNothingSinceTheLastCommit) {
  Script script = listed_pipelined(3)
                      .client_bytes("RETR 1\r\nRETR 2\r\nRETR 3\r\nNOOP\r\n")
                      .server_bytes(std::string(message) + "+OK\r\nSubject: b\r\n\r\n.\r\nrest of b\r\n")
                      .closes(Ending::reset)
                      .then_fails(Errc::peer_protocol);
  EXPECT_EQ(script.at_every_split(session_of(deleting, asking()),
                                  [](Session& session) {
                                    EXPECT_THAT(target_of(session).log,
                                                ElementsAre("plan 1:u1:10 2:u2:10 3:u3:10", "begin 1", "end", "begin 2",
                                                            "failed 2: peer-protocol", "left"));
                                    EXPECT_EQ(report_of(session).retrieved, 0U);
                                  }),
            "");
}

TEST(Pop3Astray, ALineOfABodyThatReadsLikeAReplyIsNotBelievedForLong) {  // an unstuffed dot, and "+OK" behind it
  Script script = listed_pipelined(2)
                      .client_bytes("RETR 1\r\nRETR 2\r\nNOOP\r\n")
                      .server_bytes("+OK\r\nSubject: a\r\n\r\n.\r\n+OK\r\nno header of b\r\n.\r\n+OK\r\nSubject: b\r\n")
                      .closes(Ending::reset)
                      .then_fails(Errc::peer_protocol);
  EXPECT_EQ(script.play(*session_of(deleting, asking())()), "");
}

TEST(Pop3Astray, BlankLinesBetweenRepliesAreFew) {  // docs/providers/misbehaviours.md#m34
  EXPECT_EQ(listed(1)
                .client("RETR 1")
                .server_bytes("+OK\r\nx\r\n.\r\n")
                .client("NOOP")
                .server_bytes("\r\n\r\n\r\n\r\n+OK\r\n")
                .commits()
                .client("QUIT")
                .server("+OK")
                .then_done()
                .at_every_split(session_of()),
            "");
  EXPECT_EQ(listed(1)
                .client("RETR 1")
                .server_bytes("+OK\r\nx\r\n.\r\n")
                .client("NOOP")
                .server_bytes("\r\n\r\n\r\n\r\n\r\n")
                .closes(Ending::reset)
                .then_fails(Errc::peer_protocol)
                .at_every_split(session_of()),
            "");
}

TEST(Pop3Astray, AStatusLineIsNotSaidTwiceInAMessage) {  // docs/providers/misbehaviours.md#m23
  Script script = listed(1)
                      .client("RETR 1")
                      .server_bytes("+OK\r\n+OK 10 octets\r\nSubject: a\r\n\r\n.\r\n")
                      .client("NOOP")
                      .server("+OK")
                      .commits()
                      .client("QUIT")
                      .server("+OK")
                      .then_done();
  EXPECT_EQ(script.also_failing_each_step(
                session_of(),
                [](Session& session) { EXPECT_THAT(target_of(session).messages, ElementsAre("Subject: a\r\n\r\n")); }),
            "");
}

TEST(Pop3Astray, ADoubtfulEndIsClearedUpByANoop) {  // docs/providers/misbehaviours.md#m4
  Script script = listed(2)
                      .client("RETR 1")
                      .server_bytes("+OK\r\na\nb\n.\n")
                      .client("NOOP")
                      .server("+OK")
                      .client("RETR 2")
                      .server_bytes("+OK\r\na\n.\n")
                      .client("NOOP")
                      .server("-ERR what?")
                      .commits()
                      .client("QUIT")
                      .server("+OK")
                      .then_done();
  EXPECT_EQ(script.also_failing_each_step(
                session_of(),
                [](Session& session) { EXPECT_THAT(target_of(session).messages, ElementsAre("a\nb\n", "a\n")); }),
            "");
}

TEST(Pop3Astray, ADoubtfulEndThatIsNoneGoesOn) {  // docs/providers/misbehaviours.md#m5
  Script whole = listed(1)
                     .client("RETR 1")
                     .server_bytes("+OK\r\na\n.\nb\r\n.\r\n")
                     .client("NOOP")
                     .server("+OK")
                     .commits()
                     .client("QUIT")
                     .server("+OK")
                     .then_done();
  auto check = [](Session& session) { EXPECT_THAT(target_of(session).messages, ElementsAre("a\n.\nb\r\n")); };
  auto session = session_of()();
  EXPECT_EQ(whole.play(*session), "");
  check(*session);
  // Where the segment ends at the doubt, a NOOP goes out early; its answer comes behind the message and confirms it.
  Script split = listed(1)
                     .client("RETR 1")
                     .server_bytes("+OK\r\na\n.\n")
                     .client("NOOP")
                     .server_bytes("b\r\n.\r\n")
                     .server("+OK")
                     .commits()
                     .client("QUIT")
                     .server("+OK")
                     .then_done();
  EXPECT_EQ(split.also_failing_each_step(session_of(), check), "");
  // A second doubt asks no second NOOP.
  Script twice = listed(1)
                     .client("RETR 1")
                     .server_bytes("+OK\r\na\n.\n")
                     .client("NOOP")
                     .server_bytes("b\n.\n")
                     .server_bytes("c\r\n.\r\n")
                     .server("+OK")
                     .commits()
                     .client("QUIT")
                     .server("+OK")
                     .then_done();
  EXPECT_EQ(twice.also_failing_each_step(
                session_of(), [](Session& s) { EXPECT_THAT(target_of(s).messages, ElementsAre("a\n.\nb\n.\nc\r\n")); }),
            "");
}

TEST(Pop3Astray, InAPipelineTheNextReplyClearsTheDoubt) {
  Script script = listed_pipelined(2)
                      .client_bytes("RETR 1\r\nRETR 2\r\nNOOP\r\n")
                      .server_bytes("+OK\r\na\n.\n+OK\r\nb\n.\nc\n.\n+OK\r\n")
                      .commits()
                      .client("QUIT")
                      .server("+OK")
                      .then_done();
  EXPECT_EQ(script.also_failing_each_step(
                session_of([](RecordingTarget&) {}, asking()),
                [](Session& session) { EXPECT_THAT(target_of(session).messages, ElementsAre("a\n", "b\n.\nc\n")); }),
            "");
}

// Losses

TEST(Pop3Astray, AMessageThatIsCutIsForgottenAndTheOthersAreKept) {  // docs/providers/misbehaviours.md#m25
  for (Errc code : {Errc::reset, Errc::end_of_stream, Errc::truncated, Errc::timed_out}) {
    auto session = session_of(deleting)();
    EXPECT_EQ(listed(3)
                  .client("RETR 1")
                  .server_bytes(std::string(message))
                  .client("RETR 2")
                  .server_bytes("+OK\r\nSubject: b\r\n")
                  .fails(code)
                  .commits()
                  .closes(Ending::reset)
                  .then_fails(code)
                  .play(*session),
              "");
    EXPECT_THAT(target_of(*session).log, ElementsAre("plan 1:u1:10 2:u2:10 3:u3:10", "begin 1", "end", "begin 2",
                                                     "failed 2: " + std::string(to_string(code)), "committed", "left"));
  }
}

TEST(Pop3Astray, AMessageThatCameWholeBeforeTheLossIsKept) {
  auto session = session_of(deleting)();
  EXPECT_EQ(listed(1)
                .client("RETR 1")
                .server_bytes(std::string(message))
                .client("NOOP")
                .peer_closes()
                .commits()
                .closes(Ending::reset)
                .then_fails(Errc::end_of_stream)
                .play(*session),
            "");
  EXPECT_THAT(target_of(*session).log, ElementsAre("plan 1:u1:10", "begin 1", "end", "committed", "left"));
  EXPECT_EQ(report_of(*session).retrieved, 1U);
}

TEST(Pop3Astray, AnEndInDoubtIsNoEndWhenTheConnectionIsLost) {
  auto session = session_of()();
  EXPECT_EQ(listed(1)
                .client("RETR 1")
                .server_bytes("+OK\r\na\n.\n")
                .client("NOOP")
                .peer_closes()
                .closes(Ending::reset)
                .then_fails(Errc::end_of_stream)
                .play(*session),
            "");
  EXPECT_THAT(target_of(*session).log, ElementsAre("plan 1:u1:10", "begin 1", "failed 1: end-of-stream", "left"));
}

TEST(Pop3Astray, SilenceInsteadOfAMessageIsAFailureOfThatMessage) {
  auto session = session_of()();
  EXPECT_EQ(listed(2)
                .client("RETR 1")
                .server_bytes("+OK\r\nx\r\n.\r\n")
                .client("RETR 2")
                .times_out()
                .commits()
                .closes(Ending::reset)
                .then_fails(Errc::timed_out)
                .play(*session),
            "");
  EXPECT_THAT(target_of(*session).log,
              ElementsAre("plan 1:u1:10 2:u2:10", "begin 1", "end", "failed 2: timed-out", "committed", "left"));
}

// Limits

TEST(Pop3Astray, AMessageWithoutEnd) {  // docs/providers/misbehaviours.md#m48
  auto feed = [](std::uint64_t octets, const std::string& listed_octets) {
    auto session = std::make_unique<RecordedSession>(plain());
    session->target.keeps_text = false;
    for (std::string_view answer : {"+OK\r\n", "+OK\r\n", "+OK\r\n", "+OK 1 1\r\n"}) {
      session->next();
      session->on_bytes(answer);
      session->next();
    }
    session->on_bytes("+OK\r\n1 " + listed_octets + "\r\n.\r\n");
    session->next();
    session->on_bytes("+OK\r\n1 u1\r\n.\r\n");
    session->next();
    session->on_bytes("+OK\r\n");
    const std::string piece(1 << 20, 'x');
    for (std::uint64_t sent = 0; sent < octets; sent += piece.size())
      session->on_bytes(std::string_view(piece).substr(0, octets - sent));
    return session;
  };
  auto ended = [](RecordedSession& session) { return std::holds_alternative<Close>(session.next()); };
  EXPECT_FALSE(ended(*feed(message_octets_max, "10")));
  std::unique_ptr<RecordedSession> endless = feed(message_octets_max + 1, "10");
  EXPECT_TRUE(ended(*endless));
  EXPECT_THAT(endless->target.log, Contains("failed 1: limit-exceeded"));
  EXPECT_EQ(std::get<Done>(endless->next()).status.error().code, Errc::limit_exceeded);
  EXPECT_FALSE(ended(*feed(message_octets_max + 1, std::to_string(message_octets_max))));
  EXPECT_FALSE(ended(*feed(2 * message_octets_max, std::to_string(message_octets_max))));
  EXPECT_TRUE(ended(*feed(2 * message_octets_max + 1, std::to_string(message_octets_max))));
}

TEST(Pop3Astray, CapabilitiesWithoutEnd) {
  auto capabilities = [](int lines) {
    std::string text = "+OK\r\n";
    for (int i = 0; i < lines; ++i) text += "X\r\n";
    return text;
  };
  EXPECT_EQ(Script{}
                .server("+OK")
                .client("CAPA")
                .server_bytes(capabilities(1000) + ".\r\n")
                .client("USER anna")
                .server("-ERR")
                .client("QUIT")
                .server("+OK")
                .then_fails(Errc::peer_refused)
                .play(*session_of([](RecordingTarget&) {}, asking())()),
            "");
  EXPECT_EQ(Script{}
                .server("+OK")
                .client("CAPA")
                .server_bytes(capabilities(1001))
                .closes(Ending::reset)
                .then_fails(Errc::limit_exceeded)
                .play(*session_of([](RecordingTarget&) {}, asking())()),
            "");
}

TEST(Pop3Astray, ALineWithoutEnd) {  // docs/providers/misbehaviours.md#m41
  EXPECT_EQ(Script{}
                .server_bytes("+OK " + std::string(pop3_line_octets_max, 'x'))
                .closes(Ending::reset)
                .then_fails(Errc::limit_exceeded)
                .play(*session_of()()),
            "");
}

}  // namespace
}  // namespace mailrig::client
