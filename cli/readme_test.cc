// Each command that README.md shows is run as it is printed, but for the names of servers on the Internet, a free port,
// and a filter where the whole suite would be played.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "cli/testing/peers.h"
#include "cli/testing/sanitized.h"

namespace mailrig::cli {
namespace {

namespace fs = std::filesystem;
using testing::Child;
using testing::contents;
using testing::is_sanitized;
using testing::PeerLab;
using testing::put;
using testing::Ran;
using testing::to_text;

/// Without its comment: what comes after " #" outside of quotes.
std::string without_comment(const std::string& line) {
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\'') quoted = !quoted;
    if (line[i] == '#' && !quoted && (i == 0 || line[i - 1] == ' ')) return line.substr(0, i);
  }
  return line;
}

/// The commands of all sh blocks, one line each.
std::vector<std::string> shown_commands() {
  std::istringstream readme(contents(MAILRIG_SOURCE_DIR "/README.md"));
  std::vector<std::string> commands;
  bool within = false;
  std::string command;
  for (std::string line; std::getline(readme, line);) {
    if (line.starts_with("```")) {
      within = line == "```sh";
      continue;
    }
    if (!within) continue;
    command += without_comment(line);
    while (command.ends_with(' ')) command.pop_back();
    if (command.ends_with('\\')) {
      command.pop_back();
      continue;
    }
    if (!command.empty()) commands.push_back(std::exchange(command, {}));
  }
  return commands;
}

/// "list [--json | --requirements]" as "list", "list --json" and "list --requirements".
std::vector<std::string> variants(const std::string& command) {
  const std::size_t open = command.find('[');
  // A row of a table is not a choice: it is quoted.
  if (open == std::string::npos || open == 0 || command[open - 1] != ' ') return {command};
  const std::size_t close = command.find(']', open);
  const std::string before = command.substr(0, open), after = command.substr(close + 1);
  std::vector<std::string> choices{""};
  std::istringstream between(command.substr(open + 1, close - open - 1));
  for (std::string choice; std::getline(between, choice, '|');) choices.push_back(choice);
  std::vector<std::string> all;
  for (const std::string& choice : choices)
    for (std::string& one : variants(fmt::format("{}{}{}", before, choice, after))) all.push_back(std::move(one));
  return all;
}

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  if (const std::size_t at = text.find(what); at != std::string::npos) text.replace(at, what.size(), by);
  return text;
}

constexpr const char* servers = R"({ "id": "readme/servers", "title": "t",
  "servers": {
    "in": { "protocol": "pop3", "personality": "dovecot", "tls": "implicit",
      "mailboxes": { "anna": { "password": "s3cret", "messages": { "generate": 2 } } } },
    "out": { "protocol": "smtp", "personality": "generic", "tls": "starttls",
      "mailboxes": { "anna": { "password": "s3cret", "aliases": ["anna@example.com"] } }, "relay": "any" } } })";

constexpr const char* letter =
    "From: Bert <bert@example.com>\r\nTo: anna@example.com\r\nSubject: offer\r\nDate: Mon, 2 Jun 2014 08:01:00 "
    "+0000\r\n"
    "Message-ID: <1@example.com>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"b\"\r\n\r\n"
    "--b\r\nContent-Type: text/plain\r\n\r\nsee there\r\n--b\r\nContent-Type: application/pdf\r\n"
    "Content-Transfer-Encoding: base64\r\n\r\nJVBERi0=\r\n--b--\r\n";

struct Readme : ::testing::Test {
  void SetUp() override {
    fs::create_directories(lab / "scenarios");
    fs::copy(MAILRIG_SOURCE_DIR "/scenarios/suite", lab / "scenarios/suite", fs::copy_options::recursive);
    put(lab / "letter.eml", letter);
    put(lab / "hello.json",
        R"({ "from": "anna@example.com", "to": ["bob@example.com"], "subject": "hello", "text": "Hi\n" })");
    put(lab / "hello.eml", letter);
    put(lab / "pw", "s3cret\n");
  }

