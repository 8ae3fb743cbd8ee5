// `mailrig mail compose`, `generate` and `damage`, as a person calls them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "cli/program.h"

namespace mailrig::cli {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

struct MailMaking : ::testing::Test {
  MailMaking() : folder(std::filesystem::temp_directory_path() / ("mail_making_test." + std::to_string(::getpid()))) {
    std::filesystem::create_directories(folder);
  }
  ~MailMaking() override {
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
  }
  MailMaking(const MailMaking&) = delete;
  MailMaking& operator=(const MailMaking&) = delete;

  std::string put(const std::string& name, std::string_view octets) const {
    std::ofstream(folder / name, std::ios::binary) << octets;
    return (folder / name).string();
  }
  static std::string contents(const std::filesystem::path& path) {
    std::ostringstream all;
    all << std::ifstream(path, std::ios::binary).rdbuf();
    return all.str();
  }
  std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (const auto& entry : std::filesystem::directory_iterator(folder))
      all.push_back(entry.path().filename().string());
    std::ranges::sort(all);
    return all;
  }

  ExitCode run(std::vector<std::string> words) {
    words.insert(words.begin(), {"mailrig", "mail"});
    std::vector<const char*> arguments;
    for (const std::string& word : words) arguments.push_back(word.c_str());
    out.str("");
    err.str("");
    Program program{.out = out, .err = err};
    return run_program(static_cast<int>(arguments.size()), arguments.data(), program);
  }

  std::filesystem::path folder;
  std::ostringstream out;
  std::ostringstream err;
};

TEST_F(MailMaking, is_composed_from_a_description) {
  put("offer.pdf", "PDF");
  put("hello.html", "<p>hello</p>\n");
  const std::string spec = put("hello.json", R"({ "from": "Anna Bär <anna@zillum.test>",
    "to": ["Bert <bert@customer.test>", "Team: carl@customer.test, dora@customer.test;"], "bcc": "secret@zillum.test",
    "subject": "Grüße", "text": "Hello\n", "html": { "file": "hello.html" }, "attachments": [ "offer.pdf" ],
    "headers": { "X-Priority": "1" }, "date": "2014-06-02T11:00:00+02:00", "message_id": "1@zillum.test", "seed": 7 })");
  EXPECT_EQ(run({"compose", spec}), ExitCode::done) << err.str();
  EXPECT_THAT(out.str(), StartsWith("Date: Mon, 02 Jun 2014 11:00:00 +0200\r\n"
                                    "From: =?UTF-8?B?QW5uYSBCw6Ry?= <anna@zillum.test>\r\n"
                                    "To: Bert <bert@customer.test>, Team: carl@customer.test, dora@customer.test;\r\n"
                                    "Message-ID: <1@zillum.test>\r\n"
                                    "Subject: =?UTF-8?B?R3LDvMOfZQ==?=\r\n"
                                    "X-Priority: 1\r\n"
                                    "MIME-Version: 1.0\r\n"
                                    "Content-Type: multipart/mixed; boundary=\"=_"));
  EXPECT_THAT(out.str(), HasSubstr("Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n"
                                   "Content-Disposition: attachment; filename=offer.pdf\r\n\r\nUERG\r\n"));
  EXPECT_EQ(out.str().find("secret"), std::string::npos);
  const std::string first = out.str();
  EXPECT_EQ(run({"compose", spec, "--to", (folder / "hello.eml").string()}), ExitCode::done);
  EXPECT_EQ(out.str(), "");
  EXPECT_EQ(contents(folder / "hello.eml"), first);
  EXPECT_THAT(names(), ::testing::ElementsAre("hello.eml", "hello.html", "hello.json", "offer.pdf"));
}

TEST_F(MailMaking, a_wrong_description_is_told_by_its_place) {
  const std::string spec = put("x.json", "{ \"from\": \"a@x.test\",\n  \"subjet\": \"x\",\n  \"to\": \"nobody\" }");
  EXPECT_EQ(run({"compose", spec}), ExitCode::invalid_scenario);
  EXPECT_EQ(out.str(), "");
  EXPECT_THAT(err.str(), HasSubstr(spec + ":2:3: error: a message has no key \"subjet\""));
  EXPECT_THAT(err.str(), HasSubstr("did you mean \"subject\"?"));
  EXPECT_THAT(err.str(),
              HasSubstr(spec + ":3:9: error: \"to\": \"nobody\" is not an address: an address that has no domain"));
  EXPECT_THAT(err.str(), HasSubstr("\n        ^"));
}

