#include <fmt/ostream.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <thread>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/reports.h"
#include "cli/run/accepted.h"
#include "cli/run/batch.h"
#include "cli/run/invalid_files.h"
#include "cli/run/scenario_files.h"
#include "cli/stop_request.h"
#include "cli/version.h"
#include "reports/summary.h"
#include "reports/terminal.h"
#include "reports/threshold.h"
#include "scenarios/run/replay_command.h"

namespace mailrig::cli {
namespace {

struct RunArguments {
  std::vector<std::string> paths = {};
  std::string world = "sim";
  std::uint64_t seed = 1;
  unsigned jobs = 0;
  std::vector<std::string> filters = {};
  std::vector<std::string> tags = {};
  unsigned repeat = 1;
  bool fail_fast = false;
  bool strict = false;
  bool quiet = false;
  bool verbose = false;
  bool no_color = false;
  std::size_t transcript_max = Transcript::kept_default;
  std::string timeout = "60s";
  std::vector<std::string> thresholds = {};
  std::string accepted = {};
  ReportPaths reports = {};
};

/// What the terminal is told while scenarios run: one line that is written again, or one line a scenario where nobody
/// watches.
class Reporter {
 public:
  Reporter(Program& program, const RunArguments& arguments, std::size_t total)
      : program_(program), quiet_(arguments.quiet) {
    progress_.total = total;
    strict_ = arguments.strict;
    // A dumb terminal obeys no escape sequence, neither a colour nor the one that wipes a line.
    const bool dumb = program.variable("TERM") == "dumb";
    // https://no-color.org: set and not empty
    const bool plain = dumb || arguments.no_color || !program.variable("NO_COLOR").empty();
    live_ = isatty(STDERR_FILENO) != 0 && !dumb && !quiet_;
    style_.colour = isatty(STDOUT_FILENO) != 0 && !plain;
    style_.verbose = arguments.verbose;
    winsize size{};
    if (live_ && ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) columns_ = size.ws_col;
  }

  void begin(const Job& job) {
    running_ = job.scenario->id;
    progress_.running = running_;
    draw();
  }

  void tell(const Outcome& outcome) {
    ++progress_.counts[outcome.verdict];
    wipe();
    const std::string findings = reports::findings_text(outcome, style_);
    // With a live line only what needs attention stays, with --quiet only what fails; else every scenario has its line.
    if (quiet_ ? is_failure(outcome.verdict, strict_) : !live_ || !findings.empty())
      fmt::print(program_.out, "{}{}", reports::progress_line(outcome, style_), findings);
    program_.out.flush();  // who reads a pipe sees each scenario when it is done
    draw();
  }

  void end() { wipe(); }
  const reports::Style& style() const { return style_; }

 private:
  void draw() {
    if (live_) fmt::print(program_.err, "{}", reports::live_line(progress_, columns_, style_)), program_.err.flush();
  }
  void wipe() {
    if (live_) fmt::print(program_.err, "{}", reports::live_line_end), program_.err.flush();
  }

