#include "scenarios/run/runner.h"

#include <fmt/format.h>

#include <exception>

#include "net/task.h"
#include "scenarios/judge/verdict.h"
#include "scenarios/language/explain.h"
#include "scenarios/language/secrets_of.h"
#include "scenarios/run/play.h"
#include "scenarios/run/replay_command.h"
#include "scenarios/run/scenario_run.h"

namespace mailrig::scenarios {
namespace {

/// A scenario's chance comes from these alone: neighbours, order, jobs and filter change no byte.
std::uint64_t scenario_seed(std::uint64_t seed, const Scenario& scenario, unsigned repeat) {
  return hash_seed(seed, fmt::format("{}/{}", scenario.id, repeat));
}

Outcome begin_outcome(const Scenario& scenario, const RunOptions& options) {
  Outcome outcome;
  outcome.id = scenario.id;
  outcome.title = scenario.title;
  outcome.why = scenario.why;
  outcome.file = scenario.file;
  outcome.tags = scenario.tags;
  outcome.covers = scenario.covers;
  outcome.story = story(scenario);
  outcome.world = options.world;
  outcome.repeat = options.repeat;
  outcome.seed = scenario_seed(options.seed, scenario, options.repeat);
  outcome.replay = replay_command(options, outcome);
  return outcome;
}

void add_all(std::vector<Finding>& findings, std::vector<Finding> more) {
  for (Finding& finding : more) findings.push_back(std::move(finding));
}

/// The last words of both sides are on their way when the story ends: sessions get a moment to see them.
Task<void> let_connections_end(ScenarioRun& stage) {
  const bool virtual_time = stage.virtual_time();
  const Duration step = virtual_time ? Duration(10ms) : Duration(1ms);
  const Moment end = stage.world().clock.now() + (virtual_time ? Duration(2s) : Duration(300ms));
  while (stage.servers().open_connections() > 0 && stage.world().clock.now() < end)
    co_await stage.world().clock.sleep_until(stage.world().clock.now() + step);
}

void fill_latencies(Outcome& outcome, const StepLatencies& latencies) {
  for (std::size_t i = 1; i < step_count; ++i) {
    if (latencies.by_step[i].count() == 0) continue;
    Latency& latency = outcome.latencies[std::string(to_string(static_cast<mailrig::Step>(i)))];
    latency.clock = outcome.world == WorldKind::sim ? Latency::Clock::virtual_time : Latency::Clock::wall;
    latency.spans = latencies.by_step[i];
  }
}

Finding blind_judge(const std::string& trouble, const Place& place) {
  Finding finding;
  finding.kind = Finding::Kind::error;
  finding.name = "judge";
  finding.message = "the judge could not read the client's store, so nothing is proved: " + trouble;
  finding.place = place;
  return finding;
}

Finding not_kept(const Error& error, const Place& place) {
  Finding finding;
  finding.kind = Finding::Kind::error;
  finding.name = "--accepted";
  finding.message = error.message;
  finding.place = place;
  return finding;
}

Outcome run_checked(const Scenario& scenario, const RunOptions& options) {
  Outcome outcome = begin_outcome(scenario, options);
  const std::unique_ptr<RigWorld> rig = make_rig_world(options.world, scenario, outcome.seed);
  rig->world().transcript.keep_at_most(options.transcript_max);
  add_secrets(scenario, rig->world().transcript.secrets());
  if (options.on_entry) rig->world().transcript.on_entry(options.on_entry);
  ScenarioRun stage(scenario, *rig, options);
  std::vector<Finding>& findings = outcome.findings;
  const Status ready = stage.set_up();
  if (!ready) {
    Finding finding;
    finding.kind = Finding::Kind::error;
    finding.name = "set-up";
    finding.message = to_string(ready.error());
    finding.place = scenario.place;
    findings.push_back(std::move(finding));
  } else {
    const LoopLimits limits{.out_of_time = options.out_of_time, .virtual_span = scenario.limit};
    const LoopEnd end = rig->world().loop.run(play(stage, findings), limits);
    if (end.why == LoopEnd::Why::finished) {
      // What this second run ends with is no verdict on the story.
      static_cast<void>(rig->world().loop.run(let_connections_end(stage), limits));
    } else {
      Finding finding = hang_finding(end, scenario.limit, rig->world().transcript.entries());
      finding.last_exchanges = rig->world().transcript.last_lines(12);
      finding.nearest_rule = stage.servers().nearest_rule();
      findings.push_back(std::move(finding));
    }
    stage.judge_end();
    if (!stage.trouble().empty()) findings.push_back(blind_judge(stage.trouble(), scenario.place));
    add_all(findings, stage.invariants().take_findings());
    if (options.keep_accepted)
      if (Status kept = options.keep_accepted(stage.servers()); !kept)
        findings.push_back(not_kept(kept.error(), scenario.place));
    add_all(findings, stage.servers().unfired_rules());
    outcome.notes = stage.servers().notes();
    outcome.closing = stage.servers().closing();
    outcome.accounts = stage.account_ends();
  }
  stage.servers().stop();
  rig->world().loop.abandon();
  settle_verdict(outcome, scenario.known_failure);
  if (!scenario.hint.empty() && is_failure(outcome.verdict, true)) outcome.hint = scenario.hint;
  for (const Finding& finding : findings)
    if (outcome.verdict == Verdict::error && finding.kind == Finding::Kind::error) outcome.reason = finding.message;
  const Transcript& transcript = rig->world().transcript;
  outcome.transcript = transcript.entries();
  outcome.transcript_gaps = transcript.gaps();
  if (options.world == WorldKind::sim) outcome.digest = transcript.digest(to_string(outcome.verdict));
  fill_latencies(outcome, stage.latencies());
  mask_secrets(outcome, transcript.secrets());
  return outcome;
}

}  // namespace

Outcome run_scenario(const Scenario& scenario, const RunOptions& options) {
  try {
    return run_checked(scenario, options);
  } catch (const std::exception& error) {
    // A fault of mailrig ends this scenario, not the others.
    return not_played(scenario, options, Verdict::error, "internal",
                      fmt::format("a fault of mailrig itself: {}", error.what()));
  }
}

Outcome not_played(const Scenario& scenario, const RunOptions& options, Verdict verdict, std::string name,
                   std::string message) {
  Outcome outcome = begin_outcome(scenario, options);
  outcome.verdict = verdict;
  outcome.reason = message;
  Finding finding;
  finding.kind = verdict == Verdict::hang ? Finding::Kind::hang : Finding::Kind::error;
  finding.name = std::move(name);
  finding.message = std::move(message);
  finding.place = scenario.place;
  outcome.findings.push_back(std::move(finding));
  return outcome;
}

std::optional<Outcome> skipped_in(const Scenario& scenario, const RunOptions& options) {
  if (options.world == WorldKind::sim || scenario.sim_only.empty()) return std::nullopt;
  Outcome outcome = begin_outcome(scenario, options);
  outcome.verdict = Verdict::skipped;
  outcome.reason = scenario.sim_only;
  return outcome;
}

}  // namespace mailrig::scenarios
