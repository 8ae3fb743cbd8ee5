#include "scenarios/run/serve_run.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/settings.h"
#include "base/text.h"
#include "fakeservers/core/protocol.h"
#include "net/task.h"
#include "scenarios/judge/last_exchanges.h"
#include "scenarios/judge/verdict.h"
#include "scenarios/language/explain.h"
#include "scenarios/language/secrets_of.h"
#include "scenarios/run/observed.h"
#include "scenarios/run/replay_command.h"
#include "scenarios/run/summary.h"

namespace mailrig::scenarios {
namespace {

// Steps that wait for wall time are looked at this often; a person does not notice.
constexpr Duration look_every = 20ms;

std::uint64_t number(const Value& map, std::string_view key) { return SettingsReader(map).whole(key, 0); }

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  while (!line.empty()) {
    std::size_t start = line.find_first_not_of(" \t\r");
    if (start == std::string_view::npos) break;
    std::size_t end = line.find_first_of(" \t\r", start);
    words.push_back(line.substr(start, end - start));
    line.remove_prefix(std::min(end, line.size()));
  }
  return words;
}

std::optional<Verb> parse_verb(std::string_view word) {
  for (Verb verb : {Verb::deliver, Verb::lock, Verb::unlock, Verb::expire_password, Verb::set_password,
                    Verb::swap_certificate, Verb::refuse, Verb::accept, Verb::drop, Verb::pop_elsewhere, Verb::set})
    if (to_string(verb) == word) return verb;
  return std::nullopt;
}

/// What can be made up from names alone: nothing else of it needs to be said.
bool needs_names_only(Verb verb) {
  return verb == Verb::lock || verb == Verb::unlock || verb == Verb::expire_password || verb == Verb::refuse ||
         verb == Verb::accept || verb == Verb::drop;
}

/// What else can be looked at belongs to the client under test.
bool is_of_servers(const Expectation& expectation) { return expectation.path.segments().front().name == "servers"; }

bool has_mailbox(Verb verb) { return verb == Verb::lock || verb == Verb::unlock || verb == Verb::expire_password; }

}  // namespace

/// A client from outside keeps its own store: what it stores is not for us to judge.
class ServeRun::Blind final : public StoreView {
 public:
  std::uint64_t stored(std::string_view /*account*/, const Sha256::Digest& /*sum*/) override { return 1; }
  std::vector<Row> rows() override { return {}; }
  std::vector<Row> spoilt() override { return {}; }
};

ServeRun::ServeRun(const Scenario& scenario, World& world, std::uint64_t seed, std::vector<std::string> hosts)
    : scenario_(scenario),
      world_(world),
      seed_(seed),
      blind_(std::make_unique<Blind>()),
      invariants_(*blind_),
      events_(scenario, world.calendar, invariants_),
      servers_(scenario.servers, world, invariants_, events_, {.seed = seed, .extra_hosts = std::move(hosts)}),
      task_end_(world.loop) {}

ServeRun::~ServeRun() = default;

namespace {

/// What is of the simulated network alone: a client on a real socket would not meet it.
Status fits_sockets(const ServerSpec& spec) {
  const LinkSpec plain;
  std::string_view what;
  if (spec.silent)
    what = "silent";
  else if (spec.link.latency != plain.latency || spec.link.bytes_per_second != plain.bytes_per_second ||
           spec.link.split_at != plain.split_at)
    what = "link";
  else if (std::ranges::any_of(spec.addresses, [](AddressState state) { return state != AddressState::good; }))
    what = "addresses";
  if (what.empty()) return {};
  return Error{
      Errc::bad_input,
      fmt::format("server {}: \"{}\" is of the simulated network, and `serve` has real sockets only; take it out "
                  "of the file{}, or play the scenario by `mailrig run`",
                  spec.name, what,
                  what == "link" ? " (the faults \"delay\", \"drip\" and \"split_every\" are like it)" : "")};
}

}  // namespace

