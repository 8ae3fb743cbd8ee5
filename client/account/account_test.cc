#include "client/account/account.h"

#include <gtest/gtest.h>

#include <set>

#include "client/account/account_state.h"

namespace mailrig::client {
namespace {

Value map(std::initializer_list<std::pair<std::string, Value>> entries) {
  Value value = Value::map();
  for (const auto& [key, entry] : entries) value.set(key, entry);
  return value;
}

TEST(AccountSettings, WhatIsNotSaidIsTheProductsDefault) {
  AccountSettings account;
  EXPECT_TRUE(account.leave_on_server);
  EXPECT_FALSE(account.deletes());
  EXPECT_EQ(account.every, 15min);
  EXPECT_EQ(account.batch, 200U);
  EXPECT_EQ(account.storage, 5'368'709'120U);
  EXPECT_EQ(account.patience.connect, 30s);
  EXPECT_EQ(account.patience.greeting, 1min);
  EXPECT_EQ(account.patience.reply, 5min);
  EXPECT_EQ(account.patience.session, 1h);
  EXPECT_EQ(account.trust, TrustedRoots::rig);
}

TEST(AccountSettings, EveryKeyIsRead) {
  AccountSettings account;
  Value filter = map({{"sender_contains", "anna@"}, {"move_to", "Sent"}});
  ASSERT_TRUE(apply_account_settings(
      map({{"user", "u"},
           {"password", "p"},
           {"smtp_user", "su"},
           {"smtp_password", "sp"},
           {"address", "a@x.test"},
           {"leave_on_server", false},
           {"every", "3m"},
           {"batch", 20},
           {"source", "127.0.0.2"},
           {"trust", "none"},
           {"storage", "205kB"},
           {"client_id", "ci"},
           {"client_secret", "cs"},
           {"refresh_token", "rt"},
           {"filters", Value::List{filter}},
           {"patience", map({{"connect", "1s"}, {"greeting", "2s"}, {"reply", "3s"}, {"session", "4s"}})},
           {"pop3", "somewhere"}}),
      account));
  AccountSettings wanted;
  wanted.user = "u";
  wanted.password = "p";
  wanted.smtp_user = "su";
  wanted.smtp_password = "sp";
  wanted.address = "a@x.test";
  wanted.leave_on_server = false;
  wanted.every = 3min;
  wanted.batch = 20;
  wanted.source = "127.0.0.2";
  wanted.trust = TrustedRoots::none;
  wanted.storage = 205'000;
  wanted.client_id = "ci";
  wanted.client_secret = "cs";
  wanted.refresh_token = "rt";
  wanted.filters = {{"anna@", "Sent"}};
  wanted.patience = {1s, 2s, 3s, 4s};
  EXPECT_EQ(account, wanted);
  AccountSettings before = account;
  ASSERT_TRUE(apply_account_settings(Value::map(), account));
  EXPECT_EQ(account, before) << "what is not named stays";
  ASSERT_TRUE(apply_account_settings(map({{"every", "never"}, {"trust", "rig"}, {"patience", map({{"reply", "9s"}})}}),
                                     account));
  EXPECT_EQ(account.every, std::nullopt);
  EXPECT_EQ(account.trust, TrustedRoots::rig);
  EXPECT_EQ(account.patience, (Timeouts{1s, 2s, 9s, 4s}));
}

TEST(AccountSettings, WhatDoesNotFitIsNamedAndChangesNothing) {
  struct Case {
    Value values;
    std::string message;
  };
  Value::List no_list{Value("x")};
  for (const Case& one : {
           Case{map({{"usr", "x"}}), "an account has no setting \"usr\""},
           Case{map({{"user", 1}}), "\"user\" takes a text, not 1"},
           Case{map({{"every", "0s"}}), "\"every\" takes a span of time such as \"15m\", or \"never\", not \"0s\""},
           Case{map({{"every", 15}}), "\"every\" takes a span of time such as \"15m\", or \"never\", not 15"},
           Case{map({{"batch", 0}}), "\"batch\" takes 1 to 10000 messages, not 0"},
           Case{map({{"batch", 10'001}}), "\"batch\" takes 1 to 10000 messages, not 10001"},
           Case{map({{"patience", map({{"quit", "1s"}})}}),
                "\"patience\" has connect, greeting, reply and session, not \"quit\""},
           Case{map({{"filters", "x"}}),
                "\"filters\" takes a list of { \"sender_contains\": ..., \"move_to\": ... }, not \"x\""},
           Case{map({{"filters", no_list}}),
                "\"filters\" takes a list of { \"sender_contains\": ..., \"move_to\": ... }, not [\"x\"]"},
           Case{Value("x"), "the settings of an account are an object"},
       }) {
    AccountSettings account;
    Value values = one.values;
    if (values.is(Value::Kind::map)) values.set("password", "changed");
    Status fits = apply_account_settings(values, account);
    ASSERT_FALSE(fits) << one.message;
    EXPECT_EQ(fits.error().code, Errc::bad_input);
    EXPECT_EQ(fits.error().message, one.message);
    EXPECT_EQ(account, AccountSettings{});
  }
  AccountSettings account;
  EXPECT_FALSE(apply_account_settings(map({{"every", "15"}}), account)) << "a number without unit";
  EXPECT_FALSE(apply_account_settings(map({{"patience", map({{"reply", "x"}})}}), account));
  for (const Value& filter :
       {map({{"sender_contains", "a"}}), map({{"move_to", "a"}}), map({{"sender_contains", ""}, {"move_to", "a"}}),
        map({{"sender_contains", "a"}, {"move_to", ""}}), map({{"sender_contains", "a"}, {"move_to", "b"}, {"x", "y"}}),
        map({{"sender_contains", 1}, {"move_to", "a"}}), map({{"sender_contains", "a"}, {"move_to", 1}})})
    EXPECT_FALSE(apply_account_settings(map({{"filters", Value::List{filter}}}), account)) << to_json(filter);
  EXPECT_TRUE(apply_account_settings(map({{"batch", 10'000}}), account));
  EXPECT_TRUE(apply_account_settings(map({{"batch", 1}}), account));
}

TEST(AccountSettings, RecentModeIsInTheUserName) {  // docs/guide.md#multiple-pop-clients
  AccountSettings account;
  account.leave_on_server = false;
  account.user = "anna@zillum.test";
  EXPECT_FALSE(account.is_recent_mode());
  EXPECT_TRUE(account.deletes());
  EXPECT_EQ(account.pop3_user(), "anna@zillum.test");
  for (std::string user : {"recent:anna@zillum.test", "recent: anna@zillum.test", "Recent:  anna@zillum.test"}) {
    account.user = user;
    EXPECT_TRUE(account.is_recent_mode()) << user;
    EXPECT_FALSE(account.deletes()) << user;
    EXPECT_EQ(account.pop3_user(), "recent:anna@zillum.test") << user;
    EXPECT_EQ(account.own_address(), "anna@zillum.test") << user;
    EXPECT_EQ(account.login_of_smtp(), "anna@zillum.test") << user;
  }
  account.user = "recently:anna";
  EXPECT_FALSE(account.is_recent_mode());
  account.user = "recent";
  EXPECT_FALSE(account.is_recent_mode());
  EXPECT_EQ(account.pop3_user(), "recent");
}

TEST(AccountSettings, SendingHasItsOwnLoginWhereOneIsGiven) {
  AccountSettings account;
  account.user = "anna";
  account.password = "p";
  EXPECT_EQ(account.login_of_smtp(), "anna");
  EXPECT_EQ(account.password_of_smtp(), "p");
  account.smtp_user = "out";
  account.smtp_password = "sp";
  account.address = "anna@x.test";
  EXPECT_EQ(account.login_of_smtp(), "out");
  EXPECT_EQ(account.password_of_smtp(), "sp");
  EXPECT_EQ(account.own_address(), "anna@x.test");
}

TEST(AccountSettings, TheTableHasEachKeyOnce) {
  std::set<std::string_view> names;
  for (const Setting& setting : account_settings()) {
    EXPECT_TRUE(names.insert(setting.name).second) << setting.name;
    EXPECT_FALSE(setting.meaning.empty()) << setting.name;
  }
  EXPECT_EQ(names.size(), 19U);  // docs/scenario-format.md, "Accounts"
}

TEST(AccountState, NamesAreThoseOfTheScenarioFormat) {
  std::string all;
  for (int i = 0; i <= static_cast<int>(AccountState::disabled); ++i) {
    auto state = static_cast<AccountState>(i);
    all += std::string(to_string(state)) + " ";
    EXPECT_EQ(parse_account_state(to_string(state)), state);
  }
  EXPECT_EQ(all,
            "ok authentication-failing connection-failing unlock-needed queue-full certificate-error action-needed "
            "disabled ");
  EXPECT_EQ(parse_account_state("okay"), std::nullopt);
}

}  // namespace
}  // namespace mailrig::client
