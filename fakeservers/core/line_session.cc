#include "fakeservers/core/line_session.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "base/text.h"
#include "fakeservers/core/base64.h"

namespace mailrig::fakeservers {
namespace {

// No further command is taken once so much waits to be sent: what one command says at once (CAPA is the longest) fits
// in the rest of a Send.
constexpr std::size_t enough_to_send = send_octets_max - 8 * 1024;
// A scripted reply in the transcript; a reader who needs more has the scenario file.
constexpr std::size_t scripted_entries_max = 20;

// RFC 8446 section 5.1: type (22, a handshake), two octets of version, the first of which is 3 in all of them, and two
// of length.
constexpr std::string_view handshake_begins = "\x16\x03";
constexpr std::size_t record_head_octets = 5;

/// How long the TLS record is that begins here; 0: that is not known yet.
std::size_t record_octets(std::string_view bytes) {
  if (bytes.size() < record_head_octets) return 0;
  return record_head_octets + static_cast<unsigned char>(bytes[3]) * 256U + static_cast<unsigned char>(bytes[4]);
}

/// "  RETR  3 " as "RETR 3"; of PASS only what is before it goes, and what follows the first blank is the password.
std::string without_stray_blanks(std::string_view line) {
  line.remove_prefix(std::min(line.size(), line.find_first_not_of(' ')));
  if (starts_ignoring_case(line, "PASS ")) return std::string(line);
  std::string tidied;
  for (char c : line)
    if (c != ' ' || (!tidied.empty() && tidied.back() != ' ')) tidied += c;
  if (tidied.ends_with(' ')) tidied.pop_back();
  return tidied;
}

/// Of what SASL PLAIN, LOGIN, XOAUTH2 and their kind wrap: the last of the fields that NUL or ^A part, which is the
/// secret of PLAIN and the only field of LOGIN.
std::string_view secret_field(std::string_view fields) {
  constexpr std::string_view separators("\0\1", 2);
  while (fields.ends_with('\1')) fields.remove_suffix(1);
  const std::size_t last = fields.find_last_of(separators);
  if (last != std::string_view::npos) fields.remove_prefix(last + 1);
  constexpr std::string_view bearer = "auth=Bearer ";
  if (fields.starts_with(bearer)) fields.remove_prefix(bearer.size());
  return fields;
}

ServerLog::End end_of(const Error& error) {
  switch (error.code) {
    case Errc::timed_out: return ServerLog::End::timed_out;
    case Errc::end_of_stream:
    case Errc::truncated: return ServerLog::End::closed;
    case Errc::cancelled: return ServerLog::End::cut;
    default: return ServerLog::End::reset;
  }
}

/// Only QUIT is an end in good order.
Status status_of(ServerLog::End end, Ending ending) {
  switch (end) {
    case ServerLog::End::quit: return {};
    case ServerLog::End::timed_out: return Error{Errc::timed_out, "the client was idle for too long"};
    case ServerLog::End::cut:
      return Error{ending == Ending::reset ? Errc::reset : Errc::end_of_stream, "a fault ended the connection"};
    default: return Error{Errc::end_of_stream, "the server closed the connection without QUIT"};
  }
}

std::string_view describe(Ending ending) {
  switch (ending) {
    case Ending::orderly: return "closes the connection";
    case Ending::no_close_notify: return "ends the connection without close_notify";
    case Ending::reset: return "resets the connection";
  }
  return "closes the connection";
}

}  // namespace

LineSession::LineSession(const ServerContext& context, FaultMatcher& faults, ServerLog& log, ConnectionInfo arrival)
    : context_(context),
      faults_(faults),
      log_(log),
      arrival_(std::move(arrival)),
      record_(&log.open(arrival_, context.world.calendar.now())),
      tls_(arrival_.tls) {}

Action LineSession::next() {
  receiving_ = false;
  if (phase_ == Phase::start) {
    if (const std::optional<Action> action = hold_greeting()) return *action;
    begin();
  }
  if (sent_ == out_.size()) {
    out_.clear();
    sent_ = 0;
  }
  while (phase_ == Phase::talking) {
    fill();
    if (sent_ < out_.size()) {
      std::string_view piece = std::string_view(out_).substr(sent_, send_octets_max);
      sent_ += piece.size();
      return Send{step_, piece};
    }
    if (const std::optional<Action> action = listen_on()) return *action;
    if (plan_.active()) {
      std::optional<Action> action = plan_.next();
      const bool hangs = !action && plan_.after() == FaultyReply::After::hang;
      if (action ? !std::holds_alternative<Wait>(*action) : !hangs) flush_entries();
      if (action) return listening(*action);
      if (hangs) phase_ = Phase::hanging;
      if (plan_.after() == FaultyReply::After::close) leave(plan_.ending(), ServerLog::End::cut);
      continue;
    }
    if (leave_) return close();
    if (upgrade_) {
      input_.clear();  // what came in clear before TLS is not the client's word (CVE-2011-0411)
      taken_ = 0;
      return StartTls{};
    }
    receiving_ = true;
    greeted_ = true;
    return Receive{Step::request, patience()};
  }
  if (phase_ == Phase::hanging) {
    input_.clear();
    taken_ = 0;
    return Receive{Step::request, Duration::max()};
  }
  return Done{status_};
}

/// Until the greeting is due. The session listens meanwhile: a client has to wait for it (RFC 5321 section 4.3.1).
std::optional<Action> LineSession::hold_greeting() {
  if (!greets_at_) greets_at_ = now() + greet_delay();
  if (greeting_is_due_ || leave_ || now() >= *greets_at_) return std::nullopt;
  const Duration left = *greets_at_ - now();
  if (!record_->early) return Receive{Step::greeting, left};
  greeting_is_due_ = true;  // after this
  return Wait{Step::greeting, left};
}

/// A wait within the greeting, by a rule: the session listens meanwhile, too.
Action LineSession::listening(Action action) {
  const auto* wait = std::get_if<Wait>(&action);
  if (greeted_ || wait == nullptr) return action;
  listens_until_ = now() + wait->span;
  return *listen_on();
}

std::optional<Action> LineSession::listen_on() {
  if (!listens_until_) return std::nullopt;
  const Duration left = *listens_until_ - now();
  if (left <= Duration::zero() || record_->early) listens_until_.reset();
  if (left <= Duration::zero()) return std::nullopt;
  if (record_->early) return Wait{Step::greeting, left};
  return Receive{Step::greeting, left};
}

void LineSession::begin() {
  phase_ = Phase::talking;
  if (leave_) return settle();  // on_early() has said all
  meet("greeting", {});
  const bool scripted = says_script();
  if (!scripted || muted_) greet();
  if (scripted) on_scripted_greeting(*rule_->reply);
  settle();
}

void LineSession::on_bytes(std::string_view bytes) {
  input_.append(bytes);
  if (greeted_ || record_->early || phase_ == Phase::over) return;
  entry(TranscriptEntry::Who::rig, "the client talks before the greeting");
  log_.on_early(*record_);
  if (phase_ == Phase::hanging) return;
  std::vector<std::string> held_back = std::exchange(entries_, {});
  if (!on_early()) {
    entries_ = std::move(held_back);
    return;
  }
  leave();
  if (phase_ == Phase::start) return;
  // Said instead of the greeting that a rule holds back.
  plan_ = {};
  listens_until_.reset();
  settle();
}

/// Brings as much into out_ as one Send takes: what is left of a body, then the replies to what was pipelined.
void LineSession::fill() {
  while (!plan_.active() || sent_ < out_.size()) {
    if (body_ != nullptr) {
      if (out_.size() + ReplySource::room_min > send_octets_max) return;
      if (!body_->append(out_, send_octets_max - out_.size())) body_.reset();
      continue;
    }
    if (plan_.active() || leave_ || upgrade_ || out_.size() > enough_to_send || !work()) return;
  }
}

/// Takes the next line, or the next bytes of data. False: nothing is complete yet.
bool LineSession::work() {
  std::string_view pending = std::string_view(input_).substr(taken_);
  if (expects_data_) {
    if (pending.empty()) return forget_taken();
    taken_ += on_data(pending);
    settle();
    return true;
  }
  if (pending.starts_with(handshake_begins)) {
    // Somebody takes this for a port of TLS. Half of what he says is chance, and so would be where a line ends in it:
    // the record is one line, of which the constant octets are handed on.
    const std::size_t octets = record_octets(pending);
    if (octets == 0 || pending.size() < octets) return forget_taken();
    taken_ += octets;
    take_line(pending.substr(0, record_head_octets - 2));
    settle();
    return true;
  }
  const std::size_t limit = line_octets_max(pending);
  std::size_t end = pending.substr(0, limit).find('\n');
  if (end == std::string_view::npos) {
    if (pending.size() < limit) return forget_taken();
    on_long_line();
    if (!leave_) leave();
    input_.clear();
    taken_ = 0;
    settle();
    return true;
  }
  taken_ += end + 1;
  if (end > 0 && pending[end - 1] == '\r') --end;
  take_line(pending.substr(0, end));
  settle();
  return true;
}

bool LineSession::forget_taken() {
  input_.erase(0, taken_);
  taken_ = 0;
  return false;
}

void LineSession::take_line(std::string_view line) {
  if (expects_line_) {
    expects_line_ = false;
    std::string shown = line_entry(line);
    if (shown != line) {
      learn_secret(line);
      note_secret(line);
    }
    log_.on_line(*record_, shown);
    entry(TranscriptEntry::Who::client, std::move(shown));
    if (context_.observer != nullptr) context_.observer->on_exchange(arrival_.connection, "response");
    meet("response", line, true);
    if (says_script() && !muted_)
      on_scripted_line(line);
    else
      on_line(line);
    return;
  }
  std::string tidied;
  if (lenient_blanks()) {
    tidied = without_stray_blanks(line);
    line = tidied;
  }
  record_->pipelined = record_->pipelined || sent_ < out_.size() || body_ != nullptr;
  std::size_t space = line.find(' ');
  verb_.assign(line.substr(0, space));
  std::ranges::transform(verb_, verb_.begin(), upper);
  Command command{verb_, space == std::string_view::npos ? std::string_view{} : line.substr(space + 1), line};
  std::string shown = masked(command);
  const bool secret = shown.find(command.argument) == std::string_view::npos;
  if (secret && !command.argument.empty()) {
    learn_secret(command.argument);
    learn_secret(command.argument.substr(command.argument.rfind(' ') + 1));  // without the mechanism
    const bool last_word = verb_ == "AUTH" || verb_ == "APOP";
    note_secret(last_word ? command.argument.substr(command.argument.rfind(' ') + 1) : command.argument);
  }
  log_.on_command(*record_, verb_, shown);
  entry(TranscriptEntry::Who::client, std::move(shown));
  step_ = step_of(command);
  meet(command.verb, fault_argument(command), secret);
  if (says_script() && !muted_)
    on_scripted(command);
  else
    on_command(command);
}

void LineSession::meet(std::string_view on, std::string_view argument, bool argument_is_secret) {
  rule_ = faults_.empty() ? nullptr
                          : faults_.match({.on = on,
                                           .argument = argument,
                                           .connection = arrival_.connection,
                                           .connection_number = arrival_.number,
                                           .mailbox = mailbox(),
                                           .tls = tls_,
                                           .argument_is_secret = argument_is_secret});
  if (rule_ == nullptr) return;
  std::string told = fakeservers::describe(*rule_);
  if (context_.observer != nullptr) context_.observer->on_fault(arrival_.connection, told);
  entry(TranscriptEntry::Who::rig, "fault: " + std::move(told));
  context_.world.transcript.keep_around(Transcript::Reason::fault);
}

bool LineSession::scripted(std::string_view exchange, std::string_view argument) {
  if (context_.observer != nullptr) context_.observer->on_exchange(arrival_.connection, exchange);
  if (muted_) return false;  // a rule has replied to this command already
  meet(exchange, argument);
  return says_script() && !muted_;
}

bool LineSession::says_script() {
  if (rule_ == nullptr || !rule_->reply) return false;
  reply_ += *rule_->reply;
  std::string_view rest = *rule_->reply;
  for (std::size_t lines = 0; !rest.empty(); ++lines) {
    if (lines == scripted_entries_max) {
      entry(TranscriptEntry::Who::server, fmt::format("<{} octets more>", rest.size()));
      break;
    }
    std::size_t end = std::min(rest.find('\n'), rest.size() - 1) + 1;
    std::string_view line = rest.substr(0, end);
    if (line.ends_with("\r\n")) line.remove_suffix(2);
    entry(TranscriptEntry::Who::server, printable(line));
    rest.remove_prefix(end);
  }
  muted_ = rule_->carried_out;
  if (closes(*rule_->reply)) leave();
  return true;
}

/// What was said becomes what is sent: at once, or by the plan that a rule makes of it.
void LineSession::settle() {
  if (pause_ > Duration::zero()) {
    paused_ = rule_ == nullptr ? FaultRule{} : *rule_;
    paused_.delay += pause_;
    rule_ = &paused_;
    pause_ = {};
  }
  if (rule_ != nullptr) {
    const bool is_never_sent = rule_->hang && !rule_->cut_after;
    if (rule_->delay <= Duration::zero() && !is_never_sent) flush_entries();
    plan_.begin(rule_, std::move(reply_), std::move(reply_body_), step_);
    rule_ = nullptr;
  } else {
    flush_entries();
    out_ += reply_;
    body_ = std::move(reply_body_);
  }
  reply_.clear();
  muted_ = false;
}

Action LineSession::close() {
  end(end_, status_of(end_, *leave_));
  entry(TranscriptEntry::Who::rig, std::string(describe(*leave_)));
  return Close{*leave_};
}

void LineSession::end(ServerLog::End how, Status status) {
  phase_ = Phase::over;
  if (record_->end != ServerLog::End::open) return;
  log_.on_end(*record_, how);
  status_ = std::move(status);
  on_end();
}

void LineSession::on_tls() {
  tls_ = true;
  record_->tls = true;
  upgrade_ = false;
  entry(TranscriptEntry::Who::rig, "TLS is up");
  on_upgraded();
}

void LineSession::on_error(Error error) {
  if (phase_ == Phase::over) {
    if (status_) status_ = std::move(error);
    return;
  }
  if (error.code == Errc::timed_out && phase_ == Phase::start) {
    greeting_is_due_ = true;
    return;
  }
  if (error.code == Errc::timed_out && listens_until_) {
    listens_until_.reset();
    return;
  }
  if (error.code == Errc::timed_out && receiving_ && phase_ == Phase::talking) {
    on_idle();
    leave(Ending::orderly, ServerLog::End::timed_out);
    settle();
    return;
  }
  entry(TranscriptEntry::Who::rig, "the connection is over: " + error.message);
  end(leave_ ? end_ : end_of(error), std::move(error));
}

void LineSession::leave(Ending ending, ServerLog::End end) {
  if (rule_ != nullptr && rule_->stays_open) return;
  leave_ = ending;
  end_ = end;
}

void LineSession::say(std::string_view lines) {
  if (muted_) return;
  reply_ += lines;
  reply_ += "\r\n";
  for (;;) {
    std::size_t end = lines.find("\r\n");
    entry(TranscriptEntry::Who::server, printable(lines.substr(0, end), line_entry_octets_max));
    if (end == std::string_view::npos) return;
    lines.remove_prefix(end + 2);
  }
}

void LineSession::say_masked(std::string_view lines, std::string_view entry_text) {
  if (muted_) return;
  reply_ += lines;
  reply_ += "\r\n";
  entry(TranscriptEntry::Who::server, std::string(entry_text));
}

void LineSession::say_bytes(std::string_view bytes, std::string_view entry_text) {
  if (muted_) return;
  reply_ += bytes;
  if (!entry_text.empty()) entry(TranscriptEntry::Who::server, std::string(entry_text));
}

void LineSession::say_body(std::unique_ptr<ReplySource> body, std::string_view entry_text) {
  if (muted_) return;
  reply_body_ = std::move(body);
  if (!entry_text.empty()) entry(TranscriptEntry::Who::server, std::string(entry_text));
}

/// A reply that is delayed enters the transcript at the time of its sending, and not at all if the connection ends
/// before.
void LineSession::flush_entries() {
  if (context_.observer != nullptr && !entries_.empty())
    context_.observer->on_reply(arrival_.connection, entries_.front());
  for (std::string& text : entries_)
    context_.world.transcript.add(now(), arrival_.connection, TranscriptEntry::Who::server, std::move(text));
  entries_.clear();
}

/// A reply that repeats it comes soon: a peer that tries passwords without end makes this no longer.
void LineSession::learn_secret(std::string_view secret) {
  constexpr std::size_t heard_max = 16;
  if (secret.empty()) return;
  if (heard_count_ == heard_max) {
    heard_ = {};
    heard_count_ = 0;
  }
  ++heard_count_;
  heard_.add(secret);
  const std::optional<std::string> decoded = from_base64(secret);
  if (decoded && !secret_field(*decoded).empty()) heard_.add(secret_field(*decoded));
}

/// For expectations: the password or token that the client said, without what a mechanism wraps it in.
void LineSession::note_secret(std::string_view said) {
  if (said.empty() || said == "*") return;
  if (verb_ != "AUTH") return ServerLog::on_secret(*record_, said);
  const std::optional<std::string> decoded = from_base64(said);
  ServerLog::on_secret(*record_, decoded ? secret_field(*decoded) : said);
}

void LineSession::entry(TranscriptEntry::Who who, std::string text) {
  if (muted_ && who == TranscriptEntry::Who::server) return;
  if (!heard_.empty()) text = heard_.masked(text);
  if (who == TranscriptEntry::Who::server) {
    entries_.push_back(std::move(text));
    return;
  }
  context_.world.transcript.add(now(), arrival_.connection, who, std::move(text));
}

}  // namespace mailrig::fakeservers
