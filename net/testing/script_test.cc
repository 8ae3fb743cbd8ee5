#include "net/testing/script.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mailrig::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

/// A client of the least possible protocol, with one switch for each way of being wrong.
struct Quitter : Session {
  struct Flaws {
    bool answers_early = false;   // takes the first bytes for the whole line
    bool ignores_errors = false;  // goes on after a failure
    bool forgives = false;        // ends in good order after a failure
    bool never_ends = false;
    bool sends_in_pieces = false;
    bool resets = false;
    bool pauses = false;
    bool commits = false;
    bool uses_tls = false;
  };
  explicit Quitter(Flaws given) : flaws(given) {}
  Quitter() = default;

  enum class State : std::uint8_t { start, greeting, tls, pause, commit, sending, rest, leaving, close, done, failed };

  Action next() override {
    switch (state) {
      case State::start: return move(State::greeting, Receive{Step::greeting, 5s});
      case State::greeting: return Receive{Step::greeting, 5s};
      case State::tls: return move(State::pause, StartTls{});
      case State::pause: return flaws.pauses ? move(State::commit, Wait{Step::request, 3s}) : after_pause();
      case State::commit: return after_pause();
      case State::sending:
        if (flaws.sends_in_pieces) return move(State::rest, Send{Step::quit, "QU"});
        return move(State::leaving, Send{Step::quit, "QUIT\r\n"});
      case State::rest: return move(State::leaving, Send{Step::quit, "IT\r\n"});
      case State::leaving: return Receive{Step::quit, 10s};
      case State::close: return move(State::done, Close{flaws.resets ? Ending::reset : Ending::orderly});
      case State::failed:
        if (flaws.never_ends) return Close{};
        if (flaws.forgives) return Done{};
        return Done{failure};
      case State::done: return Done{};
    }
    return Done{};
  }
  void on_bytes(std::string_view bytes) override {
    line += bytes;
    if (!flaws.answers_early && !line.ends_with("\n")) return;
    if (!line.starts_with("+OK")) {
      failure = Error{Errc::peer_refused, "no", Step::greeting, "busy"};
      state = State::failed;
      return;
    }
    line.clear();
    state = state == State::greeting ? (flaws.uses_tls ? State::tls : State::pause) : State::close;
  }
  void on_committed(Status status) override {
    if (!status) on_error(status.error());
  }
  void on_tls() override { state = State::pause; }
  void on_error(Error error) override {
    if (flaws.ignores_errors) return;
    failure = std::move(error);
    state = State::failed;
  }

  Action after_pause() {
    return flaws.commits ? move(State::sending, Commit{Step::store}) : (state = State::sending, next());
  }
  Action move(State to, Action action) {
    state = to;
    return action;
  }

  Flaws flaws;
  State state = State::start;
  std::string line;
  Status failure;
};

Script dialogue() { return Script{}.server("+OK ready").client("QUIT").server("+OK bye").then_done(); }
Script::Make quitter(Quitter::Flaws flaws = {}) {
  return [flaws] { return std::make_unique<Quitter>(flaws); };
}

TEST(Script, AWellMadeSessionPassesInAllWays) {
  int checked = 0;
  EXPECT_EQ(dialogue().also_failing_each_step(quitter(), [&](Session&) { ++checked; }), "");
  // As written, joined, byte by byte, and a cut between each two of the 11 and the 9 octets.
  EXPECT_EQ(checked, 3 + 10 + 8);
}

TEST(Script, PiecesOfOneLineAreOneLine) {
  EXPECT_EQ(dialogue().at_every_split(quitter({.sends_in_pieces = true})), "");
}

TEST(Script, SaysWhatDifferedAndWhatWentBefore) {
  Quitter session;
  EXPECT_EQ(Script{}.server("+OK ready").client("NOOP").then_done().play(session),
            "the session sends \"QUIT\\r\\n\" (quit); the script wants it to send \"NOOP\\r\\n\"\n"
            "  S: +OK ready\\r\\n\n");
}

TEST(Script, AnOmittedExchangeIsTold) {
  Quitter session;
  EXPECT_EQ(
      Script{}.server("+OK ready").then_done().play(session),
      "the session sends \"QUIT\\r\\n\" (quit); the script wants it to end in good order\n  S: +OK ready\\r\\n\n");
}

TEST(Script, ASessionThatSendsMoreThanTheScriptIsTold) {
  Quitter session;
  EXPECT_THAT(Script{}.server("+OK ready").client_bytes("QUI").server("+OK bye").then_done().play(session),
              StartsWith("the session sends \"T\\r\\n\" (quit); the script wants it to wait for \"+OK bye\\r\\n\""));
}

TEST(Script, ASessionThatWaitsWhereItShouldSpeakIsTold) {
  Quitter session;
  EXPECT_EQ(Script{}.client("HELLO").then_done().play(session),
            "the session waits 5s for the peer (greeting); the script wants it to send \"HELLO\\r\\n\"\n");
}

