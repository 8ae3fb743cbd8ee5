#pragma once
/// Who decides what a POP3 session does with a mailbox, and takes the messages: the mail service's retrieval, or a
/// folder of files of `mailrig fetch`.
///
///   struct Everything : MailSink {
///     std::vector<Pop3Task> plan(std::span<const Pop3Item> listing) override { ... retrieve each ... }
///     void body(std::string_view piece) override { file.write(piece); }
///     ...
///   };
///
/// Every item that is handed over later is an element of the listing given to plan. The order of calls: plan, once;
/// then for each task either identified (TOP n 0) or begin, body ..., and end or failed; in between, and before any
/// DELE, the session asks for a Commit whenever commit_due() says so and after the last message; then may_delete for
/// each that is durable, and at last quit.

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace mailrig::client {

/// A message as the server lists it.
struct Pop3Item {
  std::uint32_t number = 0;
  /// As listed, octet for octet; empty where the server gave none, or one that is not unique or absurd: then only the
  /// message itself tells who it is.
  std::string_view uid = {};
  std::uint64_t octets = 0;  // 0: not listed, or not a number. It may be wrong in either direction.
};

enum class FetchDecision : std::uint8_t {
  leave,
  identify,  // look at the header (TOP n 0) and decide then
  retrieve,
  remove,  // it is durable already: DELE without retrieving
};

/// Error::reason of a message that is listed with octets and arrived without any.
inline constexpr std::string_view empty_message_reason = "empty-message";

struct Pop3Task {
  std::size_t item = 0;  // of the listing
  FetchDecision want = FetchDecision::leave;
};

/// What the session learned of the server.
struct ServerCapabilities {
  bool pipelining = false;
  bool top = false;
  bool uidl = false;             // it answered UIDL
  bool expires_at_once = false;  // EXPIRE 0: retrieved messages are not kept (RFC 2449 §6.7)
  std::optional<std::uint64_t> login_delay_seconds = {};
};

class MailSink {
 public:
  virtual ~MailSink() = default;

  /// The whole listing, by message number; the tasks are worked off in their order. The uids live as long as the
  /// session.
  virtual std::vector<Pop3Task> plan(std::span<const Pop3Item> listing, const ServerCapabilities& offer) = 0;
  /// The header, blank line included where the server sent one; nothing where TOP was refused.
  virtual FetchDecision identified(const Pop3Item& item, std::optional<std::string_view> header) = 0;

  virtual void begin(const Pop3Item& item) = 0;
  /// Any split, dots unstuffed, without the final dot.
  virtual void body(std::string_view piece) = 0;
  /// The message is whole. An error ends the session without QUIT, so that the server commits nothing.
  virtual Status end() = 0;
  /// The message that was begun, or that was to begin, will not come in this session. All of it is to be forgotten.
  virtual void failed(const Pop3Item& item, const Error& why) = 0;

  /// Enough was taken for a commit of its own.
  virtual bool commit_due() = 0;
  /// What Commit does (Pop3Session::commit calls it).
  virtual Status commit() = 0;

  /// Asked after the commit for every message that was retrieved or is to be removed.
  virtual bool may_delete(const Pop3Item& item) = 0;
  /// DELE was answered with +OK.
  virtual void deleted(const Pop3Item& item) = 0;
  /// Asked before QUIT where a deletion was asked for, since QUIT is what commits them. An error ends the session
  /// without QUIT, so that the server deletes nothing.
  virtual Status before_quit() { return {}; }
  /// The session is over. `confirmed`: the server answered QUIT with +OK, so what it commits there is committed.
  virtual void quit(bool confirmed) = 0;
};

}  // namespace mailrig::client