TEST_F(MailMaking, what_a_description_lacks_is_told) {
  EXPECT_EQ(run({"compose", put("a.json", "{}")}), ExitCode::invalid_scenario);
  EXPECT_THAT(err.str(), HasSubstr("a.json:1:1: error: "));
  EXPECT_EQ(run({"compose", put("b.json", R"({ "from": "a@x.test", "attachments": [ "no.pdf" ] })")}),
            ExitCode::invalid_scenario);
  EXPECT_THAT(err.str(), HasSubstr("no.pdf cannot be read"));
  EXPECT_EQ(run({"compose", put("c.json", R"({ "from": "ä@x.test" })")}), ExitCode::invalid_scenario);
  EXPECT_THAT(err.str(), HasSubstr("SMTPUTF8"));
  EXPECT_EQ(run({"compose",
                 put("d.json", R"({ "from": "ä@x.test", "offers": "SMTPUTF8", "date": "2014-06-02T09:00:00Z" })")}),
            ExitCode::done);
  EXPECT_THAT(out.str(), HasSubstr("From: ä@x.test\r\n"));
  EXPECT_EQ(run({"compose", (folder / "none.json").string()}), ExitCode::environment);
}

TEST_F(MailMaking, is_generated_into_a_folder) {
  const std::string inbox = (folder / "inbox").string();
  EXPECT_EQ(
      run({"generate", "--profile", "thread", "--like", "gmail", "--count", "12", "--size", "5000", "--to", inbox}),
      ExitCode::done)
      << err.str();
  folder /= "inbox";
  EXPECT_EQ(names().size(), 12U);
  EXPECT_EQ(names().front(), "thread-gmail-01.eml");
  const std::string first = contents(folder / "thread-gmail-01.eml");
  EXPECT_EQ(first.size(), 5000U);
  folder = folder.parent_path();
  EXPECT_EQ(run({"generate", "--profile", "thread", "--like", "gmail", "--size", "5000"}), ExitCode::done);
  EXPECT_EQ(out.str(), first);
  EXPECT_EQ(run({"generate", "--profile", "thread", "--like", "gmail", "--size", "5000", "--seed", "2"}),
            ExitCode::done);
  EXPECT_NE(out.str(), first);
}

TEST_F(MailMaking, generate_says_what_it_does_not_take) {
  EXPECT_EQ(run({"generate", "--profile", "newsleter"}), ExitCode::usage);
  EXPECT_EQ(run({"generate", "--count", "2"}), ExitCode::usage);
  EXPECT_THAT(err.str(), HasSubstr("many messages need a folder: --to DIR"));
  EXPECT_EQ(run({"generate", "--size", "64KiB..2KiB"}), ExitCode::usage);
  EXPECT_THAT(err.str(), HasSubstr("--size takes octets such as 10kB"));
}

TEST_F(MailMaking, is_damaged_with_a_report) {
  const std::string clean = put("x.eml", "Date: Mon, 02 Jun 2014 09:00:00 +0000\nFrom: a@x.test\n\nhello\n");
  EXPECT_EQ(run({"damage", "invalid-date", "bare-lf", clean}), ExitCode::done);
  EXPECT_EQ(out.str(), "Date: soon\r\nFrom: a@x.test\r\n\r\nthis line ends in LF\nhello\r\n");
  EXPECT_EQ(err.str(),
            "invalid-date: at 5: \" Mon, 02 Jun 2014 09:00:00 +0000\" became \" soon\"\n"
            "bare-lf: at 30: \"this line ends in LF\\n\" was put in\n");
  EXPECT_EQ(run({"damage", "invalid-date", clean, "--to", (folder / "y.eml").string()}), ExitCode::done);
  EXPECT_EQ(contents(folder / "y.eml"), "Date: soon\r\nFrom: a@x.test\r\n\r\nhello\r\n");
}

TEST_F(MailMaking, damage_says_what_it_can_do) {
  EXPECT_EQ(run({"damage", "--list"}), ExitCode::done);
  EXPECT_THAT(out.str(), HasSubstr("\nno-final-boundary "));
  EXPECT_THAT(out.str(), HasSubstr("an octet of value zero (MUST, RFC 5322"));
  EXPECT_EQ(std::ranges::count(out.str(), '\n'), 81);
  EXPECT_EQ(run({"damage", "base64-jnk", put("x.eml", "a: b\r\n\r\n")}), ExitCode::usage);
  EXPECT_THAT(err.str(), HasSubstr("did you mean base64-junk?"));
  EXPECT_EQ(run({"damage", "base64-junk"}), ExitCode::usage);
  EXPECT_EQ(run({"damage", "base64-junk", (folder / "none.eml").string()}), ExitCode::environment);
}

}  // namespace
}  // namespace mailrig::cli
