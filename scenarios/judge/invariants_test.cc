#include "scenarios/judge/invariants.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace mailrig::scenarios {
namespace {

Sha256::Digest sum_of(std::string_view bytes) {
  Sha256 sum;
  sum.update(bytes);
  return sum.finish();
}

class FakeStore final : public StoreView {
 public:
  std::vector<Row> kept;
  void keep(const std::string& account, std::string_view bytes) { kept.push_back({account, sum_of(bytes)}); }

  std::uint64_t stored(std::string_view account, const Sha256::Digest& sum) override {
    return static_cast<std::uint64_t>(std::ranges::count_if(
        kept, [&](const Row& row) { return row.sum == sum && (account.empty() || row.account == account); }));
  }
  std::vector<Row> rows() override {
    std::ranges::sort(kept);
    return kept;
  }
  std::vector<Row> spoilt_rows;
  std::vector<Row> spoilt() override { return spoilt_rows; }
};

class InvariantsTest : public testing::Test {
 protected:
  static constexpr auto to_server = ClearTextSearch::to_server;
  static constexpr auto to_client = ClearTextSearch::to_client;

  void retrieve(const std::string& uid, const std::string& bytes) { tell(uid, bytes, &Invariants::on_retrieve); }
  void remove(const std::string& uid, const std::string& bytes) { tell(uid, bytes, &Invariants::on_delete); }
  void end(bool gone = false, bool accounted = false) {
    invariants.judge_end([=](auto&&...) { return gone; }, [=](auto&&...) { return accounted; });
  }
  /// The names of what broke, in order; then nothing is left.
  std::vector<std::string> broken() {
    std::vector<std::string> names;
    for (const Finding& finding : invariants.take_findings()) {
      EXPECT_EQ(finding.kind, Finding::Kind::invariant);
      EXPECT_EQ(finding.level, Level::must);
      EXPECT_FALSE(finding.message.empty());
      EXPECT_FALSE(finding.expected.empty());
      EXPECT_FALSE(finding.actual.empty());
      names.push_back(finding.name);
    }
    return names;
  }

  FakeStore store;
  Invariants invariants{store};

