#pragma once
/// The ways in which an SMTP server misbehaves (`misbehave` of a fault), and what each makes of a reply.
///
///   bent_reply(Mutation::bare_lf, "250 2.0.0 Ok\r\n") == "250 2.0.0 Ok\n"
///
/// Where waiting, cutting or another reply can say it, a row is made of those; the others have an id and are bent here.
/// docs/personalities-smtp-crm.md lists all.

#include <span>
#include <string>

#include "fakeservers/core/fault_rule.h"

namespace mailrig::fakeservers::smtp {

enum class Mutation : int {
  none,
  reply_twice,
  bare_lf,
  code_only,
  no_last_line,
  mixed_codes,
  long_greeting,
  auth_equals,
  starttls_hidden,
  reply_after_starttls,
  plain_on_tls,  // before the protocol: the host's
};

std::span<const Misbehaviour> misbehaviours();

inline Mutation bend_of(const FaultRule* rule) {
  return rule == nullptr || rule->misbehaviour == nullptr ? Mutation::none
                                                          : static_cast<Mutation>(rule->misbehaviour->id);
}

/// One reply of one or several lines, CRLF after each.
std::string bent_reply(Mutation bend, std::string reply);

}  // namespace mailrig::fakeservers::smtp
