#include "mime/compose/field_writer.h"

#include "mime/fuzz/fuzz.h"
#include "mime/message/coding/charset.h"
#include "mime/message/fields/address.h"
#include "mime/message/fields/encoded_word.h"
#include "mime/message/fields/parameters.h"
#include "mime/message/header.h"

using namespace mailrig::mime;        // NOLINT(google-build-using-namespace): a program of one function
using namespace mailrig::mime::fuzz;  // NOLINT(google-build-using-namespace)

namespace {

/// The one field, whole; its lines are short where that can be.
std::string_view body_of_field(std::string_view field) {
  check(field.ends_with("\r\n"), "a field that does not end");
  std::string_view rest = field;
  const std::optional<HeaderField> found = take_field(rest);
  check(found && rest.empty(), "more than one field, or none");
  for (std::string_view lines = field; !lines.empty(); lines.remove_prefix(lines.find("\r\n") + 2))
    check(lines.find("\r\n") <= FieldWriter::line_characters_max, "a line that is too long");
  return found->body;
}

}  // namespace

/// What goes into a subject, a name and a file name comes back.
extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  std::string carried = clean_utf8(input);
  for (char& c : carried)
    if ((c >= 0 && c < ' ' && c != '\t') || c == 0x7F) c = ' ';
  for (FieldWriter::Kind kind : {FieldWriter::Kind::plain, FieldWriter::Kind::utf8}) {
    std::string text, name, file;
    FieldWriter(text, "Subject", kind).text(input).end();
    check(decode_words(unfold(body_of_field(text))) == carried, "a text that changes");
    FieldWriter(name, "From", kind).phrase(input).token("<a@x.test>").end();
    const AddressList list = parse_address_list(body_of_field(name));
    check(list.mailboxes.size() == 1 && list.mailboxes[0].address == "a@x.test", "a name that takes the address along");
    check(list.mailboxes[0].name == carried, "a name that changes");
    FieldWriter(file, "Content-Disposition", kind).token("attachment").parameter("filename", input).end();
    Tokens tokens(body_of_field(file).substr(std::string_view(" attachment").size()));
    const std::vector<Parameter> parameters = parse_parameters(tokens);
    check(size > 10'000 || (parameters.size() == 1 && parameters[0].value == carried), "a file name that changes");
  }
  return 0;
}
