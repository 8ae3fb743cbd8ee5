#include "reports/json_writer.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace mailrig::reports {
namespace {

using Layout = JsonWriter::Layout;
using Target = JsonWriter::Target;

std::string quoted(std::string_view text, Target target = Target::file) {
  JsonWriter json(target);
  json.text(text);
  std::string out = json.take();
  if (target == Target::file) out.pop_back();
  return out;
}

TEST(JsonWriter, BlocksIndentAndLinesStayOnTheirLine) {
  JsonWriter json;
  json.begin_object();
  json.key("a").begin_array();
  json.begin_object(Layout::line).key("x").number(1U).key("y").begin_array().number(2U).boolean(true).end_array();
  json.end_object();
  json.boolean(false);
  json.end_array();
  json.key("b").null();
  json.key("none").begin_array().end_array();
  json.key("nothing").begin_object(Layout::line).end_object();
  json.end_object();
  EXPECT_EQ(json.take(),
            "{\n"
            "  \"a\": [\n"
            "    {\"x\": 1, \"y\": [2, true]},\n"
            "    false\n"
            "  ],\n"
            "  \"b\": null,\n"
            "  \"none\": [],\n"
            "  \"nothing\": {}\n"
            "}\n");
}

TEST(JsonWriter, HtmlIsOneLineWithoutSpaces) {
  JsonWriter json(Target::html);
  json.begin_object();
  json.key("a").begin_array();
  json.number(1U).text("x");
  json.end_array().key("b").microseconds(1'500ns).end_object();
  EXPECT_EQ(json.take(), R"({"a":[1,"x"],"b":1.5})");
}

TEST(JsonWriter, TextsAreEscaped) {
  EXPECT_EQ(quoted("a\"b\\c/d"), R"("a\"b\\c/d")");
  EXPECT_EQ(quoted("a\nb\tc"), R"("a\nb\tc")");
  EXPECT_EQ(quoted("a\rb\x1b"), R"("a\\rb\\x1B")");  // spelled out by clean(), and that backslash escaped
  EXPECT_EQ(quoted("\xE9"), R"("\\xE9")");
  EXPECT_EQ(quoted("<é>&"), "\"<é>&\"");
}

TEST(JsonWriter, InHtmlNothingCanBreakOut) {
  EXPECT_EQ(quoted("</script><!--&", Target::html), R"("\u003c/script\u003e\u003c!--\u0026")");
  EXPECT_EQ(nlohmann::json::parse(quoted("</script><!--&\"", Target::html)), "</script><!--&\"");
}

TEST(JsonWriter, KeysAreEscapedToo) {
  JsonWriter json(Target::html);
  json.begin_object().key("<\"\xFF").number(0U).end_object();
  EXPECT_EQ(json.take(), R"({"\u003c\"\\xFF":0})");
}

TEST(JsonWriter, NumbersAreExact) {
  JsonWriter json(Target::html);
  json.begin_array().number(std::uint64_t{18446744073709551615U}).microseconds(69'120'000s + 1ns).end_array();
  EXPECT_EQ(json.take(), "[18446744073709551615,69120000000000.001]");
}

TEST(JsonWriter, EmptyTextMayBeNull) {
  JsonWriter json(Target::html);
  json.begin_array().text_or_null("").text_or_null("x").text("").end_array();
  EXPECT_EQ(json.take(), R"([null,"x",""])");
}

}  // namespace
}  // namespace mailrig::reports
