#include <set>

#include "mime/fuzz/fuzz.h"
#include "mime/message/coding/transfer_encoding.h"
#include "mime/message/fields/content_type.h"
#include "mime/message/fields/disposition.h"
#include "mime/message/fields/list_header.h"
#include "mime/message/fields/message_id.h"
#include "mime/message/fields/received.h"
#include "mime/message/fields/text_list.h"
#include "mime/message/mime_fields.h"

using namespace mailrig::mime;        // NOLINT(google-build-using-namespace): a program of few functions
using namespace mailrig::mime::fuzz;  // NOLINT(google-build-using-namespace)

namespace {

Charsets charsets;  // opening them costs more than all the rest

void check_parameters(const std::vector<Parameter>& parameters, std::string_view input) {
  check(parameters.size() <= parameters_max, "more parameters than the limit");
  std::set<std::string_view> names;
  for (const Parameter& parameter : parameters) {
    check(!parameter.name.empty() && names.insert(parameter.name).second, "a parameter without a name, or twice");
    for (std::string_view text : {parameter.name, parameter.language}) check_text(text, input);
    if (parameter.name == "boundary")  // octets as they are written (parameters.h)
      check(parameter.value.size() <= input.size(), "a boundary longer than the field");
    else
      check_text(parameter.value, input);
  }
}

void read_content_type(std::string_view input, Defects& defects) {
  const ContentType type = parse_content_type(input, &defects, &charsets);
  check(type.is_valid() || defects.has(DefectCode::invalid_content_type), "no type, and nobody says so");
  check_text(type.type, input);
  check_text(type.subtype, input);
  check_parameters(type.parameters, input);
  check(type.parameters == parse_content_type(input, nullptr, &charsets).parameters, "defects change the reading");
}

void read_received(std::string_view input, Defects& defects) {
  const Received hop = parse_received(input, &defects);
  for (std::string_view text : {hop.from.name, hop.from.comment, hop.by.name, hop.by.comment, hop.peer_host,
                                hop.peer_address, hop.helo, hop.via, hop.with, hop.id, hop.for_whom})
    check_text(text, input);
}

void read_lists(std::string_view input, Defects& defects) {
  for (const std::string& id : parse_message_ids(input, &defects)) check_text(id, input);
  for (const std::string& item : parse_text_list(input, &defects, &charsets)) check_text(item, input);
  const std::vector<ListUrl> urls = parse_list_urls(input, &defects, &charsets);
  check(urls.size() <= list_urls_max, "more URLs than the limit");
  for (const ListUrl& url : urls) {
    check_text(url.url, input);
    check_text(url.comment, input);
  }
  if (const std::optional<ListId> list = parse_list_id(input, &defects, &charsets)) {
    check_text(list->id, input);
    check_text(list->name, input);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  Defects defects(input);
  read_content_type(input, defects);
  const Disposition disposition = parse_disposition(input, &defects, &charsets);
  check_text(disposition.kind, input);
  check_parameters(disposition.parameters, input);
  check(!to_string(parse_transfer_encoding(input, &defects)).empty(), "an encoding without a name");
  parse_mime_version(input, &defects);
  check_text(parse_content_location(input, &defects, &charsets), input);
  parse_content_md5(input);
  read_received(input, defects);
  read_lists(input, defects);
  check_defects(defects, input);
  return 0;
}
