// What the composer writes, our own readers read back as it went in, and find nothing wrong with.
#include <gtest/gtest.h>

#include "mime/message/body.h"
#include "mime/message/fields/address.h"
#include "mime/message/fields/date.h"
#include "mime/message/fields/disposition.h"
#include "mime/message/fields/encoded_word.h"
#include "mime/message/fields/message_id.h"
#include "mime/message/lint/examine.h"
#include "mime/testing/random_draft.h"

namespace mailrig::mime {
namespace {

using testing::all_of;
using testing::RandomDraft;

struct Reread {
  std::string source;
  Message message = parse(source);

  std::string_view field(std::string_view name) const {
    const auto found = message.header(message.root()).find(name);
    return found ? found->body : std::string_view();
  }
};

void expect_mailboxes(const Reread& reread, std::string_view name, const std::vector<Address>& wanted) {
  const std::vector<Mailbox> found = parse_address_list(reread.field(name)).mailboxes;
  ASSERT_EQ(found.size(), wanted.size()) << name << reread.field(name);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    EXPECT_EQ(found[i].name, RandomDraft::carried(wanted[i].name)) << reread.field(name);
    EXPECT_EQ(found[i].address, wanted[i].address);
  }
}

std::vector<Address> all_of_them(const Recipients& recipients) {
  std::vector<Address> all;
  for (const Recipient& recipient : recipients) all.push_back(recipient.members.at(0));
  return all;
}

struct WantedPart {
  std::string name;
  std::string content;
};

std::vector<WantedPart> wanted_parts(const Draft& draft) {
  std::vector<WantedPart> parts;
  if (draft.text) parts.push_back({"", RandomDraft::in_lines(*draft.text)});
  if (draft.html) parts.push_back({"", RandomDraft::in_lines(*draft.html)});
  for (const auto* list : {&draft.inline_parts, &draft.attachments})
    for (const AttachmentSpec& part : *list) parts.push_back({part.name, all_of(part.content)});
  if (parts.empty()) parts.push_back({});
  return parts;
}

std::string decoded(const Message& message, const Part& part) {
  std::string octets;
  decode_body(message, part, [&octets](std::string_view piece) { octets += piece; });
  return octets;
}

void expect_parts(const Reread& reread, const Draft& draft) {
  const std::vector<WantedPart> wanted = wanted_parts(draft);
  std::size_t at = 0;
  for (const Part& part : reread.message.parts()) {
    if (part.kind == Part::Kind::multipart || part.message_depth > 0) continue;
    ASSERT_LT(at, wanted.size());
    const auto disposition = reread.message.header(part).find("content-disposition");
    const std::string* name = nullptr;
    const Disposition read = disposition ? parse_disposition(disposition->body) : Disposition{};
    if (disposition) name = find_parameter(read.parameters, "filename");
    EXPECT_EQ(name == nullptr ? "" : *name, wanted[at].name);
    EXPECT_EQ(decoded(reread.message, part), wanted[at].content) << part.path;
    ++at;
  }
  EXPECT_EQ(at, wanted.size());
}

struct Composing : ::testing::TestWithParam<Transport> {};

TEST_P(Composing, is_read_back_as_it_went_in) {
  for (std::uint64_t seed = 0; seed < 600; ++seed) {
    SCOPED_TRACE(seed);
    const Draft draft = RandomDraft(seed).make();
    Prng prng(seed);
    Result<std::string> message = compose(draft, GetParam(), prng);
    ASSERT_TRUE(message) << message.error().message;
    const Reread reread{*std::move(message)};
    EXPECT_EQ(decode_words(unfold(reread.field("subject"))), RandomDraft::carried(draft.subject));
    expect_mailboxes(reread, "from", draft.from);
    expect_mailboxes(reread, "reply-to", draft.reply_to);
    expect_mailboxes(reread, "to", all_of_them(draft.to));
    expect_mailboxes(reread, "cc", all_of_them(draft.cc));
    EXPECT_EQ(reread.field("bcc"), "");
    EXPECT_EQ(parse_message_ids(reread.field("references")), draft.references);
    const auto date = parse_date(reread.field("date"));
    ASSERT_TRUE(date);
    EXPECT_EQ(date->instant(), draft.date);
    EXPECT_EQ(date->offset_minutes, draft.offset_minutes);
    expect_parts(reread, draft);
    if (::testing::Test::HasFailure()) FAIL() << reread.source;
  }
}

/// The parts of a forwarded message are somebody else's.
TEST_P(Composing, breaks_no_rule) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    Draft draft = RandomDraft(seed).make();
    std::erase_if(draft.attachments, [](const AttachmentSpec& part) { return part.type == "message/rfc822"; });
    Prng prng(seed);
    const Reread reread{*compose(draft, GetParam(), prng)};
    const Defects defects = examine(reread.message);
    for (const DefectKind& kind : defect_kinds()) {
      const bool counts = kind.severity != Severity::info;
      EXPECT_FALSE(counts && defects.has(kind.code)) << seed << ' ' << kind.name << '\n' << reread.source;
    }
    if (::testing::Test::HasFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(Compose, Composing,
                         ::testing::Values(Transport{}, Transport{.eight_bit = true},
                                           Transport{.eight_bit = true, .utf8 = true}));

}  // namespace
}  // namespace mailrig::mime
