#include "net/drive.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <optional>

#include "net/sim/sim_loop.h"
#include "net/sim/sim_network.h"
#include "net/task.h"

namespace mailrig {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string seconds(Moment moment) { return moment == never ? "never" : format_duration(moment.time_since_epoch()); }

/// Does what the test wrote down, and notes what it is asked and when.
struct FakeStream : Stream {
  explicit FakeStream(sim::SimLoop& the_loop) : loop(the_loop) {}

  struct Step {
    Duration takes{};
    std::optional<Error> error = {};
    std::string bytes = {};
  };

  Task<Result<std::string_view>> read_some(Moment deadline) override {
    log.push_back("read until " + seconds(deadline));
    step = next(reads);
    const Moment done = loop.now() + step.takes;
    co_await loop.sleep_until(std::min(deadline, done));
    if (deadline < done) co_return Error{Errc::timed_out, "nothing arrived in time"};
    if (step.error) co_return *step.error;
    co_return std::string_view(step.bytes);
  }
  Task<Status> write(std::string_view bytes, Moment deadline) override {
    log.push_back("write \"" + std::string(bytes) + "\" until " + seconds(deadline));
    return answer(next(writes));
  }
  Task<Status> start_tls(Moment deadline) override {
    log.push_back("tls until " + seconds(deadline));
    return answer(next(upgrades));
  }
  Task<Status> close(Ending ending, Moment deadline) override {
    const char* words[] = {"orderly", "without close_notify", "reset"};
    log.push_back(std::string("close ") + words[static_cast<int>(ending)] + " until " + seconds(deadline));
    return answer(next(closes));
  }
  void abort() override { log.emplace_back("abort"); }
  std::string peer() const override { return "10.0.0.1:110"; }

  static Step next(std::deque<Step>& steps) {
    if (steps.empty()) return {};
    Step first = std::move(steps.front());
    steps.pop_front();
    return first;
  }
  Task<Status> answer(Step what) {
    co_await loop.sleep_until(loop.now() + what.takes);
    if (what.error) co_return *what.error;
    co_return Status{};
  }

  sim::SimLoop& loop;
  std::deque<Step> reads, writes, upgrades, closes;
  Step step;
  std::vector<std::string> log;
};

/// Asks for a list of actions and then ends; an error leads to the end at once, unless it is one that never learns.
struct ListedSession : Session {
  Action next() override {
    if (failed && !stubborn) return Done{*failed};
    if (actions.empty()) return Done{status};
    Action first = actions.front();
    actions.pop_front();
    return first;
  }
  void on_bytes(std::string_view bytes) override {
    log.push_back("bytes " + std::string(bytes));
    if (!exchanges_after_reads.empty()) {
      exchanged = exchanges_after_reads.front();
      exchanges_after_reads.pop_front();
    }
  }
  void on_committed(Status how) override {
    log.push_back(how ? "committed" : "commit failed: " + to_string(how.error()));
  }
  Status commit() override {
    if (commits.empty()) return {};
    Status first = std::move(commits.front());
    commits.pop_front();
    return first;
  }
  void on_tls() override { log.emplace_back("tls"); }
  void on_error(Error error) override {
    log.push_back(std::string(to_string(error.code)) + " " + to_string(error));
    failed = std::move(error);
  }
  std::uint64_t exchanges() const override { return exchanged; }

  std::deque<Action> actions;
  std::deque<Status> commits;
  Status status;
  bool stubborn = false;
  std::optional<Error> failed;
  std::deque<std::uint64_t> exchanges_after_reads;
  std::uint64_t exchanged = 0;
  std::vector<std::string> log;
};

class Drive : public ::testing::Test {
 protected:
  Status run() { return run(session); }
  Status run(Session& asked) {
    Status how = Error{Errc::internal, "drive did not return"};
    auto story = [](Drive& self, Session& driven, Status& result) -> Task<void> {
      result = co_await drive(driven, self.stream, self.world, self.options);
    };
    // The calendar is an hour ahead of the deadline clock: nothing here may ask it.
    EXPECT_EQ(loop.run(story(*this, asked, how), {}).why, LoopEnd::Why::finished);
    return how;
  }
  std::vector<Duration> spans(Step step) { return latencies.by_step[static_cast<std::size_t>(step)].values(); }

