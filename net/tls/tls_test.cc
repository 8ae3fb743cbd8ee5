#include "net/tls/tls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tuple>
#include <vector>

#include "net/fault_stream.h"
#include "net/tap_stream.h"
#include "net/task.h"
#include "net/testing/sim_pair.h"
#include "net/testing/tls_contexts.h"

namespace mailrig {
namespace {

using testing::at;
using ::testing::HasSubstr;
using testing::SimPair;
using ::testing::StartsWith;
using testing::tls_client_context;
using testing::tls_file;
using testing::tls_server_context;
using testing::tls_settings;

/// What both sides saw of one handshake.
struct Outcome {
  Status client = Error{};
  Status server = Error{};
};

Outcome handshake(const TlsServerSettings& how, const std::string& host = "pop.isp.test",
                  std::shared_ptr<const TlsClientContext> trust = tls_client_context(),
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
        std::unique_ptr<Stream> stream = with_tls(std::move(below), tls_server_context(how));
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

// --- Whom the client trusts ---

TEST(Tls, TakesTheNamesAndAddressesOfTheSubjectAltName) {
  for (const char* host : {"pop.isp.test", "POP.isp.test", "pop.isp.test.", "a.wild.test", "127.0.0.1", "::1",
                           "0:0:0:0:0:0:0:1", "::1%lo"})
    EXPECT_TRUE(handshake(tls_settings(), host).client) << host;
}

TEST(Tls, RefusesEveryOtherName) {
  for (const char* host : {"isp.test", "x.pop.isp.test", "wild.test", "b.a.wild.test", "web.part.test", "part.test"})
    expect_refused(handshake(tls_settings(), host), CertificateClass::wrong_host,
                   "(OpenSSL 62); it is for pop.isp.test, *.wild.test, "
                   "w*.part.test, 127.0.0.1, 0:0:0:0:0:0:0:1.");
  for (const char* host : {"127.0.0.2", "::2", "10.0.0.1"})
    expect_refused(handshake(tls_settings(), host), CertificateClass::wrong_host, "(OpenSSL 64); it is for ");
}

TEST(Tls, ACommonNameIsNoName) {
  expect_refused(handshake(tls_settings("nameless.chain.pem")), CertificateClass::wrong_host,
                 "it names no host in its subjectAltName");
}

TEST(Tls, AHostThatCannotBeCheckedIsRefusedBeforeAnythingIsSent) {
  for (const char* host : {"", ".", "%eth0"}) {
    Outcome outcome = handshake(tls_settings(), host);
    ASSERT_FALSE(outcome.client) << host;
    EXPECT_EQ(outcome.client.error().code, Errc::bad_input);
    EXPECT_EQ(outcome.server.error().code, Errc::end_of_stream);
  }
}

TEST(Tls, TheDateIsTheCalendars) {
  EXPECT_TRUE(
      handshake(tls_settings("expired.chain.pem"), "pop.isp.test", tls_client_context(), "2014-06-01T11:59:59.9Z")
          .client);
  Outcome late =
      handshake(tls_settings("expired.chain.pem"), "pop.isp.test", tls_client_context(), "2014-06-01T12:00:01Z");
  expect_refused(
      late, CertificateClass::expired,
      "The certificate of pop.isp.test is refused: certificate has expired (OpenSSL 10), on 2014-06-01T12:00:00Z.");
  EXPECT_TRUE(handshake(tls_settings(), "pop.isp.test", tls_client_context(), "2014-01-01T00:00:00Z").client);
  Outcome early = handshake(tls_settings(), "pop.isp.test", tls_client_context(), "2013-12-31T23:59:59.9Z");
  expect_refused(early, CertificateClass::not_yet_valid, "at depth 2), before 2014-01-01T00:00:00Z.");
}

TEST(Tls, ChainsThatEndNowhereAreToldApart) {
  TlsServerSettings self = tls_settings();
  self.identity.chain_pem = tls_file("self.pem");
  expect_refused(handshake(self), CertificateClass::self_signed, "self-signed certificate (OpenSSL 18)");

  TlsServerSettings leaf_only = tls_settings();
  leaf_only.identity.chain_pem.resize(leaf_only.identity.chain_pem.find("-----END CERTIFICATE-----") + 26);
  expect_refused(handshake(leaf_only), CertificateClass::incomplete_chain, "(OpenSSL 20)");

  auto other_trust = make_tls_client({.ca_pem = tls_file("self.pem")}).value();
  expect_refused(handshake(tls_settings(), "pop.isp.test", other_trust), CertificateClass::unknown_issuer,
                 "(OpenSSL 20 at depth 1)");

  TlsServerSettings root_sent = tls_settings();
  root_sent.identity.chain_pem += tls_file("root.pem");
  expect_refused(handshake(root_sent, "pop.isp.test", other_trust), CertificateClass::unknown_issuer,
                 "The chain of certificates of pop.isp.test is refused: self-signed certificate in certificate chain "
                 "(OpenSSL 19 at depth 2)");

  auto nobody = make_tls_client({}).value();
  expect_refused(handshake(tls_settings(), "pop.isp.test", nobody), CertificateClass::unknown_issuer,
                 "(OpenSSL 20 at depth 1)");
}

TEST(Tls, ASelfSignedCertificateCanBeTrustedOnPurpose) {
  TlsServerSettings self = tls_settings();
  self.identity.chain_pem = tls_file("self.pem");
  auto trust = make_tls_client({.ca_pem = tls_file("root.pem") + tls_file("self.pem")}).value();
  EXPECT_TRUE(handshake(self, "pop.isp.test", trust).client);
}

TEST(Tls, TheClientsAlertReachesTheServer) {
  Outcome outcome = handshake(tls_settings(), "isp.test");
  EXPECT_THAT(outcome.server.error().message, HasSubstr("alert"));
  EXPECT_THAT(outcome.server.error().message,
              StartsWith("TLS with the client 127.0.0.1:40000 failed: OpenSSL says 0A0004"));
}

TEST(Tls, TheRootsOfTheMachineAreNotOurs) {
  auto system = make_tls_client({.system_roots = true});
  if (!system) GTEST_SKIP() << system.error().message;
  expect_refused(handshake(tls_settings(), "pop.isp.test", *system), CertificateClass::unknown_issuer,
                 "(OpenSSL 20 at depth 1)");
  auto both = make_tls_client({.ca_pem = tls_file("root.pem"), .system_roots = true}).value();
  EXPECT_TRUE(handshake(tls_settings(), "pop.isp.test", both).client);
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
          std::unique_ptr<Stream> stream = with_tls(std::move(tapped), tls_client_context(), host, pair.calendar);
          Status status = co_await stream->start_tls(pair.loop.now() + 10s);
          EXPECT_TRUE(status);
        },
        [&](std::unique_ptr<Stream> below) -> Task<void> {
          std::unique_ptr<Stream> stream = with_tls(std::move(below), tls_server_context(tls_settings()));
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
    TlsServerSettings how = tls_settings();
    how.min_version = how.max_version = version;
    Outcome outcome = handshake(how);
    EXPECT_TRUE(outcome.client);
    EXPECT_TRUE(outcome.server);
  }
}

TEST(Tls, OlderVersionsAreRefusedByName) {
  for (TlsVersion version : {TlsVersion::tls1_0, TlsVersion::tls1_1}) {
    TlsServerSettings how = tls_settings();
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
  TlsServerSettings how = tls_settings();
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
    TlsServerSettings how = tls_settings();
    how.max_version = TlsVersion::tls1_2;
    how.sent_instead = {der};
    Outcome outcome = handshake(how);
    ASSERT_FALSE(outcome.client);
    EXPECT_EQ(outcome.client.error().code, Errc::certificate_refused);
    EXPECT_EQ(outcome.client.error().reason, "malformed-certificate") << outcome.client.error().message;
  }
}

TEST(Tls, ExchangedCertificatesNeedAVersionThatSendsThemInClear) {
  TlsServerSettings how = tls_settings();
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
        std::unique_ptr<Stream> stream =
            with_tls(std::move(below), tls_client_context(), "pop.isp.test", pair.calendar);
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
          std::unique_ptr<Stream> stream = with_tls(std::move(below), tls_server_context(tls_settings()));
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

// --- Files that are no good ---

TEST(Tls, ContextsSayWhichFileIsWrong) {
  auto client_error = [](const TlsTrust& trust) { return make_tls_client(trust).error().message; };
  EXPECT_THAT(client_error({.ca_pem = "hello"}), HasSubstr("trusted roots holds no certificate"));
  std::string damaged = tls_file("root.pem");
  damaged[damaged.size() / 2] = '*';
  EXPECT_THAT(client_error({.ca_pem = damaged}), HasSubstr("trusted roots cannot be read"));
  EXPECT_THAT(client_error({.crl_pem = "hello"}), HasSubstr("revoked certificates holds no list"));
  EXPECT_TRUE(make_tls_client({.ca_pem = tls_file("root.pem") + tls_file("root.pem")})) << "a root may stand twice";

  auto server_error = [](std::string chain, std::string key, std::string ciphers = "") {
    Result<std::shared_ptr<const TlsServerContext>> made =
        make_tls_server({.identity = {std::move(chain), std::move(key)}, .cipher_list = std::move(ciphers)});
    EXPECT_EQ(made.error().code, Errc::bad_input);
    return made.error().message;
  };
  EXPECT_THAT(server_error("", tls_file("leaf.key")), HasSubstr("certificate is missing"));
  EXPECT_THAT(server_error(tls_file("leaf.chain.pem"), ""), HasSubstr("the server's key cannot be read"));
  EXPECT_THAT(server_error(tls_file("root.pem"), tls_file("leaf.key")),
              HasSubstr("must be the one of its certificate"));
  EXPECT_THAT(server_error(tls_file("leaf.chain.pem"), tls_file("leaf.key"), "NO-SUCH-CIPHER"),
              HasSubstr("NO-SUCH-CIPHER"));
}

}  // namespace
}  // namespace mailrig
