#include "scenarios/run/server_set.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/settings.h"
#include "fakeservers/core/protocol.h"
#include "scenarios/run/messages.h"
#include "scenarios/run/observed.h"

namespace mailrig::scenarios {
namespace {

fakeservers::HostTls host_tls(TlsMode mode) {
  switch (mode) {
    case TlsMode::implicit: return fakeservers::HostTls::implicit;
    case TlsMode::starttls:
    case TlsMode::starttls_required: return fakeservers::HostTls::starttls;
    case TlsMode::none: return fakeservers::HostTls::none;
  }
  return fakeservers::HostTls::none;
}

}  // namespace

ServerSet::ServerSet(std::span<const ServerSpec> specs, World& world, Invariants& invariants,
                     fakeservers::ServerObserver& observer, ServerSetSettings settings)
    : specs_(specs),
      world_(world),
      invariants_(invariants),
      observer_(observer),
      settings_(std::move(settings)),
      task_end_(world.loop) {}

ServerSet::~ServerSet() = default;

Status ServerSet::set_up(const Listen& listen) {
  for (const ServerSpec& spec : specs_) {
    Status ready = set_up(spec, listen);
    if (ready) continue;
    Error error = ready.error();
    error.message = fmt::format("server {}: {}", spec.name, error.message);
    return error;
  }
  for (const auto& hosted : hosted_) {
    for (const fakeservers::ServerReference& reference : hosted->spec->protocol->references) {
      const std::string name = SettingsReader(hosted->spec->settings).text(reference.setting, "");
      if (name.empty()) continue;
      RunningServer* other = find(name);
      if (other == nullptr)
        return Error{Errc::bad_input, fmt::format("server {}: there is no server {}", hosted->spec->name, name)};
      if (Status linked = hosted->server->link(reference.setting, *other->server); !linked) return linked;
    }
  }
  return {};
}

Status ServerSet::set_up(const ServerSpec& spec, const Listen& listen) {
  auto hosted = std::make_unique<RunningServer>();
  hosted->spec = &spec;
  hosted->certificate = spec.certificate;
  hosted->fault_places.push_back(spec.fault_places);
  Result<std::unique_ptr<fakeservers::FakeServer>> server = make(spec);
  if (!server) return server.error();
  hosted->server = std::move(*server);
  hosted->host = std::make_unique<fakeservers::ServerHost>(world_, *hosted->server, host_settings(spec));
  Status shown = show_certificate(*hosted);
  if (!shown) return shown;
  Result<std::unique_ptr<Listener>> listener = listen(spec);
  if (!listener) return listener.error();
  hosted->host->take(std::move(*listener));
  hosted->host->refuse(spec.refuse.all);
  hosted->host->refuse_sources(spec.refuse.sources);
  hosted_.push_back(std::move(hosted));
  return {};
}

Result<std::unique_ptr<fakeservers::FakeServer>> ServerSet::make(const ServerSpec& spec) {
  fakeservers::ServerContext context{world_, spec.name, &observer_,
                                     message_maker(settings_.seed, [&world = world_] { return world.calendar.now(); })};
  return spec.protocol->make(std::move(context), spec.settings);
}

fakeservers::HostSettings ServerSet::host_settings(const ServerSpec& spec) {
  fakeservers::HostSettings settings;
  settings.name = spec.name;
  settings.tls = host_tls(spec.tls);
  settings.in_clear = spec.protocol->said_in_clear;
  settings.tap = [this, name = spec.name](std::string_view connection, TapDirection direction, std::string_view bytes) {
    // The tap speaks for the server: what it received went to the server.
    auto way = direction == TapDirection::received ? ClearTextSearch::to_server : ClearTextSearch::to_client;
    return invariants_.on_raw(name, connection, way, bytes);
  };
  settings.on_closed = [this](std::string_view connection, const Status& how) {
    invariants_.on_closed(connection);
    if (!how) note_closing(how.error());
  };
  return settings;
}

Status ServerSet::show_certificate(RunningServer& hosted) {
  if (hosted.spec->tls == TlsMode::none) return {};
  fakeservers::CertificateRequest request;
  request.hosts = hosted.certificate.hosts;
  if (request.hosts.empty()) {
    request.hosts = {hosted.spec->host};
    request.hosts.insert(request.hosts.end(), settings_.extra_hosts.begin(), settings_.extra_hosts.end());
  }
  request.at = world_.calendar.now();
  request.from = hosted.certificate.from;
  request.until = hosted.certificate.until;
  request.resumption = hosted.server->resumption();
  auto context = factory_.server_context(hosted.certificate.flaw, request);
  if (!context) return context.error();
  hosted.host->show(std::move(*context), hosted.certificate.flaw);
  return {};
}

Status ServerSet::change(const Step& step) {
  RunningServer* hosted = find(step.server);
  if (hosted == nullptr) return Error{Errc::bad_input, "there is no server " + step.server};
  switch (step.verb) {
    case Verb::swap_certificate:
      hosted->certificate = step.certificate.value_or(CertificateSpec{});
      return show_certificate(*hosted);
    case Verb::refuse:
      hosted->host->refuse(step.refusal.all);
      hosted->host->refuse_sources(step.refusal.sources);
      return {};
    case Verb::accept:
      hosted->host->refuse(false);
      hosted->host->refuse_sources({});
      return {};
    case Verb::drop: hosted->host->drop(); return {};
    default: {
      Status changed = hosted->server->change(to_string(step.verb), step.arguments);
      if (changed && step.arguments.find("faults") != nullptr) hosted->fault_places.push_back(step.fault_places);
      return changed;
    }
  }
}

void ServerSet::stop() {
  for (const auto& hosted : hosted_) hosted->host->stop();
}

ServerSet::RunningServer* ServerSet::find(std::string_view name) const {
  auto found = std::ranges::find_if(hosted_, [&](const auto& hosted) { return hosted->spec->name == name; });
  return found == hosted_.end() ? nullptr : found->get();
}

void ServerSet::note_closing(const Error& how) {
  Closing closing = Closing::unclean;
  if (how.code == Errc::reset || how.code == Errc::cancelled) closing = Closing::aborted;
  if (how.code == Errc::timed_out) closing = Closing::timed_out;
  closing_ = std::max(closing_, closing);
}

std::size_t ServerSet::open_connections() const {
  std::size_t open = 0;
  for (const auto& hosted : hosted_) open += hosted->host->open_connections();
  return open;
}

Value ServerSet::observe() const {
  Value::Map servers;
  for (const auto& hosted : hosted_)
    servers.emplace_back(hosted->spec->name, Value::lazy([&server = *hosted->server] { return server.observe(); }));
  return Value(std::move(servers));
}

std::vector<Finding> ServerSet::unfired_rules() const {
  std::vector<Finding> findings;
  for (const auto& hosted : hosted_) {
    for (const fakeservers::RuleReport& rule : hosted->server->rules()) {
      if (rule.fired > 0) continue;
      Finding finding;
      finding.kind = Finding::Kind::rule;
      finding.level = Level::info;
      finding.name =
          fmt::format("{}{}.faults[{}]", rule.list == 0 ? "servers." : "set of ", hosted->spec->name, rule.index);
      finding.message = fmt::format("this fault never happened: {}", rule.rule);
      finding.nearest_rule = rule.nearest;
      if (rule.list < hosted->fault_places.size() && rule.index < hosted->fault_places[rule.list].size())
        finding.place = hosted->fault_places[rule.list][rule.index];
      findings.push_back(std::move(finding));
    }
  }
  return findings;
}

std::string ServerSet::nearest_rule() const {
  std::string nearest;
  std::pair<int, std::uint64_t> least{};
  for (const auto& hosted : hosted_) {
    for (const fakeservers::RuleReport& rule : hosted->server->rules()) {
      if (rule.fired > 0 || rule.nearest.empty() || (!nearest.empty() && least <= rule.miss)) continue;
      least = rule.miss;
      nearest = fmt::format("fault {} of {}{} ({}) did not fire: {}", rule.index + 1, rule.list == 0 ? "" : "a set of ",
                            hosted->spec->name, rule.rule, rule.nearest);
    }
  }
  return nearest;
}

std::map<std::string, std::string> ServerSet::notes() const {
  std::map<std::string, std::string> notes;
  for (const auto& hosted : hosted_) {
    const Value calls = entry(hosted->server->observe(), "unknown_calls");
    if (calls.is(Value::Kind::list) && !calls.items().empty())
      notes[hosted->spec->name + ": calls that the fake does not know"] = to_json(calls);
  }
  return notes;
}

std::vector<std::string> ServerSet::accepting_servers() const {
  std::vector<std::string> names;
  for (const ServerSpec& spec : specs_)
    if (std::ranges::find(spec.protocol->paths, "accepted", &PathWord::name) != spec.protocol->paths.end())
      names.push_back(spec.name);
  return names;
}

Status ServerSet::each_accepted(const TakeAccepted& take) const {
  for (const auto& hosted : hosted_) {
    const Value accepted = entry(hosted->server->observe(), "accepted");
    if (!accepted.is(Value::Kind::list)) continue;
    std::size_t number = 0;
    for (const Value& message : accepted.items()) {
      const Value raw = entry(message.made(), "raw");
      if (Status taken = take(hosted->spec->name, ++number, raw.text()); !taken) return taken;
    }
  }
  return {};
}

std::optional<ServerSet::ListedByUid> ServerSet::listed_by_uid(std::string_view server,
                                                               std::string_view mailbox) const {
  const RunningServer* hosted = find(server);
  if (hosted == nullptr) return std::nullopt;
  const Value observed = entry(entry(hosted->server->observe(), "mailboxes"), mailbox);
  const Value messages = entry(observed, "messages");
  if (!messages.is(Value::Kind::list)) return std::nullopt;
  // Only Gmail hides what was retrieved; where all that is kept is listed, popped messages are among it.
  const Value kept = entry(observed, "kept"), shown = entry(observed, "listed");
  const bool lists_all =
      kept.is(Value::Kind::integer) && shown.is(Value::Kind::integer) && kept.integer() == shown.integer();
  ListedByUid listed;
  for (const Value& item : messages.items()) {
    const Value message = item.made();
    const SettingsReader read(message);
    listed.emplace(read.text("uid", ""),
                   !read.boolean("deleted", false) && (lists_all || !read.boolean("popped", false)));
  }
  return listed;
}

}  // namespace mailrig::scenarios
