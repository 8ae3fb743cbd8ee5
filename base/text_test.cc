#include "base/text.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace mailrig {
namespace {

using namespace std::string_literals;

TEST(Printable, KeepsPrintableAsciiButTheBackslash) {
  for (int byte = 0x20; byte < 0x7F; ++byte) {
    std::string one(1, static_cast<char>(byte));
    EXPECT_EQ(printable(one), one == "\\" ? "\\\\" : one) << byte;
  }
}

TEST(Printable, EscapesEveryControlByte) {
  for (int byte = 0; byte < 0x20; ++byte) {
    static constexpr std::string_view digits = "0123456789ABCDEF";
    std::string hex = "\\x"s + digits[static_cast<unsigned>(byte) / 16] + digits[static_cast<unsigned>(byte) % 16];
    std::string expected = byte == 0 ? "\\0" : byte == '\t' ? "\\t" : byte == '\n' ? "\\n" : byte == '\r' ? "\\r" : hex;
    EXPECT_EQ(printable(std::string(1, static_cast<char>(byte))), expected) << byte;
  }
  EXPECT_EQ(printable("\x7F"), "\\x7F");
  EXPECT_EQ(printable("a\r\n\x07"), "a\\r\\n\\x07");
}

TEST(Printable, EscapesEveryByteThatIsNoCharacterByItself) {
  for (int byte = 0x80; byte <= 0xFF; ++byte) {
    std::string one(1, static_cast<char>(byte));
    EXPECT_EQ(printable(one).size(), 4U) << byte;
    EXPECT_EQ(printable("a" + one + "b").substr(0, 3), "a\\x") << byte;
  }
  EXPECT_EQ(printable("\x80"), "\\x80");
  EXPECT_EQ(printable("\xFF"), "\\xFF");
}

TEST(Printable, EscapesC1ControlsAndKeepsWhatFollowsThem) {
  EXPECT_EQ(printable("\xC2\x80"), "\\xC2\\x80");
  EXPECT_EQ(printable("\xC2\x9B"), "\\xC2\\x9B");  // CSI: moves the cursor on some terminals
  EXPECT_EQ(printable("\xC2\x9F"), "\\xC2\\x9F");
  EXPECT_EQ(printable("\xC2\xA0"), "\xC2\xA0");
  EXPECT_EQ(printable("\xC3\x80"), "\xC3\x80");
}

// RFC 3629 §4, the table of well-formed sequences, and the neighbours of its rows.
TEST(Printable, KeepsWellFormedUtf8Only) {
  for (const char* kept : {"\xC3\xA9", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80", "\xEF\xBF\xBD",
                           "\xF0\x90\x80\x80", "\xF0\x9F\x93\xA7", "\xF4\x8F\xBF\xBF"})
    EXPECT_EQ(printable(kept), kept);
  EXPECT_EQ(printable("\xC0\x80"), "\\xC0\\x80");                    // overlong NUL
  EXPECT_EQ(printable("\xC1\xBF"), "\\xC1\\xBF");                    // overlong DEL
  EXPECT_EQ(printable("\xE0\x9F\xBF"), "\\xE0\\x9F\\xBF");           // overlong
  EXPECT_EQ(printable("\xED\xA0\x80"), "\\xED\\xA0\\x80");           // a surrogate
  EXPECT_EQ(printable("\xF0\x8F\xBF\xBF"), "\\xF0\\x8F\\xBF\\xBF");  // overlong
  EXPECT_EQ(printable("\xF4\x90\x80\x80"), "\\xF4\\x90\\x80\\x80");  // over U+10FFFF
  EXPECT_EQ(printable("\xF5\x80\x80\x80"), "\\xF5\\x80\\x80\\x80");
  EXPECT_EQ(printable("\xC3("), "\\xC3(");  // cut short
  EXPECT_EQ(printable("\xE2\x82"), "\\xE2\\x82");
  EXPECT_EQ(printable("\xE2(\xAC"), "\\xE2(\\xAC");
  EXPECT_EQ(printable("\xF0\x9F\x93"), "\\xF0\\x9F\\x93");
  EXPECT_EQ(printable("\xF0\x9F(\xA7"), "\\xF0\\x9F(\\xA7");
}

TEST(Printable, CutsWhatIsLongAndSaysSo) {
  EXPECT_EQ(printable(std::string(160, 'x')), std::string(160, 'x'));
  EXPECT_EQ(printable(std::string(161, 'x')), std::string(160, 'x') + "... (1 octets more)");
  EXPECT_EQ(printable("abcdef", 4), "abcd... (2 octets more)");
  EXPECT_EQ(printable("abcd", 4), "abcd");
  EXPECT_EQ(printable("abc", 0), "... (3 octets more)");
  EXPECT_EQ(printable("", 0), "");
}

TEST(Printable, DoesNotCutWithinACharacter) {
  const std::string euro = "\xE2\x82\xAC";
  EXPECT_EQ(printable("a" + euro + "b", 1), "a... (4 octets more)");
  EXPECT_EQ(printable("a" + euro + "b", 2), "a... (4 octets more)");
  EXPECT_EQ(printable("a" + euro + "b", 3), "a... (4 octets more)");
  EXPECT_EQ(printable("a" + euro + "b", 4), "a" + euro + "... (1 octets more)");
  const std::string envelope = "\xF0\x9F\x93\xA7";
  EXPECT_EQ(printable(envelope + "x", 3), "... (5 octets more)");
  EXPECT_EQ(printable(envelope + "x", 4), envelope + "... (1 octets more)");
  EXPECT_EQ(printable("a\x80\x80\x80\x80z", 4), "a\\x80\\x80\\x80... (2 octets more)");
}

TEST(Utf8Length, OfTheFirstCharacter) {
  EXPECT_EQ(utf8_length(""), 0U);
  EXPECT_EQ(utf8_length("ab"), 1U);
  EXPECT_EQ(utf8_length("\0"s), 1U);
  EXPECT_EQ(utf8_length("\xC3\xA9x"), 2U);
  EXPECT_EQ(utf8_length("\xE2\x82\xAC"), 3U);
  EXPECT_EQ(utf8_length("\xF0\x9F\x93\xA7"), 4U);
  EXPECT_EQ(utf8_length("\xA9"), 0U);
  EXPECT_EQ(utf8_length("\xC3"), 0U);
}

TEST(IsWellFormedUtf8, JudgesTheWhole) {
  EXPECT_TRUE(is_well_formed_utf8(""));
  EXPECT_TRUE(is_well_formed_utf8("a\r\n\x1B"));
  EXPECT_TRUE(
      is_well_formed_utf8("gr\xC3\xBC\xC3\x9F"
                          "e"));
  EXPECT_FALSE(
      is_well_formed_utf8("gr\xFC\xDF"
                          "e"));
  EXPECT_FALSE(is_well_formed_utf8("ok\xC3"));
  EXPECT_FALSE(is_well_formed_utf8("\x80ok"));
}

constexpr std::array<std::string_view, 4> keys{"queue_cap", "at_cap", "mailboxes", "personality"};

TEST(Nearest, FindsWhatWasProbablyMeant) {
  EXPECT_EQ(nearest("queue_cop", keys), "queue_cap");
  EXPECT_EQ(nearest("queuecap", keys), "queue_cap");
  EXPECT_EQ(nearest("mailbox", keys), "mailboxes");
  EXPECT_EQ(nearest("personality", keys), "personality");
}

TEST(Nearest, TwoNeighboursInTheWrongOrderAreOneChange) {
  const std::array<std::string_view, 2> names{"gmail", "ab"};
  EXPECT_EQ(nearest("gmial", names), "gmail");
  EXPECT_EQ(nearest("ba", names), "ab");
  EXPECT_EQ(nearest("gaiml", names), "");  // two changes of five
}

TEST(Nearest, AThirdOfTheWordIsTheMost) {
  const std::array<std::string_view, 1> one{"abcdef"};
  EXPECT_EQ(nearest("abcdxx", one), "abcdef");  // 2 of 6
  EXPECT_EQ(nearest("abcxxx", one), "");        // 3 of 6
  const std::array<std::string_view, 1> two{"ab"};
  EXPECT_EQ(nearest("ax", two), "ab");  // one change is always allowed
  EXPECT_EQ(nearest("xy", two), "");
  EXPECT_EQ(nearest("", two), "");
}

TEST(Nearest, TheFirstOfEquallyNearWordsWins) {
  const std::array<std::string_view, 2> both{"cat", "bat"};
  EXPECT_EQ(nearest("hat", both), "cat");
  const std::array<std::string_view, 2> turned{"bat", "cat"};
  EXPECT_EQ(nearest("hat", turned), "bat");
  const std::array<std::string_view, 2> better_last{"cast", "hat"};
  EXPECT_EQ(nearest("hat", better_last), "hat");
}

TEST(Nearest, CountsInsertionsDeletionsAndChanges) {
  const std::array<std::string_view, 1> word{"leave_on_server"};
  EXPECT_EQ(nearest("leave_on_servr", word), "leave_on_server");
  EXPECT_EQ(nearest("leave_onn_server", word), "leave_on_server");
  EXPECT_EQ(nearest("xeave_on_server", word), "leave_on_server");
  EXPECT_EQ(nearest("server_on_leave", word), "");
}

TEST(Nearest, WordsOverEightyOctetsAreNotCompared) {
  const std::array<std::string, 2> candidates{std::string(81, 'a'), std::string(80, 'a')};
  EXPECT_EQ(nearest(std::string(80, 'a'), candidates).size(), 80U);
  EXPECT_EQ(nearest(std::string(81, 'a'), candidates), "");
  const std::array<std::string, 1> long_only{std::string(81, 'a')};
  EXPECT_EQ(nearest(std::string(80, 'a'), long_only), "");
  EXPECT_EQ(nearest("x", std::span<const std::string>{}), "");
}

TEST(JoinWords, AsASentenceDoes) {
  using Words = std::vector<std::string_view>;
  EXPECT_EQ(join_words(Words{}), "");
  EXPECT_EQ(join_words(Words{"a"}), "a");
  EXPECT_EQ(join_words(Words{"a", "b"}), "a and b");
  EXPECT_EQ(join_words(Words{"a", "b", "c"}), "a, b and c");
  EXPECT_EQ(join_words(Words{"a", "b", "c"}, " or "), "a, b or c");
}

}  // namespace
}  // namespace mailrig
