#pragma once
/// The header of a draft, field by field; what is wrong is kept until the end, the first thing only.
///
///   FieldSet fields(transport);
///   fields.authors("From", "Sender", draft.from, draft.sender);
///   fields.text("Subject", draft.subject);
///   Result<std::string> header = fields.take();

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mime/compose/compose.h"

namespace mailrig::mime {

class FieldSet {
 public:
  explicit FieldSet(Transport transport) : kind_(transport.utf8 ? FieldWriter::Kind::utf8 : FieldWriter::Kind::plain) {}

  void date(std::string_view name, Instant instant, int offset_minutes);
  /// There has to be one; of several the first is the sender where none is named (RFC 5322 §3.6.2).
  void authors(std::string_view name, std::string_view sender_name, const std::vector<Address>& authors,
               const std::optional<Address>& sender);
  /// No field where there are none.
  void mailboxes(std::string_view name, const std::vector<Address>& mailboxes);
  void recipients(std::string_view name, const Recipients& recipients);
  void text(std::string_view name, std::string_view text);
  void identifiers(std::string_view name, const std::vector<std::string>& identifiers);
  /// `given`, or one that is drawn with the domain of the author. Returns it.
  std::string message_id(std::string_view name, const std::string& given, const std::vector<Address>& authors,
                         Prng& prng);
  Status resent(const Resent& resent, Prng& prng);

  /// Of fields that are not written.
  void check(const Recipients& recipients);

  Result<std::string> take();

 private:
  void write(FieldWriter& writer, const Address& mailbox, std::string_view behind);
  std::string checked(const Address& mailbox);
  void fail(std::string message);

  FieldWriter::Kind kind_;
  std::string out_;
  Status status_;
};

}  // namespace mailrig::mime