Status ServeRun::set_up(const ServerSet::Listen& listen) {
  for (const ServerSpec& spec : scenario_.servers)
    if (Status fits = fits_sockets(spec); !fits) return fits;
  start_ = world_.clock.now();
  began_ = world_.calendar.now();
  add_secrets(scenario_, world_.transcript.secrets());
  Status ready = servers_.set_up([&](const ServerSpec& spec) {
    Result<std::unique_ptr<Listener>> listener = listen(spec);
    if (listener) endpoints_[spec.name] = (*listener)->local();
    return listener;
  });
  if (!ready) return ready;
  for (const ServerSpec& spec : scenario_.servers) {
    if (spec.tls != TlsMode::starttls_required && spec.tls != TlsMode::implicit) continue;
    std::vector<Secret> secrets;
    const Value mailboxes = entry(spec.settings, "mailboxes");
    if (mailboxes.is(Value::Kind::map))
      for (const auto& [user, mailbox] : mailboxes.entries())
        secrets.push_back({SettingsReader(mailbox).text("password", ""), "the password of " + user});
    invariants_.guard(spec.name, secrets);
  }
  place_steps();
  world_.transcript.on_entry([this](const TranscriptEntry&) {
    if (stopped_ || looking_ || std::ranges::none_of(story_, [](const Entry& e) { return !e.done && e.step->after; }))
      return;
    looking_ = true;  // one look for all that happens before the loop comes round
    world_.loop.spawn([](ServeRun& serving) -> Task<void> {
      serving.looking_ = false;
      serving.run_due();
      co_return;
    }(*this));
  });
  run_due();
  return {};
}

void ServeRun::place_steps() {
  Duration offset{};
  bool after_client = false;
  // A story without client steps is all set-up: what it expects is what the client from outside does.
  const bool has_client =
      std::ranges::any_of(scenario_.steps, [](const Step& step) { return is_client_step(step.verb); });
  Entry::Follows follows = has_client ? Entry::Follows::set_up : Entry::Follows::client;
  for (const Step& step : scenario_.steps) {
    if (step.verb == Verb::advance) {
      offset += step.span;
      after_client = true;
      follows = Entry::Follows::span;
      for (Entry& entry : story_)
        if (entry.step->verb == Verb::expect && !entry.until) entry.until = offset;
      continue;
    }
    if (is_client_step(step.verb)) {
      after_client = true;
      follows = Entry::Follows::client;
      skipped_.push_back(fmt::format("{}: {} is a step of the client under test, which is yours here",
                                     to_string(SourcePlace(step.place)), to_string(step.verb)));
      continue;
    }
    for (const Expectation& expectation : step.expectations)
      if (!is_of_servers(expectation))
        skipped_.push_back(fmt::format("{}: {} is about the client under test, which is yours here",
                                       to_string(SourcePlace(expectation.place)), expectation.path.text()));
    for (const TemporalExpectation& expectation : step.temporal)
      if (expectation.asks_client())
        skipped_.push_back(fmt::format("{}: \"{}\" is about the client under test, which is yours here",
                                       to_string(SourcePlace(expectation.place)), name_of(expectation)));
    story_.push_back({&step, offset, after_client, follows});
    const bool is_event = step.verb != Verb::expect ? after_client || step.after : step.after.has_value();
    if (is_event) follows = Entry::Follows::step;
  }
}

std::vector<ServedServer> ServeRun::served() const {
  std::vector<ServedServer> served;
  for (const ServerSpec& spec : scenario_.servers) {
    ServedServer server{spec.name, std::string(spec.protocol->name), endpoints_.find(spec.name)->second, {}, {}};
    server.tls = spec.tls == TlsMode::implicit ? "implicit" : spec.tls == TlsMode::none ? "none" : "starttls";
    const Value mailboxes = entry(spec.settings, "mailboxes");
    if (mailboxes.is(Value::Kind::map))
      for (const auto& [user, mailbox] : mailboxes.entries())
        server.users.push_back({user, SettingsReader(mailbox).text("password", "")});
    served.push_back(std::move(server));
  }
  return served;
}

