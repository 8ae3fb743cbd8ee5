#pragma once
/// From a request to its answer: tokens, rights, limits, then the call itself.
///
///   Answered answered = carry_out(org, incoming, {.tls = true});
///   answered.http.status == 201;  answered.note == "SUCCESS";

#include <optional>
#include <string>

#include "fakeservers/crm/http/call.h"

namespace mailrig::fakeservers::crm {

struct Answered {
  HttpAnswer http;
  std::optional<Limits::Running> running;  // the call counts as running while this lives
  std::string note;                        // for the transcript: the codes of the body, never a token
  std::string unknown;  // what the fake does not act out, as expectations see it; empty for what it does
};

Answered carry_out(Organisation& org, const Incoming& incoming, bool tls);

/// The bytes of an answer that a fault has in place of the call's own: { status, headers, body }.
HttpAnswer scripted_answer(const Value& reply);

}  // namespace mailrig::fakeservers::crm
