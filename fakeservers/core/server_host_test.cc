#include "fakeservers/core/server_host.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakeservers/personalities/personality.h"
#include "fakeservers/pop3/pop3_server.h"
#include "json/json_value.h"
#include "net/sim/sim_loop.h"
#include "net/sim/sim_network.h"
#include "net/task.h"

namespace mailrig::fakeservers {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

/// A server on a simulated network, and a client that is written down line by line.
struct Rig {
  explicit Rig(HostTls tls = HostTls::none,
               std::string_view settings = R"({"mailboxes": {"ann": {"password": "pw", "messages": "hi\r\n"}}})") {
    Value server_values = *server_settings("pop3", *parse_json_value(settings));
    server_values.set("tls", tls == HostTls::none ? "none" : tls == HostTls::implicit ? "implicit" : "starttls");
    auto made =
        make_pop3_server({.world = world, .name = "isp", .observer = nullptr, .make_messages = {}}, server_values);
    EXPECT_TRUE(made) << (made ? "" : made.error().message);
    server = std::move(*made);
    HostSettings host_settings;
    host_settings.name = "isp";
    host_settings.tls = tls;
    host_settings.tap = [this](std::string_view connection, TapDirection direction, std::string_view bytes) {
      if (direction == TapDirection::received) tapped += std::string(connection) + " ";
      raw += bytes;
      return bytes.find("CUT ME") == std::string_view::npos;
    };
    host_settings.on_closed = [this](std::string_view connection, const Status& how) {
      closed.push_back(std::string(connection) + (how ? " ok" : " " + std::string(to_string(how.error().code))));
    };
    host = std::make_unique<ServerHost>(world, *server, std::move(host_settings));
    if (tls != HostTls::none) show({});
    host->take(*network.listen({"isp.test", 110}));
  }
  ~Rig() {
    host->stop();
    settle();
    loop.abandon();
  }

  void show(CertificateFault fault) const {
    auto context = factory.server_context(fault, {.hosts = {"isp.test"}, .at = calendar.now()});
    ASSERT_TRUE(context) << context.error().message;
    host->show(*context, fault);
  }
  /// Runs until nothing happens any more for a second.
  void settle() { loop.run(rest(), {}); }
  Task<void> rest() { co_await loop.sleep_until(loop.now() + 1s); }

  /// Sends the lines, each once something has been heard, and returns all that was heard; "<end>" or the error at the
  /// end.
  std::string talk(std::vector<std::string> lines, std::string source = {}, bool tls = false) {
    std::string heard;
    loop.run(client(heard, std::move(lines), std::move(source), tls), {});
    settle();
    return heard;
  }
  Task<void> client(std::string& heard, std::vector<std::string> lines, std::string source, bool tls) {
    Result<std::unique_ptr<Stream>> connected = co_await network.connect({"isp.test", 110}, source, loop.now() + 5s);
    if (!connected) {
      heard += "<" + std::string(to_string(connected.error().code)) + ">";
      co_return;
    }
    std::unique_ptr<Stream> stream = with_tls(std::move(*connected), *factory.client_context(), "isp.test", calendar);
    if (tls) {
      Status secure = co_await stream->start_tls(loop.now() + 5s);
      if (!secure) {
        heard += "<" + std::string(to_string(secure.error().code)) + " " + secure.error().reason + ">";
        co_return;
      }
    }
    for (std::size_t next = 0;;) {
      Result<std::string_view> chunk = co_await stream->read_some(loop.now() + 5s);
      if (!chunk) {
        heard += "<" + std::string(to_string(chunk.error().code)) + ">";
        co_return;
      }
      heard += *chunk;
      if (next == lines.size()) continue;
      if (lines[next] == "<tls>") {
        Status secure = co_await stream->start_tls(loop.now() + 5s);
        heard += secure ? "<tls>" : "<" + std::string(to_string(secure.error().code)) + ">";
        if (!secure) co_return;
        ++next;
      }
      std::string line = lines[next++] + "\r\n";
      Status sent = co_await stream->write(line, loop.now() + 5s);
      if (!sent) co_return;
    }
  }

