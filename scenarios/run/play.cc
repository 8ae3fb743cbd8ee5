#include "scenarios/run/play.h"

#include <fmt/format.h>

#include "base/settings.h"
#include "net/task.h"
#include "scenarios/judge/last_exchanges.h"

namespace mailrig::scenarios {
namespace {

// An account that is due again and again without the calendar moving goes round; a real one has one reason or two.
constexpr int rounds_at_one_instant_max = 100;

class Player {
 public:
  Player(ScenarioRun& stage, std::vector<Finding>& findings) : stage_(stage), findings_(findings) {}

  Task<void> play() {
    for (const Step& step : stage_.scenario().steps) {
      Status done = co_await carry_out(step);
      if (done) continue;
      findings_.push_back(could_not(step, done.error()));
      co_return;
    }
  }

 private:
  Task<Status> carry_out(const Step& step) {
    tell(step);
    switch (step.verb) {
      case Verb::advance: {
        Status done = co_await advance(step);
        co_return done;
      }
      case Verb::poll: {
        Status done = co_await stage_.client().poll_all(step.accounts);
        co_return done;
      }
      case Verb::send: {
        Status done = co_await stage_.client().send(step.accounts.front(), step.arguments);
        co_return done;
      }
      case Verb::insert: {
        const SettingsReader read(step.arguments);
        client::CrmPersonEntry entry{.module = read.text("module", "Leads"),
                                     .address = read.text("email", ""),
                                     .name = read.text("name", ""),
                                     .company = read.text("company", "")};
        Status done = co_await stage_.client().add_person(step.accounts.front(), std::move(entry));
        co_return done;
      }
      case Verb::add_note: {
        const SettingsReader read(step.arguments);
        client::CrmNoteEntry entry{
            .address = read.text("email", ""), .title = read.text("title", ""), .content = read.text("content", "")};
        Status done = co_await stage_.client().add_note(step.accounts.front(), std::move(entry));
        co_return done;
      }
      case Verb::edit: {
        Result<client::AccountSettings> settings = stage_.edited(step);
        if (!settings) co_return settings.error();
        Status done = co_await stage_.client().edit_account(std::move(*settings));
        stage_.renew_guards();
        co_return done;
      }
      case Verb::restart: co_return stage_.restart_client();
      case Verb::expect: expect(step); co_return Status{};
      default: co_return stage_.servers().change(step);
    }
  }

  /// From one thing that is due to the next, in order, up to the end of the span.
  Task<Status> advance(const Step& step) {
    Calendar& calendar = stage_.world().calendar;
    const Instant end = calendar.now() + step.span;
    int rounds = 0;
    for (;;) {
      const std::optional<Instant> due = stage_.client().next_due();
      if (!due || *due > end) break;
      rounds = *due > calendar.now() ? 0 : rounds + 1;
      if (rounds > rounds_at_one_instant_max)
        co_return Error{Errc::internal, "the client is due again and again at " + format_instant(*due)};
      co_await calendar.move_to(*due);
      co_await stage_.client().poll_due();
    }
    co_await calendar.move_to(end);
    co_return Status{};
  }

  void expect(const Step& step) {
    ObservedTree seen(stage_.observe());
    for (const Expectation& expectation : step.expectations) {
      const CheckResult judgement = seen.judge(expectation.path, expectation.condition);
      if (judgement.held) continue;
      Finding finding;
      finding.kind = judgement.unknown_path ? Finding::Kind::error : Finding::Kind::expectation;
      finding.level = judgement.unknown_path ? Level::must : expectation.level;
      finding.name = expectation.path.text();
      finding.message = step.why;
      finding.expected = judgement.expected;
      finding.actual = judgement.actual;
      finding.place = judgement.unknown_path ? expectation.place : expectation.value_place;
      finish(finding, servers_of(expectation, stage_.scenario()));
      findings_.push_back(std::move(finding));
    }
    const World& world = stage_.world();
    for (const TemporalExpectation& expectation : step.temporal) {
      std::optional<Finding> finding =
          finding_of(expectation, stage_.events(), world.calendar.now(), stage_.scenario().clock, step.why);
      if (!finding) continue;
      finish(*finding, servers_of(expectation, stage_.scenario()));
      findings_.push_back(std::move(*finding));
    }
  }

  Finding could_not(const Step& step, const Error& error) {
    Finding finding;
    finding.kind = Finding::Kind::error;
    finding.name = std::string(to_string(step.verb));
    finding.message = fmt::format("this step could not be carried out: {}", to_string(error));
    finding.place = step.place;
    finish(finding, {});
    return finding;
  }

  void finish(Finding& finding, const std::vector<std::string>& servers) {
    stage_.world().transcript.keep_around(Transcript::Reason::finding);
    finding.last_exchanges = last_exchanges(stage_.world().transcript, servers);
    finding.nearest_rule = stage_.servers().nearest_rule();
  }

  void tell(const Step& step) {
    // Expectations leave no trace: what is looked at must not change what is seen.
    if (step.verb == Verb::expect) return;
    std::string text = fmt::format("step: {}", to_string(step.verb));
    if (step.verb == Verb::advance) text += ' ' + format_duration(step.span);
    for (const std::string& account : step.accounts) text += ' ' + account;
    if (!step.server.empty()) text += ' ' + step.server;
    stage_.world().transcript.add(stage_.world().clock.now(), {}, TranscriptEntry::Who::rig, std::move(text));
  }

  ScenarioRun& stage_;
  std::vector<Finding>& findings_;
};

}  // namespace

Task<void> play(ScenarioRun& stage, std::vector<Finding>& findings) {
  Player player(stage, findings);
  co_await player.play();
}

}  // namespace mailrig::scenarios
