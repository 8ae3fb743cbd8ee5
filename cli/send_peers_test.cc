// `mailrig send` against a real Exim and a real Postfix, and the way back through Dovecot.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/testing/peers.h"

namespace mailrig::cli {
namespace {

using testing::all_in;
using testing::Dovecot;
using testing::Exim;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::PeerLab;
using testing::Postfix;
using testing::put;
using testing::Ran;
using testing::to_text;

/// With all that the servers would add, so that they leave it alone.
std::string message(const std::string& subject, const std::string& body) {
  return "From: anna@peer.test\r\nTo: anna@peer.test\r\nDate: Mon, 2 Jun 2014 09:00:00 +0000\r\nMessage-ID: <" +
         subject + "@peer.test>\r\nSubject: " + subject + "\r\n\r\n" + body;
}
std::string with_lf(std::string text) {
  std::erase(text, '\r');
  return text;
}

/// What both servers are asked; they differ in how they say no.
struct SendTest : ::testing::Test {
  virtual std::string plain() const = 0;
  virtual std::string implicit() const = 0;
  virtual std::string peer_log() const = 0;

  Ran send(const std::string& server, const std::string& tls, const std::string& file,
           std::vector<std::string> to = {"anna@peer.test"}, const std::string& password = "password",
           const std::string& ca = "ca.pem") const {
    std::vector<std::string> words = {"send",         "--server", server,           "--tls",     tls,
                                      "--ca",         lab / ca,   "--user",         "anna",      "--password-file",
                                      lab / password, "--from",   "anna@peer.test", "--message", lab / file,
                                      "--to"};
    words.insert(words.end(), to.begin(), to.end());
    return lab.mailrig(words);
  }
  std::vector<std::string> delivered() const { return all_in(maildir + "/new"); }
  /// Delivery goes on behind the 250.
  void wait_for_delivery(std::size_t count) const {
    for (int i = 0; i < 500 && delivered().size() < count; ++i) ::poll(nullptr, 0, 20);
    EXPECT_EQ(delivered().size(), count) << peer_log();
  }

  void every_octet_in_every_tls_mode() {
    const std::vector<std::string> bodies = {"hello\r\n", ".\r\n..\r\n.x\r\nFrom me\r\n", "8-bit: \xc3\xbc\xff\r\n", "",
                                             "no end"};
    const std::pair<std::string, std::string> modes[] = {
        {plain(), "none"}, {plain(), "starttls"}, {implicit(), "implicit"}};
    std::size_t count = 0;
    for (const auto& [server, tls] : modes)
      for (const std::string& body : bodies) {
        put(lab / "message", message("m" + std::to_string(count), body));
        Ran ran = send(server, tls, "message");
        EXPECT_EQ(ran.code, 0) << to_text(ran);
        EXPECT_THAT(ran.out, HasSubstr("sent to anna@peer.test: 250 "));
        EXPECT_EQ(ran.err, "");
        wait_for_delivery(++count);
      }
    // A server adds its trace on top and keeps lines with LF.
    count = 0;
    const std::vector<std::string> found = delivered();
    for (std::size_t mode = 0; mode < 3; ++mode)
      for (const std::string& body : bodies) {
        std::string want = with_lf(message("m" + std::to_string(count++), body));
        if (!want.ends_with('\n')) want += '\n';
        EXPECT_EQ(
            std::count_if(found.begin(), found.end(), [&](const std::string& text) { return text.ends_with(want); }), 1)
            << want;
      }
  }

  void lone_line_ends_become_crlf() {
    put(lab / "message", with_lf(message("lf", "a\nb\n.\nc\n")));
    EXPECT_EQ(send(plain(), "starttls", "message").code, 0);
    wait_for_delivery(1);
    EXPECT_THAT(delivered().at(0), ::testing::EndsWith("Subject: lf\n\na\nb\n.\nc\n"));
  }

