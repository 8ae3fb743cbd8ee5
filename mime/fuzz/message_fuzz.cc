#include "mime/fuzz/fuzz.h"
#include "mime/message/facts/message_json.h"
#include "mime/message/facts/outline.h"
#include "mime/message/facts/readable.h"
#include "mime/message/lint/examine.h"
#include "mime/message/message_reader.h"

using namespace mailrig::mime;        // NOLINT(google-build-using-namespace): a program of one function
using namespace mailrig::mime::fuzz;  // NOLINT(google-build-using-namespace)

namespace {

void check_tree(const Message& message, std::string_view input) {
  const auto parts = message.parts();
  check(!parts.empty() && parts.size() <= Limits{}.parts_max, "a tree without a root, or with too many parts");
  for (const Part& part : parts) {
    const std::uint32_t number = message.number_of(part);
    check(part.parent == Part::none ? number == 0 : part.parent < number, "a part before the one that it lies in");
    check(part.header_offset + part.header_length <= part.body_offset, "a header that reaches into its body");
    if (part.decoded_in != Part::none) continue;
    check(part.end() <= input.size(), "a part behind the end");
    check(message.body(part).size() == part.body_length, "a body that is not where its offsets are");
    if (number == 0) continue;
    const Part& outer = parts[part.parent];
    check(part.header_offset >= outer.body_offset && part.end() <= outer.end(), "a part that reaches out of its own");
  }
}

/// The first octet says how the rest is cut.
void check_pieces(const Message& whole, std::string_view input, std::size_t size) {
  MessageReader reader;
  for (std::string_view rest = input; !rest.empty(); rest.remove_prefix(std::min(size, rest.size())))
    reader.feed(rest.substr(0, size));
  const Message pieces = reader.finish();
  check(pieces.parts().size() == whole.parts().size(), "pieces give other parts");
  for (std::size_t i = 0; i < whole.parts().size(); ++i) {
    const Part& a = whole.parts()[i];
    const Part& b = pieces.parts()[i];
    check(a.path == b.path && a.kind == b.kind && a.header_offset == b.header_offset &&
              a.body_offset == b.body_offset && a.body_length == b.body_length,
          "pieces give another tree");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  std::string_view input(reinterpret_cast<const char*>(data), size);
  const Message message = parse(input);
  check_tree(message, input);
  check_pieces(message, input, size == 0 ? 1 : 1 + data[size / 2] % 64);
  check_defects(examine(message), input);
  check(mailrig::is_well_formed_utf8(readable_text(message).content), "text that is not UTF-8");
  check(mailrig::is_well_formed_utf8(outline_of(input)), "an outline that is not UTF-8");
  to_value(with_crlf(input));
  return 0;
}
