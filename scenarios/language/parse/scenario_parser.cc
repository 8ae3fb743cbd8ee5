#include "scenarios/language/parse/scenario_parser.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "scenarios/language/requirements.h"

namespace mailrig::scenarios {
namespace {

using namespace std::chrono;

constexpr Instant default_clock = sys_days{year{2014} / June / 2} + 9h;
constexpr Duration default_limit = 800 * 24h;

bool is_word(std::string_view word) {
  return !word.empty() && word.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
}

bool is_id(std::string_view id) {
  for (;;) {
    std::string_view word = id.substr(0, id.find('/'));
    if (!is_word(word)) return false;
    if (word.size() == id.size()) return true;
    id.remove_prefix(word.size() + 1);
  }
}

/// What the author may have meant by "Gmail/Queue full".
std::string as_id(std::string_view text) {
  std::string id;
  for (char c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    bool good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '/';
    id += good ? c : '-';
  }
  return id;
}

}  // namespace

void ScenarioParser::read_id(Fields& top, const ExpandedRow& row) {
  if (const Node* node = top.need("id", "words of a-z, 0-9 and - with / between, such as \"gmail/queue-full\"")) {
    if (auto id = reading_.text("id", *node)) {
      if (!is_id(*id))
        reading_.error(reading_.at(*node), fmt::format("\"{}\" is no id", printable(*id)),
                       "words of a-z, 0-9 and - with / between", is_id(as_id(*id)) ? in_quotes(as_id(*id)) : "");
      scenario_.id = row.row.empty() ? *id : fmt::format("{}[{}]", *id, row.row);
    }
  }
  if (const Node* node = top.need("title", "one sentence: the behaviour, not the mechanism"))
    scenario_.title = reading_.text("title", *node).value_or("");
  scenario_.row = row.row;
}

void ScenarioParser::read_covers(Fields& top) {
  const Node* node = top.take("covers");
  if (node == nullptr || reading_.list("covers", *node) == nullptr) return;
  const Requirements& requirements = context_.requirements != nullptr ? *context_.requirements : bundled_requirements();
  for (const Node* item : node->items()) {
    auto id = reading_.text("covers", *item);
    if (!id) continue;
    if (requirements.find(*id) == nullptr) {
      std::string meant = requirements.nearest_to(*id);
      reading_.error(reading_.at(*item), fmt::format("scenarios/requirements.json has no \"{}\"", printable(*id)),
                     "a requirement that `mailrig list --requirements` shows", meant.empty() ? "" : in_quotes(meant));
    } else if (std::ranges::find(scenario_.covers, *id) != scenario_.covers.end()) {
      reading_.warn(reading_.at(*item), fmt::format("\"{}\" is listed twice", *id));
    } else {
      scenario_.covers.push_back(std::move(*id));
    }
  }
}

void ScenarioParser::read_story(Fields& top) {
  scenario_.why = top.text("why").value_or("");
  scenario_.hint = top.text("hint").value_or("");
  if (const Node* tags = top.take("tags")) {
    if (reading_.list("tags", *tags) != nullptr)
      scenario_.tags = reading_.text_list("tags", *tags).value_or(std::vector<std::string>{});
  }
  if (const Node* clock = top.take("clock")) {
    auto text = reading_.text("clock", *clock);
    auto instant = text ? parse_instant(*text) : Result<Instant>(default_clock);
    if (!instant)
      reading_.error(reading_.at(*clock), "\"clock\": " + instant.error().message,
                     std::string(describe(SettingKind::instant)));
    reading_.clock = instant ? *instant : default_clock;
  } else {
    reading_.clock = default_clock;
  }
  scenario_.clock = reading_.clock;
  scenario_.limit = top.duration("limit").value_or(default_limit);
  for (auto [key, field] :
       {std::pair{"sim_only", &scenario_.sim_only}, std::pair{"known_failure", &scenario_.known_failure}}) {
    const Node* node = top.take(key);
    if (node == nullptr) continue;
    if (node->is(Node::Kind::text) && !node->text().empty())
      *field = node->text();
    else
      reading_.wrong_type(key, *node, "the reason, a text");
  }
}

Scenario ScenarioParser::read(const ExpandedRow& row, std::string_view file) {
  scenario_.file = file;
  scenario_.place = reading_.at(*row.root);
  Fields top(reading_, *row.root, "a scenario");
  top.take("$schema");
  read_id(top, row);
  read_covers(top);
  read_story(top);
  for (std::string_view handled : {"extends", "table"}) top.take(handled);  // by expand()
  if (const Node* own = top.take("personalities"); own != nullptr && reading_.map("personalities", *own) != nullptr) {
    own_personalities_ = own;
    personalities_ = own->to_value();
  }
  const Node* servers = top.need("servers", "{ NAME: { \"personality\": ... } }");
  const Node* accounts = top.take("accounts");
  if (servers != nullptr && reading_.map("servers", *servers) != nullptr) read_servers(*servers, accounts);
  if (accounts != nullptr && reading_.map("accounts", *accounts) != nullptr) read_accounts(*accounts);
  for (ServerSpec& server : scenario_.servers) lend_clients(server);
  const Node* steps = top.take("steps");
  if (steps != nullptr && reading_.list("steps", *steps) != nullptr) read_steps(*steps);
  top.finish();
  bool expects = std::ranges::any_of(scenario_.steps, [](const Step& step) { return step.verb == Verb::expect; });
  if (!expects && !scenario_.accounts.empty())
    reading_.warn(scenario_.place, "this scenario expects nothing: only the invariants can fail",
                  "a step such as { \"expect\": { \"accounts.NAME.stored\": 3 } }");
  if (own_personalities_ != nullptr) {
    for (const Node::Entry& entry : own_personalities_->entries())
      if (!used_personalities_.contains(entry.key))
        reading_.warn(reading_.at(entry), fmt::format("no server has the personality \"{}\"", printable(entry.key)));
  }
  return std::move(scenario_);
}

}  // namespace mailrig::scenarios
