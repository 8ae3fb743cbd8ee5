#pragma once
/// The fake SMTP server: the door to fakeservers/smtp/.
///
///   Result<Value> settings = server_settings("smtp", server, scenario_personalities);
///   Result<std::unique_ptr<FakeServer>> gmail = make_smtp_server(context, *settings);
///
/// It is an honest submission server (RFC 5321, 4954, 3207, 2920, 1870, 3030) that acts as its personality does; faults
/// bend single replies. What it accepts is kept and looked at under observe().accepted. Personalities, settings, texts
/// and misbehaviours are listed in docs/personalities-smtp-crm.md.
///
/// What it accepts goes on to the server that is linked as `deliver_to`: once for each recipient, and once for the
/// sender where the provider keeps a copy (setting `sent_copy`). Recipients that have no mailbox there are in
/// observe().undelivered.
///
/// Steps: lock, unlock, expire_password, set_password, set (docs/scenario-format.md). `mailbox` may be left out where
/// there is one.

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "fakeservers/core/fault_rule.h"
#include "fakeservers/core/reply_template.h"
#include "fakeservers/core/server.h"

namespace mailrig::fakeservers {

struct ProtocolDescriptor;  // fakeservers/core/protocol.h

/// What the rest of mailrig knows of it.
const ProtocolDescriptor& smtp_protocol();

/// Errors are bad_input; Error::reason is the key that is wrong ("size_max", "texts.greeting", "faults[0].on",
/// "mailboxes.anna.lock").
Result<std::unique_ptr<FakeServer>> make_smtp_server(ServerContext context, const Value& given);

/// Of a server and of a personality, beside those of every server; of one user.
std::span<const Setting> smtp_settings();
std::span<const Setting> smtp_mailbox_settings();
std::span<const TextKey> smtp_texts();
const FaultVocabulary& smtp_faults();
/// What `how` of `lock` may be.
std::span<const std::string_view> smtp_locks();

}  // namespace mailrig::fakeservers
