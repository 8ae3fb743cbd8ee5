// What cannot be written is an error with an exit code, and what is printed cannot command a terminal.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "cli/files.h"
#include "cli/program.h"

namespace mailrig::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::Not;

struct Scratch {
  Scratch() {
    std::string name = (std::filesystem::temp_directory_path() / "mailrig-test-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) ADD_FAILURE() << "no scratch folder";
    path = name;
  }
  ~Scratch() { std::filesystem::remove_all(path); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  std::string operator/(const std::string& name) const { return path + "/" + name; }
  std::string path;
};

std::string contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return std::move(bytes).str();
}

void put(const std::string& path, std::string_view bytes) { std::ofstream(path, std::ios::binary) << bytes; }

ExitCode invoke(const std::vector<std::string>& words, std::ostream& out, std::ostream& err) {
  std::vector<const char*> argv = {"mailrig"};
  for (const std::string& word : words) argv.push_back(word.c_str());
  Program program{.out = out, .err = err};
  return run_program(static_cast<int>(argv.size()), argv.data(), program);
}

constexpr std::string_view scenario = R"({ "id": "t/one", "title": "One",
  "servers": { "isp": { "mailboxes": { "ann": { "password": "s3cret/horse", "messages": [ "S: x\r\n\r\nhi\r\n" ] } } } },
  "accounts": { "home": { "pop3": "isp", "user": "ann", "password": "s3cret/horse" } },
  "steps": [ { "poll": "home" }, { "expect": { "accounts.home.stored": 1 } } ] })";

/// Keeps what had been written by each flush.
class FlushLog : public std::stringbuf {
 public:
  std::vector<std::string> flushed;

 protected:
  int sync() override {
    flushed.push_back(str());
    return 0;
  }
};

TEST(Output, EachScenarioIsToldWhenItIsDone) {
  Scratch scratch;
  put(scratch / "one.json", scenario);
  FlushLog log;
  std::ostream out(&log);
  std::ostringstream err;
  EXPECT_EQ(invoke({"run", scratch / "one.json", "--repeat", "3", "--jobs", "1"}, out, err), ExitCode::done);
  std::vector<std::ptrdiff_t> lines;
  lines.reserve(log.flushed.size());
  for (const std::string& text : log.flushed) lines.push_back(std::ranges::count(text, '\n'));
  EXPECT_THAT(lines, IsSupersetOf({1, 2, 3}));
}

/// A pipe whose reader goes away after the first line, as with `| head -1`.
class ClosedAfterALine : public std::stringbuf {
 protected:
  int sync() override { return str().find('\n') == std::string::npos ? 0 : -1; }
};

TEST(Output, ARunEndsWhenItsPipeIsClosed) {
  Scratch scratch;
  put(scratch / "one.json", scenario);
  ClosedAfterALine closed;
  std::ostream out(&closed);
  std::ostringstream err;
  EXPECT_EQ(
      invoke({"run", scratch / "one.json", "--repeat", "50", "--jobs", "1", "--json", scratch / "r.json"}, out, err),
      ExitCode::environment);
  EXPECT_THAT(err.str(), HasSubstr("standard output could not be written"));
  EXPECT_THAT(closed.str(), HasSubstr("t/one"));
  const nlohmann::json report = nlohmann::json::parse(contents(scratch / "r.json"));
  EXPECT_EQ(report.at("scenarios").size(), 1U);
  EXPECT_THAT(report.at("incomplete").get<std::string>(), HasSubstr("after 1 of 50 scenarios"));
}