bool ServeRun::is_met(const After& after) const {
  const Value servers = servers_.observe();
  std::uint64_t sessions = 0, messages = 0, commands = 0;
  for (const auto& [name, lazy] : servers.entries()) {
    if (!after.server.empty() && after.server != name) continue;
    const Value server = lazy.made();
    commands += number(entry(server, "commands"), after.command);
    const Value list = entry(server, "sessions");
    if (list.is(Value::Kind::list))
      for (const Value& session : list.items()) sessions += entry(session.made(), "end") == Value("open") ? 0 : 1;
    const Value mailboxes = entry(server, "mailboxes");
    if (mailboxes.is(Value::Kind::map))
      for (const auto& [user, mailbox] : mailboxes.entries()) messages += number(mailbox.made(), "retrieved");
    const Value accepted = entry(server, "accepted");
    if (accepted.is(Value::Kind::list)) messages += accepted.items().size();
  }
  return (!after.command.empty() && commands >= after.nth) || (after.sessions > 0 && sessions >= after.sessions) ||
         (after.messages > 0 && messages >= after.messages);
}

bool ServeRun::is_due(const Entry& entry, Moment now) const {
  if (!entry.after_client && !entry.step->after) return true;
  if (entry.step->after) return is_met(*entry.step->after);
  return entry.offset > Duration::zero() && now - start_ >= entry.offset;
}

bool ServeRun::is_due_expectation(const Entry& entry, Duration passed) const {
  if (entry.step->after) return is_met(*entry.step->after);
  if (entry.follows == Entry::Follows::set_up) return true;
  const bool at_its_offset = entry.follows == Entry::Follows::span && passed >= entry.offset;
  return at_its_offset || (entry.until && passed >= *entry.until);
}

void ServeRun::run_due() {
  if (stopped_) return;
  // In the order of the story: a step that waits does not hold up one that is due by a condition of its own.
  for (std::size_t i = 0; i < story_.size(); ++i) {
    Entry& entry = story_[i];
    if (entry.done) continue;
    const Moment now = world_.clock.now();
    if (entry.step->verb == Verb::expect) {
      if (!is_due_expectation(entry, now - start_)) continue;
      judge_before(i);
      judge(entry);
    } else {
      if (!is_due(entry, now)) continue;
      judge_before(i);
      entry.done = true;
      run(*entry.step);
    }
    judge_what_follows(i);
  }
}

void ServeRun::run(const Step& step) {
  world_.transcript.add(world_.clock.now(), {}, TranscriptEntry::Who::rig,
                        fmt::format("step: {} {}", to_string(step.verb), step.server));
  Status done = servers_.change(step);
  if (done) return;
  Finding finding;
  finding.kind = Finding::Kind::error;
  finding.name = std::string(to_string(step.verb));
  finding.message = "this step could not be carried out: " + to_string(done.error());
  finding.place = step.place;
  findings_.push_back(std::move(finding));
}

/// What comes before this place in the story and waits for nothing of its own.
void ServeRun::judge_before(std::size_t index) {
  for (std::size_t i = 0; i < index; ++i) {
    Entry& entry = story_[i];
    if (entry.step->verb == Verb::expect && !entry.done && !entry.step->after) judge(entry);
  }
}

/// The expectations directly after this place, between which and it the client has nothing to do.
void ServeRun::judge_what_follows(std::size_t index) {
  for (std::size_t i = index + 1; i < story_.size(); ++i) {
    Entry& entry = story_[i];
    if (entry.step->verb != Verb::expect || entry.step->after || entry.follows != Entry::Follows::step ||
        entry.offset != story_[index].offset)
      return;
    if (!entry.done) judge(entry);
  }
}

void ServeRun::judge(Entry& entry) {
  entry.done = true;
  judge(*entry.step);
}

