// docs/personalities-smtp-crm.md names what the program has, and nothing else.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "fakeservers/crm/crm_server.h"
#include "fakeservers/personalities/personality.h"
#include "fakeservers/smtp/smtp_server.h"

namespace mailrig::fakeservers {
namespace {

/// The names in backticks that begin the rows under a heading.
std::vector<std::string> rows_under(const std::string& heading) {
  std::ifstream file(std::string(MAILRIG_SOURCE_DIR) + "/docs/personalities-smtp-crm.md");
  std::vector<std::string> names;
  bool inside = false;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("#")) inside = line == heading;
    if (!inside || !line.starts_with("| `")) continue;
    names.push_back(line.substr(3, line.find('`', 3) - 3));
  }
  return names;
}

template <class Table>
std::vector<std::string> names_of(const Table& table) {
  std::vector<std::string> names;
  for (const auto& row : table) names.emplace_back(row.name);
  return names;
}

std::vector<std::string> strings(std::span<const std::string_view> words) { return {words.begin(), words.end()}; }

TEST(PersonalityDocs, SmtpNamesAgree) {
  EXPECT_EQ(rows_under("### SMTP settings"), names_of(smtp_settings()));
  EXPECT_EQ(rows_under("### SMTP mailbox settings"), names_of(smtp_mailbox_settings()));
  EXPECT_EQ(rows_under("### SMTP texts"), names_of(smtp_texts()));
  EXPECT_EQ(rows_under("### SMTP misbehaviours"), names_of(smtp_faults().misbehaviours));
  EXPECT_EQ(rows_under("### SMTP locks"), strings(smtp_locks()));
  EXPECT_THAT(rows_under("### SMTP personalities"), ::testing::UnorderedElementsAreArray(personality_names("smtp")));
}

TEST(PersonalityDocs, CrmNamesAgree) {
  EXPECT_EQ(rows_under("### CRM settings"), names_of(crm_settings()));
  EXPECT_EQ(rows_under("### CRM texts"), names_of(crm_texts()));
  EXPECT_EQ(rows_under("### CRM misbehaviours"), names_of(crm_faults().misbehaviours));
  std::vector<std::string> calls = strings(crm_faults().verbs);
  std::erase(calls, "tls");
  EXPECT_EQ(rows_under("### CRM calls"), calls);
}

TEST(PersonalityDocs, EveryTextOfTheCrmIsInItsPersonality) {
  Result<Value> personality = resolve_personality("crm", Value("zoho-crm"));
  ASSERT_TRUE(personality);
  const Value* texts = personality->find("texts");
  ASSERT_NE(texts, nullptr);
  std::vector<std::string> names;
  for (const auto& [key, text] : texts->entries()) names.push_back(key);
  EXPECT_THAT(names, ::testing::UnorderedElementsAreArray(names_of(crm_texts())));
}

}  // namespace
}  // namespace mailrig::fakeservers
