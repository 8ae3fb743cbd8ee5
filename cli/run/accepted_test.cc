// `run --accepted DIR`: what SMTP servers took, octet for octet, and nothing of anybody's overwritten.
#include "cli/run/accepted.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/sha256.h"
#include "cli/program.h"

namespace mailrig::cli {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Accepted : ::testing::Test {
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "mailrig-test-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    scratch = name;
    write("one.json", R"({ "id": "t/two", "title": "Two are sent", "table": [ { "row": "a/../b" } ],
  "servers": { "out": { "personality": "generic", "protocol": "smtp", "tls": "none", "auth_required": false, "relay": "any" } },
  "accounts": { "home": { "smtp": "out", "address": "ann@x.test" } },
  "steps": [ { "send": { "to": "b@x.test", "file": "raw.eml" } },
             { "send": { "to": "b@x.test", "subject": "second", "text": "two\r\n" } },
             { "expect": { "servers.out.accepted": { "count": 2 },
                           "servers.out.accepted[0].sha256": { "matches": "^[0-9a-f]{64}$" } } } ] })");
    write("raw.eml",
          "From: ann@x.test\r\nTo: b@x.test\r\nDate: Mon, 2 Jun 2014 08:01:00 +0000\r\nMessage-ID: <1@x.test>\r\n\r\n"
          "..dots\r\n\xc3\xa4\r\n");
  }
  void TearDown() override { fs::remove_all(scratch); }

  void write(const std::string& name, std::string_view bytes) const {
    std::ofstream(scratch / name, std::ios::binary) << bytes;
  }
  std::string read(const fs::path& path) const {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream bytes;
    bytes << file.rdbuf();
    return std::move(bytes).str();
  }
  ExitCode run(std::vector<std::string> more = {}) {
    std::vector<std::string> words{"mailrig", "run", scratch / "one.json", "--accepted", scratch / "out"};
    words.insert(words.end(), more.begin(), more.end());
    std::vector<const char*> argv;
    argv.reserve(words.size());
    for (const std::string& word : words) argv.push_back(word.c_str());
    std::ostringstream out, err;
    Program program{.out = out, .err = err};
    const ExitCode code = run_program(static_cast<int>(argv.size()), argv.data(), program);
    said = out.str() + err.str();
    return code;
  }
  std::vector<std::string> files() const {
    std::vector<std::string> found;
    for (const auto& entry : fs::recursive_directory_iterator(scratch / "out"))
      if (entry.is_regular_file()) found.push_back(fs::relative(entry.path(), scratch / "out").string());
    std::ranges::sort(found);
    return found;
  }

  fs::path scratch;
  std::string said;
  const std::string folder = "t/two[a/%2E./b]/out/";
};

TEST_F(Accepted, IsWrittenOctetForOctet) {
  ASSERT_EQ(run(), ExitCode::done) << said;
  EXPECT_THAT(files(), ElementsAre(folder + "1.eml", folder + "2.eml", folder + "SHA256SUMS"));
  const std::string first = read(scratch / "out" / (folder + "1.eml"));
  EXPECT_THAT(first, ::testing::EndsWith("\r\n\r\n..dots\r\n\xc3\xa4\r\n"));
  EXPECT_EQ(
      read(scratch / "out" / (folder + "SHA256SUMS")),
      Sha256::hex_of(first) + "  1.eml\n" + Sha256::hex_of(read(scratch / "out" / (folder + "2.eml"))) + "  2.eml\n");
}

TEST_F(Accepted, OfAnEarlierRunIsReplaced) {
  ASSERT_EQ(run(), ExitCode::done);
  const std::string before = read(scratch / "out" / (folder + "2.eml"));
  write("raw.eml", "From: ann@x.test\r\nSubject: other\r\n\r\nx\r\n");
  EXPECT_EQ(run(), ExitCode::done) << said;
  EXPECT_THAT(read(scratch / "out" / (folder + "1.eml")), HasSubstr("Subject: other"));
  EXPECT_EQ(files().size(), 3U);
}

TEST_F(Accepted, OverwritesNothingOfOthers) {
  fs::create_directories(scratch / "out" / folder);
  const fs::path mine = scratch / "out" / (folder + "2.eml");
  std::ofstream(mine) << "mine";
  EXPECT_EQ(run(), ExitCode::environment);
  EXPECT_THAT(said, HasSubstr("2.eml: a file is there that mailrig did not make"));
  EXPECT_EQ(read(mine), "mine");
  fs::remove(mine);
  EXPECT_EQ(run(), ExitCode::done) << "what was written before the error is known as ours: " << said;
  // One that was changed since is not ours any more.
  std::ofstream(mine, std::ios::app) << "note";
  const std::string noted = read(mine);
  EXPECT_EQ(run(), ExitCode::environment);
  EXPECT_EQ(read(mine), noted);
  // Nor is a list that is none.
  fs::remove(mine);
  std::ofstream(scratch / "out" / (folder + "SHA256SUMS")) << "0  ../../../../one.json\n";
  EXPECT_EQ(run(), ExitCode::environment);
  EXPECT_THAT(said, HasSubstr("mailrig did not make it"));
  EXPECT_TRUE(fs::exists(scratch / "one.json"));
}

TEST_F(Accepted, LinksAreNotFollowed) {
  fs::create_directories(scratch / "out" / folder);
  write("target", "precious");
  fs::create_symlink(scratch / "target", scratch / "out" / (folder + "1.eml"));
  EXPECT_EQ(run(), ExitCode::environment);
  EXPECT_EQ(read(scratch / "target"), "precious");
}

TEST_F(Accepted, AFolderThatCannotBeIsAnErrorAtOnce) {
  write("out", "a file");
  EXPECT_EQ(run(), ExitCode::environment);
  EXPECT_THAT(said, HasSubstr("--accepted: cannot make the folder"));
  EXPECT_THAT(said, ::testing::Not(HasSubstr("PASS")));
}

TEST_F(Accepted, EachWorldAndRoundHasAFolderOfItsOwn) {
  ASSERT_EQ(run({"--world", "both", "--repeat", "2"}), ExitCode::done) << said;
  EXPECT_EQ(files().size(), 4U * 3U);
  for (const char* round : {"sim-1", "sim-2", "net-1", "net-2"})
    EXPECT_TRUE(fs::exists(scratch / "out" / fmt::format("t/two[a/%2E./b]/{}/out/1.eml", round))) << round;
}

TEST(SafeName, isOnePartOfAPath) {
  EXPECT_EQ(safe_name("locks[captcha]"), "locks[captcha]");
  EXPECT_EQ(safe_name(".."), "%2E.");
  EXPECT_EQ(safe_name("a/b\\c\n\xc3\xa4"), "a%2Fb%5Cc%0A%C3%A4");
  EXPECT_EQ(safe_name(""), "%");
  EXPECT_LE(safe_name(std::string(1000, 'x')).size(), 255U - 8U);
  EXPECT_NE(safe_name(std::string(1000, 'x')), safe_name(std::string(1001, 'x')));
}

}  // namespace
}  // namespace mailrig::cli