  void a_wrong_ca_is_refused_with_nothing_said() {
    put(lab / "message", message("secret", "this must not be seen\r\n"));
    for (const auto& [server, tls] : {std::pair(plain(), "starttls"), std::pair(implicit(), "implicit")}) {
      Ran ran = send(server, tls, "message", {"anna@peer.test"}, "password", "other-ca.pem");
      EXPECT_EQ(ran.code, 1) << to_text(ran);
      EXPECT_THAT(ran.err, HasSubstr("--ca FILE")) << tls;
      EXPECT_EQ(ran.out, "");
    }
    EXPECT_THAT(delivered(), IsEmpty());
  }

  void a_wrong_password_is_told() {
    put(lab / "message", message("m", "x\r\n"));
    Ran ran = send(plain(), "starttls", "message", {"anna@peer.test"}, "wrong-password");
    EXPECT_EQ(ran.code, 1) << to_text(ran);
    EXPECT_THAT(ran.err, HasSubstr("login: 535 "));
    EXPECT_THAT(ran.err, HasSubstr("The user name or the password for sending is wrong"));
    EXPECT_THAT(ran.err, Not(HasSubstr("wr0ng")));
    EXPECT_THAT(delivered(), IsEmpty());
  }

  void whoever_is_refused_is_named_and_the_others_get_it() {
    put(lab / "message", message("m", "x\r\n"));
    Ran ran = send(plain(), "starttls", "message", {"nobody@peer.test", "anna@peer.test"});
    EXPECT_EQ(ran.code, 1) << to_text(ran);
    EXPECT_THAT(ran.out, HasSubstr("sent to anna@peer.test: 250 "));
    EXPECT_THAT(ran.err, HasSubstr("not sent to nobody@peer.test: 550 "));
    wait_for_delivery(1);
    Ran nobody = send(plain(), "starttls", "message", {"nobody@peer.test"});
    EXPECT_EQ(nobody.code, 1) << to_text(nobody);
    EXPECT_EQ(nobody.out, "");
  }

  void without_a_login_it_is_refused() const {
    put(lab / "message", message("m", "x\r\n"));
    Ran ran = lab.mailrig({"send", "--server", plain(), "--tls", "none", "--from", "anna@peer.test", "--to",
                           "anna@peer.test", "--message", lab / "message"});
    EXPECT_EQ(ran.code, 1) << to_text(ran);
    EXPECT_THAT(ran.err, HasSubstr("not sent to anna@peer.test: 5"));
  }

  void a_message_that_is_too_large_is_not_begun() {
    put(lab / "message", message("large", std::string(1'200'000, 'x') + "\r\n"));
    Ran ran = send(plain(), "none", "message");
    EXPECT_EQ(ran.code, 1) << to_text(ran);
    EXPECT_THAT(ran.err, HasSubstr("octets and the server takes 10"));
  }

  void the_wrong_encryption_is_told() {
    put(lab / "message", message("m", "x\r\n"));
    Ran tls_on_plain = send(plain(), "implicit", "message");
    EXPECT_EQ(tls_on_plain.code, 1) << to_text(tls_on_plain);
    EXPECT_THAT(tls_on_plain.err, HasSubstr("answered in clear where TLS was to begin: \"220 localhost ESMTP"));
    Ran plain_on_tls = lab.mailrig({"send", "--server", implicit(), "--tls", "none", "--from", "anna@peer.test", "--to",
                                    "anna@peer.test", "--message", lab / "message", "--timeout", "1s"});
    EXPECT_EQ(plain_on_tls.code, 1) << to_text(plain_on_tls);
    EXPECT_THAT(plain_on_tls.err, HasSubstr("--tls implicit"));
  }

