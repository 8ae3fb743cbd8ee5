#pragma once
/// Views that put everything into one line, so that one expectation covers an account or all sessions of a server.
///
///   account_summary(account, start) ==
///       "ok; 16 polls; 4 stored; 4 retrieved; 0 deleted; next poll at 4h15m"
///   dialogue_lines(sessions, start) ==
///       {"0s: CAPA | USER anna | PASS <password> | STAT | UIDL | RETR 1..4 | QUIT (quit)",
///        "15m..4h every 15m: CAPA | USER anna | PASS <password> | STAT | UIDL | QUIT (quit)"}
///
/// Times count from the start of the scenario, to the nearest second: what the network takes in virtual time does not
/// show, so both worlds say the same.

#include <string>
#include <vector>

#include "base/time.h"
#include "base/value.h"

namespace mailrig::scenarios {

/// State and counters, then whatever differs from an account that is well: failures, lost messages, mail to be sent.
std::string account_summary(const Value& account, Instant start);

/// One line per session, in the order of their beginnings, those of the same second in the order of their text: when it
/// began, its commands, and its end unless the client just closed the connection or is still there. Commands that
/// differ by a number that counts up become "RETR 1..7", equal sessions at equal intervals one line.
std::vector<std::string> dialogue_lines(const Value& sessions, Instant start);

/// `accounts` (name to account), each with "summary".
Value with_summaries(const Value& accounts, Instant start);
/// `servers` (name to server), each with "dialogues".
Value with_dialogues(const Value& servers, Instant start);

}  // namespace mailrig::scenarios
