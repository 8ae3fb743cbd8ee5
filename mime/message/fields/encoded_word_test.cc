#include "mime/message/fields/encoded_word.h"

#include <gtest/gtest.h>

#include "base/prng.h"
#include "base/text.h"
#include "mime/message/coding/base64.h"

namespace mailrig::mime {
namespace {

// RFC 2047 §8, and what is sent besides.
TEST(EncodedWords, AreDecoded) {
  EXPECT_EQ(decode_words("=?US-ASCII?Q?Keith_Moore?= <moore@cs.utk.edu>"), "Keith Moore <moore@cs.utk.edu>");
  EXPECT_EQ(decode_words("=?ISO-8859-1?Q?Patrik_F=E4ltstr=F6m?="), "Patrik F\xc3\xa4ltstr\xc3\xb6m");
  EXPECT_EQ(
      decode_words(
          "=?ISO-8859-1?B?SWYgeW91IGNhbiByZWFkIHRoaXMgeW8=?= =?ISO-8859-2?B?dSB1bmRlcnN0YW5kIHRoZSBleGFtcGxlLg==?="),
      "If you can read this you understand the example.");
  EXPECT_EQ(decode_words("(=?ISO-8859-1?Q?a?=)"), "(a)");
  EXPECT_EQ(decode_words("(=?ISO-8859-1?Q?a?= b)"), "(a b)");
  EXPECT_EQ(decode_words("(=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=)"), "(ab)");
  EXPECT_EQ(decode_words("(=?ISO-8859-1?Q?a?=    =?ISO-8859-1?Q?b?=)"), "(ab)");
  EXPECT_EQ(decode_words("(=?ISO-8859-1?Q?a?=\r\n   =?ISO-8859-1?Q?b?=)"), "(ab)");
  EXPECT_EQ(decode_words("(=?ISO-8859-1?Q?a_b?=)"), "(a b)");
  EXPECT_EQ(decode_words("(=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=)"), "(a b)");
  EXPECT_EQ(decode_words("=?ISO-8859-1?Q?a?= b"), "a b");
  EXPECT_EQ(decode_words("=?ISO-8859-1?Q?a?=   =?ISO-8859-1?Q?b?= "), "ab ");
  EXPECT_EQ(decode_words("=?utf-8*de?q?=C3=BC?= x =?UTF-8?b?w7w=?="), "\xc3\xbc x \xc3\xbc");
  EXPECT_EQ(decode_words("=?utf-8?Q?"
                         "?="),
            "");
  EXPECT_EQ(decode_words("=?iso-2022-jp?B?GyRCRnxLXBsoQg==?= =?iso-2022-jp?B?GyRCOGwbKEI=?="),
            "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e");  // "Japanese"
}

TEST(EncodedWords, WhatIsNoneStays) {
  for (std::string_view text : {"=?x?Q?a", "=?x?Z?a?=", "=??Q?a?=", "=?x", "=?x?", "=?x?Q", "=?x?Q?",
                                "=?x?Q?=", "? = ?=", "=?", "=?a b?Q?c?=", ""})
    EXPECT_EQ(decode_words(text), text);
}

// Each is what another mailer has sent.
TEST(EncodedWords, OfTheWild) {
  using enum DefectCode;
  struct Case {
    std::string_view text, decoded;
    DefectCode defect;
  };
  for (const Case& c : std::initializer_list<Case>{
           {"=?utf-8?q?this is text?=", "this is text", encoded_word_malformed},
           {"=?utf-8?q?really?"
            "?= yes",
            "really? yes", encoded_word_malformed},
           {"=?utf-8?q?100=?= =?utf-8?q?a=zb?=", "100=a=zb", encoded_word_malformed},
           {"=?utf-8?q?open =?utf-8?q?a?=", "=?utf-8?q?open a", encoded_word_malformed},
           {"=?utf-8?B?w7w?=", "\xc3\xbc", encoded_word_malformed},
           {"[x]=?utf-8?q?a?=y", "[x]ay", encoded_word_not_separated},
           {"=?utf-8?q?a?==?utf-8?q?b?=", "ab", encoded_word_not_separated},
           {"=?utf-8?q?=C3?= =?utf-8?q?=BC?=", "\xc3\xbc", encoded_word_split_character},
           {"=?utf-8?B?ww==?= =?UTF-8?Q?=BC?=", "\xc3\xbc", encoded_word_split_character},
           {"=?utf-8?B?w7zD?= =?utf-8?B?vA==?=", "\xc3\xbc\xc3\xbc", encoded_word_split_character},
           {"=?utf-8?B?Z3LDv?= =?utf-8?B?G4=?=", "gr\xc3\xbcn", encoded_word_split_character},  // the base64 is cut
           {"=?gb2312?B?1tA=?= =?gb2312?B?zsQ?=", "\xe4\xb8\xad\xe6\x96\x87", encoded_word_malformed},
           {"=?x-unheard-of?q?=C3=BC?=", "\xc3\xbc", unknown_charset},
           {"=?utf-8?q?=FFa?=",
            "\xef\xbf\xbd"
            "a",
            unmappable_text}}) {
    Defects defects(c.text);
    EXPECT_EQ(decode_words(c.text, &defects), c.decoded) << c.text;
    EXPECT_TRUE(defects.has(c.defect)) << c.text << " lacks " << kind_of(c.defect).name;
  }
  const std::string longer = "=?utf-8?q?" + std::string(64, 'a') + "?=";
  Defects defects(longer);
  EXPECT_EQ(decode_words(longer, &defects), std::string(64, 'a'));
  EXPECT_TRUE(defects.has(encoded_word_too_long));
}

TEST(EncodedWords, WhatIsRightHasNoDefect) {
  for (std::string_view text : {"a =?utf-8?q?b?= c", "(=?utf-8?B?w7w=?=)", "=?utf-8?q?a?=\r\n =?utf-8?q?b?=",
                                "=?utf-8?q?"
                                "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                                "?="}) {
    Defects defects(text);
    decode_words(text, &defects);
    EXPECT_TRUE(defects.empty()) << text << ": " << kind_of(defects.list().front().code).name;
  }
}

TEST(EncodedWords, TheirPlaceIsSaid) {
  constexpr std::string_view word = "=?utf-8?q?a?=";
  Defects defects(word);
  decode_words(word, &defects, nullptr, WordPlace::quoted);
  decode_words(word, &defects, nullptr, WordPlace::parameter);
  EXPECT_TRUE(defects.has(DefectCode::encoded_word_in_quotes));
  EXPECT_TRUE(defects.has(DefectCode::encoded_word_in_parameter));
}

TEST(EncodedWords, RawOctets) {
  Defects defects;
  EXPECT_EQ(raw_text("plain"), "plain");
  EXPECT_EQ(raw_text("gr\xc3\xbcn", &defects), "gr\xc3\xbcn");
  EXPECT_TRUE(defects.has(DefectCode::utf8_header));
  EXPECT_FALSE(defects.has(DefectCode::eight_bit_header));
  EXPECT_EQ(raw_text("gr\xfcn \x80", &defects), "gr\xc3\xbcn \xe2\x82\xac");
  EXPECT_TRUE(defects.has(DefectCode::eight_bit_header));
  EXPECT_EQ(decode_words("gr\xfcn =?utf-8?q?=C3=BC?="), "gr\xc3\xbcn \xc3\xbc");
}

TEST(TextValues, AreUnfolded) {
  EXPECT_EQ(text_value(" a subject\r\n"), "a subject");
  EXPECT_EQ(text_value(" a folded\r\n\tsubject \r\n"), "a folded subject");
  EXPECT_EQ(text_value("\r\n \r\n"), "");
  EXPECT_EQ(text_value(" =?utf-8?q?a?=\n =?utf-8?q?b?="), "ab");
  EXPECT_EQ(text_value(" =?utf-8?q?a\r\n b?="), "a b");
}

// The octets of a text, cut into words anywhere, come back: whatever the charset, and in either encoding.
TEST(EncodedWords, CutAnywhere) {
  // "Grüße, 日本語 😀" in each.
  const std::pair<std::string_view, std::string_view> texts[] = {{"utf-8",
                                                                  "Gr\xc3\xbc\xc3\x9f"
                                                                  "e \xe6\x97\xa5\xe6\x9c\xac\xf0\x9f\x98\x80"},
                                                                 {"gb18030", "\xc8\xd5\xb1\xbe\x94\x39\xfc\x36"},
                                                                 {"shift_jis", "\x93\xfa\x96\x7b"}};
  const std::string_view expected[] = {texts[0].second, "\xe6\x97\xa5\xe6\x9c\xac\xf0\x9f\x98\x80",
                                       "\xe6\x97\xa5\xe6\x9c\xac"};
  for (std::size_t i = 0; i < std::size(texts); ++i) {
    const auto& [charset, octets] = texts[i];
    for (std::size_t cut = 1; cut < octets.size(); ++cut) {
      std::string words;
      for (std::string_view part : {octets.substr(0, cut), octets.substr(cut)})
        words += "=?" + std::string(charset) + "?B?" + to_base64(part) + "?= ";
      EXPECT_EQ(decode_words(words), std::string(expected[i]) + " ") << words;
    }
  }
}

TEST(EncodedWords, HostileTextsTakeNoTime) {
  for (std::string_view piece : {"=?", "=?x?q?", "=?x?q?a ", "=?x?b?a?= ", "=?utf-8?q?=C3?= ", "?", "=?x?q?="}) {
    std::string text;
    while (text.size() < 300'000) text += piece;
    EXPECT_TRUE(is_well_formed_utf8(decode_words(text)));
  }
}

TEST(EncodedWords, AlwaysUtf8) {
  Prng prng(7);
  constexpr std::string_view alphabet = "=?=?QqBb_utf-8iso1\xc3\xbc\xff A\r\n(";
  for (int i = 0; i < 2000; ++i) {
    std::string text;
    for (std::size_t size = prng.below(60); size > 0; --size)
      text += prng.below(6) == 0 ? std::string("=?utf-8?Q?") : std::string(1, alphabet[prng.below(alphabet.size())]);
    EXPECT_TRUE(is_well_formed_utf8(text_value(text))) << testing::PrintToString(text);
  }
}

}  // namespace
}  // namespace mailrig::mime
