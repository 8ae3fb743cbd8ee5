#pragma once
/// Received (RFC 5321 §4.4): one hop of a message, in its clauses.
///
///   Received hop = parse_received("from a.test (b.test [192.0.2.1]) by c.test (Postfix)\r\n"
///                                 " with ESMTPS id 7F for <x@c.test>; Mon, 2 Jun 2014 10:00:00 +0000", &defects);
///   hop.from.name == "a.test";  hop.peer_host == "b.test";  hop.peer_address == "192.0.2.1";  hop.id == "7F"

#include <optional>
#include <string>
#include <string_view>

#include "mime/message/defect.h"
#include "mime/message/fields/date.h"

namespace mailrig::mime {

/// All text is UTF-8.
struct Received {
  struct Host {
    std::string name;     // as written; "[192.0.2.1]" too
    std::string comment;  // all of them, a blank between two
  };
  Host from;
  Host by;
  // What the receiving server knows of its peer (TCP-info), where its comment says so.
  std::string peer_host;
  std::string peer_address;  // IPv4 or IPv6, without brackets, tag and port
  std::string helo;          // what the peer called itself, where `from` is something else
  std::string via;
  std::string with;
  std::string id;        // without brackets
  std::string for_whom;  // without brackets
  std::optional<Date> date;
};

/// Of a clause that stands twice the first counts. What belongs to no clause is passed over.
Received parse_received(std::string_view field_body, Defects* defects = nullptr);

}  // namespace mailrig::mime
