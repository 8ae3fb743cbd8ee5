#pragma once
/// The secrets of a scenario file, and how they are kept out of its outcome.
///
///   add_secrets(scenario, world.transcript.secrets());      // before anything is said
///   mask_secrets(outcome, world.transcript.secrets());

#include "base/outcome.h"
#include "base/secrets.h"
#include "scenarios/language/scenario.h"

namespace mailrig::scenarios {

/// True for settings whose values no report shows: "password", "client_secret", "refresh_token" and their like.
bool is_secret_key(std::string_view key);

/// All values under such keys, of servers, accounts and steps.
void add_secrets(const Scenario& scenario, Secrets& secrets);

/// In findings, with the line of source under them, the reason and the notes. Title, why and hint are the author's
/// prose.
void mask_secrets(Outcome& outcome, const Secrets& secrets);

}  // namespace mailrig::scenarios
