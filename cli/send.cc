#include <fmt/ostream.h>

#include <CLI/CLI.hpp>
#include <iostream>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/direct_connection.h"
#include "cli/files.h"
#include "client/smtp/session.h"
#include "mime/message/fields/idn.h"

namespace mailrig::cli {
namespace {

using client::SmtpRecipient;
using client::SmtpResult;
using client::SmtpSession;
using client::SmtpSettings;

// More than any server takes; a guard against naming a disk image by mistake.
constexpr std::size_t sent_octets_max = 1024U * 1024 * 1024;

// RFC 5321 §4.5.3.2: 5 minutes for a command, and 10 for the answer to the final dot, during which a server delivers.
constexpr Duration patience_default = 5min;

struct SendOptions {
  ServerOptions server;
  std::string user;
  std::string password_file;
  std::string from;
  std::vector<std::string> to;
  std::string message_file;
  std::string transcript;
  Duration patience = patience_default;
};

void tell_doubt(const SmtpResult& result, Program& program) {
  if (result.in_doubt)
    fmt::print(
        program.err,
        "mailrig send: the whole message was out when the answer failed to come: it may have been delivered all the "
        "same, so look there before sending it again.\n");
}

/// A line for each recipient: on `out` who was accepted, on `err` who was not and what that means.
ExitCode tell_result(const SmtpResult& result, Program& program) {
  ExitCode code = ExitCode::done;
  for (const SmtpRecipient& recipient : result.recipients) {
    const client::SmtpJudgement& judgement = recipient.judgement;
    const std::string address = printable(recipient.address);
    if (result.sent && !judgement.trouble) {
      fmt::print(program.out, "sent to {}: {}\n", address, result.judgement.message);
      continue;
    }
    code = ExitCode::failed;
    fmt::print(program.err, "mailrig send: not sent to {}: {}. {}\n", address, judgement.message,
               judgement.trouble ? advice(*judgement.trouble, judgement.message) : std::string());
  }
  if (result.sent && result.undeclared_eight_bit)
    fmt::print(
        program.err,
        "mailrig send: the message has 8-bit octets and the server does not offer 8BITMIME: they were sent as they "
        "are.\n");
  return code;
}

ExitCode send(SendOptions options, Program& program) {
  options.server.connect_patience = std::min(options.server.connect_patience, options.patience);
  SmtpSettings settings{
      .tls = options.server.tls,
      .user = options.user,
      .greeting_patience = options.patience,
      .reply_patience = options.patience,
      .final_patience = options.patience == patience_default ? 2 * patience_default : options.patience};
  if (!options.user.empty()) {
    Result<std::string> password = read_password(options.password_file);
    if (!password) {
      tell(program, "send", password.error());
      return exit_code_of(password.error());
    }
    settings.password = *std::move(password);
  }
  Result<std::string> message = read_file(options.message_file, sent_octets_max);
  if (!message) {
    tell(program, "send", message.error());
    return exit_code_of(message.error());
  }
  DirectConnection online(program);
  if (Status opened = online.write_transcript(options.transcript); !opened) {
    tell(program, "send", opened.error());
    return exit_code_of(opened.error());
  }
  online.keep_secret(options.user, settings.password);
  const std::string from = options.from == "<>" ? std::string() : mime::address_to_ascii(options.from);
  std::vector<std::string> recipients = options.to;
  for (std::string& address : recipients) address = mime::address_to_ascii(address);
  SmtpSession session(std::move(settings), {{.from = from, .recipients = std::move(recipients), .content = *message}},
                      online.dialogue("smtp"));
  Status how =
      online.run(options.server, session, "smtp", {.write_patience = options.patience, .patience_of_exchange = true});
  auto end = [&](ExitCode code) {
    if (Status whole = online.transcript_status(); !whole) {
      tell(program, "send", whole.error());
      return worse(code, ExitCode::environment);
    }
    return code;
  };
  if (session.results().empty()) {  // the dialogue never began
    tell(program, "send", how.error());
    return end(exit_code_of(how.error()));
  }
  const SmtpResult& result = session.results()[0];
  // What became of the message counts: a QUIT without an answer unsends nothing.
  if (result.sent || session.status()) return end(tell_result(result, program));
  tell(program, "send", how.error());
  tell_doubt(result, program);
  return end(exit_code_of(how.error()));
}

}  // namespace

void add_send(CLI::App& app, Program& program) {
  auto options = std::make_shared<SendOptions>();
  CLI::App* command = app.add_subcommand("send", "Send a message by SMTP, as the client does");
  add_server_options(*command, options->server, "starttls");
  CLI::Option* user =
      command->add_option("--user", options->user, "Log in under this name")->check(wrong_user_name)->type_name("NAME");
  CLI::Option* password = command
                              ->add_option("--password-file", options->password_file,
                                           "The password, in a file: one line end at its end is dropped")
                              ->type_name("FILE");
  user->needs(password);
  password->needs(user);
  command->add_option("--from", options->from, "The sender's address, as the envelope has it (<> for none)")
      ->required()
      ->type_name("ADDRESS");
  command->add_option("--to", options->to, "The recipients' addresses, as the envelope has them")
      ->required()
      ->type_name("ADDRESS ...");
  command
      ->add_option("--message", options->message_file,
                   "The message. It is sent as it is, but for line ends, which become CRLF")
      ->required()
      ->type_name("FILE");
  add_dialogue_options(*command, options->transcript, options->patience);
  command->callback([options, &program] { program.run = [options, &program] { return send(*options, program); }; });
}

}  // namespace mailrig::cli
