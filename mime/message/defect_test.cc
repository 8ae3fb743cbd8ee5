#include "mime/message/defect.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace mailrig::mime {
namespace {

TEST(Defects, ViewsAreToldAsOffsets) {
  const std::string source = "0123456789";
  Defects defects(source, 100);
  const std::string_view view = source;
  defects.add(DefectCode::bare_lf, view.substr(3, 2), "a");
  defects.add(DefectCode::bare_cr, view.substr(10), "b");
  defects.add(DefectCode::nul_octet, view.substr(0, 1), "c");
  EXPECT_THAT(defects.list(),
              testing::ElementsAre(Defect{DefectCode::bare_lf, 103, 2, "a"}, Defect{DefectCode::bare_cr, 110, 0, "b"},
                                   Defect{DefectCode::nul_octet, 100, 1, "c"}));
  const std::string copy = "elsewhere";
  defects.add(DefectCode::bare_lf, copy, "d");
  EXPECT_EQ(defects.list().back(), (Defect{DefectCode::bare_lf, 0, 0, "d"}));
  defects.place_others(40, 7);
  defects.add(DefectCode::bare_lf, copy, "e");
  EXPECT_EQ(defects.list().back(), (Defect{DefectCode::bare_lf, 40, 7, "e"}));
  defects.move_to(copy, 1000);
  defects.add(DefectCode::bare_lf, std::string_view(copy).substr(1, 1), "f");
  EXPECT_EQ(defects.list().back(), (Defect{DefectCode::bare_lf, 1001, 1, "f"}));
  defects.add(DefectCode::bare_lf, {}, "g");
  EXPECT_EQ(defects.list().back(), (Defect{DefectCode::bare_lf, 40, 7, "g"}));
  EXPECT_EQ(defects.count(DefectCode::bare_lf), 5U);
  EXPECT_EQ(defects.count(DefectCode::bare_cr), 1U);
  EXPECT_TRUE(defects.has(DefectCode::nul_octet));
  EXPECT_FALSE(defects.has(DefectCode::part_limit));
}

TEST(Defects, AreListedUpToALimitAndCountedBeyondIt) {
  Defects defects({}, 0, 2);
  EXPECT_TRUE(defects.empty());
  for (std::uint64_t at : {5U, 3U, 1U}) defects.add_at(DefectCode::base64_junk, at, 1, "");
  EXPECT_EQ(defects.list().size(), 2U);
  EXPECT_EQ(defects.left_out(), 1U);
  EXPECT_EQ(defects.count(DefectCode::base64_junk), 3U);
  defects.sort();
  EXPECT_EQ(defects.list()[0].offset, 3U);
  EXPECT_EQ(defects.list()[1].offset, 5U);
  EXPECT_FALSE(defects.empty());
  EXPECT_FALSE(Defects({}, 0, 1).has(DefectCode::base64_junk));
  note(nullptr, DefectCode::bare_cr, "", "nobody wants to know");
  note(&defects, DefectCode::bare_cr, "", "");
  EXPECT_EQ(defects.left_out(), 2U);
}

TEST(Defects, WhatIsFoundInACopyLiesInTheField) {
  const std::string source = "Name: \"=?a?q?x?= \r\n =?b?q?y?=\"\r\n";
  Defects defects(source);
  const std::string_view field = std::string_view(source).substr(5);
  defects.place_in(field);
  const std::string copy = "=?a?q?x?= =?b?q?y?=";
  defects.add(DefectCode::encoded_word_in_quotes, std::string_view(copy).substr(0, 9), "");
  defects.add(DefectCode::encoded_word_in_quotes, std::string_view(copy).substr(10), "");
  defects.add(DefectCode::unknown_charset, std::string_view(copy).substr(0, 9), "");
  defects.add(DefectCode::unmappable_text, "not there", "");
  defects.add_at(DefectCode::bare_lf, 3, 1, "");
  defects.place_in({});
  defects.add(DefectCode::bare_cr, copy, "");
  std::vector<std::uint64_t> offsets;
  for (const Defect& defect : defects.list()) offsets.push_back(defect.offset);
  EXPECT_THAT(offsets, testing::ElementsAre(7, 20, 7, 6, 3, 0));
}

TEST(Defects, TheSameOfOnePlaceIsToldOnce) {
  Defects defects;
  defects.add_at(DefectCode::bare_cr, 5, 1, "a");
  defects.add_at(DefectCode::missing_field, 5, 0, "", "Date");
  defects.add_at(DefectCode::bare_cr, 5, 1, "a");
  defects.add_at(DefectCode::missing_field, 5, 0, "", "From");
  defects.sort();
  EXPECT_EQ(defects.list().size(), 3U);
  EXPECT_EQ(defects.count(DefectCode::bare_cr), 1U);
  EXPECT_EQ(defects.count(DefectCode::missing_field), 2U);
}

TEST(DefectKinds, HaveNamesOfTheirOwn) {
  std::set<std::string_view> names;
  for (const DefectKind& kind : defect_kinds()) {
    EXPECT_TRUE(names.insert(kind.name).second) << kind.name;
    EXPECT_EQ(defect_code(kind.name), kind.code);
    EXPECT_EQ(&kind_of(kind.code), &kind);
    EXPECT_FALSE(kind.clause.empty() || kind.meaning.empty()) << kind.name;
    for (char c : kind.name) EXPECT_TRUE(c == '-' || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) << kind.name;
  }
  EXPECT_EQ(names.size(), defect_codes);
  EXPECT_EQ(defect_code("bare-lf"), DefectCode::bare_lf);
  EXPECT_EQ(defect_code("no-such-defect"), std::nullopt);
  EXPECT_EQ(to_string(Severity::must), "MUST");
  EXPECT_EQ(to_string(Severity::should), "SHOULD");
  EXPECT_EQ(to_string(Severity::info), "info");
}

}  // namespace
}  // namespace mailrig::mime
