#include "json/located.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>

namespace mailrig::scenarios {
namespace {

/// "2:5 message | expected | meant", one line a problem.
std::string problems_of(std::string_view text) {
  Parsed parsed = parse_json("t.json", text);
  std::string out;
  for (const JsonProblem& problem : parsed.problems) {
    SourcePlace place = problem.place;
    out +=
        fmt::format("{}:{} {} | {} | {}\n", place.line, place.column, problem.message, problem.expected, problem.meant);
  }
  return out;
}

std::string place_of(const Node* node) {
  SourcePlace place = node->place();
  return fmt::format("{}:{}", place.line, place.column);
}

TEST(Located, reads_every_kind_of_value) {
  Parsed parsed = parse_json(
      "t.json",
      R"({"n": null, "t": true, "f": false, "i": -12, "r": 1.5, "e": 2e3, "s": "x", "l": [1, "2"], "m": {}})");
  ASSERT_TRUE(parsed.problems.empty()) << parsed.problems[0].message;
  EXPECT_TRUE(parsed.complete);
  const Node* root = parsed.document->root();
  EXPECT_TRUE(root->find("n")->is(Node::Kind::null));
  EXPECT_TRUE(root->find("t")->boolean());
  EXPECT_FALSE(root->find("f")->boolean());
  EXPECT_EQ(root->find("i")->integer(), -12);
  EXPECT_EQ(root->find("r")->real(), 1.5);
  EXPECT_TRUE(root->find("e")->is(Node::Kind::real));
  EXPECT_EQ(root->find("e")->real(), 2000);
  EXPECT_EQ(root->find("s")->text(), "x");
  ASSERT_EQ(root->find("l")->items().size(), 2U);
  EXPECT_EQ(root->find("l")->items()[0]->integer(), 1);
  EXPECT_TRUE(root->find("m")->entries().empty());
  EXPECT_EQ(root->find("none"), nullptr);
  EXPECT_EQ(to_json(root->to_value()),
            R"({"n": null, "t": true, "f": false, "i": -12, "r": 1.5, "e": 2000, "s": "x", "l": [1, "2"], "m": {}})");
}

TEST(Located, integers_are_exact_to_the_limits_of_64_bits) {
  Parsed parsed = parse_json("t.json", "[9223372036854775807, -9223372036854775808, 0, -0]");
  ASSERT_TRUE(parsed.problems.empty());
  EXPECT_EQ(parsed.document->root()->items()[0]->integer(), INT64_MAX);
  EXPECT_EQ(parsed.document->root()->items()[1]->integer(), INT64_MIN);
  EXPECT_EQ(parsed.document->root()->items()[3]->integer(), 0);
  EXPECT_EQ(problems_of("[9223372036854775808]"),
            "1:2 this whole number does not fit into 64 bits | a number from -9223372036854775808 to "
            "9223372036854775807, or a text"
            " | \"9223372036854775808\"\n");
}

TEST(Located, texts_are_exact) {
  Parsed parsed =
      parse_json("t.json", R"(["\"\\\/\b\f\n\r\t", "\u0041\u00e4\u20ac\ud83d\ude00", "\u0000x", "ä€😀", ""])");
  ASSERT_TRUE(parsed.problems.empty()) << parsed.problems[0].message;
  auto items = parsed.document->root()->items();
  EXPECT_EQ(items[0]->text(), "\"\\/\b\f\n\r\t");
  EXPECT_EQ(items[1]->text(), "A\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80");
  EXPECT_EQ(items[2]->text(), std::string_view("\0x", 2));
  EXPECT_EQ(items[3]->text(), "ä€😀");
  EXPECT_EQ(items[4]->text(), "");
}

TEST(Located, places_count_code_points_and_tabs_as_one_column) {
  Parsed parsed = parse_json(
      "t.json", "{\n\t\"a\": \"äö😀\", \"b\": 1,\r\n  // comment\n  /* two\n lines */ \"c\": [true,\n null]}");
  ASSERT_TRUE(parsed.problems.empty());
  const Node* root = parsed.document->root();
  EXPECT_EQ(place_of(root), "1:1");
  EXPECT_EQ(place_of(root->find("a")), "2:7");
  EXPECT_EQ(place_of(root->find("b")), "2:19");
  SourcePlace key = root->find_entry("b")->key_place();
  EXPECT_EQ(key.column, 14U);
  EXPECT_EQ(key.file, "t.json");
  EXPECT_EQ(key.source_line, "\t\"a\": \"äö😀\", \"b\": 1,");
  EXPECT_EQ(caret(key), "\t\"a\": \"äö😀\", \"b\": 1,\n\t            ^\n");
  EXPECT_EQ(place_of(root->find("c")), "5:16");
  EXPECT_EQ(place_of(root->find("c")->items()[0]), "5:17");
  EXPECT_EQ(place_of(root->find("c")->items()[1]), "6:2");
}

TEST(Located, a_byte_order_mark_takes_no_column) {
  Parsed parsed = parse_json("t.json", "\xEF\xBB\xBF{\"a\": 1}");
  ASSERT_TRUE(parsed.problems.empty());
  EXPECT_EQ(place_of(parsed.document->root()), "1:1");
  EXPECT_EQ(place_of(parsed.document->root()->find("a")), "1:7");
}

// Far into a file, and far into a line of one, and with characters of several octets across every multiple of 4 KiB.
TEST(Located, a_place_far_into_a_file_is_as_exact_as_any) {
  for (std::size_t shift = 0; shift < 4; ++shift) {
    std::string text = "[" + std::string(shift, ' ');
    std::vector<std::string> expected;
    std::size_t line = 1, column = 2 + shift;
    for (int i = 0; i < 3000; ++i) {
      expected.push_back(fmt::format("{}:{}", line, column));
      const bool breaks = i == 1700 || i == 1701;
      text += "\"\xE2\x82\xAC\xC3\xBC\xF0\x9F\x93\xA7\"";  // three characters in nine octets
      column += 5;
      if (i + 1 < 3000) text += breaks ? ",\n" : ",";
      line += breaks ? 1 : 0;
      column = breaks ? 1 : column + 1;
    }
    text += "]";
    const Parsed parsed = parse_json("t.json", text);
    ASSERT_TRUE(parsed.problems.empty());
    const auto& items = parsed.document->root()->items();
    ASSERT_EQ(items.size(), expected.size());
    for (std::size_t i = 0; i < items.size(); ++i) EXPECT_EQ(place_of(items[i]), expected[i]);
    // In any order.
    for (std::size_t i = items.size(); i-- > 0; i -= std::min<std::size_t>(i, 700))
      EXPECT_EQ(place_of(items[i]), expected[i]);
  }
}

TEST(Located, a_printed_line_is_safe_and_of_bounded_length) {
  Parsed parsed = parse_json("t.json", "[\"\x1B[31m\", \"" + std::string(300, 'x') + "\"]");
  SourcePlace place = parsed.document->root()->items()[1]->place();
  EXPECT_EQ(place.source_line, "[\"?[31m\", \"" + std::string(189, 'x') + " ...");
  EXPECT_EQ(place.column, 11U);
  Parsed far = parse_json("t.json", "[\"" + std::string(1100, 'x') + "\", 1]");
  SourcePlace far_place = far.document->root()->items()[1]->place();
  EXPECT_EQ(far_place.column, 1106U);
  EXPECT_EQ(far_place.source_line, "");
}

struct Bad {
  std::string_view text;
  std::string_view problems;
};

TEST(Located, says_what_is_wrong_and_what_was_meant) {
  const Bad cases[] = {
      {"", "1:1 the file is empty | { ... } | \n"},
      {" // nothing\n", "2:1 the file is empty | { ... } | \n"},
      {"{\"a\": 1,}", "1:8 a comma before the closing } | } without a comma before it | \n"},
      {"[1,2,\n]", "1:5 a comma before the closing ] | ] without a comma before it | \n"},
      {"{\"a\": 1 \"b\": 2}", "1:8 a comma is missing before \" | a comma or } | ,\n"},
      {"[1\n 2]", "1:3 a comma is missing before 2 | a comma or ] | ,\n"},
      {"{'a': 1}", "1:2 a key in single quotes | double quotes | \"a\"\n"},
      {"{\"a\": 'x'}", "1:7 a text in single quotes | double quotes | \"x\"\n"},
      {"{a: 1}", "1:2 the key a has no quotes | a key in double quotes | \"a\"\n"},
      {"{a\": 1}", "1:2 the key a has no quotes | a key in double quotes | \"a\"\n"},
      {"{\"a\": gmail}", "1:7 the text gmail has no quotes | a text in double quotes | \"gmail\"\n"},
      {"{\"a\": gmail\", \"b\": 1}", "1:7 the text gmail has no quotes | a text in double quotes | \"gmail\"\n"},
      {"{\"a\": True}", "1:7 True is no value of JSON | true, false, null or a text in double quotes | true\n"},
      {"{\"a\": None}", "1:7 None is no value of JSON | true, false, null or a text in double quotes | null\n"},
      {"{\"a\": 15m}", "1:7 15m is no number | a number, or a text in double quotes | \"15m\"\n"},
      {"{\"a\": 007}",
       "1:7 007 is not how JSON writes a number | digits, with - before and a fraction behind them where needed | 7\n"},
      {"[+1, .5, 1., -]",
       "1:2 +1 is not how JSON writes a number | digits, with - before and a fraction behind them where needed | 1\n"
       "1:6 .5 is not how JSON writes a number | digits, with - before and a fraction behind them where needed | 0.5\n"
       "1:10 1. is not how JSON writes a number | digits, with - before and a fraction behind them where needed | 1.0\n"
       "1:14 - is no number | a number, or a text in double quotes | \"-\"\n"},
      {"{\"a\": \"open\n}",
       "1:7 the text that begins here is not closed on its line | \" at its end, or \\n for a line end within it | \n"},
      {"{\"title: \"x\"}",
       "1:2 after the key \"title: \" stands x | a colon | \"title\": with a quote before the colon\n"},
      {"{\"a\" 1}", "1:5 the colon after the key \"a\" is missing | a colon | :\n"},
      {"{\"a\" = 1}", "1:6 = between a key and its value | a colon | :\n"},
      {"{\"a\"}", "1:5 after the key \"a\" stands } | a colon and a value | \n"},
      {"{\"a\": , \"b\": 1}", "1:7 a value is missing before , | a value | \n"},
      {"{\"a\": 1; \"b\": 1}", "1:8 a semicolon between two values | a comma | ,\n"},
      {"{\"a\": [1, 2}", "1:12 } stands where a value has ended | a comma or ] | ]\n"},
      {"{\n\"a\": [1, 2]", "2:12 the file ends, but the { of line 1 is not closed | } | \n"},
      {"[1, ", "1:5 the file ends where a value is missing | a value | \n"},
      {"{\"a\": 1} {", "1:10 after the end of the outermost value stands { | the end of the file | \n"},
      {"{ # no\n}", "1:3 # begins no comment in this format | // or /* */ | //\n"},
      {"{ /* no }", "1:3 the comment that begins here is not closed | */ | \n"},
      {"{ / }", "1:3 a lone / | // or /* */ for a comment | \n"},
      {"{\"a\": \xE2\x80\x9Cx\xE2\x80\x9D}", "1:7 a typographic quotation mark | a straight double quote | \"\n"},
      {"{\"a\": \"\\q\"}",
       "1:8 \\q is no escape of JSON | \\\" \\\\ \\/ \\b \\f \\n \\r \\t or \\u and four hexadecimal digits | \\\\\n"},
      {"{\"a\": \"\\u12\"}", "1:10 \\u needs four hexadecimal digits | such as \\u00e4 | \n"},
      {"{\"a\": \"\\ud83d!\"}",
       "1:8 half of a surrogate pair: it is no character alone | two escapes such as \\ud83d\\ude00 | \n"},
      {"{\"a\": \"\\ude00\"}",
       "1:8 half of a surrogate pair: it is no character alone | two escapes such as \\ud83d\\ude00 | \n"},
      {"{\"a\": \"\t\"}", "1:8 a control character stands in a text as itself | an escape | \\t\n"},
      {"{\"a\": \"\xFF\"}", "1:8 the byte \\xFF is not UTF-8 | a file in UTF-8 | \n"},
      {"{\"a\": 1,\n \"b\": 2, \"a\": 3, \"b\": 4, \"a\": 5}",
       "2:10 the key \"a\" stands here a second time; the first is in line 1 | each key once | \n"
       "2:18 the key \"b\" stands here a second time; the first is in line 2 | each key once | \n"
       "2:26 the key \"a\" stands here a second time; the first is in line 1 | each key once | \n"},
      {"{\"a\" 1, 'b': 2,}",
       "1:5 the colon after the key \"a\" is missing | a colon | :\n"
       "1:9 a key in single quotes | double quotes | \"b\"\n"
       "1:15 a comma before the closing } | } without a comma before it | \n"},
      {"?", "1:1 ? begins no value | a text in double quotes, a number, true, false, null, { or [ | \n"},
      {"{1: 2}", "1:2 1 begins no key | a key in double quotes | \n"},
  };
  for (const Bad& bad : cases) EXPECT_EQ(problems_of(bad.text), bad.problems) << bad.text;
}

TEST(Located, what_is_wrong_is_read_as_it_was_meant) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"{\"a\": 1,}", R"({"a": 1})"},
      {"{a: 'x' b: gmail\", \"c\": 15m, \"d\": +007, \"e\": yes}",
       R"({"a": "x", "b": "gmail", "c": "15m", "d": 7, "e": true})"},
      {"{\"a\": 1, \"b\": 2, \"a\": 3}", R"({"a": 1, "b": 2})"},
      {"{\"a\": \"x\\qy\"}", R"({"a": "x\\qy"})"},
      {"[1 2; 3,]", "[1, 2, 3]"},
  };
  for (const auto& [text, meant] : cases) {
    Parsed parsed = parse_json("t.json", text);
    EXPECT_TRUE(parsed.complete) << text;
    EXPECT_EQ(to_json(parsed.document->root()->to_value()), meant) << text;
  }
  EXPECT_FALSE(parse_json("t.json", "{\"a\": [1, 2}").complete);
}