  std::vector<std::string> in_shell(const std::string& command) const {
    return {"/bin/sh", "-c", fmt::format("cd '{}' && PATH='{}':$PATH && {}", lab / "", MAILRIG_BINARY_DIR, command)};
  }
  /// Serves until it is told to stop, once all servers listen.
  void serve(const std::string& command, const std::function<void()>& meanwhile,
             const ::testing::Matcher<int>& code) const {
    fs::remove(lab / "out.txt");
    Child child(in_shell("exec " + command), lab / "out.txt", testing::Stdin::kept);
    for (int i = 0; i < 1000 && contents(lab / "out.txt").find("Ctrl-C ends it") == std::string::npos; ++i)
      ::poll(nullptr, 0, 10);
    EXPECT_THAT(contents(lab / "out.txt"), ::testing::HasSubstr("Ctrl-C ends it")) << command;
    // The ready-file is there as a whole, and may be there a little later than the line.
    const bool has_ready_file = command.find("--ready-file") != std::string::npos;
    for (int i = 0; i < 1000 && has_ready_file && !fs::exists(lab / "ready.json"); ++i) ::poll(nullptr, 0, 10);
    meanwhile();
    child.kill(SIGTERM);
    EXPECT_THAT(child.wait(testing::process_patience), code) << command << '\n' << contents(lab / "out.txt");
  }

  PeerLab lab;
};

TEST_F(Readme, ShowsCommandsThatWork) {
  const std::vector<std::string> commands = shown_commands();
  std::map<std::string, int> run;  // by subcommand
  put(lab / "servers.json", servers);
  for (const std::string& command : commands) {
    if (command.starts_with("./ci/")) continue;  // what they do is for demo_test
    ASSERT_TRUE(command.starts_with("mailrig ")) << command;
    ++run[command.substr(8, command.find(' ', 8) - 8)];
    for (std::string one : variants(command)) {
      if (one.starts_with("mailrig serve")) {
        one = replaced(one, "=1110", fmt::format("={}", PeerLab::free_port()));
        serve(
            one, [] {}, ::testing::AnyOf(0, 1));  // no client comes: what the scenario expects of one does not hold
        continue;
      }
      if (one.starts_with("mailrig run") && one.find("--filter") == std::string::npos &&
          one.find("scenarios/") == std::string::npos)
        one += " --filter retrieval/delete-after-store";
      // gmail/queue-full-until-delete takes 14 s under a sanitizer; on a loaded machine that may be a minute.
      if (is_sanitized && one.starts_with("mailrig run") && one.find("--timeout") == std::string::npos)
        one += " --timeout 10m";
      if (one.find(".example.com:") == std::string::npos) {
        const Ran ran = testing::run(in_shell(one));
        EXPECT_EQ(ran.code, 0) << one << '\n' << to_text(ran);
        continue;
      }
      fs::remove(lab / "ready.json");
      serve(
          "mailrig serve servers.json --ready-file ready.json",
          [&] {
            const auto ready = nlohmann::json::parse(contents(lab / "ready.json"));
            for (const auto& server : ready["servers"]) {
              const std::string at = fmt::format("localhost:{}", server["port"].get<int>());
              one = replaced(one, server["protocol"] == "pop3" ? "pop.example.com:995" : "smtp.example.com:587", at);
            }
            one += fmt::format(" --ca '{}'", ready["ca_file"].get<std::string>());
            const Ran ran = testing::run(in_shell(one));
            EXPECT_EQ(ran.code, 0) << one << '\n' << to_text(ran);
          },
          0);
    }
  }
  for (const char* subcommand : {"run", "list", "new", "check", "explain", "serve", "fetch", "send", "mail"})
    EXPECT_GT(run[subcommand], 0) << "README.md shows no " << subcommand;
}

}  // namespace
}  // namespace mailrig::cli