TEST(Output, AFullDiskIsAnErrorOfEveryCommand) {
  Scratch scratch;
  put(scratch / "one.json", scenario);
  put(scratch / "one.eml", "Subject: x\r\n\r\nhi\r\n");
  const std::vector<std::vector<std::string>> commands = {{"version"},
                                                          {"--help"},
                                                          {"--version"},
                                                          {"run", "--help"},
                                                          {"list", scratch / "one.json"},
                                                          {"list", "--json", scratch / "one.json"},
                                                          {"check", scratch / "one.json"},
                                                          {"explain", scratch / "one.json"},
                                                          {"new", "--from", "gmail"},
                                                          {"run", scratch / "one.json"},
                                                          {"mail", "parse", scratch / "one.eml"},
                                                          {"mail", "show", scratch / "one.eml", "--part", "1"}};
  for (const std::vector<std::string>& command : commands) {
    std::ofstream full("/dev/full");
    std::ostringstream err;
    EXPECT_EQ(invoke(command, full, err), ExitCode::environment) << command[0];
    EXPECT_THAT(err.str(), HasSubstr("standard output could not be written")) << command[0];
    std::ostringstream out;
    err.str("");
    EXPECT_EQ(invoke(command, out, err), ExitCode::done) << command[0] << err.str();
  }
}

TEST(Output, AReportThatCannotBeWrittenLeavesNoHalfAndTheOldOne) {
  Scratch scratch;
  put(scratch / "one.json", scenario);
  std::ostringstream out, err;
  EXPECT_EQ(invoke({"run", scratch / "one.json", "--json", "/dev/full"}, out, err), ExitCode::environment);
  EXPECT_THAT(err.str(), HasSubstr("cannot write /dev/full: No space left on device"));
  std::filesystem::create_directory(scratch / "r.json");
  err.str("");
  EXPECT_EQ(invoke({"run", scratch / "one.json", "--junit", scratch / "r.json"}, out, err), ExitCode::environment);
  EXPECT_THAT(err.str(), HasSubstr("cannot write"));
  err.str("");
  EXPECT_EQ(invoke({"run", scratch / "one.json", "--html", scratch / "r.html"}, out, err), ExitCode::done) << err.str();
  EXPECT_TRUE(std::filesystem::exists(scratch / "r.html"));
  EXPECT_FALSE(std::filesystem::exists(scratch / "r.html.partial"));
}

// Where one of these hangs, a FIFO was waited for.
TEST(Output, AFifoThatNoProgramReadsIsRefused) {
  Scratch scratch;
  put(scratch / "one.json", scenario);
  put(scratch / "one.eml", "Subject: x\r\n\r\nhi\r\n");
  put(scratch / "password", "s3cret\n");
  const std::string fifo = scratch / "fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  const std::vector<std::vector<std::string>> commands = {
      {"run", scratch / "one.json", "--json", fifo},
      {"run", scratch / "one.json", "--junit", fifo},
      {"run", scratch / "one.json", "--html", fifo},
      {"serve", scratch / "one.json", "--transcript", fifo},
      {"fetch", "--server", "127.0.0.1:1", "--tls", "none", "--user", "anna", "--password-file", scratch / "password",
       "--to", "eml:" + (scratch / "eml"), "--transcript", fifo}};
  for (const std::vector<std::string>& command : commands) {
    std::ostringstream out, err;
    EXPECT_EQ(invoke(command, out, err), ExitCode::environment) << command[0] << command[2];
    EXPECT_THAT(err.str(), HasSubstr("it is a FIFO that no program reads")) << command[0] << command[2];
    EXPECT_TRUE(std::filesystem::is_fifo(fifo)) << command[0] << command[2];
  }
}

TEST(Files, APasswordIsOneLine) {
  Scratch scratch;
  for (std::string_view text : {"one\ntwo\n", "one\r\n\r\n", "o\rne", "\none"}) {
    put(scratch / "password", text);
    Result<std::string> refused = read_password(scratch / "password");
    ASSERT_FALSE(refused) << text;
    EXPECT_EQ(refused.error().code, Errc::bad_input);
    EXPECT_THAT(refused.error().message, HasSubstr("in one line"));
    EXPECT_THAT(refused.error().message, Not(HasSubstr("one\n")));
  }
  put(scratch / "password", "one two\r\n");
  EXPECT_EQ(*read_password(scratch / "password"), "one two");
}

