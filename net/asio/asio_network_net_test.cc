#include "net/asio/asio_network.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/task.h"

namespace mailrig {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr Duration patience = 10s;  // no step here takes it; who runs into it has failed
constexpr Duration moment = 5ms;    // what a test waits for in vain

/// A loop with a listener at `host`; main runs with the client's end, peer with the server's.
class Loopback : public ::testing::Test {
 public:
  void run(Task<void> main) {
    LoopEnd end = loop.run(std::move(main), {.out_of_time = [&] { return loop.now() > Moment{30s}; }});
    EXPECT_EQ(end.why, LoopEnd::Why::finished) << ::testing::PrintToString(end.waiting);
  }
  Moment soon() const { return loop.now() + patience; }
  std::unique_ptr<Listener> listen(const std::string& host) {
    Result<std::unique_ptr<Listener>> made = network.listen({host, 0});
    EXPECT_TRUE(made) << (made ? "" : made.error().message);
    return std::move(made).value();
  }
  /// Both ends of a new connection.
  Task<void> pair_up(Listener& listener, std::string source = {}) {
    Result<std::unique_ptr<Stream>> near = co_await network.connect(listener.local(), source, soon());
    EXPECT_TRUE(near) << (near ? "" : near.error().message);
    Result<std::unique_ptr<Stream>> far = co_await listener.accept();
    EXPECT_TRUE(far);
    client = std::move(near).value();
    server = std::move(far).value();
  }
  Task<std::string> read(Stream& stream, std::size_t octets) const {
    std::string all;
    while (all.size() < octets) {
      Result<std::string_view> chunk = co_await stream.read_some(soon());
      EXPECT_TRUE(chunk) << (chunk ? "" : chunk.error().message);
      if (!chunk) break;
      all += *chunk;
    }
    co_return all;
  }
  Task<Errc> read_error(Stream& stream) const {
    Result<std::string_view> chunk = co_await stream.read_some(soon());
    EXPECT_FALSE(chunk) << *chunk;
    co_return chunk ? Errc::internal : chunk.error().code;
  }

