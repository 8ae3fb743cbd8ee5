#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "cli/mail/mail_files.h"
#include "cli/program.h"

namespace mailrig::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

struct Invocation {
  explicit Invocation(std::vector<std::string> words) {
    words.insert(words.begin(), {"mailrig", "mail"});
    std::vector<const char*> argv;
    argv.reserve(words.size());
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
  EXPECT_EQ(whole.out.str(), "Content-Type: image/png; name=a.png\r\nContent-Transfer-Encoding: base64\r\n\r\nQ2F0");
  Invocation decoded({"show", file.path, "--part", "2", "--decode"});
  EXPECT_EQ(decoded.out.str(), "Cat");
}

TEST(MailShow, WritesHeadersAndTexts) {
  MailFile file(
      "texts.eml",
      "From: =?utf-8?Q?J=C3=BCrgen?= <j@x.test>\nSubject: a\n folded one\n"
      "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; charset=iso-8859-1\n"
      "Content-Transfer-Encoding: quoted-printable\n\ngr=FC=DF=\n dich\n--b\nContent-Type: image/png\n\nx\n--b--\n");
  EXPECT_EQ(Invocation({"show", file.path, "--header"}).out.str(),
            "From: =?utf-8?Q?J=C3=BCrgen?= <j@x.test>\r\nSubject: a\r\n folded one\r\n"
            "Content-Type: multipart/mixed; boundary=b\r\n");
  EXPECT_EQ(Invocation({"show", file.path, "--header", "--text"}).out.str(),
            "From: Jürgen <j@x.test>\nSubject: a folded one\nContent-Type: multipart/mixed; boundary=b\n");
  EXPECT_EQ(Invocation({"show", file.path, "--header", "--part", "2"}).out.str(), "Content-Type: image/png\r\n");
  EXPECT_EQ(Invocation({"show", file.path, "--part", "1", "--text"}).out.str(), "grüß dich");
  EXPECT_EQ(Invocation({"show", file.path, "--text"}).out.str(), "grüß dich");
  Invocation picture({"show", file.path, "--part", "2", "--text"});
  EXPECT_EQ(picture.code, ExitCode::usage);
  EXPECT_THAT(picture.err.str(), HasSubstr("part 2 is image/png, and --text needs a text"));
}

// Content-Transfer-Encoding: binary has octets, not lines: in a file with CRLFs an LF alone is one of them.
TEST(MailParse, DigestsTheOctetsThatShowShows) {
  MailFile file("binary.eml", std::string_view("From: a@x.test\r\nContent-Type: image/tiff\r\n"
                                               "Content-Transfer-Encoding: binary\r\n\r\nII*\0\n\r\x80",
                                               86));
  Invocation shown({"show", file.path, "--part", "1", "--decode"});
  EXPECT_EQ(shown.out.str(), std::string_view("II*\0\n\r\x80", 7));
  Invocation parsed({"parse", "--json", file.path});
  EXPECT_THAT(parsed.out.str(), HasSubstr("\"size_decoded\": 7"));
  // sha256sum of the seven octets.
  EXPECT_THAT(parsed.out.str(), HasSubstr("a4177fc2a4d34b4bb95278e93bf6a7c41159f1083739637c6735f6335fffac64"));
}

TEST(MailParse, HasTheTextsWhereTheyAreAskedFor) {
  MailFile file("text.eml", "From: a@x.test\nContent-Type: text/plain; charset=iso-8859-1\n\ngr\xFC\xDF\n");
  EXPECT_THAT(Invocation({"parse", "--json", "--text", file.path}).out.str(), HasSubstr("\"text\": \"grüß\\r\\n\""));
  EXPECT_THAT(Invocation({"parse", "--json", file.path}).out.str(), Not(HasSubstr("\"text\"")));
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
  EXPECT_EQ(
      run.out.str(),
      file.path +
          ":3:1: MUST header-without-colon: a line of the header that is no field; the line is "
          "passed over (RFC 5322 §2.2)\n" +
          file.path +
          ":3:1: info readers-differ: a line of the header that is not a field: passed over; "
          "Python 3.11.2, libetpan 1.9.4, mimetic 0.9.8: the header ends there; KMime 22.12.3: the field after it "
          "is lost; enmime 0.9.3: the field before it is lost (measured 2026-11-30)\n");
}

TEST(MailLint, TellsOnlyTheLevelThatIsAskedFor) {
  MailFile file("level.eml", "From: a@x.test\nX-A: " + std::string(80, 'x') + "\nX-B: \xC3\xBC\n\nHello.\n");
  Invocation must({"lint", "--level", "must", file.path});
  EXPECT_EQ(must.out.str(), file.path +
                                ":4:1: MUST missing-field: a field that every message has is missing: Date; left "
                                "empty (RFC 5322 §3.6)\n");
  EXPECT_EQ(must.code, ExitCode::failed);
  // As the report writes it.
  EXPECT_EQ(Invocation({"lint", "--level", "MUST", file.path}).out.str(), must.out.str());
  Invocation should({"lint", "--level", "should", file.path});
  EXPECT_THAT(should.out.str(), HasSubstr("line-over-78"));
  EXPECT_THAT(should.out.str(), Not(HasSubstr("utf8-header")));
  EXPECT_THAT(Invocation({"lint", file.path}).out.str(), HasSubstr(":3:6: info utf8-header"));
  EXPECT_EQ(Invocation({"lint", "--level", "most", file.path}).code, ExitCode::usage);
}

TEST(MailLint, WritesJsonForPrograms) {
  MailFile file("json.eml", "Date: Mon, 2 Jun 2014 10:00:00 +0200\nFrom: a@x.test\nSubject: one\nSubject: two\n\n");
  Invocation run({"lint", "--json", file.path});
  EXPECT_EQ(run.code, ExitCode::failed);
  for (std::string_view piece :
       {"\"line\": 4", "\"column\": 1", "\"code\": \"duplicate-field\"", "\"field\": \"Subject\"",
        "\"severity\": \"MUST\"", "\"readers_differ\": []", "\"left_out\": 0"})
    EXPECT_THAT(run.out.str(), HasSubstr(std::string(piece)));
  MailFile other("json2.eml", "From: a@x.test\n\n");
  Invocation two({"lint", "--json", file.path, other.path});
  EXPECT_EQ(std::ranges::count(two.out.str(), '\n'), 2);
}

// Lines are counted from 1, columns in octets; the places were counted by hand.
TEST(MailLint, PlacesAreThoseOfTheFault) {
  MailFile file("places.eml",
                "Date: Mon, 2 Jun 2014 10:00:00 +0200\r\nFrom: \"=?utf-8?Q?A?= b\" <a@x.test>\r\n"
                "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
                "--b\r\nContent-Type: text/plain; charset=\"x-none\"\r\n\r\nx\r\n"
                "--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
                "good=C3=BC\r\nbad =E9t\r\n"
                "--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
                "YWJjZGVm\r\nZ2jpaWpr\r\n--b--\r\n");
  const std::string out = Invocation({"lint", file.path}).out.str();
  EXPECT_THAT(out, HasSubstr(":2:8: MUST encoded-word-in-quotes"));
  EXPECT_THAT(out, HasSubstr(":6:36: SHOULD unknown-charset"));
  EXPECT_THAT(out, HasSubstr(":14:5: MUST unmappable-text"));
  EXPECT_THAT(out, HasSubstr(":20:3: MUST unmappable-text"));
}

TEST(MailLint, WhatAProgramDoesAtEveryLineIsOneFault) {
  MailFile file("cr.eml",
                "From: a@x.test\r\r\nDate: Mon, 2 Jun 2014 10:00:00 +0200\r\r\nX-A: b\r\r\n\r\r\nhello\r\r\n");
  EXPECT_EQ(
      Invocation({"lint", "--level", "must", file.path}).out.str(),
      file.path + ":1:15: MUST bare-cr: a CR that no LF follows; kept as it is, and others like it (RFC 5322 §2.3)\n");
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
