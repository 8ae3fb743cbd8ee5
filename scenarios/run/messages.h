#pragma once
/// From the specs of a scenario ("Messages" in docs/scenario-format.md, as the loader has normalised them) to bytes.
///
///   ServerContext context{.world = world, .name = "gmail", .make_messages = message_maker(seed, [&] { return
///   calendar.now(); })};
///
/// The maker may outlive the scenario. Generated messages are recipes: nothing is made before somebody looks.

#include <cstdint>
#include <functional>

#include "base/time.h"
#include "fakeservers/core/server.h"
#include "scenarios/language/scenario.h"

namespace mailrig::scenarios {

using MessageMaker = std::function<Result<fakeservers::MessageBatch>(const Value& spec)>;

/// `seed` is the run's: generated messages that have no seed of their own come from it. `now` dates what is delivered.
/// Errors are bad_input.
MessageMaker message_maker(std::uint64_t seed, std::function<Instant()> now);

/// At most so much mail is in the scenario's mailboxes, now or later: what a store has to reckon with.
std::uint64_t mail_octets(const Scenario& scenario);

}  // namespace mailrig::scenarios
