#pragma once
/// What the client has to know of a message to file it and to know it again.
///
///   MessageFacts facts = read_facts(raw);
///   facts.message_id == "q1@customer.test";     // without < >
///   folder_for(facts, filters) == "Sent";

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "client/account/account.h"

namespace mailrig::client {

inline constexpr std::string_view inbox_folder = "Inbox";
inline constexpr std::string_view sent_folder = "Sent";

struct MessageFacts {
  std::string message_id = {};  // empty: it has none
  std::string from = {};        // the field, unfolded
  std::optional<Instant> date = {};
};

/// Of a message or of its header alone.
MessageFacts read_facts(std::string_view message);

/// What stands before the first blank line, without the line ends behind it: the same from a whole message and from TOP
/// n 0.
std::string_view header_text(std::string_view message);

/// A name for a message that its server gives no usable uid: made of its header and its listed size. Begins with a
/// blank, which no uid does. The header has to hold a Message-ID, or two messages might share the name.
std::string identity_of(std::string_view header, std::uint64_t listed_octets);

/// Where the first filter that fits wants it, else Inbox.
std::string folder_for(const MessageFacts& facts, const std::vector<Filter>& filters);

/// Is this address among the senders? Letter case does not matter.
bool is_from(const MessageFacts& facts, std::string_view address);

}  // namespace mailrig::client
