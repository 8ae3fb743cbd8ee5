#include "base/time.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mailrig {
namespace {

using ::testing::HasSubstr;

constexpr Duration day = 24h;

Duration parsed(std::string_view text) {
  Result<Duration> span = parse_duration(text);
  EXPECT_TRUE(span.has_value()) << text;
  return span ? *span : Duration::min();
}

std::string refusal(std::string_view text) {
  Result<Duration> span = parse_duration(text);
  if (span) return "accepted as " + format_duration(*span);
  EXPECT_EQ(span.error().code, Errc::bad_input);
  return span.error().message;
}

TEST(ParseDuration, KnowsItsUnits) {
  EXPECT_EQ(parsed("7ns"), 7ns);
  EXPECT_EQ(parsed("7us"), 7us);
  EXPECT_EQ(parsed("7ms"), 7ms);
  EXPECT_EQ(parsed("7s"), 7s);
  EXPECT_EQ(parsed("7m"), 7min);
  EXPECT_EQ(parsed("7h"), 7h);
  EXPECT_EQ(parsed("7d"), 7 * day);
  EXPECT_EQ(parsed("7w"), 49 * day);
}

TEST(ParseDuration, AddsItsParts) {
  EXPECT_EQ(parsed("1d12h"), 36h);
  EXPECT_EQ(parsed("1h30m15s"), 1h + 30min + 15s);
  EXPECT_EQ(parsed("30m1h"), 90min);
  EXPECT_EQ(parsed("1m1m"), 2min);
  EXPECT_EQ(parsed("0s"), 0s);
  EXPECT_EQ(parsed("007s"), 7s);
}

TEST(ParseDuration, TakesDecimalsAndRoundsToTheNanosecond) {
  EXPECT_EQ(parsed("1.5s"), 1500ms);
  EXPECT_EQ(parsed("0.25h"), 15min);
  EXPECT_EQ(parsed(".5s"), 500ms);
  EXPECT_EQ(parsed("2.s"), 2s);
  EXPECT_EQ(parsed("1.000000001s"), 1s + 1ns);
  EXPECT_EQ(parsed("0.4ns"), 0ns);
  EXPECT_EQ(parsed("0.6ns"), 1ns);
  EXPECT_EQ(parsed("1.5m0.5s"), 90500ms);
}

TEST(ParseDuration, IsExactWhereADoubleWouldNotBe) { EXPECT_EQ(parsed("36499d1ns"), 36499 * day + 1ns); }

TEST(ParseDuration, ACenturyIsTheMost) {
  EXPECT_EQ(parsed("36500d"), 36500 * day);
  EXPECT_EQ(parsed("36499d24h"), 36500 * day);
  EXPECT_THAT(refusal("36500d1ns"), HasSubstr("it is longer than 100 years"));
  EXPECT_THAT(refusal("36501d"), HasSubstr("it is longer than 100 years"));
  EXPECT_THAT(refusal("36499.9999d1h"), HasSubstr("it is longer than 100 years"));
  EXPECT_THAT(refusal("9223372036854775807ns"), HasSubstr("it is longer than 100 years"));
  EXPECT_THAT(refusal("18446744073709551616ns"), HasSubstr("it is longer than 100 years"));
}

TEST(ParseDuration, RefusesWhatIsNoSpan) {
  EXPECT_EQ(refusal(""), "\"\" is not a span of time: it is empty; write for example 250ms, 30s, 15m or 3d");
  EXPECT_EQ(refusal("15"), "\"15\" is not a span of time: it has no unit; write for example 250ms, 30s, 15m or 3d");
  EXPECT_THAT(refusal("1h30"), HasSubstr("it has no unit"));
  EXPECT_THAT(refusal("15min"), HasSubstr("the units are ns, us, ms, s, m, h, d and w"));
  EXPECT_THAT(refusal("15 m"), HasSubstr("the units are"));
  EXPECT_THAT(refusal("15M"), HasSubstr("the units are"));
  EXPECT_THAT(refusal("1y"), HasSubstr("the units are"));
  EXPECT_THAT(refusal("-5s"), HasSubstr("a number is missing or malformed"));
  EXPECT_THAT(refusal("+5s"), HasSubstr("a number is missing or malformed"));
  EXPECT_THAT(refusal("s"), HasSubstr("a number is missing or malformed"));
  EXPECT_THAT(refusal(".s"), HasSubstr("a number is missing or malformed"));
  EXPECT_THAT(refusal("1s."), HasSubstr("a number is missing or malformed"));
  EXPECT_THAT(refusal("1.2.3s"), HasSubstr("it has no unit"));
  EXPECT_THAT(refusal("1e3s"), HasSubstr("the units are"));
  EXPECT_THAT(refusal("5\x07"), HasSubstr("\"5\\x07\" is not"));
}

TEST(FormatDuration, UsesTheLargestUnitsFirst) {
  EXPECT_EQ(format_duration(0s), "0s");
  EXPECT_EQ(format_duration(90s), "1m30s");
  EXPECT_EQ(format_duration(59s), "59s");
  EXPECT_EQ(format_duration(60s), "1m");
  EXPECT_EQ(format_duration(1h), "1h");
  EXPECT_EQ(format_duration(36h), "1d12h");
  EXPECT_EQ(format_duration(14 * day), "14d");
  EXPECT_EQ(format_duration(day + 1h + 1min + 1s), "1d1h1m1s");
  EXPECT_EQ(format_duration(day + 1s), "1d1s");
}

TEST(FormatDuration, KeepsFractions) {
  EXPECT_EQ(format_duration(1ns), "1ns");
  EXPECT_EQ(format_duration(999ns), "999ns");
  EXPECT_EQ(format_duration(1us), "1us");
  EXPECT_EQ(format_duration(1500ns), "1.5us");
  EXPECT_EQ(format_duration(999'999ns), "999.999us");
  EXPECT_EQ(format_duration(1ms), "1ms");
  EXPECT_EQ(format_duration(40ms), "40ms");
  EXPECT_EQ(format_duration(999'999'999ns), "999.999999ms");
  EXPECT_EQ(format_duration(1s), "1s");
  EXPECT_EQ(format_duration(1250ms), "1.25s");
  EXPECT_EQ(format_duration(1s + 1ns), "1.000000001s");
  EXPECT_EQ(format_duration(1min + 1us), "1m0.000001s");
  EXPECT_EQ(format_duration(day + 1ns), "1d0.000000001s");
}

TEST(FormatDuration, MarksWhatIsNegative) {
  EXPECT_EQ(format_duration(-90s), "-1m30s");
  EXPECT_EQ(format_duration(-1ms), "-1ms");
}

TEST(FormatDuration, IsReadBackAsItWas) {
  for (Duration span : {1ns, 1500ns, 40ms + 0ns, 59s + 999'999'999ns, 61s + 1ns, 365 * day + 23h + 59min + 1ns})
    EXPECT_EQ(parsed(format_duration(span)), span) << format_duration(span);
}

TEST(DeadlineAfter, AddsWithoutOverflow) {
  const Moment now{5s};
  EXPECT_EQ(deadline_after(now, 3s), Moment{8s});
  EXPECT_EQ(deadline_after(now, 0s), now);
  EXPECT_EQ(deadline_after(now, -1s), Moment{4s});
  EXPECT_EQ(deadline_after(now, Duration::max()), never);
  EXPECT_EQ(deadline_after(now, Duration::max() - 5s), never);
  EXPECT_EQ(deadline_after(now, Duration::max() - 5s - 1ns), never - 1ns);
  EXPECT_EQ(deadline_after(never, 1ns), never);
  EXPECT_EQ(deadline_after(Moment{-5s}, Duration::max()), never - 5s);
}

Instant at(std::int64_t seconds, std::int64_t nanoseconds = 0) {
  return Instant{std::chrono::seconds{seconds} + Duration{nanoseconds}};
}

std::string instant_refusal(std::string_view text) {
  Result<Instant> instant = parse_instant(text);
  if (instant) return "accepted as " + format_instant(*instant);
  EXPECT_EQ(instant.error().code, Errc::bad_input);
  return instant.error().message;
}

// Seconds since 1970 by `date -u -d ... +%s`.
TEST(ParseInstant, ReadsRfc3339) {
  EXPECT_EQ(*parse_instant("1970-01-01T00:00:00Z"), at(0));
  EXPECT_EQ(*parse_instant("2014-06-02T09:00:00Z"), at(1'401'699'600));
  EXPECT_EQ(*parse_instant("2014-06-02t09:00:00z"), at(1'401'699'600));
  EXPECT_EQ(*parse_instant("2014-06-02 09:00:00Z"), at(1'401'699'600));
  EXPECT_EQ(*parse_instant("2000-02-29T23:59:59Z"), at(951'868'799));
  EXPECT_EQ(*parse_instant("2200-12-31T23:59:59Z"), at(7'289'654'399));
}

TEST(ParseInstant, TurnsEveryOffsetIntoUtc) {
  EXPECT_EQ(*parse_instant("2014-06-02T14:30:00+05:30"), at(1'401'699'600));
  EXPECT_EQ(*parse_instant("2014-06-02T01:00:00-08:00"), at(1'401'699'600));
  EXPECT_EQ(*parse_instant("2014-06-02T09:00:00+00:00"), at(1'401'699'600));
  EXPECT_EQ(*parse_instant("2014-06-03T08:59:00+23:59"), at(1'401'699'600));
  EXPECT_EQ(*parse_instant("1970-01-01T00:00:00+00:01"), at(-60));
}

TEST(ParseInstant, KeepsNanosecondsAndDropsWhatIsFiner) {
  EXPECT_EQ(*parse_instant("1970-01-01T00:00:01.5Z"), at(1, 500'000'000));
  EXPECT_EQ(*parse_instant("1970-01-01T00:00:01.123456789Z"), at(1, 123'456'789));
  EXPECT_EQ(*parse_instant("1970-01-01T00:00:01.1234567899Z"), at(1, 123'456'789));
  EXPECT_EQ(*parse_instant("1970-01-01T00:00:01.05+00:00"), at(1, 50'000'000));
}

TEST(ParseInstant, RefusesWhatIsNoInstant) {
  EXPECT_EQ(instant_refusal("yesterday"),
            "\"yesterday\" is not a point in time: it does not begin with a date such as 2014-06-02; "
            "write for example 2014-06-02T09:00:00Z");
  for (const char* text :
       {"", "2014", "2014-6-2T09:00:00Z", "2014/06/02T09:00:00Z", "2014-06/02T09:00:00Z", "14-06-02"})
    EXPECT_THAT(instant_refusal(text), HasSubstr("it does not begin with a date")) << text;
  EXPECT_THAT(instant_refusal("2014-06-02"), HasSubstr("the time of day is missing"));
  EXPECT_THAT(instant_refusal("2014-06-02_09:00:00Z"), HasSubstr("the time of day is missing"));
  for (const char* text : {"2014-06-02T", "2014-06-02T9:00:00Z", "2014-06-02T09:00Z", "2014-06-02T09-00:00Z"})
    EXPECT_THAT(instant_refusal(text), HasSubstr("the time of day is not like 09:00:00")) << text;
  EXPECT_THAT(instant_refusal("2014-06-02T09:00:00.Z"), HasSubstr("digits are missing after the point"));
  EXPECT_THAT(instant_refusal("2014-06-02T09:00:00"), HasSubstr("the zone is missing"));
  EXPECT_THAT(instant_refusal("2014-06-02T09:00:00X"), HasSubstr("the zone is missing"));
  for (const char* text : {"2014-06-02T09:00:00+5:30", "2014-06-02T09:00:00+0530", "2014-06-02T09:00:00+24:00",
                           "2014-06-02T09:00:00-05:60"})
    EXPECT_THAT(instant_refusal(text), HasSubstr("the offset is not like +05:30")) << text;
  EXPECT_THAT(instant_refusal("2014-06-02T09:00:00ZZ"), HasSubstr("something follows the zone"));
  EXPECT_THAT(instant_refusal("2014-06-02T09:00:00+05:30 "), HasSubstr("something follows the zone"));
}

TEST(ParseInstant, RefusesDaysAndTimesThatAreNot) {
  for (const char* text :
       {"2014-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2014-13-01T00:00:00Z", "2014-00-01T00:00:00Z",
        "2014-04-31T00:00:00Z", "2014-04-00T00:00:00Z", "1969-12-31T23:59:59Z", "2201-01-01T00:00:00Z"})
    EXPECT_THAT(instant_refusal(text), HasSubstr("there is no such day between 1970 and 2200")) << text;
  for (const char* text : {"2014-06-02T24:00:00Z", "2014-06-02T00:60:00Z", "2014-06-02T00:00:60Z"})
    EXPECT_THAT(instant_refusal(text), HasSubstr("there is no such time of day")) << text;
  EXPECT_EQ(*parse_instant("2014-06-02T23:59:59Z"), at(1'401'753'599));
}

TEST(FormatInstant, WritesUtcAndAFractionOnlyWhereThereIsOne) {
  EXPECT_EQ(format_instant(at(0)), "1970-01-01T00:00:00Z");
  EXPECT_EQ(format_instant(at(1'401'699'600)), "2014-06-02T09:00:00Z");
  EXPECT_EQ(format_instant(at(1, 500'000'000)), "1970-01-01T00:00:01.5Z");
  EXPECT_EQ(format_instant(at(1, 10)), "1970-01-01T00:00:01.00000001Z");
  EXPECT_EQ(format_instant(at(951'868'799)), "2000-02-29T23:59:59Z");
  EXPECT_EQ(format_instant(at(-1)), "1969-12-31T23:59:59Z");
}

TEST(FormatRfc5322Date, NamesDayAndMonth) {
  EXPECT_EQ(format_rfc5322_date(at(0)), "Thu, 1 Jan 1970 00:00:00 +0000");
  EXPECT_EQ(format_rfc5322_date(at(1'401'699'600)), "Mon, 2 Jun 2014 09:00:00 +0000");
  EXPECT_EQ(format_rfc5322_date(at(951'868'799)), "Tue, 29 Feb 2000 23:59:59 +0000");
  EXPECT_EQ(format_rfc5322_date(at(1'419'984'000)), "Wed, 31 Dec 2014 00:00:00 +0000");
  EXPECT_EQ(format_rfc5322_date(at(1'401'580'799, 999'999'999)), "Sat, 31 May 2014 23:59:59 +0000");
}

}  // namespace
}  // namespace mailrig