TEST(Located, duplicates_are_found_among_many_keys) {
  std::string text = "{";
  for (int i = 0; i < 100; ++i) text += fmt::format("\"key{}\": {},", i, i);
  text += "\"key7\": 0}";
  EXPECT_EQ(problems_of(text),
            fmt::format("1:{} the key \"key7\" stands here a second time; the first is in line 1 | each key once | \n",
                        text.size() - 9));
  Parsed parsed = parse_json("t.json", text);
  EXPECT_EQ(parsed.document->root()->entries().size(), 100U);
  EXPECT_EQ(parsed.document->root()->find("key7")->integer(), 7);
}

TEST(Located, nesting_is_bounded) {
  std::string good = std::string(json_depth_max, '[') + std::string(json_depth_max, ']');
  EXPECT_EQ(problems_of(good), "");
  std::string bad = "[" + good + "]";
  EXPECT_EQ(problems_of(bad), "1:65 values are nested more than 64 deep |  | \n");
  EXPECT_FALSE(parse_json("t.json", std::string(1'000'000, '[')).complete);
}

TEST(Located, problems_are_bounded) {
  std::string text = "[";
  for (int i = 0; i < 1000; ++i) text += "x,";
  Parsed parsed = parse_json("t.json", text);
  EXPECT_EQ(parsed.problems.size(), json_problems_max);
  EXPECT_FALSE(parsed.complete);
}