 private:
  using Event = void (Invariants::*)(std::string_view, const fakeservers::ServerObserver::Message&);
  void tell(const std::string& uid, const std::string& bytes, Event event) {
    const fakeservers::Content content = fakeservers::Content::of(bytes);
    const Sha256::Digest sum = sum_of(bytes);
    (invariants.*event)("isp#1", {"isp", "anna", uid, content, sum});
  }
};

using Names = std::vector<std::string>;

TEST_F(InvariantsTest, AConnectionIsForgottenOnceItIsClosedAndItsNeedlesWithIt) {
  invariants.guard("isp", {{"s3cret", "the password of anna"}});
  invariants.on_raw("isp", "isp#1", to_client, "+OK\r\n");
  retrieve("u1", "Subject: of the first connection\r\n\r\ntext\r\n");
  invariants.on_closed("isp#1");
  invariants.on_closed("isp#2");
  invariants.on_raw("isp", "isp#2", to_client, "Subject: of the first connection\r\n\r\ntext\r\n");
  EXPECT_EQ(broken(), Names{});
  invariants.on_raw("isp", "isp#2", to_client, "s3cret");
  EXPECT_EQ(broken(), Names{"nothing-in-clear"});
}

TEST_F(InvariantsTest, APasswordInClearOnAGuardedServer) {
  invariants.guard("isp", {{"s3cret", "the password of anna"}});
  EXPECT_TRUE(invariants.on_raw("isp", "isp#1", to_server, "USER anna\r\nPASS s3c"));
  EXPECT_EQ(broken(), Names{});
  EXPECT_TRUE(invariants.on_raw("isp", "isp#1", to_server, "ret\r\n"));
  EXPECT_EQ(broken(), Names{"nothing-in-clear"});
  invariants.on_raw("isp", "isp#2", to_server, "s3cret");
  EXPECT_EQ(broken(), Names{"nothing-in-clear"}) << "each connection is looked at anew";
}

TEST_F(InvariantsTest, TheFindingNamesTheSecretButDoesNotTellIt) {
  invariants.guard("isp", {{"s3cret", "the password of anna"}});
  invariants.on_raw("isp", "isp#1", to_server, "PASS s3cret\r\n");
  const std::vector<Finding> findings = invariants.take_findings();
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_NE(findings[0].message.find("the password of anna went to the server in clear (raw) on isp#1"),
            std::string::npos)
      << findings[0].message;
  for (const std::string& text : {findings[0].message, findings[0].expected, findings[0].actual})
    EXPECT_EQ(text.find("s3cret"), std::string::npos) << text;
}

TEST_F(InvariantsTest, AnUnguardedServerIsNotLookedAt) {
  invariants.guard("other", {{"s3cret", "the password of anna"}});
  invariants.on_raw("isp", "isp#1", to_server, "PASS s3cret\r\n");
  EXPECT_EQ(broken(), Names{});
  invariants.leave_unguarded("other");
  invariants.on_raw("other", "other#1", to_server, "PASS s3cret\r\n");
  EXPECT_EQ(broken(), Names{});
}

TEST_F(InvariantsTest, AMessageInClearOnAGuardedServer) {
  const std::string message =
      "Subject: confidential figures\r\n\r\nThe figures of May are as follows: 17, 4 and 39.\r\n";
  invariants.guard("isp", {});
  invariants.on_raw("isp", "isp#1", to_client, "+OK ready\r\n");
  retrieve("1", message);
  invariants.on_raw("isp", "isp#1", to_client, "+OK\r\n" + message + ".\r\n");
  const Names names = broken();
  ASSERT_FALSE(names.empty());
  EXPECT_EQ(names[0], "nothing-in-clear");
}

TEST_F(InvariantsTest, AMessageToBeSentInClear) {
  invariants.guard("out", {});
  invariants.expect_to_send("Dear Bert, this is between the two of us.\r\n");
  invariants.on_raw("out", "out#1", to_server, "DATA\r\nDear Bert, this is between the two of us.\r\n.\r\n");
  EXPECT_NE(broken(), Names{});
}

TEST_F(InvariantsTest, DeleteBeforeStore) {
  retrieve("1", "one");
  remove("1", "one");
  EXPECT_EQ(broken(), Names{"stored-before-deleted"});
}

TEST_F(InvariantsTest, DeleteAfterStore) {
  invariants.set_account("isp", "anna", "home");
  retrieve("1", "one");
  store.keep("home", "one");
  remove("1", "one");
  EXPECT_EQ(broken(), Names{});
}

TEST_F(InvariantsTest, StoredForAnotherAccountIsNotStored) {
  invariants.set_account("isp", "anna", "home");
  store.keep("work", "one");
  remove("1", "one");
  EXPECT_EQ(broken(), Names{"stored-before-deleted"});
}

TEST_F(InvariantsTest, OfTwoAccountsOnOneMailboxEitherMayHaveStored) {
  invariants.set_account("isp", "anna", "home");
  invariants.set_account("isp", "anna", "work");
  store.keep("work", "one");
  remove("1", "one");
  EXPECT_EQ(broken(), Names{});
}

TEST_F(InvariantsTest, StoredTwice) {
  invariants.set_account("isp", "anna", "home");
  retrieve("1", "one");
  store.keep("home", "one");
  store.keep("home", "one");
  end();
  EXPECT_EQ(broken(), Names{"stored-exactly-once"});
}

TEST_F(InvariantsTest, OctetsThatAreNotThoseOfTheirSum) {
  retrieve("u1", "one");
  store.keep("work", "one");
  store.spoilt_rows = {{"work", sum_of("0ne")}};
  end();
  EXPECT_THAT(broken(), testing::ElementsAre("stored-exactly-once"));
}

TEST_F(InvariantsTest, TwoMessagesOfTheSameOctetsMayBothBeStored) {
  invariants.set_account("isp", "anna", "home");
  retrieve("1", "one");
  retrieve("2", "one");
  store.keep("home", "one");
  store.keep("home", "one");
  end();
  EXPECT_EQ(broken(), Names{});
}

TEST_F(InvariantsTest, TwoAccountsMayEachStoreAMessageOnce) {
  retrieve("1", "one");
  store.keep("home", "one");
  store.keep("work", "one");
  end();
  EXPECT_EQ(broken(), Names{});
}

TEST_F(InvariantsTest, LostSilently) {
  invariants.set_account("isp", "anna", "home");
  retrieve("1", "one");
  end(/*gone=*/true, /*accounted=*/false);
  EXPECT_EQ(broken(), Names{"stored-exactly-once"});
}

TEST_F(InvariantsTest, StillListedIsNotLost) {
  invariants.set_account("isp", "anna", "home");
  retrieve("1", "one");
  end(/*gone=*/false, /*accounted=*/false);
  EXPECT_EQ(broken(), Names{});
}

TEST_F(InvariantsTest, NamedByTheAccountIsAccountedFor) {
  invariants.set_account("isp", "anna", "home");
  retrieve("1", "one");
  end(/*gone=*/true, /*accounted=*/true);
  EXPECT_EQ(broken(), Names{});
}

TEST_F(InvariantsTest, AssociatedTwice) {
  invariants.on_associate("crm", "Contacts/1", "<a@x>");
  invariants.on_associate("crm", "Contacts/2", "<a@x>");
  invariants.on_associate("crm", "Contacts/1", "<b@x>");
  invariants.on_associate("crm2", "Contacts/1", "<a@x>");
  EXPECT_EQ(broken(), Names{});
  invariants.on_associate("crm", "Contacts/1", "<a@x>");
  EXPECT_EQ(broken(), Names{"associated-once"});
  invariants.on_associate("crm", "Contacts/1", "<a@x>");
  EXPECT_EQ(broken(), Names{}) << "said once";
  invariants.on_associate("crm", "Contacts/1", "b@x");
  EXPECT_EQ(broken(), Names{"associated-once"}) << "the CRM may take it for another e-mail, the judge does not";
}

TEST_F(InvariantsTest, ATalkerBeforeTheGreetingBreaksAShould) {
  invariants.on_early("isp", "isp#3");
  const std::vector<Finding> findings = invariants.take_findings();
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].kind, Finding::Kind::invariant);
  EXPECT_EQ(findings[0].level, Level::should);
  EXPECT_EQ(findings[0].name, "greeting-awaited");
  EXPECT_NE(findings[0].message.find("isp#3"), std::string::npos);
}

