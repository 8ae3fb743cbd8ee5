#pragma once
/// The stage of one run: the servers on their ports, the client with its store, and the judge between them.
///
///   ScenarioRun stage(scenario, *rig, options);
///   Status ready = stage.set_up();
///   LoopEnd end = rig->world().loop.run(play(stage, findings), limits);       // scenarios/run/play.h
///   Value seen = stage.observe();                                             // the root of every expectation's path

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "client/service/mail_service.h"
#include "net/drive.h"
#include "scenarios/judge/event_recorder.h"
#include "scenarios/judge/invariants.h"
#include "scenarios/judge/store_view.h"
#include "scenarios/run/rig_world.h"
#include "scenarios/run/runner.h"
#include "scenarios/run/server_set.h"

namespace mailrig::scenarios {

class ScenarioRun {
 public:
  ScenarioRun(const Scenario& scenario, RigWorld& rig, const RunOptions& options);
  ~ScenarioRun();

  /// Errors: environment for a port; bad_input, with the name of the server or account, for settings that do not fit.
  Status set_up();
  /// The client process ends and another begins, over the same database.
  Status restart_client();

  const Scenario& scenario() const { return scenario_; }
  World& world() { return rig_.world(); }
  bool virtual_time() const { return rig_.kind() == WorldKind::sim; }
  client::MailService& client() { return *client_; }
  ServerSet& servers() { return servers_; }
  /// What went wrong with the judge's own reading of the store; empty: nothing.
  const std::string& trouble() const { return store_view_.trouble(); }
  Invariants& invariants() { return invariants_; }
  const EventRecorder& events() const { return events_; }
  const StepLatencies& latencies() const { return latencies_; }

  /// What an `edit` says laid over what the account has.
  Result<client::AccountSettings> edited(const Step& step) const;
  /// After an edit: which connections may carry what in clear.
  void renew_guards();

  /// { accounts, servers, latency }, each made when it is looked at.
  Value observe() const;
  /// What each account of the client tells its user now.
  std::map<std::string, AccountEnd> account_ends() const;
  /// Judges what can only be judged at the end.
  void judge_end();

 private:
  client::ClientContext surroundings();
  Result<std::vector<client::AccountSettings>> configured_accounts() const;
  std::set<std::string> accounted_uids(const std::string& account) const;

  const Scenario& scenario_;
  RigWorld& rig_;
  const RunOptions& options_;
  client::StorePlace store_place_;
  SqliteStoreView store_view_;
  Invariants invariants_;
  EventRecorder events_;
  StepLatencies latencies_;
  ServerSet servers_;
  std::shared_ptr<const TlsClientContext> tls_context_;  // with the sessions that this client process can resume
  std::unique_ptr<client::MailService> client_;
  TaskEnd task_end_;  // the last member: client and servers are tasks
};

}  // namespace mailrig::scenarios