  sim::SimLoop loop;
  sim::SimCalendar calendar{loop, Instant{1h}};
  sim::SimNetwork network{loop};
  Prng prng{1};
  Transcript transcript;
  World world{loop, loop, calendar, network, prng, transcript};
  FakeStream stream{loop};
  ListedSession session;
  StepLatencies latencies;
  DriveOptions options{.latencies = &latencies};
};

TEST_F(Drive, ASessionWithNothingToSayIsDone) {
  EXPECT_TRUE(run().has_value());
  EXPECT_THAT(stream.log, IsEmpty());
  EXPECT_THAT(session.log, IsEmpty());
}

TEST_F(Drive, ReturnsWhatTheSessionSaidAtItsEnd) {
  session.status = Error{Errc::peer_refused, "no", Step::login, "AUTH"};
  Status how = run();
  ASSERT_FALSE(how.has_value());
  EXPECT_EQ(how.error().code, Errc::peer_refused);
  EXPECT_EQ(how.error().message, "no");
  EXPECT_EQ(how.error().step, Step::login);
  EXPECT_EQ(how.error().reason, "AUTH");
}

TEST_F(Drive, DoesEachActionAndTellsItsOutcome) {
  session.actions = {Receive{Step::greeting, 30s},  StartTls{20s},           Send{Step::login, "USER anna\r\n"},
                     Receive{Step::login, 10s},     Wait{Step::request, 5s}, Commit{Step::store},
                     Close{Ending::no_close_notify}};
  stream.reads = {{.takes = 1s, .bytes = "+OK ready"}, {.takes = 2s, .bytes = "+OK"}};
  stream.upgrades = {{.takes = 3s}};
  EXPECT_TRUE(run().has_value());
  EXPECT_THAT(stream.log, ElementsAre("read until 30s", "tls until 21s", "write \"USER anna\r\n\" until 5m4s",
                                      "read until 14s", "close without close_notify until 5m11s"));
  EXPECT_THAT(session.log, ElementsAre("bytes +OK ready", "tls", "bytes +OK", "committed"));
  EXPECT_EQ(loop.now(), Moment{11s});
}

TEST_F(Drive, PassesEveryEnding) {
  session.actions = {Close{Ending::orderly}, Close{Ending::reset}};
  run();
  EXPECT_THAT(stream.log, ElementsAre("close orderly until 5m", "close reset until 5m"));
}

TEST_F(Drive, PassesTheAnswerOfACommit) {
  session.commits = {Status{}, Error{Errc::environment, "the disk is full", Step::store}};
  session.actions = {Commit{Step::store}, Commit{Step::store}};
  run();
  EXPECT_THAT(session.log, ElementsAre("committed", "commit failed: store: the disk is full"));
}

TEST_F(Drive, ASessionThatHasNothingToCommitWithIsToldThatItFailed) {
  struct Careless final : ListedSession {
    Status commit() override { return Session::commit(); }
  } careless;
  careless.actions = {Commit{Step::store}};
  EXPECT_TRUE(run(careless).has_value());
  EXPECT_THAT(careless.log, ElementsAre(HasSubstr("commit failed: the session asked for a commit")));
}

TEST_F(Drive, AFailedReceiveIsToldWithItsStep) {
  session.actions = {Receive{Step::retrieve, 30s}};
  stream.reads = {{.error = Error{Errc::reset, "the connection was reset by the peer"}}};
  Status how = run();
  EXPECT_THAT(session.log, ElementsAre("reset retrieve: the connection was reset by the peer"));
  EXPECT_EQ(how.error().code, Errc::reset);
  EXPECT_EQ(how.error().step, Step::retrieve);
}

TEST_F(Drive, PatienceIsThatOfTheReceive) {
  session.actions = {Receive{Step::greeting, 30s}};
  stream.reads = {{.takes = 31s, .bytes = "+OK"}};
  run();
  EXPECT_THAT(session.log, ElementsAre("timed-out greeting: nothing arrived in time"));
  EXPECT_EQ(loop.now(), Moment{30s});
}

TEST_F(Drive, AFailedSendIsToldWithItsStep) {
  session.actions = {Send{Step::quit, "QUIT\r\n"}};
  stream.writes = {{.error = Error{Errc::timed_out, "the peer took nothing more in time"}}};
  run();
  EXPECT_THAT(session.log, ElementsAre("timed-out quit: the peer took nothing more in time"));
}

TEST_F(Drive, AFailedUpgradeIsToldWithTheStepTls) {
  session.actions = {StartTls{}};
  stream.upgrades = {{.error = Error{Errc::certificate_refused, "expired", Step::none, "expired"}}};
  Status how = run();
  EXPECT_THAT(stream.log, ElementsAre("tls until 1m"));
  EXPECT_THAT(session.log, ElementsAre("certificate-refused tls: expired"));
  EXPECT_EQ(how.error().reason, "expired");
}

TEST_F(Drive, AStepThatTheStreamKnowsBetterStays) {
  session.actions = {Receive{Step::retrieve, 30s}};
  stream.reads = {{.error = Error{Errc::tls_failed, "bad record", Step::tls}}};
  run();
  EXPECT_THAT(session.log, ElementsAre("tls-failed tls: bad record"));
}

TEST_F(Drive, HowAClosingWentDoesNotMatter) {
  session.actions = {Close{}};
  stream.closes = {{.error = Error{Errc::reset, "the connection was reset by the peer"}}};
  EXPECT_TRUE(run().has_value());
  EXPECT_THAT(session.log, IsEmpty());
}

TEST_F(Drive, ASessionThatOverlooksAnErrorGoesOn) {
  session.stubborn = true;
  session.actions = {Receive{Step::greeting, 30s}, Send{Step::quit, "QUIT\r\n"}};
  stream.reads = {{.error = Error{Errc::end_of_stream, "the peer closed the connection"}}};
  EXPECT_TRUE(run().has_value());
  EXPECT_EQ(stream.log.size(), 2U);
}

// --- Bounds ---

TEST_F(Drive, TheBudgetCutsPatience) {
  options.budget = 10s;
  session.actions = {Receive{Step::greeting, 30s}};
  stream.reads = {{.takes = 31s}};
  run();
  EXPECT_THAT(stream.log, ElementsAre("read until 10s"));
  EXPECT_THAT(session.log, ElementsAre("timed-out greeting: nothing arrived in time"));
}

TEST_F(Drive, TheBudgetCutsEverythingElseToo) {
  options.budget = 10s;
  session.actions = {Send{Step::quit, "x"}, StartTls{}, Close{}, Wait{Step::request, 1h},
                     Send{Step::quit, "never sent"}};
  run();
  EXPECT_THAT(stream.log, ElementsAre("write \"x\" until 10s", "tls until 10s", "close orderly until 10s"));
  EXPECT_THAT(session.log, ElementsAre("tls", "timed-out the session took longer than 10s"));
  EXPECT_EQ(loop.now(), Moment{10s});
}

TEST_F(Drive, AnActionAtTheLastInstantIsTooLate) {
  options.budget = 10s;
  session.actions = {Wait{Step::request, 10s - 1ns}, Send{Step::request, "in time"}, Wait{Step::request, 1ns},
                     Send{Step::request, "late"}};
  run();
  EXPECT_THAT(stream.log, ElementsAre("write \"in time\" until 10s"));
  EXPECT_THAT(session.log, ElementsAre("timed-out the session took longer than 10s"));
}

TEST_F(Drive, WhoIsDoneWhenTimeIsUpIsDone) {
  options.budget = 10s;
  session.actions = {Wait{Step::request, 10s}};
  EXPECT_TRUE(run().has_value());
  EXPECT_THAT(session.log, IsEmpty());
}

TEST_F(Drive, ACommitIsMadeEvenWhenTimeIsUp) {
  options.budget = 10s;
  session.actions = {Wait{Step::request, 11s}, Commit{Step::store}, Send{Step::request, "late"}};
  run();
  EXPECT_THAT(session.log, ElementsAre("committed", "timed-out the session took longer than 10s"));
}

TEST_F(Drive, ASessionMayBeToldEightTimesThatItsTimeIsUp) {
  for (int actions : {8, 9}) {
    options.budget = 0s;
    session = ListedSession{};
    session.stubborn = true;
    for (int i = 0; i < actions; ++i) session.actions.emplace_back(Close{});
    Status how = run();
    EXPECT_EQ(session.log.size(), 8U);
    if (actions == 8) {
      EXPECT_TRUE(how.has_value());
    } else {
      ASSERT_FALSE(how.has_value());
      EXPECT_EQ(how.error().code, Errc::timed_out);
      EXPECT_EQ(how.error().message, "the session did not end when its time was up");
    }
  }
  EXPECT_THAT(stream.log, IsEmpty());
}

TEST_F(Drive, SixHoursAreTheBudgetUnlessToldOtherwise) {
  session.actions = {Receive{Step::greeting, 24h}};
  stream.reads = {{.bytes = "+OK"}};
  run();
  EXPECT_THAT(stream.log, ElementsAre("read until 6h"));
}

TEST_F(Drive, ASessionThatGoesRoundInCirclesIsLeft) {
  const std::vector<Action> circles{Commit{Step::store}, Wait{Step::request, 0s}, Send{Step::request, ""}, Close{}};
  for (const Action& action : circles) {
    for (std::size_t actions : {100'000U, 100'001U}) {
      session = ListedSession{};
      session.actions.assign(actions, action);
      Status how = run();
      if (actions == 100'000U) {
        EXPECT_TRUE(how.has_value());
      } else {
        ASSERT_FALSE(how.has_value());
        EXPECT_EQ(how.error().code, Errc::internal);
        EXPECT_THAT(how.error().message, HasSubstr("goes round in circles"));
      }
    }
  }
}

TEST_F(Drive, ASessionThatReadsAnEndedStreamForeverIsLeft) {
  session.stubborn = true;
  session.actions.assign(100'001, Receive{Step::request, 10s});
  stream.reads.assign(100'001, {.error = Error{Errc::end_of_stream, "the peer closed the connection"}});
  Status how = run();
  ASSERT_FALSE(how.has_value());
  EXPECT_EQ(how.error().code, Errc::internal);
}

TEST_F(Drive, OctetsAndTimeAreProgress) {
  session.actions.assign(60'000, Commit{Step::store});
  session.actions.emplace_back(Send{Step::request, "x"});
  session.actions.insert(session.actions.end(), 60'000, Commit{Step::store});
  session.actions.emplace_back(Receive{Step::request, 10s});
  session.actions.insert(session.actions.end(), 60'000, Commit{Step::store});
  session.actions.emplace_back(Wait{Step::request, 1ns});
  session.actions.insert(session.actions.end(), 60'000, Commit{Step::store});
  EXPECT_TRUE(run().has_value());
}

// --- The bound of an exchange ---

TEST_F(Drive, APeerThatDripsHasThePatienceOfOneExchange) {
  options.patience_of_exchange = true;
  session.actions.assign(4, Receive{Step::retrieve, 10s});
  for (int i = 0; i < 4; ++i) stream.reads.push_back({.takes = 4s, .bytes = "x"});
  Status how = run();
  EXPECT_THAT(stream.log, ElementsAre("read until 10s", "read until 10s", "read until 10s"));
  EXPECT_THAT(session.log, ElementsAre("bytes x", "bytes x", "timed-out retrieve: nothing arrived in time"));
  EXPECT_EQ(how.error().code, Errc::timed_out);
  EXPECT_EQ(loop.now(), Moment{10s});
}

TEST_F(Drive, OtherwiseEachReadHasIt) {
  session.actions.assign(3, Receive{Step::retrieve, 10s});
  for (int i = 0; i < 3; ++i) stream.reads.push_back({.takes = 4s, .bytes = "x"});
  run();
  EXPECT_THAT(stream.log, ElementsAre("read until 10s", "read until 14s", "read until 18s"));
}

TEST_F(Drive, FiveHundredOctetsBuyASecond) {
  options.patience_of_exchange = true;
  session.actions.assign(4, Receive{Step::retrieve, 10s});
  for (std::size_t octets : {499U, 1U, 5000U, 1U})
    stream.reads.push_back({.takes = 1s, .bytes = std::string(octets, 'x')});
  run();
  EXPECT_THAT(stream.log, ElementsAre("read until 10s", "read until 10s", "read until 11s", "read until 21s"));
}

TEST_F(Drive, AListingWithoutEndBuysNone) {
  options.patience_of_exchange = true;
  session.actions.assign(40, Receive{Step::list, 10s});
  for (int i = 0; i < 40; ++i) stream.reads.push_back({.takes = 1s, .bytes = std::string(5000, 'x')});
  Status how = run();
  EXPECT_EQ(how.error().code, Errc::timed_out);
  EXPECT_EQ(loop.now(), Moment{10s});
}

TEST_F(Drive, ASendAStepAndAnExchangeThatEndedBeginAnew) {
  options.patience_of_exchange = true;
  session.actions = {Receive{Step::greeting, 10s}, Send{Step::login, "USER anna\r\n"}, Receive{Step::login, 10s},
                     Receive{Step::login, 10s},    Receive{Step::list, 10s},           Receive{Step::retrieve, 10s},
                     Receive{Step::retrieve, 10s}, Receive{Step::retrieve, 10s}};
  for (int i = 0; i < 8; ++i) stream.reads.push_back({.takes = 1s, .bytes = std::string(600, 'x')});
  session.exchanges_after_reads = {1, 1, 2, 3, 3, 4, 4};
  run();
  EXPECT_THAT(stream.log,
              ElementsAre("read until 10s",                      // the greeting, from 0 s
                          "write \"USER anna\r\n\" until 5m1s",  //
                          "read until 11s", "read until 11s",    // from 1 s
                          "read until 13s",                      // another step, from 3 s
                          "read until 14s", "read until 15s",    // another step, from 4 s, and more of the same
                          "read until 16s"));                    // the next exchange, from 6 s
}

TEST_F(Drive, SendsThatGoOutTogetherAreOneExchange) {
  options.patience_of_exchange = true;
  session.actions = {Send{Step::request, "a"}, Send{Step::request, "b"}, Receive{Step::request, 10s},
                     Receive{Step::request, 10s}};
  stream.reads = {{.takes = 4s, .bytes = "x"}, {.takes = 4s, .bytes = "x"}};
  run();
  EXPECT_THAT(stream.log,
              ElementsAre("write \"a\" until 5m", "write \"b\" until 5m", "read until 10s", "read until 10s"));
}

TEST_F(Drive, APeerThatTakesNothingHasThePatienceOfAWrite) {
  options.write_patience = 7s;
  session.actions = {Send{Step::data, "x"}};
  stream.writes = {{.error = Error{Errc::timed_out, "the peer took nothing more in time"}}};
  run();
  EXPECT_THAT(stream.log, ElementsAre("write \"x\" until 7s"));
}

TEST_F(Drive, APeerThatUsedUpItsTimeGetsNoneForTheClosing) {
  session.stubborn = true;
  session.actions = {Receive{Step::request, 10s}, Close{}};
  stream.reads = {{.takes = 11s}};
  run();
  EXPECT_THAT(stream.log, ElementsAre("read until 10s", "close orderly until 10s"));
}

TEST_F(Drive, NorOneThatTookNothing) {
  session.stubborn = true;
  session.actions = {Send{Step::data, "x"}, Close{}};
  stream.writes = {{.takes = 5min, .error = Error{Errc::timed_out, "the peer took nothing more in time"}}};
  run();
  EXPECT_THAT(stream.log, ElementsAre("write \"x\" until 5m", "close orderly until 5m"));
}

// --- Latencies: the span of a step goes from its first action to the bytes that ended it ---

TEST_F(Drive, OneSpanAnExchange) {
  session.actions = {Receive{Step::greeting, 30s}, Send{Step::login, "USER anna\r\n"},
                     Receive{Step::login, 30s},    Send{Step::login, "PASS pw\r\n"},
                     Receive{Step::login, 30s},    Send{Step::quit, "QUIT\r\n"},
                     Receive{Step::quit, 30s},     Close{}};
  stream.reads = {{.takes = 10ms}, {.takes = 20ms}, {.takes = 30ms}, {.takes = 40ms}};
  stream.writes = {{.takes = 1ms}, {.takes = 2ms}, {}};
  run();
  EXPECT_THAT(spans(Step::greeting), ElementsAre(10ms));
  EXPECT_THAT(spans(Step::login), ElementsAre(21ms, 32ms));
  EXPECT_THAT(spans(Step::quit), ElementsAre(40ms));
  EXPECT_THAT(spans(Step::none), IsEmpty());
}

TEST_F(Drive, AMessageInManyPiecesIsOneSpan) {
  session.actions = {Send{Step::retrieve, "RETR 1\r\n"}, Receive{Step::retrieve, 30s}, Receive{Step::retrieve, 30s},
                     Receive{Step::retrieve, 30s}};
  stream.reads = {{.takes = 1ms}, {.takes = 2ms}, {.takes = 3ms}};
  run();
  EXPECT_THAT(spans(Step::retrieve), ElementsAre(6ms));
}

TEST_F(Drive, ABodyInManySendsIsOneSpan) {
  session.actions = {Receive{Step::greeting, 30s}, Send{Step::data, "a"}, Send{Step::data, "b"},
                     Receive{Step::data, 30s}};
  stream.writes = {{.takes = 1ms}, {.takes = 2ms}};
  stream.reads = {{}, {.takes = 3ms}};
  run();
  EXPECT_THAT(spans(Step::data), ElementsAre(6ms));
}

TEST_F(Drive, APauseWithinAStepBelongsToIt) {
  session.actions = {Send{Step::login, "USER anna\r\n"}, Receive{Step::login, 30s}, Wait{Step::login, 5ms}};
  stream.reads = {{.takes = 20ms}};
  run();
  EXPECT_THAT(spans(Step::login), ElementsAre(25ms));
}

TEST_F(Drive, PausesCommitsAndTlsHaveSpansToo) {
  session.actions = {Wait{Step::request, 5ms}, Commit{Step::store}, StartTls{}, Send{Step::hello, "EHLO\r\n"}};
  stream.upgrades = {{.takes = 7ms}};
  run();
  EXPECT_THAT(spans(Step::request), ElementsAre(5ms));
  EXPECT_THAT(spans(Step::store), ElementsAre(0ms));
  EXPECT_THAT(spans(Step::tls), ElementsAre(7ms));
  EXPECT_THAT(spans(Step::hello), ElementsAre(0ms));
}

TEST_F(Drive, AnExchangeThatFailsHasASpan) {
  session.actions = {Receive{Step::greeting, 30s}};
  stream.reads = {{.takes = 31s}};
  run();
  EXPECT_THAT(spans(Step::greeting), ElementsAre(30s));
}

TEST_F(Drive, PipelinedExchangesShareTheSpanInWhichTheyCame) {
  session.actions = {Send{Step::retrieve, "RETR 1\r\nRETR 2\r\nRETR 3\r\n"},
                     Receive{Step::retrieve, 30s},
                     Receive{Step::retrieve, 30s},
                     Receive{Step::retrieve, 30s},
                     Send{Step::quit, "QUIT\r\n"},
                     Receive{Step::quit, 30s}};
  session.exchanges_after_reads = {1, 1, 3, 4};
  stream.reads = {{.takes = 10ms}, {.takes = 4ms}, {.takes = 16ms}, {.takes = 5ms}};
  run();
  // The first after 10 ms; the other two in the 20 ms after it.
  EXPECT_THAT(spans(Step::retrieve), ElementsAre(10ms, 10ms, 10ms));
  EXPECT_THAT(spans(Step::quit), ElementsAre(5ms));
}

TEST_F(Drive, ExchangesAreCountedPerStep) {
  session.actions = {Receive{Step::greeting, 30s}, Send{Step::list, "LIST\r\nUIDL\r\n"}, Receive{Step::list, 30s},
                     Send{Step::retrieve, "RETR 1\r\n"}, Receive{Step::retrieve, 30s}};
  session.exchanges_after_reads = {1, 3, 4};
  stream.reads = {{.takes = 2ms}, {.takes = 8ms}, {.takes = 6ms}};
  run();
  EXPECT_THAT(spans(Step::greeting), ElementsAre(2ms));
  EXPECT_THAT(spans(Step::list), ElementsAre(4ms, 4ms));
  EXPECT_THAT(spans(Step::retrieve), ElementsAre(6ms));
}

TEST_F(Drive, OwnTimeLeavesOutTheWaitForThePeer) {
  options.count_waiting = false;
  session.actions = {Receive{Step::greeting, 30s},     Send{Step::login, "USER anna\r\n"}, Receive{Step::login, 30s},
                     Send{Step::login, "PASS pw\r\n"}, Receive{Step::login, 30s},          Receive{Step::login, 30s}};
  stream.reads = {{.takes = 10ms}, {.takes = 20ms}, {.takes = 30ms}, {.takes = 40ms}};
  stream.writes = {{.takes = 1ms}, {.takes = 2ms}};
  run();
  EXPECT_THAT(spans(Step::greeting), ElementsAre(0ms));
  EXPECT_THAT(spans(Step::login), ElementsAre(1ms, 2ms));
}

TEST_F(Drive, OwnTimeOfPipelinedExchanges) {
  options.count_waiting = false;
  session.actions = {Send{Step::retrieve, "RETR 1\r\nRETR 2\r\n"}, Receive{Step::retrieve, 30s},
                     Receive{Step::retrieve, 30s}};
  session.exchanges_after_reads = {1, 2};
  stream.writes = {{.takes = 3ms}};
  stream.reads = {{.takes = 10ms}, {.takes = 10ms}};
  run();
  EXPECT_THAT(spans(Step::retrieve), ElementsAre(0ms, 3ms));  // in ascending order
}

TEST_F(Drive, AWaitAfterTheLastExchangeIsNotTakenFromTheNextStep) {
  options.count_waiting = false;
  session.actions = {Send{Step::retrieve, "RETR 1\r\n"}, Receive{Step::retrieve, 30s}, Receive{Step::retrieve, 30s},
                     Send{Step::quit, "QUIT\r\n"}, Receive{Step::quit, 30s}};
  session.exchanges_after_reads = {1, 1, 2};
  stream.writes = {{}, {.takes = 3ms}};
  stream.reads = {{.takes = 10ms}, {.takes = 10ms}, {.takes = 5ms}};
  run();
  EXPECT_THAT(spans(Step::retrieve), ElementsAre(0ms));
  EXPECT_THAT(spans(Step::quit), ElementsAre(3ms));
}

TEST_F(Drive, NobodyNeedsToMeasure) {
  options.latencies = nullptr;
  session.actions = {Send{Step::quit, "QUIT\r\n"}, Receive{Step::quit, 30s}, Commit{Step::store}};
  EXPECT_TRUE(run().has_value());
  EXPECT_THAT(spans(Step::quit), IsEmpty());
}

}  // namespace
}  // namespace mailrig
