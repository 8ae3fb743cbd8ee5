#pragma once
/// What an EHLO reply offers. Example: parse_capabilities(reply).pipelining.

#include <cstdint>
#include <optional>

#include "client/smtp/reply.h"

namespace mailrig::client {

struct SmtpCapabilities {
  bool starttls = false;
  bool pipelining = false;                // RFC 2920
  bool eight_bit_mime = false;            // RFC 6152
  bool smtp_utf8 = false;                 // RFC 6531
  bool auth_plain = false;                // RFC 4616
  bool auth_login = false;                // no RFC; the oldest and most common
  bool auth = false;                      // any mechanism at all
  std::optional<std::uint64_t> size_max;  // RFC 1870; nothing where the server names no limit
};

/// Keywords in any letter case. "AUTH=LOGIN" (old Exchange, MailEnable) counts like "AUTH LOGIN", and both may come.
SmtpCapabilities parse_capabilities(const SmtpReply& ehlo);

}  // namespace mailrig::client
