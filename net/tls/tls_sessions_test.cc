#include "net/tls/tls_sessions.h"

#include <gtest/gtest.h>

#include "net/tap_stream.h"
#include "net/task.h"
#include "net/testing/sim_pair.h"
#include "net/testing/tls_contexts.h"
#include "net/tls/tls_context.h"

namespace mailrig {
namespace {

using testing::at;
using testing::SimPair;
using testing::tls_client_context;
using testing::tls_file;
using testing::tls_server_context;
using testing::tls_settings;

/// One connection over which a line is said each way; what was read of the server's handshake, in octets. A full one of
/// TLS 1.3 has certificates in it, a resumed one does not.
struct Visit {
  Status client = Error{};
  std::size_t octets_read = 0;
  std::string heard;
};

Visit visit(std::shared_ptr<const TlsServerContext> server, std::shared_ptr<const TlsClientContext> client,
            const char* now = "2014-06-02T09:00:00Z", const std::string& host = "pop.isp.test") {
  Visit visit;
  SimPair pair({}, at(now));
  pair.run(
      [&](std::unique_ptr<Stream> below) -> Task<void> {
        std::size_t octets = 0;
        auto tapped = with_tap(std::move(below), [&octets](TapDirection direction, std::string_view bytes) {
          if (direction == TapDirection::received) octets += bytes.size();
        });
        std::unique_ptr<Stream> stream = with_tls(std::move(tapped), client, host, pair.calendar);
        visit.client = co_await stream->start_tls(pair.loop.now() + 10s);
        visit.octets_read = octets;
        if (visit.client) {
          Status said = co_await stream->write("QUIT\r\n", never);
          EXPECT_TRUE(said);
          Result<std::string_view> heard = co_await stream->read_some(never);
          if (heard) visit.heard = *heard;
        }
        Status closed = co_await stream->close(Ending::orderly, never);
        EXPECT_TRUE(closed);
      },
      [&](std::unique_ptr<Stream> below) -> Task<void> {
        std::unique_ptr<Stream> stream = with_tls(std::move(below), server);
        Status shaken = co_await stream->start_tls(pair.loop.now() + 10s);
        if (shaken) {
          Result<std::string_view> heard = co_await stream->read_some(never);
          EXPECT_TRUE(heard);
          Status said = co_await stream->write("+OK bye\r\n", never);
          EXPECT_TRUE(said);
        }
        Status closed = co_await stream->close(Ending::orderly, never);
        EXPECT_TRUE(closed);
      });
  return visit;
}

// ServerHello, EncryptedExtensions, Finished and their records; a certificate alone is longer.
constexpr std::size_t resumed_octets_max = 400;

std::shared_ptr<const TlsClientContext> fresh_client() { return with_own_sessions(*tls_client_context()); }

TEST(TlsSessions, ASecondConnectionIsResumed) {
  const auto server = tls_server_context(tls_settings());
  const auto client = fresh_client();
  const Visit first = visit(server, client);
  ASSERT_TRUE(first.client);
  EXPECT_GT(first.octets_read, 2 * resumed_octets_max);
  for (int again = 0; again < 3; ++again) {
    const Visit next = visit(server, client);
    ASSERT_TRUE(next.client);
    EXPECT_LT(next.octets_read, resumed_octets_max);
    EXPECT_EQ(next.heard, "+OK bye\r\n");
  }
}

TEST(TlsSessions, UnderTls12Too) {
  TlsServerSettings old = tls_settings();
  old.max_version = TlsVersion::tls1_2;
  const auto server = tls_server_context(old);
  const auto client = fresh_client();
  EXPECT_GT(visit(server, client).octets_read, 2 * resumed_octets_max);
  EXPECT_LT(visit(server, client).octets_read, resumed_octets_max);
}

// Dovecot 2.3.19.1 as Debian 12 packages it hands out tickets under both versions and resumes no session of them.
TEST(TlsSessions, AServerThatDeclinesHandsOutTicketsAllTheSame) {
  for (TlsVersion version : {TlsVersion::tls1_2, TlsVersion::tls1_3}) {
    TlsServerSettings declining = tls_settings();
    declining.max_version = version;
    declining.resumption = SessionResumption::declined;
    const auto server = tls_server_context(declining);
    const auto client = fresh_client();
    for (int again = 0; again < 3; ++again) {
      const Visit next = visit(server, client);
      ASSERT_TRUE(next.client);
      EXPECT_GT(next.octets_read, 2 * resumed_octets_max) << again;
      EXPECT_EQ(next.heard, "+OK bye\r\n");
      // Under TLS 1.2 our client does not ask for tickets (SSL_OP_NO_TICKET); cli/serve_peers_test.cc has one that
      // does.
      if (version == TlsVersion::tls1_2) continue;
      const std::optional<ResumableSession> kept = client->sessions().find("pop.isp.test", at("2014-06-02T09:00:10Z"));
      ASSERT_TRUE(kept) << again;
      EXPECT_TRUE(SSL_SESSION_has_ticket(kept->session.get()));
      EXPECT_EQ(SSL_SESSION_get_ticket_lifetime_hint(kept->session.get()), 7'200U);
    }
  }
}

TEST(TlsSessions, AServerWithoutResumptionHandsOutNothing) {
  for (TlsVersion version : {TlsVersion::tls1_2, TlsVersion::tls1_3}) {
    TlsServerSettings without = tls_settings();
    without.max_version = version;
    without.resumption = SessionResumption::none;
    const auto server = tls_server_context(without);
    const auto client = fresh_client();
    for (int again = 0; again < 2; ++again) {
      const Visit next = visit(server, client);
      ASSERT_TRUE(next.client);
      EXPECT_GT(next.octets_read, 2 * resumed_octets_max) << again;
      EXPECT_FALSE(client->sessions().find("pop.isp.test", at("2014-06-02T09:00:10Z")));
    }
  }
}

TEST(TlsSessions, AnotherClientAnotherHostAndAnotherServerHaveAFullHandshake) {
  const auto server = tls_server_context(tls_settings());
  const auto client = fresh_client();
  EXPECT_TRUE(visit(server, client).client);
  EXPECT_GT(visit(server, fresh_client()).octets_read, 2 * resumed_octets_max);
  EXPECT_GT(visit(server, client, "2014-06-02T09:00:00Z", "a.wild.test").octets_read, 2 * resumed_octets_max);
  EXPECT_GT(visit(tls_server_context(tls_settings()), client).octets_read, 2 * resumed_octets_max);
}

// A resumed handshake shows no certificate; that the one before was good is no reason to take what is bad now.
TEST(TlsSessions, ACertificateThatWasSwappedIsVerified) {
  const auto client = fresh_client();
  EXPECT_TRUE(visit(tls_server_context(tls_settings()), client).client);
  TlsServerSettings self = tls_settings();
  self.identity.chain_pem = tls_file("self.pem");
  const Visit swapped = visit(tls_server_context(self), client);
  ASSERT_FALSE(swapped.client);
  EXPECT_EQ(swapped.client.error().reason, "self-signed");
}

TEST(TlsSessions, ACertificateThatHasExpiredSinceIsRefused) {
  const auto server = tls_server_context(tls_settings("expired.chain.pem"));
  const auto client = fresh_client();
  EXPECT_TRUE(visit(server, client, "2014-06-01T11:50:00Z").client);
  EXPECT_LT(visit(server, client, "2014-06-01T11:59:58Z").octets_read, resumed_octets_max);
  const Visit late = visit(server, client, "2014-06-01T12:00:01Z");
  ASSERT_FALSE(late.client);
  EXPECT_EQ(late.client.error().reason, "expired");
}

TEST(TlsSessions, TheLifetimeIsTheCalendars) {
  const auto server = tls_server_context(tls_settings());
  const auto client = fresh_client();
  EXPECT_TRUE(visit(server, client, "2014-06-02T09:00:00Z").client);
  EXPECT_LT(visit(server, client, "2014-06-03T08:59:00Z").octets_read, resumed_octets_max);
  // It rests on the verification of the day before, however often it was resumed.
  EXPECT_GT(visit(server, client, "2014-06-03T09:01:00Z").octets_read, 2 * resumed_octets_max);
  // A calendar that was set back proves nothing either.
  EXPECT_GT(visit(server, client, "2014-06-01T09:00:00Z").octets_read, 2 * resumed_octets_max);
}

}  // namespace
}  // namespace mailrig
