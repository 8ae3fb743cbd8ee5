// What a session hears. What it says is in session.cc.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "client/base64.h"
#include "client/pop3/session.h"
#include "net/transcript.h"

namespace mailrig::client {
namespace {

// RFC 2449 knows a dozen capabilities; three hundred lines were seen (docs/providers/misbehaviours.md#m36).
constexpr std::size_t capability_lines_max = 1'000;
constexpr std::size_t capability_octets_max = 64 * 1024;
// Blank lines and the further lines of a refusal that come without status (docs/providers/misbehaviours.md#m33, #m34):
// one was seen; this many are no reply.
constexpr unsigned stray_lines_max = 4;

std::optional<std::uint64_t> leading_number(std::string_view text) {
  std::uint64_t value = 0;
  auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc{}) return std::nullopt;
  return value;
}

std::string_view what_was_refused(Step step) {
  switch (step) {
    case Step::greeting: return "the connection";
    case Step::login: return "the login";
    case Step::list: return "to list the mailbox";
    case Step::retrieve: return "to hand out messages";
    default: return "a command";
  }
}

Error error_of(const Pop3Refusal& refusal) {
  return {Errc::peer_refused,
          fmt::format("the server refused {}: \"{}\"", what_was_refused(refusal.step), refusal.text), refusal.step,
          std::string(to_string(refusal.kind))};
}

}  // namespace

void Pop3Session::on_bytes(std::string_view bytes) {
  while (!bytes.empty() && leaving_ == Leaving::no && !start_tls_) {
    if (reading_ == Reading::body) {
      hear_body(bytes);
      continue;
    }
    std::optional<LineReader::Line> line = reader_.take(bytes);
    if (!line) break;
    if (reading_ == Reading::lines)
      hear_line(line->text);
    else
      hear(*line);
  }
  if (leaving_ != Leaving::no) return;
  if (reader_.overflowed())
    break_off({Errc::limit_exceeded, fmt::format("a line is longer than {} octets", pop3_line_octets_max)});
  else if (start_tls_ && !bytes.empty())
    break_off(
        {Errc::peer_protocol,
         "more came in clear behind the answer to STLS: somebody may be tampering with the connection (CVE-2011-0411)",
         Step::tls});
  else if (std::string_view rest = reader_.partial();
           outstanding() == 0 && !after_refusal_ && !rest.empty() && rest != "\r")
    astray(rest);
}

/// A line where a status is due.
void Pop3Session::hear(const LineReader::Line& line) {
  note(TranscriptEntry::Who::server, line.text);
  if (awaited_.empty()) return hear_out_of_place(line.text);
  const Exchange exchange = awaited_.front();
  if (exchange.what == PendingReply::greeting) return hear_greeting(line.text);
  if (exchange.what == PendingReply::authenticate && (line.text == "+" || line.text.starts_with("+ "))) {
    awaited_.pop_front();
    ++exchanges_;
    const std::string message = std::string(1, '\0') + settings_.user + '\0' + settings_.password;  // RFC 4616
    return say(PendingReply::password, to_base64(message), 0, "<password>");
  }
  StatusLine status = parse_status(line.text);
  if (status.word == StatusLine::Word::none) return hear_out_of_place(line.text);
  after_refusal_ = status.word == StatusLine::Word::err;
  bare_lf_ = line.bare_lf;
  stray_lines_ = 0;
  if (!confirm()) return;
  awaited_.pop_front();
  if (status.word == StatusLine::Word::ok)
    on_good(exchange, status);
  else
    on_bad(exchange, status.text);
}

void Pop3Session::hear_greeting(std::string_view line) {
  awaited_.pop_front();
  ++exchanges_;
  if (is_good_greeting(line)) {
    report_.greeted = true;
    phase_ = settings_.ask_capabilities           ? Phase::capabilities
             : settings_.tls == TlsMode::starttls ? Phase::stls
                                                  : Phase::user;
    return;
  }
  if (StatusLine status = parse_status(line); status.word == StatusLine::Word::err) {
    report_.refusal = masked(classify_refusal(Step::greeting, status.text));
    return break_off(error_of(*report_.refusal));
  }
  break_off(
      {Errc::peer_protocol,
       fmt::format(
           "no POP3 server answers there, it says \"{}\": check the server name, the port and the encryption of the "
           "account; no password was sent",
           printable(line)),
       Step::greeting});
}

/// What has no status: the rest of a refusal, a blank line, or a sign that replies and commands no longer match.
void Pop3Session::hear_out_of_place(std::string_view line) {
  if (!awaited_.empty() && awaited_.front().what == PendingReply::quit && !line.empty() && !after_refusal_) {
    // What was to be committed there is uncertain, but there is nothing left to lose.
    return lose({Errc::peer_protocol, fmt::format("QUIT was answered by \"{}\"", printable(line)), Step::quit});
  }
  if ((line.empty() || after_refusal_) && ++stray_lines_ <= stray_lines_max) return;
  astray(line);
}