  Program& program_;
  reports::Progress progress_;
  std::string running_;
  reports::Style style_;
  std::size_t columns_ = 80;
  bool live_ = false;
  bool quiet_ = false;
  bool strict_ = false;
};

/// The options that decide what a scenario comes to, for the command that plays it again.
std::string replayed_options(const RunArguments& arguments) {
  std::string options;
  if (arguments.strict) options += " --strict";
  if (arguments.timeout != RunArguments().timeout)
    options += fmt::format(" --timeout {}", scenarios::shell_word(arguments.timeout));
  return options;
}

ExitCode run(const RunArguments& arguments, Program& program) {
  const Result<Duration> timeout = parse_duration(arguments.timeout);
  if (!timeout) {
    fmt::print(program.err, "mailrig run: --timeout: {}\n", timeout.error().message);
    return ExitCode::usage;
  }
  std::vector<reports::ThresholdRule> rules;
  for (const std::string& text : arguments.thresholds) {
    Result<reports::ThresholdRule> rule = reports::parse_threshold(text);
    if (!rule) {
      fmt::print(program.err, "mailrig run: --threshold: {}\n", rule.error().message);
      return ExitCode::usage;
    }
    rules.push_back(std::move(*rule));
  }

  const AcceptedFolder accepted(arguments.accepted);
  if (!arguments.accepted.empty()) {
    if (Status ready = accepted.prepare(); !ready) {
      fmt::print(program.err, "mailrig run: {}\n", ready.error().message);
      return ExitCode::environment;
    }
  }

  const StopRequest stop;  // from here on a signal ends what is under way, and the reports are written
  Selection selection = select_scenarios(arguments.paths, {.filters = arguments.filters, .tags = arguments.tags});
  RunOutcome outcome;
  outcome.version = version();
  outcome.seed = arguments.seed;
  outcome.strict = arguments.strict;
  outcome.invalid_files = std::move(selection.invalid_files);
  outcome.warnings = std::move(selection.warnings);

  std::vector<Job> jobs;
  for (const scenarios::Scenario& scenario : selection.scenarios)
    for (unsigned repeat = 0; repeat < arguments.repeat; ++repeat)
      for (WorldKind world : {WorldKind::sim, WorldKind::net})
        if (arguments.world == "both" || arguments.world == to_string(world))
          jobs.push_back({&scenario, world, repeat});

  Reporter reporter(program, arguments, jobs.size());
  BatchOptions options;
  options.processes = arguments.jobs > 0 ? arguments.jobs : std::max(1U, std::thread::hardware_concurrency());
  options.fail_fast = arguments.fail_fast;
  options.strict = arguments.strict;
  options.timeout = *timeout;
  options.run.seed = arguments.seed;
  options.run.transcript_max = arguments.transcript_max;
  options.run.more_options = replayed_options(arguments);
  options.stop = stop.descriptor();
  options.run.scratch_folder = program.variable("TMPDIR", "/tmp");
  if (!arguments.accepted.empty())
    options.keep_accepted = [&](const Job& job, const scenarios::ServerSet& servers) {
      // One folder a scenario, and within it one for each world and round where there are several.
      std::string id = job.scenario->id;
      if (arguments.world == "both" || arguments.repeat > 1)
        id += fmt::format("/{}-{}", to_string(job.world), job.repeat + 1);
      return accepted.keep(id, servers);
    };
  options.on_begin = [&](const Job& job) { reporter.begin(job); };
  options.on_outcome = [&](const Outcome& done) { reporter.tell(done); };
  // A pipe that is closed (`| head -1`) or a full disk: nothing that is still played would be read.
  options.is_over = [&] { return !program.out; };
  const auto start = std::chrono::steady_clock::now();
  program.out.flush();
  outcome.scenarios = run_batch(jobs, options);
  if ((stop.signal() != 0 || !program.out) && outcome.scenarios.size() < jobs.size())
    outcome.incomplete =
        fmt::format("ended by {} after {} of {} scenarios; those under way are not in the report",
                    stop.signal() != 0 ? signal_name(stop.signal()) : "standard output that cannot be written any more",
                    outcome.scenarios.size(), jobs.size());
  outcome.took = std::chrono::steady_clock::now() - start;
  reporter.end();
  for (const reports::ThresholdRule& rule : rules) outcome.thresholds.push_back(reports::judge(rule, outcome));
  for (const Finding& invalid : outcome.invalid_files)
    fmt::print(program.err, "{}", reports::invalid_file_text(invalid, reporter.style()));
  fmt::print(program.out, "{}", reports::summary_text(outcome, reporter.style()));
  program.out.flush();

  ExitCode code = ExitCode::done;
  if (jobs.empty() && outcome.invalid_files.empty()) {
    fmt::print(program.err, "mailrig run: {}\n", escape_controls(selection.why_empty));
    code = ExitCode::usage;
  }
  code = worse(code, exit_code_of_invalid(outcome.invalid_files));
  for (const Outcome& done : outcome.scenarios) {
    if (done.verdict == Verdict::error)
      code = worse(code, ExitCode::environment);
    else if (is_failure(done.verdict, arguments.strict))
      code = worse(code, ExitCode::failed);
  }
  for (const Threshold& threshold : outcome.thresholds)
    if (!threshold.held) code = worse(code, ExitCode::threshold);
  if (stop.signal() != 0 && !outcome.incomplete.empty()) code = worse(code, exit_code_of_signal(stop.signal()));
  const bool written = write_reports(program, "run", arguments.reports, outcome);
  return written ? code : worse(code, ExitCode::environment);
}

}  // namespace

void add_run(CLI::App& app, Program& program) {
  auto arguments = std::make_shared<RunArguments>();
  CLI::App* command = app.add_subcommand("run", "Play scenarios against the client and judge them");
  command->add_option("PATH", arguments->paths, "Scenario files, or folders of them; without any the bundled suite");
  command->add_option("--world", arguments->world, "Virtual time in memory, real sockets on loopback, or both")
      ->check(CLI::IsMember({"sim", "net", "both"}))
      ->capture_default_str();
  command->add_option("--seed", arguments->seed, "All chance comes from it: same seed, same bytes")
      ->capture_default_str();
  command->add_option("--jobs", arguments->jobs, "Scenarios at one time; 0: one a processor")->capture_default_str();
  command->add_option("--filter", arguments->filters, "Ids to run: an id, or a pattern with * and ?");
  command->add_option("--tag", arguments->tags, "Only scenarios that carry this tag");
  command->add_option("--repeat", arguments->repeat, "So many rounds, each with a seed of its own")
      ->check(CLI::Range(1U, 1'000'000U))
      ->capture_default_str();
  command->add_flag("--fail-fast", arguments->fail_fast, "Begin nothing new after the first failure");
  command->add_flag("--strict", arguments->strict, "A SHOULD that breaks fails the run");
  command->add_option("--timeout", arguments->timeout, "Real time of one scenario before it counts as hanging")
      ->capture_default_str();
  command->add_flag("--quiet", arguments->quiet, "Print only what fails, and the totals with the seed");
  command->add_flag("--verbose", arguments->verbose, "Print the latencies of every step at the end");
  command->add_flag("--no-color", arguments->no_color, "No colours, as with NO_COLOR or TERM=dumb");
  command
      ->add_option("--transcript-max", arguments->transcript_max,
                   "Entries of a transcript that a report keeps: the first, the last, and those around findings and "
                   "faults")
      ->capture_default_str();
  command->add_option("--threshold", arguments->thresholds, "A limit on a latency, such as 'retrieve.p90<50ms'");
  command->add_option("--accepted", arguments->accepted,
                      "Write each message that an SMTP server accepted to DIR/SCENARIO/SERVER/1.eml, 2.eml ...");
  command->add_option("--json", arguments->reports.json, "Write the report for programs to this file");
  command->add_option("--junit", arguments->reports.junit, "Write the report for CI servers to this file");
  command->add_option("--html", arguments->reports.html, "Write the report for people to this file");
  command->callback(
      [arguments, &program] { program.run = [arguments, &program] { return run(*arguments, program); }; });
}

}  // namespace mailrig::cli
