// The decorators over real sockets: TLS, scenario names, faults.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "net/asio/asio_network.h"
#include "net/fault_stream.h"
#include "net/mapped_network.h"
#include "net/scripted_calendar.h"
#include "net/task.h"
#include "net/tls/tls.h"

namespace mailrig {
namespace {

using ::testing::HasSubstr;

std::string file(const std::string& name) {
  std::ifstream in(std::string(MAILRIG_SOURCE_DIR) + "/net/testdata/tls/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class OnSockets : public ::testing::Test {
 public:
  using Side = std::function<Task<void>(std::unique_ptr<Stream>)>;

  Moment soon() const { return loop.now() + 10s; }

  /// Both sides of a connection to pop.isp.test:995.
  void run(Side client, Side server) {
    auto listener = network.listen({"pop.isp.test", 995}).value();
    bool served = false;
    Signal done;
    auto serve = [&]() -> Task<void> {
      Result<std::unique_ptr<Stream>> stream = co_await listener->accept();
      co_await server(std::move(stream).value());
      served = true;
      done.notify_all();
    };
    auto main = [&]() -> Task<void> {
      loop.spawn(serve());
      const Endpoint to("pop.isp.test", 995);
      Result<std::unique_ptr<Stream>> stream = co_await network.connect(to, {}, soon());
      co_await client(std::move(stream).value());
      while (!served) co_await done.wait();
    };
    LoopEnd end = loop.run(main(), {.out_of_time = [&] { return loop.now() > Moment{30s}; }});
    EXPECT_EQ(end.why, LoopEnd::Why::finished) << ::testing::PrintToString(end.waiting);
    loop.abandon();
  }
  std::unique_ptr<Stream> as_client(std::unique_ptr<Stream> below, const std::string& host = "pop.isp.test") {
    return with_tls(std::move(below), client_context, host, calendar);
  }
  std::unique_ptr<Stream> as_server(std::unique_ptr<Stream> below) {
    return with_tls(std::move(below), server_context);
  }

  AsioLoop loop;
  AsioNetwork sockets{loop};
  MappedNetwork network{sockets, loop, "127.0.0.1"};
  ScriptedCalendar calendar{parse_instant("2014-06-02T09:00:00Z").value()};
  std::shared_ptr<const TlsClientContext> client_context = make_tls_client({.ca_pem = file("root.pem")}).value();
  std::shared_ptr<const TlsServerContext> server_context =
      make_tls_server({.identity = {file("leaf.chain.pem"), file("leaf.key")}}).value();
};

TEST_F(OnSockets, TlsCarriesMuchAndEndsInOrder) {
  std::string much;
  for (int i = 0; much.size() < 3'000'000; ++i) much += std::to_string(i) + ' ';
  std::string heard;
  Errc end = Errc::internal;
  run(
      [&](std::unique_ptr<Stream> below) -> Task<void> {
        std::unique_ptr<Stream> stream = as_client(std::move(below));
        Status secure = co_await stream->start_tls(soon());
        EXPECT_TRUE(secure) << (secure ? "" : secure.error().message);
        for (;;) {
          Result<std::string_view> chunk = co_await stream->read_some(soon());
          if (!chunk) {
            end = chunk.error().code;
            break;
          }
          heard += *chunk;
        }
        Status closed = co_await stream->close(Ending::orderly, soon());
        EXPECT_TRUE(closed);
      },
      [&](std::unique_ptr<Stream> below) -> Task<void> {
        std::unique_ptr<Stream> stream = as_server(std::move(below));
        Status secure = co_await stream->start_tls(soon());
        EXPECT_TRUE(secure);
        Status sent = co_await stream->write(much, soon());
        EXPECT_TRUE(sent);
        Status closed = co_await stream->close(Ending::orderly, soon());
        EXPECT_TRUE(closed);
        Result<std::string_view> last = co_await stream->read_some(soon());
        EXPECT_EQ(last.error().code, Errc::end_of_stream);
      });
  EXPECT_TRUE(heard == much);
  EXPECT_EQ(end, Errc::end_of_stream);
}

TEST_F(OnSockets, ARefusedCertificateReachesBothSides) {
  Error client;
  Error server;
  run(
      [&](std::unique_ptr<Stream> below) -> Task<void> {
        std::unique_ptr<Stream> stream = as_client(std::move(below), "smtp.isp.test");
        Status secure = co_await stream->start_tls(soon());
        client = secure.error();
        Status closed = co_await stream->close(Ending::orderly, soon());
        EXPECT_TRUE(closed);
      },
      [&](std::unique_ptr<Stream> below) -> Task<void> {
        std::unique_ptr<Stream> stream = as_server(std::move(below));
        Status secure = co_await stream->start_tls(soon());
        server = secure.error();
      });
  EXPECT_EQ(client.code, Errc::certificate_refused);
  EXPECT_EQ(client.reason, "wrong-host");
  EXPECT_EQ(server.code, Errc::tls_failed);
  EXPECT_THAT(server.message, HasSubstr("alert"));
}

TEST_F(OnSockets, CutsAndStallsAreToldApart) {
  Errc end = Errc::internal;
  Duration patience = 10s;
  auto client = [&](std::unique_ptr<Stream> below) -> Task<void> {
    std::unique_ptr<Stream> stream = as_client(std::move(below));
    Status secure = co_await stream->start_tls(soon());
    EXPECT_TRUE(secure);
    std::string heard;
    for (;;) {
      Result<std::string_view> chunk = co_await stream->read_some(loop.now() + patience);
      if (!chunk) {
        end = chunk.error().code;
        break;
      }
      heard += *chunk;
    }
    EXPECT_EQ(heard, "+OK 10");
    Status closed = co_await stream->close(Ending::orderly, soon());
    static_cast<void>(closed);
  };
  for (auto [fault, code] : {std::pair<Fault, Errc>{CutAfter{6, Ending::no_close_notify}, Errc::truncated},
                             std::pair<Fault, Errc>{CutAfter{6, Ending::orderly}, Errc::end_of_stream},
                             std::pair<Fault, Errc>{CutAfter{6, Ending::reset}, Errc::reset},
                             std::pair<Fault, Errc>{StallAfter{6}, Errc::timed_out}}) {
    if (std::holds_alternative<StallAfter>(fault)) patience = 200ms;
    run(client, [&, fault = fault](std::unique_ptr<Stream> below) -> Task<void> {
      std::unique_ptr<Stream> stream = with_faults(as_server(std::move(below)), loop, {.on_write = {fault}});
      Status secure = co_await stream->start_tls(soon());
      EXPECT_TRUE(secure);
      Status sent = co_await stream->write("+OK 1024 octets\r\n", soon());
      static_cast<void>(sent);
      if (std::holds_alternative<StallAfter>(fault)) {
        Result<std::string_view> last = co_await stream->read_some(soon());
        EXPECT_EQ(last.error().code, Errc::end_of_stream);
      }
    });
    EXPECT_EQ(end, code);
  }
}

TEST_F(OnSockets, AHandshakeThatStallsIsEndedByItsDeadline) {
  Error client;
  run(
      [&](std::unique_ptr<Stream> below) -> Task<void> {
        std::unique_ptr<Stream> stream = as_client(std::move(below));
        Status secure = co_await stream->start_tls(loop.now() + 20ms);
        client = secure.error();
      },
      [&](std::unique_ptr<Stream> stream) -> Task<void> {
        for (;;) {
          Result<std::string_view> chunk = co_await stream->read_some(soon());
          if (!chunk) co_return;
        }
      });
  EXPECT_EQ(client.code, Errc::timed_out);
  EXPECT_EQ(client.reason, "handshake-stalled");
}

TEST_F(OnSockets, ScenarioNamesAreRefusedAsInSim) {
  auto listener = network.listen({"pop.isp.test", 995}).value();
  auto main = [&]() -> Task<void> {
    const Endpoint here("pop.isp.test", 995);
    const Endpoint wrong_port("pop.isp.test", 110);
    const Endpoint wrong_name("smtp.isp.test", 995);
    Result<std::unique_ptr<Stream>> reached = co_await network.connect(here, "127.0.0.3", soon());
    EXPECT_TRUE(reached);
    Result<std::unique_ptr<Stream>> accepted = co_await listener->accept();
    EXPECT_THAT((*accepted)->peer(), ::testing::StartsWith("127.0.0.3:"));
    Result<std::unique_ptr<Stream>> port = co_await network.connect(wrong_port, {}, soon());
    EXPECT_EQ(port.error().code, Errc::connection_refused);
    Result<std::unique_ptr<Stream>> name = co_await network.connect(wrong_name, {}, soon());
    EXPECT_EQ(name.error().code, Errc::connection_refused);
    listener->refuse(true);
    Result<std::unique_ptr<Stream>> refused = co_await network.connect(here, {}, soon());
    EXPECT_EQ(refused.error().code, Errc::connection_refused);
  };
  EXPECT_EQ(loop.run(main(), {}).why, LoopEnd::Why::finished);
}

}  // namespace
}  // namespace mailrig
