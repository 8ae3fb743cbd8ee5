#pragma once
/// Reports that programs write for programs: the fields of message/delivery-status (RFC 3464), of
/// message/disposition-notification (RFC 8098) and of message/feedback-report (RFC 5965).
///
///   std::vector<ReportGroup> groups = read_report(decoded_body(message, part));
///   *groups[0].find("reporting-mta") == "dns; mx.x.test";      // about the message
///   *groups[1].find("status") == "5.1.1";                      // about its first recipient

#include <string>
#include <string_view>
#include <vector>

#include "mime/message/message.h"

namespace mailrig::mime {

struct ReportField {
  std::string name;   // as written
  std::string value;  // UTF-8, in one line
};

struct ReportGroup {
  std::vector<ReportField> fields;

  /// The first of this name, or null.
  const std::string* find(std::string_view lower_case_name) const;
};

// One group a recipient: as many as a message can have addresses.
inline constexpr std::size_t report_groups_max = 10'000;

bool is_report(const ContentType& type);
std::vector<ReportGroup> read_report(std::string_view body);

}  // namespace mailrig::mime
