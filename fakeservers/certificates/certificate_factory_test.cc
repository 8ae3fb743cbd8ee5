#include "fakeservers/certificates/certificate_factory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "fakeservers/certificates/certificate_issuer.h"
#include "fakeservers/certificates/staged_tls.h"
#include "net/task.h"
#include "net/testing/sim_pair.h"

namespace mailrig::fakeservers {
namespace {

using mailrig::testing::SimPair;
using ::testing::HasSubstr;

Instant at(const char* text) { return parse_instant(text).value(); }
const char* const now = "2014-06-02T09:00:00Z";
const std::vector<std::string> hosts{"pop.isp.test", "127.0.0.1", "::1", "localhost"};

struct Met {
  Status handshake = Error{};
  Error end;           // what the client's read ended with
  std::string server;  // what the server's start_tls said
};

struct How {
  std::string host = "pop.isp.test";
  bool after_starttls = false;
  Instant when = at(now);
};

/// A client that trusts the factory's root meets a server that shows `shown`.
Met meet(CertificateFault fault, std::shared_ptr<const TlsServerContext> shown, const How& how = {}) {
  const CertificateFactory factory;
  Met met;
  SimPair pair({}, how.when);
  pair.run(
      [&](std::unique_ptr<Stream> below) -> Task<void> {
        std::unique_ptr<Stream> stream =
            with_tls(std::move(below), factory.client_context().value(), how.host, pair.calendar);
        if (how.after_starttls) {
          Status asked = co_await stream->write("STLS\r\n", never);
          EXPECT_TRUE(asked);
          Result<std::string_view> answer = co_await stream->read_some(never);
          EXPECT_EQ(answer.value(), "+OK\r\n");
        }
        met.handshake = co_await stream->start_tls(pair.loop.now() + 30s);
        if (met.handshake) {
          Result<std::string_view> words = co_await stream->read_some(never);
          EXPECT_EQ(words.value(), "+OK bye\r\n");
          Result<std::string_view> end = co_await stream->read_some(never);
          met.end = end.error();
        }
        Status closed = co_await stream->close(Ending::orderly, never);
        EXPECT_TRUE(closed);
      },
      [&](std::unique_ptr<Stream> below) -> Task<void> {
        std::unique_ptr<Stream> stream = with_staged_tls(std::move(below), shown, fault);
        if (how.after_starttls) {
          Result<std::string_view> asked = co_await stream->read_some(never);
          EXPECT_EQ(asked.value(), "STLS\r\n");
          Status answered = co_await stream->write("+OK\r\n", never);
          EXPECT_TRUE(answered);
        }
        Status status = co_await stream->start_tls(pair.loop.now() + 1min);
        met.server = status ? "" : std::string(to_string(status.error().code));
        if (status) {
          Status said = co_await stream->write("+OK bye\r\n", never);
          EXPECT_TRUE(said);
        }
        Status closed = co_await stream->close(Ending::orderly, never);
        EXPECT_TRUE(closed);
      });
  return met;
}

Met meet(CertificateFault fault, const How& how = {}) {
  return meet(fault, CertificateFactory().server_context(fault, {.hosts = hosts, .at = how.when}).value(), how);
}

TEST(CertificateFactory, GoodIsGoodForEveryNameAndForYears) {
  for (const std::string& host : hosts)
    for (bool after_starttls : {false, true}) {
      Met met = meet({}, {.host = host, .after_starttls = after_starttls});
      EXPECT_TRUE(met.handshake) << host;
      EXPECT_EQ(met.end.code, Errc::end_of_stream);
      EXPECT_EQ(met.server, "");
    }
  auto shown = CertificateFactory().server_context({}, {.hosts = hosts, .at = at(now)}).value();
  for (const char* when : {"2013-06-03T00:00:00Z", "2016-08-10T00:00:00Z", "2024-05-29T00:00:00Z"})
    EXPECT_TRUE(meet({}, shown, {.when = at(when)}).handshake) << when;
  EXPECT_FALSE(meet({}, {.host = "smtp.isp.test"}).handshake);
}

// docs/providers/certificates.md#classes: the class, OpenSSL's number or code and its words.
struct Row {
  CertificateClass value;
  Errc code;
  const char* said;
};
const Row rows[] = {
    {CertificateClass::self_signed, Errc::certificate_refused, "self-signed certificate (OpenSSL 18)"},
    {CertificateClass::unknown_issuer, Errc::certificate_refused,
     "unable to get local issuer certificate (OpenSSL 20 at depth 1)"},
    {CertificateClass::incomplete_chain, Errc::certificate_refused,
     "unable to get local issuer certificate (OpenSSL 20)"},
    {CertificateClass::expired, Errc::certificate_refused,
     "certificate has expired (OpenSSL 10), on 2014-06-01T00:00:00Z"},
    {CertificateClass::not_yet_valid, Errc::certificate_refused,
     "certificate is not yet valid (OpenSSL 9), before 2014-07-03T00:00:00Z"},
    {CertificateClass::wrong_host, Errc::certificate_refused,
     "hostname mismatch (OpenSSL 62); it is for a-different-host.invalid"},
    {CertificateClass::wrong_purpose, Errc::certificate_refused, "unsuitable certificate purpose (OpenSSL 26)"},
    {CertificateClass::invalid_ca, Errc::certificate_refused, "invalid CA certificate (OpenSSL 79 at depth 1)"},
    {CertificateClass::path_length, Errc::certificate_refused,
     "path length constraint exceeded (OpenSSL 25 at depth 2)"},
    {CertificateClass::name_constraint, Errc::certificate_refused, "permitted subtree violation (OpenSSL 47)"},
    {CertificateClass::critical_extension, Errc::certificate_refused, "unhandled critical extension (OpenSSL 34)"},
    {CertificateClass::bad_signature, Errc::certificate_refused, "certificate signature failure (OpenSSL 7)"},
    {CertificateClass::malformed_certificate, Errc::certificate_refused, "OpenSSL says 0680009B too long"},
    {CertificateClass::revoked, Errc::certificate_refused, "certificate revoked (OpenSSL 23)"},
    {CertificateClass::weak_key, Errc::certificate_refused, "EE certificate key too weak (OpenSSL 66)"},
    {CertificateClass::weak_signature, Errc::certificate_refused,
     "CA signature digest algorithm too weak (OpenSSL 68)"},
    {CertificateClass::protocol_version, Errc::tls_failed, "0A00042E tlsv1 alert protocol version"},
    {CertificateClass::no_cipher, Errc::tls_failed, "0A000410 sslv3 alert handshake failure"},
    {CertificateClass::not_tls, Errc::tls_failed,
     "answered in clear where TLS was to begin: \"-ERR unknown command\\r\\n\""},
    {CertificateClass::handshake_stalled, Errc::timed_out, "did not finish the TLS handshake in time"},
};

TEST(CertificateFactory, EachClassIsMetAsItself) {
  for (const Row& row : rows)
    for (bool after_starttls : {false, true}) {
      Met met = meet(row.value, {.after_starttls = after_starttls});
      ASSERT_FALSE(met.handshake) << to_string(row.value);
      EXPECT_EQ(met.handshake.error().reason, to_string(row.value)) << met.handshake.error().message;
      EXPECT_EQ(met.handshake.error().code, row.code) << met.handshake.error().message;
      EXPECT_THAT(met.handshake.error().message, HasSubstr(row.said));
      EXPECT_THAT(met.handshake.error().message, HasSubstr(std::string(advice(row.value))));
      EXPECT_NE(met.server, "") << to_string(row.value);
    }
  EXPECT_EQ(std::size(rows) + 2, certificate_class_names().size()) << "all but truncated and other";
}

TEST(CertificateFactory, TruncatedIsAnEndWithoutCloseNotify) {
  for (bool after_starttls : {false, true}) {
    Met met = meet(CertificateClass::truncated, {.after_starttls = after_starttls});
    EXPECT_TRUE(met.handshake);
    EXPECT_EQ(met.end.code, Errc::truncated);
    EXPECT_EQ(met.end.reason, "truncated");
  }
}

TEST(CertificateFactory, ClassesHoldForAddressesToo) {
  for (const Row& row : rows) {
    Met met = meet(row.value, {.host = "::1"});
    ASSERT_FALSE(met.handshake) << to_string(row.value);
    EXPECT_EQ(met.handshake.error().reason, to_string(row.value)) << met.handshake.error().message;
  }
}

TEST(CertificateFactory, ClassesHoldWhateverTheDate) {
  for (const char* when : {"1970-03-01T00:00:00Z", "2014-12-31T23:59:00Z", "2049-12-31T12:00:00Z",
                           "2050-01-01T12:00:00Z", "2199-06-01T00:00:00Z"})
    for (const Row& row : rows) {
      Met met = meet(row.value, {.when = at(when)});
      ASSERT_FALSE(met.handshake) << to_string(row.value) << when;
      EXPECT_EQ(met.handshake.error().reason, to_string(row.value)) << when << met.handshake.error().message;
    }
}

TEST(CertificateFactory, ARootThatIsSentIsStillUnknown) {
  CertificateRequest request{.hosts = hosts, .at = at(now), .send_root = true};
  auto shown = CertificateFactory().server_context(CertificateClass::unknown_issuer, request).value();
  Met met = meet(CertificateClass::unknown_issuer, shown);
  EXPECT_EQ(met.handshake.error().reason, "unknown-issuer");
  EXPECT_THAT(met.handshake.error().message,
              HasSubstr("self-signed certificate in certificate chain (OpenSSL 19 at depth 2)"));
  EXPECT_TRUE(meet({}, CertificateFactory().server_context({}, request).value()).handshake);
}

TEST(CertificateFactory, TheStoryCanSayFromWhenAndUntilWhen) {
  CertificateRequest request{
      .hosts = hosts, .at = at(now), .from = at("2014-06-02T08:00:00Z"), .until = at("2014-06-02T10:00:00Z")};
  auto shown = CertificateFactory().server_context({}, request).value();
  EXPECT_EQ(meet({}, shown, {.when = at("2014-06-02T07:59:59Z") - 10ms}).handshake.error().reason, "not-yet-valid");
  EXPECT_TRUE(meet({}, shown, {.when = at("2014-06-02T08:00:00Z")}).handshake);
  EXPECT_TRUE(meet({}, shown, {.when = at("2014-06-02T09:59:59Z")}).handshake);
  EXPECT_EQ(meet({}, shown, {.when = at("2014-06-02T10:00:01Z")}).handshake.error().reason, "expired");
}

TEST(CertificateFactory, WithoutTheListARevokedCertificateIsTaken) {
  const CertificateFactory factory;
  auto shown = factory.server_context(CertificateClass::revoked, {.hosts = hosts, .at = at(now)}).value();
  auto roots_only = make_tls_client({.ca_pem = factory.root_pem()}).value();
  SimPair pair;
  pair.run(
      [&](std::unique_ptr<Stream> below) -> Task<void> {
        std::unique_ptr<Stream> stream = with_tls(std::move(below), roots_only, "pop.isp.test", pair.calendar);
        Status status = co_await stream->start_tls(never);
        EXPECT_TRUE(status) << (status ? "" : status.error().message);
      },
      [&](std::unique_ptr<Stream> below) -> Task<void> {
        std::unique_ptr<Stream> stream = with_tls(std::move(below), shown);
        Status status = co_await stream->start_tls(never);
        EXPECT_TRUE(status);
      });
}

TEST(CertificateFactory, AnIssuerThatMayNotSignIsToldFromOneThatIsMissing) {
  const Extensions server{{NID_basic_constraints, "critical,CA:FALSE"},
                          {NID_key_usage, "critical,digitalSignature"},
                          {NID_subject_alt_name, "DNS:pop.isp.test"}};
  const Extensions authority{{NID_basic_constraints, "critical,CA:TRUE"}, {NID_key_usage, "critical,keyCertSign"}};
  KeyPtr key = make_ec_key();
  auto sign = [&](const char* name, const Extensions& extensions, X509* issuer) {
    CertificatePlan plan{.subject = name,
                         .from = at("2014-01-01T00:00:00Z"),
                         .until = at("2015-01-01T00:00:00Z"),
                         .extensions = extensions};
    return sign_certificate(plan, key.get(), issuer, key.get()).value();
  };
  X509Ptr root = sign("root", authority, nullptr);
  X509Ptr pretender = sign("www.isp.test", server, root.get());
  X509Ptr leaf = sign("pop.isp.test", server, pretender.get());
  auto trust = make_tls_client({.ca_pem = to_pem(root.get())}).value();
  for (auto [chain, reason, number] :
       {std::tuple{to_pem(leaf.get()) + to_pem(pretender.get()), "invalid-ca", "OpenSSL 79"},
        std::tuple{to_pem(leaf.get()), "incomplete-chain", "OpenSSL 20"}}) {
    auto shown = make_tls_server({.identity = {chain, to_pem(key.get())}}).value();
    SimPair pair({}, at(now));
    Error error;
    pair.run(
        [&](std::unique_ptr<Stream> below) -> Task<void> {
          std::unique_ptr<Stream> stream = with_tls(std::move(below), trust, "pop.isp.test", pair.calendar);
          Status status = co_await stream->start_tls(never);
          error = status.error();
        },
        [&](std::unique_ptr<Stream> below) -> Task<void> {
          std::unique_ptr<Stream> stream = with_tls(std::move(below), shown);
          Status status = co_await stream->start_tls(never);
          EXPECT_FALSE(status);
        });
    EXPECT_EQ(error.reason, reason);
    EXPECT_THAT(error.message, HasSubstr(number));
  }
}

TEST(CertificateFactory, AnAddressThatStandsAsANameIsToldAsSuch) {
  KeyPtr key = make_ec_key();
  CertificatePlan plan{.subject = "127.0.0.1", .from = at("2014-01-01T00:00:00Z"), .until = at("2015-01-01T00:00:00Z")};
  plan.extensions = {{NID_subject_alt_name, "DNS:127.0.0.1"}};
  X509Ptr leaf = sign_certificate(plan, key.get(), nullptr, key.get()).value();
  auto shown = make_tls_server({.identity = {to_pem(leaf.get()), to_pem(key.get())}}).value();
  auto trust = make_tls_client({.ca_pem = to_pem(leaf.get())}).value();
  SimPair pair({}, at(now));
  Error error;
  pair.run(
      [&](std::unique_ptr<Stream> below) -> Task<void> {
        std::unique_ptr<Stream> stream = with_tls(std::move(below), trust, "127.0.0.1", pair.calendar);
        Status status = co_await stream->start_tls(never);
        error = status.error();
      },
      [&](std::unique_ptr<Stream> below) -> Task<void> {
        std::unique_ptr<Stream> stream = with_tls(std::move(below), shown);
        Status status = co_await stream->start_tls(never);
        EXPECT_FALSE(status);
      });
  EXPECT_EQ(error.reason, "wrong-host");
  EXPECT_THAT(error.message, HasSubstr("(OpenSSL 64); it is for 127.0.0.1 (as a DNS name, not as an address). "));
}

TEST(CertificateFactory, WhatWasMadeOnceIsMadeNoMore) {
  const CertificateFactory one;
  const CertificateFactory other;
  CertificateRequest morning{.hosts = hosts, .at = at("2014-06-02T00:00:00Z")};
  CertificateRequest evening{.hosts = hosts, .at = at("2014-06-02T23:59:59Z")};
  CertificateRequest tomorrow{.hosts = hosts, .at = at("2014-06-03T00:00:00Z")};
  CertificateRequest elsewhere{.hosts = {"pop.isp.test"}, .at = at("2014-06-02T00:00:00Z")};
  auto chain = [](const CertificateFactory& shop, CertificateFault fault, const CertificateRequest& request) {
    return shop.make(fault, request).value().identity.chain_pem;
  };
  EXPECT_EQ(chain(one, {}, morning), chain(other, {}, evening));
  EXPECT_NE(chain(one, {}, morning), chain(one, {}, tomorrow));
  EXPECT_NE(chain(one, {}, morning), chain(one, {}, elsewhere));
  EXPECT_NE(chain(one, {}, morning), chain(one, CertificateClass::expired, morning));
  EXPECT_EQ(one.server_context({}, morning).value(), other.server_context({}, evening).value());
  EXPECT_NE(one.server_context({}, morning).value(), other.server_context({}, tomorrow).value());
  EXPECT_EQ(one.client_context().value(), other.client_context().value());
  EXPECT_EQ(one.root_pem(), other.trust().ca_pem);
  EXPECT_EQ(one.crl_pem(), other.trust().crl_pem);
}

TEST(CertificateFactory, ServesSeveralThreads) {
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([i] {
      for (int day = 0; day < 20; ++day) {
        CertificateRequest request{.hosts = {"pop.isp.test"}, .at = at(now) + day % 5 * 24h * (i % 2 + 1)};
        EXPECT_TRUE(CertificateFactory().server_context(rows[static_cast<std::size_t>(day) % 16].value, request));
        EXPECT_TRUE(CertificateFactory().client_context());
      }
    });
  for (std::thread& thread : threads) thread.join();
}

TEST(CertificateFactory, WhatCannotBeMadeIsAnErrorOfTheUser) {
  auto message = [](CertificateFault fault, std::vector<std::string> names) {
    Result<TlsServerSettings> made = CertificateFactory().make(fault, {.hosts = std::move(names), .at = at(now)});
    EXPECT_FALSE(made);
    if (made) return std::string();
    EXPECT_EQ(made.error().code, Errc::bad_input);
    return made.error().message;
  };
  EXPECT_THAT(message({}, {}), HasSubstr("at least one name"));
  EXPECT_THAT(message({}, {"pop.isp.test", "a,DNS:evil.test"}), HasSubstr("\"a,DNS:evil.test\" is neither"));
  EXPECT_THAT(message({}, {""}), HasSubstr("is neither"));
  EXPECT_THAT(message(CertificateClass::other, {"pop.isp.test"}), HasSubstr("\"other\""));
}

TEST(CertificateFactory, KindsAreReadByName) {
  EXPECT_EQ(parse_certificate_fault("good").value(), CertificateFault{});
  EXPECT_EQ(parse_certificate_fault("expired").value(), CertificateClass::expired);
  EXPECT_EQ(parse_certificate_fault("truncated").value(), CertificateClass::truncated);
  EXPECT_EQ(parse_certificate_fault("expird").error().message,
            "\"expird\" is no kind of certificate; did you mean \"expired\"?");
  EXPECT_EQ(parse_certificate_fault("qqqqqqqqqqqqqqqq").error().message,
            "\"qqqqqqqqqqqqqqqq\" is no kind of certificate; \"good\" is one");
  EXPECT_FALSE(parse_certificate_fault("other"));
  EXPECT_EQ(to_string(CertificateFault{}), "good");
  EXPECT_EQ(to_string(CertificateFault{CertificateClass::weak_key}), "weak-key");
}

TEST(CertificateFactory, ResumptionIsNoMatterOfTheCertificate) {
  const Instant at = parse_instant("2014-06-02T09:00:00Z").value();
  const CertificateFactory factory;
  const TlsServerSettings usual = factory.make({}, {.hosts = {"pop.isp.test"}, .at = at}).value();
  const TlsServerSettings declines =
      factory.make({}, {.hosts = {"pop.isp.test"}, .at = at, .resumption = SessionResumption::declined}).value();
  EXPECT_EQ(usual.resumption, SessionResumption::accepted);
  EXPECT_EQ(declines.resumption, SessionResumption::declined);
  EXPECT_EQ(usual.identity.chain_pem, declines.identity.chain_pem);
  EXPECT_NE(factory.server_context({}, {.hosts = {"pop.isp.test"}, .at = at}).value(),
            factory.server_context({}, {.hosts = {"pop.isp.test"}, .at = at, .resumption = SessionResumption::declined})
                .value());
}

}  // namespace
}  // namespace mailrig::fakeservers
