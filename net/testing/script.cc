#include "net/testing/script.h"

#include <fmt/format.h>

#include "net/testing/player.h"

namespace mailrig::testing {
namespace {
// A run of bytes longer than twice this is cut at every place near its ends only: the middle of a body has no
// structure.
constexpr std::size_t cuts_at_either_end = 1024;
}  // namespace

Script& Script::add(ScriptItem item) {
  items_.push_back(std::move(item));
  return *this;
}

Script& Script::says(Tests who, std::string bytes) {
  return add({.kind = who == tested_ ? ScriptItem::Kind::say : ScriptItem::Kind::hear, .bytes = std::move(bytes)});
}

Script& Script::pipelined(std::string bytes) {
  return add({.kind = ScriptItem::Kind::hear, .bytes = std::move(bytes), .answerable = true});
}

Script& Script::at(Step step) {
  items_.back().step = step;
  return *this;
}

Script& Script::patiently(Duration patience) {
  items_.back().span = patience;
  return *this;
}

Script& Script::fails(Errc code, std::string reason) {
  return add(
      {.kind = ScriptItem::Kind::fail, .status = Error{code, "as the script says", Step::none, std::move(reason)}});
}

Script& Script::waits(Duration span) { return add({.kind = ScriptItem::Kind::wait, .span = span}); }
Script& Script::commits(Status answer) { return add({.kind = ScriptItem::Kind::commit, .status = std::move(answer)}); }
Script& Script::starts_tls() { return add({.kind = ScriptItem::Kind::tls}); }
Script& Script::closes(Ending ending) { return add({.kind = ScriptItem::Kind::close, .ending = ending}); }
Script& Script::then_done() { return add({.kind = ScriptItem::Kind::done}); }
Script& Script::then_fails(Errc code, std::string reason) {
  return add(
      {.kind = ScriptItem::Kind::done, .status = Error{code, "as the script says", Step::none, std::move(reason)}});
}

std::string Script::play(Session& session) const { return Player(session, tested_, items_).play_to_the_end(); }

namespace {

bool is_heard(const ScriptItem& item) { return item.kind == ScriptItem::Kind::hear; }

/// What comes in between two things that the session does, in octets.
std::vector<std::size_t> run_lengths(const std::vector<ScriptItem>& items) {
  std::vector<std::size_t> lengths;
  bool in_run = false;
  for (const ScriptItem& item : items) {
    if (is_heard(item)) {
      if (!in_run) lengths.push_back(0);
      lengths.back() += item.bytes.size();
    }
    in_run = is_heard(item);
  }
  return lengths;
}

constexpr std::size_t all = std::string::npos;

struct Cut {
  std::size_t run = all;    // which run is cut; the others arrive whole
  std::size_t first = all;  // octets of its first piece
  std::size_t every = all;  // octets of the others
};

/// The same items, what is heard cut anew. A piece is checked for what its first octet was to be checked for.
std::vector<ScriptItem> recut(const std::vector<ScriptItem>& items, Cut cut) {
  std::vector<ScriptItem> result;
  std::size_t run = all;  // the number of the present run; all + 1 is 0
  bool in_run = false;
  std::size_t room = 0;  // octets that the last piece still takes
  for (const ScriptItem& item : items) {
    if (!is_heard(item)) {
      in_run = false;
      result.push_back(item);
      continue;
    }
    if (!in_run) {
      ++run;
      room = 0;
    }
    for (std::string_view bytes = item.bytes; !bytes.empty(); in_run = true) {
      if (room == 0) {
        bool is_cut = cut.run == all || cut.run == run;
        room = !is_cut ? all : in_run ? cut.every : cut.first;
        result.push_back(item);
        result.back().bytes.clear();
      }
      std::string_view piece = bytes.substr(0, room);
      result.back().bytes += piece;
      result.back().answerable |= item.answerable;
      bytes.remove_prefix(piece.size());
      if (room != all) room -= piece.size();
    }
    in_run = true;
  }
  return result;
}

}  // namespace

std::string Script::at_every_split(const Make& make, const Check& check) const {
  auto played = [&](std::vector<ScriptItem> items, const std::string& how) -> std::string {
    std::unique_ptr<Session> session = make();
    std::string verdict = Player(*session, tested_, std::move(items)).play_to_the_end();
    if (!verdict.empty()) return how + ": " + verdict;
    if (check) check(*session);
    return {};
  };
  if (std::string differs = played(items_, "as written"); !differs.empty()) return differs;
  if (std::string differs = played(recut(items_, {}), "joined"); !differs.empty()) return differs;
  if (std::string differs = played(recut(items_, {.first = 1, .every = 1}), "byte by byte"); !differs.empty())
    return differs;
  std::vector<std::size_t> lengths = run_lengths(items_);
  for (std::size_t run = 0; run < lengths.size(); ++run) {
    for (std::size_t cut = 1; cut < lengths[run]; ++cut) {
      if (cut > cuts_at_either_end && cut + cuts_at_either_end < lengths[run]) cut = lengths[run] - cuts_at_either_end;
      std::string how = fmt::format("what comes in {} was cut after {} octets", run + 1, cut);
      if (std::string differs = played(recut(items_, {.run = run, .first = cut}), how); !differs.empty())
        return differs;
    }
  }
  return {};
}

std::string Script::also_failing_each_step(const Make& make, const Check& check) const {
  if (std::string differs = at_every_split(make, check); !differs.empty()) return differs;
  for (std::size_t before = 0; before < actions_max; ++before) {
    for (std::size_t way = 0;; ++way) {
      std::unique_ptr<Session> session = make();
      Player player(*session, tested_, items_);
      if (player.play(before)) return {};  // the script has fewer actions
      if (!player.fail_next(way)) break;
      if (!player.verdict().empty()) return fmt::format("failing at action {}: {}", before + 1, player.verdict());
    }
  }
  return {};
}

}  // namespace mailrig::testing
