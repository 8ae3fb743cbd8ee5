#include "mime/message/coding/quoted_printable.h"

#include "mime/fuzz/fuzz.h"

using namespace mailrig::mime;        // NOLINT(google-build-using-namespace): a program of one function
using namespace mailrig::mime::fuzz;  // NOLINT(google-build-using-namespace)

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t cut = size == 0 ? 0 : data[0] % (size + 1);
  QuotedPrintableDecoder whole(Simd::scalar);
  QuotedPrintableDecoder pieces(best_simd());
  std::string octets;
  std::string other;
  whole.feed(input, octets);
  whole.finish(octets);
  pieces.feed(input.substr(0, cut), other);
  pieces.feed(input.substr(cut), other);
  pieces.finish(other);
  check(octets == other, "vectors or pieces give other octets");
  check(octets.size() <= size, "more octets than the text has");
  check(whole.damage().invalid == pieces.damage().invalid &&
            whole.damage().trailing_blanks == pieces.damage().trailing_blanks &&
            whole.damage().longest_line == pieces.damage().longest_line &&
            whole.damage().truncated == pieces.damage().truncated,
        "vectors or pieces give other damage");
  const std::string encoded = to_quoted_printable(input, QuotedPrintableEncoder::Kind::binary);
  check(from_quoted_printable(encoded) == input, "octets that do not come back");
  return 0;
}
