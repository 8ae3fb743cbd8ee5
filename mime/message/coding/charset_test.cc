#include "mime/message/coding/charset.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mime/message/coding/charset_names.h"

namespace mailrig::mime {
namespace {

using namespace std::string_view_literals;

std::string utf8(std::string_view octets, std::string_view charset) { return Charsets().to_utf8(octets, charset); }

struct Read {
  std::string text;
  std::uint64_t unmappable = 0;
  std::uint64_t first = 0;
  friend bool operator==(const Read&, const Read&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Read& read) {
    return out << testing::PrintToString(read.text) << " " << read.unmappable << " lost, first at " << read.first;
  }
};

Read read(std::string_view octets, std::string_view charset) {
  TextLoss loss;
  std::string text = Charsets().to_utf8(octets, charset, &loss);
  return {text, loss.unmappable, loss.first};
}

std::string_view name(std::string_view written) {
  const CharsetRow* row = find_charset(written);
  return row == nullptr ? std::string_view() : row->name;
}

TEST(CharsetNames, OfTheWild) {
  EXPECT_EQ(name("unicode-1-1-utf-7"), "utf-7");
  EXPECT_EQ(name("x-sjis"), "shift_jis");
  EXPECT_EQ(name("cp-850"), "ibm850");
  EXPECT_EQ(name("ansi_x3.4-1968"), "us-ascii");
  EXPECT_EQ(name("\"ISO-8859-1\""), "iso-8859-1");
  EXPECT_EQ(name("'utf-8'"), "utf-8");
  EXPECT_EQ(name(" UTF8 "), "utf-8");
  EXPECT_EQ(name("utf-8; format=flowed"), "utf-8");
  EXPECT_EQ(name("ISO_8859-1:1987"), "iso-8859-1");
  EXPECT_EQ(name("iso8859-15"), "iso-8859-15");
  EXPECT_EQ(name("ISO-8859-8-I"), "iso-8859-8");
  EXPECT_EQ(name("Windows-1252"), "windows-1252");
  EXPECT_EQ(name("win1251"), "windows-1251");
  EXPECT_EQ(name("cp1250"), "windows-1250");
  EXPECT_EQ(name("x-windows-949"), "windows-949");
  EXPECT_EQ(name("cp50221"), "cp50221");
  EXPECT_EQ(name("x-gbk"), "gbk");
  EXPECT_EQ(name("x-mac-roman"), "macintosh");
  EXPECT_EQ(name("KS_C_5601-1987"), "ks_c_5601-1987");
  EXPECT_EQ(name("csShiftJIS"), "shift_jis");
  EXPECT_EQ(name("X-MAC-CYRILLIC"), "x-mac-cyrillic");
  EXPECT_EQ(name("65001"), "utf-8");
}

TEST(CharsetNames, ThatNobodyKnows) {
  for (std::string_view none :
       {"", "\"\"", "x", "x-", "unknown-8bit", "x-unknown", "iso-8859-12", "cp", "utf-9", "-_.", "8bit"})
    EXPECT_EQ(find_charset(none), nullptr) << none;
  EXPECT_EQ(find_charset(std::string(charset_name_max, 'a')), nullptr);
  // Only so much of a name is looked at.
  EXPECT_EQ(name("utf-8" + std::string(charset_name_max - 5, ' ') + "x"), "utf-8");
  EXPECT_EQ(name("utf-8" + std::string(charset_name_max - 6, ' ') + "x"), "");
}

// The C library has every charset of the table; a row with a name that it lacks would read nothing but U+FFFD.
TEST(CharsetNames, EveryRowReadsItsOwnLetters) {
  for (const CharsetRow& row : charset_rows()) {
    std::string_view a = "A";
    if (row.name.starts_with("ibm037") || row.name == "ibm500" || row.name == "ibm1047") a = "\xC1";
    if (row.name == "utf-16le" || row.name == "utf-16") a = "A\0"sv;
    if (row.name == "utf-16be") a = "\0A"sv;
    if (row.name == "utf-32le" || row.name == "utf-32") a = "A\0\0\0"sv;
    if (row.name == "utf-32be") a = "\0\0\0A"sv;
    EXPECT_EQ(read(a, row.name), (Read{"A"})) << row.name;
    EXPECT_EQ(find_charset(row.name), &row);
  }
}

TEST(Charsets, BecomeUtf8) {
  EXPECT_EQ(utf8("gr\xFC\xDF \x80\x9F", "iso-8859-1"), "gr\xC3\xBC\xC3\x9F \xE2\x82\xAC\xC5\xB8");  // by windows-1252
  EXPECT_EQ(utf8("\x80 \xA4", "windows-1252"), "\xE2\x82\xAC \xC2\xA4");
  EXPECT_EQ(utf8("\xA4", "iso-8859-15"), "\xE2\x82\xAC");
  EXPECT_EQ(utf8("\xF0\xD2\xC9\xD7\xC5\xD4", "koi8-r"), "\xD0\x9F\xD1\x80\xD0\xB8\xD0\xB2\xD0\xB5\xD1\x82");  // Привет
  EXPECT_EQ(utf8("\xCF\xF0\xE8\xE2\xE5\xF2", "windows-1251"), "\xD0\x9F\xD1\x80\xD0\xB8\xD0\xB2\xD0\xB5\xD1\x82");
  EXPECT_EQ(utf8("\x81", "cp-850"), "\xC3\xBC");
  EXPECT_EQ(utf8("\x8C\xBE\x8C\xEA", "x-sjis"), "\xE8\xA8\x80\xE8\xAA\x9E");  // 言語
  EXPECT_EQ(utf8("\xB8\xC0\xB8\xEC", "euc-jp"), "\xE8\xA8\x80\xE8\xAA\x9E");
  EXPECT_EQ(utf8("\x1B$B8@8l\x1B(B!", "iso-2022-jp"), "\xE8\xA8\x80\xE8\xAA\x9E!");
  EXPECT_EQ(utf8("\xD6\xD0\xCE\xC4", "gb2312"), "\xE4\xB8\xAD\xE6\x96\x87");  // 中文
  EXPECT_EQ(utf8("\xA4\xA4\xA4\xE5", "big5"), "\xE4\xB8\xAD\xE6\x96\x87");
  EXPECT_EQ(utf8("\xC7\xD1\xB1\xDB", "euc-kr"), "\xED\x95\x9C\xEA\xB8\x80");  // 한글
  EXPECT_EQ(utf8("\x1B$)C\x0E\x47\x51\x31\x5B\x0F.", "iso-2022-kr"), "\xED\x95\x9C\xEA\xB8\x80.");
  EXPECT_EQ(utf8("Hi Mom -+Jjo--!", "unicode-1-1-utf-7"), "Hi Mom -\xE2\x98\xBA-!");  // RFC 2152
  EXPECT_EQ(utf8("\xFE\xFF\x20\xAC", "utf-16"), "\xE2\x82\xAC");
  EXPECT_EQ(utf8("\xFF\xFE\xAC\x20", "utf-16"), "\xE2\x82\xAC");
  EXPECT_EQ(utf8("plain", "us-ascii"), "plain");
}

// What one character of a charset is, is not always said by its register: a vendor's additions follow the charset
// itself.
TEST(Charsets, AVendorsAdditionsAreReadToo) {
  EXPECT_EQ(read("\x87\x40", "shift_jis"), (Read{"\xE2\x91\xA0"}));  // ① of NEC
  EXPECT_EQ(read("\x81\x60", "shift_jis"), (Read{"\xE3\x80\x9C"}));  // the charset's own wave dash
  EXPECT_EQ(read("C:\\x~", "shift_jis"), (Read{"C:\\x~"}));
  EXPECT_EQ(read("\xE8\x46", "gb2312"), (Read{"\xE9\x90\xB5"}));        // 鐵 of GBK
  EXPECT_EQ(read("\x81\x30\x89\x38x", "gb2312"), (Read{"\xC3\x9Fx"}));  // ß in four octets of GB18030
  EXPECT_EQ(read("\xA1\xAA", "gb2312"), (Read{"\xE2\x80\x95"}));
  EXPECT_EQ(read("\x8C\x63", "euc-kr"), (Read{"\xEB\x98\xA0"}));  // 똠 of Microsoft's Korean
}

struct Vendor {
  std::string_view octets;
  std::string_view charset;
  std::uint64_t count;
  std::uint64_t first;
};

// The counterparts by WHATWG's encodings; a charset that has the character itself has nothing to tell.
TEST(Charsets, AVendorsAdditionsAreTold) {
  for (const Vendor& c : std::initializer_list<Vendor>{{"a\x85\x92\xE4", "iso-8859-1", 2, 1},
                                                       {"\xE4\xA4", "iso-8859-1", 0, 0},
                                                       {"\x81", "iso-8859-1", 0, 0},
                                                       {"\xFD\x85", "iso-8859-9", 1, 1},
                                                       {"\x85", "windows-1252", 0, 0},
                                                       {"\x85", "windows-1254", 0, 0},
                                                       {"\x85", "tis-620", 1, 0},
                                                       {"\x8C\x63", "euc-kr", 1, 0},
                                                       {"\x8C\x63", "ks_c_5601-1987", 1, 0},
                                                       {"\x8C\x63", "cp949", 0, 0},
                                                       {"\xB0\xA1", "euc-kr", 0, 0},
                                                       {"\xD6\xD0\xE8\x46", "gb2312", 1, 2},
                                                       {"\xE8\x46", "gbk", 0, 0},
                                                       {"\x87\x40", "shift_jis", 1, 0},
                                                       {"\x87\x40", "windows-31j", 0, 0},
                                                       {"\xAD\xA1", "euc-jp", 1, 0},
                                                       {"\x1B$B-!8@\x1B(B", "iso-2022-jp", 1, 3},
                                                       {"\x1B$B-!\x1B(B", "cp50221", 0, 0}}) {
    TextLoss loss;
    const std::string text = Charsets().to_utf8(c.octets, c.charset, &loss);
    EXPECT_EQ(loss.vendor, c.count) << c.charset;
    EXPECT_EQ(loss.first_vendor, c.first) << c.charset;
    EXPECT_EQ(loss.unmappable, 0U) << c.charset << text;
  }
  EXPECT_EQ(utf8("\x1B$B-!-\x35y\"|b\x1B(B \x1B(I1\x1B(B", "iso-2022-jp"), "①Ⅰ褜髙 ｱ");
  EXPECT_EQ(utf8("\x0E\x31\x0F\xB1", "iso-2022-jp"), "ｱｱ");  // CP50222's shift, CP50221's octet
}

// An unassigned character between two others costs one U+FFFD and none of the others (Unicode 15 §3.9: one for each).
TEST(Charsets, ReadingGoesOnAtTheNextCharacter) {
  const std::string r = "\xEF\xBF\xBD";
  EXPECT_EQ(utf8("\x1B$BF|)!K\\\x1B(B ok", "iso-2022-jp"), "日" + r + "本 ok");
  EXPECT_EQ(utf8("\xC6\xFC\xA9\xA1\xCB\xDC ok", "euc-jp"), "日" + r + "本 ok");
  EXPECT_EQ(utf8("\x93\xFA\x85\x9E\x96\x7B ok", "shift_jis"), "日" + r + "本 ok");
  EXPECT_EQ(utf8("\x93\xFA\x85\x9E\x96\x7B ok", "windows-31j"), "日" + r + "本 ok");
  EXPECT_EQ(utf8("\xC7\xD1\xC9\xA1\xB1\xDB ok", "cp949"), "한" + r + "글 ok");
  EXPECT_EQ(utf8("\x1B$)C\x0E\x47\x51\x2D\x71\x31\x5B\x0F ok", "iso-2022-kr"), "한" + r + "글 ok");
  EXPECT_EQ(utf8("\xA4\xA4\xC7\xFD\xA4\xE5 ok", "big5").substr(0, 3), "中");
  EXPECT_TRUE(utf8("\xA4\xA4\xC7\xFD\xA4\xE5 ok", "big5").ends_with("文 ok"));
  EXPECT_EQ(utf8("\xA4\xA4\x80\xA4\xE5 ok", "big5"), "中" + r + "文 ok");
  EXPECT_EQ(utf8("\xA4\xA4\x80\xA4\xE5 ok", "big5-hkscs"), "中" + r + "文 ok");
  EXPECT_EQ(utf8("\xA4\x80\"", "big5"), r + r + "\"");
  EXPECT_EQ(utf8("\xC4\xE3\xFF\xFF\xBA\xC3", "gb2312"), "你" + r + r + "好");
  EXPECT_EQ(utf8("\x65\xE5\xD8\x00\x67\x2C"sv, "utf-16be"), "日" + r + "本");
  EXPECT_EQ(utf8("\xE5\x65\x00\xD8\x2C\x67"sv, "utf-16le"), "日" + r + "本");
  EXPECT_EQ(utf8("\0\0\x65\xE5\0\x11\0\0\0\0\x67\x2C"sv, "utf-32be"), "日" + r + "本");
  EXPECT_EQ(utf8("+ZeXYAGcs- ok", "utf-7"), "日" + r + "本 ok");
  // A broken octet takes no quote, no bracket and no line end with it.
  for (std::string_view charset : {"euc-jp", "shift_jis", "gb2312", "gbk", "gb18030", "big5", "euc-kr", "euc-tw"})
    for (std::string_view end : {"\"", ">", "\r\n"})
      EXPECT_TRUE(utf8("\x99" + std::string(end), charset).ends_with(end)) << charset << end;
}

TEST(Charsets, TheSetsOfIso2022) {
  EXPECT_EQ(utf8("\x1B$A\x56\x50\x1B$(C\x47\x51\x1B(B", "iso-2022-jp-2"), "中한");  // RFC 1554
  EXPECT_EQ(utf8("\x1B.A\x1BNdx", "iso-2022-jp-2"), "äx");                          // its ISO 8859-1
  EXPECT_EQ(utf8("\x1B$)A\x0E\x3D\x3B\x3B\x3B\x1B$)G\x47\x28\x5F\x50\x0F", "iso-2022-cn"), "交换交換");  // RFC 1922
  EXPECT_EQ(utf8("\x1B$@F|\x1B(J\\~", "iso-2022-jp"), "日¥‾");
  EXPECT_EQ(utf8("\x1B$Z!", "iso-2022-jp"), "\xEF\xBF\xBD$Z!");
}

TEST(Charsets, WhatIsNoTextIsReplacedAndCounted) {
  EXPECT_EQ(read("a\x81"
                 "b",
                 "windows-1252"),
            (Read{"a\xEF\xBF\xBD"
                  "b",
                  1, 1}));
  EXPECT_EQ(read("\xFF"
                 "ok",
                 "shift_jis"),
            (Read{"\xEF\xBF\xBDok", 1, 0}));
  EXPECT_EQ(read("ok\x8C", "shift_jis"), (Read{"ok\xEF\xBF\xBD", 1, 2}));
  EXPECT_EQ(read("\xB5\n\xB5\xC7", "gbk"), (Read{"\xEF\xBF\xBD\n\xE7\x99\xBB", 1, 0}));
  EXPECT_EQ(read("\x1B$B8", "iso-2022-jp"), (Read{"\xEF\xBF\xBD", 1, 3}));
  EXPECT_EQ(read("a\xE9\x80z", "us-ascii"), (Read{"aé€z"}));
}

TEST(Charsets, AsciiThatIsNoneIsReadAsUtf8) {
  EXPECT_EQ(read("na\xC3\xAFve", "us-ascii"), (Read{"na\xC3\xAFve"}));
  TextLoss loss;
  EXPECT_EQ(Charsets().to_utf8("na\xC3\xAFve", "bogus", &loss), "naïve");
  EXPECT_TRUE(loss.unknown_charset);
  EXPECT_FALSE(loss.western);
  // All of it is UTF-8, or none.
  EXPECT_EQ(Charsets().to_utf8("na\xEFve \xC3\xAF \x81", "bogus", &loss), "naïve Ã¯ \xEF\xBF\xBD");
  EXPECT_TRUE(loss.western);
  EXPECT_EQ(loss.unmappable, 1U);
  EXPECT_EQ(loss.first, 9U);
  EXPECT_EQ(loss.eight_bit, 0U);
  Charsets().to_utf8("a\xFCz\xDF", "us-ascii", &loss);
  EXPECT_EQ(loss.eight_bit, 2U);
  EXPECT_EQ(loss.first_eight_bit, 1U);
  Charsets().to_utf8("x", "us-ascii", &loss);
  EXPECT_EQ(loss.eight_bit, 0U);
  EXPECT_FALSE(loss.unknown_charset);
  EXPECT_EQ(loss.unmappable, 0U);
}

// Unicode 15 §3.9, table 3-8: one U+FFFD for each maximal part of an ill-formed sequence.
TEST(Utf8, IllFormedSequences) {
  const std::string r = "\xEF\xBF\xBD";
  EXPECT_EQ(clean_utf8("\xC0\xAF\xE0\x80\xBF\xF0\x81\x82\x41"), r + r + r + r + r + r + r + r + "A");    // table 3-8
  EXPECT_EQ(clean_utf8("\xED\xA0\x80\xED\xBF\xBF\xED\xAF\x41"), r + r + r + r + r + r + r + r + "A");    // table 3-9
  EXPECT_EQ(clean_utf8("\xF4\x91\x92\x93\xFF\x41\x80\xBF\x42"), r + r + r + r + r + "A" + r + r + "B");  // table 3-10
  EXPECT_EQ(clean_utf8("\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41"), r + r + r + r + "A");                    // table 3-11
  EXPECT_EQ(clean_utf8("\xC1\xBF"), r + r);
  EXPECT_EQ(clean_utf8("\xF5\x80"), r + r);
}

TEST(Utf8, Boundaries) {
  for (std::string_view good : {"\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80", "\xEF\xBF\xBF",
                                "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF", "\x7F"})
    EXPECT_EQ(read(good, "utf-8"), (Read{std::string(good)}));
  for (std::string_view bad : {"\xE0\x9F\xBF", "\xED\xA0\x80", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80"})
    EXPECT_EQ(read(bad, "utf-8").unmappable, bad.size()) << testing::PrintToString(bad);
  EXPECT_EQ(read("ab\xE2\x82", "utf-8"), (Read{"ab\xEF\xBF\xBD", 1, 2}));
}

std::string in_pieces(std::string_view octets, std::string_view charset, std::size_t cut, std::size_t second,
                      TextLoss& loss) {
  CharsetDecoder decoder(charset);
  std::string text;
  decoder.feed(octets.substr(0, cut), text);
  decoder.feed(octets.substr(cut, second), text);
  decoder.feed(octets.substr(std::min(cut + second, octets.size())), text);
  decoder.finish(text);
  loss = decoder.loss();
  return text;
}

TEST(Charsets, AnySplitGivesTheSame) {
  const std::pair<std::string_view, std::string_view> texts[] = {
      {"a\xE2\x82\xAC\xF0\x9F\x98\x80z\xE2\x82z\xFF", "utf-8"},
      {"\xFC\x81x\x80", "windows-1252"},
      {"x\x8C\xBE\x87\x40\xFF\x81\x60\x8C", "shift_jis"},
      {"\xD6\xD0\x81\x30\x89\x38\xE8\x46z\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFFq", "gb2312"},
      {"a\x1B$B8@8l\x1B(Bb\x1B$B8", "iso-2022-jp"},
      {"\x1B$B-!)!8@\x1B(I1\x1B$(D\x30\x21\x1B(B\xB1\x1B$x\x1B", "iso-2022-jp"},
      {"\x1B$)C\x0E\x47\x51\x2D\x71\x31\x5B\x0F.", "iso-2022-kr"},
      {"\x1B.A\x1BNd\x1BN", "iso-2022-jp-2"},
      {"+ZeXYAGcs- +2D3eAA-++-a+", "utf-7"},
      {"\xC6\xFC\xA9\xA1\xCB\xDC\xAD\xA1", "euc-jp"},
      {"Hi Mom -+Jjo--! +AGEAYg-", "utf-7"},
      {"\xFE\xFF\x20\xAC\xD8\x3D\xDE\x00", "utf-16"},
  };
  for (const auto& [octets, charset] : texts) {
    TextLoss whole_loss;
    const std::string whole = Charsets().to_utf8(octets, charset, &whole_loss);
    for (std::size_t cut = 0; cut <= octets.size(); ++cut) {
      for (std::size_t second : {std::size_t{0}, std::size_t{1}, std::size_t{2}}) {
        TextLoss loss;
        EXPECT_EQ(in_pieces(octets, charset, cut, second, loss), whole) << charset << " cut at " << cut;
        EXPECT_EQ(loss.unmappable, whole_loss.unmappable) << charset;
        EXPECT_EQ(loss.first, whole_loss.first) << charset;
      }
    }
    CharsetDecoder decoder(charset);
    std::string text;
    for (char c : octets) decoder.feed({&c, 1}, text);
    decoder.finish(text);
    EXPECT_EQ(text, whole) << charset;
  }
}

TEST(Charsets, ADecoderBeginsAnew) {
  CharsetDecoder decoder("iso-2022-jp");
  std::string text;
  decoder.feed("\x1B$B8@8", text);
  decoder.finish(text);
  EXPECT_EQ(decoder.loss().unmappable, 1U);
  text.clear();
  decoder.feed("plain", text);
  decoder.finish(text);
  EXPECT_EQ(text, "plain");
  EXPECT_EQ(decoder.loss().unmappable, 0U);
  decoder.finish(text);
  EXPECT_EQ(decoder.loss().unmappable, 0U);
}

TEST(Charsets, MoreThanStayOpenAreStillRead) {
  Charsets charsets;
  for (int round = 0; round < 2; ++round) {
    for (const CharsetRow& row : charset_rows()) {
      if (!row.name.starts_with("windows")) continue;
      EXPECT_EQ(charsets.to_utf8("x", row.name), "x");
    }
  }
  for (int i = 0; i < 40; ++i) EXPECT_EQ(charsets.to_utf8("\xC3\xBC", "bogus-" + std::to_string(i)), "\xC3\xBC");
  EXPECT_EQ(charsets.to_utf8("\xFC", "latin1"), "\xC3\xBC");
}

}  // namespace
}  // namespace mailrig::mime
