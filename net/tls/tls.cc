#include "net/tls/tls.h"

#include <fmt/format.h>
#include <openssl/err.h>

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "net/task.h"
#include "net/tls/tls_context.h"
#include "net/tls/tls_failure.h"
#include "net/tls/tls_records.h"
#include "net/tls/tls_verify.h"

namespace mailrig {
namespace {

// One read decrypts at most this much ahead: four full records, what one read of a socket brings.
constexpr std::size_t read_octets_max = 64 * 1024;
// One write encrypts at most this much before it hands it on, so that memory stays bounded.
constexpr std::size_t write_octets_max = 64 * 1024;

/// OpenSSL's window on the world: it takes what has arrived from a view and leaves what is to be sent in a string.
class Wire {
 public:
  std::string_view incoming;  // valid until the stream below is read again
  std::string outgoing;

  BIO* make_bio() {
    BIO* bio = BIO_new(method());
    BIO_set_data(bio, this);
    BIO_set_init(bio, 1);
    return bio;
  }

 private:
  static Wire& of(BIO* bio) { return *static_cast<Wire*>(BIO_get_data(bio)); }
  static int read(BIO* bio, char* to, std::size_t size, std::size_t* done) {
    BIO_clear_retry_flags(bio);
    std::string_view& from = of(bio).incoming;
    if (from.empty()) {
      BIO_set_retry_read(bio);
      return 0;
    }
    *done = std::min(size, from.size());
    std::copy_n(from.data(), *done, to);
    from.remove_prefix(*done);
    return 1;
  }
  static int write(BIO* bio, const char* from, std::size_t size, std::size_t* done) {
    BIO_clear_retry_flags(bio);
    of(bio).outgoing.append(from, size);
    *done = size;
    return 1;
  }
  static long control(BIO* /*bio*/, int command, long /*number*/, void* /*pointer*/) {
    return command == BIO_CTRL_FLUSH ? 1 : 0;
  }
  static const BIO_METHOD* method() {
    static const OpensslPtr<BIO_METHOD, BIO_meth_free> made = [] {
      OpensslPtr<BIO_METHOD, BIO_meth_free> fresh(BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "mailrig"));
      BIO_meth_set_read_ex(fresh.get(), &Wire::read);
      BIO_meth_set_write_ex(fresh.get(), &Wire::write);
      BIO_meth_set_ctrl(fresh.get(), &Wire::control);
      return fresh;
    }();
    return made.get();
  }
};

class TlsStream final : public Stream {
 public:
  TlsStream(std::unique_ptr<Stream> below, std::shared_ptr<const TlsClientContext> context, std::string host,
            const Calendar& calendar)
      : below_(std::move(below)), client_(std::move(context)), calendar_(&calendar) {
    finding_.host = std::move(host);
  }
  TlsStream(std::unique_ptr<Stream> below, std::shared_ptr<const TlsServerContext> context)
      : below_(std::move(below)), server_(std::move(context)) {}

  Task<Result<std::string_view>> read_some(Moment deadline) override;
  Task<Status> write(std::string_view bytes, Moment deadline) override;
  Task<Status> write_unit(std::string_view bytes, std::size_t charged, Moment deadline) override;
  std::size_t split_octets() const override { return below_->split_octets(); }
  Task<Status> start_tls(Moment deadline) override;
  bool is_tls() const override { return secure_; }
  Task<Status> close(Ending ending, Moment deadline) override;
  void abort() override { below_->abort(); }
  std::string peer() const override { return below_->peer(); }

 private:
  Status set_up();
  void on_handshake_done();
  void keep_session();
  bool is_ticket_only(int result) const;
  Task<Status> shake_hands(Moment deadline);
  Error cut_short(Error error) const;
  bool greets_in_tls(std::string_view octets) const;
  Error handshake_error();
  std::size_t decrypt();
  Task<Status> send_outgoing(std::size_t charged, Moment deadline);
  Error failure(const std::vector<unsigned long>& codes) const {
    return client_ ? tls_failure(who(), codes) : client_tls_failure(who(), codes);
  }
  std::string who() const { return client_ ? finding_.host : "the client " + below_->peer(); }

