#include "mime/damage/damage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mime/generate/generate.h"
#include "mime/message/lint/examine.h"

namespace mailrig::mime {
namespace {

using ::testing::EndsWith;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAreArray;

constexpr Instant june = std::chrono::sys_days{std::chrono::year{2014} / 6 / 2} + 9h;

const std::vector<std::string> profiles{"plain", "personal", "invoice", "newsletter", "cjk", "signed-smime"};

std::string clean_message(const std::string& profile, std::uint64_t seed) {
  return Generator({.profile = profile,
                    .like = "thunderbird",
                    .seed = seed,
                    .octets_min = 0,
                    .octets_max = 12'000,
                    .first = june})
      .message(seed);
}

/// Those that break a MUST or a SHOULD, and `code`, each once.
std::vector<std::string_view> defects_of(const std::string& message, DefectCode code) {
  std::vector<std::string_view> names;
  const Message read = parse(message);
  const Defects defects = examine(read);
  for (const DefectKind& kind : defect_kinds())
    if (defects.has(kind.code) && (kind.severity != Severity::info || kind.code == code)) names.push_back(kind.name);
  return names;
}

struct EachOperator : ::testing::TestWithParam<DamageOperator> {};

TEST_P(EachOperator, makes_its_defect_and_no_other) {
  const DamageOperator& row = GetParam();
  std::vector<std::string_view> expected{kind_of(row.code).name};
  for (DefectCode code : row.also) expected.push_back(kind_of(code).name);
  for (const std::string& profile : profiles) {
    for (std::uint64_t seed : {1U, 2U, 3U}) {
      const std::string clean = clean_message(profile, seed);
      const Damaged damaged = damage(clean, {{&row}}, seed);
      EXPECT_THAT(defects_of(damaged.message, row.code), UnorderedElementsAreArray(expected))
          << profile << ' ' << seed << '\n'
          << to_string(damaged.report[0]);
      EXPECT_NE(damaged.message, clean);
      EXPECT_THAT(damaged.message, EndsWith("\r\n")) << "it cannot be sent octet for octet";
      EXPECT_LE(damaged.message.size(), clean.size() + damage_octets_max);
      EXPECT_EQ(undo(damaged), clean);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Damage, EachOperator,
                         ::testing::ValuesIn(damage_operators().begin(), damage_operators().end()),
                         [](const ::testing::TestParamInfo<DamageOperator>& tested) {
                           std::string name(tested.param.name);
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

TEST(Damage, there_is_an_operator_for_every_defect) {
  for (const DefectKind& kind : defect_kinds()) {
    const DamageOperator* row = find_damage(kind.name);
    ASSERT_NE(row, nullptr) << kind.name;
    EXPECT_EQ(row->code, kind.code);
  }
  EXPECT_EQ(damage_operators().size(), defect_kinds().size());
  EXPECT_EQ(find_damage("no-final-boundary")->code, DefectCode::boundary_never_closed);
  EXPECT_EQ(find_damage("no-such-thing"), nullptr);
}

TEST(Damage, operators_follow_each_other_and_all_is_undone) {
  std::vector<const DamageOperator*> all;
  for (const DamageOperator& row : damage_operators()) all.push_back(&row);
  for (const std::string& profile : profiles) {
    for (std::uint64_t seed = 0; seed < 5; ++seed) {
      Prng prng(seed);
      std::vector<const DamageOperator*> some;
      for (int i = 0; i < 8; ++i) some.push_back(all[prng.below(all.size())]);
      const std::string clean = clean_message(profile, seed);
      EXPECT_EQ(undo(damage(clean, some, seed)), clean);
    }
  }
}

TEST(Damage, what_is_no_message_can_be_damaged_too) {
  for (const std::string& odd :
       {std::string(), std::string("\r\n"), std::string("no header"), std::string("\n\n\n"), std::string("a: b"),
        std::string("Content-Type: multipart/mixed; boundary=x\n\n--x--"), std::string("\0\0", 2)}) {
    for (const DamageOperator& row : damage_operators()) EXPECT_EQ(undo(damage(odd, {{&row}}, 1)), odd) << row.name;
  }
}

TEST(Damage, the_same_seed_does_the_same) {
  const std::string clean = clean_message("personal", 1);
  const DamageOperator* row = find_damage("bare-cr");
  EXPECT_EQ(damage(clean, {{row}}, 7).message, damage(clean, {{row}}, 7).message);
  EXPECT_NE(damage(clean, {{row}}, 7).message, damage(clean, {{row}}, 8).message);
}

TEST(Damage, by_hand) {
  const std::string clean = "Date: Mon, 02 Jun 2014 09:00:00 +0000\r\nFrom: a@x.test\r\n\r\nhello\r\n";
  Damaged damaged = damage(clean, {{find_damage("invalid-date")}}, 1);
  EXPECT_EQ(damaged.message, "Date: soon\r\nFrom: a@x.test\r\n\r\nhello\r\n");
  EXPECT_EQ(to_string(damaged.report[0]),
            "invalid-date: at 5: \" Mon, 02 Jun 2014 09:00:00 +0000\" became \" soon\"\n");
  EXPECT_EQ(damage(clean, {{find_damage("bare-lf")}}, 1).message,
            "Date: Mon, 02 Jun 2014 09:00:00 +0000\r\nFrom: a@x.test\r\n\r\nthis line ends in LF\nhello\r\n");
  EXPECT_EQ(damage(clean, {{find_damage("missing-field")}}, 1).message, "From: a@x.test\r\n\r\nhello\r\n");
}

/// What the generator makes is clean: otherwise nothing above would mean anything.
TEST(Damage, generated_mail_has_no_defect) {
  for (std::string_view profile : profile_names()) {
    for (std::string_view like : habit_names()) {
      const Generator mail(
          {.profile = std::string(profile), .like = std::string(like), .seed = 3, .first = june, .every = 1h});
      for (std::uint64_t index = 0; index < 10; ++index)
        EXPECT_THAT(defects_of(mail.message(index), DefectCode::utf8_header), IsEmpty())
            << profile << ' ' << like << '\n'
            << mail.message(index).substr(0, 3000);
    }
  }
}

}  // namespace
}  // namespace mailrig::mime
