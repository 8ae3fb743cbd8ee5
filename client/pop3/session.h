#pragma once
/// Retrieves mail over one connection, without I/O (net/session.h): greeting, CAPA, STLS, USER and PASS, the listing,
/// then what the target wants: messages, then a Commit, then DELE, then QUIT.
///
///   Pop3Session session({.tls = TlsMode::starttls, .user = "anna", .password = "s3cret"}, target);
///   Status how = co_await drive(session, *stream, world, {});
///   session.report().refusal;            // what the server's "no" means, if it said one
///
/// No login is sent in clear unless `tls` is none. No DELE before the Commit of its message was answered well. A
/// session ends without QUIT when something that the server would commit at QUIT is not safe with us. What cannot be a
/// reply ends it at once, and the message before it is not believed.

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "base/secrets.h"
#include "base/sha256.h"
#include "client/dialogue.h"
#include "client/pop3/body_reader.h"
#include "client/pop3/capabilities.h"
#include "client/pop3/listing.h"
#include "client/pop3/mail_sink.h"
#include "client/pop3/refusal.h"
#include "client/pop3/reply.h"
#include "client/tls_mode.h"
#include "net/session.h"

namespace mailrig::client {

struct Pop3Settings {
  TlsMode tls = TlsMode::implicit;  // implicit: the stream is encrypted already
  std::string user = {};
  std::string password = {};
  Duration greeting_patience = 1min;
  Duration reply_patience = 5min;
  bool ask_capabilities = true;  // false for servers that were seen to fall silent at CAPA
  bool careful = false;          // one message at a time, each checked by a NOOP: after replies were seen to go astray
  bool login_only = false;       // is the password right? Then QUIT.
};

struct Pop3Report {
  bool greeted = false;
  bool logged_in = false;
  bool astray = false;               // something arrived that cannot be a reply
  bool capabilities_failed = false;  // the connection ended or fell silent at CAPA
  bool lost_at_login = false;        // the connection ended between USER and the answer to PASS
  ServerCapabilities offer = {};
  std::optional<Pop3Refusal> refusal = {};  // what ended the session, where the server said it
  std::uint64_t retrieved = 0;              // RETR that brought a whole message
  std::uint64_t removed = 0;                // DELE answered by +OK
  std::uint64_t removals_refused = 0;       // DELE answered by -ERR
  std::string removal_refusal = {};         // the first of those answers, printable
  bool quit_confirmed = false;
};

// Commands out without an answer. RFC 2449 §6.6 warns of a deadlock when both sides only write: so many commands, of
// some 20 octets, fit into the smallest socket buffer; and it is enough to hide any round trip.
inline constexpr std::size_t pop3_window = 64;
// A message that is larger than this and than twice what LIST said has no end (docs/providers/misbehaviours.md#m48).
inline constexpr std::uint64_t message_octets_max = 64ULL << 20;
// Passing trouble of the server ("[SYS/TEMP]") may be about one message alone, so the next ones are asked for as well;
// after this many in a row it is about all of them.
inline constexpr unsigned temporary_refusals_max = 3;
// Of the answer to TOP n 0; what comes behind does not identify a message better.
inline constexpr std::size_t header_octets_max = 256 * 1024;

class Pop3Session final : public Session {
 public:
  /// `target` lives as long as the session.
  Pop3Session(Pop3Settings settings, MailSink& target, Dialogue dialogue = {});

  Action next() override;
  void on_bytes(std::string_view bytes) override;
  Status commit() override { return target_.commit(); }
  void on_committed(Status status) override;
  void on_tls() override;
  void on_error(Error error) override;
  std::uint64_t exchanges() const override { return exchanges_; }

  /// Complete once the session is done.
  const Pop3Report& report() const { return report_; }

 private:
  enum class PendingReply : std::uint8_t {
    greeting,
    capabilities,
    stls,
    user,
    authenticate,
    password,
    stat,
    sizes,
    uids,
    header,
    message,
    barrier,
    removal,
    quit
  };
  struct Exchange {
    PendingReply what = PendingReply::greeting;
    std::size_t task = 0;
  };
  enum class Phase : std::uint8_t {
    greeting,
    capabilities,
    stls,
    user,
    password,
    late_capabilities,
    listing,
    planning,
    identifying,
    transfer,
    store,
    removal,
    quit
  };
  enum class Reading : std::uint8_t { status, lines, body };
  enum class Leaving : std::uint8_t { no, commit, close, done };
  struct Task {
    std::size_t item = 0;
    FetchDecision want = FetchDecision::leave;
    bool taken = false;    // the target has all of it
    bool durable = false;  // and it was committed
  };

