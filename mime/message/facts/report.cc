#include "mime/message/facts/report.h"

#include "mime/message/ascii.h"
#include "mime/message/fields/encoded_word.h"

namespace mailrig::mime {

const std::string* ReportGroup::find(std::string_view lower_case_name) const {
  for (const ReportField& field : fields)
    if (equals_ignoring_case(field.name, lower_case_name)) return &field.value;
  return nullptr;
}

bool is_report(const ContentType& type) {
  // The "global" forms are those of RFC 6533, with UTF-8 in them.
  return type.type == "message" &&
         (type.subtype == "delivery-status" || type.subtype == "global-delivery-status" ||
          type.subtype == "disposition-notification" || type.subtype == "global-disposition-notification" ||
          type.subtype == "feedback-report");
}

std::vector<ReportGroup> read_report(std::string_view body) {
  std::vector<ReportGroup> groups;
  std::vector<FieldPlace> places;
  Charsets charsets;
  while (!body.empty() && groups.size() < report_groups_max) {
    const HeaderEnd end = index_header(body, places);
    const Header header(body, places);
    if (!header.empty()) {
      ReportGroup& group = groups.emplace_back();
      for (std::size_t i = 0; i < header.size(); ++i)
        group.fields.push_back({std::string(header[i].name), text_value(header[i].body, nullptr, &charsets)});
    }
    body.remove_prefix(end.body);
  }
  return groups;
}

}  // namespace mailrig::mime
