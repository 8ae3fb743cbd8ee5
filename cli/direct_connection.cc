#include "cli/direct_connection.h"

#include <fmt/ostream.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <fstream>
#include <iostream>
#include <system_error>

#include "base/text.h"
#include "cli/files.h"
#include "cli/stop_request.h"
#include "net/asio/asio_network.h"
#include "net/asio/process_events.h"
#include "net/asio/wall_calendar.h"
#include "net/task.h"
#include "net/tls/tls.h"

namespace mailrig::cli {

using client::TlsMode;
using Who = TranscriptEntry::Who;

namespace {

constexpr std::size_t ca_octets_max = 64 * 1024 * 1024;  // all roots of the web are a quarter of a megabyte

/// What is likely behind a silence before the first word of the server.
Error with_hint(Error error, TlsMode tls) {
  if (error.step != Step::greeting || tls == TlsMode::implicit) return error;
  if (error.code == Errc::timed_out)
    error.message +=
        "; a server that expects TLS from the first octet is as silent: if this is such a port (995, 465), use --tls "
        "implicit";
  else if (error.code == Errc::end_of_stream || error.code == Errc::reset)
    error.message +=
        "; the server said nothing: it may refuse this address, or expect TLS from the first octet (--tls implicit)";
  return error;
}

}  // namespace

struct DirectConnection::Parts {
  explicit Parts(Program& given) : program(given) {}

  Program& program;
  /// The stream that a signal is to end, for as long as the coroutine that owns it lives.
  class Opened {
   public:
    Opened(Parts& parts, Stream& stream) : parts_(parts) { parts_.open = &stream; }
    ~Opened() { parts_.open = nullptr; }
    Opened(const Opened&) = delete;
    Opened& operator=(const Opened&) = delete;

   private:
    Parts& parts_;
  };

  Task<void> end_at_signal() {
    const int number = co_await stop.wait();
    stopped_by = number;
    if (open != nullptr)
      open->abort();  // the session is told, and keeps what came whole
    else
      loop.interrupt();
  }

