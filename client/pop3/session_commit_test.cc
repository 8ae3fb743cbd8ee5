// Nothing is deleted before it is durable, and nothing settled at QUIT that is not.
#include "client/pop3/testing/session_scripts.h"

namespace mailrig::client {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Not;

// Commits

TEST(Pop3Commit, WithoutACommitNothingIsDeletedAndNothingIsSettledByQuit) {
  Script script = listed(2)
                      .client("RETR 1")
                      .server_bytes(std::string(message))
                      .client("RETR 2")
                      .server_bytes(std::string(message))
                      .client("NOOP")
                      .server("+OK")
                      .commits(Error{Errc::environment, "the disk is full"})
                      .closes(Ending::reset)
                      .then_fails(Errc::environment);
  EXPECT_EQ(script.also_failing_each_step(session_of(deleting),
                                          [](Session& session) {
                                            EXPECT_THAT(target_of(session).log,
                                                        ElementsAre("plan 1:u1:10 2:u2:10", "begin 1", "end", "begin 2",
                                                                    "end", "not committed", "left"));
                                            EXPECT_FALSE(report_of(session).quit_confirmed);
                                          }),
            "");
}

TEST(Pop3Commit, WhatIsNotInItsPlaceAnyMoreIsNotSettledByQuit) {
  auto gone = [](RecordingTarget& target) {
    target.deletes = true;
    target.at_quit = Error{Errc::environment, "the target was removed"};
  };
  Script script = listed(1)
                      .client("RETR 1")
                      .server_bytes(std::string(message))
                      .client("NOOP")
                      .server("+OK")
                      .commits()
                      .client("DELE 1")
                      .server("+OK")
                      .closes(Ending::reset)
                      .then_fails(Errc::environment);
  auto session = session_of(gone)();
  EXPECT_EQ(script.play(*session), "");
  EXPECT_FALSE(report_of(*session).quit_confirmed);
  EXPECT_THAT(target_of(*session).log, Contains("left"));
}

TEST(Pop3Commit, CommitsInBetween) {
  auto every_two = [](RecordingTarget& target) {
    target.deletes = true;
    target.commit_every = 2;
  };
  auto retr = [](Script script, int n) {
    return script.client(fmt::format("RETR {}", n)).server_bytes(std::string(message));
  };
  // The answer to RETR 3 confirms message 2, so its bytes are read before the commit.
  Script script = retr(retr(retr(listed(3), 1), 2), 3).commits().client("NOOP").server("+OK").commits();
  for (int n = 1; n <= 3; ++n) script.client(fmt::format("DELE {}", n)).server("+OK");
  EXPECT_EQ(script.client("QUIT").server("+OK").then_done().play(*session_of(every_two)()), "");
  Script lost = retr(retr(retr(listed(3), 1), 2), 3)
                    .commits(Error{Errc::environment, "full"})
                    .closes(Ending::reset)
                    .then_fails(Errc::environment);
  auto session = session_of(every_two)();
  EXPECT_EQ(lost.play(*session), "");
  EXPECT_THAT(target_of(*session).log, Contains("failed 3: environment"));
}

TEST(Pop3Commit, WhatTheTargetDoesNotTakeEndsTheSessionWithoutQuit) {
  auto full = [](RecordingTarget& target) {
    target.deletes = true;
    target.take = [](const std::string& text) -> Status {
      if (text.starts_with("b")) return Error{Errc::environment, "no room"};
      return {};
    };
  };
  Script script = listed(2)
                      .client("RETR 1")
                      .server_bytes("+OK\r\na\r\n.\r\n")
                      .client("RETR 2")
                      .server_bytes("+OK\r\nb\r\n.\r\n")
                      .client("NOOP")
                      .server("+OK")
                      .commits()
                      .closes(Ending::reset)
                      .then_fails(Errc::environment);
  EXPECT_EQ(
      script.at_every_split(session_of(full), [](Session& session) { EXPECT_EQ(report_of(session).retrieved, 1U); }),
      "");
}

// QUIT

TEST(Pop3Commit, QuitThatIsLostRefusedOrGarbledIsNotConfirmed) {  // docs/providers/misbehaviours.md#m28, #m29
  Script quitting = listed(1)
                        .client("RETR 1")
                        .server_bytes(std::string(message))
                        .client("NOOP")
                        .server("+OK")
                        .commits()
                        .client("DELE 1")
                        .server("+OK")
                        .client("QUIT");
  auto check = [](Session& session) {
    EXPECT_FALSE(report_of(session).quit_confirmed);
    EXPECT_EQ(report_of(session).removed, 1U);
    EXPECT_EQ(target_of(session).log.back(), "left");
  };
  EXPECT_EQ(Script(quitting)
                .peer_closes()
                .closes(Ending::reset)
                .then_fails(Errc::end_of_stream)
                .at_every_split(session_of(deleting), check),
            "");
  EXPECT_EQ(Script(quitting)
                .server("-ERR some deleted messages not removed")
                .then_fails(Errc::peer_refused)
                .at_every_split(session_of(deleting), check),
            "");
  EXPECT_EQ(Script(quitting)
                .server("bye")
                .closes(Ending::reset)
                .then_fails(Errc::peer_protocol)
                .at_every_split(session_of(deleting), check),
            "");
}

}  // namespace
}  // namespace mailrig::client
