#pragma once
/// One row of one file being read: what was found wrong so far, and how nodes become values.
///
///   Fields server(reading, node, "a server");
///   std::string host = server.text("host").value_or(name + ".test");
///   const Node* mailboxes = server.take("mailboxes");
///   server.finish();                       // what was not asked for is an unknown key

#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/settings.h"
#include "json/located.h"
#include "scenarios/language/load.h"

namespace mailrig::scenarios {

/// What is wrong with a whole file, each thing once however many rows show it.
class Diagnostics {
 public:
  // Who has more to mend than this begins at the top.
  static constexpr std::size_t kept_max = 200;

  void add(Diagnostic diagnostic);
  std::size_t errors() const { return errors_; }
  /// In the order of the file.
  std::vector<Diagnostic> take();

 private:
  std::vector<Diagnostic> list_;
  std::size_t errors_ = 0;
};

class Reading {
 public:
  Reading(Diagnostics& diagnostics, const LoadContext& context, std::string row)
      : context_(context), diagnostics_(diagnostics), row_(std::move(row)) {}

  // --- Places and what is wrong there
  Place at(const Node& node) const { return in_row(node.place()); }
  Place at(const Node::Entry& entry) const { return in_row(entry.key_place()); }
  void error(const Place& place, std::string message, std::string expected = {}, std::string meant = {});
  void warn(const Place& place, std::string message, std::string expected = {}, std::string meant = {});
  /// "takes TAKES, not ..."
  void wrong_type(std::string_view key, const Node& found, std::string_view takes, std::string meant = {});
  /// An error about a name that is not among `known`.
  void unknown(const Place& place, std::string message, std::span<const std::string_view> known, std::string_view name);

  /// So many so far; who sees the same number again knows that what lay between is good.
  std::size_t errors() const { return diagnostics_.errors(); }

  // --- Values; nothing (and an error) where the node is not of the kind
  std::optional<std::string> text(std::string_view key, const Node& node);
  std::optional<bool> boolean(std::string_view key, const Node& node);
  std::optional<std::uint64_t> whole(std::string_view key, const Node& node, std::uint64_t low = 0,
                                     std::uint64_t high = INT64_MAX);
  std::optional<std::uint64_t> octets(std::string_view key, const Node& node);
  std::optional<Duration> duration(std::string_view key, const Node& node);
  /// RFC 3339, or a span before or after the clock: "-3d", "+1h".
  std::optional<Instant> instant(std::string_view key, const Node& node);
  std::optional<std::size_t> choice(std::string_view key, const Node& node, std::span<const std::string_view> choices);
  /// A text alone is a list of one.
  std::optional<std::vector<std::string>> text_list(std::string_view key, const Node& node);
  const Node* map(std::string_view key, const Node& node);
  const Node* list(std::string_view key, const Node& node);
  /// Checked against its table; instants become absolute. Null where it does not fit.
  Value setting(const Setting& setting, const Node& node);

  /// The file `relative` to the file that `node` stands in. Says so where it cannot be read.
  std::optional<std::string> read_file(std::string_view key, const Node& node);
  static std::string path_beside(const std::string& file, std::string_view relative);

  Instant clock{};

 private:
  Place in_row(Place place) const;

  const LoadContext& context_;
  Diagnostics& diagnostics_;
  std::string row_;
  mutable std::vector<std::pair<const Origin*, std::shared_ptr<const Origin>>> origins_;  // those of the row
};

/// The keys of one object.
class Fields {
 public:
  /// `what` is what the object is: "a server".
  Fields(Reading& reading, const Node& map, std::string_view what);

  const Node& node() const { return map_; }
  /// The value of a key; null when it is not there. From now on the key is known.
  const Node* take(std::string_view key);
  /// The same with an error where it is missing.
  const Node* need(std::string_view key, std::string_view takes);
  bool has(std::string_view key) const { return map_.find(key) != nullptr; }

  std::optional<std::string> text(std::string_view key);
  std::optional<bool> boolean(std::string_view key);
  std::optional<std::uint64_t> whole(std::string_view key, std::uint64_t low = 0, std::uint64_t high = INT64_MAX);
  std::optional<std::uint64_t> octets(std::string_view key);
  std::optional<Duration> duration(std::string_view key);
  std::optional<Instant> instant(std::string_view key);
  std::optional<std::size_t> choice(std::string_view key, std::span<const std::string_view> choices);

  /// All keys that stand in the table, checked, into `values`.
  void settings(std::span<const Setting> table, Value::Map& values);

  /// Reports the keys that nobody has asked for.
  void finish();

 private:
  Reading& reading_;
  const Node& map_;
  std::string_view what_;
  std::vector<bool> taken_;              // by entry
  std::vector<std::string_view> known_;  // names in the order they were asked for
};

/// The node that a path such as "drip.every" or "mailboxes.ann.messages[2].at" leads to, or the last on the way that is
/// there; null where not even the first is.
const Node* node_at(const Node& map, std::string_view path);

/// "a, b or c"
std::string one_of(std::span<const std::string_view> names);
std::string in_quotes(std::string_view text);

}  // namespace mailrig::scenarios