/// The message before this status line ended where it seemed to. False: the target does not take it.
bool Pop3Session::confirm() {
  if (!unconfirmed_) return true;
  std::size_t task = *std::exchange(unconfirmed_, std::nullopt);
  if (Status taken = target_.end(); !taken) {
    break_off(std::move(taken).error().at(Step::store));
    return false;
  }
  tasks_[task].taken = true;
  temporary_.reset();
  temporary_in_row_ = 0;
  ++report_.retrieved;
  ++uncommitted_;
  if (target_.commit_due()) commit_ = true;
  return true;
}

void Pop3Session::on_good(const Exchange& exchange, const StatusLine& status) {
  if (exchange.what == PendingReply::header || exchange.what == PendingReply::message) return begin_body(exchange);
  if (exchange.what == PendingReply::capabilities || exchange.what == PendingReply::sizes ||
      exchange.what == PendingReply::uids) {
    reading_ = Reading::lines;
    current_ = exchange;
    offering_ = {.known = true};
    capability_lines_ = capability_octets_ = 0;
    listing_.begin_answer();
    return;
  }
  if (exchange.what != PendingReply::barrier) ++exchanges_;
  switch (exchange.what) {
    case PendingReply::stls: start_tls_ = true; break;
    case PendingReply::user: phase_ = Phase::password; break;
    case PendingReply::authenticate:
      quit_with(
          {Errc::peer_protocol, "the server answered AUTH PLAIN by +OK before it was told who logs in", Step::login});
      break;
    case PendingReply::password:
      report_.logged_in = true;
      phase_ = settings_.login_only                                                        ? Phase::quit
               : settings_.ask_capabilities && offered_.known && !report_.offer.pipelining ? Phase::late_capabilities
                                                                                           : Phase::listing;
      break;
    case PendingReply::stat: counted_ = leading_number(status.text); break;
    case PendingReply::removal:
      ++report_.removed;
      target_.deleted(item(exchange.task));
      break;
    case PendingReply::quit:
      report_.quit_confirmed = true;
      leaving_ = Leaving::commit;
      break;
    default: break;
  }
}

void Pop3Session::on_bad(const Exchange& exchange, std::string_view text) {
  if (exchange.what != PendingReply::barrier) ++exchanges_;
  switch (exchange.what) {
    case PendingReply::capabilities: return after_capabilities();
    case PendingReply::stls:
      return quit_with(
          {Errc::peer_refused,
           fmt::format("the account requires encryption and the server offers none, it answers STLS by \"{}\": ask its "
                       "operator to offer TLS; no password was sent",
                       printable(text)),
           Step::tls, "no-stls"});
    case PendingReply::user: return on_user_refused(text);
    case PendingReply::authenticate: return on_plain_refused(text);
    case PendingReply::password: return refuse(Step::login, text);
    case PendingReply::stat:
    case PendingReply::sizes: return refuse(Step::list, text);
    case PendingReply::uids:
      // UIDL is optional (RFC 1939 §7); a server that says more than that it does not know it has other trouble.
      if (classify_refusal(Step::list, text).known) refuse(Step::list, text);
      return;
    case PendingReply::header: {
      Pop3Refusal refusal = classify_refusal(Step::list, text);
      if (refusal.known) return refuse(Step::list, text);
      tasks_[exchange.task].want = target_.identified(item(exchange.task), std::nullopt);
      return;
    }
    case PendingReply::message: return refuse_message(exchange.task, text);
    case PendingReply::removal:
      if (report_.removals_refused++ == 0) report_.removal_refusal = printable(text, refusal_octets_max);
      return;
    case PendingReply::quit:
      leaving_ = Leaving::commit;
      if (status_)
        status_ =
            masked(Error{Errc::peer_refused,
                         fmt::format("the server could not do all it was told: \"{}\"", printable(text)), Step::quit});
      return;
    default: return;
  }
}

/// About this message alone, or about all that is to come.
void Pop3Session::refuse_message(std::size_t task, std::string_view text) {
  Pop3Refusal refusal = masked(classify_refusal(Step::retrieve, text));
  switch (refusal.kind) {
    case Pop3Refusal::Kind::message:
    case Pop3Refusal::Kind::message_gone: return target_.failed(item(task), error_of(refusal));
    case Pop3Refusal::Kind::temporary:
      target_.failed(item(task), error_of(refusal));
      if (!temporary_) temporary_ = std::move(refusal);
      if (++temporary_in_row_ >= temporary_refusals_max) stop_retrieving_ = true;
      return;
    default:
      if (temporary_) end_retrieving(*std::exchange(temporary_, std::nullopt));
      return end_retrieving(std::move(refusal));
  }
}

void Pop3Session::end_retrieving(Pop3Refusal refusal) {
  stop_retrieving_ = true;
  if (status_) status_ = error_of(refusal);
  if (!report_.refusal) report_.refusal = std::move(refusal);
}

void Pop3Session::refuse(Step step, std::string_view text) { refuse(classify_refusal(step, text)); }

void Pop3Session::refuse(Pop3Refusal refusal) {
  refusal = masked(std::move(refusal));
  quit_with(error_of(refusal));
  if (!report_.refusal) report_.refusal = std::move(refusal);
}

