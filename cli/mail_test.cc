#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "cli/mail_files.h"
#include "cli/program.h"

namespace mailrig::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

struct Invocation {
  explicit Invocation(std::vector<std::string> words) {
    words.insert(words.begin(), {"mailrig", "mail"});
    std::vector<const char*> argv;
    for (const std::string& word : words) argv.push_back(word.c_str());
    Program program{.out = out, .err = err};
    code = run_program(static_cast<int>(argv.size()), argv.data(), program);
  }
  std::ostringstream out;
  std::ostringstream err;
  ExitCode code{};
};

/// A file that is gone after the test.
struct MailFile {
  MailFile(const std::string& name, std::string_view text) : path(testing::TempDir() + name) {
    std::ofstream(path, std::ios::binary) << text;
  }
  ~MailFile() { std::filesystem::remove(path); }
  MailFile(const MailFile&) = delete;
  MailFile& operator=(const MailFile&) = delete;
  std::string path;
};

constexpr std::string_view two_parts =
    "From: =?utf-8?Q?J=C3=BCrgen?= <j@x.test>\nDate: Mon, 2 Jun 2014 10:00:00 +0200\nSubject: Pictures\n"
    "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nHello.\n--b\n"
    "Content-Type: image/png; name=a.png\nContent-Transfer-Encoding: base64\n\nQ2F0\n--b--\n";

TEST(MailParse, ShowsThePartsToAPerson) {
  MailFile file("outline.eml", two_parts);
  Invocation run({"parse", file.path});
  EXPECT_EQ(run.code, ExitCode::done);
  EXPECT_EQ(run.out.str(), file.path +
                               ":\n"
                               "From     Jürgen <j@x.test>\n"
                               "Date     Mon, 2 Jun 2014 10:00:00 +0200\n"
                               "Subject  Pictures\n"
                               "\n"
                               "multipart/mixed\n"
                               "  1  text/plain, 6 octets\n"
                               "  2  image/png, base64, 3 octets, file \"a.png\"\n");
  EXPECT_EQ(run.err.str(), "");
}

TEST(MailParse, NothingOfAMessageReachesTheTerminalRaw) {
  MailFile file("escape.eml", "From: a@x.test\nDate: Mon, 2 Jun 2014 10:00:00 +0200\nSubject: \x1b[2J\x1b]0;x\x07\n\n");
  Invocation run({"parse", file.path});
  EXPECT_EQ(run.out.str().find('\x1b'), std::string::npos);
  EXPECT_THAT(run.out.str(), HasSubstr("Subject  \\x1B[2J\\x1B]0;x\\x07\n"));
  EXPECT_THAT(run.out.str(), HasSubstr("MUST   control-character: a control character in a header field\n"));
}

TEST(MailParse, WritesJsonForPrograms) {
  MailFile file("reading.eml", two_parts);
  Invocation run({"parse", "--json", file.path});
  EXPECT_EQ(run.code, ExitCode::done);
  EXPECT_THAT(run.out.str(), StartsWith("{\n"));
  EXPECT_THAT(run.out.str(), HasSubstr("\"subject\": \"Pictures\""));
  EXPECT_THAT(run.out.str(), HasSubstr("{ \"name\": \"Jürgen\", \"address\": \"j@x.test\" }"));
  EXPECT_THAT(run.out.str(), HasSubstr("\"size_decoded\": 3"));
}

TEST(MailParse, OfSeveralFilesWritesALineEach) {
  MailFile one("one.eml", two_parts);
  MailFile two("two.eml", "Subject: two\n\n");
  Invocation run({"parse", "--json", one.path, "missing.eml", two.path});
  EXPECT_EQ(run.code, ExitCode::environment);  // of the one that is not there
  std::istringstream lines(run.out.str());
  std::string line;
  ASSERT_TRUE(std::getline(lines, line));
  EXPECT_THAT(line, StartsWith("{ \"file\": \"" + one.path + "\", \"headers\": "));
  ASSERT_TRUE(std::getline(lines, line));
  EXPECT_THAT(line, StartsWith("{ \"file\": \"" + two.path + "\""));
  EXPECT_FALSE(std::getline(lines, line));
  EXPECT_THAT(run.err.str(), HasSubstr("cannot read missing.eml"));
}

