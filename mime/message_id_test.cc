#include "mime/message_id.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mailrig::mime {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

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

TEST(MessageIds, HostileListsTakeNoTime) {
  for (std::string_view piece : {"\"\\\"", "\"", "(", "<", "a ", "<a", "a@b\""}) {
    std::string text = "\"";
    while (text.size() < 200'000) text += piece;
    parse_message_ids(text);
  }
}

}  // namespace
}  // namespace mailrig::mime
