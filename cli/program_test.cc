#include "cli/program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "cli/version.h"

namespace mailrig::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

struct Invocation {
  explicit Invocation(std::vector<const char*> words) {
    words.insert(words.begin(), "mailrig");
    Program program{.out = out, .err = err};
    code = run_program(static_cast<int>(words.size()), words.data(), program);
  }
  std::ostringstream out;
  std::ostringstream err;
  ExitCode code{};
};

TEST(Program, SaysWhichItIs) {
  Invocation run({"version"});
  EXPECT_EQ(run.code, ExitCode::done);
  EXPECT_THAT(run.out.str(), StartsWith("mailrig 0.1.0\ncompiler "));
  EXPECT_THAT(run.out.str(), HasSubstr("OpenSSL 3."));
  EXPECT_EQ(run.err.str(), "");
  EXPECT_EQ(version(), "0.1.0");
}

TEST(Program, VersionIsAnOptionToo) {
  Invocation run({"--version"});
  EXPECT_EQ(run.code, ExitCode::done);
  EXPECT_EQ(run.out.str(), "mailrig 0.1.0\n");
  EXPECT_EQ(run.err.str(), "");
}

TEST(Program, WrongUsageIsToldInSentences) {
  const auto told = [](std::vector<const char*> words) {
    Invocation run(std::move(words));
    EXPECT_EQ(run.code, ExitCode::usage);
    return run.err.str().substr(0, run.err.str().find('\n'));
  };
  EXPECT_EQ(told({"fetch"}), "mailrig fetch: --server is missing");
  EXPECT_EQ(told({"run", "--seed", "x"}), "mailrig run: --seed: \"x\" is not a number that it takes");
  EXPECT_EQ(told({"run", "--seed"}), "mailrig run: --seed needs a value: UINT");
  EXPECT_EQ(told({"run", "--world", "x"}), "mailrig run: --world: x is not one of sim,net,both");
  EXPECT_EQ(told({"run", "--repeat", "0"}), "mailrig run: --repeat: Value 0 not in range 1 to 1000000");
  EXPECT_EQ(told({"mail"}), "mailrig mail: a command is missing");
  EXPECT_EQ(
      told({"send", "--server", "a:1", "--tls", "none", "--user", "x", "--from", "a", "--to", "b", "--message", "c"}),
      "mailrig send: --user is of use only together with --password-file");
  EXPECT_EQ(told({"fetch", "--user", "an\r\nDELE 1"}),
            "mailrig fetch: --user: the user name holds a line end or a NUL: it has to be one line");
}

TEST(Program, HelpIsAResultAndNoError) {
  Invocation run({"--help"});
  EXPECT_EQ(run.code, ExitCode::done);
  EXPECT_THAT(run.out.str(), HasSubstr("version"));
  EXPECT_THAT(run.out.str(), HasSubstr("Exit codes: 0 "));
  EXPECT_EQ(run.err.str(), "");
}

TEST(Program, HelpOfASubcommandIsItsOwn) {
  Invocation run({"version", "--help"});
  EXPECT_EQ(run.code, ExitCode::done);
  EXPECT_THAT(run.out.str(), HasSubstr("Say which mailrig this is"));
}

TEST(Program, WithoutACommandItSaysWhatThereIs) {
  Invocation run({});
  EXPECT_EQ(run.code, ExitCode::usage);
  EXPECT_EQ(run.out.str(), "");
  EXPECT_THAT(run.err.str(), HasSubstr("version"));
}

TEST(Program, AMisspeltCommandIsAnsweredWithTheNearestOne) {
  Invocation run({"versoin"});
  EXPECT_EQ(run.code, ExitCode::usage);
  EXPECT_EQ(run.err.str(),
            "mailrig: there is no command \"versoin\"; did you mean version?\n"
            "`mailrig --help` lists what it takes.\n");
}

TEST(Program, ACommandUnlikeAnyIsNotGuessedAt) {
  Invocation run({"qqqqqqqqqqqq"});
  EXPECT_EQ(run.code, ExitCode::usage);
  EXPECT_EQ(run.err.str(),
            "mailrig: there is no command \"qqqqqqqqqqqq\"\n"
            "`mailrig --help` lists what it takes.\n");
}

TEST(Program, AMisspeltOptionIsAnsweredWithTheNearestOne) {
  Invocation run({"version", "--hepl=1"});
  EXPECT_EQ(run.code, ExitCode::usage);
  EXPECT_EQ(run.err.str(),
            "mailrig version: there is no option --hepl; did you mean --help?\n"
            "`mailrig version --help` lists what it takes.\n");
}

TEST(Program, AnArgumentTooManyIsNamed) {
  Invocation run({"version", "x\x07"});
  EXPECT_EQ(run.code, ExitCode::usage);
  EXPECT_EQ(run.err.str(),
            "mailrig version: \"x\\x07\" is one argument too many\n"
            "`mailrig version --help` lists what it takes.\n");
}

}  // namespace
}  // namespace mailrig::cli
