#include "scenarios/run/scenario_run.h"

#include <fmt/format.h>

#include <cstdio>
#include <map>
#include <optional>
#include <utility>

#include "base/settings.h"
#include "scenarios/run/messages.h"
#include "scenarios/run/summary.h"

namespace mailrig::scenarios {
namespace {

// More mail than this goes to a file: a first import of 100,000 messages is a gigabyte, and a run has 300 MB.
constexpr std::uint64_t mail_in_memory_octets_max = 64ULL << 20;

client::StorePlace store_place(const Scenario& scenario, const RigWorld& rig, const RunOptions& options) {
  // Unique among all that run at this time; it never shows in a transcript.
  const std::string name = fmt::format("mailrig-{}", static_cast<const void*>(&rig));
  if (mail_octets(scenario) <= mail_in_memory_octets_max) return client::StorePlace::in_memory(name);
  return {client::StorePlace::Kind::scratch, fmt::format("{}/{}.sqlite", options.scratch_folder, name)};
}

client::TlsMode client_tls(TlsMode mode) {
  switch (mode) {
    case TlsMode::implicit: return client::TlsMode::implicit;
    case TlsMode::starttls:
    case TlsMode::starttls_required: return client::TlsMode::starttls;
    case TlsMode::none: return client::TlsMode::none;
  }
  return client::TlsMode::none;
}

client::ServerAccess access_to(const Target& target) {
  return {Endpoint(target.host, target.port), client_tls(target.tls)};
}

/// { server, host, port, tls } of an edit.
client::ServerAccess access_of(const Value& target) {
  const SettingsReader read(target);
  client::ServerAccess access;
  access.server = Endpoint(read.text("host", ""), static_cast<std::uint16_t>(read.whole("port", 0)));
  access.tls = client::parse_tls_mode(read.text("tls", "")).value_or(client::TlsMode::implicit);
  return access;
}

/// What an account or an edit says, laid over `settings`.
Status lay_over(const Value& values, client::AccountSettings& settings) {
  client::AccountSettings changed = settings;
  Value others = Value::map();
  for (const auto& [key, value] : values.entries()) {
    if (key == "pop3")
      changed.pop3 = access_of(value);
    else if (key == "smtp")
      changed.smtp = access_of(value);
    else if (key == "crm")
      changed.crm = access_of(value);
    else if (key != "account")
      others.set(key, value);
  }
  Status applied = client::apply_account_settings(others, changed);
  if (applied) settings = std::move(changed);
  return applied;
}

Value latency_values(const StepLatencies& latencies) {
  Value steps = Value::map();
  for (std::size_t i = 1; i < step_count; ++i) {
    const Histogram& spans = latencies.by_step[i];
    Value step = Value::map();
    step.set("count", spans.count());
    step.set("p50", format_duration(spans.percentile(50)));
    step.set("p90", format_duration(spans.percentile(90)));
    step.set("p99", format_duration(spans.percentile(99)));
    step.set("max", format_duration(spans.max()));
    steps.set(std::string(to_string(static_cast<mailrig::Step>(i))), std::move(step));
  }
  return steps;
}

/// The mailbox that a POP3 user name stands for: in recent mode Gmail's "recent:" is before it.
std::string mailbox_of(const client::AccountSettings& account) {
  std::string user = account.pop3_user();
  if (account.is_recent_mode()) user.erase(0, user.find(':') + 1);
  return user;
}

}  // namespace

ScenarioRun::ScenarioRun(const Scenario& scenario, RigWorld& rig, const RunOptions& options)
    : scenario_(scenario),
      rig_(rig),
      options_(options),
      store_place_(store_place(scenario, rig, options)),
      store_view_(store_place_.uri()),
      invariants_(store_view_),
      events_(scenario, rig.world().calendar, invariants_),
      servers_(scenario.servers, rig.world(), invariants_, events_, {.seed = rig.world().prng.fork("messages").next()}),
      task_end_(rig.world().loop) {}

ScenarioRun::~ScenarioRun() {
  client_.reset();
  if (store_place_.kind != client::StorePlace::Kind::scratch) return;
  for (const char* suffix : {"", "-wal", "-shm", "-journal"}) std::remove((store_place_.name + suffix).c_str());
}

Status ScenarioRun::set_up() {
  world().transcript.on_entry(
      [this](const TranscriptEntry& entry) { invariants_.on_printed("the transcript", entry.text); });
  invariants_.on_finding([this] { world().transcript.keep_around(Transcript::Reason::finding); });
  Status ready = servers_.set_up([this](const ServerSpec& spec) { return rig_.listen(spec); });
  if (!ready) return ready;
  ready = restart_client();
  if (!ready) return ready;
  for (const Step& step : scenario_.steps) {
    if (step.verb != Verb::send) continue;
    const Value* text = step.arguments.find("text");
    if (text != nullptr && text->is(Value::Kind::text)) invariants_.expect_to_send(text->text());
  }
  renew_guards();
  return {};
}

client::ClientContext ScenarioRun::surroundings() {
  client::ClientContext around{world()};
  around.open_store = [this] {
    Result<std::unique_ptr<client::MessageStore>> store = client::open_sqlite_store(store_place_);
    if (!store) return store;
    store_view_.client_has_opened();
    store = events_.watched(std::move(*store));
    return store;
  };
  around.tls = [this](client::TrustedRoots trust) -> Result<std::shared_ptr<const TlsClientContext>> {
    if (trust == client::TrustedRoots::none) return make_tls_client({});
    if (tls_context_ == nullptr) {
      Result<std::shared_ptr<const TlsClientContext>> shared = servers_.certificates().client_context();
      if (!shared) return shared;
      tls_context_ = with_own_sessions(**shared);  // what it resumes is of this scenario
    }
    return tls_context_;
  };
  around.latencies = &latencies_;
  around.count_waiting = virtual_time();
  around.on_state = [this](std::string_view account, std::string_view state) { events_.on_state(account, state); };
  return options_.around_client ? options_.around_client(std::move(around)) : around;
}

Result<std::vector<client::AccountSettings>> ScenarioRun::configured_accounts() const {
  std::vector<client::AccountSettings> accounts;
  for (const AccountSpec& spec : scenario_.accounts) {
    client::AccountSettings settings{.name = spec.name};
    Status laid = lay_over(spec.settings, settings);
    if (!laid) {
      Error error = laid.error();
      error.message = fmt::format("account {}: {}", spec.name, error.message);
      return error;
    }
    if (spec.pop3) settings.pop3 = access_to(*spec.pop3);
    if (spec.smtp) settings.smtp = access_to(*spec.smtp);
    if (spec.crm) settings.crm = access_to(*spec.crm);
    accounts.push_back(std::move(settings));
  }
  return accounts;
}

Status ScenarioRun::restart_client() {
  std::vector<client::AccountSettings> accounts;
  if (client_) {
    for (const std::string& name : client_->account_names()) accounts.push_back(*client_->find_account(name));
  } else {
    Result<std::vector<client::AccountSettings>> configured = configured_accounts();
    if (!configured) return configured.error();
    accounts = std::move(*configured);
  }
  client_.reset();  // the old process is gone before the new one opens the store
  tls_context_.reset();
  client_ = std::make_unique<client::MailService>(surroundings());
  for (client::AccountSettings& settings : accounts) {
    Status added = client_->add_account(std::move(settings));
    if (!added) return added;
  }
  return {};
}

Result<client::AccountSettings> ScenarioRun::edited(const Step& step) const {
  const client::AccountSettings* settings = client_->find_account(step.accounts.front());
  if (settings == nullptr) return Error{Errc::bad_input, "there is no account " + step.accounts.front()};
  client::AccountSettings changed = *settings;
  Status laid = lay_over(step.arguments, changed);
  if (!laid) return laid.error();
  return changed;
}

void ScenarioRun::renew_guards() {
  // A server is guarded while every account that uses it requires TLS: who is on a connection cannot be told from
  // outside, so one account in clear opens them all.
  std::map<std::string, std::vector<Secret>> guarded;
  std::vector<std::string> open;
  for (const std::string& account_name : client_->account_names()) {
    const client::AccountSettings& account = *client_->find_account(account_name);
    for (const std::optional<client::ServerAccess>* access : {&account.pop3, &account.smtp, &account.crm}) {
      if (!*access) continue;
      for (const ServerSpec& server : scenario_.servers) {
        if (server.host != (*access)->server.host) continue;
        if ((*access)->tls == client::TlsMode::none) open.push_back(server.name);
        std::vector<Secret>& secrets = guarded[server.name];
        for (const auto& [text, what] :
             {std::pair{&account.password, "the password"}, std::pair{&account.smtp_password, "the SMTP password"},
              std::pair{&account.refresh_token, "the refresh token"},
              std::pair{&account.client_secret, "the client secret"}})
          secrets.push_back({*text, fmt::format("{} of account {}", what, account_name)});
        if (access != &account.pop3) continue;
        invariants_.set_account(server.name, mailbox_of(account), account_name);
        events_.set_mailbox(account_name, server.name, mailbox_of(account));
      }
    }
  }
  for (const std::string& server : open) {
    guarded.erase(server);
    invariants_.leave_unguarded(server);
  }
  for (const auto& [server, secrets] : guarded) invariants_.guard(server, secrets);
}

Value ScenarioRun::observe() const {
  Value root = Value::map();
  root.set("accounts", Value::lazy([this] { return with_summaries(client_->observe(), scenario_.clock); }));
  root.set("servers", Value::lazy([this] { return with_dialogues(servers_.observe(), scenario_.clock); }));
  root.set("latency", Value::lazy([this] { return latency_values(latencies_); }));
  return root;
}

std::map<std::string, AccountEnd> ScenarioRun::account_ends() const {
  std::map<std::string, AccountEnd> ends;
  const Value accounts = client_->observe();
  for (const auto& [name, lazy] : accounts.entries()) {
    const Value account = lazy.made();
    AccountEnd& end = ends[name];
    for (const auto& [key, field] : {std::pair{"state", &end.state}, std::pair{"message", &end.message}})
      if (const Value* text = account.find(key); text != nullptr && text->is(Value::Kind::text)) *field = text->text();
  }
  return ends;
}

void ScenarioRun::judge_end() {
  const Value accounts = client_->observe();
  for (const auto& [name, lazy] : accounts.entries()) {
    const Value account = lazy.made();
    for (const char* key : {"message", "last_error"})
      if (const Value* text = account.find(key); text != nullptr && text->is(Value::Kind::text))
        invariants_.on_printed(fmt::format("accounts.{}.{}", name, key), text->text());
  }
  // A mailbox or an account is looked at once, however many of its messages are missing.
  std::map<std::pair<std::string, std::string>, std::optional<ServerSet::ListedByUid>> mailboxes;
  std::map<std::string, std::set<std::string>> accounted;
  invariants_.judge_end(
      [&](const std::string& server, const std::string& mailbox, const std::string& uid) {
        auto [found, is_new] = mailboxes.try_emplace({server, mailbox});
        if (is_new) found->second = servers_.listed_by_uid(server, mailbox);
        if (!found->second) return false;
        auto message = found->second->find(uid);
        return message == found->second->end() || !message->second;
      },
      [&](const std::string& account, const std::string& uid) {
        auto [found, is_new] = accounted.try_emplace(account);
        if (is_new) found->second = accounted_uids(account);
        return found->second.contains(uid);
      });
}

/// The messages that an account names as lost or set aside.
std::set<std::string> ScenarioRun::accounted_uids(const std::string& account) const {
  std::set<std::string> uids;
  const Value accounts = client_->observe();
  const Value* one = accounts.find(account);
  if (one == nullptr) return uids;
  const Value state = one->made();
  for (const char* key : {"lost", "set_aside"}) {
    const Value* names = state.find(key);
    if (names == nullptr) continue;
    const Value list = names->made();
    if (!list.is(Value::Kind::list)) continue;
    for (const Value& name : list.items())
      if (name.is(Value::Kind::text)) uids.insert(name.text());
  }
  return uids;
}

}  // namespace mailrig::scenarios