void ServeRun::judge(const Step& step) {
  Value root = Value::map();
  root.set("servers", with_dialogues(servers_.observe(), began_));
  ObservedTree seen(std::move(root));
  for (const Expectation& expectation : step.expectations) {
    if (!is_of_servers(expectation)) continue;
    const CheckResult judgement = seen.judge(expectation.path, expectation.condition);
    if (judgement.held) continue;
    Finding finding;
    finding.kind = judgement.unknown_path ? Finding::Kind::error : Finding::Kind::expectation;
    finding.level = judgement.unknown_path ? Level::must : expectation.level;
    finding.name = expectation.path.text();
    finding.message = step.why;
    finding.expected = judgement.expected;
    finding.actual = judgement.actual;
    finding.place = expectation.value_place;
    world_.transcript.keep_around(Transcript::Reason::finding);
    finding.last_exchanges = last_exchanges(world_.transcript, servers_of(expectation, scenario_));
    finding.nearest_rule = servers_.nearest_rule();
    findings_.push_back(std::move(finding));
  }
  for (const TemporalExpectation& expectation : step.temporal) {
    if (expectation.asks_client()) continue;
    std::optional<Finding> finding = finding_of(expectation, events_, world_.calendar.now(), began_, step.why);
    if (!finding) continue;
    world_.transcript.keep_around(Transcript::Reason::finding);
    finding->last_exchanges = last_exchanges(world_.transcript, servers_of(expectation, scenario_));
    finding->nearest_rule = servers_.nearest_rule();
    findings_.push_back(std::move(*finding));
  }
}

Task<void> ServeRun::follow_story() {
  auto waits_for_time = [](const Entry& entry) {
    if (entry.done || entry.step->after) return false;
    return entry.offset > Duration::zero() || entry.until;
  };
  while (std::ranges::any_of(story_, waits_for_time)) {
    co_await world_.clock.sleep_until(world_.clock.now() + look_every);
    run_due();
  }
}

bool ServeRun::names(const Step& step, std::string_view word) {
  if (step.server == word) return true;
  const SettingsReader read(step.arguments);
  return read.text("mailbox", "") == word || read.text("how", "") == word;
}

std::optional<Step> ServeRun::made_up(const std::vector<std::string_view>& words) const {
  const std::optional<Verb> verb = parse_verb(words.front());
  if (!verb || !needs_names_only(*verb)) return std::nullopt;
  Step step;
  step.verb = *verb;
  step.arguments = Value::map();
  step.refusal.all = *verb == Verb::refuse;
  for (std::size_t i = 1; i < words.size(); ++i) {
    const std::string word(words[i]);
    if (scenario_.find_server(word) != nullptr) {
      step.server = word;
      continue;
    }
    bool known = false;
    for (const ServerSpec& spec : scenario_.servers) {
      if (entry(entry(spec.settings, "mailboxes"), word).is_null()) continue;
      step.arguments.set("mailbox", word);
      if (step.server.empty()) step.server = spec.name;
      known = true;
    }
    if (!known && *verb == Verb::lock)
      step.arguments.set("how", word);
    else if (!known)
      return std::nullopt;
  }
  if (step.server.empty() && scenario_.servers.size() == 1) step.server = scenario_.servers.front().name;
  if (step.server.empty() || (has_mailbox(*verb) && step.arguments.find("mailbox") == nullptr)) {
    const ServerSpec* spec = scenario_.find_server(step.server);
    const Value mailboxes = spec == nullptr ? Value() : entry(spec->settings, "mailboxes");
    if (!mailboxes.is(Value::Kind::map) || mailboxes.entries().size() != 1) return std::nullopt;
    step.arguments.set("mailbox", mailboxes.entries().front().first);
  }
  step.arguments.set("server", step.server);
  return step;
}