TEST(Output, AFifoWithAReaderGetsAllOfAReport) {
  Scratch scratch;
  put(scratch / "one.json", scenario);
  const std::string fifo = scratch / "fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  const int reader = ::open(fifo.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  ASSERT_GE(reader, 0);
  std::ostringstream out, err;
  EXPECT_EQ(invoke({"run", scratch / "one.json", "--junit", fifo}, out, err), ExitCode::done) << err.str();
  std::string report(64 * 1024, '\0');
  const ssize_t octets = ::read(reader, report.data(), report.size());
  ::close(reader);
  ASSERT_GT(octets, 0);
  report.resize(static_cast<std::size_t>(octets));
  EXPECT_THAT(report, HasSubstr("</testsuites>"));
}

TEST(Output, APathThatIsNotThereIsNoInvalidScenario) {
  Scratch scratch;
  put(scratch / "one.json", scenario);
  put(scratch / "bad.json", "{ \"id\": 1 }");
  for (const char* command : {"run", "check", "serve"}) {
    std::ostringstream out, err;
    EXPECT_EQ(invoke({command, scratch / "nosuch"}, out, err), ExitCode::environment) << command;
    out.str("");
    err.str("");
    EXPECT_EQ(invoke({command, scratch / "bad.json"}, out, err), ExitCode::invalid_scenario) << command;
  }
  std::ostringstream out, err;
  EXPECT_EQ(invoke({"run", scratch / "bad.json", scratch / "nosuch"}, out, err), ExitCode::invalid_scenario);
  EXPECT_THAT(err.str(), HasSubstr("there is no file or folder"));
  EXPECT_THAT(out.str(), Not(HasSubstr("INVALID"))) << "told once, on the other stream";
}

// Where one of these hangs, a FIFO was waited for.
TEST(Files, AFifoOrADeviceIsRefused) {
  Scratch scratch;
  ASSERT_EQ(::mkfifo((scratch / "fifo").c_str(), 0600), 0);
  for (const auto& [path, kind] :
       {std::pair{scratch / "fifo", "a FIFO"}, {"/dev/zero", "a device"}, {scratch.path, "a folder"}}) {
    Result<std::string> refused = read_file(path, 1'000'000);
    ASSERT_FALSE(refused) << path;
    EXPECT_EQ(refused.error().code, Errc::environment);
    EXPECT_THAT(refused.error().message, HasSubstr(std::string("it is ") + kind)) << path;
    EXPECT_FALSE(read_password(path));
  }
  std::ostringstream out, err;
  EXPECT_EQ(invoke({"mail", "parse", scratch / "fifo"}, out, err), ExitCode::environment);
  EXPECT_EQ(invoke({"check", scratch / "fifo"}, out, err), ExitCode::environment);
}

// A shell's <(command) is a pipe that it has opened already.
TEST(Files, ADescriptorThatWasPassedIsRead) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  ASSERT_EQ(::write(ends[1], "s3cret\n", 7), 7);
  ::close(ends[1]);
  Result<std::string> password = read_password("/dev/fd/" + std::to_string(ends[0]));
  ::close(ends[0]);
  ASSERT_TRUE(password);
  EXPECT_EQ(*password, "s3cret");
}

const std::vector<std::string> forms = {"s3cret/horse",
                                        "S3CRET/HORSE",
                                        "s3cret%2Fhorse",
                                        "AGFubgBzM2NyZXQvaG9yc2U=",  // SASL PLAIN of ann
                                        "czNjcmV0L2hvcnNl",
                                        "7333637265742f686f727365"};

