#pragma once
/// Finds secrets and message octets in a raw stream, across segments: the eye of the invariant "nothing in clear".
///
///   ClearTextSearch search;
///   search.add_secret("s3cret", "the password of anna");
///   search.feed(ClearTextSearch::to_server, "PASS s3c");
///   search.feed(ClearTextSearch::to_server, "ret\r\n");
///   search.found().front().what == "the password of anna";
///
/// A secret is looked for raw and in base64 at each of the three alignments, so inside any SASL message too (RFC 4616,
/// RFC 4954). A message is looked for by slices of its beginning, middle and end, raw and in base64.

#include <array>
#include <bitset>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mailrig::scenarios {

class ClearTextSearch {
 public:
  enum Direction : std::uint8_t { to_server, to_client };
  struct Found {
    Direction direction;
    std::string what;  // "the password of anna"
    std::string form;  // "raw" or "base64"
  };

  // Under this length a needle stands in any stream by chance (a 3-octet text once in 16 MB of ciphertext).
  static constexpr std::size_t needle_octets_min = 4;
  static constexpr std::size_t slice_octets = 24;

  /// Secrets shorter than needle_octets_min are not looked for; false says so.
  bool add_secret(std::string_view secret, std::string what);
  void add_message(std::string_view message, std::string what);
  bool empty() const { return needles_.empty(); }

  void feed(Direction direction, std::string_view bytes);
  /// Each needle is reported once per direction.
  const std::vector<Found>& found() const { return found_; }

 private:
  struct Needle {
    std::string bytes;
    std::string what;
    bool base64 = false;
    std::array<bool, 2> reported{};
  };

  void add_needle(std::string bytes, const std::string& what, bool base64);
  void add_forms(std::string_view bytes, const std::string& what);
  void scan(Direction direction, std::string_view bytes);
  void compare(Direction direction, std::string_view bytes);
  static std::uint16_t prefix_hash(const char* bytes);

  std::vector<Needle> needles_;
  std::bitset<65536> prefixes_;  // hashes of the first four octets of all needles
  std::size_t longest_ = 0;
  std::array<std::string, 2> tail_;  // what may be the beginning of a needle, per direction
  std::vector<Found> found_;
};

}  // namespace mailrig::scenarios
