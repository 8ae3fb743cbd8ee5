#include "net/tls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <tuple>
#include <vector>

#include "net/fault_stream.h"
#include "net/tap_stream.h"
#include "net/task.h"
#include "net/testing/sim_pair.h"

// The certificates of net/testdata/tls were made with the openssl program (make.sh beside them).
namespace mailrig {
namespace {

using ::testing::HasSubstr;
using testing::SimPair;
using ::testing::StartsWith;

std::string file(const std::string& name) {
  std::ifstream in(std::string(MAILRIG_SOURCE_DIR) + "/net/testdata/tls/" + name, std::ios::binary);
  EXPECT_TRUE(in) << name;
  return {std::istreambuf_iterator<char>(in), {}};
}

TlsServerSettings settings(const std::string& chain = "leaf.chain.pem") {
  return {.identity = {.chain_pem = file(chain), .key_pem = file("leaf.key")}};
}
std::shared_ptr<const TlsServerContext> server_context(const TlsServerSettings& how) {
  return make_tls_server(how).value();
}
std::shared_ptr<const TlsClientContext> client_context() {
  static const auto shared = make_tls_client({.ca_pem = file("root.pem")}).value();
  return shared;
}
Instant at(const char* text) { return parse_instant(text).value(); }

/// What both sides saw of one handshake.
struct Outcome {
  Status client = Error{};
  Status server = Error{};
};

Outcome handshake(const TlsServerSettings& how, const std::string& host = "pop.isp.test",
                  std::shared_ptr<const TlsClientContext> trust = client_context(),
                  const char* now = "2014-06-02T09:00:00Z") {
  Outcome outcome;
  SimPair pair({}, at(now));
  pair.run(
      [&](std::unique_ptr<Stream> below) -> Task<void> {
        std::unique_ptr<Stream> stream = with_tls(std::move(below), trust, host, pair.calendar);
        outcome.client = co_await stream->start_tls(pair.loop.now() + 10s);
        EXPECT_EQ(stream->is_tls(), outcome.client.has_value());
        Status closed = co_await stream->close(Ending::orderly, never);
        EXPECT_TRUE(closed);
      },
      [&](std::unique_ptr<Stream> below) -> Task<void> {
        std::unique_ptr<Stream> stream = with_tls(std::move(below), server_context(how));
        outcome.server = co_await stream->start_tls(pair.loop.now() + 10s);
        Status closed = co_await stream->close(Ending::orderly, never);
        EXPECT_TRUE(closed);
      });
  return outcome;
}

void expect_refused(const Outcome& outcome, CertificateClass value, std::string_view text) {
  ASSERT_FALSE(outcome.client) << to_string(value);
  EXPECT_EQ(outcome.client.error().code, Errc::certificate_refused);
  EXPECT_EQ(outcome.client.error().reason, to_string(value));
  EXPECT_EQ(outcome.client.error().step, Step::tls);
  EXPECT_THAT(outcome.client.error().message, HasSubstr(std::string(text)));
  EXPECT_THAT(outcome.client.error().message, HasSubstr(std::string(advice(value))));
  ASSERT_FALSE(outcome.server);
  EXPECT_EQ(outcome.server.error().code, Errc::tls_failed);
}

Task<std::string> read_until_end(Stream& stream, Clock& clock, Error& end) {
  std::string all;
  for (;;) {
    Result<std::string_view> chunk = co_await stream.read_some(clock.now() + 1h);
    if (!chunk) {
      end = chunk.error();
      co_return all;
    }
    all += *chunk;
  }
}

// --- Sessions that are resumed ---

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

std::shared_ptr<const TlsClientContext> fresh_client() { return with_own_sessions(*client_context()); }

TEST(TlsSessions, ASecondConnectionIsResumed) {
  const auto server = server_context(settings());
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
  TlsServerSettings old = settings();
  old.max_version = TlsVersion::tls1_2;
  const auto server = server_context(old);
  const auto client = fresh_client();
  EXPECT_GT(visit(server, client).octets_read, 2 * resumed_octets_max);
  EXPECT_LT(visit(server, client).octets_read, resumed_octets_max);
}

TEST(TlsSessions, AnotherClientAnotherHostAndAnotherServerHaveAFullHandshake) {
  const auto server = server_context(settings());
  const auto client = fresh_client();
  EXPECT_TRUE(visit(server, client).client);
  EXPECT_GT(visit(server, fresh_client()).octets_read, 2 * resumed_octets_max);
  EXPECT_GT(visit(server, client, "2014-06-02T09:00:00Z", "a.wild.test").octets_read, 2 * resumed_octets_max);
  EXPECT_GT(visit(server_context(settings()), client).octets_read, 2 * resumed_octets_max);
}

// A resumed handshake shows no certificate; that the one before was good is no reason to take what is bad now.
TEST(TlsSessions, ACertificateThatWasSwappedIsVerified) {
  const auto client = fresh_client();
  EXPECT_TRUE(visit(server_context(settings()), client).client);
  TlsServerSettings self = settings();
  self.identity.chain_pem = file("self.pem");
  const Visit swapped = visit(server_context(self), client);
  ASSERT_FALSE(swapped.client);
  EXPECT_EQ(swapped.client.error().reason, "self-signed");
}

TEST(TlsSessions, ACertificateThatHasExpiredSinceIsRefused) {
  const auto server = server_context(settings("expired.chain.pem"));
  const auto client = fresh_client();
  EXPECT_TRUE(visit(server, client, "2014-06-01T11:50:00Z").client);
  EXPECT_LT(visit(server, client, "2014-06-01T11:59:58Z").octets_read, resumed_octets_max);
  const Visit late = visit(server, client, "2014-06-01T12:00:01Z");
  ASSERT_FALSE(late.client);
  EXPECT_EQ(late.client.error().reason, "expired");
}

TEST(TlsSessions, TheLifetimeIsTheCalendars) {
  const auto server = server_context(settings());
  const auto client = fresh_client();
  EXPECT_TRUE(visit(server, client, "2014-06-02T09:00:00Z").client);
  EXPECT_LT(visit(server, client, "2014-06-03T08:59:00Z").octets_read, resumed_octets_max);
  // It rests on the verification of the day before, however often it was resumed.
  EXPECT_GT(visit(server, client, "2014-06-03T09:01:00Z").octets_read, 2 * resumed_octets_max);
  // A calendar that was set back proves nothing either.
  EXPECT_GT(visit(server, client, "2014-06-01T09:00:00Z").octets_read, 2 * resumed_octets_max);
}

// --- Whom the client trusts ---

TEST(Tls, TakesTheNamesAndAddressesOfTheSubjectAltName) {
  for (const char* host : {"pop.isp.test", "POP.isp.test", "pop.isp.test.", "a.wild.test", "127.0.0.1", "::1",
                           "0:0:0:0:0:0:0:1", "::1%lo"})
    EXPECT_TRUE(handshake(settings(), host).client) << host;
}

TEST(Tls, RefusesEveryOtherName) {
  for (const char* host : {"isp.test", "x.pop.isp.test", "wild.test", "b.a.wild.test", "web.part.test", "part.test"})
    expect_refused(handshake(settings(), host), CertificateClass::wrong_host,
                   "(OpenSSL 62); it is for pop.isp.test, *.wild.test, "
                   "w*.part.test, 127.0.0.1, 0:0:0:0:0:0:0:1.");
  for (const char* host : {"127.0.0.2", "::2", "10.0.0.1"})
    expect_refused(handshake(settings(), host), CertificateClass::wrong_host, "(OpenSSL 64); it is for ");
}

TEST(Tls, ACommonNameIsNoName) {
  expect_refused(handshake(settings("nameless.chain.pem")), CertificateClass::wrong_host,
                 "it names no host in its subjectAltName");
}

TEST(Tls, AHostThatCannotBeCheckedIsRefusedBeforeAnythingIsSent) {
  for (const char* host : {"", ".", "%eth0"}) {
    Outcome outcome = handshake(settings(), host);
    ASSERT_FALSE(outcome.client) << host;
    EXPECT_EQ(outcome.client.error().code, Errc::bad_input);
    EXPECT_EQ(outcome.server.error().code, Errc::end_of_stream);
  }
}

TEST(Tls, TheDateIsTheCalendars) {
  EXPECT_TRUE(
      handshake(settings("expired.chain.pem"), "pop.isp.test", client_context(), "2014-06-01T11:59:59.9Z").client);
  Outcome late = handshake(settings("expired.chain.pem"), "pop.isp.test", client_context(), "2014-06-01T12:00:01Z");
  expect_refused(
      late, CertificateClass::expired,
      "The certificate of pop.isp.test is refused: certificate has expired (OpenSSL 10), on 2014-06-01T12:00:00Z.");
  EXPECT_TRUE(handshake(settings(), "pop.isp.test", client_context(), "2014-01-01T00:00:00Z").client);
  Outcome early = handshake(settings(), "pop.isp.test", client_context(), "2013-12-31T23:59:59.9Z");
  expect_refused(early, CertificateClass::not_yet_valid, "at depth 2), before 2014-01-01T00:00:00Z.");
}

TEST(Tls, ChainsThatEndNowhereAreToldApart) {
  TlsServerSettings self = settings();
  self.identity.chain_pem = file("self.pem");
  expect_refused(handshake(self), CertificateClass::self_signed, "self-signed certificate (OpenSSL 18)");

  TlsServerSettings leaf_only = settings();
  leaf_only.identity.chain_pem.resize(leaf_only.identity.chain_pem.find("-----END CERTIFICATE-----") + 26);
  expect_refused(handshake(leaf_only), CertificateClass::incomplete_chain, "(OpenSSL 20)");

  auto other_trust = make_tls_client({.ca_pem = file("self.pem")}).value();
  expect_refused(handshake(settings(), "pop.isp.test", other_trust), CertificateClass::unknown_issuer,
                 "(OpenSSL 20 at depth 1)");

  TlsServerSettings root_sent = settings();
  root_sent.identity.chain_pem += file("root.pem");
  expect_refused(handshake(root_sent, "pop.isp.test", other_trust), CertificateClass::unknown_issuer,
                 "The chain of certificates of pop.isp.test is refused: self-signed certificate in certificate chain "
                 "(OpenSSL 19 at depth 2)");

  auto nobody = make_tls_client({}).value();
  expect_refused(handshake(settings(), "pop.isp.test", nobody), CertificateClass::unknown_issuer,
                 "(OpenSSL 20 at depth 1)");
}

TEST(Tls, ASelfSignedCertificateCanBeTrustedOnPurpose) {
  TlsServerSettings self = settings();
  self.identity.chain_pem = file("self.pem");
  auto trust = make_tls_client({.ca_pem = file("root.pem") + file("self.pem")}).value();
  EXPECT_TRUE(handshake(self, "pop.isp.test", trust).client);
}

TEST(Tls, TheClientsAlertReachesTheServer) {
  Outcome outcome = handshake(settings(), "isp.test");
  EXPECT_THAT(outcome.server.error().message, HasSubstr("alert"));
  EXPECT_THAT(outcome.server.error().message,
              StartsWith("TLS with the client 127.0.0.1:40000 failed: OpenSSL says 0A0004"));
}

TEST(Tls, TheRootsOfTheMachineAreNotOurs) {
  auto system = make_tls_client({.system_roots = true});
  if (!system) GTEST_SKIP() << system.error().message;
  expect_refused(handshake(settings(), "pop.isp.test", *system), CertificateClass::unknown_issuer,
                 "(OpenSSL 20 at depth 1)");
  auto both = make_tls_client({.ca_pem = file("root.pem"), .system_roots = true}).value();
  EXPECT_TRUE(handshake(settings(), "pop.isp.test", both).client);
}

/// What the client says first: names go out in clear as SNI (RFC 6066 §3), addresses never do.
TEST(Tls, ANameIsSentAndAnAddressIsNot) {
  for (auto [host, sent] : {std::pair{"pop.isp.test", "pop.isp.test"}, std::pair{"pop.isp.test.", "pop.isp.test"},
                            std::pair{"127.0.0.1", ""}, std::pair{"::1", ""}}) {
    std::string hello;
    SimPair pair;
    pair.run(
        [&, host = host](std::unique_ptr<Stream> below) -> Task<void> {
          std::unique_ptr<Stream> tapped =
              with_tap(std::move(below), [&](TapDirection direction, std::string_view bytes) {
                if (direction == TapDirection::sent && hello.empty()) hello = bytes;
              });
          std::unique_ptr<Stream> stream = with_tls(std::move(tapped), client_context(), host, pair.calendar);
          Status status = co_await stream->start_tls(pair.loop.now() + 10s);
          EXPECT_TRUE(status);
        },
        [&](std::unique_ptr<Stream> below) -> Task<void> {
          std::unique_ptr<Stream> stream = with_tls(std::move(below), server_context(settings()));
          Status status = co_await stream->start_tls(pair.loop.now() + 10s);
          EXPECT_TRUE(status);
        });
    // server_name (0), its list, a host_name (0), the length in two octets.
    std::string_view name = sent;
    std::string extension{0,
                          0,
                          0,
                          static_cast<char>(name.size() + 5),
                          0,
                          static_cast<char>(name.size() + 3),
                          0,
                          0,
                          static_cast<char>(name.size())};
    extension += name;
    EXPECT_EQ(hello.find(extension) != std::string::npos, !name.empty()) << host;
    EXPECT_EQ(hello.find(host) != std::string::npos, name == host) << host;
  }
}

// --- Versions and ciphers ---

TEST(Tls, SpeaksEachVersionFrom12) {
  for (TlsVersion version : {TlsVersion::tls1_2, TlsVersion::tls1_3}) {
    TlsServerSettings how = settings();
    how.min_version = how.max_version = version;
    Outcome outcome = handshake(how);
    EXPECT_TRUE(outcome.client);
    EXPECT_TRUE(outcome.server);
  }
}

TEST(Tls, OlderVersionsAreRefusedByName) {
  for (TlsVersion version : {TlsVersion::tls1_0, TlsVersion::tls1_1}) {
    TlsServerSettings how = settings();
    how.min_version = TlsVersion::tls1_0;
    how.max_version = version;
    Outcome outcome = handshake(how);
    ASSERT_FALSE(outcome.client);
    EXPECT_EQ(outcome.client.error().code, Errc::tls_failed);
    EXPECT_EQ(outcome.client.error().reason, "protocol-version");
    EXPECT_THAT(outcome.client.error().message,
                StartsWith("TLS with pop.isp.test failed: OpenSSL says 0A00042E tlsv1 alert protocol version"));
    EXPECT_EQ(outcome.server.error().reason, "protocol-version");
  }
}

TEST(Tls, NoCommonCipherIsRefusedByName) {
  TlsServerSettings how = settings();
  how.max_version = TlsVersion::tls1_2;
  how.cipher_list = "ECDHE-ECDSA-NULL-SHA";
  Outcome outcome = handshake(how);
  ASSERT_FALSE(outcome.client);
  EXPECT_EQ(outcome.client.error().code, Errc::tls_failed);
  EXPECT_EQ(outcome.client.error().reason, "no-cipher");
  EXPECT_THAT(outcome.client.error().message, HasSubstr("0A000410 sslv3 alert handshake failure"));
  EXPECT_EQ(outcome.server.error().reason, "no-cipher");
}

// --- Certificates that no server of OpenSSL's would load ---

TEST(Tls, CertificatesCanBeExchangedOnTheWire) {
  for (const std::string& der :
       {std::string("no certificate at all"), std::string("\x30\x82\x04\x00\x30\x03", 6), std::string()}) {
    TlsServerSettings how = settings();
    how.max_version = TlsVersion::tls1_2;
    how.sent_instead = {der};
    Outcome outcome = handshake(how);
    ASSERT_FALSE(outcome.client);
    EXPECT_EQ(outcome.client.error().code, Errc::certificate_refused);
    EXPECT_EQ(outcome.client.error().reason, "malformed-certificate") << outcome.client.error().message;
  }
}

TEST(Tls, ExchangedCertificatesNeedAVersionThatSendsThemInClear) {
  TlsServerSettings how = settings();
  how.sent_instead = {"x"};
  Result<std::shared_ptr<const TlsServerContext>> made = make_tls_server(how);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, Errc::bad_input);
}

// --- Handshakes that do not come to an end ---

struct Behaviour {
  std::string_view name;
  std::function<Task<void>(Stream&, Clock&)> server;
  Errc code;
  std::string_view reason;
  std::string_view text;
};

Error error_against(const Behaviour& behaviour, sim::SimLink link = {}) {
  Error error;
  SimPair pair(link);
  pair.run(
      [&](std::unique_ptr<Stream> below) -> Task<void> {
        std::unique_ptr<Stream> stream = with_tls(std::move(below), client_context(), "pop.isp.test", pair.calendar);
        Status status = co_await stream->start_tls(pair.loop.now() + 10s);
        EXPECT_FALSE(status);
        if (!status) error = status.error();
        EXPECT_FALSE(stream->is_tls());
        // Whatever happens, nothing goes out in clear afterwards, and nothing comes in.
        Status sent = co_await stream->write("PASS secret\r\n", pair.loop.now() + 1s);
        EXPECT_FALSE(sent);
        Result<std::string_view> chunk = co_await stream->read_some(pair.loop.now() + 1s);
        EXPECT_FALSE(chunk);
      },
      [&](std::unique_ptr<Stream> stream) -> Task<void> { co_await behaviour.server(*stream, pair.loop); });
  return error;
}

Task<void> say(Stream& stream, Clock& clock, std::string_view words) {
  Status sent = co_await stream.write(words, never);
  EXPECT_TRUE(sent);
  co_await clock.sleep_until(clock.now() + 1min);
}
Task<void> hear_then_close(Stream& stream, Clock& clock, Ending ending) {
  Result<std::string_view> hello = co_await stream.read_some(clock.now() + 1h);
  EXPECT_TRUE(hello);
  Status closed = co_await stream.close(ending, never);
  EXPECT_TRUE(closed);
  co_await clock.sleep_until(clock.now() + 1min);
}
Task<void> stall(Stream& stream, Clock& clock) {
  Result<std::string_view> hello = co_await stream.read_some(clock.now() + 1h);
  EXPECT_TRUE(hello);
  co_await clock.sleep_until(clock.now() + 1min);
}

TEST(Tls, WhatAServerDoesInsteadOfAHandshake) {
  const Behaviour behaviours[] = {
      {"greets in clear", [](Stream& s, Clock& c) { return say(s, c, "+OK POP3 ready <1@x>\r\n"); }, Errc::tls_failed,
       "not-tls", "pop.isp.test answered in clear where TLS was to begin: \"+OK POP3 ready <1@x>\\r\\n\". "},
      {"says less than a record's header", [](Stream& s, Clock& c) { return say(s, c, "-"); }, Errc::tls_failed,
       "not-tls", "where TLS was to begin: \"-\""},
      {"binary", [](Stream& s, Clock& c) { return say(s, c, std::string_view("\x16\x02\x00\x1b", 4)); },
       Errc::tls_failed, "not-tls", "\"\\x16\\x02\\0\\x1B\""},
      {"old", [](Stream& s, Clock& c) { return say(s, c, std::string_view("\x15\x03\x00\x00\x02\x02\x28", 7)); },
       Errc::tls_failed, "no-cipher", "0A000410"},
      {"stalls", stall, Errc::timed_out, "handshake-stalled", "pop.isp.test did not finish the TLS handshake in time"},
      {"closes", [](Stream& s, Clock& c) { return hear_then_close(s, c, Ending::orderly); }, Errc::end_of_stream, "",
       "pop.isp.test ended the connection within the TLS handshake: the peer closed the connection"},
      {"resets", [](Stream& s, Clock& c) { return hear_then_close(s, c, Ending::reset); }, Errc::reset, "",
       "pop.isp.test ended the connection within the TLS handshake: the connection was reset by the peer"},
  };
  for (const Behaviour& behaviour : behaviours) {
    Error error = error_against(behaviour);
    EXPECT_EQ(error.code, behaviour.code) << behaviour.name;
    EXPECT_EQ(error.reason, behaviour.reason) << behaviour.name;
    EXPECT_EQ(error.step, Step::tls) << behaviour.name;
    EXPECT_THAT(error.message, HasSubstr(std::string(behaviour.text))) << behaviour.name;
  }
}

TEST(Tls, AGreetingInClearIsKnownByItsFirstOctet) {
  Behaviour greets{"", [](Stream& s, Clock& c) { return say(s, c, "+OK ready\r\n"); }, Errc::tls_failed, "", ""};
  EXPECT_EQ(error_against(greets, {.split_at = 1}).reason, "not-tls");
}

TEST(Tls, AClientThatSpeaksInClearIsToldFromOneThatCannot) {
  for (auto [words, reason] :
       {std::pair{"USER anna\r\nPASS x\r\n", "not-tls"}, std::pair{"\x80\x2e\x01\x00\x02\x00\x15", ""}}) {
    Error error;
    SimPair pair;
    pair.run(
        [&, words = words](std::unique_ptr<Stream> stream) -> Task<void> { co_await say(*stream, pair.loop, words); },
        [&](std::unique_ptr<Stream> below) -> Task<void> {
          std::unique_ptr<Stream> stream = with_tls(std::move(below), server_context(settings()));
          Status status = co_await stream->start_tls(pair.loop.now() + 10s);
          EXPECT_FALSE(status);
          error = status.error();
        });
    if (std::string_view(reason) == "not-tls") {
      EXPECT_EQ(error.reason, "not-tls");
      EXPECT_THAT(error.message, StartsWith("the client 127.0.0.1:40000 answered in clear"));
    } else {
      EXPECT_NE(error.reason, "not-tls") << "an SSL 2 greeting is for OpenSSL to judge";
    }
  }
}

// --- Data and its end ---

/// Both sides say `words` after the upgrade; the server ends as told. Returns what the client read.
struct Talk {
  std::string heard_by_client;
  std::string heard_by_server;
  Error client_end;
  Duration took{};
};
Talk talk(sim::SimLink link, const std::string& words, Ending ending, bool in_clear_first = false) {
  Talk result;
  SimPair pair(link);
  pair.run(
      [&](std::unique_ptr<Stream> below) -> Task<void> {
        std::unique_ptr<Stream> stream = with_tls(std::move(below), client_context(), "pop.isp.test", pair.calendar);
        if (in_clear_first) {
          Status asked = co_await stream->write("STLS\r\n", never);
          EXPECT_TRUE(asked);
          std::string answer;
          while (answer.size() < 5) {
            Result<std::string_view> chunk = co_await stream->read_some(never);
            answer += chunk.value();
          }
          EXPECT_EQ(answer, "+OK\r\n");
        }
        Status status = co_await stream->start_tls(pair.loop.now() + 10s);
        EXPECT_TRUE(status);
        Status sent = co_await stream->write(words, never);
        EXPECT_TRUE(sent);
        result.heard_by_client = co_await read_until_end(*stream, pair.loop, result.client_end);
        result.took = pair.loop.now() - Moment{};
        Result<std::string_view> again = co_await stream->read_some(pair.loop.now() + 1s);
        EXPECT_EQ(again.error().code, result.client_end.code) << "the end stays the end";
      },
      [&](std::unique_ptr<Stream> below) -> Task<void> {
        std::unique_ptr<Stream> stream = with_tls(std::move(below), server_context(settings()));
        if (in_clear_first) {
          std::string line;
          while (line.size() < 6) {
            Result<std::string_view> chunk = co_await stream->read_some(never);
            line += chunk.value();
          }
          EXPECT_EQ(line, "STLS\r\n");
          Status answered = co_await stream->write("+OK\r\n", never);
          EXPECT_TRUE(answered);
        }
        Status status = co_await stream->start_tls(pair.loop.now() + 10s);
        EXPECT_TRUE(status);
        while (result.heard_by_server.size() < words.size()) {
          Result<std::string_view> chunk = co_await stream->read_some(never);
          if (!chunk) break;
          result.heard_by_server += *chunk;
        }
        Status sent = co_await stream->write(words, never);
        EXPECT_TRUE(sent);
        Status closed = co_await stream->close(ending, never);
        EXPECT_TRUE(closed);
        Status late = co_await stream->write("late", never);
        EXPECT_EQ(late.error().code, Errc::cancelled);
        co_await pair.loop.sleep_until(pair.loop.now() + 1h);
      });
  return result;
}

std::string numbered(std::size_t octets) {
  std::string text;
  for (std::size_t i = 0; text.size() < octets; ++i) text += std::to_string(i) + ' ';
  text.resize(octets);
  return text;
}

TEST(Tls, TheSameBytesArriveHoweverTheyAreCut) {
  for (std::size_t octets : {1U, 16'384U, 16'385U, 65'536U, 65'537U, 300'000U})
    for (std::size_t split : {0U, 1'000U, 40'000U}) {
      std::string words = numbered(octets);
      Talk result = talk({.split_at = split}, words, Ending::orderly);
      EXPECT_TRUE(result.heard_by_client == words) << octets << " octets split at " << split;
      EXPECT_TRUE(result.heard_by_server == words) << octets << " octets split at " << split;
      EXPECT_EQ(result.client_end.code, Errc::end_of_stream);
    }
  std::string words = numbered(3'000);
  EXPECT_EQ(talk({.split_at = 1}, words, Ending::orderly).heard_by_client, words);
}

TEST(Tls, AnUpgradeInPlaceBeginsClean) {
  for (std::size_t split : {0U, 1U}) {
    Talk result = talk({.split_at = split}, "hello", Ending::orderly, true);
    EXPECT_EQ(result.heard_by_client, "hello");
    EXPECT_EQ(result.heard_by_server, "hello");
  }
}

TEST(Tls, TheThreeEndsAreToldApart) {
  EXPECT_EQ(talk({}, "bye", Ending::orderly).client_end.code, Errc::end_of_stream);
  Talk cut = talk({}, "bye", Ending::no_close_notify);
  EXPECT_EQ(cut.heard_by_client, "bye");
  EXPECT_EQ(cut.client_end.code, Errc::truncated);
  EXPECT_EQ(cut.client_end.reason, "truncated");
  EXPECT_THAT(cut.client_end.message, HasSubstr("close_notify"));
  EXPECT_EQ(talk({}, "bye", Ending::reset).client_end.code, Errc::reset);
}

// Four flights of one way each (request, hello, server's flight, Finished with the words) and one for the answer; what
// is charged is fixed, so that the figures can be added up by hand.
TEST(Tls, TimeIsAddedUpFromPlainOctetsAndFixedFlights) {
  // TCP's round trip 80 ms; ClientHello, server's flight, Finished: 3 x (40 ms + 2,000 octets at 100,000 a second = 20
  // ms); the words follow the Finished at once: 5,000 octets = 50 ms; the answer: 40 ms + 50 ms; close_notify: 24
  // octets = 0.24 ms.
  Talk result = talk({.latency = 40ms, .bytes_per_second = 100'000}, numbered(5'000), Ending::orderly);
  EXPECT_EQ(result.took, 80ms + 3 * 60ms + 50ms + 40ms + 50ms + 240us);
}

/// What one side sends below TLS, by records of application data after the handshake.
TEST(Tls, RecordsAreCutWhereTheLinkSplitsAndNeverPast16KiB) {
  for (auto [split, octets, sizes] : {std::tuple{0U, 40'000U, std::vector<std::size_t>{16'384, 16'384, 7'232}},
                                      std::tuple{16'384U, 16'385U, std::vector<std::size_t>{16'384, 1}},
                                      std::tuple{1'000U, 2'500U, std::vector<std::size_t>{1'000, 1'000, 500}}}) {
    std::string wire;
    std::vector<std::size_t> units;
    SimPair pair({.split_at = split});
    pair.run(
        [&](std::unique_ptr<Stream> below) -> Task<void> {
          std::unique_ptr<Stream> tapped =
              with_tap(std::move(below), [&](TapDirection direction, std::string_view bytes) {
                if (direction != TapDirection::sent) return;
                wire += bytes;
                units.push_back(bytes.size());
              });
          std::unique_ptr<Stream> stream = with_tls(std::move(tapped), client_context(), "pop.isp.test", pair.calendar);
          Status status = co_await stream->start_tls(pair.loop.now() + 10s);
          EXPECT_TRUE(status);
          wire.clear();
          units.clear();
          Status sent = co_await stream->write(numbered(octets), never);
          EXPECT_TRUE(sent);
        },
        [&](std::unique_ptr<Stream> below) -> Task<void> {
          std::unique_ptr<Stream> stream = with_tls(std::move(below), server_context(settings()));
          Status status = co_await stream->start_tls(pair.loop.now() + 10s);
          EXPECT_TRUE(status);
          Error end;
          co_await read_until_end(*stream, pair.loop, end);
        });
    std::vector<std::size_t> records;
    for (std::size_t at = 0; at < wire.size();) {
      EXPECT_EQ(wire[at], '\x17');
      std::size_t length = static_cast<unsigned char>(wire[at + 3]) * 256U + static_cast<unsigned char>(wire[at + 4]);
      records.push_back(length - 17);  // the type of the content and GCM's tag (RFC 8446 §5.2)
      at += 5 + length;
    }
    EXPECT_EQ(records, sizes);
    EXPECT_EQ(units.size(), split == 0 ? 1 : sizes.size()) << "what a link does not split goes out in one";
    EXPECT_EQ(wire.find("0 1 2 3"), std::string::npos);
  }
}

TEST(Tls, TwoRunsTakeTheSameTime) {
  sim::SimLink link{.latency = 7ms, .bytes_per_second = 31'337, .split_at = 100};
  Duration first = talk(link, numbered(10'000), Ending::orderly, true).took;
  for (int i = 0; i < 5; ++i) EXPECT_EQ(talk(link, numbered(10'000), Ending::orderly, true).took, first);
}

TEST(Tls, AReadThatTimesOutCanBeRepeated) {
  SimPair pair;
  pair.run(
      [&](std::unique_ptr<Stream> below) -> Task<void> {
        std::unique_ptr<Stream> stream = with_tls(std::move(below), client_context(), "pop.isp.test", pair.calendar);
        Status status = co_await stream->start_tls(pair.loop.now() + 10s);
        EXPECT_TRUE(status);
        Result<std::string_view> early = co_await stream->read_some(pair.loop.now() + 1s);
        EXPECT_FALSE(early);
        EXPECT_EQ(early.error().code, Errc::timed_out);
        EXPECT_EQ(early.error().reason, "");
        Result<std::string_view> later = co_await stream->read_some(pair.loop.now() + 10s);
        EXPECT_TRUE(later);
        EXPECT_EQ(*later, "late");
      },
      [&](std::unique_ptr<Stream> below) -> Task<void> {
        std::unique_ptr<Stream> stream = with_tls(std::move(below), server_context(settings()));
        Status status = co_await stream->start_tls(pair.loop.now() + 10s);
        EXPECT_TRUE(status);
        co_await pair.loop.sleep_until(pair.loop.now() + 5s);
        Status sent = co_await stream->write("late", never);
        EXPECT_TRUE(sent);
        Error end;
        co_await read_until_end(*stream, pair.loop, end);
        EXPECT_EQ(end.code, Errc::reset) << "the client's stream was destroyed while open";
      });
}

TEST(Tls, ADamagedRecordEndsTheConnectionAndThePeerIsTold) {
  SimPair pair;
  Error client_end;
  Error server_end;
  pair.run(
      [&](std::unique_ptr<Stream> below) -> Task<void> {
        std::unique_ptr<Stream> stream = with_tls(std::move(below), client_context(), "pop.isp.test", pair.calendar);
        Status status = co_await stream->start_tls(pair.loop.now() + 10s);
        EXPECT_TRUE(status);
        std::string heard = co_await read_until_end(*stream, pair.loop, client_end);
        EXPECT_EQ(heard, "one");
        Status sent = co_await stream->write("more", never);
        EXPECT_FALSE(sent);
        Status closed = co_await stream->close(Ending::orderly, never);
        EXPECT_TRUE(closed);
      },
      [&](std::unique_ptr<Stream> below) -> Task<void> {
        // The server's flight, then "one", then "two" with its first octet of data damaged.
        std::unique_ptr<Stream> garbled =
            with_faults(std::move(below), pair.loop, {.on_write = {Garble{tls_flight_octets + 3, 0x01}}});
        std::unique_ptr<Stream> stream = with_tls(std::move(garbled), server_context(settings()));
        Status status = co_await stream->start_tls(pair.loop.now() + 10s);
        EXPECT_TRUE(status);
        for (const char* words : {"one", "two"}) {
          Status sent = co_await stream->write(words, never);
          EXPECT_TRUE(sent);
        }
        co_await read_until_end(*stream, pair.loop, server_end);
      });
  EXPECT_EQ(client_end.code, Errc::tls_failed);
  EXPECT_EQ(client_end.reason, "other");
  EXPECT_EQ(server_end.code, Errc::tls_failed);
  EXPECT_THAT(server_end.message, HasSubstr("alert"));
}

TEST(Tls, AUnitOfTheOwnerIsEncryptedAsAnyWrite) {
  SimPair pair;
  pair.run(
      [&](std::unique_ptr<Stream> below) -> Task<void> {
        std::unique_ptr<Stream> stream = with_tls(std::move(below), client_context(), "pop.isp.test", pair.calendar);
        Status clear = co_await stream->write_unit("in clear", 1, never);
        EXPECT_TRUE(clear);
        Status status = co_await stream->start_tls(pair.loop.now() + 10s);
        EXPECT_TRUE(status);
        Status sent = co_await stream->write_unit("encrypted", 1, never);
        EXPECT_TRUE(sent);
        Status closed = co_await stream->close(Ending::orderly, never);
        EXPECT_TRUE(closed);
      },
      [&](std::unique_ptr<Stream> below) -> Task<void> {
        std::unique_ptr<Stream> stream = with_tls(std::move(below), server_context(settings()));
        Result<std::string_view> clear = co_await stream->read_some(never);
        EXPECT_EQ(clear.value(), "in clear");
        Status status = co_await stream->start_tls(pair.loop.now() + 10s);
        EXPECT_TRUE(status);
        Error end;
        std::string heard = co_await read_until_end(*stream, pair.loop, end);
        EXPECT_EQ(heard, "encrypted");
        EXPECT_EQ(end.code, Errc::end_of_stream);
      });
}

TEST(Tls, TlsIsStartedOnce) {
  SimPair pair;
  pair.run(
      [&](std::unique_ptr<Stream> below) -> Task<void> {
        std::unique_ptr<Stream> stream = with_tls(std::move(below), client_context(), "pop.isp.test", pair.calendar);
        Status status = co_await stream->start_tls(pair.loop.now() + 10s);
        EXPECT_TRUE(status);
        Status again = co_await stream->start_tls(pair.loop.now() + 10s);
        EXPECT_FALSE(again);
        EXPECT_EQ(again.error().code, Errc::internal);
        Status sent = co_await stream->write("still good", never);
        EXPECT_TRUE(sent);
        Status closed = co_await stream->close(Ending::orderly, never);
        EXPECT_TRUE(closed);
      },
      [&](std::unique_ptr<Stream> below) -> Task<void> {
        std::unique_ptr<Stream> stream = with_tls(std::move(below), server_context(settings()));
        Status status = co_await stream->start_tls(pair.loop.now() + 10s);
        EXPECT_TRUE(status);
        Error end;
        std::string heard = co_await read_until_end(*stream, pair.loop, end);
        EXPECT_EQ(heard, "still good");
        EXPECT_EQ(end.code, Errc::end_of_stream);
      });
}

TEST(Tls, AbortEndsAReadWithCancelled) {
  SimPair pair;
  Error ended;
  pair.run(
      [&](std::unique_ptr<Stream> below) -> Task<void> {
        std::unique_ptr<Stream> stream = with_tls(std::move(below), client_context(), "pop.isp.test", pair.calendar);
        Status status = co_await stream->start_tls(pair.loop.now() + 10s);
        EXPECT_TRUE(status);
        Stream* raw = stream.get();
        pair.loop.spawn([](Stream* victim, Clock& clock) -> Task<void> {
          co_await clock.sleep_until(clock.now() + 1s);
          victim->abort();
        }(raw, pair.loop));
        Result<std::string_view> chunk = co_await stream->read_some(never);
        EXPECT_FALSE(chunk);
        ended = chunk.error();
      },
      [&](std::unique_ptr<Stream> below) -> Task<void> {
        std::unique_ptr<Stream> stream = with_tls(std::move(below), server_context(settings()));
        Status status = co_await stream->start_tls(pair.loop.now() + 10s);
        EXPECT_TRUE(status);
        Error end;
        co_await read_until_end(*stream, pair.loop, end);
        EXPECT_EQ(end.code, Errc::reset);
      });
  EXPECT_EQ(ended.code, Errc::cancelled);
}

// --- Files that are no good ---

TEST(Tls, ContextsSayWhichFileIsWrong) {
  auto client_error = [](const TlsTrust& trust) { return make_tls_client(trust).error().message; };
  EXPECT_THAT(client_error({.ca_pem = "hello"}), HasSubstr("trusted roots holds no certificate"));
  std::string damaged = file("root.pem");
  damaged[damaged.size() / 2] = '*';
  EXPECT_THAT(client_error({.ca_pem = damaged}), HasSubstr("trusted roots cannot be read"));
  EXPECT_THAT(client_error({.crl_pem = "hello"}), HasSubstr("revoked certificates holds no list"));
  EXPECT_TRUE(make_tls_client({.ca_pem = file("root.pem") + file("root.pem")})) << "a root may stand twice";

  auto server_error = [](std::string chain, std::string key, std::string ciphers = "") {
    Result<std::shared_ptr<const TlsServerContext>> made =
        make_tls_server({.identity = {std::move(chain), std::move(key)}, .cipher_list = std::move(ciphers)});
    EXPECT_EQ(made.error().code, Errc::bad_input);
    return made.error().message;
  };
  EXPECT_THAT(server_error("", file("leaf.key")), HasSubstr("certificate is missing"));
  EXPECT_THAT(server_error(file("leaf.chain.pem"), ""), HasSubstr("the server's key cannot be read"));
  EXPECT_THAT(server_error(file("root.pem"), file("leaf.key")), HasSubstr("must be the one of its certificate"));
  EXPECT_THAT(server_error(file("leaf.chain.pem"), file("leaf.key"), "NO-SUCH-CIPHER"), HasSubstr("NO-SUCH-CIPHER"));
}

}  // namespace
}  // namespace mailrig