TEST(Script, AnEndThatComesTooEarlyIsTold) {
  Quitter session;
  EXPECT_THAT(dialogue().server("more").play(session),
              StartsWith("the script goes on after the end of the session: it wants it to wait for \"more\\r\\n\""));
}

TEST(Script, AScriptWithoutEndIsTold) {
  Quitter session;
  EXPECT_THAT(Script{}.server("+OK ready").client("QUIT").server("+OK bye").play(session),
              HasSubstr("then_done, then_fails"));
}

TEST(Script, AnAnswerToHalfALineIsFoundBySplitting) {
  Quitter early({.answers_early = true});
  EXPECT_EQ(dialogue().play(early), "");
  EXPECT_THAT(dialogue().at_every_split(quitter({.answers_early = true})),
              StartsWith("byte by byte: the session ends with peer-refused busy (greeting: no); the script wants it to "
                         "wait for \"O\""));
}

TEST(Script, FailuresMustEndTheSession) {
  EXPECT_THAT(dialogue().also_failing_each_step(quitter({.ignores_errors = true})),
              StartsWith("failing at action 1: after the failure the session still waits 5s for the peer (greeting)"));
  EXPECT_THAT(dialogue().also_failing_each_step(quitter({.forgives = true})),
              StartsWith("failing at action 1: the session ends in good order after a failure"));
  EXPECT_THAT(dialogue().also_failing_each_step(quitter({.never_ends = true})),
              StartsWith("failing at action 1: the session has not ended 8 actions after the failure"));
}

TEST(Script, ChecksStepsAndPatience) {
  auto with = [](Step greeting, Duration patience, Step quit) {
    return Script{}.server("+OK").at(greeting).patiently(patience).client("QUIT").at(quit).server("+OK").then_done();
  };
  EXPECT_EQ(with(Step::greeting, 5s, Step::quit).at_every_split(quitter()), "");
  Quitter a, b, c;
  EXPECT_THAT(with(Step::login, 5s, Step::quit).play(a),
              StartsWith("\"+OK\\r\\n\" is awaited at step greeting; the script wants login"));
  EXPECT_THAT(with(Step::greeting, 6s, Step::quit).play(b),
              StartsWith("\"+OK\\r\\n\" is awaited for 5s; the script wants 6s"));
  EXPECT_THAT(with(Step::greeting, 5s, Step::list).play(c),
              StartsWith("\"QUIT\\r\\n\" is sent at step quit; the script wants list"));
}

TEST(Script, EndsAreComparedByCodeAndReason) {
  Script refused = Script{}.server("-ERR busy");
  Quitter a, b, c, d, e;
  EXPECT_EQ(Script(refused).then_fails(Errc::peer_refused).play(a), "");
  EXPECT_EQ(Script(refused).then_fails(Errc::peer_refused, "busy").play(b), "");
  EXPECT_THAT(
      Script(refused).then_fails(Errc::peer_refused, "AUTH").play(c),
      StartsWith(
          "the session ends with peer-refused busy (greeting: no); the script wants it to end with peer-refused AUTH"));
  EXPECT_THAT(Script(refused).then_fails(Errc::reset).play(d), HasSubstr("wants it to end with reset"));
  EXPECT_THAT(Script(refused).then_done().play(e), HasSubstr("the script wants it to end in good order"));
}

TEST(Script, ScriptedFailuresReachTheSessionWithItsStep) {
  Quitter reading;
  EXPECT_EQ(Script{}.peer_closes().then_fails(Errc::end_of_stream).play(reading), "");
  EXPECT_EQ(reading.failure.error().step, Step::greeting);
  Quitter late;
  EXPECT_EQ(Script{}.server("+OK").client("QUIT").times_out().then_fails(Errc::timed_out).play(late), "");
  EXPECT_EQ(late.failure.error().step, Step::quit);
  Quitter writing;
  EXPECT_EQ(Script{}.server("+OK").fails(Errc::reset, "why").then_fails(Errc::reset, "why").play(writing), "");
  EXPECT_EQ(writing.failure.error().step, Step::quit);
}

TEST(Script, PausesCommitsAndTlsAreWrittenDown) {
  Quitter::Flaws all{.pauses = true, .commits = true, .uses_tls = true};
  Script script =
      Script{}.server("+OK").starts_tls().waits(3s).commits().client("QUIT").server("+OK").closes().then_done();
  EXPECT_EQ(script.also_failing_each_step(quitter(all)), "");
  Quitter a(all), b(all), c(all), d(all);
  EXPECT_THAT(Script{}.server("+OK").then_done().play(a), StartsWith("the session starts TLS; the script wants"));
  EXPECT_THAT(Script{}.server("+OK").starts_tls().waits(4s).then_done().play(b),
              StartsWith("the session pauses for 3s; the script wants a pause of 4s"));
  EXPECT_THAT(Script{}.server("+OK").starts_tls().waits(3s).then_done().play(c),
              StartsWith("the session commits; the script wants"));
  EXPECT_EQ(Script{}
                .server("+OK")
                .starts_tls()
                .waits(3s)
                .commits(Error{Errc::environment, "full"})
                .then_fails(Errc::environment)
                .play(d),
            "");
}

