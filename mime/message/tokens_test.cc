#include "mime/message/tokens.h"

#include <gtest/gtest.h>

namespace mailrig::mime {
namespace {

std::string quoted(std::string_view text, Defects* defects = nullptr) {
  std::string out;
  Tokens(text, defects).take_quoted(out);
  return out;
}

TEST(Tokens, QuotedStrings) {
  EXPECT_EQ(quoted("\"a \\\"b\\\" \\\\ c\" rest"), "a \"b\" \\ c");
  EXPECT_EQ(quoted("\"\""), "");
  EXPECT_EQ(quoted("\"a\r\n b\""), "a b");
  EXPECT_EQ(quoted("\"a\n\tb\""), "a\tb");
  Defects defects("\"open \\");
  EXPECT_EQ(quoted("\"open", &defects), "open");
  EXPECT_EQ(quoted("\"open \\\"", &defects), "open \"");
  EXPECT_EQ(defects.count(DefectCode::unclosed_quote), 2U);
}

TEST(Tokens, TheSizeOfAQuotedString) {
  EXPECT_EQ(Tokens("\"a\"b").quoted_size(), 3U);
  EXPECT_EQ(Tokens("\"\\\"\"").quoted_size(), 4U);
  EXPECT_EQ(Tokens("\"a\\\\\"\"").quoted_size(), 5U);
  for (std::string_view open : {"\"", "\"a", "\"a\\\"", "\"\\"}) EXPECT_EQ(Tokens(open).quoted_size(), 0U) << open;
}

TEST(Tokens, Comments) {
  std::string comment;
  Tokens tokens(" (a (b) \\) c)\r\n (d)e", nullptr);
  tokens.skip_blanks_and_comments(&comment);
  EXPECT_EQ(comment, "a (b) ) c d");
  EXPECT_EQ(tokens.rest(), "e");
  Defects defects;
  Tokens open("(a (b", &defects);
  open.skip_blanks_and_comments();
  EXPECT_TRUE(open.at_end());
  EXPECT_TRUE(defects.has(DefectCode::unclosed_comment));
}

TEST(Tokens, CommentsHaveADepth) {
  Defects defects;
  const std::string deep = std::string(1000, '(') + std::string(1000, ')');
  Tokens tokens(deep, &defects);
  std::string comment;
  tokens.take_comment(comment);
  EXPECT_EQ(defects.count(DefectCode::comment_nesting_limit), 1000U - Tokens::comment_depth_max);
}

}  // namespace
}  // namespace mailrig::mime
