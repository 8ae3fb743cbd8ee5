#pragma once
/// Brings the `messages` of a scenario into a mailbox.
///
///   Status added = add_messages(mailbox, *spec, {.context = context, .settings = settings, .delivered = false});
///
/// What is in a mailbox from the start has come, one after the other, over the day before the clock (or at its `at`);
/// what is delivered by a step comes now.

#include "fakeservers/core/server.h"
#include "fakeservers/pop3/mailbox.h"

namespace mailrig::fakeservers::pop3 {

struct Delivery {
  const ServerContext& context;
  const Settings& settings;
  bool delivered = false;  // by a step
};

/// `messages` is a spec or a list of specs. Errors are bad_input; Error::reason is "messages[2].at".
Status add_messages(Mailbox& mailbox, const Value& messages, const Delivery& delivery);

}  // namespace mailrig::fakeservers::pop3
