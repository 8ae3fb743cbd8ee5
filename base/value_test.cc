#include "base/value.h"

#include <gtest/gtest.h>

namespace mailrig {
namespace {

using Kind = Value::Kind;

TEST(Value, KnowsItsKind) {
  EXPECT_EQ(Value().kind(), Kind::null);
  EXPECT_EQ(Value(true).kind(), Kind::boolean);
  EXPECT_EQ(Value(7).kind(), Kind::integer);
  EXPECT_EQ(Value(7U).kind(), Kind::integer);
  EXPECT_EQ(Value(std::size_t{7}).kind(), Kind::integer);
  EXPECT_EQ(Value(0.5).kind(), Kind::real);
  EXPECT_EQ(Value("text").kind(), Kind::text);
  EXPECT_EQ(Value(std::string_view("text")).kind(), Kind::text);
  EXPECT_EQ(Value::list().kind(), Kind::list);
  EXPECT_EQ(Value::map().kind(), Kind::map);
  EXPECT_TRUE(Value().is_null());
  EXPECT_FALSE(Value(0).is_null());
  EXPECT_TRUE(Value(0).is_number());
  EXPECT_TRUE(Value(0.5).is_number());
  EXPECT_FALSE(Value("0").is_number());
  EXPECT_FALSE(Value(false).is_number());
}

TEST(Value, GivesBackItsContent) {
  EXPECT_TRUE(Value(true).boolean());
  EXPECT_FALSE(Value(false).boolean());
  EXPECT_EQ(Value(-7).integer(), -7);
  EXPECT_EQ(Value(INT64_MAX).integer(), INT64_MAX);
  EXPECT_EQ(Value(0.5).real(), 0.5);
  EXPECT_EQ(Value(7).real(), 7.0);
  EXPECT_EQ(Value("text").text(), "text");
}

TEST(Value, MapsKeepTheOrderOfTheirKeys) {
  Value map = Value::map();
  map.set("zeta", 1).set("alpha", 2).set("mid", 3).set("zeta", 4);
  ASSERT_EQ(map.entries().size(), 3U);
  EXPECT_EQ(map.entries()[0].first, "zeta");
  EXPECT_EQ(map.entries()[0].second, Value(4));
  EXPECT_EQ(map.entries()[1].first, "alpha");
  EXPECT_EQ(map.entries()[2].first, "mid");
}

TEST(Value, FindsWhatIsThere) {
  Value map = Value::map().set("a", 1).set("b", Value());
  ASSERT_NE(map.find("a"), nullptr);
  EXPECT_EQ(map.find("a")->integer(), 1);
  ASSERT_NE(map.find("b"), nullptr);
  EXPECT_TRUE(map.find("b")->is_null());
  EXPECT_EQ(map.find("A"), nullptr);
  EXPECT_EQ(map.find(""), nullptr);
  EXPECT_EQ(Value("text").find("a"), nullptr);
  EXPECT_EQ(Value().find("a"), nullptr);
}

TEST(Value, ACopyIsNotChangedByItsOriginal) {
  Value map = Value::map().set("a", 1);
  Value copy = map;
  map.set("a", 2).set("b", 3);
  EXPECT_EQ(copy, Value::map().set("a", 1));
  Value list = Value::list().push(1);
  Value other = list;
  list.push(2);
  EXPECT_EQ(other, Value::list().push(1));
  EXPECT_EQ(list, Value::list().push(1).push(2));
}

TEST(Value, SettingAndPushingMakeTheContainer) {
  Value value;
  value.set("a", 1);
  EXPECT_EQ(value, Value::map().set("a", 1));
  value.push(1);
  EXPECT_EQ(value, Value::list().push(1));
}

TEST(Value, ALazyValueIsMadeAnewAtEveryLook) {
  int looks = 0;
  Value lazy = Value::lazy([&] { return Value(++looks); });
  EXPECT_EQ(looks, 0);
  EXPECT_EQ(lazy.made().integer(), 1);
  EXPECT_EQ(lazy.made().integer(), 2);
  EXPECT_EQ(lazy.kind(), Kind::integer);
  EXPECT_EQ(looks, 3);
}

TEST(Value, ALazyValueMayMakeALazyOne) {
  Value lazy = Value::lazy([] { return Value::lazy([] { return Value("deep"); }); });
  EXPECT_EQ(lazy.made().text(), "deep");
  EXPECT_EQ(lazy.kind(), Kind::text);
}

TEST(Value, EqualityIsDeepAndMakesLazyValues) {
  EXPECT_EQ(Value(1), Value(1.0));
  EXPECT_EQ(Value(0.5), Value(0.5));
  EXPECT_FALSE(Value(1) == Value(1.5));
  EXPECT_FALSE(Value(1) == Value(2));
  EXPECT_FALSE(Value(1) == Value(true));
  EXPECT_FALSE(Value(1) == Value("1"));
  EXPECT_FALSE(Value() == Value(0));
  EXPECT_EQ(Value(), Value());
  EXPECT_EQ(Value(true), Value(true));
  EXPECT_FALSE(Value(true) == Value(false));
  EXPECT_EQ(Value("a"), Value(std::string("a")));
  EXPECT_FALSE(Value("a") == Value("b"));
  EXPECT_EQ(Value::lazy([] { return Value(3); }), Value(3));
  EXPECT_EQ(Value(3), Value::lazy([] { return Value(3); }));
  // Neighbours that a double cannot tell apart.
  EXPECT_FALSE(Value(INT64_MAX) == Value(INT64_MAX - 1));
}

TEST(Value, ListsAreEqualInOrder) {
  Value list = Value::list().push(1).push("a");
  EXPECT_EQ(list, Value::list().push(1.0).push("a"));
  EXPECT_FALSE(list == Value::list().push("a").push(1));
  EXPECT_FALSE(list == Value::list().push(1));
  EXPECT_FALSE(Value::list() == Value::map());
}

TEST(Value, MapsAreEqualInAnyOrder) {
  Value map = Value::map().set("a", 1).set("b", Value::list().push(2));
  EXPECT_EQ(map, Value::map().set("b", Value::list().push(2)).set("a", 1));
  EXPECT_FALSE(map == Value::map().set("a", 1));
  EXPECT_FALSE(map == Value::map().set("a", 1).set("c", Value::list().push(2)));
  EXPECT_FALSE(map == Value::map().set("a", 1).set("b", Value::list().push(3)));
}

TEST(ValueKind, HasTheWordsOfASentence) {
  EXPECT_EQ(to_string(Kind::null), "null");
  EXPECT_EQ(to_string(Kind::boolean), "true or false");
  EXPECT_EQ(to_string(Kind::integer), "a whole number");
  EXPECT_EQ(to_string(Kind::real), "a number");
  EXPECT_EQ(to_string(Kind::text), "a text");
  EXPECT_EQ(to_string(Kind::list), "a list");
  EXPECT_EQ(to_string(Kind::map), "an object");
}

TEST(ToJson, WritesEveryKindOnOneLine) {
  EXPECT_EQ(to_json(Value()), "null");
  EXPECT_EQ(to_json(true), "true");
  EXPECT_EQ(to_json(false), "false");
  EXPECT_EQ(to_json(-3), "-3");
  EXPECT_EQ(to_json(0.5), "0.5");
  EXPECT_EQ(to_json("a"), "\"a\"");
  EXPECT_EQ(to_json(Value::list()), "[]");
  EXPECT_EQ(to_json(Value::map()), "{}");
  EXPECT_EQ(to_json(Value::list().push(1).push("a").push(Value())), "[1, \"a\", null]");
  EXPECT_EQ(to_json(Value::map().set("a", 1).set("b", Value::list().push(2))), "{\"a\": 1, \"b\": [2]}");
  EXPECT_EQ(to_json(Value::lazy([] { return Value(5); })), "5");
}

TEST(ToJson, IsSafeOnATerminal) {
  EXPECT_EQ(to_json("say \"hi\"\\\r\n\t"), "\"say \\\"hi\\\"\\\\\\r\\n\\t\"");
  EXPECT_EQ(to_json("\x1B[2J\x7F"), "\"\\x1B[2J\\x7F\"");
  EXPECT_EQ(to_json("\xC2\x9B"
                    "2J"),
            "\"\\xC2\\x9B2J\"");
  EXPECT_EQ(to_json("gr\xC3\xBC\xFC"), "\"gr\xC3\xBC\\xFC\"");
  EXPECT_EQ(to_json(Value::map().set("\x1B", 1)), "{\"\\x1B\": 1}");
}

TEST(ToJson, CutsWhatIsLong) {
  EXPECT_EQ(to_json("abcdef", 8), "\"abcdef\"");
  EXPECT_EQ(to_json("abcdef", 7), "\"abcdef ...");
  EXPECT_EQ(to_json("abcdef", 4), "\"abc ...");
  EXPECT_EQ(to_json(Value::list().push(1).push(2).push(3), 5), "[1, 2 ...");
  EXPECT_EQ(to_json(Value::map().set("a", 1).set("b", 2), 4), "{\"a\" ...");
  EXPECT_EQ(to_json(std::string(1000, 'x')).size(), 404U);
  EXPECT_EQ(to_json(std::string(398, 'x')).size(), 400U);
  EXPECT_EQ(to_json(std::string(399, 'x')).size(), 404U);
}

TEST(ToJson, DoesNotCutWithinACharacter) {
  const std::string euros = "\xE2\x82\xAC\xE2\x82\xAC";  // after the quote they stand at octets 1..3 and 4..6
  EXPECT_EQ(to_json(euros, 3), "\" ...");
  EXPECT_EQ(to_json(euros, 4), "\"\xE2\x82\xAC ...");
  EXPECT_EQ(to_json(euros, 5), "\"\xE2\x82\xAC ...");
  EXPECT_EQ(to_json(euros, 6), "\"\xE2\x82\xAC ...");
  EXPECT_EQ(to_json(euros, 7), "\"\xE2\x82\xAC\xE2\x82\xAC ...");
  EXPECT_EQ(to_json(euros, 8), "\"\xE2\x82\xAC\xE2\x82\xAC\"");
}

TEST(Merged, LaysMapsOverMapsAtAnyDepth) {
  Value under = Value::map().set("a", 1).set("deep", Value::map().set("x", 1).set("y", 2)).set("z", 9);
  Value over = Value::map().set("b", 2).set("deep", Value::map().set("y", 3)).set("a", 7);
  EXPECT_EQ(to_json(merged(under, over)), "{\"a\": 7, \"deep\": {\"x\": 1, \"y\": 3}, \"z\": 9, \"b\": 2}");
}

TEST(Merged, ReplacesWhatIsNoMap) {
  EXPECT_EQ(merged(Value::list().push(1), Value::list().push(2)), Value::list().push(2));
  EXPECT_EQ(merged(Value::map().set("a", 1), Value(5)), Value(5));
  EXPECT_EQ(merged(Value(5), Value::map().set("a", 1)), Value::map().set("a", 1));
  Value under = Value::map().set("a", Value::map().set("x", 1));
  EXPECT_EQ(merged(under, Value::map().set("a", 2)), Value::map().set("a", 2));
}

TEST(Merged, ANullRemovesTheKey) {
  Value under = Value::map().set("a", 1).set("b", Value::map().set("x", 1).set("y", 2));
  Value over = Value::map().set("a", Value()).set("b", Value::map().set("x", Value())).set("new", Value());
  EXPECT_EQ(to_json(merged(under, over)), "{\"b\": {\"y\": 2}}");
}

TEST(Merged, MakesLazyValues) {
  Value under = Value::lazy([] { return Value::map().set("a", 1).set("b", 2); });
  Value over = Value::lazy([] { return Value::map().set("b", 3); });
  EXPECT_EQ(to_json(merged(under, over)), "{\"a\": 1, \"b\": 3}");
}

}  // namespace
}  // namespace mailrig
