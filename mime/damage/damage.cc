#include "mime/damage/damage.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace mailrig::mime {
namespace {

// A person wants to see what an edit is about, not all of it.
constexpr std::size_t shown_octets_max = 60;

std::string shown(std::string_view octets) { return '"' + printable(octets, shown_octets_max) + '"'; }

std::string to_line(std::string_view name, const Edit& edit) {
  if (edit.removed.empty()) return fmt::format("{}: at {}: {} was put in\n", name, edit.offset, shown(edit.put));
  if (edit.put.empty()) return fmt::format("{}: at {}: {} was taken out\n", name, edit.offset, shown(edit.removed));
  return fmt::format("{}: at {}: {} became {}\n", name, edit.offset, shown(edit.removed), shown(edit.put));
}

}  // namespace

std::span<const std::string_view> damage_names() {
  static const std::vector<std::string_view> names = [] {
    std::vector<std::string_view> all;
    for (const DamageOperator& row : damage_operators()) all.push_back(row.name);
    return all;
  }();
  return names;
}

const DamageOperator* find_damage(std::string_view name) {
  for (const DamageOperator& row : damage_operators())
    if (row.name == name || kind_of(row.code).name == name) return &row;
  return nullptr;
}

Damaged damage(std::string message, std::span<const DamageOperator* const> operators, std::uint64_t seed) {
  EditableMessage patient(std::move(message));
  Damaged damaged;
  const Prng prng(seed);
  for (const DamageOperator* row : operators) {
    Prng own = prng.fork(row->name);
    row->apply(patient, own);
    damaged.report.push_back({row->name, patient.take_edits()});
  }
  damaged.message = std::move(patient).take_text();
  return damaged;
}

std::string undo(const Damaged& damaged) {
  std::string text = damaged.message;
  for (auto done = damaged.report.rbegin(); done != damaged.report.rend(); ++done)
    for (auto edit = done->edits.rbegin(); edit != done->edits.rend(); ++edit)
      text.replace(edit->offset, edit->put.size(), edit->removed);
  return text;
}

std::string to_string(const DamageDone& done) {
  std::string lines;
  for (const Edit& edit : done.edits) lines += to_line(done.name, edit);
  return lines;
}

}  // namespace mailrig::mime