  sim::SimLoop loop;
  sim::SimCalendar calendar{loop, *parse_instant("2014-06-02T09:00:00Z")};
  sim::SimNetwork network{loop};
  Prng prng{1};
  Transcript transcript;
  World world{loop, loop, calendar, network, prng, transcript};
  CertificateFactory factory;
  std::unique_ptr<FakeServer> server;
  std::unique_ptr<ServerHost> host;
  std::string tapped;
  std::string raw;
  std::vector<std::string> closed;
};

constexpr std::string_view goodbye = "+OK POP3 server ready\r\n+OK POP3 server signing off\r\n<end-of-stream>";

TEST(ServerHost, NumbersItsConnectionsAndTellsHowTheyEnded) {
  Rig rig;
  EXPECT_EQ(rig.talk({"QUIT"}), goodbye);
  EXPECT_EQ(rig.talk({"USER ann", "PASS pw", "RETR 1", "QUIT"}),
            "+OK POP3 server ready\r\n+OK\r\n+OK maildrop locked and ready\r\n+OK 4 octets\r\nhi\r\n.\r\n+OK POP3 "
            "server signing off\r\n<end-of-stream>");
  EXPECT_EQ(rig.talk({"STAT"}), "+OK POP3 server ready\r\n-ERR command not valid in this state\r\n<timed-out>");
  EXPECT_THAT(rig.closed, ElementsAre("isp#1 ok", "isp#2 ok", "isp#3 reset"));
  EXPECT_EQ(rig.host->open_connections(), 0U);
  EXPECT_THAT(rig.tapped, StartsWith("isp#1 isp#2 isp#2 "));
  EXPECT_THAT(rig.raw, HasSubstr("PASS pw\r\n"));
}

TEST(ServerHost, RefusesAllOrByAddress) {
  Rig rig;
  rig.host->refuse(true);
  EXPECT_EQ(rig.talk({"QUIT"}), "<connection-refused>");
  rig.host->refuse(false);
  rig.host->refuse_sources({"127.0.0.2", "::1"});
  EXPECT_THAT(rig.talk({"QUIT"}, "127.0.0.2"), StartsWith("<reset>"));
  EXPECT_EQ(rig.talk({"QUIT"}, "127.0.0.22"), goodbye);
  rig.host->refuse_sources({});
  EXPECT_EQ(rig.talk({"QUIT"}, "127.0.0.2"), goodbye);
  EXPECT_THAT(rig.closed, ElementsAre("isp#2 ok", "isp#3 ok"));
  EXPECT_EQ(rig.server->observe().find("connections")->integer(), 2);
}

Task<void> hold(Rig& rig, std::string& heard) {
  Result<std::unique_ptr<Stream>> stream = co_await rig.network.connect({"isp.test", 110}, {}, rig.loop.now() + 5s);
  Result<std::string_view> greeting = co_await (*stream)->read_some(rig.loop.now() + 5s);
  heard += greeting ? *greeting : "<no greeting>";
  Result<std::string_view> more = co_await (*stream)->read_some(rig.loop.now() + 5min);
  heard += more ? *more : "<" + std::string(to_string(more.error().code)) + ">";
}

TEST(ServerHost, DropsWhatIsOpen) {
  Rig rig;
  std::string first, second;
  rig.loop.spawn(hold(rig, first));
  rig.loop.spawn(hold(rig, second));
  rig.settle();
  EXPECT_EQ(rig.host->open_connections(), 2U);
  rig.host->drop();
  rig.settle();
  EXPECT_EQ(first, "+OK POP3 server ready\r\n<reset>");
  EXPECT_EQ(second, "+OK POP3 server ready\r\n<reset>");
  EXPECT_THAT(rig.closed, ElementsAre("isp#1 cancelled", "isp#2 cancelled"));
  EXPECT_EQ(rig.talk({"QUIT"}), goodbye);
}

TEST(ServerHost, StopsForGood) {
  Rig rig;
  std::string heard;
  rig.loop.spawn(hold(rig, heard));
  rig.settle();
  rig.host->stop();
  rig.settle();
  EXPECT_EQ(heard, "+OK POP3 server ready\r\n<reset>");
  EXPECT_EQ(rig.host->open_connections(), 0U);
  EXPECT_EQ(rig.talk({"QUIT"}), "<connection-refused>");
}

TEST(ServerHost, ATapMayCut) {
  Rig rig;
  EXPECT_EQ(rig.talk({"CUT ME", "QUIT"}), "+OK POP3 server ready\r\n<reset>");
}

TEST(ServerHost, ImplicitTls) {
  Rig rig(HostTls::implicit);
  EXPECT_EQ(rig.talk({"USER ann", "PASS pw", "QUIT"}, {}, true),
            "+OK POP3 server ready\r\n+OK\r\n+OK maildrop locked and ready\r\n+OK POP3 server signing "
            "off\r\n<end-of-stream>");
  EXPECT_THAT(rig.raw, ::testing::Not(HasSubstr("PASS")));
  EXPECT_THAT(rig.closed, ElementsAre("isp#1 ok"));
}

TEST(ServerHost, StartTls) {
  Rig rig(HostTls::starttls);
  EXPECT_EQ(rig.talk({"STLS", "<tls>", "USER ann", "PASS pw", "QUIT"}),
            "+OK POP3 server ready\r\n+OK Begin TLS negotiation\r\n<tls>+OK\r\n+OK maildrop locked and ready\r\n+OK "
            "POP3 server signing off\r\n<end-of-stream>");
  EXPECT_THAT(rig.raw, HasSubstr("STLS"));
  EXPECT_THAT(rig.raw, ::testing::Not(HasSubstr("PASS")));
}

TEST(ServerHost, ACertificateIsSwappedForConnectionsFromNowOn) {
  Rig rig(HostTls::implicit);
  EXPECT_EQ(rig.talk({"QUIT"}, {}, true), goodbye);
  rig.show(CertificateClass::expired);
  EXPECT_EQ(rig.talk({"QUIT"}, {}, true), "<certificate-refused expired>");
  rig.show({});
  EXPECT_EQ(rig.talk({"QUIT"}, {}, true), goodbye);
}

TEST(ServerHost, AServerWithoutTlsGreetsInClear) {
  Rig rig(HostTls::implicit);
  rig.show(CertificateClass::not_tls);
  EXPECT_EQ(rig.talk({"QUIT"}, {}, true), "<tls-failed not-tls>");
  EXPECT_EQ(rig.talk({"QUIT"}), goodbye);
  EXPECT_THAT(rig.raw, StartsWith("+OK POP3 server ready\r\n"));
}

TEST(ServerHost, AStalledHandshakeEndsByPatience) {
  Rig rig(HostTls::implicit);
  rig.show(CertificateClass::handshake_stalled);
  EXPECT_THAT(rig.talk({"QUIT"}, {}, true), StartsWith("<timed-out"));
  EXPECT_EQ(rig.host->open_connections(), 0U);
  EXPECT_EQ(rig.closed.size(), 1U);
}

TEST(ServerHost, AnEndWithoutCloseNotify) {
  Rig rig(HostTls::implicit);
  rig.show(CertificateClass::truncated);
  EXPECT_EQ(rig.talk({"QUIT"}, {}, true), "+OK POP3 server ready\r\n+OK POP3 server signing off\r\n<truncated>");
}

TEST(ServerHost, AFaultMaySpoilASingleHandshake) {
  Rig rig(
      HostTls::implicit,
      R"({"faults": [{"misbehave": "plain-on-tls", "nth": 1}, {"misbehave": "tls-stall", "nth": 2}, {"misbehave": "tls-cut", "nth": 3}]})");
  EXPECT_EQ(rig.talk({"QUIT"}, {}, true), "<tls-failed not-tls>");
  EXPECT_THAT(rig.talk({"QUIT"}, {}, true), StartsWith("<timed-out"));
  EXPECT_THAT(rig.talk({"QUIT"}, {}, true), StartsWith("<end-of-stream"));
  EXPECT_EQ(rig.talk({"QUIT"}, {}, true), goodbye);
  for (const RuleReport& rule : rig.server->rules()) EXPECT_EQ(rule.fired, 1U) << rule.rule;
}

TEST(ServerHost, AndOneAfterStartTls) {
  Rig rig(
      HostTls::starttls,
      R"({"faults": [{"misbehave": "plain-on-tls", "nth": 1}, {"misbehave": "tls-stall", "nth": 2}, {"misbehave": "tls-cut", "nth": 3}]})");
  std::string up = "+OK POP3 server ready\r\n+OK Begin TLS negotiation\r\n";
  EXPECT_EQ(rig.talk({"STLS", "<tls>", "QUIT"}), up + "<tls-failed>");
  EXPECT_EQ(rig.talk({"STLS", "<tls>", "QUIT"}), up + "<timed-out>");
  EXPECT_EQ(rig.talk({"STLS", "<tls>", "QUIT"}), up + "<end-of-stream>");
  EXPECT_EQ(rig.talk({"STLS", "<tls>", "QUIT"}), up + "<tls>+OK POP3 server signing off\r\n<end-of-stream>");
}

TEST(ServerHost, FaultsReachTheWire) {
  Rig rig(
      HostTls::none,
      R"({"faults": [{"on": "NOOP", "cut_after": 2, "ending": "reset"}, {"on": "CAPA", "drip": {"octets": 1, "every": "1s"}, "reply": "-ERR"}],
                             "mailboxes": {"ann": {"password": "pw"}}})");
  EXPECT_THAT(rig.talk({"USER ann", "PASS pw", "NOOP"}), HasSubstr("ready\r\n+O<reset>"));
  Moment before = rig.loop.now();
  EXPECT_EQ(rig.talk({"CAPA", "QUIT"}),
            "+OK POP3 server ready\r\n-ERR\r\n+OK POP3 server signing off\r\n<end-of-stream>");
  EXPECT_GE(rig.loop.now() - before, 5s);
}

