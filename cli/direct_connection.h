#pragma once
/// One dialogue of the client with a server on the network: what `fetch` and `send` are made of.
///
///   DirectConnection online(program);
///   Status opened = online.write_transcript("-");
///   Status how = online.run(target, session, "smtp");
///   return exit_code_of(how);

#include <memory>
#include <string>

#include "cli/exit_code.h"
#include "cli/program.h"
#include "client/dialogue.h"
#include "client/tls_mode.h"
#include "net/drive.h"

namespace mailrig::cli {

struct ServerOptions {
  std::string server;  // HOST:PORT
  client::TlsMode tls = client::TlsMode::implicit;
  std::string ca_file;              // empty: the roots of the system
  Duration connect_patience = 30s;  // for the connection, and again for a TLS handshake at its start
};
/// --server, --tls and --ca. `starttls_word` is how the protocol calls its upgrade: "stls" or "starttls".
void add_server_options(CLI::App& command, ServerOptions& options, const std::string& starttls_word);
/// --transcript, and --timeout, which is how long the server may take for any one step.
/// What is wrong with a user name, for CLI::Option::check; empty where nothing is.
std::string wrong_user_name(const std::string& name);
void add_dialogue_options(CLI::App& command, std::string& transcript, Duration& patience);

/// The real world: sockets, the system's date, and chance from it.
class DirectConnection {
 public:
  explicit DirectConnection(Program& program);
  ~DirectConnection();
  DirectConnection(const DirectConnection&) = delete;
  DirectConnection& operator=(const DirectConnection&) = delete;

  World& world();
  /// A line an entry, to this file or, for "-", to standard output. Error environment: it cannot be written.
  Status write_transcript(const std::string& path);
  /// What no line of the transcript may show, whoever says it. To be told before run().
  void keep_secret(std::string_view user, std::string_view password);
  /// Error environment: a line of the transcript could not be written.
  Status transcript_status();
  /// For sessions: writes the lines of a dialogue; empty where nobody wants them.
  client::Dialogue dialogue(const std::string& connection);

  /// Connects and lets the session have its dialogue. Whatever failed has a message that says what to do. SIGINT and
  /// SIGTERM end the connection; the session then keeps what came whole, and the error is `cancelled`.
  Status run(const ServerOptions& server, Session& session, const std::string& connection, DriveOptions options);

 private:
  Task<void> run_to(const ServerOptions& server, Session& session, const std::string& connection, DriveOptions options,
                    Status& status);
  void note(const std::string& connection, std::string text);

  struct Parts;
  std::unique_ptr<Parts> parts_;
};

/// 130, 143: a signal ended it; 4: no connection could be made, or a file or the machine is in the way; 2: an argument
/// is wrong; 1: the server or its certificate said no, or the dialogue broke off.
ExitCode exit_code_of(const Error& error);

/// "mailrig send: ..." on `err`, in lines of their own for what happened and for what to do.
void tell(Program& program, std::string_view command, const Error& error);

}  // namespace mailrig::cli
