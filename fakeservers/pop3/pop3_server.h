#pragma once
/// The fake POP3 server: the door to fakeservers/pop3/.
///
///   Result<Value> settings = server_settings("pop3", server, scenario_personalities);
///   Result<std::unique_ptr<FakeServer>> gmail = make_pop3_server(context, *settings);
///
/// It is an honest server that acts as its personality does; faults bend single replies. Personalities, settings, texts
/// and misbehaviours are listed in docs/personalities.md.
///
/// Steps: deliver, lock, unlock, expire_password, set_password, pop_elsewhere, set (docs/scenario-format.md). `mailbox`
/// may be left out where there is one.

#include <memory>
#include <span>

#include "fakeservers/core/fault_rule.h"
#include "fakeservers/core/reply_template.h"
#include "fakeservers/core/server.h"

namespace mailrig::fakeservers {

struct ProtocolDescriptor;  // fakeservers/core/protocol.h

/// What the rest of mailrig knows of it.
const ProtocolDescriptor& pop3_protocol();

/// Errors are bad_input; Error::reason is the key that is wrong ("queue_cap", "texts.greeting", "faults[0].on",
/// "mailboxes.anna.messages[2]").
Result<std::unique_ptr<FakeServer>> make_pop3_server(ServerContext context, const Value& given);

/// Of a server and of a personality, beside those of every server.
std::span<const Setting> pop3_settings();
/// Of one user, and of one item of `messages` beside what makes its bytes.
std::span<const Setting> pop3_mailbox_settings();
std::span<const Setting> pop3_message_settings();
std::span<const TextKey> pop3_texts();
const FaultVocabulary& pop3_faults();
/// What `how` of `lock` may be; which of these a personality has is said when it is asked for.
std::span<const std::string_view> pop3_locks();

}  // namespace mailrig::fakeservers
