#include "scenarios/language/requirements.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "embedded/scenario_files.h"
#include "scenarios/language/parse/reading.h"

namespace mailrig::scenarios {
namespace {

constexpr std::array<std::string_view, 3> requirement_levels{"MUST", "SHOULD", "INFO"};

/// The clause without its words: "rfc1939/5-DELE" is of "rfc1939", docs/guide.md is a source of its own.
std::string_view source_of(std::string_view id) { return id.substr(0, id.find('/')); }

}  // namespace

Result<Requirements> Requirements::parse(std::string_view file, std::string_view text) {
  Parsed parsed = parse_json(std::string(file), text);
  Diagnostics diagnostics;
  LoadContext context;
  Reading reading(diagnostics, context, {});
  for (const JsonProblem& problem : parsed.problems)
    reading.error(problem.place, problem.message, problem.expected, problem.meant);
  Requirements requirements;
  const Node* root = parsed.document->root();
  if (parsed.complete && reading.map(file, *root) != nullptr) {
    Fields top(reading, *root, "a requirements file");
    const Node* list = top.need("requirements", "a list");
    top.finish();
    if (list != nullptr && reading.list("requirements", *list) != nullptr) {
      for (const Node* item : list->items()) {
        if (reading.map("requirements", *item) == nullptr) continue;
        Fields fields(reading, *item, "a requirement");
        Requirement one;
        for (auto [key, field] :
             {std::pair{"id", &one.id}, std::pair{"title", &one.title}, std::pair{"source", &one.source}})
          if (const Node* node = fields.need(key, "a text")) *field = reading.text(key, *node).value_or("");
        if (const Node* level = fields.need("level", "MUST, SHOULD or INFO"))
          if (auto index = reading.choice("level", *level, requirement_levels)) one.level = static_cast<Level>(*index);
        fields.finish();
        if (!requirements.by_id_.emplace(one.id, requirements.all_.size()).second)
          reading.error(reading.at(*item), fmt::format("the requirement \"{}\" is listed twice", printable(one.id)),
                        "each id once");
        requirements.all_.push_back(std::move(one));
      }
    }
  }
  if (diagnostics.errors() > 0) return Error{Errc::bad_input, to_text(diagnostics.take().front())};
  return requirements;
}

const Requirement* Requirements::find(std::string_view id) const {
  auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : &all_[found->second];
}

std::string Requirements::nearest_to(std::string_view id) const {
  // Within one source first: "rfc1939/5-DEL" is nearer to its own clauses than to another RFC of the same section.
  std::vector<std::string_view> same, all;
  for (const Requirement& one : all_) {
    all.push_back(one.id);
    if (source_of(one.id) == source_of(id)) same.push_back(one.id);
  }
  std::string_view meant = nearest(id, same);
  return std::string(meant.empty() ? nearest(id, all) : meant);
}

const Requirements& bundled_requirements() {
  static const Requirements requirements = [] {
    auto parsed = Requirements::parse("scenarios/requirements.json", embedded::scenario_files::requirements_json);
    return parsed ? std::move(*parsed) : Requirements{};
  }();
  return requirements;
}

std::vector<Coverage> coverage(const Requirements& requirements, std::span<const Scenario> scenarios) {
  std::vector<Coverage> rows;
  for (const Requirement& requirement : requirements.all()) {
    Coverage row{&requirement, {}};
    for (const Scenario& scenario : scenarios)
      if (std::ranges::find(scenario.covers, requirement.id) != scenario.covers.end())
        row.scenarios.push_back(scenario.id);
    rows.push_back(std::move(row));
  }
  return rows;
}

std::string coverage_table(const Requirements& requirements, std::span<const Scenario> scenarios) {
  struct Sum {
    std::size_t all = 0;
    std::size_t covered = 0;
  };
  std::array<Sum, requirement_levels.size()> sums{};
  std::string text;
  std::string_view source;
  for (const Coverage& row : coverage(requirements, scenarios)) {
    const Requirement& one = *row.requirement;
    Sum& sum = sums[static_cast<std::size_t>(one.level)];
    ++sum.all;
    sum.covered += row.scenarios.empty() ? 0 : 1;
    if (source_of(one.id) != source) {
      source = source_of(one.id);
      text += fmt::format("{}{}\n", text.empty() ? "" : "\n", source);
    }
    text += fmt::format("  {} {:<6} {}\n         {} ({})\n", row.scenarios.empty() ? "-" : "+", to_string(one.level),
                        one.id, one.title, one.source);
    // A table of many rows covers with each: name the file's id once.
    std::vector<std::string> ids;
    for (const std::string& id : row.scenarios) {
      std::string base = id.substr(0, id.find('['));
      if (std::ranges::find(ids, base) == ids.end()) ids.push_back(std::move(base));
    }
    for (const std::string& id : ids) text += fmt::format("         by {}\n", id);
    if (ids.empty()) text += "         nothing covers it\n";
  }
  text += '\n';
  for (std::size_t i = 0; i < sums.size(); ++i)
    text += fmt::format("{}: {} of {} covered\n", requirement_levels[i], sums[i].covered, sums[i].all);
  return text;
}

}  // namespace mailrig::scenarios
