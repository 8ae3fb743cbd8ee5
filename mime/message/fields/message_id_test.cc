#include "mime/message/fields/message_id.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mime/testing/cost.h"

namespace mailrig::mime {
namespace {

using ::testing::ElementsAre;
using testing::growth;
using testing::growth_max;
using ::testing::IsEmpty;
using testing::repeated;

TEST(MessageIds, Lists) {
  EXPECT_THAT(parse_message_ids(" <a@x.test>\r\n\t<b@x.test> (the first)\r\n"), ElementsAre("a@x.test", "b@x.test"));
  EXPECT_THAT(parse_message_ids("<a@[192.0.2.1]><b@x.test>"), ElementsAre("a@[192.0.2.1]", "b@x.test"));
  EXPECT_EQ(parse_message_id("<a@x.test> <b@x.test>"), "a@x.test");
  EXPECT_EQ(parse_message_id(""), "");
}

TEST(MessageIds, OfTheWild) {
  struct Case {
    std::string_view text;
    std::vector<std::string> ids;
    bool valid = false;
  };
  for (const Case& c :
       std::initializer_list<Case>{{"<a@x.test>, <b@x.test>", {"a@x.test", "b@x.test"}, true},
                                   {"Your message of \"Mon, 2 Jun <x@y>\" <a@x.test>", {"a@x.test"}, true},
                                   {"anna@x.test's message of Monday <a@x.test>", {"a@x.test"}, true},
                                   {"<very-long\r\n -id@x.test>", {"very-long-id@x.test"}, true},
                                   {"a@x.test", {"a@x.test"}},
                                   {"a@x.test b@x.test", {"a@x.test", "b@x.test"}},
                                   {"word", {"word"}},
                                   {"two words", {}, true},
                                   {"<no-right-side>", {"no-right-side"}},
                                   {"<a b@x.test>", {"a b@x.test"}},
                                   {"<a@x.test", {"a@x.test"}},
                                   {"<a@x.test <b@x.test>", {"a@x.test", "b@x.test"}},
                                   {"<<a@x.test>>", {"a@x.test"}, true},
                                   {"<>", {}},
                                   {"<@x>", {"@x"}},
                                   {"<a@>", {"a@"}}}) {
    Defects defects(c.text);
    EXPECT_EQ(parse_message_ids(c.text, &defects), c.ids) << c.text;
    EXPECT_EQ(!defects.has(DefectCode::invalid_message_id), c.valid) << c.text;
  }
}

TEST(MessageIds, HaveTheirLimit) {
  std::string many;
  for (int i = 0; i < 10'001; ++i) many += "<a@b>";
  EXPECT_EQ(parse_message_ids(many).size(), message_ids_max);
}

TEST(MessageIds, HostileListsCostInProportionToTheirLength) {
  struct Case {
    std::string_view piece;
    std::size_t ids;  // worked out by hand: a word alone is meant to be one, two words without "@" are none
    std::string_view first;
  };
  for (const Case& c : std::initializer_list<Case>{{"\"\\\"", 1, ""},  // "" closes; the rest is one word
                                                   {"\"", 0, ""},      // empty strings, one after the other
                                                   {"(", 1, "\""},     // the quote, and a comment to the end
                                                   {"<", 1, "\""},     // the quote, and brackets around nothing
                                                   {"a ", 0, ""},      // many words
                                                   {"<a", message_ids_max, "a"},
                                                   {"a@b\"", 1, ""}}) {
    const std::string text = repeated(c.piece, 50'000, "\"");
    EXPECT_LT(growth(text, [](std::string_view part) { parse_message_ids(part); }), growth_max) << c.piece;
    Defects defects(text);
    const std::vector<std::string> ids = parse_message_ids(text, &defects);
    EXPECT_EQ(ids.size(), c.ids) << c.piece;
    if (!c.first.empty()) {
      ASSERT_FALSE(ids.empty()) << c.piece;
      EXPECT_EQ(ids.front(), c.first) << c.piece;
    }
    EXPECT_EQ(defects.has(DefectCode::invalid_message_id), c.ids > 0) << c.piece;
    for (const Defect& defect : defects.list()) EXPECT_LE(defect.offset + defect.length, text.size()) << c.piece;
  }
}

}  // namespace
}  // namespace mailrig::mime
