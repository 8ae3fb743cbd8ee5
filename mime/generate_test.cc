#include "mime/generate.h"

#include <gtest/gtest.h>

#include <set>

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
  ASSERT_EQ(profile_names().size(), 1U);
  EXPECT_EQ(profile_names()[0], "plain");
}

}  // namespace
}  // namespace mailrig::mime
