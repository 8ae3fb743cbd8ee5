// The same several hundred lines to a real Dovecot and to the fake one, reply by reply. Left out are the time that a
// reply takes (both are told not to delay failed logins), stamps, and the name in the greeting.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "cli/testing/peers.h"
#include "fakeservers/testing/dovecot_record.h"

namespace mailrig::cli {
namespace {

using fakeservers::testing::dovecot_messages;
using fakeservers::testing::dovecot_record;
using testing::Child;
using testing::contents;
using testing::Dovecot;
using testing::PeerLab;
using testing::put;
using testing::Ran;
using testing::to_text;

constexpr const char* python = "/usr/bin/python3";

/// As Debian has it, but for delays, the vendor in the greeting, and processes that serve more than one session.
constexpr std::string_view as_packaged = R"(login_greeting=Dovecot ready.
auth_mechanisms=plain
service pop3-login {
 service_count=0
 process_min_avail=1
}
service pop3 {
 service_count=200
 process_min_avail=1
}
service anvil {
 unix_listener anvil-auth-penalty {
  mode=0
 }
}
)";

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

/// The first places where two records differ, each with its dialogue and the line that was said.
std::string differences(const std::string& one, const std::string& other) {
  constexpr std::size_t shown_max = 10;
  const std::vector<std::string> left = lines_of(one), right = lines_of(other);
  std::string told, title, said;
  std::size_t count = 0;
  for (std::size_t i = 0; i < std::min(left.size(), right.size()) && count < shown_max; ++i) {
    if (left[i].starts_with("== ")) title = left[i];
    if (left[i].starts_with("C:") || left[i].starts_with("R")) said = left[i];
    if (left[i] == right[i]) continue;
    told += fmt::format("{}\n  {}\n  - {}\n  + {}\n", title, said, left[i], right[i]);
    ++count;
  }
  if (left.size() != right.size() && count < shown_max)
    told += fmt::format("{} lines, and {}\n", left.size(), right.size());
  return told;
}

struct DialoguesWithDovecot : ::testing::Test {
  void SetUp() override {
    if (!dovecot.missing().empty()) GTEST_SKIP() << dovecot.missing();
    if (!std::filesystem::exists(python)) GTEST_SKIP() << "python3 is not installed";
    for (const std::string_view message : dovecot_messages) dovecot.deliver("anna", std::string(message));
    put(dovecot.maildir("anna") + "/dovecot-uidlist",
        fmt::format("3 V{} N1 G0123456789abcdef0123456789abcdef\n", fakeservers::testing::dovecot_uid_validity));
    testing::give(dovecot.maildir("anna"), dovecot.user(), dovecot.group());
  }

  std::string played(std::uint16_t plain, std::uint16_t implicit) const {
    const Ran ran = testing::run({python, MAILRIG_SOURCE_DIR "/cli/testing/talk.py", dovecot_record,
                                  std::to_string(plain), std::to_string(implicit)});
    EXPECT_EQ(ran.code, 0) << to_text(ran);
    return ran.out;
  }

  /// `mailrig serve` with the fake as it is, but for its delays.
  std::string played_to_the_fake() const {
    nlohmann::json messages;
    for (std::size_t i = 0; i < dovecot_messages.size(); ++i) {
      put(lab / fmt::format("{}.eml", i), std::string(dovecot_messages[i]));
      messages.push_back({{"file", fmt::format("{}.eml", i)}});
    }
    nlohmann::json servers;
    for (const char* tls : {"starttls", "implicit"})
      servers[tls] = {{"protocol", "pop3"},
                      {"personality", "dovecot"},
                      {"tls", tls},
                      {"failed_login_delay", "0s"},
                      {"login_penalty", "0s"},
                      {"mailboxes", {{"anna", {{"password", "s3cret"}, {"messages", messages}}}}}};
    put(lab / "fake.json", nlohmann::json{{"id", "fake"}, {"title", "t"}, {"servers", servers}}.dump());
    Child serve({MAILRIG_BINARY_DIR "/mailrig", "serve", lab / "fake.json", "--ready-file", lab / "ready.json"},
                lab / "serve.txt", testing::Stdin::kept);
    for (int i = 0; i < 2000 && serve.runs() && !std::filesystem::exists(lab / "ready.json"); ++i)
      ::poll(nullptr, 0, 10);
    const nlohmann::json ready = nlohmann::json::parse(contents(lab / "ready.json"), nullptr, false);
    if (!ready.is_object()) {
      ADD_FAILURE() << contents(lab / "serve.txt");
      return {};
    }
    std::uint16_t plain = 0, implicit = 0;
    for (const auto& server : ready["servers"])
      (server["name"] == "implicit" ? implicit : plain) = server["port"].get<std::uint16_t>();
    std::string told = played(plain, implicit);
    serve.kill(SIGTERM);
    serve.wait(testing::process_patience);
    return told;
  }

  PeerLab lab;
  Dovecot dovecot{lab, as_packaged};
};

TEST_F(DialoguesWithDovecot, TheFakeSaysTheSame) {
  const std::string real = played(dovecot.plain_port(), dovecot.implicit_port());
  if (::getenv("MAILRIG_APPROVE") != nullptr) {  // NOLINT(concurrency-mt-unsafe)
    put(dovecot_record, real);
    GTEST_SKIP() << "recorded; the git diff is the review";
  }
  EXPECT_EQ(differences(contents(dovecot_record), real), "") << "- the record, + Dovecot";
  EXPECT_EQ(differences(real, played_to_the_fake()), "") << "- Dovecot, + the fake";
  const std::vector<std::string> lines = lines_of(real);
  EXPECT_GE(std::ranges::count_if(lines, [](const std::string& line) { return line.starts_with("C:"); }), 700);
}

}  // namespace
}  // namespace mailrig::cli
