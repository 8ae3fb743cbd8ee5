#include "fakeservers/core/reply_template.h"

#include <gtest/gtest.h>

#include "json/json_value.h"

namespace mailrig::fakeservers {
namespace {

constexpr TextKey keys[] = {{"greeting", "host n", ""}, {"user", "", ""}, {"quit", "n", ""}};

std::string said(const ReplyTemplate& text) {
  std::string out;
  text.append(out, [](std::string& to, std::string_view name) { to += name == "host" ? "pop.test" : "7"; });
  return out;
}
std::string parsed(std::string_view text, std::string_view placeholders = "host n") {
  Result<ReplyTemplate> result = ReplyTemplate::parse(text, placeholders);
  return result ? said(*result) : "error: " + result.error().message;
}

TEST(ReplyTemplate, Placeholders) {
  EXPECT_EQ(parsed(""), "");
  EXPECT_EQ(parsed("+OK"), "+OK");
  EXPECT_EQ(parsed("{n}"), "7");
  EXPECT_EQ(parsed("+OK {n} on {host}."), "+OK 7 on pop.test.");
  EXPECT_EQ(parsed("{n}{n}"), "77");
  EXPECT_EQ(parsed("{{n}}"), "{n}");
  EXPECT_EQ(parsed("{{{n}}}"), "{7}");
}

TEST(ReplyTemplate, WhatIsNoPlaceholder) {
  EXPECT_EQ(parsed("{uid}"), "error: this text has no placeholder {uid}; it may have: host n");
  EXPECT_EQ(parsed("{}"), "error: this text has no placeholder {}; it may have: host n");
  EXPECT_EQ(parsed("{ho}"), "error: this text has no placeholder {ho}; it may have: host n");
  EXPECT_EQ(parsed("{n}", ""), "error: this text has no placeholders, and so no {n}");
  EXPECT_EQ(parsed("a {n"), "error: a single \"{\"; a brace that is meant as such is written twice");
  EXPECT_EQ(parsed("a } b"), "error: a single \"}\"; a brace that is meant as such is written twice");
}

TEST(ReplyTemplate, IsShownWithoutWhatStandsForPlaceholders) {
  EXPECT_EQ(ReplyTemplate::parse("+OK {n} on {host}.", "host n")->shown(), "+OK <n> on <host>.");
  EXPECT_TRUE(ReplyTemplate::parse("", "")->empty());
  EXPECT_FALSE(ReplyTemplate::parse("x", "")->empty());
}

TEST(ReplyTemplates, ReadsByKey) {
  Value texts = *parse_json_value(R"({"quit": "+OK {n}", "greeting": ["+OK a", "+OK {host}"]})");
  Result<ReplyTemplates> book = ReplyTemplates::read(&texts, keys);
  ASSERT_TRUE(book);
  EXPECT_EQ(said((*book)[0]), "+OK a\r\n+OK pop.test");
  EXPECT_TRUE((*book)[1].empty());
  EXPECT_EQ(said((*book)[2]), "+OK 7");
  EXPECT_TRUE((*ReplyTemplates::read(nullptr, keys))[2].empty());
}

TEST(ReplyTemplates, ErrorsNameTheText) {
  auto refused = [](std::string_view json) {
    Value texts = *parse_json_value(json);
    Result<ReplyTemplates> book = ReplyTemplates::read(&texts, keys);
    EXPECT_EQ(book.error().message.substr(0, book.error().reason.size()), book.error().reason);
    return book.error().message;
  };
  EXPECT_EQ(refused(R"({"greting": "x"})"), "texts.greting: there is no such text; did you mean \"greeting\"?");
  EXPECT_EQ(refused(R"({"zzzzzzzzz": "x"})"),
            "texts.zzzzzzzzz: there is no such text; docs/personalities.md has them all");
  EXPECT_EQ(refused(R"({"user": 5})"), "texts.user: takes a text or a list of lines, not 5");
  EXPECT_EQ(refused(R"({"user": ["a", 5]})"), "texts.user: a line is a text, not 5");
  EXPECT_EQ(refused(R"({"user": "{n}"})"), "texts.user: this text has no placeholders, and so no {n}");
  EXPECT_EQ(refused("[]"), "texts: takes an object, not []");
}

}  // namespace
}  // namespace mailrig::fakeservers
