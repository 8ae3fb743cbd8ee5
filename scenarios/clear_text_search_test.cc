#include "scenarios/clear_text_search.h"

#include <gtest/gtest.h>

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
      std::string_view(message).substr((message.size() - Search::slice_octets) / 2, Search::slice_octets);
  const std::string_view end = std::string_view(message).substr(message.size() - Search::slice_octets);
  for (std::string_view part : {std::string_view(message).substr(0, Search::slice_octets), middle, end}) {
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

}  // namespace
}  // namespace mailrig::scenarios