  AsioLoop loop;
  AsioNetwork network{loop};
  std::unique_ptr<Stream> client;
  std::unique_ptr<Stream> server;
};

TEST_F(Loopback, BytesGoBothWaysOnIPv4AndIPv6) {
  for (const char* host : {"127.0.0.1", "localhost", "::1"}) {
    if (std::string_view(host) == "::1" && !network.listen({host, 0})) GTEST_SKIP() << "this machine has no IPv6";
    std::unique_ptr<Listener> listener = listen(host);
    EXPECT_NE(listener->local().port, 0);
    auto main = [&]() -> Task<void> {
      co_await pair_up(*listener);
      EXPECT_EQ(client->peer(), to_string(listener->local()));
      EXPECT_THAT(server->peer(), StartsWith(std::string_view(host) == "::1" ? "[::1]:" : "127.0.0.1:"));
      Status sent = co_await client->write("hello", soon());
      EXPECT_TRUE(sent);
      std::string heard = co_await read(*server, 5);
      EXPECT_EQ(heard, "hello");
      Status answered = co_await server->write("and back", soon());
      EXPECT_TRUE(answered);
      std::string answer = co_await read(*client, 8);
      EXPECT_EQ(answer, "and back");
    };
    run(main());
  }
}

TEST_F(Loopback, LocalhostFallsBackToIPv4) {
  std::unique_ptr<Listener> listener = listen("127.0.0.1");
  auto main = [&]() -> Task<void> {
    const Endpoint by_name("localhost", listener->local().port);
    Result<std::unique_ptr<Stream>> stream = co_await network.connect(by_name, {}, soon());
    EXPECT_TRUE(stream);
    EXPECT_THAT((*stream)->peer(), StartsWith("127.0.0.1:"));
  };
  run(main());
}

TEST_F(Loopback, ClientsCallFromTheAddressTheyAreTold) {
  std::unique_ptr<Listener> listener = listen("127.0.0.1");
  auto main = [&]() -> Task<void> {
    co_await pair_up(*listener, "127.0.0.2");
    EXPECT_THAT(server->peer(), StartsWith("127.0.0.2:"));
    const Endpoint to = listener->local();
    Result<std::unique_ptr<Stream>> foreign = co_await network.connect(to, "192.0.2.1", soon());
    EXPECT_FALSE(foreign);
    EXPECT_EQ(foreign.error().code, Errc::environment);
    EXPECT_THAT(foreign.error().message, HasSubstr("must be an address of this machine"));
    Result<std::unique_ptr<Stream>> other_kind = co_await network.connect(to, "::1", soon());
    EXPECT_FALSE(other_kind);
    EXPECT_EQ(other_kind.error().code, Errc::unreachable);
    Result<std::unique_ptr<Stream>> no_address = co_await network.connect(to, "here", soon());
    EXPECT_FALSE(no_address);
    EXPECT_EQ(no_address.error().code, Errc::bad_input);
  };
  run(main());
}

TEST_F(Loopback, RefusedIsRefusedUntilItIsTakenBackAndThePortStays) {
  std::unique_ptr<Listener> listener = listen("127.0.0.1");
  const Endpoint at = listener->local();
  auto main = [&]() -> Task<void> {
    co_await pair_up(*listener);
    for (int round = 0; round < 3; ++round) {
      listener->refuse(true);
      listener->refuse(true);
      Result<std::unique_ptr<Stream>> refused = co_await network.connect(at, {}, soon());
      EXPECT_FALSE(refused);
      EXPECT_EQ(refused.error().code, Errc::connection_refused);
      EXPECT_THAT(refused.error().message, StartsWith(to_string(at) + " refused the connection"));
      listener->refuse(false);
      listener->refuse(false);
      EXPECT_EQ(listener->local(), at);
      co_await pair_up(*listener);
    }
    Status sent = co_await client->write("alive", soon());
    EXPECT_TRUE(sent);
    std::string heard = co_await read(*server, 5);
    EXPECT_EQ(heard, "alive");
  };
  run(main());
}

TEST_F(Loopback, AnAcceptThatWaitsOutlastsARefusal) {
  std::unique_ptr<Listener> listener = listen("127.0.0.1");
  bool accepted = false;
  auto acceptor = [&]() -> Task<void> {
    Result<std::unique_ptr<Stream>> stream = co_await listener->accept();
    accepted = stream.has_value();
    if (stream) server = std::move(stream).value();
  };
  loop.spawn(acceptor());
  auto main = [&]() -> Task<void> {
    co_await loop.sleep_until(loop.now() + moment);
    listener->refuse(true);
    co_await loop.sleep_until(loop.now() + moment);
    EXPECT_FALSE(accepted);
    listener->refuse(false);
    const Endpoint to = listener->local();
    Result<std::unique_ptr<Stream>> stream = co_await network.connect(to, {}, soon());
    EXPECT_TRUE(stream) << (stream ? "" : stream.error().message);
    while (!accepted && loop.now() < Moment{patience}) co_await loop.sleep_until(loop.now() + 1ms);
    EXPECT_TRUE(accepted);
  };
  run(main());
}

TEST_F(Loopback, AStoppedListenerEndsItsAcceptAndRefuses) {
  std::unique_ptr<Listener> listener = listen("127.0.0.1");
  const Endpoint at = listener->local();
  Errc end = Errc::internal;
  auto acceptor = [&]() -> Task<void> {
    Result<std::unique_ptr<Stream>> stream = co_await listener->accept();
    EXPECT_FALSE(stream);
    end = stream.error().code;
  };
  loop.spawn(acceptor());
  auto main = [&]() -> Task<void> {
    co_await loop.sleep_until(loop.now() + moment);
    listener->stop();
    listener->refuse(false);
    Result<std::unique_ptr<Stream>> refused = co_await network.connect(at, {}, soon());
    EXPECT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::connection_refused);
    Result<std::unique_ptr<Stream>> again = co_await listener->accept();
    EXPECT_EQ(again.error().code, Errc::cancelled);
  };
  run(main());
  EXPECT_EQ(end, Errc::cancelled);
}

