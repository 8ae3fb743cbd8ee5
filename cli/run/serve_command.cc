#include <fcntl.h>
#include <fmt/ostream.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/demo_story.h"
#include "cli/files.h"
#include "cli/reports.h"
#include "cli/run/accepted.h"
#include "cli/run/invalid_files.h"
#include "cli/run/scenario_files.h"
#include "cli/temporary.h"
#include "cli/version.h"
#include "net/asio/asio_loop.h"
#include "net/asio/asio_network.h"
#include "net/asio/process_events.h"
#include "net/asio/wall_calendar.h"
#include "net/task.h"
#include "reports/summary.h"
#include "reports/terminal.h"
#include "scenarios/run/replay_command.h"
#include "scenarios/run/serve_run.h"

namespace mailrig::cli {
namespace {

struct ServeArguments {
  std::string scenario = {};
  std::vector<std::string> filters = {};
  std::string host = "127.0.0.1";
  std::vector<std::string> names = {};
  std::vector<std::string> ports = {};
  std::string ready_file = {};
  std::string transcript = {};
  std::string accepted = {};
  ReportPaths reports = {};
  std::uint64_t seed = 1;
  bool strict = false;
  std::string timeout = {};  // empty: until a signal
};

/// What every certificate is for, besides the server's own host: the names of this machine for itself, the address that
/// it listens on, and those that were asked for.
std::vector<std::string> certificate_names(const ServeArguments& arguments) {
  std::vector<std::string> names{"localhost", "127.0.0.1", "::1"};
  const auto add = [&names](const std::string& name) {
    if (std::ranges::find(names, name) == names.end()) names.push_back(name);
  };
  if (arguments.host != "0.0.0.0" && arguments.host != "::") add(arguments.host);
  for (const std::string& name : arguments.names) add(name);
  return names;
}

/// Whole or not at all: who waits for the file never reads half of it.
bool write_whole(const std::string& path, const std::string& text) {
  std::error_code missing;
  const std::filesystem::file_type there = std::filesystem::status(path, missing).type();
  // The rename would take the place of a device or a FIFO, and the end of the run would remove it.
  if (there != std::filesystem::file_type::not_found && there != std::filesystem::file_type::regular) return false;
  const std::string partial = path + ".partial";
  {
    std::ofstream file(partial, std::ios::binary);
    file << text;
    file.close();
    if (!file) {
      std::remove(partial.c_str());
      return false;
    }
  }
  if (std::rename(partial.c_str(), path.c_str()) == 0) return true;
  std::remove(partial.c_str());
  return false;
}

std::string ready_json(const scenarios::ServeRun& serving, const std::string& ca_file) {
  nlohmann::ordered_json ready;
  ready["ca_file"] = ca_file;
  ready["servers"] = nlohmann::ordered_json::array();
  for (const scenarios::ServedServer& server : serving.served()) {
    nlohmann::ordered_json one;
    one["name"] = server.name;
    one["protocol"] = server.protocol;
    one["host"] = server.at.host;
    one["port"] = server.at.port;
    one["tls"] = server.tls;
    one["users"] = nlohmann::ordered_json::array();
    for (const scenarios::ServedUser& user : server.users)
      one["users"].push_back({{"user", user.user}, {"password", user.password}});
    ready["servers"].push_back(std::move(one));
  }
  return ready.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

/// The options that decide what serving comes to, for the command that serves it again.
std::string replayed_options(const ServeArguments& arguments) {
  std::string options;
  if (arguments.strict) options += " --strict";
  if (!arguments.timeout.empty()) options += fmt::format(" --timeout {}", scenarios::shell_word(arguments.timeout));
  return options;
}

class ServeCommand {
 public:
  ServeCommand(const ServeArguments& arguments, const scenarios::Scenario& scenario, Program& program)
      : arguments_(arguments),
        scenario_(scenario),
        program_(program),
        prng_(arguments.seed),
        transcript_(loop_.now()),
        serving_(scenario, world_, arguments.seed, certificate_names(arguments)) {}

  ExitCode run() {
    if (!read_ports() || !read_timeout() || !open_transcript()) return exit_;
    serving_.set_replay_options(replayed_options(arguments_));
    const AcceptedFolder accepted(arguments_.accepted);
    if (!arguments_.accepted.empty()) {
      if (Status can_write = accepted.prepare(); !can_write) {
        fmt::print(program_.err, "mailrig serve: {}\n", can_write.error().message);
        return ExitCode::environment;
      }
    }
    transcript_.on_entry([this](const TranscriptEntry& entry) { tell(to_line(entry)); });
    const Status ready = serving_.set_up([this](const scenarios::ServerSpec& spec) {
      auto port = ports_.find(spec.name);
      return network_.listen({arguments_.host, port == ports_.end() ? std::uint16_t{0} : port->second});
    });
    if (!ready) {
      fmt::print(program_.err, "mailrig serve: {}\n", escape_controls(ready.error().message));
      return ready.error().code == Errc::bad_input ? ExitCode::invalid_scenario : ExitCode::environment;
    }
    if (!announce()) return ExitCode::environment;
    loop_.spawn(serving_.follow_story());
    loop_.spawn(listen_to_person());
    const Moment until = timeout_ ? loop_.now() + *timeout_ : Moment::max();
    const LoopEnd end = loop_.run(wait_for_signal(), {.out_of_time = [&] { return loop_.now() >= until; }});
    if (end.why == LoopEnd::Why::cpu_time)
      fmt::print(program_.out, "The time of --timeout ({}) is over: serving ends.\n", arguments_.timeout);
    const Outcome outcome = serving_.finish();
    Status kept;
    if (!arguments_.accepted.empty()) kept = accepted.keep(scenario_.id, serving_.servers());
    serving_.stop();
    const ExitCode code = report(outcome);
    if (kept) return code;
    fmt::print(program_.err, "mailrig serve: {}\n", kept.error().message);
    return worse(code, ExitCode::environment);
  }

 private:
  bool read_ports() {
    for (const std::string& text : arguments_.ports) {
      const std::size_t equals = text.rfind('=');
      Result<Endpoint> number = parse_endpoint("x:" + (equals == std::string::npos ? "" : text.substr(equals + 1)));
      if (equals == 0 || !number) {
        fmt::print(program_.err, "mailrig serve: --port takes NAME=NUMBER, for example isp=1110, not \"{}\"\n",
                   printable(text));
        exit_ = ExitCode::usage;
        return false;
      }
      const std::string name = text.substr(0, equals);
      if (scenario_.find_server(name) == nullptr) {
        std::vector<std::string_view> names;
        names.reserve(scenario_.servers.size());
        for (const scenarios::ServerSpec& spec : scenario_.servers) names.push_back(spec.name);
        const std::string_view meant = nearest(name, std::span<const std::string_view>(names));
        fmt::print(program_.err, "mailrig serve: --port {}: no server is named \"{}\"; there {} {}{}\n",
                   printable(text), printable(name), names.size() == 1 ? "is" : "are", fmt::join(names, ", "),
                   meant.empty() ? std::string() : fmt::format("; did you mean {}?", meant));
        exit_ = ExitCode::usage;
        return false;
      }
      ports_[name] = number->port;
    }
    return true;
  }

  bool read_timeout() {
    if (arguments_.timeout.empty()) return true;
    const Result<Duration> timeout = parse_duration(arguments_.timeout);
    if (!timeout) {
      fmt::print(program_.err, "mailrig serve: --timeout: {}\n", timeout.error().message);
      exit_ = ExitCode::usage;
      return false;
    }
    timeout_ = std::min(*timeout, longest_timeout);
    return true;
  }

  bool open_transcript() {
    if (arguments_.transcript.empty() || arguments_.transcript == "-") return true;
    Result<OutputHold> hold = hold_output(arguments_.transcript);
    if (!hold) {
      fmt::print(program_.err, "mailrig serve: {}\n", hold.error().message);
      exit_ = ExitCode::environment;
      return false;
    }
    transcript_hold_ = *std::move(hold);
    file_.open(arguments_.transcript, std::ios::binary);
    if (file_) return true;
    fmt::print(program_.err, "mailrig serve: cannot write the transcript to {}\n", printable(arguments_.transcript));
    exit_ = ExitCode::environment;
    return false;
  }

  void tell(const std::string& line) {
    if (file_.is_open()) {
      file_ << line << '\n' << std::flush;
    } else {
      fmt::print(program_.out, "{}\n", line);
      program_.out.flush();
    }
  }

  /// The root goes beside the ready-file, or into a file of its own where there is none.
  bool announce() {
    std::string ca_file = arguments_.ready_file.empty() ? std::string() : arguments_.ready_file + ".ca.pem";
    if (ca_file.empty()) {
      ca_file = fmt::format("{}/mailrig-ca-XXXXXX", program_.variable("TMPDIR", "/tmp"));
      const int descriptor = mkstemp(ca_file.data());
      if (descriptor >= 0) close(descriptor);
      ca_file_.reset(ca_file);
    } else if (ca_file.front() != '/') {
      char* folder = getcwd(nullptr, 0);
      ca_file = fmt::format("{}/{}", folder == nullptr ? "." : folder, ca_file);
      std::free(folder);
    }
    if (!write_whole(ca_file, serving_.root_pem())) {
      fmt::print(program_.err, "mailrig serve: cannot write the root certificate to {}\n", printable(ca_file));
      return false;
    }
    ca_file_.reset(ca_file);
    for (const scenarios::ServedServer& server : serving_.served()) {
      fmt::print(program_.out, "{} {} on {}, TLS {}", printable(server.name), server.protocol, to_string(server.at),
                 server.tls);
      for (const scenarios::ServedUser& user : server.users)
        fmt::print(program_.out, "; user {}", printable(user.user));
      fmt::print(program_.out, "\n");
    }
    fmt::print(program_.out, "root certificate: {}\n", ca_file);
    for (const std::string& skipped : serving_.skipped())
      fmt::print(program_.out, "skipped: {}\n", escape_controls(skipped));
    fmt::print(program_.out, "seed {}\nCtrl-C ends it and judges.\n", arguments_.seed);
    program_.out.flush();
    if (arguments_.ready_file.empty()) return true;
    if (write_whole(arguments_.ready_file, ready_json(serving_, ca_file))) {
      ready_file_.reset(arguments_.ready_file);
      return true;
    }
    fmt::print(program_.err, "mailrig serve: cannot write the ready-file {}: name a file, new or to be written anew\n",
               printable(arguments_.ready_file));
    return false;
  }

  Task<void> wait_for_signal() { co_await stop_.wait(); }

  Task<void> listen_to_person() {
    InputLines input(loop_);
    for (;;) {
      Result<std::string> line = co_await input.next();
      if (!line) co_return;  // closed; signals still end the run
      const std::string answer = serving_.on_line(*line);
      if (!answer.empty()) fmt::print(program_.err, "{}\n", escape_controls(answer)), program_.err.flush();
    }
  }

  ExitCode report(const Outcome& outcome) {
    RunOutcome run;
    run.version = version();
    run.seed = arguments_.seed;
    run.took = outcome.took;
    run.strict = arguments_.strict;
    run.scenarios.push_back(outcome);
    fmt::print(program_.out, "{}{}", reports::progress_line(outcome), reports::findings_text(outcome));
    program_.out.flush();
    ExitCode code = ExitCode::done;
    if (outcome.verdict == Verdict::error)
      code = ExitCode::environment;
    else if (is_failure(outcome.verdict, arguments_.strict))
      code = ExitCode::failed;
    if (!write_reports(program_, "serve", arguments_.reports, run)) code = worse(code, ExitCode::environment);
    if (!file_.is_open()) return code;
    file_.close();
    if (file_) return code;
    fmt::print(program_.err, "mailrig serve: the transcript {} could not be written to its end (a full disk?)\n",
               printable(arguments_.transcript));
    return worse(code, ExitCode::environment);
  }

  // A Moment counts nanoseconds in 63 bits: later ones than this would overflow.
  static constexpr Duration longest_timeout = std::chrono::hours(24 * 365);

  const ServeArguments& arguments_;
  const scenarios::Scenario& scenario_;
  Program& program_;
  AsioLoop loop_;
  StopSignals stop_{loop_};  // from the start, so that no way out leaves a file behind
  WallCalendar calendar_{loop_};
  AsioNetwork network_{loop_};
  Prng prng_;
  Transcript transcript_;
  World world_{loop_, loop_, calendar_, network_, prng_, transcript_};
  std::map<std::string, std::uint16_t> ports_;
  std::optional<Duration> timeout_;
  OutputHold transcript_hold_;
  std::ofstream file_;
  TemporaryFile ca_file_;
  TemporaryFile ready_file_;
  ExitCode exit_ = ExitCode::done;
  scenarios::ServeRun serving_;  // the last member: its sessions, which it ends, use the others
};

ExitCode serve(const ServeArguments& arguments, Program& program) {
  Selection selection = arguments.scenario.empty()
                            ? demo_story()
                            : select_scenarios({arguments.scenario}, {.filters = arguments.filters});
  for (const Finding& invalid : selection.invalid_files)
    fmt::print(program.err, "{}", reports::invalid_file_text(invalid));
  if (!selection.invalid_files.empty()) return exit_code_of_invalid(selection.invalid_files);
  if (selection.scenarios.size() != 1) {
    std::string ids;
    for (const scenarios::Scenario& scenario : selection.scenarios)
      ids += fmt::format("\n  {}", printable(scenario.id));
    fmt::print(program.err, "mailrig serve: {}\n",
               ids.empty()
                   ? selection.why_empty
                   : fmt::format("{} holds {} scenarios, and one is served at a time; choose it by --filter ID:{}",
                                 printable(arguments.scenario), selection.scenarios.size(), ids));
    return ExitCode::usage;
  }
  return ServeCommand(arguments, selection.scenarios.front(), program).run();
}

}  // namespace

void add_serve(CLI::App& app, Program& program) {
  auto arguments = std::make_shared<ServeArguments>();
  CLI::App* command = app.add_subcommand("serve", "Run the fake servers for a client from outside, until Ctrl-C");
  command->add_option("SCENARIO", arguments->scenario, "A scenario file; without one a benign POP3, SMTP and CRM");
  command->add_option("--filter", arguments->filters, "The id to serve, where the file holds several (a table)");
  command->add_option("--host", arguments->host, "The address to listen on")->capture_default_str();
  command->add_option("--name", arguments->names,
                      "A host name or address that clients use: every certificate is for it too");
  command->add_option("--port", arguments->ports, "NAME=NUMBER: the port of this server instead of any free one");
  command->add_option("--ready-file", arguments->ready_file,
                      "Written once all servers listen: JSON with ports, users and the root certificate");
  command->add_option("--transcript", arguments->transcript,
                      "Write the dialogue to this file instead of the terminal (-)");
  command->add_option("--accepted", arguments->accepted,
                      "At the end write each message that an SMTP server accepted to DIR/SCENARIO/SERVER/1.eml ...");
  command->add_option("--seed", arguments->seed, "Of generated messages and tokens")->capture_default_str();
  command->add_flag("--strict", arguments->strict, "A SHOULD that breaks fails");
  command->add_option("--timeout", arguments->timeout,
                      "Real time after which serving ends and is judged, as by Ctrl-C; default: none");
  command->add_option("--json", arguments->reports.json, "Write the report for programs to this file at the end");
  command->add_option("--junit", arguments->reports.junit, "Write the report for CI servers to this file at the end");
  command->add_option("--html", arguments->reports.html, "Write the report for people to this file at the end");
  command->callback(
      [arguments, &program] { program.run = [arguments, &program] { return serve(*arguments, program); }; });
}

}  // namespace mailrig::cli
