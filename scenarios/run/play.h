#pragma once
/// The story itself: one step after the other, with what was expected and not found.
///
///   std::vector<Finding> findings;
///   LoopEnd end = world.loop.run(play(stage, findings), limits);

#include <vector>

#include "scenarios/run/scenario_run.h"

namespace mailrig::scenarios {

/// Plays all steps. A step that cannot be carried out ends the story with a finding of kind error; an expectation that
/// does not hold is a finding, and the story goes on.
Task<void> play(ScenarioRun& stage, std::vector<Finding>& findings);

}  // namespace mailrig::scenarios
