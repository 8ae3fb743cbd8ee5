#include "reports/testing/samples.h"

#include <fmt/format.h>

namespace mailrig::reports::testing {
namespace {

using Who = TranscriptEntry::Who;
using Clock = Latency::Clock;

Outcome queue_full() {
  Outcome outcome;
  outcome.id = "gmail/queue-full-until-delete";
  outcome.title = "Gmail stops serving mail once its POP queue is full, until the client deletes from the queue";
  outcome.why = "Guide, 'Delete Mails from Server - GApps behavior'";
  outcome.file = "scenarios/suite/gmail/queue-full-until-delete.json";
  outcome.tags = {"gmail", "quota"};
  outcome.covers = {"guide/gapps-delete-from-server", "rfc1939/5-DELE"};
  outcome.story = {"advance 1d", "expect accounts.work.state: queue-full, accounts.work.stored: 300",
                   "edit work: leave_on_server false", "advance 3d"};
  outcome.verdict = Verdict::fail;
  outcome.closing = Closing::unclean;
  outcome.hint = "Look at how the client infers queue-full from a listing without new messages.";
  outcome.seed = 18446744073709551615U;
  outcome.digest = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
  outcome.took = 3'127'418ns;
  outcome.replay = "mailrig run scenarios/suite/gmail/queue-full-until-delete.json --world sim --seed 42";

  Finding stored;
  stored.name = "accounts.work.stored";
  stored.message = "After the queue was full the client went on storing.";
  stored.expected = "300";
  stored.actual = "312";
  stored.place = {
      .file = outcome.file,
      .line = 14,
      .column = 57,
      .source_line = R"(    { "expect": { "accounts.work.state": "queue-full",  "accounts.work.stored": 300 } },)",
      .row = ""};
  stored.last_exchanges = {"+86400.001s gmail#96 C: STAT", "+86400.002s gmail#96 S: +OK 300 1843200",
                           "+86400.003s gmail#96 C: QUIT"};
  stored.nearest_rule = "fault 1 of gmail (on RETR, nth 301): the nearest exchange was RETR number 300";
  Finding unclean;
  unclean.kind = Finding::Kind::invariant;
  unclean.level = Level::should;
  unclean.name = "orderly-end";
  unclean.message = "gmail#97 ended without QUIT.";
  outcome.findings = {stored, unclean};

  outcome.transcript = {
      {0ns, "", Who::rig, "step 1: advance 1d"},
      {1ms, "gmail#1", Who::client, "connect 993"},
      {41ms, "gmail#1", Who::server, "+OK Gpop ready"},
      {41'500us, "gmail#1", Who::client, "PASS <password>"},
      {86'400s, "", Who::rig, "step 2: expect accounts.work.stored: 300"},
  };
  outcome.latencies["connect"] = {Clock::virtual_time, spans({40ms})};
  outcome.latencies["retrieve"] = {Clock::virtual_time, spans({1ms, 2ms, 3ms, 4ms, 5ms, 6ms, 7ms, 8ms, 9ms, 40ms})};
  outcome.notes["gmail"] = "STAT was asked 96 times";
  outcome.accounts["home"] = {.state = "ok", .message = ""};
  outcome.accounts["work"] = {.state = "queue-full", .message = "Gmail serves no more mail until some is deleted."};
  return outcome;
}

Outcome small(std::string id, Verdict verdict, WorldKind world, std::string reason) {
  Outcome outcome;
  outcome.id = std::move(id);
  outcome.title = "A small story about " + outcome.id;
  outcome.file = "scenarios/suite/" + outcome.id + ".json";
  outcome.world = world;
  outcome.verdict = verdict;
  outcome.reason = std::move(reason);
  outcome.seed = 7;
  if (world == WorldKind::sim) outcome.digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
  outcome.took = 12ms;
  outcome.replay = fmt::format("mailrig run {} --world {} --seed 42", outcome.file, to_string(world));
  return outcome;
}

Finding finding(Finding::Kind kind, Level level, std::string name, std::string message) {
  Finding one;
  one.kind = kind;
  one.level = level;
  one.name = std::move(name);
  one.message = std::move(message);
  return one;
}

}  // namespace

Histogram spans(std::initializer_list<Duration> values) {
  Histogram histogram;
  for (Duration value : values) histogram.add(value);
  return histogram;
}

RunOutcome empty_run() {
  RunOutcome run;
  run.version = "0.1.0";
  run.seed = 42;
  run.took = 1ms;
  return run;
}

RunOutcome all_verdicts_run() {
  RunOutcome run = empty_run();
  run.took = 1'440ms;

  Outcome quit = small("pop3/quit", Verdict::pass, WorldKind::sim, "");
  quit.tags = {"pop3"};
  Finding tidy = finding(Finding::Kind::expectation, Level::info, "servers.isp.commands.NOOP", "The client sent NOOP.");
  tidy.expected = "0";
  tidy.actual = "1";
  tidy.place = {
      .file = quit.file, .line = 9, .column = 5, .source_line = "    { \"expect\": 0 }", .row = "row 2 of table"};
  quit.findings = {tidy};
  Outcome quit_again = small("pop3/quit", Verdict::pass, WorldKind::net, "");
  quit_again.repeat = 1;
  quit_again.latencies["quit"] = {Clock::wall, spans({250us})};
  Outcome port =
      small("smtp/port-taken", Verdict::error, WorldKind::net, "port 2525 is taken; free it or leave the port out");
  port.findings = {finding(Finding::Kind::error, Level::must, "environment", "Port 2525 is taken.")};
  Outcome stuck = small("crm/never-answers", Verdict::hang, WorldKind::sim, "");
  stuck.closing = Closing::timed_out;
  stuck.findings = {
      finding(Finding::Kind::hang, Level::must, "calendar", "crm#2 waited for a reply to search since +12.000s.")};
  Outcome skipped = small("pop3/drip", Verdict::skipped, WorldKind::net, "sim-only: drips for an hour");
  Outcome lax = small("pop3/capa", Verdict::non_strict, WorldKind::sim, "");
  lax.findings = {
      finding(Finding::Kind::expectation, Level::should, "servers.isp.commands.CAPA", "CAPA was not asked.")};
  lax.findings[0].expected = "1";
  lax.findings[0].actual = "";
  Outcome known = small("exchange/reads-on-top", Verdict::known, WorldKind::sim, "TOP is not used yet");
  known.closing = Closing::aborted;
  known.findings = {
      finding(Finding::Kind::expectation, Level::must, "servers.ex.read", "One message was marked read.")};
  run.scenarios = {queue_full(), quit, quit_again, port, stuck, skipped, lax, known};

  run.thresholds = {{"retrieve.p90<50ms", true, "9ms over 10 values (virtual)"},
                    {"wall.quit.max<=100us", false, "250us over 1 value (wall)"}};
  Finding invalid = finding(Finding::Kind::error, Level::must, "unknown key", "Unknown key \"pasword\".");
  invalid.expected = "\"password\"";
  invalid.actual = "\"pasword\"";
  invalid.place = {.file = "scenarios/suite/pop3/typo.json",
                   .line = 3,
                   .column = 24,
                   .source_line = "  \"accounts\": { \"é\": { \"pasword\": \"x\" } },",
                   .row = ""};
  run.invalid_files = {invalid};
  run.warnings = {"scenarios/suite/pop3/quit.json:7:5: fault 2 of isp never fired"};
  return run;
}

RunOutcome hostile_run() {
  using namespace std::string_literals;
  RunOutcome run = empty_run();
  const std::string evil =
      "\0\x1b[2J\r\n]]></script><!--<img src=x onerror=alert(1)>&amp;'\"\t\xff\xed\xa0\x80\xef\xbf\xbf\xc2\x85 \u2028 é"s;
  run.version = evil;
  Outcome outcome;
  outcome.id = "evil/" + evil;
  outcome.title = outcome.why = outcome.file = outcome.reason = outcome.replay = outcome.hint = evil;
  outcome.tags = outcome.covers = outcome.story = {evil};
  outcome.verdict = Verdict::fail;
  outcome.digest = evil;
  Finding one = finding(Finding::Kind::expectation, Level::must, evil, evil);
  one.expected = one.actual = one.nearest_rule = evil;
  one.last_exchanges = {evil};
  one.place = {.file = evil, .line = 1, .column = 2, .source_line = evil, .row = evil};
  outcome.findings = {one};
  outcome.transcript = {{1us, evil, Who::server, evil}, {2us, "", Who::rig, evil}};
  outcome.latencies[evil] = {Clock::wall, spans({1ms})};
  outcome.notes[evil] = evil;
  run.scenarios = {outcome};
  for (Verdict verdict : {Verdict::error, Verdict::skipped, Verdict::known, Verdict::non_strict}) {
    outcome.verdict = verdict;
    run.scenarios.push_back(outcome);
  }
  run.thresholds = {{evil, false, evil}};
  run.invalid_files = {one};
  run.warnings = {evil};
  return run;
}

RunOutcome long_story_run() {
  RunOutcome run = empty_run();
  run.seed = 9'007'199'254'740'993U;  // 2^53 + 1: no double holds it
  run.strict = true;
  Outcome outcome = small("import/five-days", Verdict::non_strict, WorldKind::sim, "");
  outcome.findings = {finding(Finding::Kind::expectation, Level::should, "latency.retrieve.p90", "Slower than asked.")};
  outcome.transcript = {
      {0ns, "", Who::rig, "step 1: poll home, work"},
      {1ms, "isp#1", Who::client, "connect"},
      {2ms, "gmail#1", Who::client, "connect"},
      {3ms, "isp#1", Who::server, "+OK ready"},
      {4ms, "gmail#1", Who::rig, "fault 1: delay 2s before the greeting"},
      {2'004ms, "gmail#1", Who::server, "+OK Gpop ready"},
      {400'000s, "isp#480", Who::client, "QUIT"},
      {400'000s + 1ns, "isp#480", Who::server, "+OK bye"},
  };
  outcome.transcript_gaps = {{.after = 3, .elided = 2'001}, {.after = 6, .elided = 94'000}};
  Histogram many;
  for (int i = 1; i <= 200; ++i) many.add(i * 100us);
  outcome.latencies["retrieve"] = {Clock::virtual_time, many};
  outcome.latencies["tls"] = {Clock::virtual_time, spans({1'500ns, 1ms, 2ms, 3ms, 4ms, 5ms, 6ms, 7ms, 8ms})};
  Outcome other = small("import/five-days", Verdict::pass, WorldKind::net, "");
  other.latencies["retrieve"] = {Clock::wall, spans({11us, 12us})};
  run.scenarios = {outcome, other};
  run.took = 125s;
  return run;
}

}  // namespace mailrig::reports::testing
