#include "client/account/poll_verdict.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/account/account_messages.h"

namespace mailrig::client {
namespace {

using Kind = Pop3Refusal::Kind;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const Instant start = *parse_instant("2014-06-02T09:00:00Z");

AccountSettings gmail() {
  AccountSettings settings{.name = "work"};
  settings.pop3 = ServerAccess{{"pop.gmail.test", 995}, TlsMode::implicit};
  settings.user = "anna@zillum.org";
  return settings;
}

PollOutcome refused(Step step, std::string_view text) {
  PollOutcome outcome;
  outcome.now = start;
  outcome.report.greeted = step != Step::greeting;
  outcome.report.logged_in = step == Step::list || step == Step::retrieve;
  outcome.report.refusal = classify_refusal(step, text);
  outcome.status = Error{Errc::peer_refused, "the server refused the login: \"" + std::string(text) + '"', step,
                         std::string(to_string(outcome.report.refusal->kind))};
  return outcome;
}
PollOutcome broken(Errc code, std::string message, Step step, std::string reason = {}) {
  PollOutcome outcome;
  outcome.now = start;
  outcome.report.greeted = step != Step::connect && step != Step::greeting && step != Step::tls;
  outcome.status = Error{code, std::move(message), step, std::move(reason)};
  return outcome;
}
PollOutcome done() {
  PollOutcome outcome;
  outcome.now = start;
  outcome.report.greeted = outcome.report.logged_in = outcome.report.quit_confirmed = true;
  return outcome;
}
const PollOutcome wrong_password = refused(Step::login, "[AUTH] Username and password not accepted.");
const PollOutcome no_connection =
    broken(Errc::connection_refused, "pop.gmail.test:995 refuses connections", Step::connect);

AccountRecord after(std::initializer_list<PollOutcome> outcomes, AccountRecord record = {}) {
  for (const PollOutcome& outcome : outcomes) judge_poll(outcome, gmail(), record);
  return record;
}
AccountRecord after(int times, const PollOutcome& outcome, AccountRecord record = {}) {
  for (int i = 0; i < times; ++i) judge_poll(outcome, gmail(), record);
  return record;
}

TEST(PollVerdict, WhatCountsAsWhat) {  // docs/providers/refusals-and-counters.md, certificates.md
  struct Case {
    PollOutcome outcome;
    PollVerdict verdict;
  };
  PollOutcome lost_quit = done();
  lost_quit.status = Error{Errc::reset, "the connection was reset by the peer", Step::quit};
  PollOutcome quit_before_login = lost_quit;
  quit_before_login.report.logged_in = false;
  for (const Case& one : {
           Case{done(), PollVerdict::done},
           Case{lost_quit, PollVerdict::done},
           Case{quit_before_login, PollVerdict::connection},
           Case{wrong_password, PollVerdict::authentication},
           Case{refused(Step::login, "[AUTH] Web login required: http://x"), PollVerdict::unlock},
           Case{refused(Step::login, "[AUTH] Application-specific password required"), PollVerdict::user},
           Case{refused(Step::list, "[SYS/PERM] Your account is not enabled for POP access."), PollVerdict::user},
           Case{refused(Step::login, "Command is not valid in this state."), PollVerdict::user},
           Case{refused(Step::login, "[IN-USE] locked"), PollVerdict::wait},
           Case{refused(Step::login, "[SYS/TEMP] later"), PollVerdict::wait},
           Case{refused(Step::list, "login allowed only every 15 minutes"), PollVerdict::wait},
           Case{refused(Step::retrieve, "[AUTH] Account exceeded POP command or bandwidth limits"), PollVerdict::wait},
           Case{refused(Step::greeting, "go away"), PollVerdict::connection},
           Case{no_connection, PollVerdict::connection},
           Case{broken(Errc::unreachable, "no such host", Step::connect), PollVerdict::connection},
           Case{broken(Errc::timed_out, "nothing arrived in time", Step::login), PollVerdict::connection},
           Case{broken(Errc::reset, "reset", Step::retrieve), PollVerdict::connection},
           Case{broken(Errc::end_of_stream, "ended", Step::login), PollVerdict::connection},
           Case{broken(Errc::truncated, "no close_notify", Step::retrieve, "truncated"), PollVerdict::connection},
           Case{broken(Errc::peer_protocol, "SSH", Step::greeting), PollVerdict::connection},
           Case{broken(Errc::limit_exceeded, "no end", Step::retrieve), PollVerdict::connection},
           Case{broken(Errc::certificate_refused, "expired", Step::tls, "expired"), PollVerdict::certificate},
           Case{broken(Errc::tls_failed, "old", Step::tls, "protocol-version"), PollVerdict::certificate},
           Case{broken(Errc::tls_failed, "no cipher", Step::tls, "no-cipher"), PollVerdict::certificate},
           Case{broken(Errc::tls_failed, "clear text", Step::tls, "not-tls"), PollVerdict::connection},
           Case{broken(Errc::tls_failed, "stalled", Step::tls, "handshake-stalled"), PollVerdict::connection},
           Case{broken(Errc::tls_failed, "truncated", Step::tls, "truncated"), PollVerdict::connection},
           Case{broken(Errc::tls_failed, "alert", Step::tls, "other"), PollVerdict::connection},
           Case{broken(Errc::tls_failed, "alert", Step::tls), PollVerdict::connection},
           Case{broken(Errc::peer_refused, "no STLS", Step::tls, "no-stls"), PollVerdict::user},
           Case{broken(Errc::bad_input, "a line end", Step::login), PollVerdict::user},
           Case{broken(Errc::environment, "disk full", Step::store), PollVerdict::own_trouble},
           Case{broken(Errc::internal, "oops", Step::none), PollVerdict::own_trouble},
           Case{broken(Errc::cancelled, "stopped", Step::retrieve), PollVerdict::stopped},
       })
    EXPECT_EQ(static_cast<int>(verdict_of(one.outcome)), static_cast<int>(one.verdict))
        << (one.outcome.status ? "done" : to_string(one.outcome.status.error()));
}

// Counters

TEST(PollVerdict, TheTenthRefusedPasswordDisables) {
  AccountRecord nine = after(9, wrong_password);
  EXPECT_EQ(nine.state, AccountState::authentication_failing);
  EXPECT_EQ(nine.authentication_failures, 9U);
  EXPECT_EQ(nine.disabled_by, "");
  EXPECT_TRUE(is_polled(nine));
  EXPECT_THAT(nine.message, AllOf(HasSubstr("password"), HasSubstr("changed or expired"), HasSubstr("9 of 10"),
                                  HasSubstr("Username and password not accepted.")));
  EXPECT_EQ(nine.last_error,
            "login: the server refused the login: \"[AUTH] Username and password not accepted.\" "
            "[authentication]");
  AccountRecord ten = after({wrong_password}, nine);
  EXPECT_EQ(ten.state, AccountState::disabled);
  EXPECT_EQ(ten.authentication_failures, 10U);
  EXPECT_EQ(ten.disabled_by, "authentication");
  EXPECT_FALSE(is_polled(ten));
  EXPECT_THAT(ten.message,
              AllOf(HasSubstr("disabled"), HasSubstr("10 times in a row"), HasSubstr("give the correct password")));
}

TEST(PollVerdict, TheFiftiethConnectionFailureDisables) {
  AccountRecord most = after(49, no_connection);
  EXPECT_EQ(most.state, AccountState::connection_failing);
  EXPECT_EQ(most.connection_failures, 49U);
  EXPECT_THAT(most.message, AllOf(HasSubstr("pop.gmail.test:995"), HasSubstr("administrator"), HasSubstr("49 of 50")));
  AccountRecord all = after({no_connection}, most);
  EXPECT_EQ(all.state, AccountState::disabled);
  EXPECT_EQ(all.connection_failures, 50U);
  EXPECT_EQ(all.disabled_by, "connection");
  EXPECT_THAT(all.message, AllOf(HasSubstr("disabled after 50"), HasSubstr("edit the account")));
}

TEST(PollVerdict, OnlyALoginResetsTheOneAndOnlyAGreetingTheOther) {
  AccountRecord failing = after(9, wrong_password);
  EXPECT_EQ(after({no_connection}, failing).authentication_failures, 9U);
  EXPECT_EQ(after({no_connection, wrong_password}, failing).state, AccountState::disabled);
  EXPECT_EQ(after({refused(Step::login, "[SYS/TEMP] later")}, failing).authentication_failures, 9U);
  EXPECT_EQ(after({refused(Step::list, "[SYS/TEMP] later")}, failing).authentication_failures, 0U)
      << "the password was good";
  EXPECT_EQ(after({done()}, failing).authentication_failures, 0U);
  EXPECT_EQ(after(9, wrong_password, after({done()}, failing)).state, AccountState::authentication_failing);

  AccountRecord lost = after(49, no_connection);
  EXPECT_EQ(after({wrong_password}, lost).connection_failures, 0U) << "there was a greeting";
  EXPECT_EQ(after({refused(Step::greeting, "busy")}, lost).state, AccountState::disabled);
  EXPECT_EQ(after({broken(Errc::certificate_refused, "expired", Step::tls, "expired")}, lost).connection_failures, 49U);
  EXPECT_EQ(after({broken(Errc::certificate_refused, "expired", Step::tls, "expired"), no_connection}, lost).state,
            AccountState::disabled);
  EXPECT_EQ(after({broken(Errc::timed_out, "silence", Step::login)}, lost).connection_failures, 1U)
      << "greeted, then lost";
}

TEST(PollVerdict, CertificatesCountTowardsNeither) {
  AccountRecord record =
      after(60, broken(Errc::certificate_refused, "the certificate has expired", Step::tls, "expired"));
  EXPECT_EQ(record.state, AccountState::certificate_error);
  EXPECT_EQ(record.authentication_failures, 0U);
  EXPECT_EQ(record.connection_failures, 0U);
  EXPECT_THAT(record.last_error, HasSubstr("[expired]"));
  EXPECT_THAT(record.message, AllOf(HasSubstr("Invalid certificate (expired)"), HasSubstr("self-signed"),
                                    HasSubstr("support"), Not(HasSubstr(".."))));
  EXPECT_EQ(after({done()}, record).state, AccountState::ok);
  EXPECT_EQ(after({done()}, record).message, "");
  EXPECT_EQ(after({done()}, record).last_error, "");
}

TEST(PollVerdict, ATrialDecides) {
  AccountRecord disabled = after(10, wrong_password);
  disabled.on_trial = true;  // edited
  EXPECT_TRUE(is_polled(disabled));
  AccountRecord again = after({wrong_password}, disabled);
  EXPECT_EQ(again.state, AccountState::disabled);
  EXPECT_EQ(again.authentication_failures, 10U);
  EXPECT_FALSE(again.on_trial);
  AccountRecord enabled = after({done()}, disabled);
  EXPECT_EQ(enabled.state, AccountState::ok);
  EXPECT_EQ(enabled.authentication_failures, 0U);
  EXPECT_EQ(enabled.disabled_by, "");
  EXPECT_FALSE(enabled.on_trial);
  AccountRecord unknown = after({no_connection}, disabled);
  EXPECT_TRUE(unknown.on_trial);
  EXPECT_EQ(unknown.state, AccountState::connection_failing);
  EXPECT_EQ(after({wrong_password}, unknown).state, AccountState::disabled) << "at once";
  AccountRecord good_but_busy = after({refused(Step::list, "[SYS/TEMP] later")}, disabled);
  EXPECT_EQ(good_but_busy.state, AccountState::ok) << "the password was good";
  EXPECT_FALSE(good_but_busy.on_trial);
  AccountRecord busy = after({refused(Step::login, "[IN-USE] locked")}, disabled);
  EXPECT_EQ(busy.state, AccountState::disabled);
  EXPECT_TRUE(busy.on_trial);
}

// States

TEST(PollVerdict, UnlockingSaysWhere) {  // docs/guide.md#captcha-unblock
  PollOutcome locked =
      refused(Step::login, "[AUTH] Web login required: http://support.google.com/mail/bin/answer.py?answer=78754");
  AccountRecord record = after(20, locked);
  EXPECT_EQ(record.state, AccountState::unlock_needed);
  EXPECT_EQ(record.authentication_failures, 0U);
  EXPECT_THAT(record.message, HasSubstr("https://www.google.com/a/zillum.org/UnlockCaptcha"));
  EXPECT_TRUE(record.queue.facts().locked);
  EXPECT_FALSE(record.waits_for_edit);
  EXPECT_EQ(unlock_url("anna@gmail.com", "http://support.google.com/"),
            "https://www.google.com/accounts/DisplayUnlockCaptcha");
  EXPECT_EQ(unlock_url("anna@googlemail.com", "http://support.google.com/"),
            "https://www.google.com/accounts/DisplayUnlockCaptcha");
  EXPECT_EQ(unlock_url("anna", "http://support.google.com/"), "https://www.google.com/accounts/DisplayUnlockCaptcha");
  EXPECT_EQ(unlock_url("anna@zillum.org", "Login to your account via a web browser"), "");
  EXPECT_THAT(after({refused(Step::login, "Login to your account via a web browser")}).message,
              HasSubstr("Log in to it in a browser"));
}

TEST(PollVerdict, WhatOnlyTheUserCanMend) {
  AccountRecord app = after({refused(
      Step::login, "[AUTH] Application-specific password required: http://support.google.com/?answer=185833")});
  EXPECT_EQ(app.state, AccountState::action_needed);
  EXPECT_THAT(app.message, HasSubstr("answer=185833"));
  EXPECT_TRUE(app.waits_for_edit);
  AccountRecord disabled_there = after({refused(Step::list, "[SYS/PERM] Please enable your account for POP access.")});
  EXPECT_EQ(disabled_there.state, AccountState::action_needed);
  EXPECT_THAT(disabled_there.message, HasSubstr("enable your account for POP access"));
  EXPECT_FALSE(disabled_there.waits_for_edit) << "it is changed there, and only polling shows it";
  AccountRecord needs_tls = after({refused(Step::login, "Command is not valid in this state.")});
  EXPECT_TRUE(needs_tls.waits_for_edit);
  EXPECT_THAT(needs_tls.message, AllOf(HasSubstr("encryption"), Not(HasSubstr("password"))));
  AccountRecord off_there = after({refused(Step::login, "Basic authentication is disabled")});
  EXPECT_TRUE(off_there.waits_for_edit);
  EXPECT_THAT(off_there.message, AllOf(HasSubstr("administrator"), Not(HasSubstr("password"))));
  PollOutcome at_user = refused(Step::login, "no such user here");
  at_user.report.refusal = classify_before_password("no such user here");
  AccountRecord unknown = after({at_user});
  EXPECT_EQ(unknown.state, AccountState::action_needed);
  EXPECT_THAT(unknown.message, AllOf(HasSubstr("user name"), HasSubstr("no such user"), Not(HasSubstr("password"))));
  AccountRecord no_stls = after({broken(Errc::peer_refused, "the server offers no encryption", Step::tls, "no-stls")});
  EXPECT_EQ(no_stls.state, AccountState::action_needed);
  EXPECT_FALSE(no_stls.waits_for_edit);
  EXPECT_THAT(no_stls.message, HasSubstr("the server offers no encryption"));
  AccountRecord unsayable = after({broken(Errc::bad_input, "the user name holds a line end", Step::login)});
  EXPECT_TRUE(unsayable.waits_for_edit);
  for (const AccountRecord& record : {app, disabled_there, needs_tls, off_there, unknown, no_stls, unsayable}) {
    EXPECT_EQ(record.authentication_failures, 0U);
    EXPECT_EQ(record.connection_failures, 0U);
  }
}

TEST(PollVerdict, OurOwnTroubleIsTold) {
  AccountRecord record = after({broken(Errc::environment, "the database cannot be written: disk full", Step::store)});
  EXPECT_EQ(record.state, AccountState::action_needed);
  EXPECT_THAT(record.message, AllOf(HasSubstr("disk full"), HasSubstr("nothing was deleted")));
  EXPECT_FALSE(record.waits_for_edit);
}

TEST(PollVerdict, TroubleOfTheServerChangesNoState) {
  PollOutcome temporary = refused(Step::login, "[SYS/TEMP] later");
  AccountRecord ok = after({temporary});
  EXPECT_EQ(ok.state, AccountState::ok);
  EXPECT_THAT(ok.message, HasSubstr("temporary trouble"));
  EXPECT_THAT(ok.last_error, HasSubstr("[temporary]"));
  EXPECT_EQ(after({wrong_password, temporary}).state, AccountState::authentication_failing);
  EXPECT_THAT(after({wrong_password, temporary}).message, HasSubstr("password")) << "what the user has to do stays";
  EXPECT_EQ(after({no_connection, temporary}).state, AccountState::ok) << "there is a connection again";
  EXPECT_EQ(after({broken(Errc::certificate_refused, "expired", Step::tls, "expired"), temporary}).state,
            AccountState::ok);
  PollOutcome locked = refused(Step::login, "[AUTH] Web login required");
  EXPECT_EQ(after({locked, temporary}).state, AccountState::unlock_needed);
  EXPECT_EQ(after({locked, refused(Step::list, "[SYS/TEMP] later")}).state, AccountState::ok) << "the login went well";
  EXPECT_EQ(after({wrong_password, refused(Step::list, "[SYS/TEMP] later")}).state, AccountState::ok);
  EXPECT_EQ(after({no_connection, broken(Errc::cancelled, "stopped", Step::greeting)}).state,
            AccountState::connection_failing);
}

TEST(PollVerdict, LoginsThatAreCutOffAgainAndAgainAreToldAsSuch) {  // docs/providers/situations.md#drop-after-pass
  PollOutcome cut = broken(Errc::end_of_stream, "the peer closed the connection", Step::login);
  cut.report.lost_at_login = true;
  EXPECT_THAT(after(2, cut).message, Not(HasSubstr("again and again")));
  EXPECT_THAT(after(3, cut).message, HasSubstr("again and again"));
  EXPECT_EQ(after(3, cut).authentication_failures, 0U);
  EXPECT_EQ(after({cut, cut, done(), cut}).lost_logins, 1U);
}

TEST(PollVerdict, WhatTheSessionLearnedIsRemembered) {
  PollOutcome silent = broken(Errc::timed_out, "silence", Step::capabilities);
  silent.report.capabilities_failed = true;
  EXPECT_TRUE(after({silent}).skips_capabilities);
  EXPECT_FALSE(after({no_connection}).skips_capabilities);
  PollOutcome astray = broken(Errc::peer_protocol, "garbage", Step::retrieve);
  astray.report.logged_in = astray.report.astray = true;
  EXPECT_TRUE(after({astray}).careful);
  EXPECT_TRUE(after({astray, no_connection}).careful);
  EXPECT_FALSE(after({astray, done()}).careful);
}

TEST(PollVerdict, FullStorageAndFullQueuesAreTold) {
  PollOutcome full = done();
  full.storage_full = true;
  AccountRecord record = after({full});
  EXPECT_EQ(record.state, AccountState::action_needed);
  EXPECT_THAT(record.message, AllOf(HasSubstr("storage"), HasSubstr("5368709120")));
  EXPECT_TRUE(record.storage_full && record.waits_for_edit);
  AccountRecord queue;
  queue.queue = QueueWatch::from({.full_listings = 3});
  queue = after({done()}, queue);
  EXPECT_EQ(queue.state, AccountState::queue_full);
  EXPECT_THAT(queue.message, AllOf(HasSubstr("Delete mails from Server"), HasSubstr("recent")));
  EXPECT_FALSE(queue.waits_for_edit);
}

TEST(PollVerdict, WhatIsLostIsToldUntilTheAccountIsEdited) {
  AccountRecord record;
  record.lost = 1;
  record = after({done()}, record);
  EXPECT_EQ(record.state, AccountState::ok);
  EXPECT_THAT(record.message, HasSubstr("1 message could not be retrieved before the server stopped listing it"));
  record.lost = 2;
  EXPECT_THAT(after({done()}, record).message, HasSubstr("2 messages could not be retrieved"));
}

// The schedule

TEST(PollVerdict, WhatIsQuarantinedIsTold) {
  AccountRecord record;
  record.quarantined = 30;
  record.lost = 1;
  record = after({done()}, record);
  EXPECT_EQ(record.state, AccountState::ok);
  EXPECT_THAT(record.message, AllOf(HasSubstr("30 messages on the server could not be retrieved in several attempts"),
                                    HasSubstr("once a day"), HasSubstr("1 message could not be retrieved before")));
  record.quarantined = record.lost = 0;
  EXPECT_EQ(after({done()}, record).message, "");
}

TEST(PollVerdict, DeletionsThatAreRefusedAreToldAndTheThirdTimeTheUserHasToAct) {
  PollOutcome refused = done();
  refused.report.removals_refused = 2;
  refused.report.removal_refusal = "mailbox is read-only";
  AccountRecord once = after({refused});
  EXPECT_EQ(once.state, AccountState::ok);
  EXPECT_THAT(once.message, AllOf(HasSubstr("refuses to delete 2 messages"), HasSubstr("mailbox is read-only"),
                                  HasSubstr("leave mail on the server")));
  EXPECT_EQ(after(2, refused).state, AccountState::ok);
  EXPECT_EQ(after(3, refused).state, AccountState::action_needed);
  PollOutcome deletes = done();
  deletes.report.removed = 1;
  EXPECT_EQ(after({deletes}, after(3, refused)).state, AccountState::ok);
  EXPECT_EQ(after({deletes}, after(3, refused)).message, "");
  EXPECT_EQ(after(2, refused, after({deletes}, after(2, refused))).state, AccountState::ok) << "in a row";
}

TEST(PollVerdict, RefusedRetrievalsAreTheAccountsTrouble) {
  PollOutcome refused = done();
  refused.refused = RefusedRetrievals{.messages = 6, .why = "the server refused to hand out messages: \"exceeded\""};
  AccountRecord record = after({refused});
  EXPECT_EQ(record.state, AccountState::ok);
  EXPECT_THAT(record.message, AllOf(HasSubstr("6 messages"), HasSubstr("\"exceeded\""), HasSubstr("next poll")));
  EXPECT_EQ(after({done()}, record).message, "");
}

TEST(PollVerdict, PassingTroubleThatDoesNotPassIsSomethingToActOn) {
  PollOutcome early = refused(Step::login, "[SYS/TEMP] later");
  PollOutcome late = early;
  late.now = start + 6h - 1s;
  EXPECT_EQ(after({early, late}).state, AccountState::ok);
  late.now = start + 6h;
  AccountRecord record = after({early, late});
  EXPECT_EQ(record.state, AccountState::action_needed);
  EXPECT_THAT(record.message,
              AllOf(HasSubstr(format_instant(start)), HasSubstr("[SYS/TEMP] later"), HasSubstr("ask the provider")));
  EXPECT_FALSE(record.waits_for_edit);
  EXPECT_EQ(after({late}, record).state, AccountState::action_needed);
  EXPECT_EQ(after({done()}, record).state, AccountState::ok);
  EXPECT_EQ(after({early, done(), late}).state, AccountState::ok) << "it passed in between";
  PollOutcome bandwidth = refused(Step::retrieve, "[AUTH] Account exceeded POP command or bandwidth limits");
  PollOutcome tomorrow = bandwidth;
  tomorrow.now = start + 24h;
  EXPECT_EQ(after({bandwidth, tomorrow}).state, AccountState::ok) << "a limit of one day, two days in a row";
}

TEST(PollVerdict, AfterALoginThatWentWellTheSettingsAreNotInDoubt) {
  PollOutcome endless = broken(Errc::limit_exceeded, "the answer to LIST has no end", Step::list);
  endless.report.logged_in = true;
  AccountRecord record = after({endless});
  EXPECT_EQ(record.state, AccountState::connection_failing);
  EXPECT_THAT(record.message, AllOf(HasSubstr("the answer to LIST has no end"),
                                    HasSubstr("settings of the account are right"), Not(HasSubstr("port"))));
}

TEST(Schedule, TheNextPollIsAnIntervalAfterTheLast) {
  AccountSettings settings = gmail();
  AccountRecord record;
  schedule_next(start, start, settings, record);
  EXPECT_EQ(record.due, start + 15min);
  schedule_next(start, start + 14min, settings, record);
  EXPECT_EQ(record.due, start + 15min) << "however long the session took";
  schedule_next(start, start + 15min, settings, record);
  EXPECT_EQ(record.due, start + 30min) << "in the rhythm";
  schedule_next(start, start + 50min, settings, record);
  EXPECT_EQ(record.due, start + 60min);
  settings.every = 3min;
  schedule_next(start, start, settings, record);
  EXPECT_EQ(record.due, start + 3min);
}

TEST(Schedule, WhoIsNotPolledIsNotDue) {
  AccountSettings settings = gmail();
  AccountRecord waits, disabled = after(10, wrong_password);
  waits.waits_for_edit = true;
  AccountRecord never;
  schedule_next(start, start, settings, waits);
  schedule_next(start, start, settings, disabled);
  EXPECT_EQ(waits.due, std::nullopt);
  EXPECT_EQ(disabled.due, std::nullopt);
  disabled.on_trial = true;
  schedule_next(start, start, settings, disabled);
  EXPECT_EQ(disabled.due, start + 15min);
  settings.every.reset();
  schedule_next(start, start, settings, never);
  EXPECT_EQ(never.due, std::nullopt);
  settings = gmail();
  settings.pop3.reset();
  schedule_next(start, start, settings, never);
  EXPECT_EQ(never.due, std::nullopt);
}

TEST(Schedule, TheServerMayWantLongerPauses) {
  AccountSettings settings = gmail();
  settings.every = 3min;
  PollOutcome announced = done();
  announced.report.offer.login_delay_seconds = 300;  // RFC 2449 §6.5
  AccountRecord record = after({announced});
  EXPECT_EQ(interval_of(settings, record), 5min);
  announced.report.offer.login_delay_seconds = 60;
  EXPECT_EQ(interval_of(settings, after({announced}, record)), 5min) << "the longest counts";
  EXPECT_EQ(interval_of(gmail(), record), 15min);
  announced.report.offer.login_delay_seconds = ~0ULL;
  EXPECT_EQ(interval_of(settings, after({announced})), 24h) << "and no longer than a day";

  AccountRecord told = after({refused(Step::list, "login allowed only every 15 minutes")});
  EXPECT_EQ(told.not_before, start + 16min);
  EXPECT_EQ(interval_of(settings, told), 16min);
  schedule_next(start, start, settings, told);
  EXPECT_EQ(told.due, start + 16min);

  AccountRecord untold = after({refused(Step::login, "[LOGIN-DELAY] too soon")});
  EXPECT_EQ(interval_of(gmail(), untold), 30min) << "twice as long";
  untold = after({refused(Step::login, "[LOGIN-DELAY] too soon")}, untold);
  EXPECT_EQ(interval_of(gmail(), untold), 1h);
  untold = after({refused(Step::login, "[LOGIN-DELAY] too soon")}, untold);
  EXPECT_EQ(interval_of(gmail(), untold), 1h) << "up to an hour";
}

TEST(Schedule, AfterTheLimitOfADayTheNextDay) {
  AccountRecord record = after({refused(Step::retrieve, "[AUTH] Account exceeded POP command or bandwidth limits")});
  EXPECT_EQ(record.state, AccountState::ok);
  EXPECT_EQ(record.authentication_failures, 0U);
  schedule_next(start, start, gmail(), record);
  EXPECT_EQ(record.due, start + 24h);
  record = after({done()}, record);
  schedule_next(start, start, gmail(), record);
  EXPECT_EQ(record.due, start + 15min) << "a good session ends the pause";
}

}  // namespace
}  // namespace mailrig::client
