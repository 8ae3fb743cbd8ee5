#include "client/account/account_record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mailrig::client {
namespace {

using ::testing::HasSubstr;

TEST(AccountRecord, EveryFactSurvives) {
  AccountRecord record;
  record.state = AccountState::certificate_error;
  record.message = "what \"happened\"";
  record.last_error = "tls: expired";
  record.disabled_by = "connection";
  record.polls = 1;
  record.authentication_failures = 2;
  record.connection_failures = 3;
  record.retrieved = 4;
  record.deleted = 5;
  record.due = Instant{6s};
  record.not_before = Instant{7ns};
  record.login_delay = 8min;
  record.waits_for_edit = true;
  record.on_trial = true;
  record.storage_full = true;
  record.careful = true;
  record.skips_capabilities = true;
  record.lost = 8;
  record.lost_logins = 9;
  record.quarantined = 18;
  record.message_refusal = "message is damaged";
  record.refused_removals = 19;
  record.quarantine_due = Instant{20s};
  record.refused_since = Instant{21s};
  record.trouble_since = Instant{22s};
  record.session = 10;
  record.open_session = 11;
  record.last_listing = 12;
  record.last_harvest = 13;
  record.queue = QueueWatch::from({true, true, 2, 14, 15, 16, 17});
  Result<AccountRecord> read = parse_facts(to_facts(record));
  ASSERT_TRUE(read) << to_string(read.error());
  EXPECT_EQ(read->state, AccountState::certificate_error);
  EXPECT_EQ(read->message, "what \"happened\"");
  EXPECT_EQ(read->last_error, "tls: expired");
  EXPECT_EQ(read->disabled_by, "connection");
  EXPECT_EQ(read->polls, 1U);
  EXPECT_EQ(read->authentication_failures, 2U);
  EXPECT_EQ(read->connection_failures, 3U);
  EXPECT_EQ(read->retrieved, 4U);
  EXPECT_EQ(read->deleted, 5U);
  EXPECT_EQ(read->due, Instant{6s});
  EXPECT_EQ(read->not_before, Instant{7ns});
  EXPECT_EQ(read->login_delay, 8min);
  EXPECT_TRUE(read->waits_for_edit && read->on_trial && read->storage_full && read->careful &&
              read->skips_capabilities);
  EXPECT_EQ(read->lost, 8U);
  EXPECT_EQ(read->lost_logins, 9U);
  EXPECT_EQ(read->quarantined, 18U);
  EXPECT_EQ(read->message_refusal, "message is damaged");
  EXPECT_EQ(read->refused_removals, 19U);
  EXPECT_EQ(read->quarantine_due, Instant{20s});
  EXPECT_EQ(read->refused_since, Instant{21s});
  EXPECT_EQ(read->trouble_since, Instant{22s});
  EXPECT_EQ(read->session, 10U);
  EXPECT_EQ(read->open_session, 11U);
  EXPECT_EQ(read->last_listing, 12U);
  EXPECT_EQ(read->last_harvest, 13U);
  QueueWatch::Facts queue = read->queue.facts();
  EXPECT_TRUE(queue.portions && queue.locked);
  EXPECT_EQ(queue.full_listings, 2U);
  EXPECT_EQ(queue.first_listing, 14);
  EXPECT_EQ(queue.last_listing, 15);
  EXPECT_EQ(queue.newest, 16);
  EXPECT_EQ(queue.beat, 17);
}

TEST(AccountRecord, ANewAccountSaysLittle) {
  EXPECT_EQ(to_facts({}), "{\"state\":\"ok\"}");
  Result<AccountRecord> read = parse_facts("{\"state\":\"ok\"}");
  ASSERT_TRUE(read);
  EXPECT_EQ(to_facts(*read), to_facts({}));
  EXPECT_EQ(read->due, std::nullopt);
}

TEST(AccountRecord, WhatIsNoRecordIsToldAsADamagedDatabase) {
  for (std::string_view facts : {"", "{", "[]", "{}", "{\"state\":\"fine\"}", "{\"state\":\"ok\",\"polls\":\"x\"}",
                                 "{\"state\":\"ok\",\"due\":\"x\"}"}) {
    Result<AccountRecord> read = parse_facts(facts);
    ASSERT_FALSE(read) << facts;
    EXPECT_EQ(read.error().code, Errc::environment) << facts;
    EXPECT_THAT(read.error().message, HasSubstr("the database has")) << facts;
  }
}

TEST(AccountRecord, TextThatIsNotUtf8DoesNotSpoilTheRecord) {
  AccountRecord record;
  record.last_error = "bad \xff octet";
  EXPECT_TRUE(parse_facts(to_facts(record)));
}

}  // namespace
}  // namespace mailrig::client