/// Whatever the bytes are, reading ends, and a problem points into the text.
void expect_bounded(const std::string& text) {
  Parsed parsed = parse_json("t.json", text);
  ASSERT_NE(parsed.document->root(), nullptr);
  EXPECT_TRUE(parsed.complete || !parsed.problems.empty()) << text;
  for (const JsonProblem& problem : parsed.problems) {
    SourcePlace place = problem.place;
    EXPECT_GE(place.line, 1U);
    EXPECT_GE(place.column, 1U);
    EXPECT_FALSE(problem.message.empty());
  }
  parsed.document->root()->to_value();
}

constexpr std::string_view sample =
    "{ \"id\": \"a/b\", // why\n  \"n\": [1, -2.5e3, true, null, \"\\u00e4\\ud83d\\ude00\\n\"], /* x */ \"o\": { "
    "\"k\": {}, \"l\": [] } }\n";

TEST(Located, cut_at_every_byte) {
  for (std::size_t size = 0; size + 2 < sample.size(); ++size) {
    Parsed parsed = parse_json("t.json", sample.substr(0, size));
    EXPECT_FALSE(parsed.complete) << size;
    expect_bounded(std::string(sample.substr(0, size)));
  }
}

TEST(Located, every_byte_replaced_by_every_byte) {
  for (std::size_t i = 0; i < sample.size(); ++i) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string text(sample);
      text[i] = static_cast<char>(byte);
      expect_bounded(text);
    }
  }
}

TEST(Located, bytes_dropped_doubled_and_shuffled) {
  std::mt19937 random(7);  // NOLINT(bugprone-random-generator-seed): the same cases in every run
  for (int round = 0; round < 2000; ++round) {
    std::string text(sample);
    for (int edit = 0; edit < 4; ++edit) {
      std::size_t at = random() % text.size();
      std::size_t other = random() % text.size();
      switch (random() % 4) {
        case 0: text.erase(at, 1 + random() % 3); break;
        case 1: text.insert(at, 1, text[other]); break;
        case 2: std::swap(text[at], text[other]); break;
        default: text.insert(at, text.substr(other, random() % 20)); break;
      }
      if (text.empty()) text = "{";
    }
    expect_bounded(text);
  }
}

}  // namespace
}  // namespace mailrig::scenarios