/// The command may be what is refused: then nothing was judged, and there may be another way to log in.
void Pop3Session::on_user_refused(std::string_view text) {
  Pop3Refusal refusal = classify_before_password(text);
  if (refusal.kind != Pop3Refusal::Kind::no_login) return refuse(std::move(refusal));
  user_refused_ = true;
  if (!uses_plain()) refuse(std::move(refusal));
}

void Pop3Session::on_plain_refused(std::string_view text) {
  Pop3Refusal refusal = classify_before_password(text);
  if (refusal.kind != Pop3Refusal::Kind::no_login) return refuse(std::move(refusal));
  plain_refused_ = true;
  if (user_refused_ || (offered_.known && !offered_.user)) refuse(std::move(refusal));
}

/// A line of CAPA, LIST or UIDL.
void Pop3Session::hear_line(std::string_view line) {
  note(TranscriptEntry::Who::server, line);
  if (line == ".") return end_lines();
  if (line.starts_with('.')) line.remove_prefix(1);
  switch (current_.what) {
    case PendingReply::capabilities:
      capability_octets_ += line.size() + 2;
      if (++capability_lines_ > capability_lines_max || capability_octets_ > capability_octets_max) {
        report_.capabilities_failed = true;
        return break_off({Errc::limit_exceeded,
                          fmt::format("the answer to CAPA has no end: it has more than {} lines or {} octets",
                                      capability_lines_max, capability_octets_max),
                          Step::capabilities});
      }
      return offering_.add(line);
    case PendingReply::sizes: listing_.add_size(line); break;
    default: listing_.add_uid(line); break;
  }
  if (listing_.overflowed()) break_off({Errc::limit_exceeded, listing_.overflow(), Step::list});
}

void Pop3Session::end_lines() {
  reading_ = Reading::status;
  ++exchanges_;
  if (current_.what == PendingReply::uids) report_.offer.uidl = true;
  if (current_.what != PendingReply::capabilities) return;
  offered_ = offering_;
  after_capabilities();
}

void Pop3Session::after_capabilities() {
  ServerCapabilities& offer = report_.offer;
  offer.pipelining = offered_.pipelining;
  offer.top = offered_.top || !offered_.known;
  offer.expires_at_once = offered_.expires_at_once;
  offer.login_delay_seconds = offered_.login_delay_seconds;
  if (report_.logged_in)
    phase_ = Phase::listing;
  else if (settings_.tls == TlsMode::starttls && !secure_)
    phase_ = Phase::stls;
  else
    phase_ = Phase::user;
}

void Pop3Session::begin_body(const Exchange& exchange) {
  current_ = exchange;
  reading_ = Reading::body;
  body_.begin(bare_lf_);
  header_.clear();
  blank_ = true;
  if (exchange.what == PendingReply::message) {
    incomplete_ = exchange.task;
    target_.begin(item(exchange.task));
  }
  if (dialogue_) body_sum_.emplace();
}

void Pop3Session::hear_body(std::string_view& bytes) {
  if (body_.feed(bytes) == Pop3BodyReader::State::ended) return end_body();
  std::uint64_t listed = item(current_.task).octets;
  if (body_.octets() > std::max(message_octets_max, 2 * listed))
    break_off({Errc::limit_exceeded,
               fmt::format("message {} has no end: {} octets came where {} were listed", item(current_.task).number,
                           body_.octets(), listed),
               Step::retrieve});
}

void Pop3Session::keep(std::string_view piece) {
  if (body_sum_) body_sum_->update(piece);
  blank_ = blank_ && piece.find_first_not_of(" \t\r\n") == std::string_view::npos;
  if (current_.what == PendingReply::message)
    target_.body(piece);
  else if (header_.size() < header_octets_max)
    header_ += piece.substr(0, header_octets_max - header_.size());
}

/// Sizes are wrong by a factor on many servers (lines counted as LF, Exchange's estimates), so only a message without
/// any text is no answer to the question for one that has some. Twice what came and a line end: LF counted as CRLF.
bool Pop3Session::contradicts_listing() const { return blank_ && item(current_.task).octets > 2 * body_.octets() + 2; }

void Pop3Session::end_body() {
  reading_ = Reading::status;
  ++exchanges_;
  if (body_sum_) dialogue_(TranscriptEntry::Who::server, body_entry(body_.octets(), body_sum_->finish()));
  if (current_.what == PendingReply::message && contradicts_listing())
    forget(incomplete_, {Errc::peer_protocol,
                         fmt::format("message {} is listed with {} octets and arrived empty",
                                     item(current_.task).number, item(current_.task).octets),
                         Step::retrieve, std::string(empty_message_reason)});
  else if (current_.what == PendingReply::message)
    unconfirmed_ = std::exchange(incomplete_, std::nullopt);
  else
    tasks_[current_.task].want = target_.identified(item(current_.task), header_);
  std::string_view overhang = body_.overhang();
  reader_.take(overhang);  // less than a line
}

}  // namespace mailrig::client