// A server that repeats the password at every command, in every form: no output of the run has it. The file itself may
// be named, not quoted.
TEST(Output, NoReportShowsThePassword) {
  Scratch scratch;
  for (const char* command : {"greeting", "CAPA", "USER", "PASS", "STAT", "LIST", "UIDL", "RETR", "DELE", "QUIT"})
    for (const char* status : {"+OK", "-ERR"}) {
      std::string said;
      for (const std::string& form : forms) said += std::string(said.empty() ? "" : " ") + form;
      const std::string file =
          std::string(R"({ "id": "t/echo", "title": "Echo", "servers": { "isp": { "mailboxes": { "ann": {
  "password": "s3cret/horse", "messages": [ "S: x\r\n\r\nhi\r\n" ] } }, "faults": [ { "on": ")") +
          command + R"(", "reply": ")" + status + " " + said + R"(\r\n" } ] } },
 "accounts": { "home": { "pop3": "isp", "user": "ann", "password": "s3cret/horse", "leave_on_server": false } },
 "steps": [ { "poll": "home" }, { "expect": { "accounts.home.message": "s3cret/horse", "accounts.home.stored": 7 } } ] })";
      put(scratch / "echo.json", file);
      std::ostringstream out, err;
      invoke({"run", scratch / "echo.json", "--json", scratch / "r.json", "--junit", scratch / "r.xml", "--html",
              scratch / "r.html"},
             out, err);
      std::string all = out.str() + err.str();
      for (const char* report : {"r.json", "r.xml", "r.html"}) {
        const std::string text = contents(scratch / report);
        EXPECT_GT(text.size(), 100U);
        all += text;
      }
      EXPECT_THAT(all, HasSubstr("t/echo"));
      for (const std::string& form : forms)
        EXPECT_EQ(all.find(form), std::string::npos)
            << command << " " << status << ": " << all.substr(std::max<std::size_t>(all.find(form), 200) - 200, 400);
    }
}

constexpr std::string_view failing = R"({ "id": "t/fails", "title": "Fails",
  "servers": { "isp": { "mailboxes": { "ann": { "password": "pw", "messages": { "generate": 40 } } },
    "faults": [ { "on": "RETR", "nth": 20, "delay": "1s" } ] } },
  "accounts": { "home": { "pop3": "isp", "user": "ann", "password": "pw" } },
  "steps": [ { "poll": "home" }, { "expect": { "accounts.home.stored": 7 } } ] })";

TEST(Output, QuietPrintsWhatFailsAndTheSeed) {
  Scratch scratch;
  put(scratch / "one.json", scenario);
  put(scratch / "two.json", failing);
  std::ostringstream out, err;
  EXPECT_EQ(invoke({"run", scratch.path, "--quiet", "--seed", "77"}, out, err), ExitCode::failed);
  EXPECT_THAT(out.str(), Not(HasSubstr("t/one")));
  EXPECT_THAT(out.str(), HasSubstr("FAIL t/fails (sim)"));
  EXPECT_THAT(out.str(), HasSubstr("seed 77"));
}

TEST(Output, LatenciesAreForVerboseAndThresholds) {
  Scratch scratch;
  put(scratch / "one.json", scenario);
  auto printed = [&](std::vector<std::string> more) {
    std::vector<std::string> words = {"run", scratch / "one.json"};
    words.insert(words.end(), more.begin(), more.end());
    std::ostringstream out, err;
    EXPECT_EQ(invoke(words, out, err), ExitCode::done) << err.str();
    return out.str();
  };
  EXPECT_THAT(printed({}), Not(HasSubstr("latencies")));
  EXPECT_THAT(printed({"--verbose"}), HasSubstr("  greeting "));
  const std::string asked = printed({"--threshold", "quit.max<1h"});
  EXPECT_THAT(asked, HasSubstr("  quit "));
  EXPECT_THAT(asked, Not(HasSubstr("  greeting ")));
}

// The command that a failure prints comes to the same failure, with the options that decided it.
TEST(Output, TheReplayCommandRunsAsPrinted) {
  Scratch scratch;
  put(scratch / "two.json", failing);
  std::ostringstream out, err;
  EXPECT_EQ(invoke({"run", scratch.path, "--strict", "--timeout", "50s", "--seed", "3"}, out, err), ExitCode::failed);
  const std::string again = "again: mailrig ";
  const std::size_t at = out.str().find(again);
  ASSERT_NE(at, std::string::npos) << out.str();
  std::istringstream words(out.str().substr(at + again.size(), out.str().find('\n', at) - at - again.size()));
  const std::vector<std::string> command{std::istream_iterator<std::string>(words), {}};
  EXPECT_EQ(command, (std::vector<std::string>{"run", scratch / "two.json", "--filter", "t/fails", "--world", "sim",
                                               "--seed", "3", "--strict", "--timeout", "50s"}));
  std::ostringstream second;
  EXPECT_EQ(invoke(command, second, err), ExitCode::failed);
  EXPECT_THAT(second.str(), HasSubstr("; seed 3, strict"));
  EXPECT_THAT(second.str(), HasSubstr(out.str().substr(at, out.str().find('\n', at) - at)));
}

