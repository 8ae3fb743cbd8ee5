#pragma once
/// What the user is told: what happened, what it means, what to do next. The wording follows docs/guide.md.
/// Example: unlock_url("anna@zillum.org", "Web login required: http://support.google.com/...") ==
///          "https://www.google.com/a/zillum.org/UnlockCaptcha"

#include <string>
#include <string_view>

#include "base/result.h"
#include "client/account/account.h"
#include "client/account/account_record.h"
#include "client/account/failed_retrievals.h"
#include "client/pop3/refusal.h"
#include "client/pop3/session.h"

namespace mailrig::client {

/// Where Google unlocks an address, if the server's text leads to Google; empty for another provider.
std::string unlock_url(std::string_view address, std::string_view server_text);

std::string message_for_authentication(const AccountRecord& record, const Pop3Refusal& refusal);
std::string message_for_connection(const AccountSettings& settings, const AccountRecord& record, const Error& error);
std::string message_for_certificate(const AccountSettings& settings, const Error& error);
std::string message_for_unlock(const AccountSettings& settings, const Pop3Refusal& refusal);
std::string message_for_queue_full();
/// After a poll that went well: messages that are lost, messages that are quarantined, deletions that were refused.
/// Empty where there are none.
std::string message_for_done(const AccountRecord& record, const Pop3Report& report);
std::string message_for_refused_retrievals(const RefusedRetrievals& refused);
/// `trouble`: the message for what passes by itself.
std::string message_for_lasting_trouble(Instant since, std::string_view trouble);
/// The session failed after a login that went well.
std::string message_for_broken_session(const AccountSettings& settings, const Error& error);
std::string message_for_storage(const AccountSettings& settings);
/// Refusals that only the user can mend, and those that mend themselves.
std::string message_for_refusal(const AccountSettings& settings, const Pop3Refusal& refusal);
std::string message_for_own_trouble(const Error& error);
std::string message_for_setting(const Error& error);
std::string message_for_trial(const Error& error);

}  // namespace mailrig::client
