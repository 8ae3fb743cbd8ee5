#include "scenarios/judge/clear_text_search.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "base/prng.h"

namespace mailrig::scenarios {
namespace {

using Search = ClearTextSearch;

TEST(ClearTextSearch, FindsASecretAtEverySplit) {
  const std::string wire = "USER anna\r\nPASS s3cret\r\n";
  for (std::size_t cut = 0; cut <= wire.size(); ++cut) {
    Search search;
    ASSERT_TRUE(search.add_secret("s3cret", "the password"));
    search.feed(Search::to_server, wire.substr(0, cut));
    search.feed(Search::to_server, wire.substr(cut));
    ASSERT_EQ(search.found().size(), 1U) << "cut at " << cut;
    EXPECT_EQ(search.found()[0].what, "the password");
    EXPECT_EQ(search.found()[0].form, "raw");
    EXPECT_EQ(search.found()[0].direction, Search::to_server);
  }
}

TEST(ClearTextSearch, FindsASecretFedOctetByOctet) {
  Search search;
  search.add_secret("s3cret", "the password");
  for (char c : std::string("xs3cre s3crets3")) search.feed(Search::to_client, std::string(1, c));
  ASSERT_EQ(search.found().size(), 1U);
  EXPECT_EQ(search.found()[0].direction, Search::to_client);
}

// From printf '\0anna\0s3cret' | base64 and its relatives: the password at each of the three alignments.
TEST(ClearTextSearch, FindsASecretInsideSaslPlain) {
  for (const char* wire : {"AUTH PLAIN AGFubmEAczNjcmV0\r\n",  // \0anna\0s3cret
                           "AUTH PLAIN AGFubgBzM2NyZXQ=\r\n",  // \0ann\0s3cret
                           "AUTH PLAIN AGFuAHMzY3JldA==\r\n",  // \0an\0s3cret
                           "czNjcmV0\r\n"}) {                  // AUTH LOGIN
    Search search;
    search.add_secret("s3cret", "the password");
    search.feed(Search::to_server, wire);
    ASSERT_EQ(search.found().size(), 1U) << wire;
    EXPECT_EQ(search.found()[0].form, "base64");
  }
}

TEST(ClearTextSearch, SaysNothingOfOtherText) {
  Search search;
  search.add_secret("s3cret", "the password");
  search.feed(Search::to_server, "USER anna\r\nPASS s3cre\r\nt AGFubmEAczNjcmVi\r\n");
  EXPECT_TRUE(search.found().empty());
}

TEST(ClearTextSearch, ShortSecretsAreRefusedNotForgotten) {
  Search search;
  EXPECT_FALSE(search.add_secret("abc", "too short"));
  EXPECT_TRUE(search.add_secret("abcd", "long enough"));
}

TEST(ClearTextSearch, FindsEachPartOfAMessage) {
  std::string message;
  for (int i = 0; i < 100; ++i) message += "line " + std::to_string(i) + " of the message\r\n";
  const std::string_view middle =
      std::string_view(message).substr((message.size() - NeedleSet::slice_octets) / 2, NeedleSet::slice_octets);
  const std::string_view end = std::string_view(message).substr(message.size() - NeedleSet::slice_octets);
  for (std::string_view part : {std::string_view(message).substr(0, NeedleSet::slice_octets), middle, end}) {
    Search search;
    search.add_message(message, "message 1");
    search.feed(Search::to_client, "noise before ");
    search.feed(Search::to_client, part);
    ASSERT_EQ(search.found().size(), 1U) << part;
    EXPECT_EQ(search.found()[0].what, "message 1");
  }
}

TEST(ClearTextSearch, ReportsANeedleOncePerDirection) {
  Search search;
  search.add_secret("s3cret", "the password");
  search.feed(Search::to_server, "s3cret s3cret");
  search.feed(Search::to_client, "s3cret");
  EXPECT_EQ(search.found().size(), 2U);
}

TEST(ClearTextSearch, FindsASecretThatIsAddedWhileItComes) {
  const std::string wire = "PASS a long secret\r\n";
  for (std::size_t cut = 0; cut < wire.find("secret"); ++cut) {
    Search search;
    search.add_message("another needle, so that there is something to look for", "message 1");
    search.feed(Search::to_server, wire.substr(0, cut));
    search.add_secret("a long secret", "the password");
    search.feed(Search::to_server, wire.substr(cut));
    ASSERT_EQ(search.found().size(), 1U) << "cut at " << cut;
  }
}

TEST(ClearTextSearch, TheOctetsBetweenTwoDirectionsAreNotJoined) {
  Search search;
  search.add_secret("s3cret", "the password");
  search.feed(Search::to_server, "s3c");
  search.feed(Search::to_client, "ret");
  search.feed(Search::to_server, "xxx");
  EXPECT_TRUE(search.found().empty());
}

TEST(ClearTextSearch, CleartextAfterTheHeaderOfATlsRecordIsFound) {
  Search search;
  search.add_secret("s3cret", "the password");
  search.feed(Search::to_client, std::string("\x17\x03\x03\x40\x00", 5) + "s3cret");
  EXPECT_EQ(search.found().size(), 1U);
}

TEST(ClearTextSearch, CommonNeedlesAreReportedByEachSearchOfTheirOwn) {
  auto common = std::make_shared<NeedleSet>();
  common->add_secret("s3cret", "the password");
  for (int connection = 0; connection < 2; ++connection) {
    Search search(common);
    search.add_message("a message of its own", "message 1");
    search.feed(Search::to_client, "a message of its own s3cret");
    ASSERT_EQ(search.found().size(), 2U);
    EXPECT_EQ(search.found()[0].what, "message 1");
    EXPECT_EQ(search.found()[1].what, "the password");
  }
}

TEST(ClearTextSearch, OfALongSecretTheBeginningIsEnough) {
  std::string token;
  for (int i = 0; token.size() < 3 * NeedleSet::needle_octets_max; ++i) token += std::to_string(i);
  Search search;
  search.add_secret(token, "the token");
  search.feed(Search::to_server, std::string_view(token).substr(0, NeedleSet::needle_octets_max));
  ASSERT_EQ(search.found().size(), 1U);
}

/// What a search by std::string::find sees, which knows nothing of filters, seams and tables.
std::vector<std::string> seen_by_find(const std::vector<std::string>& secrets, const std::string& wire) {
  std::vector<std::string> seen;
  for (const std::string& secret : secrets)
    if (wire.find(secret) != std::string_view::npos) seen.push_back(secret);
  std::ranges::sort(seen);
  return seen;
}

// Two letters only, so that needles share beginnings, overlap and are parts of each other; every length from the
// shortest to past a slice; the stream in pieces of every size.
TEST(ClearTextSearch, FindsWhatAFindOfEachNeedleFinds) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Prng prng(seed);
    auto letters = [&](std::size_t count) {
      std::string text;
      for (std::size_t i = 0; i < count; ++i) text += prng.below(2) == 0 ? 'a' : 'b';
      return text;
    };
    std::vector<std::string> secrets;
    for (int i = 0; i < 60; ++i) secrets.push_back(letters(4 + prng.below(24)));
    std::ranges::sort(secrets);
    secrets.erase(std::unique(secrets.begin(), secrets.end()), secrets.end());
    const std::string wire = letters(200 + prng.below(400));
    Search search;
    for (const std::string& secret : secrets) search.add_secret(secret, secret);
    for (std::size_t at = 0; at < wire.size();) {
      const std::size_t octets = 1 + prng.below(seed % 3 == 0 ? 3 : 60);
      search.feed(Search::to_client, std::string_view(wire).substr(at, octets));
      at += octets;
    }
    std::vector<std::string> found;
    for (const Search::Found& one : search.found())
      if (one.form == "raw") found.push_back(one.what);
    std::ranges::sort(found);
    ASSERT_EQ(found, seen_by_find(secrets, wire)) << "seed " << seed;
  }
}