  std::unique_ptr<Stream> below_;
  std::shared_ptr<const TlsClientContext> client_;  // one of these two
  std::shared_ptr<const TlsServerContext> server_;
  const Calendar* calendar_ = nullptr;
  VerifyFinding finding_;
  Instant began_{};    // by the calendar: what certificates are held against
  Validity validity_;  // of the chain that was verified, now or when the resumed session began
  Wire wire_;
  std::string sending_;  // what the stream below is being given; wire_.outgoing may grow meanwhile
  SslPtr ssl_;
  std::unique_ptr<char[]> plain_;
  bool secure_ = false;
  bool sending_now_ = false;
  std::optional<Error> read_failure_;  // why nothing can be read any more
  std::optional<Error> write_failure_;
};

// --- The handshake ---

Status TlsStream::set_up() {
  ERR_clear_error();
  ssl_.reset(SSL_new(client_ ? client_->get() : server_->get()));
  if (!ssl_) return Error{Errc::environment, "OpenSSL could not begin a connection: " + openssl_errors(), Step::tls};
  BIO* bio = wire_.make_bio();
  SSL_set_bio(ssl_.get(), bio, bio);
  if (server_) {
    SSL_set_accept_state(ssl_.get());
    return {};
  }
  SSL_set_connect_state(ssl_.get());
  Status verifying = set_verification(ssl_.get(), finding_, calendar_->now());
  if (!verifying) return verifying;
  began_ = calendar_->now();
  if (std::optional<ResumableSession> kept = client_->sessions().find(finding_.host, began_)) {
    SSL_set_session(ssl_.get(), kept->session.get());
    validity_ = kept->validity;
  }
  return {};
}

void TlsStream::on_handshake_done() {
  secure_ = true;
  if (client_ && SSL_session_reused(ssl_.get()) == 0) validity_ = validity_of_chain(ssl_.get(), began_);
}

/// Asked at the end of a connection: under TLS 1.3 what makes a session resumable comes after the handshake.
void TlsStream::keep_session() {
  SslSessionPtr session(SSL_get1_session(ssl_.get()));
  if (!session || SSL_SESSION_is_resumable(session.get()) != 1) return;
  client_->sessions().keep(finding_.host, {std::move(session), validity_});
}

Error TlsStream::handshake_error() {
  std::vector<unsigned long> codes = take_openssl_errors();
  if (finding_.code != X509_V_OK) return refusal(finding_);
  return failure(codes);
}

Task<Status> TlsStream::start_tls(Moment deadline) {
  if (ssl_) co_return Error{Errc::internal, "TLS was started twice on one connection", Step::tls};
  Status done = set_up();
  if (done) {
    Status shaken = co_await shake_hands(deadline);
    done = std::move(shaken);
  }
  if (!done) {
    // Nothing may pass in clear, or under keys of an unknown peer, after a failed upgrade.
    read_failure_ = done.error();
    write_failure_ = done.error();
    co_return done;
  }
  on_handshake_done();
  co_return done;
}

Task<Status> TlsStream::shake_hands(Moment deadline) {
  bool first = true;
  for (;;) {
    ERR_clear_error();
    int result = SSL_do_handshake(ssl_.get());
    std::optional<Error> failed;  // judged before anything is awaited: OpenSSL's queue of errors is the thread's
    if (result != 1 && SSL_get_error(ssl_.get(), result) != SSL_ERROR_WANT_READ) failed = handshake_error();
    if (!wire_.outgoing.empty() && !is_ticket_only(result)) {
      if (server_ && !server_->sent_instead().empty())
        wire_.outgoing = replace_certificates(wire_.outgoing, server_->sent_instead());
      Status sent = co_await send_outgoing(tls_flight_octets, deadline);
      if (!sent && !failed)
        failed = cut_short(std::move(sent).error());  // an alert that cannot be sent changes nothing
    }
    if (failed) co_return *std::move(failed);
    if (result == 1) co_return Status{};
    Result<std::string_view> chunk = co_await below_->read_some(deadline);
    if (!chunk) co_return cut_short(std::move(chunk).error());
    if (first && !greets_in_tls(*chunk)) co_return not_tls(who(), *chunk);
    wire_.incoming = *chunk;
    first = false;
  }
}

/// The server of TLS 1.3 ends a handshake by hearing the client's last words. What it has to say then is a ticket that
/// the client does not wait for: it goes out with the first octets of data, in one write and at no charge.
bool TlsStream::is_ticket_only(int result) const {
  return server_ && result == 1 && SSL_version(ssl_.get()) == TLS1_3_VERSION;
}

/// The stream below failed before the handshake was done.
Error TlsStream::cut_short(Error error) const {
  if (error.code == Errc::timed_out) return handshake_stalled(who());
  if (error.code != Errc::end_of_stream && error.code != Errc::reset) return error;
  return {error.code,
          fmt::format("{} ended the connection within the TLS handshake: {}", printable(who()), error.message),
          Step::tls};
}

bool TlsStream::greets_in_tls(std::string_view octets) const {
  // A server may be greeted in the format of SSL 2 (RFC 5246 §E.2), then OpenSSL judges; a server never answers in it.
  bool as_ssl2 = server_ && octets.size() > 2 && (octets[0] & 0x80) != 0 && octets[2] == 1;
  return as_ssl2 || could_be_tls(octets);
}

// --- Data ---

/// Fills plain_ from what has arrived. 0: more must arrive first, or read_failure_ says why nothing ever will.
std::size_t TlsStream::decrypt() {
  if (!plain_) plain_ = std::make_unique_for_overwrite<char[]>(read_octets_max);
  std::size_t filled = 0;
  while (filled < read_octets_max && (!wire_.incoming.empty() || SSL_pending(ssl_.get()) > 0)) {
    ERR_clear_error();
    std::size_t done = 0;
    int result = SSL_read_ex(ssl_.get(), plain_.get() + filled, read_octets_max - filled, &done);
    if (result == 1) {
      filled += done;
      continue;
    }
    int error = SSL_get_error(ssl_.get(), result);
    if (error == SSL_ERROR_WANT_READ) break;
    if (error == SSL_ERROR_ZERO_RETURN) {
      read_failure_ = Error{Errc::end_of_stream, "the peer closed the connection"};
    } else {
      read_failure_ = failure(take_openssl_errors());
      write_failure_ = read_failure_;
    }
    break;
  }
  return filled;
}

Task<Result<std::string_view>> TlsStream::read_some(Moment deadline) {
  if (!ssl_) {
    Result<std::string_view> clear = co_await below_->read_some(deadline);
    co_return clear;
  }
  for (;;) {
    if (read_failure_) co_return *read_failure_;
    std::size_t filled = decrypt();
    if (filled > 0) co_return std::string_view(plain_.get(), filled);
    if (read_failure_) {
      // An alert tells the peer why, unless this side is in the middle of a record of its own.
      if (!wire_.outgoing.empty() && !sending_now_) {
        Status told = co_await send_outgoing(tls_close_octets, deadline);
        static_cast<void>(told);
      }
      continue;
    }
    Result<std::string_view> chunk = co_await below_->read_some(deadline);
    if (chunk) {
      wire_.incoming = *chunk;
      continue;
    }
    Error error = std::move(chunk).error();
    if (error.code == Errc::timed_out) co_return error;  // what comes later can still be read
    if (error.code == Errc::end_of_stream) error = truncated_stream();
    read_failure_ = std::move(error);
  }
}

Task<Status> TlsStream::send_outgoing(std::size_t charged, Moment deadline) {
  sending_.swap(wire_.outgoing);
  wire_.outgoing.clear();
  sending_now_ = true;
  Status sent = co_await below_->write_unit(sending_, charged, deadline);
  sending_now_ = false;
  if (!sent) write_failure_ = sent.error();  // part of a record may be out: what follows would be garbage
  co_return sent;
}

Task<Status> TlsStream::write(std::string_view bytes, Moment deadline) {
  if (!ssl_) {
    Status clear = co_await below_->write(bytes, deadline);
    co_return clear;
  }
  const std::size_t piece_max = std::min(below_->split_octets(), write_octets_max);
  while (!bytes.empty()) {
    if (write_failure_) co_return *write_failure_;
    std::string_view piece = bytes.substr(0, piece_max);
    ERR_clear_error();
    std::size_t done = 0;
    if (SSL_write_ex(ssl_.get(), piece.data(), piece.size(), &done) != 1) {
      write_failure_ = failure(take_openssl_errors());
      continue;
    }
    bytes.remove_prefix(done);
    Status sent = co_await send_outgoing(done, deadline);
    if (!sent) co_return sent;
  }
  co_return Status{};
}

Task<Status> TlsStream::write_unit(std::string_view bytes, std::size_t charged, Moment deadline) {
  if (ssl_) {
    Status encrypted = co_await write(bytes, deadline);
    co_return encrypted;
  }
  Status clear = co_await below_->write_unit(bytes, charged, deadline);
  co_return clear;
}

Task<Status> TlsStream::close(Ending ending, Moment deadline) {
  if (secure_ && ending == Ending::orderly && !write_failure_) {
    ERR_clear_error();
    if (client_) keep_session();
    SSL_shutdown(ssl_.get());
    take_openssl_errors();
    if (!wire_.outgoing.empty()) {
      // That the peer is gone already is no news to one who leaves.
      Status told = co_await send_outgoing(tls_close_octets, deadline);
      static_cast<void>(told);
    }
    write_failure_ = Error{Errc::cancelled, "written after the connection was closed on this side"};
  }
  Status closed = co_await below_->close(ending, deadline);
  co_return closed;
}

}  // namespace

std::unique_ptr<Stream> with_tls(std::unique_ptr<Stream> below, std::shared_ptr<const TlsClientContext> context,
                                 std::string host, const Calendar& calendar) {
  return std::make_unique<TlsStream>(std::move(below), std::move(context), std::move(host), calendar);
}

std::unique_ptr<Stream> with_tls(std::unique_ptr<Stream> below, std::shared_ptr<const TlsServerContext> context) {
  return std::make_unique<TlsStream>(std::move(below), std::move(context));
}

}  // namespace mailrig
