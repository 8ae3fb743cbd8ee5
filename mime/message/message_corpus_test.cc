// Messages of other projects with the readings on which independent parsers agree. They are not part of this
// repository: where they are absent, the test skips. docs/mime-decisions.md names each field on which we differ.
//
//   cmake --preset dev -DMAILRIG_CORPUS=FOLDER       FOLDER/mime/NAME.eml and NAME.json

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "mime/message/facts/message_json.h"
#include "mime/message/fields/date.h"

namespace mailrig::mime {
namespace {

using nlohmann::json;

const std::filesystem::path folder = std::filesystem::path(MAILRIG_CORPUS) / "mime";

std::string text_of_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

json as_json(const Value& value) {
  switch (value.kind()) {
    case Value::Kind::boolean: return value.boolean();
    case Value::Kind::integer: return value.integer();
    case Value::Kind::text: return value.text();
    case Value::Kind::list: {
      json list = json::array();
      for (const Value& item : value.items()) list.push_back(as_json(item));
      return list;
    }
    case Value::Kind::map: {
      json map = json::object();
      for (const auto& [key, entry] : value.entries()) map[key] = as_json(entry);
      return map;
    }
    default: return nullptr;
  }
}

bool same_instant(const json& a, const json& b) {
  if (!a.is_string() || !b.is_string()) return a == b;
  const std::optional<Date> left = parse_date(a.get<std::string>());
  const std::optional<Date> right = parse_date(b.get<std::string>());
  return left && right && left->time == right->time;
}

struct Score {
  void judge(bool agrees, const std::string& name, const std::string& field) {
    ++fields;
    if (!agrees) misses.push_back(name + " " + field);
  }
  std::size_t fields = 0;
  std::vector<std::string> misses;
};

void compare_parts(const json& wanted, const json& read, const std::string& name, Score& score) {
  auto shape = [](const json& parts) {
    std::vector<std::string> lines;
    for (const json& part : parts)
      lines.push_back(part.at("path").get<std::string>() + " " + part.at("content_type").get<std::string>());
    return lines;
  };
  const bool same = shape(wanted) == shape(read);
  score.judge(same, name, "structure");
  for (std::size_t i = 0; same && i < wanted.size(); ++i)
    for (const auto& [key, value] : wanted[i].items())
      if (read[i].contains(key)) score.judge(read[i].at(key) == value, name, "part " + shape(wanted)[i] + " " + key);
}

TEST(MessageCorpus, NinetyNineOfAHundredSettledFieldsAreReadAlike) {
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << folder.string() << " is not here";
  Score score;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".eml") continue;
    const std::string name = entry.path().stem().string();
    const json wanted = json::parse(text_of_file(std::filesystem::path(entry.path()).replace_extension(".json")));
    const json read = as_json(to_value(with_crlf(text_of_file(entry.path()))));
    for (const auto& [key, value] : wanted.at("headers").items()) {
      const json& ours = read.at("headers").at(key);
      score.judge(key == "date" ? same_instant(value, ours) : value == ours, name, "headers." + key);
    }
    if (wanted.contains("parts")) compare_parts(wanted.at("parts"), read.at("parts"), name, score);
    if (wanted.contains("containers"))
      score.judge(wanted.at("containers") == read.at("containers"), name, "containers");
    if (wanted.contains("attachments"))
      score.judge(wanted.at("attachments") == read.at("attachments"), name, "attachments");
  }
  std::ranges::sort(score.misses);
  std::string told;
  for (const std::string& miss : score.misses) told += "  " + miss + "\n";
  EXPECT_GT(score.fields, 1000U);
  EXPECT_LE(score.misses.size() * 100, score.fields) << told;
  RecordProperty("fields", static_cast<int>(score.fields));
  if (!told.empty())
    std::printf("%zu of %zu settled fields differ:\n%s", score.misses.size(), score.fields, told.c_str());
}

}  // namespace
}  // namespace mailrig::mime