// --- The end, whatever a session is doing ---

/// A server each of whose sessions does one thing, and that counts those that are alive.
class OneActionServer final : public FakeServer {
 public:
  explicit OneActionServer(Action action) : action_(std::move(action)) {}
  ~OneActionServer() override { EXPECT_EQ(alive, 0) << "a session outlives its server"; }

  std::unique_ptr<Session> open(ConnectionInfo /*arrival*/) override { return std::make_unique<OneAction>(*this); }
  void on_closed(std::string_view connection, const Status& /*how*/) override { closed.emplace_back(connection); }
  Status change(std::string_view /*verb*/, const Value& /*arguments*/) override { return {}; }
  Value observe() const override { return {}; }
  std::vector<RuleReport> rules() const override { return {}; }

  int alive = 0;
  std::vector<std::string> closed;

 private:
  class OneAction final : public Session {
   public:
    explicit OneAction(OneActionServer& server) : server_(server) { ++server_.alive; }
    ~OneAction() override { --server_.alive; }
    Action next() override { return std::exchange(done_, true) ? Action(Done{}) : server_.action_; }
    void on_bytes(std::string_view /*bytes*/) override {}
    void on_committed(Status /*status*/) override {}
    void on_tls() override {}
    void on_error(Error /*error*/) override {}

