#include "mime/message/coding/base64.h"

#include "mime/fuzz/fuzz.h"

using namespace mailrig::mime;        // NOLINT(google-build-using-namespace): a program of one function
using namespace mailrig::mime::fuzz;  // NOLINT(google-build-using-namespace)

namespace {

std::string decode(std::string_view text, std::size_t cut, Simd simd, Base64Decoder::Damage& damage) {
  Base64Decoder decoder(simd);
  std::string octets;
  decoder.feed(text.substr(0, cut), octets);
  decoder.feed(text.substr(cut), octets);
  decoder.finish(octets);
  damage = decoder.damage();
  return octets;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  Base64Decoder::Damage damage;
  Base64Decoder::Damage other;
  const std::string octets = decode(input, 0, Simd::scalar, damage);
  check(octets.size() <= size / 4 * 3 + 3, "more octets than the text can hold");
  check(decode(input, size == 0 ? 0 : data[0] % (size + 1), best_simd(), other) == octets,
        "vectors or pieces give other octets");
  check(damage.junk == other.junk && damage.after_padding == other.after_padding &&
            damage.longest_line == other.longest_line && damage.truncated == other.truncated &&
            damage.missing_padding == other.missing_padding,
        "vectors or pieces give other damage");
  check(from_base64(to_base64(input)) == input, "octets that do not come back");
  Base64Encoder encoder;
  std::string lines;
  encoder.feed(input, lines);
  encoder.finish(lines);
  check(from_base64(lines) == input, "octets that do not come back from lines");
  check(lines.size() == Base64Encoder::encoded_size(size), "another size than was said");
  return 0;
}