TEST_F(Loopback, ListeningThatFailsSaysWhatToDo) {
  std::unique_ptr<Listener> listener = listen("127.0.0.1");
  const Endpoint at = listener->local();
  auto message = [&](const Endpoint& where) {
    Result<std::unique_ptr<Listener>> made = network.listen(where);
    EXPECT_FALSE(made);
    if (made) return std::string();
    EXPECT_EQ(made.error().code, Errc::environment);
    return made.error().message;
  };
  EXPECT_EQ(message(at), "cannot listen at " + to_string(at) + ": port " + std::to_string(at.port) +
                             " is taken by another program; stop it, or choose another port (0 takes any free one)");
  EXPECT_EQ(
      message({"192.0.2.1", 0}),
      "cannot listen at 192.0.2.1:0: 192.0.2.1 is not an address of this machine; use 127.0.0.1, ::1, 0.0.0.0 or ::");
  listener.reset();
  EXPECT_TRUE(network.listen(at)) << "a port is free again at once";
}

TEST_F(Loopback, NamesThatDoNotExistAreUnreachable) {
  auto main = [&]() -> Task<void> {
    const Endpoint nowhere("no such name", 110);  // a space: no resolver asks anybody for it
    Result<std::unique_ptr<Stream>> stream = co_await network.connect(nowhere, {}, soon());
    EXPECT_FALSE(stream);
    EXPECT_EQ(stream.error().code, Errc::unreachable);
    EXPECT_THAT(stream.error().message, StartsWith("no address was found for no such name: "));
  };
  run(main());
}

/// A port of the kernel whose queue is full: it answers no further SYN.
class FullPort {
 public:
  FullPort() {
    EXPECT_EQ(::bind(socket_, reinterpret_cast<sockaddr*>(&address_), sizeof address_), 0);
    EXPECT_EQ(::listen(socket_, 0), 0);  // Linux takes one more than it is asked to
    socklen_t size = sizeof address_;
    EXPECT_EQ(::getsockname(socket_, reinterpret_cast<sockaddr*>(&address_), &size), 0);
    EXPECT_EQ(::connect(first_, reinterpret_cast<sockaddr*>(&address_), sizeof address_), 0);
  }
  ~FullPort() {
    ::close(first_);
    ::close(socket_);
  }
  std::uint16_t port() const { return ntohs(address_.sin_port); }

 private:
  int socket_ = ::socket(AF_INET, SOCK_STREAM, 0);
  int first_ = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address_{AF_INET, 0, {htonl(INADDR_LOOPBACK)}, {}};
};

TEST_F(Loopback, AConnectThatNobodyAnswersTimesOut) {
  FullPort full;
  auto main = [&]() -> Task<void> {
    const Endpoint silent("127.0.0.1", full.port());
    Moment deadline = loop.now() + moment;
    Result<std::unique_ptr<Stream>> stream = co_await network.connect(silent, {}, deadline);
    EXPECT_FALSE(stream);
    EXPECT_EQ(stream.error().code, Errc::timed_out);
    EXPECT_THAT(stream.error().message, StartsWith(to_string(silent) + " did not answer in time"));
    EXPECT_GE(loop.now(), deadline);
    EXPECT_LT(loop.now(), deadline + 5s);
  };
  run(main());
}

