#include "fakeservers/core/line_session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "fakeservers/testing/test_world.h"
#include "json/json_value.h"
#include "net/testing/script.h"

namespace mailrig::fakeservers {
namespace {

using mailrig::testing::Script;
using mailrig::testing::Tests;
using ::testing::ElementsAre;

constexpr std::string_view verbs[] = {"greeting", "SAY", "BODY", "LINE", "DATA", "TLS", "QUIT", "LATE", "message"};

/// 100,000 octets of 'b' in pieces of 1,000.
class Body final : public ReplySource {
 public:
  bool append(std::string& out, std::size_t room) override {
    if (left_ == 0) return false;
    std::size_t piece = std::min(std::min<std::size_t>(left_, 1000), room);
    out.append(piece, 'b');
    left_ -= piece;
    return true;
  }

 private:
  std::size_t left_ = 100'000;
};

/// A protocol of the least possible words.
class Parrot final : public LineSession {
 public:
  Parrot(const ServerContext& context, FaultMatcher& faults, ServerLog& log, ConnectionInfo arrival)
      : LineSession(context, faults, log, std::move(arrival)) {}
  int ends = 0;
  std::size_t data_octets = 0;

 protected:
  void greet() override { say("hello"); }
  void on_command(const Command& command) override {
    if (command.verb == "BODY") {
      say("here");
      say_body(std::make_unique<Body>(), "<b>");
    } else if (command.verb == "LINE") {
      say("?");
      expect_line();
    } else if (command.verb == "DATA") {
      say("go");
      expect_data();
    } else if (command.verb == "TLS") {
      say("up");
      upgrade();
    } else if (command.verb == "LATE") {
      pause(3s);
      say("late");
    } else if (command.verb == "QUIT") {
      say("bye");
      leave(Ending::orderly, ServerLog::End::quit);
    } else if (command.verb != "SILENT") {
      say("you said " + std::string(command.argument));
    }
  }
  void on_scripted(const Command& command) override { scripted_verb = std::string(command.verb); }
  void on_line(std::string_view line) override { say("line " + std::string(line)); }
  std::size_t on_data(std::string_view bytes) override {
    std::size_t end = bytes.find('#');
    data_octets += std::min(end, bytes.size());
    if (end == std::string_view::npos) return bytes.size();
    end_data();
    if (!scripted("message")) say("thanks");
    return end + 1;
  }
  void on_long_line() override { say("too long"); }
  void on_idle() override { say("asleep?"); }
  void on_upgraded() override { ++upgrades; }
  void on_end() override { ++ends; }
  std::size_t line_octets_max(std::string_view /*begun*/) const override { return 20; }
  Duration patience() const override { return 7s; }
  std::string masked(const Command& command) const override { return printable(command.line); }

 public:
  std::string scripted_verb;
  int upgrades = 0;
};

struct Desk {
  explicit Desk(std::string_view faults = "[]") {
    Value list = *parse_json_value(faults);
    auto rules = parse_faults(&list, {.protocol = "parrot", .verbs = verbs});
    EXPECT_TRUE(rules) << (rules ? "" : rules.error().message);
    book = FaultMatcher(std::move(*rules));
  }
  std::unique_ptr<Parrot> open() {
    ConnectionInfo arrival;
    arrival.number = ++connections;
    arrival.connection = "p#" + std::to_string(connections);
    return std::make_unique<Parrot>(context, book, log, arrival);
  }
  Value session(std::size_t index, std::string_view key) {
    Value server = Value::map();
    log.observe(server);
    Value sessions = server.find("sessions")->made();
    return sessions.items().at(index).find(key)->made();
  }

