// `mailrig fetch` against a real Dovecot.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "cli/testing/peers.h"

namespace mailrig::cli {
namespace {

using testing::all_in;
using testing::Child;
using testing::contents;
using testing::Dovecot;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::Not;
using testing::PeerLab;
using testing::put;
using testing::Ran;
using testing::to_text;
using ::testing::UnorderedElementsAre;
using ::testing::UnorderedElementsAreArray;

struct FetchFromDovecot : ::testing::Test {
  void SetUp() override {
    if (!dovecot.missing().empty()) GTEST_SKIP() << dovecot.missing();
    for (const std::string& message : messages) dovecot.deliver("anna", message);
  }

  Ran fetch(const std::string& server, const std::string& tls, const std::string& to,
            std::vector<std::string> more = {}) {
    std::vector<std::string> words = {"fetch",          "--server",     server,   "--tls", tls,
                                      "--ca",           lab / "ca.pem", "--user", "anna",  "--password-file",
                                      lab / "password", "--to",         to};
    words.insert(words.end(), more.begin(), more.end());
    return lab.mailrig(words);
  }
  /// Nobody has tried to log in, so nothing that is secret has been said.
  void expect_no_login() {
    EXPECT_THAT(dovecot.log(), Not(HasSubstr("Login:")));
    EXPECT_THAT(dovecot.log(), Not(HasSubstr("user=<anna>")));
  }