TEST_F(Loopback, DeadlinesOfReadsAreKeptAndTheStreamGoesOn) {
  std::unique_ptr<Listener> listener = listen("127.0.0.1");
  auto main = [&]() -> Task<void> {
    co_await pair_up(*listener);
    for (Duration span : {0ms, 5ms, 3ms, 8ms}) {
      Moment deadline = loop.now() + span;
      Result<std::string_view> chunk = co_await client->read_some(deadline);
      EXPECT_FALSE(chunk);
      EXPECT_EQ(chunk.error().code, Errc::timed_out);
      EXPECT_GE(loop.now(), deadline);
      EXPECT_LT(loop.now(), deadline + 5s);
    }
    Status sent = co_await server->write("late", soon());
    EXPECT_TRUE(sent);
    std::string heard = co_await read(*client, 4);
    EXPECT_EQ(heard, "late");
    // A far deadline first, a near one after it: the timer must not keep the far one.
    Moment near = loop.now() + 5ms;
    Result<std::string_view> chunk = co_await client->read_some(near);
    EXPECT_EQ(chunk.error().code, Errc::timed_out);
    EXPECT_LT(loop.now(), near + 5s);
  };
  run(main());
}

TEST_F(Loopback, AWriterWhosePeerDoesNotReadTimesOut) {
  std::unique_ptr<Listener> listener = listen("127.0.0.1");
  auto main = [&]() -> Task<void> {
    co_await pair_up(*listener);
    std::string much(64 * 1024 * 1024, 'x');  // more than any socket buffer
    Status sent = co_await client->write(much, loop.now() + 20ms);
    EXPECT_FALSE(sent);
    EXPECT_EQ(sent.error().code, Errc::timed_out);
  };
  run(main());
}

TEST_F(Loopback, MuchGoesThroughWhole) {
  std::unique_ptr<Listener> listener = listen("127.0.0.1");
  std::string much;
  for (int i = 0; much.size() < 5'000'000; ++i) much += std::to_string(i) + ' ';
  auto writer = [&]() -> Task<void> {
    Status sent = co_await server->write(much, soon());
    EXPECT_TRUE(sent);
    Status closed = co_await server->close(Ending::orderly, soon());
    EXPECT_TRUE(closed);
    server.reset();
  };
  auto main = [&]() -> Task<void> {
    co_await pair_up(*listener);
    loop.spawn(writer());
    std::string heard = co_await read(*client, much.size());
    EXPECT_TRUE(heard == much);
    Errc end = co_await read_error(*client);
    EXPECT_EQ(end, Errc::end_of_stream);
  };
  run(main());
}

TEST_F(Loopback, TheEndsOfAConnectionAreToldApart) {
  std::unique_ptr<Listener> listener = listen("127.0.0.1");
  auto main = [&]() -> Task<void> {
    for (auto [ending, code] :
         {std::pair{Ending::orderly, Errc::end_of_stream}, std::pair{Ending::no_close_notify, Errc::end_of_stream},
          std::pair{Ending::reset, Errc::reset}}) {
      co_await pair_up(*listener);
      Status closed = co_await server->close(ending, soon());
      EXPECT_TRUE(closed);
      Errc end = co_await read_error(*client);
      EXPECT_EQ(end, code);
      Status late = co_await server->write("late", soon());
      EXPECT_EQ(late.error().code, Errc::cancelled);
    }
    co_await pair_up(*listener);
    server.reset();
    Errc end = co_await read_error(*client);
    EXPECT_EQ(end, Errc::reset) << "destroyed while open";
  };
  run(main());
}

TEST_F(Loopback, AHalfClosedConnectionStillBringsTheLastWords) {
  std::unique_ptr<Listener> listener = listen("127.0.0.1");
  auto main = [&]() -> Task<void> {
    co_await pair_up(*listener);
    Status closed = co_await client->close(Ending::orderly, soon());
    EXPECT_TRUE(closed);
    Errc end = co_await read_error(*server);
    EXPECT_EQ(end, Errc::end_of_stream);
    Status sent = co_await server->write("bye", soon());
    EXPECT_TRUE(sent);
    std::string heard = co_await read(*client, 3);
    EXPECT_EQ(heard, "bye");
  };
  run(main());
}

