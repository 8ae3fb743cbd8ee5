// Whatever a peer sends to any personality: the session stays within its bounds, answers in whole lines, and ends.

#include <gtest/gtest.h>

#include "base/prng.h"
#include "fakeservers/testing/pop3_desk.h"

namespace mailrig::fakeservers {
namespace {

using testing::Pop3Desk;

/// Pieces of a dialogue and of none, so that garbage reaches every state.
std::string garbage(Prng& prng, std::size_t octets) {
  static constexpr std::string_view words[] = {
      "USER ann\r\n",
      "PASS pw\r\n",
      "CAPA\r\n",
      "STAT\r\n",
      "LIST\r\n",
      "LIST ",
      "UIDL\r\n",
      "RETR ",
      "TOP 1 ",
      "DELE 1\r\n",
      "RSET\r\n",
      "NOOP\n",
      "LAST\r\n",
      "AUTH PLAIN\r\n",
      "AUTH LOGIN\r\n",
      "AUTH XOAUTH2 ",
      "AGFubgBwdw==\r\n",
      "*\r\n",
      "STLS\r\n",
      "1",
      "2 3",
      "99999999999999999999",
      "-1",
      "\r\n",
      "\n",
      "\r",
      " ",
      ".",
      "recent:",
  };
  std::string bytes;
  while (bytes.size() < octets) {
    if (prng.below(4) > 0)
      bytes += words[prng.below(std::size(words))];
    else
      bytes += static_cast<char>(prng.below(256));
  }
  return bytes;
}

TEST(Garbage, NeverTakesASessionOutOfItsBounds) {
  for (std::string_view personality : {"generic", "dovecot", "gmail", "exchange2003", "office365"}) {
    Prng prng = Prng(7).fork(personality);
    for (int round = 0; round < 60; ++round) {
      Pop3Desk desk(
          R"({"personality": ")" + std::string(personality) +
          R"(", "tls": "starttls", "mailboxes": {"ann": {"password": "pw", "messages": ["Subject: a\r\n\r\n.b\r\n", "c"]}}})");
      ASSERT_EQ(desk.refusal, "");
      std::unique_ptr<Session> session = desk.open();
      std::string said = desk.take(*session);
      std::string bytes = garbage(prng, 3000);
      for (std::size_t at = 0; at < bytes.size() && !desk.over;) {
        std::size_t length = std::min<std::size_t>(1 + prng.below(50), bytes.size() - at);
        session->on_bytes(std::string_view(bytes).substr(at, length));
        at += length;
        said += desk.take(*session);
      }
      if (!desk.over) {
        session->on_error({Errc::timed_out, "the peer is half open"});
        said += desk.take(*session);
      }
      EXPECT_TRUE(desk.over);
      EXPECT_TRUE(said.ends_with("\r\n"))
          << personality << ": " << said.substr(said.size() - std::min<std::size_t>(said.size(), 100));
      EXPECT_EQ(desk.see({"connections"}), Value(1));
    }
  }
}

TEST(Garbage, AGigabyteWithoutALineEnd) {
  for (std::string_view personality : {"generic", "dovecot", "gmail", "exchange2013"}) {
    Pop3Desk desk(R"({"personality": ")" + std::string(personality) + R"("})");
    std::unique_ptr<Session> session = desk.open();
    desk.take(*session);
    const std::string chunk(64 * 1024, '\0');
    std::size_t taken = 0;
    std::string said;
    while (!desk.over && taken < 1'000'000'000) {
      session->on_bytes(chunk);
      taken += chunk.size();
      said += desk.take(*session);
    }
    EXPECT_EQ(taken, chunk.size()) << personality;
    EXPECT_TRUE(said.starts_with("-ERR ")) << personality;
    EXPECT_EQ(desk.ending, "orderly");
  }
}

TEST(Garbage, SecretsNeverReachTheTranscript) {
  // Passwords in every place where a client may put one.
  for (std::string_view wire :
       {"PASS hunter2\r\n", "pass hunter2\r\n", "USER ann\r\nPASS hunter2\r\n", "AUTH PLAIN AGFubgBodW50ZXIy\r\n",
        "AUTH PLAIN\r\nAGFubgBodW50ZXIy\r\n", "AUTH LOGIN\r\nYW5u\r\naHVudGVyMg==\r\n",
        "auth login YW5u\r\naHVudGVyMg==\r\n", "hunter2\r\n", "PASSWORD hunter2\r\n", "AUTH hunter2\r\n",
        "AUTH PLAIN hunter2\r\n", "USER ann\r\nPASS wrong hunter2\r\n", "LOGIN ann hunter2\r\n",
        "USER ann\r\nPASS pw\r\nPASS hunter2\r\nAUTH PLAIN aHVudGVyMg==\r\n"}) {
    for (std::string_view personality : {"generic", "dovecot", "gmail", "exchange2013"}) {
      Pop3Desk desk(
          R"({"personality": ")" + std::string(personality) +
          R"(", "texts": {"unknown_command": "-ERR no {argument}"}, "mailboxes": {"ann": {"password": "pw"}}})");
      desk.talk(wire);
      std::string all = to_json(desk.see({"sessions", "0", "commands"}), 100'000);
      for (const std::string& line : desk.rig.lines()) all += line + "\n";
      for (std::string_view secret : {"hunter2", "HUNTER2", "AGFubgBodW50ZXIy", "aHVudGVyMg"})
        EXPECT_EQ(all.find(secret), std::string::npos) << personality << ": " << wire << "\n" << all;
    }
  }
}

}  // namespace
}  // namespace mailrig::fakeservers
