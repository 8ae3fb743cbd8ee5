#include "client/pop3/listing.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mailrig::client {
namespace {

using ::testing::ElementsAre;
using Lines = std::initializer_list<std::string_view>;

std::vector<std::string> listing(Lines sizes, Lines uids) {
  Pop3Listing listing;
  for (std::string_view line : sizes) listing.add_size(line);
  for (std::string_view line : uids) listing.add_uid(line);
  listing.finish();
  std::vector<std::string> items;
  for (const Pop3Item& item : listing.items())
    items.push_back(fmt::format("{} {} '{}'", item.number, item.octets, item.uid));
  return items;
}

TEST(Pop3Listing, SizesAndUidsOfTheSameMessages) {
  EXPECT_THAT(listing({"1 120", "2 200"}, {"1 whqtswO00WBw418f9t5JxYwZ", "2 QhdPYR:00WBw1Ph7x7"}),  // RFC 1939 §7
              ElementsAre("1 120 'whqtswO00WBw418f9t5JxYwZ'", "2 200 'QhdPYR:00WBw1Ph7x7'"));
  EXPECT_TRUE(listing({}, {}).empty());
}

TEST(Pop3Listing, EitherMayBeMissing) {
  EXPECT_THAT(listing({"1 120"}, {}), ElementsAre("1 120 ''"));  // docs/providers/misbehaviours.md#m9
  EXPECT_THAT(listing({}, {"1 a"}), ElementsAre("1 0 'a'"));
  // docs/providers/misbehaviours.md#m18
  EXPECT_THAT(listing({"1 120", "2 7", "3 8"}, {"1 a", "3 c"}), ElementsAre("1 120 'a'", "2 7 ''", "3 8 'c'"));
  // docs/providers/misbehaviours.md#m17
  EXPECT_THAT(listing({"1 120"}, {"1 a", "2 b", "3 c"}), ElementsAre("1 120 'a'", "2 0 'b'", "3 0 'c'"));
}

TEST(Pop3Listing, AUidThatTwoMessagesHaveIdentifiesNeither) {  // docs/providers/misbehaviours.md#m11
  EXPECT_THAT(listing({}, {"1 a", "2 b", "3 a", "4 a"}), ElementsAre("1 0 ''", "2 0 'b'", "3 0 ''", "4 0 ''"));
}

TEST(Pop3Listing, AMessageThatHasTwoUidsHasNone) {
  EXPECT_THAT(listing({}, {"1 a", "1 b", "2 c"}), ElementsAre("1 0 ''", "2 0 'c'"));
  EXPECT_THAT(listing({}, {"1 a", "1 a"}), ElementsAre("1 0 'a'"));
}

TEST(Pop3Listing, BlankUids) {  // docs/providers/misbehaviours.md#m12
  EXPECT_THAT(listing({}, {"1 ", "2", "3 c", "4  \t "}), ElementsAre("1 0 ''", "2 0 ''", "3 0 'c'", "4 0 ''"));
}

TEST(Pop3Listing, LongUids) {  // docs/providers/misbehaviours.md#m13
  std::string longest(uid_octets_max, 'u');
  EXPECT_THAT(listing({}, {"1 " + longest}), ElementsAre("1 0 '" + longest + "'"));
  EXPECT_THAT(listing({}, {"1 " + longest + "u"}), ElementsAre("1 0 ''"));
}

TEST(Pop3Listing, UidsOfAnyOctets) {  // docs/providers/misbehaviours.md#m14
  EXPECT_THAT(listing({}, {"1 a b\t c ", "2 \xff\x07+/=%", std::string_view("3 n\0l", 5)}),
              ElementsAre("1 0 'a b\t c'", "2 0 '\xff\x07+/=%'", std::string("3 0 'n\0l'", 9)));
}

TEST(Pop3Listing, AnyOrder) {  // docs/providers/misbehaviours.md#m17
  EXPECT_THAT(listing({"3 30", "1 10", "2 20", "7 70", "5 50"}, {"7 g", "2 b", "1 a", "6 f", "3 c"}),
              ElementsAre("1 10 'a'", "2 20 'b'", "3 30 'c'", "5 50 ''", "6 0 'f'", "7 70 'g'"));
  EXPECT_THAT(listing({"2 20", "2 21", "1 10", "1 11"}, {"1 a", "2 b", "1 a"}), ElementsAre("1 10 'a'", "2 20 'b'"));
}

TEST(Pop3Listing, SizesThatAreNone) {  // docs/providers/misbehaviours.md#m19
  EXPECT_THAT(listing({"1 ten-twenty-four", "2 -1", "3", "4 4294967295", "5 18446744073709551616", "6 0", "7 100x",
                       "8 1073741824", "9 1073741825", "10 12 octets"},
                      {}),
              ElementsAre("1 0 ''", "2 0 ''", "3 0 ''", "4 0 ''", "5 0 ''", "6 0 ''", "7 0 ''", "8 1073741824 ''",
                          "9 0 ''", "10 12 ''"));
}

TEST(Pop3Listing, LinesThatNameNoMessageArePassedOver) {
  EXPECT_THAT(listing({"0 10", "x 10", "", "-1 10", "4294967296 10", "1a 10", " 1  10 "},
                      {"+OK 99 101", "0 a", "x", "", " 2\tb "}),
              ElementsAre("1 10 ''", "2 0 'b'"));
  EXPECT_THAT(listing({"4294967295 10"}, {}), ElementsAre("4294967295 10 ''"));
}

TEST(Pop3Listing, NumbersAlone) {
  Pop3Listing listing;
  listing.add_numbers(3);
  listing.add_uid("2 b");
  listing.finish();
  ASSERT_EQ(listing.items().size(), 3U);
  EXPECT_EQ(listing.items()[1].uid, "b");
  EXPECT_EQ(listing.items()[2].number, 3U);
}

TEST(Pop3Listing, ItHasItsLimit) {
  Pop3Listing listing;
  listing.add_numbers(listing_items_max);
  EXPECT_FALSE(listing.overflowed());
  listing.add_uid("5 a");
  listing.add_size(fmt::format("{} 10", listing_items_max));
  EXPECT_FALSE(listing.overflowed());
  listing.add_size(fmt::format("{} 10", listing_items_max + 1));
  EXPECT_TRUE(listing.overflowed());
  Pop3Listing too_many;
  too_many.add_numbers(listing_items_max + 1);
  EXPECT_TRUE(too_many.overflowed());
}

TEST(Pop3Listing, AnAnswerWithoutEndIsCut) {
  for (const char* line : {"3 10", "0 10", "", "x", "2 "}) {
    Pop3Listing listing;
    listing.begin_answer();
    for (unsigned n = 1; n <= 3; ++n) listing.add_size(fmt::format("{} 10", n));
    listing.begin_answer();
    for (std::size_t i = 0; i < 3 + listing_useless_lines_max; ++i) listing.add_uid(line);
    EXPECT_FALSE(listing.overflowed()) << line;
    listing.add_uid(line);
    EXPECT_TRUE(listing.overflowed()) << line;
    EXPECT_EQ(listing.overflow(),
              "a listing of the mailbox has no end: 10004 lines name 3 messages, the others over again or none");
  }
}

TEST(Pop3Listing, AnAnswerHasItsOctets) {
  Pop3Listing listing;
  const std::string line = "1 " + std::string(64 * 1024 - 4, 'u');  // and CRLF
  for (std::uint64_t i = 0; i < listing_octets_max / (64 * 1024); ++i) listing.add_uid(line);
  EXPECT_FALSE(listing.overflowed());
  listing.add_uid("2 b");
  EXPECT_TRUE(listing.overflowed());
  EXPECT_EQ(listing.overflow(), "a listing of the mailbox has more than 268435456 octets");
}

TEST(Pop3Listing, ManyLongUidsAreKeptApart) {
  Pop3Listing listing;
  auto uid = [](unsigned n) { return fmt::format("{:0>500}", n); };  // over several blocks
  for (unsigned n = 1; n <= 5'000; ++n) listing.add_uid(fmt::format("{} {}", n, uid(n == 4'999 ? 7 : n)));
  listing.finish();
  ASSERT_EQ(listing.items().size(), 5'000U);
  for (unsigned n = 1; n <= 5'000; ++n) {
    const bool twice = n == 7 || n == 4'999;
    ASSERT_EQ(listing.items()[n - 1].uid, twice ? "" : uid(n));
  }
}

}  // namespace
}  // namespace mailrig::client
