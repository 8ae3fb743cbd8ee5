#pragma once
/// Address lists (RFC 5322 §3.4 with the obsolete syntax, RFC 6532): who is in From, To, Cc.
///
///   AddressList list = parse_address_list("team: =?utf-8?Q?J=C3=BCrgen?= <j@x.test>, b@x.test (Bert);", &defects);
///   list.mailboxes[0].name == "Jürgen";  list.mailboxes[1].name == "Bert";  list.groups[0] == "team"
///
/// Read as the wild writes: without commas, with semicolons, angles and groups unclosed, specials in names. What cannot
/// be an address comes out as it stands, with a defect; a name alone is a mailbox without address.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mime/message/coding/charset.h"
#include "mime/message/defect.h"

namespace mailrig::mime {

// A field with more is a mistake or an attack.
inline constexpr std::size_t addresses_max = 10'000;

struct Mailbox {
  std::string name;     // UTF-8, encoded words decoded; the comment where there is no name ("anna@x.test (Anna)")
  std::string comment;  // all of its comments, a blank between two
  std::string address;  // UTF-8, as written, comments and blanks out; empty where there is but a name
  std::string route;    // "@relay.test,@other.test": of no use today (RFC 5322 §4.4)
  std::optional<std::size_t> group;  // index in AddressList::groups

  /// Quotes undone: of "a b"@x.test it is a b.
  std::string local() const;
  /// "[192.0.2.1]" too; empty where there is none. For its ASCII and Unicode forms see idn.h.
  std::string_view domain() const;

  friend bool operator==(const Mailbox&, const Mailbox&) = default;
};

struct AddressList {
  std::vector<Mailbox> mailboxes;   // of groups too, in the order of the field
  std::vector<std::string> groups;  // their names, UTF-8; a group may be empty

  friend bool operator==(const AddressList&, const AddressList&) = default;
};

AddressList parse_address_list(std::string_view field_body, Defects* defects = nullptr, Charsets* charsets = nullptr);

/// Mail must not go to somebody whom nobody named. Of a list that was written to be used: the first fault that leaves
/// in doubt who is meant; null where there is none. `defects`: of parse_address_list().
const Defect* doubtful_address(const Defects& defects);

struct Address {
  std::string name;
  std::string address;

  friend bool operator==(const Address&, const Address&) = default;
};

/// The mailboxes that mail can be sent to: those with a local part and a domain.
std::vector<Address> parse_addresses(std::string_view field_body);

}  // namespace mailrig::mime