TEST_F(InvariantsTest, ASessionWithoutBound) {
  const std::string chunk(1 << 20, 'x');
  std::uint64_t sent = 0;
  while (sent + chunk.size() <= Invariants::session_octets_max) {
    ASSERT_TRUE(invariants.on_raw("isp", "isp#1", to_client, chunk));
    sent += chunk.size();
  }
  EXPECT_EQ(broken(), Names{});
  EXPECT_FALSE(invariants.on_raw("isp", "isp#1", to_client, chunk)) << "to be cut";
  EXPECT_EQ(broken(), Names{"bounded"});
  EXPECT_FALSE(invariants.on_raw("isp", "isp#1", to_client, "x"));
  EXPECT_EQ(broken(), Names{}) << "said once";
}

TEST_F(InvariantsTest, ControlBytesInWhatIsPrinted) {
  for (std::string_view bad : {"\x1b[31mred", "a\rb", "bell\x07", "del\x7f", "csi\xc2\x9b", "nul\0l"}) {
    std::string text(bad);
    if (bad == "nul") text = std::string("nul\0l", 5);
    invariants.on_printed("the transcript", text);
    EXPECT_EQ(broken(), Names{"printable"}) << text;
  }
  for (std::string_view good : {"+OK ready", "\\x1B[31m", "gr\xc3\xbc\xc3\x9f", "\xc2\xa0", ""}) {
    invariants.on_printed("the transcript", good);
    EXPECT_EQ(broken(), Names{}) << good;
  }
}

}  // namespace
}  // namespace mailrig::scenarios