/// The work of a session that hands out `messages` messages of `octets` as `wire` makes them.
template <class Wire>
std::uint64_t work_of(std::size_t messages, std::size_t octets, Wire wire) {
  Prng prng(7);
  Search search;
  search.add_secret("s3cret", "the password");
  search.add_secret("a refresh token of some length", "the token");
  for (std::size_t i = 0; i < messages; ++i) {
    std::string message = "Received: from mail.isp.test by mx.isp.test\r\n";  // as of all others
    while (message.size() < octets) message += std::to_string(prng.next());
    search.add_message(message, "message " + std::to_string(i));
    search.feed(Search::to_client, wire(prng, message));
  }
  return search.work().octets + search.work().probes;
}

TEST(ClearTextSearch, TheWorkIsLinearInTheOctets) {
  auto ciphertext = [](Prng& prng, const std::string& message) {
    std::string wire;
    while (wire.size() < message.size()) {
      const std::uint64_t word = prng.next();
      wire.append(reinterpret_cast<const char*>(&word), sizeof word);
    }
    return wire;
  };
  // The worst case: every octet begins what could be a needle, and is looked up for each length that needles have.
  constexpr std::size_t lengths_max = 12;
  auto cleartext = [](Prng&, const std::string& message) { return message; };
  for (std::size_t messages : {200, 400, 800}) {
    const std::uint64_t one = work_of(messages, 1'000, ciphertext);
    const std::uint64_t twice = work_of(2 * messages, 1'000, ciphertext);
    EXPECT_LT(twice, one * 22 / 10) << messages << " messages";
    EXPECT_LT(one, messages * 1'000 * 11 / 10) << "one question for each octet, and few that pass";
    EXPECT_LT(work_of(2 * messages, 1'000, cleartext), 2 * messages * 1'000 * lengths_max);
  }
  // Small pieces: what was looked at is not looked at again.
  auto in_pieces = [](std::size_t octets) {
    Search search;
    search.add_secret("a refresh token of some length", "the token");
    const std::string wire(10'000, 'x');
    for (std::size_t at = 0; at < wire.size(); at += octets)
      search.feed(Search::to_client, std::string_view(wire).substr(at, octets));
    return search.work().octets;
  };
  EXPECT_LT(in_pieces(100), in_pieces(10'000) * 12 / 10);
}

}  // namespace
}  // namespace mailrig::scenarios
