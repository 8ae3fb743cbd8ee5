#include <fmt/ostream.h>

#include <CLI/CLI.hpp>
#include <iostream>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/direct_connection.h"
#include "cli/files.h"
#include "client/pop3/session.h"
#include "client/targets/fetcher.h"

namespace mailrig::cli {
namespace {

using client::Fetcher;
using client::FetchReport;
using client::FetchState;
using client::MailTarget;
using client::MailTargetPlace;
using client::Pop3Refusal;
using client::Pop3Session;

struct FetchOptions {
  ServerOptions server;
  std::string user;
  std::string password_file;
  std::string to;
  bool deletes = false;
  std::string transcript;
  Duration patience = 5min;
};

/// What a refusal means for whoever runs this by hand.
std::string_view advice(Pop3Refusal::Kind kind) {
  switch (kind) {
    case Pop3Refusal::Kind::authentication:
      return "The user name or the password is wrong, or has expired: check both, and whether POP is enabled for this "
             "user.";
    case Pop3Refusal::Kind::app_password:
      return "The provider wants an application-specific password here: make one in the settings of the mail account.";
    case Pop3Refusal::Kind::basic_disabled:
      return "Basic authentication is switched off for this mailbox, as a rule by its organization: ask the "
             "administrator there to allow it for POP.";
    case Pop3Refusal::Kind::unknown_user:
      return "The server refuses this user, mailbox or account before anything else was asked for: check the user name "
             "and the server, and whether POP is enabled for this user.";
    case Pop3Refusal::Kind::unlock:
      return "The provider wants the user to log in with a web browser first; the password may be right.";
    case Pop3Refusal::Kind::bandwidth: return "The provider's limit for today is reached: try again tomorrow.";
    case Pop3Refusal::Kind::in_use: return "Another program has this mailbox open: try again when it has finished.";
    case Pop3Refusal::Kind::login_delay: return "The server wants a longer pause between two logins.";
    case Pop3Refusal::Kind::temporary: return "This is the server's own trouble: try again later.";
    case Pop3Refusal::Kind::permanent:
      return "Something has to be changed on the server: show this text to its operator.";
    case Pop3Refusal::Kind::needs_tls:
      return "The server wants an encrypted connection: use --tls stls, or --tls implicit on port 995.";
    case Pop3Refusal::Kind::no_login:
      return "The server takes none of the ways to log in that mailrig knows: there is no login mechanism in common. "
             "Check the server, its port and the encryption.";
    case Pop3Refusal::Kind::unavailable: return "The server takes no sessions at present, or none from this address.";
    case Pop3Refusal::Kind::message:
    case Pop3Refusal::Kind::message_gone: return "The other messages are not concerned.";
  }
  return {};
}

std::string plural(std::uint64_t n, std::string_view what) {
  return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s");
}

/// What was done, on `out`; what was left, on `err`.
ExitCode tell_report(const FetchReport& report, const MailTargetPlace& place, Program& program) {
  fmt::print(program.out, "{} fetched into {} ({} octets), {} known already{}\n", plural(report.stored, "message"),
             printable(place.text(), 400), report.octets, report.known,
             report.deleted > 0 ? fmt::format(", {} deleted from the server", report.deleted) : std::string());
  for (const FetchReport::Left& left : report.left)
    fmt::print(program.err, "mailrig fetch: message {} was left on the server: {}\n", left.number, left.why);
  if (report.not_noted > 0)
    fmt::print(program.err,
               "mailrig fetch: {} fetched by an older mailrig, which did not note where in {} {}, and not deleted from "
               "the server, since whether it holds {} still cannot be told. To have {} deleted by mailrig, remove {} "
               "from its folder and run it with --delete: they are fetched once more; or look whether you have them, "
               "and delete them at the provider's web page\n",
               report.not_noted == 1 ? "1 message was" : fmt::format("{} messages were", report.not_noted),
               printable(place.text(), 400), report.not_noted == 1 ? "it is" : "they are",
               report.not_noted == 1 ? "it" : "them", report.not_noted == 1 ? "it" : "them", FetchState::file_name);
  if (const std::uint64_t not_there = report.not_there - report.not_noted; not_there > 0)
    fmt::print(
        program.err,
        "mailrig fetch: {} fetched before and not deleted from the server, since {} no longer holds them as they "
        "were put there: they were moved, changed or removed. To have them again, remove {} from its folder and "
        "run it without --delete; where you have no more use for them, delete them at the provider's web page\n",
        not_there == 1 ? "1 message was" : fmt::format("{} messages were", not_there), printable(place.text(), 400),
        FetchState::file_name);
  const bool all_done = report.left.empty() && report.not_there == 0;
  if (report.deletion_confirmed) return all_done ? ExitCode::done : ExitCode::failed;
  fmt::print(
      program.err,
      "mailrig fetch: the server did not confirm the deletions: what it still lists the next time is deleted then.\n");
  return ExitCode::failed;
}

/// Nothing: replies went astray while several were under way, and what came since the last commit is to come again.
std::optional<ExitCode> run_session(const FetchOptions& options, const std::string& password,
                                    const MailTargetPlace& place, MailTarget& target, FetchState& state, bool careful,
                                    DirectConnection& online, Program& program) {
  Fetcher fetcher(target, state, {.deletes = options.deletes});
  Pop3Session session({.tls = options.server.tls,
                       .user = options.user,
                       .password = password,
                       .greeting_patience = options.patience,
                       .reply_patience = options.patience,
                       .careful = careful},
                      fetcher, online.dialogue("pop3"));
  Status how =
      online.run(options.server, session, "pop3", {.write_patience = options.patience, .patience_of_exchange = true});
  if (session.report().astray && !careful) return std::nullopt;
  const FetchReport& report = fetcher.report();
  ExitCode code = ExitCode::done;
  if (session.report().logged_in) code = tell_report(report, place, program);
  if (!report.storing) {
    tell(program, "fetch", report.storing.error());
    return worse(code, exit_code_of(report.storing.error()));
  }
  if (how) return code;
  Error error = std::move(how).error();
  if (session.report().refusal) error.message += fmt::format(". {}", advice(session.report().refusal->kind));
  tell(program, "fetch", error);
  return worse(code, exit_code_of(error));
}

ExitCode fetch(FetchOptions options, Program& program) {
  options.server.connect_patience = std::min(options.server.connect_patience, options.patience);
  auto give_up = [&program](const Error& error) {
    tell(program, "fetch", error);
    return exit_code_of(error);
  };
  Result<MailTargetPlace> place = MailTargetPlace::parse(options.to);
  if (!place) return give_up(place.error());
  Result<std::string> password = read_password(options.password_file);
  if (!password) return give_up(password.error());
  DirectConnection online(program);
  if (Status opened = online.write_transcript(options.transcript); !opened) return give_up(opened.error());
  online.keep_secret(options.user, *password);
  // A transcript that is not whole must not pass for one.
  auto end = [&](ExitCode code) {
    if (Status whole = online.transcript_status(); !whole) {
      tell(program, "fetch", whole.error());
      return worse(code, ExitCode::environment);
    }
    return code;
  };
  for (const bool careful : {false, true}) {
    Result<FetchState> state = FetchState::open(client::folder_of(place->path),
                                                MailTargetPlace{place->kind, client::name_of(place->path)}.text(),
                                                options.server.server, options.user);
    if (!state) return give_up(state.error());
    const client::MailTargetOpening opening{.account = state->account_mark(),
                                            .octets = state->octets,
                                            .messages = state->messages,
                                            .known = state->known(),
                                            .now = online.world().calendar.now()};
    Result<std::unique_ptr<MailTarget>> target = client::open_mail_target(*place, opening);
    if (!target) return give_up(target.error());
    const std::optional<ExitCode> code =
        run_session(options, *password, *place, **target, *state, careful, online, program);
    if (code) return end(*code);
  }
  return ExitCode::internal;  // a careful session always tells how it went
}

}  // namespace

void add_fetch(CLI::App& app, Program& program) {
  auto options = std::make_shared<FetchOptions>();
  CLI::App* command = app.add_subcommand("fetch", "Fetch mail by POP3, as the client does, each message once");
  add_server_options(*command, options->server, "stls");
  command->add_option("--user", options->user, "Log in under this name")
      ->check(wrong_user_name)
      ->required()
      ->type_name("NAME");
  command
      ->add_option("--password-file", options->password_file,
                   "The password, in a file: one line end at its end is dropped")
      ->required()
      ->type_name("FILE");
  command
      ->add_option("--to", options->to,
                   "Where the mail goes. What was fetched is noted in .mailrig-state beside it, so that the next fetch "
                   "brings only what is new")
      ->required()
      ->type_name("maildir:DIR|mbox:FILE|eml:DIR")
      ->check([](const std::string& text) {
        Result<MailTargetPlace> place = MailTargetPlace::parse(text);
        return place ? std::string() : place.error().message;
      });
  command->add_flag("--delete", options->deletes, "Delete from the server what is safely stored here");
  add_dialogue_options(*command, options->transcript, options->patience);
  command->callback([options, &program] { program.run = [options, &program] { return fetch(*options, program); }; });
}

}  // namespace mailrig::cli