TEST(MailShow, WritesAPartByteForByte) {
  MailFile file("show.eml", two_parts);
  Invocation whole({"show", file.path, "--part", "2"});
  EXPECT_EQ(whole.code, ExitCode::done);
  EXPECT_EQ(whole.out.str(), "Content-Type: image/png; name=a.png\nContent-Transfer-Encoding: base64\n\nQ2F0");
  Invocation decoded({"show", file.path, "--part", "2", "--decode"});
  EXPECT_EQ(decoded.out.str(), "Cat");
}

TEST(MailShow, APartThatIsNotThereIsWrongUsage) {
  MailFile file("none.eml", two_parts);
  Invocation run({"show", file.path, "--part", "3"});
  EXPECT_EQ(run.code, ExitCode::usage);
  EXPECT_EQ(run.out.str(), "");
  EXPECT_THAT(run.err.str(), HasSubstr("has no part 3; it has 1 and 2\n"));
}

TEST(MailLint, SaysWhereAMustIsBroken) {
  MailFile file("lint.eml", "From: a@x.test\nDate: Mon, 2 Jun 2014 10:00:00 +0200\njunk\n\nHello.\n");
  Invocation run({"lint", file.path});
  EXPECT_EQ(run.code, ExitCode::failed);
  EXPECT_EQ(run.out.str(), file.path +
                               ":3:1: MUST header-without-colon: a line of the header that is no field; the line is "
                               "passed over (RFC 5322 §2.2)\n");
}

TEST(MailLint, AShouldIsToldAndNoFailure) {
  MailFile file("should.eml",
                "From: a@x.test\nDate: Mon, 2 Jun 2014 10:00:00 +0200\nX-A: " + std::string(80, 'x') + "\n\nHello.\n");
  Invocation run({"lint", file.path});
  EXPECT_EQ(run.code, ExitCode::done);
  EXPECT_THAT(run.out.str(), HasSubstr(":3:1: SHOULD line-over-78: "));
}

// A file of Unix has bare LFs everywhere; among CRLFs one is a fault.
TEST(MailLint, TellsTheLineEndsOfAFileFromThoseOfASender) {
  MailFile sent("sent.eml", "From: a@x.test\r\nDate: Mon, 2 Jun 2014 10:00:00 +0200\r\n\r\none\ntwo\r\n");
  Invocation run({"lint", sent.path});
  EXPECT_EQ(run.code, ExitCode::failed);
  EXPECT_THAT(run.out.str(), HasSubstr(":4:4: MUST bare-lf: "));
}

TEST(MailLint, AFileThatCannotBeReadIsNoFaultOfAnyMessage) {
  Invocation run({"lint", "missing.eml"});
  EXPECT_EQ(run.code, ExitCode::environment);
  EXPECT_THAT(run.err.str(), StartsWith("mailrig mail lint: cannot read missing.eml"));
}

TEST(Mail, WithoutASubcommandItIsWrongUsage) {
  EXPECT_EQ(Invocation({}).code, ExitCode::usage);
  EXPECT_EQ(Invocation({"prase", "x"}).code, ExitCode::usage);
}

TEST(MailFiles, PlacesAreCountedAsEditorsDo) {
  Places places("a\r\nbc\n\nd");
  auto at = [&places](std::uint64_t offset) {
    const Place place = places.at(offset);
    return std::to_string(place.line) + ":" + std::to_string(place.column);
  };
  EXPECT_EQ(at(0), "1:1");
  EXPECT_EQ(at(2), "1:3");
  EXPECT_EQ(at(4), "2:2");
  EXPECT_EQ(at(6), "3:1");
  EXPECT_EQ(at(8), "4:2");  // the end
}

}  // namespace
}  // namespace mailrig::cli