  AsioLoop loop;
  StopSignals stop{loop};
  int stopped_by = 0;
  Stream* open = nullptr;
  AsioNetwork network{loop};
  WallCalendar calendar{loop};
  Prng prng{static_cast<std::uint64_t>(calendar.now().time_since_epoch().count())};
  Transcript transcript{loop.now()};
  OutputHold transcript_hold;
  std::ofstream file;
  std::string transcript_path;
  std::ostream* written_to = nullptr;
  World world{loop, loop, calendar, network, prng, transcript};
  TaskEnd task_end{loop};  // the last member: tasks use all the others
};

DirectConnection::DirectConnection(Program& program) : parts_(std::make_unique<Parts>(program)) {}
DirectConnection::~DirectConnection() = default;

World& DirectConnection::world() { return parts_->world; }

Status DirectConnection::write_transcript(const std::string& path) {
  if (path.empty()) return {};
  if (path != "-") {
    Result<OutputHold> hold = hold_output(path);
    if (!hold) return hold.error();
    parts_->transcript_hold = *std::move(hold);
    parts_->file.open(path, std::ios::trunc | std::ios::binary);
    if (!parts_->file)
      return Error{Errc::environment,
                   fmt::format("cannot write the transcript {}: {}; name a file in a folder that can be "
                               "written",
                               printable(path), std::generic_category().message(errno))};
  }
  parts_->transcript_path = path;
  parts_->written_to = path == "-" ? &parts_->program.out : &parts_->file;
  parts_->transcript.on_entry([out = parts_->written_to](const TranscriptEntry& entry) {
    *out << to_line(entry) << '\n' << std::flush;  // so that it is there when a hang is what it is about
  });
  return {};
}

void DirectConnection::keep_secret(std::string_view user, std::string_view password) {
  parts_->transcript.secrets().add_login(user, password);
}

Status DirectConnection::transcript_status() {
  if (parts_->written_to != &parts_->file) return {};  // standard output is looked at when the program ends
  if (parts_->file.is_open()) parts_->file.close();
  if (parts_->file) return {};
  return Error{Errc::environment,
               fmt::format("the transcript {} could not be written to its end (a full disk?): what it holds is not the "
                           "whole dialogue",
                           printable(parts_->transcript_path))};
}

client::Dialogue DirectConnection::dialogue(const std::string& connection) {
  if (parts_->written_to == nullptr) return {};
  return [this, connection](Who who, std::string line) {
    parts_->transcript.add(parts_->loop.now(), connection, who, std::move(line));
  };
}

void DirectConnection::note(const std::string& connection, std::string text) {
  if (parts_->written_to != nullptr) parts_->transcript.add(parts_->loop.now(), connection, Who::rig, std::move(text));
}

Status DirectConnection::run(const ServerOptions& server, Session& session, const std::string& connection,
                             DriveOptions options) {
  Status status = Error{Errc::cancelled, "the program was stopped"};
  if (parts_->stopped_by == 0) {
    parts_->loop.spawn(parts_->end_at_signal());
    parts_->loop.run(run_to(server, session, connection, options, status), {});
    parts_->loop.abandon();  // while the session and what it refers to still exist
  }
  if (!status && parts_->stopped_by != 0) {
    const char* name = signal_name(parts_->stopped_by);
    return Error{Errc::cancelled, fmt::format("ended by {}; what was done until then is kept", name), Step::none, name};
  }
  if (!status) return with_hint(std::move(status).error(), server.tls);
  return status;
}

Task<void> DirectConnection::run_to(const ServerOptions& server, Session& session, const std::string& connection,
                                    DriveOptions options, Status& status) {
  Result<Endpoint> endpoint = parse_endpoint(server.server);
  if (!endpoint) {
    status = std::move(endpoint).error();
    co_return;
  }
  std::shared_ptr<const TlsClientContext> trust;
  if (server.tls != TlsMode::none) {
    TlsTrust roots{.ca_pem = {}, .system_roots = server.ca_file.empty(), .crl_pem = {}};
    if (!server.ca_file.empty()) {
      Result<std::string> pem = read_file(server.ca_file, ca_octets_max);
      if (!pem) {
        status = std::move(pem).error();
        co_return;
      }
      roots.ca_pem = *std::move(pem);
    }
    Result<std::shared_ptr<const TlsClientContext>> made = make_tls_client(roots);
    if (!made) {
      status = std::move(made).error();
      co_return;
    }
    trust = *std::move(made);
  }
  note(connection, fmt::format("connecting to {}, TLS {}", printable(server.server), to_string(server.tls)));
  const Moment deadline = deadline_after(parts_->loop.now(), server.connect_patience);
  Result<std::unique_ptr<Stream>> stream = co_await parts_->network.connect(*endpoint, {}, deadline);
  if (!stream) {
    note(connection, stream.error().message);
    status = std::move(stream).error().at(Step::connect);
    co_return;
  }
  note(connection, "connected to " + (*stream)->peer());
  std::unique_ptr<Stream> secured = *std::move(stream);
  if (trust) secured = with_tls(std::move(secured), trust, endpoint->host, parts_->calendar);
  const Parts::Opened opened(*parts_, *secured);
  if (server.tls == TlsMode::implicit) {
    Status upgraded = co_await secured->start_tls(deadline_after(parts_->loop.now(), server.connect_patience));
    note(connection, upgraded ? "TLS is up" : upgraded.error().message);
    if (!upgraded) {
      status = std::move(upgraded).error().at(Step::tls);
      co_return;
    }
  }
  Status how = co_await drive(session, *secured, parts_->world, options);
  if (!how) note(connection, to_string(how.error()));
  status = std::move(how);
}

ExitCode exit_code_of(const Error& error) {
  switch (error.code) {
    case Errc::bad_input: return ExitCode::usage;
    case Errc::environment:
    case Errc::unreachable:
    case Errc::connection_refused: return ExitCode::environment;
    case Errc::internal: return ExitCode::internal;
    case Errc::cancelled: return error.reason == "SIGTERM" ? ExitCode::terminated : ExitCode::interrupted;
    default: return error.step == Step::connect ? ExitCode::environment : ExitCode::failed;
  }
}

void tell(Program& program, std::string_view command, const Error& error) {
  fmt::print(program.err, "mailrig {}: {}\n", command, escape_controls(to_string(error)));
}

void add_server_options(CLI::App& command, ServerOptions& options, const std::string& starttls_word) {
  command.add_option("--server", options.server, "The server, as HOST:PORT or [IPv6]:PORT")
      ->required()
      ->type_name("HOST:PORT")
      ->check([](const std::string& text) {
        Result<Endpoint> endpoint = parse_endpoint(text);
        return endpoint ? std::string() : endpoint.error().message;
      });
  command
      .add_option_function<std::string>(
          "--tls", [&options](const std::string& word) { options.tls = *client::parse_tls_mode(word); },
          fmt::format("How the connection is encrypted: implicit (ports 995, 465), {0} (ports 110, 587) or none",
                      starttls_word))
      ->required()
      ->type_name("implicit|" + starttls_word + "|none")
      ->check([starttls_word](const std::string& word) {
        if (word == "implicit" || word == "none" || word == starttls_word) return std::string();
        const std::string_view words[] = {"implicit", starttls_word, "none"};
        // What the other protocol calls it is no slip of the finger.
        const bool other_upgrade = word == "stls" || word == "starttls";
        std::string_view meant =
            other_upgrade ? starttls_word : nearest(word, std::span<const std::string_view>(words));
        return fmt::format("\"{}\" is none of implicit, {} and none{}", printable(word), starttls_word,
                           meant.empty() ? std::string() : fmt::format("; did you mean {}?", meant));
      });
  command.add_option("--ca", options.ca_file, "Trust the certificates in this PEM file instead of the system's roots")
      ->type_name("FILE");
}

std::string wrong_user_name(const std::string& name) {
  if (name.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos) return {};
  return "the user name holds a line end or a NUL: it has to be one line";
}

void add_dialogue_options(CLI::App& command, std::string& transcript, Duration& patience) {
  command
      .add_option("--transcript", transcript,
                  "Write the dialogue with times, passwords masked, to this file, or to standard output for -")
      ->type_name("FILE|-");
  command
      .add_option_function<std::string>(
          "--timeout", [&patience](const std::string& text) { patience = *parse_duration(text); },
          "How long the server may take for any one step, however slowly it answers: the connection, the TLS "
          "handshake, "
          "the greeting, a command, a message (and a second more for every 500 octets of it), such as 30s or 5m")
      ->type_name("SPAN")
      ->check([](const std::string& text) {
        Result<Duration> span = parse_duration(text);
        if (!span) return span.error().message;
        return *span > Duration::zero() ? std::string() : std::string("it must be more than nothing");
      });
}

}  // namespace mailrig::cli
