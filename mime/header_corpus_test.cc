// Tables of header values with the expectations of other projects. They are not part of this repository: where they are
// absent, the tests skip. Rows on which we differ are listed with their reason, and docs/mime-decisions.md explains it;
// a row that is listed and agrees fails too.
//
//   cmake --preset dev -DMAILRIG_CORPUS=FOLDER       FOLDER/headers/address.json and so on

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "mime/address.h"
#include "mime/ascii.h"
#include "mime/content_type.h"
#include "mime/date.h"
#include "mime/header.h"

namespace mailrig::mime {
namespace {

using nlohmann::json;

const std::filesystem::path folder = std::filesystem::path(MAILRIG_CORPUS) / "headers";

json table(const std::string& name) {
  std::ifstream file(folder / name);
  return file ? json::parse(file) : json();
}

#define READ_TABLE(variable, name)   \
  const json variable = table(name); \
  if (variable.is_null()) GTEST_SKIP() << (folder / (name)).string() << " is not here"

/// The field's body, up to where a header field ends.
std::string body_of_field(const std::string& text) {
  const std::string field = "X:" + text;
  std::string_view rest = field;
  // A first line that is empty ends nothing here: the tables begin behind the colon.
  return std::string(take_field(rest)->body);
}

/// Runs of white space are one space: nobody agrees on what folding leaves.
std::string squeezed(const std::string& text) {
  std::string out;
  for (char c : text)
    if (!is_space(c))
      out += c;
    else if (!out.empty() && out.back() != ' ')
      out += ' ';
  if (out.ends_with(' ')) out.pop_back();
  return out;
}

json squeezed(const json& value) {
  if (value.is_string()) return squeezed(value.get<std::string>());
  json out = value;
  if (value.is_structured())
    for (auto& item : out) item = squeezed(item);
  return out;
}

/// The order of parameters says nothing.
json sorted(json list) {
  std::sort(list.begin(), list.end());
  return list;
}

using Differences = std::map<std::size_t, std::string_view>;  // row of the table, name in docs/mime-decisions.md

template <typename Read>
void compare(const json& rows, const Differences& differences, Read read) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    json expected = squeezed(rows[i].at("expected"));
    if (expected.is_object() && expected.contains("c_type")) expected["attributes"] = sorted(expected["attributes"]);
    const json ours = squeezed(read(rows[i].at("header").get<std::string>()));
    const auto known = differences.find(i);
    if (known == differences.end())
      EXPECT_EQ(ours, expected) << "row " << i << ": " << rows[i].at("header");
    else
      EXPECT_NE(ours, expected) << "row " << i << " is said to differ: " << known->second;
  }
}

json text_or_null(const std::string& text) { return text.empty() ? json() : json(text); }

// mail-parser.
TEST(HeaderCorpus, ContentTypes) {
  READ_TABLE(rows, "content_type.json");
  const Differences differences = {{31, "charset-in-later-section"},
                                   {34, "blanks-between-words"},
                                   {61, "absurd-section-number"},
                                   {76, "second-slash"},
                                   {77, "second-slash"},
                                   {78, "second-slash"}};
  compare(rows, differences, [](const std::string& header) {
    const ContentType type = parse_content_type(header);
    if (type.type.empty()) return json();
    json attributes = json::array();
    for (const Parameter& parameter : type.parameters) {
      if (!parameter.language.empty()) attributes.push_back({parameter.name + "-language", parameter.language});
      attributes.push_back({parameter.name, parameter.value});
    }
    return json{{"c_type", type.type},
                {"c_subtype", text_or_null(type.subtype)},
                {"attributes", attributes.empty() ? json() : sorted(attributes)}};
  });
}

json mailbox_json(const Mailbox& mailbox) {
  std::string name = mailbox.name;
  if (!mailbox.comment.empty() && mailbox.name != mailbox.comment) name += " (" + mailbox.comment + ")";
  return {{"name", text_or_null(name)}, {"address", text_or_null(mailbox.address)}};
}

json list_json(const AddressList& list) {
  json mailboxes = json::array();
  if (list.groups.empty()) {
    for (const Mailbox& mailbox : list.mailboxes) mailboxes.push_back(mailbox_json(mailbox));
    return {{"List", mailboxes}};
  }
  // What stands between groups is a group without a name there.
  json groups = json::array();
  std::optional<std::size_t> open;
  std::size_t next = 0;
  const auto open_group = [&](json name) { groups.push_back({{"name", name}, {"addresses", json::array()}}); };
  for (const Mailbox& mailbox : list.mailboxes) {
    while (mailbox.group && next <= *mailbox.group) open_group(list.groups[next++]);
    if (!mailbox.group && (groups.empty() || open)) open_group(nullptr);
    open = mailbox.group;
    groups.back()["addresses"].push_back(mailbox_json(mailbox));
  }
  while (next < list.groups.size()) open_group(list.groups[next++]);
  return {{"Group", groups}};
}

json date_json(const std::optional<Date>& date) {
  if (!date) return nullptr;
  const std::string iso = to_iso8601(*date);  // 2014-06-02T10:00:00+02:00
  const auto number = [&](std::size_t at, std::size_t size) { return std::stoi(iso.substr(at, size)); };
  return {{"year", number(0, 4)},     {"month", number(5, 2)},      {"day", number(8, 2)},
          {"hour", number(11, 2)},    {"minute", number(14, 2)},    {"second", number(17, 2)},
          {"tz_hour", number(20, 2)}, {"tz_minute", number(23, 2)}, {"tz_before_gmt", iso[19] == '-'}};
}

TEST(HeaderCorpus, Addresses) {
  READ_TABLE(rows, "address.json");
  const Differences differences = {{9, "escaped-line-end"},
                                   {10, "comments-are-no-names"},
                                   {11, "comments-are-no-names"},
                                   {13, "addresses-without-blanks"},
                                   {14, "addresses-without-blanks"}};
  compare(rows, differences,
          [](const std::string& header) { return list_json(parse_address_list(body_of_field(header))); });
}

TEST(HeaderCorpus, Dates) {
  READ_TABLE(rows, "date.json");
  const Differences differences = {{12, "numbers-alone"}};
  compare(rows, differences, [](const std::string& header) { return date_json(parse_date(body_of_field(header))); });
}

}  // namespace
}  // namespace mailrig::mime
