#pragma once
/// The fake CRM: the door to fakeservers/crm/. One organisation behind any number of HTTP/1.1 connections.
///
///   Result<Value> settings = server_settings("crm", server, scenario_personalities);
///   Result<std::unique_ptr<FakeServer>> crm = make_crm_server(context, *settings);
///
/// Its one step is `set`: settings, texts, faults and clients change, and records are added (one whose id is there
/// replaces it). What it does not act out it answers as Zoho answers nonsense, and lists under observe().unknown_calls.
/// Settings and texts are listed in docs/personalities-smtp-crm.md.

#include <memory>
#include <span>

#include "fakeservers/core/fault_rule.h"
#include "fakeservers/core/reply_template.h"
#include "fakeservers/core/server.h"

namespace mailrig::fakeservers {

struct ProtocolDescriptor;  // fakeservers/core/protocol.h

/// What the rest of mailrig knows of it.
const ProtocolDescriptor& crm_protocol();

/// Errors are bad_input; Error::reason is the key that is wrong ("credits", "texts.INVALID_TOKEN", "faults[0].on",
/// "records.Leads").
Result<std::unique_ptr<FakeServer>> make_crm_server(ServerContext context, const Value& settings);

/// Of a server and of a personality, beside those of every server, `records` and `clients`.
std::span<const Setting> crm_settings();
std::span<const TextKey> crm_texts();
/// "Leads", "Contacts" ...: what `records` is by.
std::span<const std::string_view> crm_modules();
const FaultVocabulary& crm_faults();

}  // namespace mailrig::fakeservers
