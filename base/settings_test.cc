#include "base/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

namespace mailrig {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string problem(const Setting& setting, const Value& value) {
  Status fits = check_setting(setting, value);
  if (fits) return "";
  EXPECT_EQ(fits.error().code, Errc::bad_input);
  return fits.error().message;
}
Setting of(SettingKind kind) { return {"name", kind, "meaning"}; }

TEST(ParseOctets, KnowsDecimalAndBinaryUnits) {
  EXPECT_EQ(*parse_octets("0"), 0U);
  EXPECT_EQ(*parse_octets("512"), 512U);
  EXPECT_EQ(*parse_octets("512B"), 512U);
  EXPECT_EQ(*parse_octets("10kB"), 10'000U);
  EXPECT_EQ(*parse_octets("3MB"), 3'000'000U);
  EXPECT_EQ(*parse_octets("3GB"), 3'000'000'000U);
  EXPECT_EQ(*parse_octets("64KiB"), 65'536U);
  EXPECT_EQ(*parse_octets("2MiB"), 2'097'152U);
  EXPECT_EQ(*parse_octets("2GiB"), 2'147'483'648U);
}

TEST(ParseOctets, RefusesEverythingElse) {
  for (const char* text : {"", "KiB", "-1", "+1", "1.5KiB", " 1", "1 KiB", "1K", "1KIB", "1TB", "0x10", "1,000"}) {
    Result<std::uint64_t> octets = parse_octets(text);
    ASSERT_FALSE(octets.has_value()) << text;
    EXPECT_EQ(octets.error().code, Errc::bad_input);
    EXPECT_EQ(octets.error().message,
              "\"" + std::string(text) + "\" is not a number of octets; write for example 512, 10kB, 64KiB or 2MiB");
  }
}

TEST(ParseOctets, StaysWithinWhatAValueHolds) {
  EXPECT_EQ(*parse_octets("9223372036854775807"), 9'223'372'036'854'775'807U);
  EXPECT_FALSE(parse_octets("9223372036854775808").has_value());
  EXPECT_EQ(*parse_octets("8589934591GiB"), 8'589'934'591U * 1'073'741'824U);
  EXPECT_FALSE(parse_octets("8589934592GiB").has_value());
  EXPECT_FALSE(parse_octets("18446744073709551616").has_value());
}

TEST(CheckSetting, Boolean) {
  EXPECT_EQ(problem(of(SettingKind::boolean), true), "");
  EXPECT_EQ(problem(of(SettingKind::boolean), 1), "\"name\" takes true or false, not 1");
  EXPECT_EQ(problem(of(SettingKind::boolean), "yes"), "\"name\" takes true or false, not \"yes\"");
}

TEST(CheckSetting, Whole) {
  EXPECT_EQ(problem(of(SettingKind::whole), 0), "");
  EXPECT_EQ(problem(of(SettingKind::whole), 300), "");
  EXPECT_EQ(problem(of(SettingKind::whole), -1), "\"name\" takes a whole number, zero or more, not -1");
  EXPECT_EQ(problem(of(SettingKind::whole), 0.5), "\"name\" takes a whole number, zero or more, not 0.5");
  EXPECT_EQ(problem(of(SettingKind::whole), "3"), "\"name\" takes a whole number, zero or more, not \"3\"");
}

TEST(CheckSetting, Octets) {
  EXPECT_EQ(problem(of(SettingKind::octets), 0), "");
  EXPECT_EQ(problem(of(SettingKind::octets), "64KiB"), "");
  EXPECT_EQ(problem(of(SettingKind::octets), -1), "\"name\" takes a number of octets such as 512 or \"64KiB\", not -1");
  EXPECT_EQ(problem(of(SettingKind::octets), true),
            "\"name\" takes a number of octets such as 512 or \"64KiB\", not true");
  EXPECT_EQ(problem(of(SettingKind::octets), "64 KiB"),
            "\"64 KiB\" is not a number of octets; write for example 512, 10kB, 64KiB or 2MiB");
}

TEST(CheckSetting, Duration) {
  EXPECT_EQ(problem(of(SettingKind::duration), "15m"), "");
  EXPECT_EQ(problem(of(SettingKind::duration), 15), "\"name\" takes a span of time such as \"15m\", not 15");
  EXPECT_EQ(problem(of(SettingKind::duration), "15"),
            "\"15\" is not a span of time: it has no unit; write for example 250ms, 30s, 15m or 3d");
}

TEST(CheckSetting, Instant) {
  EXPECT_EQ(problem(of(SettingKind::instant), "2014-06-02T09:00:00Z"), "");
  EXPECT_EQ(problem(of(SettingKind::instant), 2014),
            "\"name\" takes a point in time such as \"2014-06-02T09:00:00Z\", not 2014");
  EXPECT_EQ(
      problem(of(SettingKind::instant), "2014-06-02"),
      "\"2014-06-02\" is not a point in time: the time of day is missing; write for example 2014-06-02T09:00:00Z");
}

TEST(CheckSetting, Text) {
  EXPECT_EQ(problem(of(SettingKind::text), ""), "");
  EXPECT_EQ(problem(of(SettingKind::text), Value()), "\"name\" takes a text, not null");
}

constexpr std::array<std::string_view, 3> words{"relist", "empty", "refuse"};

TEST(CheckSetting, Choice) {
  Setting choice{"at_cap", SettingKind::choice, "meaning", words};
  EXPECT_EQ(problem(choice, "relist"), "");
  EXPECT_EQ(problem(choice, "refuse"), "");
  EXPECT_EQ(problem(choice, "relst"),
            "\"at_cap\" takes relist, empty or refuse, not \"relst\"; did you mean \"relist\"?");
  EXPECT_EQ(problem(choice, "x"), "\"at_cap\" takes relist, empty or refuse, not \"x\"");
  EXPECT_EQ(problem(choice, 3), "\"at_cap\" takes relist, empty or refuse, not 3");
}

TEST(CheckSetting, TextList) {
  EXPECT_EQ(problem(of(SettingKind::text_list), "one"), "");
  EXPECT_EQ(problem(of(SettingKind::text_list), Value::list()), "");
  EXPECT_EQ(problem(of(SettingKind::text_list), Value::list().push("a").push("b")), "");
  EXPECT_EQ(problem(of(SettingKind::text_list), Value::list().push("a").push(2)),
            "\"name\" takes a text or a list of texts, not [\"a\", 2]");
  EXPECT_EQ(problem(of(SettingKind::text_list), 2), "\"name\" takes a text or a list of texts, not 2");
}

TEST(CheckSetting, MapAndAny) {
  EXPECT_EQ(problem(of(SettingKind::map), Value::map()), "");
  EXPECT_EQ(problem(of(SettingKind::map), Value::list()), "\"name\" takes an object, not []");
  EXPECT_EQ(problem(of(SettingKind::any), Value()), "");
  EXPECT_EQ(problem(of(SettingKind::any), Value::list()), "");
}

TEST(CheckSetting, LongValuesAreCutInTheMessage) {
  EXPECT_EQ(problem(of(SettingKind::whole), std::string(100, 'x')),
            "\"name\" takes a whole number, zero or more, not \"" + std::string(59, 'x') + " ...");
}

TEST(Describe, EveryKind) {
  EXPECT_EQ(describe(SettingKind::boolean), "true or false");
  EXPECT_EQ(describe(SettingKind::whole), "a whole number, zero or more");
  EXPECT_EQ(describe(SettingKind::choice), "one of its words");
  EXPECT_EQ(describe(SettingKind::text), "a text");
  EXPECT_EQ(describe(SettingKind::text_list), "a text or a list of texts");
  EXPECT_EQ(describe(SettingKind::map), "an object");
  EXPECT_EQ(describe(SettingKind::any), "anything");
}

TEST(SettingsReader, ReadsWhatIsThere) {
  Value values = Value::map()
                     .set("on", true)
                     .set("cap", 300)
                     .set("size", "64KiB")
                     .set("plain_size", 12)
                     .set("every", "15m")
                     .set("user", "anna")
                     .set("hosts", Value::list().push("a").push("b"));
  SettingsReader read(values);
  EXPECT_TRUE(read.boolean("on", false));
  EXPECT_EQ(read.whole("cap", 1), 300U);
  EXPECT_EQ(read.octets("size", 1), 65'536U);
  EXPECT_EQ(read.octets("plain_size", 1), 12U);
  EXPECT_EQ(read.duration("every", 1s), 15min);
  EXPECT_EQ(read.text("user", "x"), "anna");
  EXPECT_THAT(read.text_list("hosts"), ElementsAre("a", "b"));
  EXPECT_THAT(read.text_list("user"), ElementsAre("anna"));
  EXPECT_TRUE(read.has("on"));
}

TEST(SettingsReader, FallsBackWhereNothingOrAnotherKindIs) {
  Value values = Value::map().set("text", "maybe").set("number", 3).set("mixed", Value::list().push("a").push(1));
  SettingsReader read(values);
  for (std::string_view name : {"missing", "text"}) {
    EXPECT_TRUE(read.boolean(name, true)) << name;
    EXPECT_FALSE(read.boolean(name, false)) << name;
    EXPECT_EQ(read.whole(name, 7), 7U) << name;
    EXPECT_EQ(read.octets(name, 7), 7U) << name;
    EXPECT_EQ(read.duration(name, 7s), 7s) << name;
  }
  EXPECT_EQ(read.text("number", "x"), "x");
  EXPECT_EQ(read.text("missing", "x"), "x");
  EXPECT_EQ(read.duration("number", 7s), 7s);
  EXPECT_THAT(read.text_list("missing"), IsEmpty());
  EXPECT_THAT(read.text_list("number"), IsEmpty());
  EXPECT_THAT(read.text_list("mixed"), ElementsAre("a"));
  EXPECT_FALSE(read.has("missing"));
}

}  // namespace
}  // namespace mailrig
