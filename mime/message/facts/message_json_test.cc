#include "mime/message/facts/message_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

namespace mailrig::mime {
namespace {

using nlohmann::json;
using ::testing::IsEmpty;

std::string text_of_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

/// `wanted` is in `read`: keys that it lacks are not asked.
void expect_within(const json& wanted, const Value& read, const std::string& where) {
  if (wanted.is_object()) {
    ASSERT_TRUE(read.is(Value::Kind::map)) << where;
    for (const auto& [key, value] : wanted.items()) {
      const Value* entry = read.find(key);
      ASSERT_NE(entry, nullptr) << where << "." << key;
      expect_within(value, *entry, where + "." + key);
    }
  } else if (wanted.is_array()) {
    ASSERT_TRUE(read.is(Value::Kind::list)) << where;
    ASSERT_EQ(wanted.size(), read.items().size()) << where;
    for (std::size_t i = 0; i < wanted.size(); ++i)
      expect_within(wanted[i], read.items()[i], where + "[" + std::to_string(i) + "]");
  } else if (wanted.is_string()) {
    EXPECT_EQ(read, Value(wanted.get<std::string>())) << where;
  } else if (wanted.is_number()) {
    EXPECT_EQ(read, Value(wanted.get<std::int64_t>())) << where;
  } else {
    EXPECT_TRUE(read.is_null()) << where;
  }
}

TEST(Reading, MessagesOfOneRuleEachAreReadAsByHand) {
  std::size_t messages = 0;
  for (const auto& entry : std::filesystem::directory_iterator(std::string(MAILRIG_SOURCE_DIR) + "/mime/testdata")) {
    if (entry.path().extension() != ".json") continue;
    const std::string name = entry.path().stem().string();
    json wanted = json::parse(text_of_file(entry.path()));
    const Value read =
        to_value(with_crlf(text_of_file(std::filesystem::path(entry.path()).replace_extension(".eml"))), {},
                 /*with_text=*/true);
    std::multiset<std::string> codes;
    for (const Value& defect : read.find("defects")->items()) codes.insert(defect.find("code")->text());
    const std::set<std::string> distinct(codes.begin(), codes.end());
    EXPECT_EQ(distinct, wanted.at("defects").get<std::set<std::string>>()) << name;
    wanted.erase("defects");
    wanted.erase("why");
    expect_within(wanted, read, name);
    ++messages;
  }
  EXPECT_GE(messages, 60U);
}

TEST(Reading, BareLineFeedsAreReadAsTheWireWouldHaveThem) {
  EXPECT_EQ(with_crlf("a\nb\r\n\nc\rd"), "a\r\nb\r\n\r\nc\rd");
  EXPECT_EQ(with_crlf(""), "");
}

TEST(Reading, ADefectSaysWhereAndWhatWasDone) {
  const Value read = to_value("From: a@x.test\r\nDate: Mon, 2 Jun 2014 10:00:00 +0200\r\njunk\r\n\r\n");
  ASSERT_EQ(read.find("defects")->items().size(), 1U);
  const Value& defect = read.find("defects")->items().front();
  EXPECT_EQ(*defect.find("code"), Value("header-without-colon"));
  EXPECT_EQ(*defect.find("severity"), Value("MUST"));
  EXPECT_EQ(*defect.find("clause"), Value("RFC 5322 §2.2"));
  EXPECT_EQ(*defect.find("offset"), Value(54));
  EXPECT_EQ(*defect.find("length"), Value(6));
  EXPECT_EQ(*defect.find("done"), Value("the line is passed over"));
}

TEST(Reading, AttachmentsOfAnAttachedMessageAreItsOwn) {
  const Value read =
      to_value("Content-Type: message/rfc822\r\n\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\nx");
  EXPECT_EQ(*read.find("attachments"), Value(0));
  EXPECT_EQ(*read.find("parts")->items()[1].find("filename"), Value("a.txt"));
}

}  // namespace
}  // namespace mailrig::mime