TEST(Script, OnlyAnOrderlyCloseAtTheEndNeedsNoWords) {
  EXPECT_EQ(Script{}
                .server("+OK")
                .client("QUIT")
                .server("+OK")
                .closes(Ending::reset)
                .then_done()
                .also_failing_each_step(quitter({.resets = true})),
            "");
  Quitter resets({.resets = true});
  EXPECT_THAT(dialogue().play(resets),
              StartsWith("the session closes, by a reset; the script wants it to end in good order"));
  Quitter orderly;
  EXPECT_THAT(
      Script{}.server("+OK").client("QUIT").server("+OK").closes(Ending::no_close_notify).then_done().play(orderly),
      StartsWith("the session closes, orderly; the script wants it to close, without close_notify"));
}

/// A server: says OK to every line, and answers each line before it looks at the next.
struct Agreer : Session {
  Action next() override {
    if (!std::exchange(greeted, true)) return Send{Step::greeting, "+OK\r\n"};
    if (failure) return Done{*failure};
    std::size_t end = buffer.find("\r\n");
    if (end == std::string::npos) return left ? Action{Done{}} : Action{Receive{Step::request, 10min}};
    left = buffer.starts_with("QUIT");
    buffer.erase(0, end + 2);
    return Send{Step::request, "+OK\r\n"};
  }
  void on_bytes(std::string_view bytes) override { buffer += bytes; }
  void on_committed(Status) override {}
  void on_tls() override {}
  void on_error(Error error) override {
    failure = std::move(error);
    buffer.clear();
  }

  std::string buffer;
  bool greeted = false;
  bool left = false;
  std::optional<Error> failure;
};

TEST(Script, TestsServersTheOtherWayRound) {
  auto make = [] { return std::make_unique<Agreer>(); };
  EXPECT_EQ(Script{Tests::server}
                .server("+OK")
                .client("NOOP")
                .server("+OK")
                .client("QUIT")
                .server("+OK")
                .then_done()
                .also_failing_each_step(make),
            "");
}

TEST(Script, PipelinedCommandsMayBeAnsweredBeforeTheLastOfThemHasArrived) {
  auto make = [] { return std::make_unique<Agreer>(); };
  auto ok = "+OK\r\n+OK\r\n+OK\r\n";
  EXPECT_EQ(Script{Tests::server}
                .server("+OK")
                .pipelined("NOOP\r\nSTAT\r\nQUIT\r\n")
                .server_bytes(ok)
                .then_done()
                .at_every_split(make),
            "");
  EXPECT_THAT(
      Script{Tests::server}
          .server("+OK")
          .client_bytes("NOOP\r\nSTAT\r\nQUIT\r\n")
          .server_bytes(ok)
          .then_done()
          .at_every_split(make),
      StartsWith("byte by byte: the session sends \"+OK\\r\\n\" (request); the script wants it to wait for \"S\""));
}

TEST(Script, TooMuchAtOnceAndCirclesAreTold) {
  struct Flood : Agreer {
    std::string much = std::string(send_octets_max + 1, 'x');
    Action next() override { return Send{Step::data, much}; }
  } flood;
  EXPECT_THAT(Script{Tests::server}.server_bytes(flood.much).then_done().play(flood),
              StartsWith("the session sends 65537 octets at once; 65536 is the most"));
  struct Most : Agreer {
    std::string much = std::string(send_octets_max, 'x');
    Action next() override { return std::exchange(left, true) ? Action{Done{}} : Action{Send{Step::data, much}}; }
  } most;
  EXPECT_EQ(Script{Tests::server}.server_bytes(most.much).then_done().play(most), "");
  struct Circle : Agreer {
    Action next() override { return Send{Step::data, ""}; }
  } circle;
  EXPECT_THAT(Script{Tests::server}.then_done().play(circle), StartsWith("the session goes round in circles"));
}

TEST(Script, LongRunsAreCutNearTheirEndsOnly) {
  int played = 0;
  auto make = [] { return std::make_unique<Agreer>(); };
  std::string line = std::string(5000, 'x') + "\r\n";
  EXPECT_EQ(Script{Tests::server}
                .server("+OK")
                .client_bytes(line)
                .server("+OK")
                .client("QUIT")
                .server("+OK")
                .then_done()
                .at_every_split(make, [&](Session&) { ++played; }),
            "");
  // Three ways of the whole, cuts after 1..1024 and 3978..5001 octets of 5002, and after 1..5 of "QUIT\r\n".
  EXPECT_EQ(played, 3 + 1024 + 1024 + 5);
}

}  // namespace
}  // namespace mailrig::testing