TEST(Output, TheReportHasTheAccountsAndTheTranscriptAroundAFault) {
  Scratch scratch;
  put(scratch / "two.json", failing);
  std::ostringstream out, err;
  invoke({"run", scratch.path, "--transcript-max", "60", "--json", scratch / "r.json"}, out, err);
  const nlohmann::json report = nlohmann::json::parse(contents(scratch / "r.json"));
  const nlohmann::json& one = report["scenarios"][0];
  EXPECT_EQ(one["accounts"]["home"]["state"], "ok");
  EXPECT_EQ(one["transcript"]["entries"].size(), 60U);
  EXPECT_EQ(one["transcript"]["gaps"].size(), 2U) << one["transcript"]["gaps"];
  bool told = false;
  for (const nlohmann::json& entry : one["transcript"]["entries"])
    told = told || entry["text"].get<std::string>().starts_with("fault: ");
  EXPECT_TRUE(told);
}

TEST(Output, NoNameCommandsTheTerminal) {
  Scratch scratch;
  // In a JSON text these are characters like any other.
  const std::string evil = R"(a\u001b[2J\rb\u009bc\u202ed\u2066e)";
  put(scratch / "evil.json", R"({ "id": "t/evil", "title": ")" + evil + R"(", "why": ")" + evil + R"(", "tags": [ ")" +
                                 evil + R"(" ], "servers": { "isp": { "mailboxes": { ")" + evil + R"(": {
  "password": "pw", "messages": [ "S: x\r\n\r\nhi\r\n" ] } }, "texts": { "greeting": "+OK )" +
                                 evil + R"(" } } },
 "accounts": { "home": { "pop3": "isp", "user": ")" +
                                 evil + R"(", "password": "pw" } },
 "steps": [ { "poll": "home" }, { "expect": { "accounts.home.message": ")" +
                                 evil + R"(" }, "why": ")" + evil + R"(" } ] })");
  put(scratch / "wrong.json", R"({ "id": "t/)" + evil + R"(", ")" + evil + R"(": 1 })");
  put(scratch / "evil.eml",
      "Subject: =?utf-8?q?a=1B[2J=C2=9Bb=E2=80=AEc?=\r\nContent-Type: text/plain; "
      "name=\"\x1b[2J\xe2\x80\xae.txt\"\r\n\r\nhi\r\n");
  const std::vector<std::vector<std::string>> commands = {
      {"list", scratch / "evil.json"},
      {"list", "--json", scratch / "evil.json"},
      {"check", scratch.path},
      {"explain", scratch / "evil.json"},
      {"explain", "--story", scratch / "evil.json"},
      {"run", scratch.path, "--json", scratch / "r.json", "--junit", scratch / "r.xml", "--html", scratch / "r.html"},
      {"mail", "parse", scratch / "evil.eml"},
      {"mail", "parse", "--json", scratch / "evil.eml"},
      {"mail", "lint", scratch / "evil.eml"},
      {"version", "x\x1b[2J\xe2\x80\xae"}};
  for (const std::vector<std::string>& command : commands) {
    std::ostringstream out, err;
    invoke(command, out, err);
    std::string all = out.str() + err.str();
    if (command[0] == "run")
      for (const char* report : {"r.json", "r.xml", "r.html"}) {
        all += contents(scratch / report);
        std::filesystem::remove(scratch / report);
      }
    EXPECT_FALSE(all.empty()) << command[0];
    for (const char* raw : {"\x1b", "\r", "\xc2\x9b", "\xe2\x80\xae", "\xe2\x81\xa6"})
      EXPECT_THAT(all, Not(HasSubstr(raw))) << command[0] << " " << command[1];
  }
}

}  // namespace
}  // namespace mailrig::cli