TEST_F(Loopback, LeavingWithUnreadBytesDoesNotTakeBackTheLastWords) {
  std::unique_ptr<Listener> listener = listen("127.0.0.1");
  auto main = [&]() -> Task<void> {
    co_await pair_up(*listener);
    Status asked = co_await client->write("never read", soon());
    EXPECT_TRUE(asked);
    co_await loop.sleep_until(loop.now() + moment);
    Status sent = co_await server->write("last words", soon());
    EXPECT_TRUE(sent);
    Status closed = co_await server->close(Ending::orderly, soon());
    EXPECT_TRUE(closed);
    server.reset();
    std::string heard = co_await read(*client, 10);
    EXPECT_EQ(heard, "last words");
    Errc end = co_await read_error(*client);
    EXPECT_EQ(end, Errc::end_of_stream);
  };
  run(main());
}

TEST_F(Loopback, AbortEndsAReadAndAWriteThatWait) {
  std::unique_ptr<Listener> listener = listen("127.0.0.1");
  std::string much(64 * 1024 * 1024, 'x');
  Errc read_end = Errc::internal;
  Errc write_end = Errc::internal;
  int ended = 0;
  auto reader = [&]() -> Task<void> {
    Result<std::string_view> chunk = co_await client->read_some(never);
    read_end = chunk.error().code;
    ++ended;
  };
  auto writer = [&]() -> Task<void> {
    Status sent = co_await client->write(much, never);
    write_end = sent.error().code;
    ++ended;
  };
  auto main = [&]() -> Task<void> {
    co_await pair_up(*listener);
    loop.spawn(reader());
    loop.spawn(writer());
    co_await loop.sleep_until(loop.now() + moment);
    EXPECT_EQ(ended, 0);
    client->abort();
    EXPECT_EQ(ended, 2);
    Errc later = co_await read_error(*client);
    EXPECT_EQ(later, Errc::cancelled);
    Status sent = co_await client->write("x", soon());
    EXPECT_EQ(sent.error().code, Errc::cancelled);
    for (;;) {  // what the kernel had taken comes first
      Result<std::string_view> chunk = co_await server->read_some(soon());
      if (chunk) continue;
      EXPECT_EQ(chunk.error().code, Errc::reset);
      break;
    }
  };
  run(main());
  EXPECT_EQ(read_end, Errc::cancelled);
  EXPECT_EQ(write_end, Errc::cancelled);
}

TEST_F(Loopback, TasksThatStillTalkWhenTheLoopEndsAreNoLeak) {
  std::unique_ptr<Listener> listener = listen("127.0.0.1");
  auto server_task = [&]() -> Task<void> {
    Result<std::unique_ptr<Stream>> stream = co_await listener->accept();
    Result<std::string_view> chunk = co_await (*stream)->read_some(never);
    ADD_FAILURE() << "nothing comes";
  };
  auto idle_acceptor = [&]() -> Task<void> {
    co_await loop.sleep_until(loop.now() + moment);
    Result<std::unique_ptr<Stream>> stream = co_await listener->accept();
    ADD_FAILURE() << "nobody calls";
  };
  loop.spawn(server_task());
  loop.spawn(idle_acceptor());
  auto main = [&]() -> Task<void> {
    const Endpoint to = listener->local();
    Result<std::unique_ptr<Stream>> stream = co_await network.connect(to, {}, soon());
    EXPECT_TRUE(stream);
    client = std::move(stream).value();
    co_await loop.sleep_until(loop.now() + 4 * moment);
  };
  run(main());
  loop.abandon();
}

TEST_F(Loopback, AHangSaysWhoWaited) {
  std::unique_ptr<Listener> listener = listen("127.0.0.1");
  auto main = [&]() -> Task<void> {
    co_await pair_up(*listener);
    Result<std::string_view> chunk = co_await client->read_some(never);
    ADD_FAILURE() << "nothing comes";
  };
  LoopEnd end = loop.run(main(), {.out_of_time = [] { return true; }});
  EXPECT_EQ(end.why, LoopEnd::Why::cpu_time);
  EXPECT_THAT(end.waiting, ::testing::ElementsAre(StartsWith("a connection waits for bytes of its peer since +")));
  loop.abandon();
}

}  // namespace
}  // namespace mailrig
