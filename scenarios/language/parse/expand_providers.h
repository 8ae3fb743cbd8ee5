#pragma once
/// A provider that has several servers in front of the same mailboxes, written once:
///
///   "providers": { "exchange": { "personality": "exchange2013", "servers": ["pop3", "smtp"], "mailboxes": {...} } }
///
/// stands for the servers exchange-pop3 and exchange-smtp, each with what concerns it; what exchange-smtp accepts is
/// delivered to exchange-pop3, and an account's `"pop3": "exchange"` means exchange-pop3.

#include "fakeservers/core/protocol.h"
#include "json/located.h"
#include "scenarios/language/parse/reading.h"

namespace mailrig::scenarios {

/// `root` with `providers` turned into `servers`, and with references of accounts to them. `root` itself where it has
/// none.
const Node* expand_providers(Document& document, const Node& root, fakeservers::ProtocolList protocols,
                             Reading& reading);

}  // namespace mailrig::scenarios
