#pragma once
/// All servers of a story on their ports, with the judge's eyes and ears on them. The same for a run with the client
/// under test and for `serve`, where the client is somebody else's.
///
///   ServerSet servers(scenario.servers, world, invariants, settings);
///   Status ready = servers.set_up([&](const ServerSpec& spec) { return rig.listen(spec); });
///   servers.change(step);                               // lock, deliver, swap_certificate, refuse ...
///   Value seen = servers.observe();                     // { "gmail": { ... }, ... }

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "fakeservers/certificates/certificate_factory.h"
#include "fakeservers/core/server.h"
#include "fakeservers/core/server_host.h"
#include "scenarios/judge/invariants.h"
#include "scenarios/language/scenario.h"

namespace mailrig::scenarios {

struct ServerSetSettings {
  std::uint64_t seed = 0;                     // of generated messages that name none
  std::vector<std::string> extra_hosts = {};  // that every certificate names too: "localhost" in `serve`
};

class ServerSet {
 public:
  using Listen = std::function<Result<std::unique_ptr<Listener>>(const ServerSpec& spec)>;

  /// All of these outlive it; `specs` too. The servers tell `observer`, which tells the invariants in its turn.
  ServerSet(std::span<const ServerSpec> specs, World& world, Invariants& invariants,
            fakeservers::ServerObserver& observer, ServerSetSettings settings);
  ~ServerSet();

  /// Errors name the server: environment for a port, bad_input for settings that do not fit.
  Status set_up(const Listen& listen);
  /// A step that concerns a server: its own verb, or what its host does (swap_certificate, refuse, accept, drop).
  Status change(const Step& step);
  /// Closes ports and connections for good.
  void stop();

  std::size_t open_connections() const;
  /// The worst end of a connection so far.
  Closing closing() const { return closing_; }

  /// By name, each made when it is looked at.
  Value observe() const;
  /// Rules that never fired, as findings.
  std::vector<Finding> unfired_rules() const;
  /// A rule that never fired and came near: it may be what is behind a failure. Empty where there is none.
  std::string nearest_rule() const;
  /// What a report should mention: calls that a server did not know ...
  std::map<std::string, std::string> notes() const;
  /// Each message that an SMTP server accepted, in order; `number` counts from 1. Stops at the first error and returns
  /// it.
  using TakeAccepted = std::function<Status(const std::string& server, std::size_t number, const std::string& octets)>;
  Status each_accepted(const TakeAccepted& take) const;
  std::vector<std::string> accepting_servers() const;
  /// The messages that a mailbox has or had, and whether a session would still list them. Nothing where there is no
  /// such mailbox. Made at each call: ask once for many messages.
  using ListedByUid = std::map<std::string, bool, std::less<>>;
  std::optional<ListedByUid> listed_by_uid(std::string_view server, std::string_view mailbox) const;

  const fakeservers::CertificateFactory& certificates() const { return factory_; }

 private:
  struct RunningServer {
    const ServerSpec* spec = nullptr;
    CertificateSpec certificate;
    std::vector<std::vector<Place>> fault_places;  // by RuleReport::list, then by its index
    std::unique_ptr<fakeservers::FakeServer> server;
    std::unique_ptr<fakeservers::ServerHost> host;
  };

  Status set_up(const ServerSpec& spec, const Listen& listen);
  Result<std::unique_ptr<fakeservers::FakeServer>> make(const ServerSpec& spec);
  fakeservers::HostSettings host_settings(const ServerSpec& spec);
  Status show_certificate(RunningServer& hosted);
  RunningServer* find(std::string_view name) const;
  void note_closing(const Error& how);

  std::span<const ServerSpec> specs_;
  World& world_;
  Invariants& invariants_;
  fakeservers::ServerObserver& observer_;
  ServerSetSettings settings_;
  fakeservers::CertificateFactory factory_;
  std::vector<std::unique_ptr<RunningServer>> hosted_;
  Closing closing_ = Closing::clean;
  TaskEnd task_end_;  // the last member: sessions use all the others
};

}  // namespace mailrig::scenarios