  testing::TestWorld rig;
  ServerContext context{.world = rig.world, .name = "p", .observer = nullptr, .make_messages = {}};
  FaultMatcher book;
  ServerLog log{verbs};
  unsigned connections = 0;
};

std::string plays(const Script& script, std::string_view faults = "[]") {
  std::unique_ptr<Desk> desk;
  return script.at_every_split([&] {
    desk = std::make_unique<Desk>(faults);
    return desk->open();
  });
}
Script greeted() { return Script(Tests::server).server("hello"); }

TEST(LineSession, LinesInRepliesOut) {
  EXPECT_EQ(plays(greeted()
                      .client("say a b")
                      .server("you said a b")
                      .client("SAY")
                      .server("you said ")
                      .client("quit")
                      .server("bye")
                      .closes()
                      .then_done()),
            "");
  EXPECT_EQ(plays(greeted()
                      .client_bytes("SAY x\n")
                      .server("you said x")
                      .client_bytes("SAY \r\r\n")
                      .server_bytes("you said \r\r\n")
                      .client_bytes("QUIT\n")
                      .server("bye")
                      .then_done()),
            "");
}

TEST(LineSession, ContinuationsAndData) {
  EXPECT_EQ(plays(greeted()
                      .client("LINE")
                      .server("?")
                      .client("SAY x")
                      .server("line SAY x")
                      .client("SAY x")
                      .server("you said x")
                      .client("QUIT")
                      .server("bye")
                      .then_done()),
            "");
  EXPECT_EQ(plays(greeted()
                      .client("DATA")
                      .server("go")
                      .client_bytes("QUIT\r\nand much more than a line may have#")
                      .server("thanks")
                      .client("QUIT")
                      .server("bye")
                      .then_done()),
            "");
}

TEST(LineSession, CommandsBehindDataAreCommands) {
  Desk desk;
  std::unique_ptr<Parrot> session = desk.open();
  EXPECT_EQ(greeted()
                .client_bytes("DATA\r\nxyz#SAY 1\r\nQUIT\r\n")
                .server_bytes("go\r\nthanks\r\nyou said 1\r\nbye\r\n")
                .then_done()
                .play(*session),
            "");
  EXPECT_EQ(session->data_octets, 3U);
  EXPECT_EQ(session->ends, 1);
}

TEST(LineSession, WhatComesBehindTheUpgradeIsThrownAway) {
  EXPECT_EQ(plays(greeted().client("TLS").server("up").starts_tls().client("QUIT").server("bye").then_done()), "");
  Desk desk;
  std::unique_ptr<Parrot> session = desk.open();
  EXPECT_EQ(greeted()
                .client_bytes("TLS\r\nSAY 1\r\nSA")
                .server("up")
                .starts_tls()
                .client("SAY 2")
                .server("you said 2")
                .client("QUIT")
                .server("bye")
                .then_done()
                .play(*session),
            "");
  EXPECT_EQ(session->upgrades, 1);
  EXPECT_EQ(desk.session(0, "tls"), Value(true));
  EXPECT_EQ(desk.session(0, "commands"), Value(Value::List{"TLS", "SAY 2", "QUIT"}));
}

TEST(LineSession, AFailedUpgradeEndsTheSession) {
  Desk desk;
  std::unique_ptr<Parrot> session = desk.open();
  EXPECT_EQ(greeted().client("TLS").server("up").fails(Errc::tls_failed).then_fails(Errc::tls_failed).play(*session),
            "");
  EXPECT_EQ(session->ends, 1);
  EXPECT_EQ(desk.session(0, "end"), Value("reset"));
}

TEST(LineSession, TheLineLimitCountsItsEnd) {
  EXPECT_EQ(plays(greeted()
                      .client("SAY 45678901234567")
                      .server("you said 45678901234567")
                      .client("QUIT")
                      .server("bye")
                      .then_done()),
            "");
  EXPECT_EQ(plays(greeted()
                      .client_bytes("SAY 456789012345678\n")
                      .server("you said 456789012345678")
                      .client("QUIT")
                      .server("bye")
                      .then_done()),
            "");
  // Twenty octets without an end: the line is too long, whatever follows.
  EXPECT_EQ(
      plays(greeted().client_bytes("SAY 4567890123456789").server("too long").closes().then_fails(Errc::end_of_stream)),
      "");
  Desk desk;
  std::unique_ptr<Parrot> session = desk.open();
  EXPECT_EQ(greeted()
                .client("SAY 456789012345678")
                .server("too long")
                .closes()
                .then_fails(Errc::end_of_stream)
                .play(*session),
            "");
}

TEST(LineSession, AGigabyteWithoutALineEndCostsOneChunk) {
  Desk desk;
  std::unique_ptr<Parrot> session = desk.open();
  const std::string chunk(64 * 1024, 'x');
  session->next();
  std::size_t taken = 0;
  bool over = false;
  // As drive() does: bytes are given only when they are asked for.
  for (int i = 0; i < 16'384 && !over; ++i) {
    Action action = session->next();
    if (std::holds_alternative<Receive>(action)) {
      session->on_bytes(chunk);
      taken += chunk.size();
    }
    over = std::holds_alternative<Done>(action);
  }
  EXPECT_TRUE(over);
  EXPECT_EQ(taken, chunk.size());
}

TEST(LineSession, NulsAreOctetsLikeOthers) {
  std::string nul(1, '\0');
  EXPECT_EQ(plays(greeted()
                      .client("SAY a" + nul + "b")
                      .server("you said a" + nul + "b")
                      .client(nul + nul)
                      .server("you said ")
                      .client("QUIT")
                      .server("bye")
                      .then_done()),
            "");
}

TEST(LineSession, ATlsHandshakeInClearIsOneLineWhateverIsInIt) {
  const std::string head("\x16\x03\x01\x00\x20", 5);
  for (const std::string& random : {std::string(32, 'r'), std::string(32, '\n'), std::string(31, '\r') + "\n"})
    EXPECT_EQ(plays(greeted()
                        .client_bytes(head + random)
                        .server("you said ")
                        .client("SAY a")
                        .server("you said a")
                        .client("QUIT")
                        .server("bye")
                        .then_done()),
              "");
}

TEST(LineSession, BodiesPassThroughOneSendAtATime) {
  Desk desk;
  std::unique_ptr<Parrot> session = desk.open();
  EXPECT_EQ(greeted()
                .client_bytes("BODY\r\nSAY 1\r\nQUIT\r\n")
                .server_bytes("here\r\n" + std::string(100'000, 'b') + "you said 1\r\nbye\r\n")
                .then_done()
                .play(*session),
            "");
}

TEST(LineSession, PipelinedCommandsAreAnsweredInOneWriteEach64KiB) {
  Desk desk;
  std::unique_ptr<Parrot> session = desk.open();
  session->next();
  session->next();
  std::string commands;
  for (int i = 0; i < 10'000; ++i) commands += "SAY 12345678\r\n";
  session->on_bytes(commands);
  std::size_t said = 0;
  int writes = 0;
  for (;;) {
    Action action = session->next();
    if (!std::holds_alternative<Send>(action)) break;
    EXPECT_LE(std::get<Send>(action).bytes.size(), send_octets_max);
    said += std::get<Send>(action).bytes.size();
    ++writes;
  }
  EXPECT_EQ(said, 10'000U * 19);
  EXPECT_EQ(writes, 4);  // 190,000 octets, some 57,000 in each write
}

TEST(LineSession, IdleSessionsAreToldAndClosed) {
  Desk desk;
  std::unique_ptr<Parrot> session = desk.open();
  EXPECT_EQ(greeted().times_out().server("asleep?").closes().then_fails(Errc::timed_out).play(*session), "");
  EXPECT_EQ(session->ends, 1);
  EXPECT_EQ(desk.session(0, "end"), Value("timed-out"));
  std::unique_ptr<Parrot> again = desk.open();
  again->next();
  EXPECT_EQ(std::get<Receive>(again->next()).patience, 7s);
  again->on_error({Errc::timed_out, "idle"});
  again->next();
  again->on_error({Errc::timed_out, "the budget"});  // not even this could be sent
  EXPECT_TRUE(std::holds_alternative<Done>(again->next()));
  EXPECT_EQ(again->ends, 1);
}

TEST(LineSession, EndsOfAllKinds) {
  struct Row {
    Errc code;
    std::string_view end;
  };
  for (const Row& row : {Row{Errc::end_of_stream, "closed"}, Row{Errc::truncated, "closed"}, Row{Errc::reset, "reset"},
                         Row{Errc::cancelled, "cut"}}) {
    Desk desk;
    std::unique_ptr<Parrot> session = desk.open();
    EXPECT_EQ(desk.session(0, "end"), Value("open"));
    EXPECT_EQ(greeted().client("SAY 1").server("you said 1").fails(row.code).then_fails(row.code).play(*session), "");
    EXPECT_EQ(desk.session(0, "end"), Value(row.end));
    EXPECT_EQ(session->ends, 1);
  }
  Desk desk;
  std::unique_ptr<Parrot> session = desk.open();
  EXPECT_EQ(greeted().client("QUIT").server("bye").then_done().play(*session), "");
  EXPECT_EQ(desk.session(0, "end"), Value("quit"));
  // QUIT was said; that the answer could not be sent changes nothing.
  std::unique_ptr<Parrot> lost = desk.open();
  EXPECT_EQ(greeted().client("QUIT").fails(Errc::reset).then_fails(Errc::reset).play(*lost), "");
  EXPECT_EQ(desk.session(1, "end"), Value("quit"));
}

TEST(LineSession, FaultsBendTheReplyAndNothingElse) {
  EXPECT_EQ(plays(greeted()
                      .client("SAY 1")
                      .server("you said 1")
                      .client("SAY 2")
                      .waits(2s)
                      .server("you said 2")
                      .client("QUIT")
                      .server("bye")
                      .then_done(),
                  R"([{"on": "SAY", "nth": 2, "delay": "2s"}])"),
            "");
  EXPECT_EQ(plays(greeted().client("SAY 1").server_bytes("you sa").closes(Ending::reset).then_fails(Errc::reset),
                  R"([{"on": "SAY", "cut_after": 6}])"),
            "");
  EXPECT_EQ(plays(greeted()
                      .client("SAY 1")
                      .server("you said 1")
                      .closes(Ending::no_close_notify)
                      .then_fails(Errc::end_of_stream),
                  R"([{"on": "SAY", "ending": "no-close-notify"}])"),
            "");
  EXPECT_EQ(plays(Script(Tests::server).times_out().server("hello").client("QUIT").server("bye").then_done(),
                  R"([{"on": "greeting", "delay": "1s"}])"),
            "");
  EXPECT_EQ(plays(greeted().client("QUIT").server_bytes("b").closes(Ending::reset).then_fails(Errc::reset),
                  R"([{"on": "QUIT", "cut_after": 1}])"),
            "");
}

TEST(LineSession, AScriptedReplyStandsInForTheCommand) {
  EXPECT_EQ(plays(greeted()
                      .client("TLS")
                      .server("no")
                      .client("SAY 1")
                      .server("you said 1")
                      .client("QUIT")
                      .server("bye")
                      .then_done(),
                  R"([{"on": "TLS", "reply": "no"}])"),
            "");
  EXPECT_EQ(plays(Script(Tests::server).server("go away").closes().then_fails(Errc::end_of_stream),
                  R"([{"on": "greeting", "reply": "go away", "ending": "orderly"}])"),
            "");
  Desk desk(R"([{"on": "SAY", "reply_bytes": "a\r\nb\nc"}])");
  std::unique_ptr<Parrot> session = desk.open();
  EXPECT_EQ(greeted().client("SAY 1").server_bytes("a\r\nb\nc").client("QUIT").server("bye").then_done().play(*session),
            "");
  EXPECT_EQ(session->scripted_verb, "SAY");
  EXPECT_THAT(desk.rig.lines(), ElementsAre("S: hello", "C: SAY 1", "*: fault: SAY: replies \"a\\r\\nb\\nc\"", "S: a",
                                            "S: b\\n", "S: c", "C: QUIT", "S: bye", "*: closes the connection"));
}

TEST(LineSession, ExchangesThatAreNoCommand) {
  EXPECT_EQ(plays(greeted()
                      .client("DATA")
                      .server("go")
                      .client_bytes("x#")
                      .server("later")
                      .client("QUIT")
                      .server("bye")
                      .then_done(),
                  R"([{"on": "message", "reply": "later"}])"),
            "");
  EXPECT_EQ(plays(greeted()
                      .client("DATA")
                      .server("go")
                      .client_bytes("x#")
                      .waits(1s)
                      .server("thanks")
                      .client("QUIT")
                      .server("bye")
                      .then_done(),
                  R"([{"on": "message", "delay": "1s"}])"),
            "");
}

TEST(LineSession, SilenceLastsAsLongAsTheClientWants) {
  Desk desk(R"([{"on": "SAY", "hang": true}])");
  std::unique_ptr<Parrot> session = desk.open();
  EXPECT_EQ(greeted()
                .client("SAY 1")
                .client("QUIT")
                .client("QUIT")
                .fails(Errc::end_of_stream)
                .then_fails(Errc::end_of_stream)
                .play(*session),
            "");
  EXPECT_EQ(desk.session(0, "end"), Value("closed"));
}

TEST(LineSession, AServersOwnPauseAddsToAFaults) {
  EXPECT_EQ(plays(greeted().client("LATE").waits(3s).server("late").client("QUIT").server("bye").then_done()), "");
  EXPECT_EQ(plays(greeted().client("LATE").waits(5s).server("late").client("QUIT").server("bye").then_done(),
                  R"([{"on": "LATE", "delay": "2s"}])"),
            "");
}

TEST(LineSession, ReplesBeforeAFaultGoOutBeforeIt) {
  Desk desk(R"([{"on": "SAY", "argument": "2", "delay": "1s"}])");
  std::unique_ptr<Parrot> session = desk.open();
  EXPECT_EQ(greeted()
                .client_bytes("SAY 1\r\nSAY 2\r\nSAY 3\r\nQUIT\r\n")
                .server("you said 1")
                .waits(1s)
                .server("you said 2")
                .server_bytes("you said 3\r\nbye\r\n")
                .then_done()
                .play(*session),
            "");
}

TEST(LineSession, ACommandWithoutReplyIsNoTrouble) {
  EXPECT_EQ(plays(greeted().client("SILENT").client("QUIT").server("bye").then_done()), "");
}

TEST(LineSession, TheTranscriptTellsHowItEnded) {
  Desk desk;
  std::unique_ptr<Parrot> session = desk.open();
  EXPECT_EQ(greeted()
                .client("LINE")
                .server("?")
                .client("secret")
                .server("line secret")
                .fails(Errc::reset)
                .then_fails(Errc::reset)
                .play(*session),
            "");
  EXPECT_THAT(desk.rig.lines(), ElementsAre("S: hello", "C: LINE", "S: ?", "C: <password>", "S: line <password>",
                                            "*: the connection is over: as the script says"));
}

TEST(ServerLog, CountsAndBounds) {
  ServerLog log(verbs);
  ConnectionInfo arrival;
  arrival.connection = "p#1";
  ServerLog::Record& record = log.open(arrival, Instant{});
  const std::string line(1000, 'x');
  for (int i = 0; i < 300; ++i) log.on_command(record, "SAY", line);
  for (int i = 0; i < 200; ++i) log.on_command(record, "W" + std::to_string(i), "");
  EXPECT_EQ(log.count("SAY"), 300U);
  EXPECT_EQ(log.count("W63"), 1U);
  EXPECT_EQ(log.count("W64"), 0U);  // words of nobody's protocol are bounded
  EXPECT_EQ(log.count("QUIT"), 0U);
  EXPECT_LE(record.commands.size(), ServerLog::commands_octets_max);
  EXPECT_GT(record.commands.size(), ServerLog::commands_octets_max - 1100);
  EXPECT_EQ(record.not_kept, 300U - 261U);
  EXPECT_EQ(log.connections(), 1U);
}

TEST(LineSession, ADelayedReplyEntersTheTranscriptWhenItIsSent) {
  for (bool lives : {true, false}) {
    Desk desk(R"([{"on": "SAY", "delay": "2s"}])");
    std::unique_ptr<Parrot> session = desk.open();
    session->next();
    session->on_bytes("SAY x\r\n");
    ASSERT_TRUE(std::holds_alternative<Wait>(session->next()));
    EXPECT_THAT(desk.rig.lines(), ::testing::Not(::testing::Contains("S: you said x")));
    if (!lives) session->on_error({Errc::reset, "reset"});
    EXPECT_EQ(std::holds_alternative<Send>(session->next()), lives);
    EXPECT_THAT(desk.rig.lines(),
                lives ? ::testing::Matcher<std::vector<std::string>>(::testing::Contains("S: you said x"))
                      : ::testing::Not(::testing::Contains("S: you said x")));
  }
}

}  // namespace
}  // namespace mailrig::fakeservers
