#pragma once
/// The octets that a stream must not carry: secrets and slices of messages, raw and in base64, found by hashing.
///
///   NeedleSet needles;
///   needles.add_secret("s3cret", "the password of anna");
///   needles.uses_class(Anchor::class_of(*at)) && needles.may_have(at);   // most of a stream stops here
///   needles.find("s3cret", probes);          // exact
///
/// A secret is there raw and in base64 at each of the three alignments, so inside any SASL message too (RFC 4616, RFC
/// 4954). A message is there by slices of its beginning, middle and end, raw and in base64. What is asked costs the
/// same however many needles there are.

#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mailrig::scenarios {

/// What of a needle is looked up first: four of its octets, which begin with one of a class. Only octets of the classes
/// in use are asked about, so that most of a stream is passed over sixteen at a time.
struct Anchor {
  static constexpr std::size_t octets = 4;
  // Anchors are in the first octets of a needle.
  static constexpr std::size_t offsets = 28;
  static constexpr unsigned classes = 8;  // by the three lowest bits
  // In the order of preference: the first has a, i, q, y, A, I, Q, Y, 1 and 9, and one of these is among 28 digits of
  // base64 in 99 of 100 cases. So a search asks about few classes, and for the most part about this one.
  static constexpr std::array<unsigned, classes> preference = {1, 5, 2, 3, 4, 0, 6, 7};

  static unsigned class_of(char c) { return static_cast<unsigned char>(c) % classes; }
  static std::uint32_t word(const char* at) {
    std::uint32_t read = 0;
    std::memcpy(&read, at, sizeof read);
    return read;
  }
};

/// A blocked Bloom filter over anchors: one word of memory is read for each question. Fewer than one in two hundred
/// pass by chance (32 bits or more per needle, two of them set).
class AnchorFilter {
 public:
  void reset(std::size_t anchors_max);
  void add(std::uint32_t anchor) {
    const std::uint64_t sum = hash(anchor);
    bits_[slot(sum)] |= 1ULL << first(sum) | 1ULL << second(sum);
  }
  bool may_have(std::uint32_t anchor) const {
    const std::uint64_t sum = hash(anchor);
    const std::uint64_t word = bits_[slot(sum)];
    return (word >> first(sum) & word >> second(sum) & 1) != 0;
  }

 private:
  // 2^64 by the golden ratio: the upper bits depend on all octets.
  static std::uint64_t hash(std::uint32_t anchor) { return anchor * 0x9E37'79B9'7F4A'7C15ULL; }
  std::size_t slot(std::uint64_t sum) const { return static_cast<std::size_t>(sum >> shift_); }
  unsigned first(std::uint64_t sum) const { return static_cast<unsigned>(sum >> (shift_ - 6)) & 63; }
  unsigned second(std::uint64_t sum) const { return static_cast<unsigned>(sum >> (shift_ - 12)) & 63; }

  std::vector<std::uint64_t> bits_ = std::vector<std::uint64_t>(2);
  unsigned shift_ = 63;
};

class NeedleSet {
 public:
  // A shorter needle is in any stream by chance (a 3-octet text once in 16 MB of ciphertext).
  static constexpr std::size_t needle_octets_min = 4;
  // Of a longer secret this much is looked for: no token is told from another by what comes after it.
  static constexpr std::size_t needle_octets_max = 1024;
  static constexpr std::size_t slice_octets = 24;

  /// The anchors of `also` are among those of this set; it outlives this set and does not change.
  explicit NeedleSet(const NeedleSet* also = nullptr) : also_(also) {}

  /// Secrets shorter than needle_octets_min are left out; false says so.
  bool add_secret(std::string_view secret, std::string what);
  void add_message(std::string_view message, std::string what);

  bool empty() const { return needles_.empty(); }
  /// The number of needles, all forms counted. Equal octets are one needle, with the first name.
  std::size_t size() const { return needles_.size(); }
  std::size_t longest() const { return lengths_.empty() ? 0 : lengths_.back(); }
  /// That needles have, ascending.
  const std::vector<std::uint16_t>& lengths() const { return lengths_; }

  /// Bit n: some anchor begins with an octet of class n.
  unsigned classes() const { return classes_; }
  /// Four octets are read; false: they are no anchor. True may be wrong, anchor_offsets() is exact.
  bool may_have(const char* at) const {
    return filters_[Anchor::class_of(*at) != Anchor::preference[0]].may_have(Anchor::word(at));
  }
  /// Bit n: a needle has these four octets as its anchor, n octets from its beginning.
  std::uint32_t anchor_offsets(const char* at) const;

  /// The number of the needle with exactly these octets. Adds to `probes` the entries that were looked at.
  std::optional<std::uint32_t> find(std::string_view bytes, std::uint64_t& probes) const;
  const std::string& what(std::uint32_t needle) const { return names_[needles_[needle].what]; }
  std::string_view form(std::uint32_t needle) const { return needles_[needle].base64 ? "base64" : "raw"; }

 private:
  struct Needle {
    std::uint64_t at = 0;    // in octets_
    std::uint32_t what = 0;  // in names_
    std::uint16_t size = 0;
    bool base64 = false;
    std::uint8_t anchor = 0;  // its offset
  };

  void add_forms(std::string_view bytes, std::uint32_t what);
  void add_needle(std::string_view bytes, std::uint32_t what, bool base64);
  std::string_view octets_of(const Needle& needle) const {
    return std::string_view(octets_).substr(needle.at, needle.size);
  }
  /// The slot of the needle with these octets, or the free one where it belongs.
  std::size_t slot_of(std::string_view bytes, std::uint64_t& probes) const;
  void grow();
  void enter(std::uint32_t needle);
  void enter_anchor(const Needle& needle, std::string_view bytes);
  std::size_t anchor_slot(std::uint32_t anchor) const;

  std::string octets_;  // of all needles
  std::vector<std::string> names_;
  std::vector<Needle> needles_;
  std::vector<std::uint32_t> table_;    // of needles by hash, open addressing, at most half full
  std::vector<std::uint16_t> lengths_;  // ascending
  // The first class has nearly all of the anchors; those of the others are few, and their filter stays in the cache.
  std::array<AnchorFilter, 2> filters_;
  struct Anchored {
    std::uint32_t anchor = 0;
    std::uint32_t offsets = 0;  // 0: a free slot
  };
  std::vector<Anchored> anchors_;  // open addressing, at most half full
  unsigned classes_ = 0;
  const NeedleSet* also_ = nullptr;
};

}  // namespace mailrig::scenarios