  // What to say next.
  bool go_on();
  bool ask_listing();
  void plan();
  bool identify();
  bool transfer();
  bool remove();
  bool log_in();
  bool uses_plain() const;
  void say(PendingReply what, std::string_view line, std::size_t task = 0, std::string_view masked = {});
  Action leave();

  // What was heard.
  void hear(const LineReader::Line& line);
  void hear_greeting(std::string_view line);
  void hear_out_of_place(std::string_view line);
  void on_good(const Exchange& exchange, const StatusLine& status);
  void on_bad(const Exchange& exchange, std::string_view text);
  void hear_line(std::string_view line);
  void end_lines();
  void after_capabilities();
  void begin_body(const Exchange& exchange);
  void hear_body(std::string_view& bytes);
  void keep(std::string_view piece);
  void end_body();
  bool confirm();
  void refuse_message(std::size_t task, std::string_view text);
  void end_retrieving(Pop3Refusal refusal);
  bool contradicts_listing() const;

  // How it ends.
  void refuse(Step step, std::string_view text);
  void refuse(Pop3Refusal refusal);
  void on_user_refused(std::string_view text);
  void on_plain_refused(std::string_view text);
  void quit_with(Error error);
  void break_off(Error error);
  void astray(std::string_view line);
  void lose(Error error);
  void forget(std::optional<std::size_t>& task, const Error& why);

  std::size_t outstanding() const { return awaited_.size() + (reading_ == Reading::status ? 0 : 1); }
  const Pop3Item& item(std::size_t task) const { return listing_.items()[tasks_[task].item]; }
  std::size_t window() const { return report_.offer.pipelining && !settings_.careful ? pop3_window : 1; }
  static Step step_of(PendingReply what);
  Duration patience_of(PendingReply what) const;
  void note(TranscriptEntry::Who who, std::string_view line) const;
  /// Without the password, in whatever form the server repeats it.
  std::string masked(std::string_view text) const;
  Error masked(Error error) const;
  Pop3Refusal masked(Pop3Refusal refusal) const;

  Pop3Settings settings_;
  MailSink& target_;
  Dialogue dialogue_;
  mutable Secrets secrets_;  // filled when something is to be told: most polls tell nothing
  Pop3Report report_;
  Status status_;

  Phase phase_ = Phase::greeting;
  Leaving leaving_ = Leaving::no;
  Ending ending_ = Ending::orderly;
  bool start_tls_ = false;
  bool commit_ = false;
  bool secure_ = false;

  std::string out_, sending_;
  Step out_step_ = Step::none;
  std::deque<Exchange> awaited_;
  std::uint64_t exchanges_ = 0;

  LineReader reader_;
  Reading reading_ = Reading::status;
  Exchange current_;            // whose lines or body are being read
  bool bare_lf_ = false;        // the last status line ended in LF alone
  bool after_refusal_ = false;  // the last status line was -ERR: what follows without status may belong to it
  unsigned stray_lines_ = 0;

  bool user_refused_ = false;   // USER as a command
  bool plain_refused_ = false;  // AUTH PLAIN as a command
  Pop3Capabilities offered_, offering_;
  std::size_t capability_lines_ = 0, capability_octets_ = 0;
  unsigned listing_asked_ = 0;
  std::optional<std::uint64_t> counted_;  // by STAT
  Pop3Listing listing_;

  std::vector<Task> tasks_;
  std::size_t next_task_ = 0;
  bool stop_retrieving_ = false;
  bool removal_asked_ = false;            // a DELE was sent
  std::optional<Pop3Refusal> temporary_;  // the first in a row of refusals to hand out messages that may be over later
  unsigned temporary_in_row_ = 0;
  bool barrier_due_ = false;                // messages were asked for since the last NOOP
  std::optional<std::size_t> incomplete_;   // a message whose body is being read
  std::optional<std::size_t> unconfirmed_;  // a whole message, until the next status line shows that it ended there
  std::uint64_t uncommitted_ = 0;

  Pop3BodyReader body_;
  bool blank_ = true;  // the body has held nothing but white space so far
  std::string header_;
  std::optional<Sha256> body_sum_;  // where the dialogue is written down
};

}  // namespace mailrig::client