  void the_transcript_is_masked() const {
    put(lab / "message", message("m", "x\r\n"));
    Ran ran = lab.mailrig({"send", "--server", plain(), "--tls", "starttls", "--ca", lab / "ca.pem", "--user", "anna",
                           "--password-file", lab / "password", "--from", "anna@peer.test", "--to", "anna@peer.test",
                           "--message", lab / "message", "--transcript", "-"});
    EXPECT_EQ(ran.code, 0) << to_text(ran);
    EXPECT_THAT(ran.out, HasSubstr(" smtp C: STARTTLS\n"));
    EXPECT_THAT(ran.out, HasSubstr(" smtp * TLS is up\n"));
    EXPECT_THAT(ran.out, HasSubstr(" smtp C: AUTH PLAIN <password>\n"));
    EXPECT_THAT(ran.out, Not(HasSubstr("s3cret")));
    EXPECT_THAT(ran.out, Not(HasSubstr("AGFubmEAczNjcmV0")));
  }

  PeerLab lab;
  Dovecot dovecot{lab};
  std::string maildir;
};

struct SendToExim : SendTest {
  SendToExim() { maildir = lab / "mail"; }
  void SetUp() override {
    exim = std::make_unique<Exim>(lab, maildir);
    if (!exim->missing().empty()) GTEST_SKIP() << exim->missing();
  }
  std::string plain() const override { return exim->plain(); }
  std::string implicit() const override { return exim->implicit(); }
  std::string peer_log() const override { return exim->log(); }
  std::unique_ptr<Exim> exim;
};

struct SendToPostfix : SendTest {
  SendToPostfix() { maildir = lab / "mail/Maildir"; }
  void SetUp() override {
    if (!dovecot.missing().empty()) GTEST_SKIP() << "Postfix asks Dovecot about passwords: " << dovecot.missing();
    postfix = std::make_unique<Postfix>(lab, dovecot, lab / "mail");
    if (!postfix->missing().empty()) GTEST_SKIP() << postfix->missing();
  }
  std::string plain() const override { return postfix->plain(); }
  std::string implicit() const override { return postfix->implicit(); }
  std::string peer_log() const override { return postfix->log(); }
  std::unique_ptr<Postfix> postfix;
};

TEST_F(SendToExim, EveryOctetInEveryTlsMode) { every_octet_in_every_tls_mode(); }
TEST_F(SendToExim, LoneLineEndsBecomeCrlf) { lone_line_ends_become_crlf(); }
TEST_F(SendToExim, AWrongCaIsRefusedWithNothingSaid) {
  a_wrong_ca_is_refused_with_nothing_said();
  EXPECT_THAT(peer_log(), Not(HasSubstr("anna")));
}
TEST_F(SendToExim, AWrongPasswordIsTold) { a_wrong_password_is_told(); }
TEST_F(SendToExim, WhoeverIsRefusedIsNamedAndTheOthersGetIt) { whoever_is_refused_is_named_and_the_others_get_it(); }
TEST_F(SendToExim, WithoutALoginItIsRefused) { without_a_login_it_is_refused(); }
TEST_F(SendToExim, AMessageThatIsTooLargeIsNotBegun) { a_message_that_is_too_large_is_not_begun(); }
TEST_F(SendToExim, TheWrongEncryptionIsTold) { the_wrong_encryption_is_told(); }
TEST_F(SendToExim, TheTranscriptIsMasked) { the_transcript_is_masked(); }

TEST_F(SendToPostfix, EveryOctetInEveryTlsMode) { every_octet_in_every_tls_mode(); }
TEST_F(SendToPostfix, LoneLineEndsBecomeCrlf) { lone_line_ends_become_crlf(); }
TEST_F(SendToPostfix, AWrongCaIsRefusedWithNothingSaid) {
  a_wrong_ca_is_refused_with_nothing_said();
  EXPECT_THAT(peer_log(), Not(HasSubstr("sasl_username")));
  EXPECT_THAT(peer_log(), Not(HasSubstr("from=<")));
}
TEST_F(SendToPostfix, AWrongPasswordIsTold) { a_wrong_password_is_told(); }
TEST_F(SendToPostfix, WhoeverIsRefusedIsNamedAndTheOthersGetIt) { whoever_is_refused_is_named_and_the_others_get_it(); }
TEST_F(SendToPostfix, WithoutALoginItIsRefused) { without_a_login_it_is_refused(); }
TEST_F(SendToPostfix, AMessageThatIsTooLargeIsNotBegun) { a_message_that_is_too_large_is_not_begun(); }
TEST_F(SendToPostfix, TheWrongEncryptionIsTold) { the_wrong_encryption_is_told(); }
TEST_F(SendToPostfix, TheTranscriptIsMasked) { the_transcript_is_masked(); }

TEST_F(SendToPostfix, WhatIsSentComesBackByPop3) {
  const std::string sent =
      message("round", ".dot\r\n..\r\nFrom me\r\n" + std::string(100'000, 'x') + "\r\n\xc3\xbc\r\n");
  put(lab / "message", sent);
  EXPECT_EQ(send(plain(), "starttls", "message").code, 0);
  wait_for_delivery(1);
  dovecot.deliver("anna", delivered().at(0));
  Ran fetched =
      lab.mailrig({"fetch", "--server", dovecot.implicit(), "--tls", "implicit", "--ca", lab / "ca.pem", "--user",
                   "anna", "--password-file", lab / "password", "--to", "eml:" + lab / "eml", "--delete"});
  EXPECT_EQ(fetched.code, 0) << to_text(fetched);
  ASSERT_EQ(all_in(lab / "eml").size(), 1U);
  EXPECT_TRUE(all_in(lab / "eml")[0].ends_with(sent));
  EXPECT_EQ(dovecot.kept("anna"), 0U);
}

struct SendAlone : ::testing::Test {
  PeerLab lab;
};

TEST_F(SendAlone, WhereNobodyListensItCannotBeReached) {
  put(lab / "message", message("m", "x\r\n"));
  Ran ran = lab.mailrig({"send", "--server", testing::at_localhost(PeerLab::free_port()), "--tls", "none", "--from",
                         "a@b", "--to", "c@d", "--message", lab / "message"});
  EXPECT_EQ(ran.code, 4) << to_text(ran);
  EXPECT_THAT(ran.err, HasSubstr("refused the connection: nothing listens there"));
}

TEST_F(SendAlone, WrongUsageIsTold) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> rows = {
      {{"send"}, "--server is missing"},
      {{"send", "--server", "x", "--tls", "none", "--from", "a", "--to", "b", "--message", "m"}, "--server"},
      {{"send", "--server", "x:1", "--tls", "stls", "--from", "a", "--to", "b", "--message", "m"},
       "did you mean starttls?"},
      {{"send", "--server", "x:1", "--tls", "none", "--user", "anna", "--from", "a", "--to", "b", "--message", "m"},
       "--password-file"},
      {{"send", "--server", "x:1", "--tls", "none", "--form", "a", "--to", "b", "--message", "m"},
       "did you mean --from?"},
      {{"fetch", "--server", "x:1", "--tls", "none", "--user", "a", "--password-file", "p", "--to", "mdir:x"},
       "is none of maildir:DIR"},
      {{"fetch", "--server", "x:1", "--tls", "none", "--user", "a", "--password-file", "p", "--to", "eml:x",
        "--timeout", "5"},
       "--timeout"},
  };
  for (const auto& [words, what] : rows) {
    Ran ran = lab.mailrig(words);
    EXPECT_EQ(ran.code, 2) << to_text(ran);
    EXPECT_THAT(ran.err, HasSubstr(what));
    EXPECT_EQ(ran.out, "");
  }
  Ran message = lab.mailrig(
      {"send", "--server", "localhost:1", "--tls", "none", "--from", "a", "--to", "b", "--message", lab / "none"});
  EXPECT_EQ(message.code, 4) << to_text(message);
}

}  // namespace
}  // namespace mailrig::cli
