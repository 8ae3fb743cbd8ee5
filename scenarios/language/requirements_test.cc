#include "scenarios/language/requirements.h"

#include <gtest/gtest.h>

namespace mailrig::scenarios {
namespace {

constexpr std::string_view three = R"({ "requirements": [
  { "id": "guide/one", "level": "MUST", "source": "Guide", "title": "First" },
  { "id": "guide/two", "level": "SHOULD", "source": "Guide", "title": "Second" },
  { "id": "rfc1/3-X", "level": "MUST", "source": "RFC 1, section 3", "title": "Third" } ] })";

std::string error_of(std::string_view text) {
  auto parsed = Requirements::parse("r.json", text);
  return parsed ? "good" : parsed.error().message;
}

TEST(Requirements, are_read_and_found) {
  auto parsed = Requirements::parse("r.json", three);
  ASSERT_TRUE(parsed) << parsed.error().message;
  ASSERT_EQ(parsed->all().size(), 3U);
  EXPECT_EQ(parsed->find("guide/two")->title, "Second");
  EXPECT_EQ(parsed->find("guide/two")->level, Level::should);
  EXPECT_EQ(parsed->find("rfc1/3-X")->source, "RFC 1, section 3");
  EXPECT_EQ(parsed->find("rfc1/3-Y"), nullptr);
  EXPECT_EQ(parsed->nearest_to("guide/tow"), "guide/two");
  EXPECT_EQ(parsed->nearest_to("something else"), "");
}

TEST(Requirements, mistakes_have_a_place) {
  EXPECT_EQ(
      error_of("{ \"requirements\": [ { \"id\": \"a\", \"title\": \"t\", \"source\": \"s\", \"level\":\n\"MAY\" } ] }"),
      "r.json:2:1: error: \"level\" does not take \"MAY\"\n\"MAY\" } ] }\n^\n  expected: one of MUST, SHOULD or "
      "INFO\n");
  EXPECT_EQ(error_of("{ \"requirements\": [\n{ \"id\": \"a\", \"title\": \"t\", \"level\": \"MUST\" } ] }"),
            "r.json:2:1: error: a requirement needs \"source\"\n{ \"id\": \"a\", \"title\": \"t\", \"level\": \"MUST\" "
            "} ] }\n^\n  expected: \"source\": a text\n");
  EXPECT_EQ(error_of("[1,"),
            "r.json:1:4: error: the file ends where a value is missing\n[1,\n   ^\n  expected: a value\n");
  EXPECT_EQ(
      error_of("{}"),
      "r.json:1:1: error: a requirements file needs \"requirements\"\n{}\n^\n  expected: \"requirements\": a list\n");
  std::string twice = error_of(
      R"({ "requirements": [ { "id": "a", "title": "t", "source": "s", "level": "MUST" }, { "id": "a", "title": "t", "source": "s", "level": "MUST" } ] })");
  EXPECT_NE(twice.find("the requirement \"a\" is listed twice"), std::string::npos) << twice;
}

TEST(Requirements, the_bundled_ones_cover_the_guide_and_the_standards) {
  const Requirements& all = bundled_requirements();
  EXPECT_GE(all.all().size(), 100U);
  for (std::string_view id :
       {"guide/gapps-delete-from-server", "guide/authentication-failure-disables", "guide/certificate-error",
        "rfc1939/5-DELE", "rfc1939/3-multi-line", "rfc2449/5-CAPA", "rfc2595/4-STLS", "rfc3206/5-AUTH",
        "rfc5321/4.2.1-replies", "rfc4954/4-AUTH", "rfc3207/4-STARTTLS", "rfc2920/3.1-PIPELINING", "rfc1870/3-SIZE",
        "rfc3463/3-codes", "rfc5322/3.6.2-Sender", "rfc8446/6.1-close-notify", "rfc5280/6.1-validation",
        "rfc9525/6-identity"})
    EXPECT_NE(all.find(id), nullptr) << id;
  for (const Requirement& one : all.all()) {
    EXPECT_NE(one.id.find('/'), std::string::npos) << one.id;
    EXPECT_FALSE(one.title.empty()) << one.id;
    EXPECT_FALSE(one.source.empty()) << one.id;
  }
  EXPECT_EQ(all.find("rfc1939/7-TOP")->level, Level::should);
  EXPECT_EQ(all.find("guide/address-book")->level, Level::info);
}

TEST(Coverage, says_what_covers_what_and_what_nothing_covers) {
  auto requirements = Requirements::parse("r.json", three);
  ASSERT_TRUE(requirements);
  std::vector<Scenario> scenarios(3);
  scenarios[0].id = "a/x[one]";
  scenarios[0].covers = {"guide/one"};
  scenarios[1].id = "a/x[two]";
  scenarios[1].covers = {"guide/one"};
  scenarios[2].id = "b/y";
  scenarios[2].covers = {"rfc1/3-X", "guide/one"};
  auto rows = coverage(*requirements, scenarios);
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[0].scenarios, (std::vector<std::string>{"a/x[one]", "a/x[two]", "b/y"}));
  EXPECT_TRUE(rows[1].scenarios.empty());
  EXPECT_EQ(coverage_table(*requirements, scenarios),
            "guide\n"
            "  + MUST   guide/one\n"
            "         First (Guide)\n"
            "         by a/x\n"
            "         by b/y\n"
            "  - SHOULD guide/two\n"
            "         Second (Guide)\n"
            "         nothing covers it\n"
            "\n"
            "rfc1\n"
            "  + MUST   rfc1/3-X\n"
            "         Third (RFC 1, section 3)\n"
            "         by b/y\n"
            "\n"
            "MUST: 2 of 2 covered\n"
            "SHOULD: 0 of 1 covered\n"
            "INFO: 0 of 0 covered\n");
}

}  // namespace
}  // namespace mailrig::scenarios
