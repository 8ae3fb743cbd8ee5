// docs/personalities.md lists what the tables have, in their order and in their words.

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "fakeservers/personalities/personality.h"
#include "fakeservers/pop3/pop3_server.h"

namespace mailrig::fakeservers {
namespace {

struct DocRow {
  std::string name;
  std::vector<std::string> cells;  // after the name
};

/// The rows of the first table under a heading.
std::vector<DocRow> table_under(std::string_view heading) {
  std::ifstream file(MAILRIG_SOURCE_DIR "/docs/personalities.md");
  EXPECT_TRUE(file.good());
  std::vector<DocRow> rows;
  bool here = false;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("#")) {
      if (here) break;
      here = line == heading;
    }
    if (!here || !line.starts_with("| `")) continue;
    DocRow row;
    std::size_t end = line.find("` |");
    row.name = line.substr(3, end - 3);
    std::stringstream rest(line.substr(end + 3));
    for (std::string cell; std::getline(rest, cell, '|');) {
      std::size_t first = cell.find_first_not_of(' ');
      row.cells.push_back(first == std::string_view::npos ? ""
                                                          : cell.substr(first, cell.find_last_not_of(' ') - first + 1));
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

/// "a b" as "`a` `b`".
std::string in_ticks(std::string_view words, std::string_view open = "`", std::string_view close = "`") {
  std::string out;
  std::stringstream stream{std::string(words)};
  for (std::string word; stream >> word;)
    out += (out.empty() ? "" : " ") + std::string(open) + word + std::string(close);
  return out;
}

void expect_settings(std::string_view heading, std::span<const Setting> table) {
  std::vector<DocRow> rows = table_under(heading);
  ASSERT_EQ(rows.size(), table.size()) << heading;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(rows[i].name, table[i].name);
    ASSERT_EQ(rows[i].cells.size(), 5U) << rows[i].name;
    EXPECT_EQ(rows[i].cells[3], table[i].meaning) << rows[i].name;
    std::string words;
    for (std::string_view word : table[i].choices) words += std::string(word) + " ";
    if (table[i].kind == SettingKind::choice) {
      EXPECT_EQ(rows[i].cells[0], in_ticks(words)) << rows[i].name;
    }
  }
}

TEST(PersonalitiesPage, ListsAllSettings) {
  expect_settings("## Settings of a server", pop3_settings());
  expect_settings("## Settings of a mailbox", pop3_mailbox_settings());
  expect_settings("## Settings of a message", pop3_message_settings());
}

TEST(PersonalitiesPage, SaysWhichPersonalitiesDiffer) {
  for (const DocRow& row : table_under("## Settings of a server")) {
    if (row.name.starts_with("capa")) continue;
    for (std::string_view name : {"gmail", "dovecot", "exchange2013", "office365"}) {
      const Value personality = *resolve_personality("pop3", Value(name));
      const Value parent =
          name == "office365" ? *resolve_personality("pop3", "exchange2013") : *resolve_personality("pop3", "generic");
      const Value* own = personality.find(row.name);
      const Value* inherited = parent.find(row.name);
      bool differs = own != nullptr && (inherited == nullptr || !(*own == *inherited));
      if (differs) {
        EXPECT_NE(row.cells[2].find(name), std::string::npos) << row.name << " of " << name;
      }
    }
  }
}

TEST(PersonalitiesPage, ListsAllTexts) {
  std::vector<DocRow> rows = table_under("## Texts");
  ASSERT_EQ(rows.size(), pop3_texts().size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(rows[i].name, pop3_texts()[i].name);
    EXPECT_EQ(rows[i].cells.at(0), in_ticks(pop3_texts()[i].placeholders, "`{", "}`")) << rows[i].name;
    EXPECT_EQ(rows[i].cells.at(1), pop3_texts()[i].meaning);
  }
}

TEST(PersonalitiesPage, ListsAllMisbehaviours) {
  std::vector<DocRow> rows = table_under("## Misbehaviours");
  ASSERT_EQ(rows.size(), pop3_faults().misbehaviours.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(rows[i].name, pop3_faults().misbehaviours[i].name);
    EXPECT_EQ(rows[i].cells.at(0), in_ticks(pop3_faults().misbehaviours[i].on)) << rows[i].name;
    EXPECT_EQ(rows[i].cells.at(1), pop3_faults().misbehaviours[i].meaning);
  }
}

TEST(PersonalitiesPage, ListsAllPersonalities) {
  std::string all;
  for (const DocRow& row : table_under("# POP3 personalities")) all += "`" + row.name + "`";
  for (const std::string& name : personality_names("pop3"))
    EXPECT_NE(all.find("`" + name + "`"), std::string::npos) << name;
}

}  // namespace
}  // namespace mailrig::fakeservers