   private:
    OneActionServer& server_;
    bool done_ = false;
  };

  Action action_;
};

struct EndRig {
  explicit EndRig(Action action, HostTls tls = HostTls::starttls) : server(std::move(action)) {
    host = std::make_unique<ServerHost>(world, server, HostSettings{.name = "isp", .tls = tls});
    host->show(*factory.server_context({}, {.hosts = {"isp.test"}, .at = calendar.now()}), {});
    host->take(*network.listen({"isp.test", 110}));
    loop.spawn(stay());
    loop.run(rest(), {});
    EXPECT_EQ(host->open_connections(), 1U);
  }
  ~EndRig() { loop.abandon(); }

  /// A client that connects and neither says nor reads anything.
  Task<void> stay() {
    Result<std::unique_ptr<Stream>> stream = co_await network.connect({"isp.test", 110}, {}, loop.now() + 5s);
    EXPECT_TRUE(stream);
    co_await loop.sleep_until(loop.now() + 24h);
  }
  Task<void> rest() { co_await loop.sleep_until(loop.now() + 1s); }

  sim::SimLoop loop;
  sim::SimCalendar calendar{loop, *parse_instant("2014-06-02T09:00:00Z")};
  sim::SimNetwork network{loop};
  Prng prng{1};
  Transcript transcript;
  World world{loop, loop, calendar, network, prng, transcript};
  CertificateFactory factory;
  OneActionServer server;
  std::unique_ptr<ServerHost> host;
};

// More than a simulated connection takes without a reader.
const std::string too_much(2 * 1024 * 1024, 'x');

std::vector<std::pair<std::string, Action>> all_that_a_session_does() {
  return {{"pauses", Wait{Step::request, 6h}},
          {"listens", Receive{Step::request, 6h}},
          {"writes to a client that reads nothing", Send{Step::request, too_much}},
          {"waits for a ClientHello", StartTls{6h}}};
}

TEST(ServerHostEnd, DestroyedAsItIsItEndsEverySession) {
  for (const auto& [what, action] : all_that_a_session_does()) {
    SCOPED_TRACE(what);
    EndRig rig(action);
    EXPECT_EQ(rig.server.alive, 1);
    rig.host.reset();
    EXPECT_EQ(rig.server.alive, 0);
  }
}

TEST(ServerHostEnd, AHandshakeOnATlsPortToo) {
  EndRig rig(Wait{Step::request, 6h}, HostTls::implicit);
  rig.host.reset();
  EXPECT_EQ(rig.server.alive, 0);
}

TEST(ServerHostEnd, StoppedItEndsAllButThoseThatPause) {
  for (const auto& [what, action] : all_that_a_session_does()) {
    SCOPED_TRACE(what);
    EndRig rig(action);
    rig.host->stop();
    const bool pauses = std::holds_alternative<Wait>(action);
    EXPECT_EQ(rig.host->open_connections(), pauses ? 1U : 0U);
    EXPECT_EQ(rig.server.closed.size(), pauses ? 0U : 1U);
    rig.host.reset();
    EXPECT_EQ(rig.server.alive, 0);
  }
}

TEST(ServerHostEnd, WhoseTasksWereEndedKnowsNoConnectionAnyMore) {
  for (const auto& [what, action] : all_that_a_session_does()) {
    SCOPED_TRACE(what);
    EndRig rig(action);
    rig.loop.abandon();
    EXPECT_EQ(rig.server.alive, 0);
    EXPECT_EQ(rig.host->open_connections(), 0U);
    rig.host->drop();
    rig.host->stop();
  }
}

}  // namespace
}  // namespace mailrig::fakeservers
