#include "cli/run/outcome_wire.h"

#include <algorithm>
#include <concepts>
#include <cstring>
#include <type_traits>

namespace mailrig::cli {
namespace {

template <class T>
concept Plain = std::integral<T> || std::is_enum_v<T>;

/// Each field in turn, the same for both directions. The structured bindings name every field: one that is added to a
/// struct does not compile until it is added here.
template <class Direction>
void each_field(Direction& io, auto& outcome)
  requires std::same_as<std::remove_const_t<std::remove_reference_t<decltype(outcome)>>, Outcome>
{
  auto& [id, title, why, file, tags, covers, story, world, repeat, verdict, reason, closing, findings, seed, digest,
         transcript, gaps, accounts, latencies, notes, took, replay, hint] = outcome;
  io.all(id, title, why, file, tags, covers, story, world, repeat, verdict, reason, closing, findings, seed, digest,
         transcript, gaps, accounts, latencies, notes, took, replay, hint);
}

template <class Direction>
void each_field(Direction& io, auto& place)
  requires std::same_as<std::remove_const_t<std::remove_reference_t<decltype(place)>>, SourcePlace>
{
  auto& [file, line, column, source_line, is_excerpt, caret_column, row] = place;
  io.all(file, line, column, source_line, is_excerpt, caret_column, row);
}

template <class Direction>
void each_field(Direction& io, auto& finding)
  requires std::same_as<std::remove_const_t<std::remove_reference_t<decltype(finding)>>, Finding>
{
  auto& [kind, level, name, message, expected, actual, place, last_exchanges, nearest_rule] = finding;
  io.all(kind, level, name, message, expected, actual, place, last_exchanges, nearest_rule);
}

template <class Direction>
void each_field(Direction& io, auto& entry)
  requires std::same_as<std::remove_const_t<std::remove_reference_t<decltype(entry)>>, TranscriptEntry>
{
  auto& [at, connection, who, text] = entry;
  io.all(at, connection, who, text);
}

template <class Direction>
void each_field(Direction& io, auto& gap)
  requires std::same_as<std::remove_const_t<std::remove_reference_t<decltype(gap)>>, TranscriptGap>
{
  auto& [after, elided] = gap;
  io.all(after, elided);
}

template <class Direction>
void each_field(Direction& io, auto& account)
  requires std::same_as<std::remove_const_t<std::remove_reference_t<decltype(account)>>, AccountEnd>
{
  auto& [state, message] = account;
  io.all(state, message);
}

template <class Direction>
void each_field(Direction& io, auto& latency)
  requires std::same_as<std::remove_const_t<std::remove_reference_t<decltype(latency)>>, Latency>
{
  auto& [clock, spans] = latency;
  io.all(clock, spans);
}

class Encoder {
 public:
  void all(const auto&... fields) { (put(fields), ...); }
  std::string take() { return std::move(octets_); }

 private:
  void put(const Plain auto& number) { octets_.append(reinterpret_cast<const char*>(&number), sizeof number); }
  void put(const Duration& span) { put(span.count()); }
  void put(const std::string& text) {
    put(text.size());
    octets_ += text;
  }
  void put(const std::optional<std::string>& text) {
    put(text.has_value());
    if (text) put(*text);
  }
  template <class T>
  void put(const std::vector<T>& items) {
    put(items.size());
    for (const T& item : items) put(item);
  }
  template <class T>
  void put(const std::map<std::string, T>& items) {
    put(items.size());
    for (const auto& [key, value] : items) all(key, value);
  }
  void put(const Histogram& spans) { put(spans.values()); }
  template <class T>
    requires std::is_aggregate_v<T>
  void put(const T& fields) {
    each_field(*this, fields);
  }

  std::string octets_;
};

class Decoder {
 public:
  explicit Decoder(std::string_view octets) : octets_(octets) {}
  void all(auto&... fields) { (get(fields), ...); }
  bool is_whole() const { return whole_ && octets_.empty(); }

 private:
  std::string_view next(std::size_t octets) {
    whole_ = whole_ && octets <= octets_.size();
    if (!whole_) return {};
    const std::string_view taken = octets_.substr(0, octets);
    octets_.remove_prefix(octets);
    return taken;
  }
  void get(Plain auto& number) {
    const std::string_view taken = next(sizeof number);
    if (!taken.empty()) std::memcpy(&number, taken.data(), sizeof number);
  }
  void get(Duration& span) {
    Duration::rep count = 0;
    get(count);
    span = Duration(count);
  }
  /// How many items follow; each takes an octet at least, so a broken count cannot make anyone reserve memory.
  std::size_t count() {
    std::size_t items = 0;
    get(items);
    whole_ = whole_ && items <= octets_.size();
    return whole_ ? items : 0;
  }
  void get(std::string& text) { text = next(count()); }
  void get(std::optional<std::string>& text) {
    bool there = false;
    get(there);
    if (there) get(text.emplace());
  }
  template <class T>
  void get(std::vector<T>& items) {
    items.resize(count());
    for (T& item : items) get(item);
  }
  template <class T>
  void get(std::map<std::string, T>& items) {
    for (std::size_t left = count(); left > 0 && whole_; --left) {
      std::string key;
      get(key);
      get(items[key]);
    }
  }
  void get(Histogram& spans) {
    std::vector<Duration> values;
    get(values);
    for (Duration value : values) spans.add(value);
  }
  template <class T>
    requires std::is_aggregate_v<T>
  void get(T& fields) {
    each_field(*this, fields);
  }

  std::string_view octets_;
  bool whole_ = true;
};

}  // namespace

std::string encode_outcome(const Outcome& outcome) {
  Encoder encoder;
  encoder.all(outcome);
  return encoder.take();
}

std::optional<Outcome> decode_outcome(std::string_view octets) {
  Decoder decoder(octets);
  std::optional<Outcome> outcome(std::in_place);
  decoder.all(*outcome);
  if (!decoder.is_whole()) outcome.reset();
  return outcome;
}

}  // namespace mailrig::cli
