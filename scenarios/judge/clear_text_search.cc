#include "scenarios/judge/clear_text_search.h"

#include <algorithm>
#include <bit>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace mailrig::scenarios {

bool ClearTextSearch::add_secret(std::string_view secret, std::string what) {
  const bool added = own_.add_secret(secret, std::move(what));
  on_added();
  return added;
}

void ClearTextSearch::add_message(std::string_view message, std::string what) {
  own_.add_message(message, std::move(what));
  on_added();
}

void ClearTextSearch::on_added() {
  for (Stream& stream : streams_) stream.needles_are_new = true;
}

void ClearTextSearch::feed(Direction direction, std::string_view bytes) {
  std::size_t longest = 0;
  for (const NeedleSet* set : sets())
    if (set != nullptr) longest = std::max(longest, set->longest());
  if (longest > 0 && !bytes.empty()) search(direction, bytes, longest);
}

void ClearTextSearch::search(Direction direction, std::string_view bytes, std::size_t longest) {
  Stream& stream = streams_[direction];
  std::string& tail = stream.tail;
  std::vector<std::size_t> candidates;  // in tail and then bytes
  // The seam first: all that may belong to a needle which begins in the tail, and the octets to which an anchor of it
  // may reach. An anchor further on belongs to a needle that begins in the bytes.
  std::string seam = tail;
  seam += bytes.substr(0, Anchor::offsets + longest);
  std::size_t from = 0;
  if (!stream.needles_are_new) {
    for (std::size_t at : stream.candidates)
      if (compare(direction, std::string_view(seam).substr(at))) candidates.push_back(at);
    from = tail.size() - std::min(tail.size(), Anchor::octets - 1);  // those before were whole, and were looked at
  }
  scan(direction, seam, from, tail.size() + Anchor::offsets, candidates);
  const std::size_t in_seam = candidates.size();
  scan(direction, bytes, Anchor::offsets, bytes.size(), candidates);
  for (std::size_t i = in_seam; i < candidates.size(); ++i) candidates[i] += tail.size();
  std::ranges::sort(candidates);  // one beginning may have several anchors
  candidates.erase(std::unique(candidates.begin(), candidates.end()), candidates.end());

  const std::size_t all = tail.size() + bytes.size();
  const std::size_t dropped = all - std::min(all, longest - 1);
  if (dropped >= tail.size())
    tail.assign(bytes.substr(dropped - tail.size()));
  else
    tail.erase(0, dropped).append(bytes);
  stream.candidates.clear();
  for (std::size_t at : candidates)
    if (at >= dropped) stream.candidates.push_back(at - dropped);
  stream.needles_are_new = false;
}

void ClearTextSearch::scan(Direction direction, std::string_view text, std::size_t from, std::size_t until,
                           std::vector<std::size_t>& candidates) {
  if (text.size() < Anchor::octets) return;
  until = std::min(until, text.size() - Anchor::octets + 1);
  if (from >= until) return;
  work_.octets += until - from;
  const NeedleSet& anchors = own_.empty() ? *common_ : own_;
  const unsigned classes = anchors.classes();
  std::size_t at = from;
#ifdef __SSE2__
  const __m128i lowest_bits = _mm_set1_epi8(Anchor::classes - 1);
  for (; at + 16 <= until; at += 16) {
    const __m128i octets = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + at));
    const __m128i of_class = _mm_and_si128(octets, lowest_bits);
    __m128i wanted = _mm_setzero_si128();
    for (unsigned one = 0; one < Anchor::classes; ++one)
      if ((classes >> one & 1) != 0)
        wanted = _mm_or_si128(wanted, _mm_cmpeq_epi8(of_class, _mm_set1_epi8(static_cast<char>(one))));
    for (auto left = static_cast<unsigned>(_mm_movemask_epi8(wanted)); left != 0; left &= left - 1) {
      const std::size_t here = at + static_cast<std::size_t>(std::countr_zero(left));
      if (anchors.may_have(text.data() + here)) on_anchor(direction, text, here, candidates);
    }
  }
#endif
  for (; at < until; ++at)
    if ((classes >> Anchor::class_of(text[at]) & 1) != 0 && anchors.may_have(text.data() + at))
      on_anchor(direction, text, at, candidates);
}

void ClearTextSearch::on_anchor(Direction direction, std::string_view text, std::size_t at,
                                std::vector<std::size_t>& candidates) {
  const NeedleSet& anchors = own_.empty() ? *common_ : own_;
  for (std::uint32_t offsets = anchors.anchor_offsets(text.data() + at); offsets != 0; offsets &= offsets - 1) {
    const auto before = static_cast<std::size_t>(std::countr_zero(offsets));
    if (before <= at && compare(direction, text.substr(at - before))) candidates.push_back(at - before);
  }
}

bool ClearTextSearch::compare(Direction direction, std::string_view text) {
  bool cut_off = false;
  std::uint64_t number_of_set = 0;
  for (const NeedleSet* set : sets()) {
    ++number_of_set;
    if (set == nullptr) continue;
    for (std::size_t size : set->lengths()) {
      if (size > text.size()) {
        cut_off = true;
        break;
      }
      const std::optional<std::uint32_t> needle = set->find(text.substr(0, size), work_.probes);
      if (!needle || !reported_.insert(*needle * 8ULL + number_of_set * 2 + direction).second) continue;
      found_.push_back({direction, set->what(*needle), std::string(set->form(*needle))});
    }
  }
  return cut_off;
}

}  // namespace mailrig::scenarios
