#pragma once
/// The ways in which a CRM misbehaves (`misbehave` of a fault). Nearly all are answers that a fault could also spell
/// out with `reply`; docs/personalities-smtp-crm.md lists them with their sources.

#include <span>
#include <string>

#include "fakeservers/core/fault_rule.h"

namespace mailrig::fakeservers::crm {

/// What no other key of a fault can say.
enum class Mutation : int {
  none,
  short_length,  // Content-Length is half of the body
  long_length,   // Content-Length is one more than the body, and the connection is kept open
};

std::span<const Misbehaviour> misbehaviours();

/// The bytes of an answer, made wrong in the way of the rule (which may be null).
std::string bent(const FaultRule* rule, std::string wire);

/// True if the rule's reply replaces the answer of a call that is carried out all the same.
bool is_carried_out(const FaultRule& rule);

}  // namespace mailrig::fakeservers::crm
