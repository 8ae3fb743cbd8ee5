#include "fakeservers/crm/records/zone.h"

#include <gtest/gtest.h>

namespace mailrig::fakeservers::crm {
namespace {

Instant at(std::string_view text) { return *parse_instant(text); }

TEST(CrmTime, IsWrittenInTheZoneWithoutFractions) {
  EXPECT_EQ(format_in_zone(at("2019-07-25T09:56:49Z"), 330min), "2019-07-25T15:26:49+05:30");
  EXPECT_EQ(format_in_zone(at("2024-02-20T05:30:23.987Z"), -660min), "2024-02-19T18:30:23-11:00");
  EXPECT_EQ(format_in_zone(at("2021-02-02T06:38:24Z"), 0min), "2021-02-02T06:38:24+00:00");
  EXPECT_EQ(format_in_zone(at("2021-02-02T06:38:24Z"), -5min), "2021-02-02T06:33:24-00:05");
}

TEST(CrmTime, ZonesAreOffsets) {
  EXPECT_EQ(*parse_zone("+05:30"), 330min);
  EXPECT_EQ(*parse_zone("-08:00"), -480min);
  EXPECT_EQ(*parse_zone("+00:00"), 0min);
  for (std::string_view text : {"", "Z", "05:30", "+5:30", "+05:60", "+24:00", "+05:30x"})
    EXPECT_FALSE(parse_zone(text)) << text;
}

TEST(CrmTime, TakesOffsetsAndNoMilliseconds) {
  EXPECT_EQ(parse_crm_date_time("2019-07-25T15:26:49+05:30"), at("2019-07-25T09:56:49Z"));
  EXPECT_EQ(parse_crm_date_time("2019-07-25T15:26:49Z"), at("2019-07-25T15:26:49Z"));
  for (std::string_view text : {"2019-07-25T15:26:49.000+05:30", "2019-07-25T15:26:49.0000Z", "2019-07-25T15:26:49",
                                "2019-07-25T15:26:49.00000", "2019-07-25 15:26:49+05:30", "2019-02-30T15:26:49+05:30",
                                "2019-07-25", "", "2019-07-25T15:26:49.1234Z"})
    EXPECT_FALSE(parse_crm_date_time(text)) << text;
}

TEST(CrmTime, HttpHasAFormOfItsOwn) {
  EXPECT_EQ(format_http_date(at("2014-06-02T09:00:00Z")), "Mon, 02 Jun 2014 09:00:00 GMT");
  EXPECT_EQ(format_http_date(at("1994-11-15T08:12:31Z")), "Tue, 15 Nov 1994 08:12:31 GMT");
}

TEST(CrmTime, DatesAreDays) {
  EXPECT_TRUE(is_crm_date("2020-10-20"));
  EXPECT_FALSE(is_crm_date("2020-02-30"));
  EXPECT_FALSE(is_crm_date("20/10/2020"));
  EXPECT_FALSE(is_crm_date("2020-10-20T00:00:00Z"));
  EXPECT_FALSE(is_crm_date(""));
}

}  // namespace
}  // namespace mailrig::fakeservers::crm