  const std::vector<std::string> messages = {
      "Subject: plain\r\n\r\nhello\r\n", "Subject: dots\r\n\r\n.\r\n..\r\n.x\r\n",
      "Subject: from\r\n\r\nFrom me\r\n>From you\r\n\r\nFrom \r\n", "Subject: 8bit\r\n\r\n\xc3\xbc \xff\r\n",
      "Subject: long\r\n\r\n" + std::string(200'000, 'x') + "\r\n"};
  PeerLab lab;
  Dovecot dovecot{lab};
};

TEST_F(FetchFromDovecot, EveryOctetInEveryTlsMode) {
  const std::pair<std::string, std::string> modes[] = {
      {dovecot.plain(), "none"}, {dovecot.plain(), "stls"}, {dovecot.implicit(), "implicit"}};
  for (const auto& [server, tls] : modes) {
    Ran maildir = fetch(server, tls, "maildir:" + lab / (tls + ".maildir"));
    EXPECT_EQ(maildir.code, 0) << to_text(maildir);
    EXPECT_THAT(maildir.out, HasSubstr("5 messages fetched into maildir:"));
    EXPECT_EQ(maildir.err, "");
    EXPECT_THAT(all_in(lab / (tls + ".maildir/new")), UnorderedElementsAreArray(messages)) << tls;
    Ran eml = fetch(server, tls, "eml:" + lab / (tls + ".eml"));
    EXPECT_EQ(eml.code, 0) << to_text(eml);
    EXPECT_EQ(all_in(lab / (tls + ".eml")), messages) << tls;
    Ran mbox = fetch(server, tls, "mbox:" + lab / (tls + ".mbox"));
    EXPECT_EQ(mbox.code, 0) << to_text(mbox);
  }
  EXPECT_EQ(dovecot.kept("anna"), 5U);
}

TEST_F(FetchFromDovecot, AnMboxIsReadByPython) {
  if (!std::filesystem::exists("/usr/bin/python3")) GTEST_SKIP() << "python3 is not installed";
  EXPECT_EQ(fetch(dovecot.plain(), "none", "mbox:" + lab / "mb").code, 0);
  put(lab / "read.py",
      "import sys, re\n"
      "data = open(sys.argv[1], 'rb').read()\n"
      "parts = re.split(rb'(?m)^From mailrig-[0-9a-f]+-[0-9]+ .*\\n', data)[1:]\n"
      "for number, part in enumerate(parts):\n"
      "    assert part.endswith(b'\\n')\n"
      "    open(sys.argv[2] + '.%d' % number, 'wb').write(re.sub(rb'(?m)^>(>*From )', rb'\\1', part[:-1]))\n"
      "import mailbox\n"
      "print(len(mailbox.mbox(sys.argv[1])), len(parts))\n");
  Ran python = testing::run({"/usr/bin/python3", lab / "read.py", lab / "mb", lab / "message"});
  EXPECT_EQ(python.out, "5 5\n") << to_text(python);
  for (std::size_t i = 0; i < messages.size(); ++i)
    EXPECT_EQ(contents(lab / ("message." + std::to_string(i))), messages[i]);
}

TEST_F(FetchFromDovecot, TheSecondFetchBringsOnlyWhatIsNew) {
  for (const char* kind : {"maildir:", "eml:", "mbox:"}) {
    const std::string to = kind + lab / (std::string("second.") + kind[1]);
    EXPECT_EQ(fetch(dovecot.plain(), "none", to).code, 0);
    Ran again = fetch(dovecot.plain(), "none", to);
    EXPECT_EQ(again.code, 0);
    EXPECT_THAT(again.out, HasSubstr("0 messages fetched into "));
    EXPECT_THAT(again.out, HasSubstr("5 known already"));
  }
  dovecot.deliver("anna", "Subject: new\r\n\r\nnew\r\n");
  Ran third = fetch(dovecot.plain(), "none", "eml:" + lab / "other");
  Ran fourth = fetch(dovecot.plain(), "none", "eml:" + lab / "second.m");
  EXPECT_THAT(third.out, HasSubstr("6 messages fetched"));  // another target has state of its own
  EXPECT_THAT(fourth.out, HasSubstr("1 message fetched"));
  EXPECT_EQ(all_in(lab / "second.m").size(), 6U);
  EXPECT_TRUE(std::filesystem::exists(lab / ".mailrig-state"));
}

TEST_F(FetchFromDovecot, DeleteReallyDeletes) {
  Ran ran = fetch(dovecot.implicit(), "implicit", "maildir:" + lab / "md", {"--delete"});
  EXPECT_EQ(ran.code, 0) << to_text(ran);
  EXPECT_THAT(ran.out, HasSubstr("5 deleted from the server"));
  EXPECT_EQ(dovecot.kept("anna"), 0U);
  EXPECT_THAT(all_in(lab / "md/new"), UnorderedElementsAreArray(messages));
  EXPECT_THAT(fetch(dovecot.implicit(), "implicit", "maildir:" + lab / "md", {"--delete"}).out,
              HasSubstr("0 messages fetched"));
}

TEST_F(FetchFromDovecot, WhatWasFetchedBeforeIsDeletedWhenAskedFor) {
  EXPECT_EQ(fetch(dovecot.plain(), "none", "maildir:" + lab / "md").code, 0);
  EXPECT_EQ(dovecot.kept("anna"), 5U);
  Ran ran = fetch(dovecot.plain(), "none", "maildir:" + lab / "md", {"--delete"});
  EXPECT_THAT(ran.out, HasSubstr("0 messages fetched into"));
  EXPECT_THAT(ran.out, HasSubstr("5 deleted from the server"));
  EXPECT_EQ(dovecot.kept("anna"), 0U);
}

TEST_F(FetchFromDovecot, AWrongCaIsRefusedWithNothingSaid) {
  for (const auto& [server, tls] : {std::pair(dovecot.implicit(), "implicit"), std::pair(dovecot.plain(), "stls")}) {
    Ran ran = lab.mailrig({"fetch", "--server", server, "--tls", tls, "--ca", lab / "other-ca.pem", "--user", "anna",
                           "--password-file", lab / "password", "--to", "eml:" + lab / "eml"});
    EXPECT_EQ(ran.code, 1) << to_text(ran);
    EXPECT_THAT(ran.err, HasSubstr("--ca FILE")) << tls;
    EXPECT_THAT(all_in(lab / "eml"), IsEmpty());
  }
  Ran system_roots = lab.mailrig({"fetch", "--server", dovecot.implicit(), "--tls", "implicit", "--user", "anna",
                                  "--password-file", lab / "password", "--to", "eml:" + lab / "eml"});
  EXPECT_EQ(system_roots.code, 1) << to_text(system_roots);
  expect_no_login();
}

TEST_F(FetchFromDovecot, AWrongHostNameIsRefused) {
  std::string server = dovecot.implicit();
  server.replace(0, 9, "127.0.0.1");
  Ran ran = fetch(server, "implicit", "eml:" + lab / "eml");
  EXPECT_EQ(ran.code, 1) << to_text(ran);
  EXPECT_THAT(ran.err, HasSubstr("127.0.0.1"));
  EXPECT_THAT(ran.err, HasSubstr("localhost"));
  expect_no_login();
}

TEST_F(FetchFromDovecot, AWrongPasswordIsTold) {
  Ran ran = lab.mailrig({"fetch", "--server", dovecot.plain(), "--tls", "stls", "--ca", lab / "ca.pem", "--user",
                         "anna", "--password-file", lab / "wrong-password", "--to", "eml:" + lab / "eml"});
  EXPECT_EQ(ran.code, 1) << to_text(ran);
  EXPECT_THAT(ran.err, HasSubstr("[AUTH] Authentication failed."));
  EXPECT_THAT(ran.err, HasSubstr("The user name or the password is wrong"));
  EXPECT_THAT(ran.err, Not(HasSubstr("wr0ng")));
  EXPECT_EQ(ran.out, "");
}

TEST_F(FetchFromDovecot, TheWrongEncryptionIsTold) {
  Ran tls_on_plain = fetch(dovecot.plain(), "implicit", "eml:" + lab / "eml");
  EXPECT_EQ(tls_on_plain.code, 1) << to_text(tls_on_plain);
  EXPECT_THAT(tls_on_plain.err, HasSubstr("answered in clear where TLS was to begin: \"+OK Dovecot"));
  for (const char* tls : {"none", "stls"}) {
    Ran plain_on_tls = fetch(dovecot.implicit(), tls, "eml:" + lab / "eml", {"--timeout", "1s"});
    EXPECT_EQ(plain_on_tls.code, 1) << to_text(plain_on_tls);
    EXPECT_THAT(plain_on_tls.err, HasSubstr("use --tls implicit"));
  }
  expect_no_login();
}

TEST_F(FetchFromDovecot, WhereNobodyListensItCannotBeReached) {
  Ran ran = fetch(testing::at_localhost(PeerLab::free_port()), "implicit", "eml:" + lab / "eml");
  EXPECT_EQ(ran.code, 4) << to_text(ran);
  EXPECT_THAT(ran.err, HasSubstr("refused the connection"));
}

TEST_F(FetchFromDovecot, AFileThatCannotBeUsedIsNamedBeforeAnybodyIsCalled) {
  Ran password = lab.mailrig({"fetch", "--server", dovecot.plain(), "--tls", "none", "--user", "anna",
                              "--password-file", lab / "no-such-file", "--to", "eml:" + lab / "eml"});
  EXPECT_EQ(password.code, 4) << to_text(password);
  EXPECT_THAT(password.err, HasSubstr("no-such-file: No such file or directory"));
  Ran target = fetch(dovecot.plain(), "none", "maildir:" + lab / "password/below");
  EXPECT_EQ(target.code, 4) << to_text(target);
  EXPECT_THAT(target.err, HasSubstr("a part of the path is a file"));
  Ran ca = lab.mailrig({"fetch", "--server", dovecot.plain(), "--tls", "stls", "--ca", lab / "password", "--user",
                        "anna", "--password-file", lab / "password", "--to", "eml:" + lab / "eml"});
  EXPECT_NE(ca.code, 0) << to_text(ca);
  EXPECT_THAT(ca.err, Not(HasSubstr("s3cret")));
  Ran transcript = fetch(dovecot.plain(), "none", "eml:" + lab / "eml", {"--transcript", lab / "password/x"});
  EXPECT_EQ(transcript.code, 4) << to_text(transcript);
  expect_no_login();
}

TEST_F(FetchFromDovecot, TheTranscriptIsWhatSupportAsksFor) {
  Ran ran = fetch(dovecot.plain(), "stls", "eml:" + lab / "eml", {"--transcript", lab / "transcript"});
  EXPECT_EQ(ran.code, 0) << to_text(ran);
  const std::string transcript = contents(lab / "transcript");
  EXPECT_THAT(transcript, HasSubstr(" pop3 * connecting to localhost:"));
  EXPECT_THAT(transcript, HasSubstr(" pop3 C: STLS\n"));
  EXPECT_THAT(transcript, HasSubstr(" pop3 * TLS is up\n"));
  EXPECT_THAT(transcript, HasSubstr(" pop3 C: PASS <password>\n"));
  EXPECT_THAT(transcript, HasSubstr(" pop3 S: <25 octets, sha256 "));
  EXPECT_THAT(transcript, HasSubstr(" pop3 C: QUIT\n"));
  EXPECT_THAT(transcript, Not(HasSubstr("s3cret")));
  EXPECT_THAT(transcript.substr(0, transcript.find('\n')), MatchesRegex("\\+[0-9]+\\.[0-9]{3}s pop3 .*"));
  Ran out = fetch(dovecot.plain(), "none", "eml:" + lab / "eml", {"--transcript", "-"});
  EXPECT_THAT(out.out, HasSubstr(" pop3 C: PASS <password>\n"));
}

TEST_F(FetchFromDovecot, KilledAnywhereItLosesNothingAndDoublesNothing) {
  std::vector<std::string> all = messages;
  for (int i = 0; i < 400; ++i) {
    all.push_back("Subject: " + std::to_string(i) + "\r\n\r\n" + std::string(5'000, 'y') + "\r\n");
    dovecot.deliver("anna", all.back());
  }
  std::sort(all.begin(), all.end());
  for (const char* kind : {"maildir:", "eml:", "mbox:"}) {
    const std::string to = lab / (std::string("killed.") + kind[1]);
    const std::vector<std::string> command = {MAILRIG_BINARY_DIR "/mailrig",
                                              "fetch",
                                              "--server",
                                              dovecot.plain(),
                                              "--tls",
                                              "none",
                                              "--user",
                                              "anna",
                                              "--password-file",
                                              lab / "password",
                                              "--to",
                                              kind + to};
    int killed = 0;
    for (int milliseconds = 8; milliseconds < 400; milliseconds += milliseconds / 3) {
      Child child(command, lab / "killed.out");
      if (child.wait(std::chrono::milliseconds(milliseconds)) >= 0) break;
      child.kill(SIGKILL);
      const int how = child.wait(testing::process_patience);
      if (how == 0) break;  // it ended between the look and the signal
      EXPECT_EQ(how, 128 + SIGKILL);
      ++killed;
    }
    EXPECT_GT(killed, 0);
    Ran last = testing::run(command);
    EXPECT_EQ(last.code, 0) << to_text(last);
    std::vector<std::string> found = all_in(std::string(kind) == "maildir:" ? to + "/new" : to);
    if (std::string(kind) == "mbox:") {
      const std::string file = contents(to);
      std::size_t count = 0;
      for (std::size_t at = file.find("From mailrig-"); at != std::string::npos;
           at = file.find("\nFrom mailrig-", at + 1))
        ++count;
      EXPECT_EQ(count, all.size());
    } else {
      std::sort(found.begin(), found.end());
      EXPECT_EQ(found.size(), all.size()) << kind;
      EXPECT_TRUE(found == all) << kind;
    }
  }
}

}  // namespace
}  // namespace mailrig::cli
