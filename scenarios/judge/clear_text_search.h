#pragma once
/// Finds secrets and message octets in a raw stream, across segments: what judges the invariant "nothing-in-clear".
///
///   ClearTextSearch search;
///   search.add_secret("s3cret", "the password of anna");
///   search.feed(ClearTextSearch::to_server, "PASS s3c");
///   search.feed(ClearTextSearch::to_server, "ret\r\n");
///   search.found().front().what == "the password of anna";
///
/// The forms in which they are found are those of a NeedleSet. The cost is linear in the octets fed, however many
/// needles there are: of each octet that may begin an anchor the four that begin there are asked of a filter, and where
/// they are an anchor, needles are looked up once for each length that they have. Nothing is skipped because of what
/// the header of a TLS record says, since cleartext can follow a forged one.

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "scenarios/judge/needle_set.h"

namespace mailrig::scenarios {

class ClearTextSearch {
 public:
  enum Direction : std::uint8_t { to_server, to_client };
  struct Found {
    Direction direction;
    std::string what;  // "the password of anna"
    std::string form;  // "raw" or "base64"
  };
  /// What the search has done so far; tests hold it to linear growth.
  struct Work {
    std::uint64_t octets = 0;  // looked at for an anchor
    std::uint64_t probes = 0;  // needles compared where one was
  };

  /// `common` holds needles that many connections share, made once; null: none.
  explicit ClearTextSearch(std::shared_ptr<const NeedleSet> common = nullptr)
      : common_(common != nullptr && !common->empty() ? std::move(common) : nullptr), own_(common_.get()) {}

  /// Secrets shorter than NeedleSet::needle_octets_min are not looked for; false says so.
  bool add_secret(std::string_view secret, std::string what);
  void add_message(std::string_view message, std::string what);

  void feed(Direction direction, std::string_view bytes);
  /// Each needle is reported once per direction.
  const std::vector<Found>& found() const { return found_; }
  const Work& work() const { return work_; }

 private:
  struct Stream {
    std::string tail;                     // the octets in which a needle may have begun
    std::vector<std::size_t> candidates;  // where one may have, in tail: too little of it had come
    bool needles_are_new = false;         // some were added after these octets: all of them are looked at again
  };
  std::array<const NeedleSet*, 2> sets() const { return {common_.get(), &own_}; }

  void search(Direction direction, std::string_view bytes, std::size_t longest);
  void on_added();
  /// Looks for anchors of `text` that begin in [from, until). Where a needle of theirs may be cut off by the end of the
  /// text, its beginning is added to `candidates`.
  void scan(Direction direction, std::string_view text, std::size_t from, std::size_t until,
            std::vector<std::size_t>& candidates);
  void on_anchor(Direction direction, std::string_view text, std::size_t at, std::vector<std::size_t>& candidates);
  /// Reports the needles that `text` begins with. True: a longer one may be there once more has come.
  bool compare(Direction direction, std::string_view text);

  std::shared_ptr<const NeedleSet> common_;
  NeedleSet own_;
  std::array<Stream, 2> streams_;
  std::unordered_set<std::uint64_t> reported_;  // needle, set and direction
  std::vector<Found> found_;
  Work work_;
};

}  // namespace mailrig::scenarios
