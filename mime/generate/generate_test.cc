#include "mime/generate/generate.h"

#include <gtest/gtest.h>

#include <set>
#include <tuple>
#include <vector>

#include "base/prng.h"

namespace mailrig::mime {
namespace {

using namespace std::chrono;
constexpr Instant june = sys_days{year{2014} / June / 2} + 9h;

Generator::Settings sized(std::uint64_t low, std::uint64_t high) {
  return {.seed = 7, .octets_min = low, .octets_max = high, .first = june, .every = 1h};
}

/// "" where every line ends in CRLF, holds printable ASCII and has at most 78 characters.
std::string what_is_wrong_with(const std::string& message) {
  std::size_t begin = 0;
  while (begin < message.size()) {
    std::size_t end = message.find("\r\n", begin);
    if (end == std::string::npos) return "the last line has no end";
    if (end - begin > 78) return "a line of " + std::to_string(end - begin);
    for (std::size_t i = begin; i < end; ++i)
      if (message[i] < 0x20 || message[i] > 0x7E)
        return "the octet " + std::to_string(message[i]) + " at " + std::to_string(i);
    begin = end + 2;
  }
  return "";
}

TEST(Generator, writes_a_header_that_tells_the_messages_apart) {
  Generator mail(sized(2000, 2000));
  std::string message = mail.message(16);
  EXPECT_EQ(message.substr(0, message.find("Message-ID")),
            "Date: Tue, 03 Jun 2014 01:00:00 +0000\r\n"
            "From: Sender 17 <sender-17@generated.test>\r\n"
            "To: user@generated.test\r\n"
            "Subject: Message 17\r\n");
  EXPECT_NE(
      message.find("\r\nMessage-ID: " + mail.message_id(16) +
                   "\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\nThis is number 17.\r\n"),
      std::string::npos);
  EXPECT_TRUE(mail.message_id(16).starts_with("<17."));
  EXPECT_TRUE(mail.message_id(16).ends_with("@generated.test>"));
}

TEST(Generator, takes_sender_recipient_and_subject) {
  Generator mail({.octets_min = 500,
                  .octets_max = 500,
                  .from = "Anna <anna@zillum.test>",
                  .to = "bert@x.test",
                  .subject = "offer",
                  .first = june});
  for (std::uint64_t index : {0U, 1U}) {
    EXPECT_TRUE(
        mail.message(index).starts_with("Date: Mon, 02 Jun 2014 09:00:00 +0000\r\nFrom: Anna <anna@zillum.test>\r\nTo: "
                                        "bert@x.test\r\nSubject: offer\r\nMessage-ID: <"))
        << mail.message(index);
    EXPECT_EQ(mail.octets(index), 500U);
    EXPECT_EQ(mail.message(index).size(), 500U);
  }
  EXPECT_NE(mail.message(0), mail.message(1));
}

TEST(Generator, every_size_is_exact_and_every_line_ends) {
  Generator smallest(sized(0, 0));
  std::uint64_t low = smallest.octets(0);
  EXPECT_EQ(smallest.message(0).size(), low);
  // Over two lines of the block: each place where the last line can be cut.
  for (std::uint64_t size = low; size < low + 200; ++size) {
    Generator mail(sized(size, size));
    std::string message = mail.message(0);
    ASSERT_EQ(message.size(), size);
    ASSERT_EQ(mail.octets(0), size);
    ASSERT_EQ(what_is_wrong_with(message), "") << size;
  }
}

TEST(Generator, bodies_longer_than_the_prepared_text_are_whole) {
  for (std::uint64_t size : {79'000U, 80'000U, 81'000U, 1'000'000U}) {
    for (std::uint64_t index = 0; index < 5; ++index) {
      std::string message = Generator(sized(size, size)).message(index);
      EXPECT_EQ(message.size(), size);
      EXPECT_EQ(what_is_wrong_with(message), "");
    }
  }
}

TEST(Generator, octets_min_is_kept_by_all_numbers_of_eight_digits) {
  Generator mail(sized(0, 0));
  EXPECT_EQ(mail.octets(99'999'998), mail.octets_min());
  EXPECT_LT(mail.octets(9'999'998), mail.octets_min());
  Generator exact(sized(mail.octets_min(), mail.octets_min()));
  EXPECT_EQ(exact.octets(0), mail.octets_min());
  EXPECT_EQ(exact.octets(99'999'998), mail.octets_min());
}

TEST(Generator, sizes_fill_their_range) {
  Generator mail(sized(1000, 1009));
  std::set<std::uint64_t> sizes;
  for (std::uint64_t index = 0; index < 500; ++index) sizes.insert(mail.octets(index));
  EXPECT_EQ(sizes.size(), 10U);
  EXPECT_EQ(*sizes.begin(), 1000U);
  EXPECT_EQ(*sizes.rbegin(), 1009U);
}

TEST(Generator, messages_differ_pairwise_and_by_seed) {
  std::set<std::string> seen;
  std::set<std::string> ids;
  for (std::uint64_t seed : {1U, 2U}) {
    Generator mail({.seed = seed, .octets_min = 600, .octets_max = 600});
    for (std::uint64_t index = 0; index < 5000; ++index) {
      seen.insert(mail.message(index));
      ids.insert(mail.message_id(index));
    }
  }
  EXPECT_EQ(seen.size(), 10'000U);
  EXPECT_EQ(ids.size(), 10'000U);
}

TEST(Generator, the_same_seed_gives_the_same_bytes) {
  EXPECT_EQ(Generator(sized(5000, 9000)).message(3), Generator(sized(5000, 9000)).message(3));
  EXPECT_NE(Generator(sized(5000, 9000)).message(3), Generator(sized(5000, 9000)).message(4));
}

TEST(Generator, a_range_that_ends_before_it_begins_is_its_beginning) {
  EXPECT_EQ(Generator(sized(4000, 10)).octets(0), 4000U);
}

TEST(Generator, knows_its_profiles) {
  EXPECT_EQ(profile_names().front(), "plain");
  EXPECT_EQ(profile_names().back(), "mixed");
  EXPECT_EQ(profile_names().size(), 15U);
  EXPECT_EQ(habit_names().size(), 6U);
}

/// What the plain profile made before it had company: its bytes are in the digests of stories.
std::uint64_t sum_of(const Generator& mail) {
  std::uint64_t sum = 0;
  for (std::uint64_t index = 0; index < 200; ++index) sum = hash_seed(sum, mail.message(index));
  return sum;
}

TEST(Generator, plain_mail_never_changes) { EXPECT_EQ(sum_of(Generator(sized(600, 9000))), 18396784601036798704ULL); }

struct Variety : ::testing::TestWithParam<std::tuple<std::string_view, std::string_view>> {
  Generator::Settings settings(std::uint64_t seed) const {
    return {.profile = std::string(std::get<0>(GetParam())),
            .like = std::string(std::get<1>(GetParam())),
            .seed = seed,
            .first = june,
            .every = 1h};
  }
};

TEST_P(Variety, every_size_is_exact_and_no_frame_is_over_its_limit) {
  Generator::Settings smallest = settings(1);
  smallest.octets_min = smallest.octets_max = 0;
  const Generator small(smallest);
  for (std::uint64_t index = 0; index < 400; ++index) {
    ASSERT_LE(small.octets(index), small.octets_min()) << index;
    ASSERT_EQ(small.message(index).size(), small.octets(index)) << index;
  }
  Generator::Settings exact = settings(2);
  for (std::uint64_t more = 0; more < 200; ++more) {
    exact.octets_min = exact.octets_max = small.octets_min() + more;
    ASSERT_EQ(Generator(exact).message(more).size(), small.octets_min() + more);
  }
  const Generator usual(settings(3));
  for (std::uint64_t index = 0; index < 20; ++index) ASSERT_EQ(usual.message(index).size(), usual.octets(index));
}

TEST_P(Variety, every_line_ends_and_is_short) {
  const Generator mail(settings(4));
  for (std::uint64_t index = 0; index < 30; ++index) {
    const std::string message = mail.message(index);
    for (std::size_t begin = 0; begin < message.size();) {
      const std::size_t end = message.find("\r\n", begin);
      ASSERT_NE(end, std::string::npos);
      ASSERT_LE(end - begin, 78U) << message.substr(begin, end - begin);
      ASSERT_EQ(message.substr(begin, end - begin).find_first_of("\r\n"), std::string::npos);
      begin = end + 2;
    }
    ASSERT_NE(message.find("\r\nMessage-I"), std::string::npos);
    ASSERT_NE(message.find(' ' + mail.message_id(index) + "\r\n"), std::string::npos) << message.substr(0, 2000);
  }
}

TEST_P(Variety, messages_differ_pairwise_and_by_seed) {
  std::set<std::string> seen, ids;
  for (std::uint64_t seed : {1U, 2U}) {
    Generator::Settings small = settings(seed);
    small.octets_min = small.octets_max = 0;
    const Generator mail(small);
    for (std::uint64_t index = 0; index < 500; ++index) {
      seen.insert(mail.message(index));
      ids.insert(mail.message_id(index));
    }
  }
  EXPECT_EQ(seen.size(), 1000U);
  EXPECT_EQ(ids.size(), 1000U);
}

TEST_P(Variety, the_same_seed_gives_the_same_bytes) {
  EXPECT_EQ(Generator(settings(5)).message(3), Generator(settings(5)).message(3));
}

TEST_P(Variety, what_is_given_is_taken) {
  if (GetParam() == std::tuple("plain", "")) GTEST_SKIP() << "plain mail takes it as it is";
  Generator::Settings given = settings(6);
  given.from = "Änne <anne@zillum.test>";
  given.to = "Bert <bert@customer.test>";
  given.subject = "Grüße an alle, die das hier lesen, und an alle anderen auch, wo immer sie sein mögen";
  const std::string message = Generator(given).message(0);
  EXPECT_NE(message.find("\r\nFrom: =?UTF-8?B?w4RubmU=?= <anne@zillum.test>\r\n"), std::string::npos) << message;
  EXPECT_NE(message.find("\r\nTo: Bert <bert@customer.test>\r\n"), std::string::npos);
  EXPECT_NE(message.find("\r\nSubject: =?UTF-8?B?R3LDvMOfZQ==?= an alle,"), std::string::npos);
  given.octets_min = given.octets_max = 0;
  EXPECT_LE(Generator(given).octets(0), Generator(given).octets_min());
}

std::vector<std::string_view> all_habits() {
  std::vector<std::string_view> all{""};
  all.insert(all.end(), habit_names().begin(), habit_names().end());
  return all;
}

INSTANTIATE_TEST_SUITE_P(Profiles, Variety,
                         ::testing::Combine(::testing::ValuesIn(profile_names().begin(), profile_names().end()),
                                            ::testing::ValuesIn(all_habits())));

TEST(Generator, a_thread_refers_to_what_came_before) {
  const Generator mail({.profile = "thread", .seed = 1, .first = june, .every = 1h});
  EXPECT_EQ(mail.message(8).find("References:"), std::string::npos);
  const std::string third = mail.message(10);
  EXPECT_NE(third.find("References: " + mail.message_id(8)), std::string::npos);
  EXPECT_NE(third.find("In-Reply-To: " + mail.message_id(9)), std::string::npos);
  EXPECT_NE(third.find("Subject: Re: "), std::string::npos);
}

TEST(Generator, fifty_megabytes_are_made) {
  const Generator mail({.profile = "invoice", .octets_min = 50'000'000, .octets_max = 50'000'000});
  EXPECT_EQ(mail.message(0).size(), 50'000'000U);
}

}  // namespace
}  // namespace mailrig::mime
