#include "fakeservers/pop3/uids.h"

#include <gtest/gtest.h>

#include <set>

namespace mailrig::fakeservers::pop3 {
namespace {

std::string uid(UidShape shape, const UidSource& source) {
  std::string out = "kept ";
  append_uid(out, shape, source);
  EXPECT_EQ(out.substr(0, 5), "kept ");
  return out.substr(5);
}

TEST(Uids, Shapes) {
  Instant at = *parse_instant("2012-10-31T00:00:00Z");  // 1351641600000 ms, 0x13AB41E1000
  EXPECT_EQ(uid(UidShape::decimal, {.number = 2, .first = 6499}), "6500");
  EXPECT_EQ(uid(UidShape::mixed, {.number = 1, .first = 18446744073709551615U}), "18446744073709551615");
  EXPECT_EQ(uid(UidShape::dovecot, {.number = 17, .validity = 0x4f5c8a01}), "000000114f5c8a01");
  EXPECT_EQ(uid(UidShape::gmail, {.number = 1, .arrived = at}), "GmailId13ab41e10009e375");
  EXPECT_EQ(uid(UidShape::gmail, {.number = 2, .arrived = at, .salt = 1}), "GmailId13ab41e10003c6eb");
  std::string legacy = uid(UidShape::legacy, {.number = 1, .salt = 5});
  EXPECT_EQ(legacy.size(), 32U);
  EXPECT_EQ(legacy.substr(0, 10), "AAwh/AAAAA");
  EXPECT_EQ(uid(UidShape::opaque, {.number = 1}).size(), 16U);
}

TEST(Uids, StayTheSameAndDifferFromEachOther) {
  Instant at = *parse_instant("2014-06-02T09:00:00Z");
  for (UidShape shape : {UidShape::opaque, UidShape::decimal, UidShape::dovecot, UidShape::gmail, UidShape::legacy}) {
    std::set<std::string> all;
    for (std::uint32_t number = 1; number <= 20'000; ++number) {
      UidSource source{.number = number, .arrived = at, .salt = 99, .first = 1};
      std::string one = uid(shape, source);
      EXPECT_EQ(uid(shape, source), one);
      EXPECT_EQ(one.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/"),
                std::string::npos);
      all.insert(std::move(one));
    }
    EXPECT_EQ(all.size(), 20'000U);
  }
}

TEST(Uids, OfTwoMailboxesDiffer) {
  for (UidShape shape : {UidShape::opaque, UidShape::legacy, UidShape::gmail})
    EXPECT_NE(uid(shape, {.number = 1, .salt = 1}), uid(shape, {.number = 1, .salt = 2}));
}

}  // namespace
}  // namespace mailrig::fakeservers::pop3