std::string ServeRun::on_line(std::string_view line) {
  const std::vector<std::string_view> words = words_of(line);
  if (words.empty()) return {};
  for (std::size_t i = 0; i < story_.size(); ++i) {
    Entry& entry = story_[i];
    if (entry.done || entry.step->verb == Verb::expect || to_string(entry.step->verb) != words.front()) continue;
    if (!std::all_of(words.begin() + 1, words.end(), [&](std::string_view word) { return names(*entry.step, word); }))
      continue;
    judge_before(i);
    judge_before(i);
    entry.done = true;
    run(*entry.step);
    judge_what_follows(i);
    return fmt::format("done: {} of {}", words.front(), to_string(SourcePlace(entry.step->place)));
  }
  const std::optional<Step> step = made_up(words);
  if (!step)
    return fmt::format(
        "\"{}\" is no step that waits in this story, and cannot be made up; write a verb and names, for example: lock "
        "anna, unlock anna, "
        "expire_password anna, refuse isp, accept isp, drop isp",
        printable(line));
  Status done = servers_.change(*step);
  if (!done) return fmt::format("not done: {}", done.error().message);
  world_.transcript.add(world_.clock.now(), {}, TranscriptEntry::Who::rig,
                        fmt::format("typed: {} {}", to_string(step->verb), step->server));
  return fmt::format("done: {} on {}", words.front(), step->server);
}

void ServeRun::stop() {
  stopped_ = true;  // that connections end now is no event of the story
  servers_.stop();
  world_.loop.abandon();
}

void ServeRun::miss_what_waits() {
  auto miss = [&](const Step& step, Level level, std::string name, std::string expected) {
    Finding finding;
    finding.kind = Finding::Kind::expectation;
    finding.level = level;
    finding.name = std::move(name);
    finding.message = step.why;
    finding.expected = std::move(expected);
    finding.actual = "not judged: what \"after\" names did not happen";
    finding.place = step.place;
    findings_.push_back(std::move(finding));
  };
  for (const Entry& entry : story_) {
    if (entry.done || entry.step->verb != Verb::expect) continue;
    for (const Expectation& expectation : entry.step->expectations)
      if (is_of_servers(expectation))
        miss(*entry.step, expectation.level, expectation.path.text(), describe(expectation.condition));
    for (const TemporalExpectation& expectation : entry.step->temporal)
      if (!expectation.asks_client()) miss(*entry.step, expectation.level, name_of(expectation), name_of(expectation));
  }
}

Outcome ServeRun::finish() {
  run_due();
  judge_before(story_.size());
  miss_what_waits();
  Outcome outcome;
  outcome.id = scenario_.id;
  outcome.title = scenario_.title;
  outcome.why = scenario_.why;
  outcome.file = scenario_.file;
  outcome.tags = scenario_.tags;
  outcome.covers = scenario_.covers;
  outcome.story = story(scenario_);
  outcome.world = WorldKind::net;
  outcome.seed = seed_;
  outcome.closing = servers_.closing();
  outcome.findings = std::move(findings_);
  for (Finding& finding : invariants_.take_findings()) outcome.findings.push_back(std::move(finding));
  for (Finding& finding : servers_.unfired_rules()) outcome.findings.push_back(std::move(finding));
  outcome.notes = servers_.notes();
  for (std::size_t i = 0; i < skipped_.size(); ++i) outcome.notes[fmt::format("skipped {}", i + 1)] = skipped_[i];
  settle_verdict(outcome, scenario_.known_failure);
  outcome.transcript = world_.transcript.entries();
  outcome.transcript_gaps = world_.transcript.gaps();
  outcome.took = world_.clock.now() - start_;
  // The program's own demo has no file, and is served without one.
  outcome.replay = "mailrig serve";
  if (!scenario_.file.starts_with('('))
    outcome.replay += fmt::format(" {} --filter {}", file_word(scenario_.file), shell_word(scenario_.id));
  outcome.replay += fmt::format(" --seed {}", seed_);
  outcome.replay += more_options_;
  mask_secrets(outcome, world_.transcript.secrets());
  return outcome;
}

}  // namespace mailrig::scenarios
