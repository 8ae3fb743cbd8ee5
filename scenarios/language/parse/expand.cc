#include "scenarios/language/parse/expand.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace mailrig::scenarios {
namespace {

bool is_row_name(std::string_view name) {
  constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.+/@";
  return !name.empty() && name.size() <= 80 && name.find_first_not_of(letters) == std::string_view::npos;
}

// --- extends

class Extender {
 public:
  Extender(const LoadContext& context, Diagnostics& diagnostics)
      : diagnostics_(diagnostics), reading_(diagnostics, context, {}) {}

  /// The file's tree with what it extends under it. Null where nothing can be read.
  std::shared_ptr<Document> load(const std::string& path, std::string_view contents, const std::string& extended_by);

 private:
  const Node* merge(Document& into, const Node& under, const Node& over);
  std::shared_ptr<Document> load_under(const std::string& path, const Node& extends);

  Diagnostics& diagnostics_;
  Reading reading_;
  std::vector<std::string> chain_;  // the files that are being read, the first first
};

std::shared_ptr<Document> Extender::load(const std::string& path, std::string_view contents,
                                         const std::string& extended_by) {
  Parsed parsed = parse_json(path, contents, extended_by.empty() ? "" : "extended by " + extended_by);
  for (JsonProblem& problem : parsed.problems)
    diagnostics_.add({Diagnostic::Severity::error, problem.place, std::move(problem.message),
                      std::move(problem.expected), std::move(problem.meant)});
  if (!parsed.complete) return nullptr;
  const Node* root = parsed.document->root();
  if (!root->is(Node::Kind::map)) {
    reading_.error(root->place(), fmt::format("the file holds {}", to_string(root->to_value().kind())),
                   "an object with id, title, servers ...");
    return nullptr;
  }
  const Node* extends = root->find("extends");
  if (extends == nullptr) return parsed.document;
  chain_.push_back(path);
  std::shared_ptr<Document> under = load_under(path, *extends);
  chain_.pop_back();
  if (under == nullptr) return nullptr;
  auto merged = std::make_shared<Document>(parsed.document->origin());
  merged->set_root(merge(*merged, *under->root(), *root));
  merged->keep(std::move(under));
  merged->keep(std::move(parsed.document));
  return merged;
}

std::shared_ptr<Document> Extender::load_under(const std::string& path, const Node& extends) {
  auto name = reading_.text("extends", extends);
  if (!name) return nullptr;
  std::string under = Reading::path_beside(path, *name);
  auto seen = std::ranges::find(chain_, under);
  if (seen != chain_.end() || chain_.size() >= extends_chain_max) {
    std::string way;
    for (const std::string& file : chain_) way += file + " -> ";
    reading_.error(
        extends.place(),
        fmt::format("\"extends\" {}: {}{}", seen != chain_.end() ? "goes in a circle" : "goes too deep", way, under),
        "a file that does not lead back here");
    return nullptr;
  }
  auto bytes = reading_.read_file("extends", extends);
  return bytes ? load(under, *bytes, path) : nullptr;
}

/// `over` laid onto `under`: objects merge key by key, null removes, all else is replaced.
const Node* Extender::merge(Document& into, const Node& under, const Node& over) {
  if (!under.is(Node::Kind::map) || !over.is(Node::Kind::map)) return &over;
  std::vector<Node::Entry> entries;
  entries.reserve(under.entries().size() + over.entries().size());
  for (const Node::Entry& entry : under.entries()) {
    const Node::Entry* replacement = over.find_entry(entry.key);
    if (entry.key == "extends") continue;
    if (replacement == nullptr) {
      entries.push_back(entry);
    } else if (!replacement->value->is(Node::Kind::null)) {
      entries.push_back(*replacement);
      entries.back().value = merge(into, *entry.value, *replacement->value);
    }
  }
  for (const Node::Entry& entry : over.entries())
    if (under.find(entry.key) == nullptr && !entry.value->is(Node::Kind::null) && entry.key != "extends")
      entries.push_back(entry);
  return into.make_map_at(over, entries);
}

// --- table

/// Puts the values of one row in for ${x}.
class RowWriter {
 public:
  RowWriter(Document& document, Reading& reading, const Node& row, std::span<const std::string_view> columns,
            std::vector<bool>& used)
      : document_(document), reading_(reading), row_(row), columns_(columns), used_(used) {}

  const Node* put(const Node& node);

 private:
  const Node* put_text(const Node& node);
  /// Appends `text` with its ${x} replaced; false where one is unknown.
  bool replace(std::string_view text, const Place& place, std::string& out);
  const Node* value_of(std::string_view name, const Place& place);
  static bool has_variable(std::string_view text) { return text.find("${") != std::string_view::npos; }

  Document& document_;
  Reading& reading_;
  const Node& row_;
  std::span<const std::string_view> columns_;
  std::vector<bool>& used_;
};

const Node* RowWriter::put(const Node& node) {
  if (node.is(Node::Kind::text)) return has_variable(node.text()) ? put_text(node) : &node;
  if (node.is(Node::Kind::list)) {
    std::vector<const Node*> items;
    items.reserve(node.items().size());
    bool changed = false;
    for (const Node* item : node.items()) {
      items.push_back(put(*item));
      changed = changed || items.back() != item;
    }
    return changed ? document_.make_list_at(node, items) : &node;
  }
  if (!node.is(Node::Kind::map)) return &node;
  std::vector<Node::Entry> entries(node.entries().begin(), node.entries().end());
  bool changed = false;
  for (Node::Entry& entry : entries) {
    if (has_variable(entry.key)) {
      std::string key;
      replace(entry.key, reading_.at(entry), key);
      entry.key = document_.hold(key);
      changed = true;
    }
    const Node* value = put(*entry.value);
    changed = changed || value != entry.value;
    entry.value = value;
  }
  if (!changed) return &node;
  for (std::size_t i = 1; i < entries.size(); ++i)
    if (std::any_of(entries.begin(), entries.begin() + static_cast<std::ptrdiff_t>(i),
                    [&](const Node::Entry& e) { return e.key == entries[i].key; }))
      reading_.error(reading_.at(entries[i]),
                     fmt::format("in this row the key \"{}\" stands here twice", printable(entries[i].key)),
                     "each key once");
  return document_.make_map_at(node, entries);
}

const Node* RowWriter::put_text(const Node& node) {
  std::string_view text = node.text();
  // Nothing but ${x}: the value itself, of whatever type.
  if (text.starts_with("${") && text.find('}') == text.size() - 1) {
    const Node* value = value_of(text.substr(2, text.size() - 3), reading_.at(node));
    return value == nullptr ? &node : document_.copy_at(*value, node);
  }
  std::string out;
  return replace(text, reading_.at(node), out) ? document_.make_text_at(node, document_.hold(out)) : &node;
}

bool RowWriter::replace(std::string_view text, const Place& place, std::string& out) {
  bool good = true;
  while (!text.empty()) {
    std::size_t begin = text.find("${");
    if (begin != std::string_view::npos && begin > 0 && text[begin - 1] == '$') {  // $${x} is ${x}
      out.append(text.substr(0, begin)).append("{");
      text.remove_prefix(begin + 2);
      continue;
    }
    std::size_t end = begin == std::string_view::npos ? begin : text.find('}', begin);
    if (end == std::string_view::npos) {
      out.append(text);
      break;
    }
    out.append(text.substr(0, begin));
    std::string_view name = text.substr(begin + 2, end - begin - 2);
    const Node* value = value_of(name, place);
    if (value == nullptr) {
      good = false;
    } else if (value->is(Node::Kind::text)) {
      out.append(value->text());
    } else if (value->is(Node::Kind::list) || value->is(Node::Kind::map)) {
      reading_.error(
          place,
          fmt::format("${{{}}} is {}, which cannot stand within a text", name, to_string(value->to_value().kind())),
          "a text that is nothing but ${...}, or a text or number in the row");
      good = false;
    } else {
      out.append(to_json(value->to_value()));
    }
    text.remove_prefix(end + 1);
  }
  return good;
}

const Node* RowWriter::value_of(std::string_view name, const Place& place) {
  auto column = std::ranges::find(columns_, name);
  if (column != columns_.end()) used_[static_cast<std::size_t>(column - columns_.begin())] = true;
  if (const Node* value = row_.find(name)) return value;
  if (column == columns_.end())
    reading_.unknown(place, fmt::format("the table has no column \"{}\"", printable(name)), columns_, name);
  else
    reading_.error(reading_.at(row_),
                   fmt::format("this row has no \"{}\", which the scenario asks for", printable(name)),
                   fmt::format("\"{}\": a value", name));
  return nullptr;
}

/// The root without `table`.
const Node* without_table(Document& document, const Node& root) {
  std::vector<Node::Entry> entries;
  for (const Node::Entry& entry : root.entries())
    if (entry.key != "table") entries.push_back(entry);
  return document.make_map_at(root, entries);
}

class TableReader {
 public:
  TableReader(const LoadContext& context, Diagnostics& diagnostics)
      : context_(context), diagnostics_(diagnostics), reading_(diagnostics, context, {}) {}

  std::vector<ExpandedRow> read(const std::shared_ptr<Document>& file, const Node& table);

 private:
  bool check(const Node& row, std::vector<std::string_view>& names);

  const LoadContext& context_;
  Diagnostics& diagnostics_;
  Reading reading_;
};

bool TableReader::check(const Node& row, std::vector<std::string_view>& names) {
  if (!row.is(Node::Kind::map)) {
    reading_.error(row.place(), fmt::format("a row of the table is an object, not {}", to_json(row.to_value(), 60)),
                   "{ \"row\": NAME, ... }");
    return false;
  }
  const Node* name = row.find("row");
  if (name == nullptr) {
    reading_.error(row.place(), "a row of the table needs \"row\", its name", "\"row\": a text that goes into the id");
    return false;
  }
  if (!name->is(Node::Kind::text) || !is_row_name(name->text())) {
    reading_.error(name->place(), fmt::format("{} names no row", to_json(name->to_value(), 60)),
                   "a text of letters, digits and -_.+/@, at most 80");
    return false;
  }
  if (std::ranges::find(names, name->text()) != names.end()) {
    reading_.error(name->place(), fmt::format("the table has two rows \"{}\"", name->text()),
                   "a name of its own for each row");
    return false;
  }
  names.push_back(name->text());
  return true;
}

std::vector<ExpandedRow> TableReader::read(const std::shared_ptr<Document>& file, const Node& table) {
  std::vector<ExpandedRow> rows;
  if (reading_.list("table", table) == nullptr) return rows;
  if (table.items().empty())
    reading_.error(table.place(), "the table has no rows, so this file has no scenario", "at least one row");
  if (table.items().size() > table_rows_max) {
    reading_.error(table.place(), fmt::format("the table has {} rows", table.items().size()),
                   fmt::format("at most {}", table_rows_max));
    return rows;
  }
  std::vector<std::string_view> names;
  std::vector<std::string_view> columns;
  std::vector<Node::Entry> first_of_column;
  bool good = true;
  for (const Node* row : table.items()) {
    good = check(*row, names) && good;
    for (const Node::Entry& entry : row->is(Node::Kind::map) ? row->entries() : std::span<const Node::Entry>{}) {
      if (std::ranges::find(columns, entry.key) != columns.end()) continue;
      columns.push_back(entry.key);
      first_of_column.push_back(entry);
    }
  }
  if (!good) return rows;
  std::vector<bool> used(columns.size());
  for (const Node* row : table.items()) {
    ExpandedRow expanded{.document = std::make_shared<Document>(file->origin())};
    expanded.row = row->find("row")->text();
    expanded.label = fmt::format("row [{}] of the table", expanded.row);
    expanded.document->keep(file);
    Reading reading(diagnostics_, context_, expanded.label);
    RowWriter writer(*expanded.document, reading, *row, columns, used);
    const std::size_t errors = reading.errors();
    expanded.root = writer.put(*without_table(*expanded.document, *file->root()));
    // A row that lacks a value would be full of errors that are none.
    if (reading.errors() == errors) rows.push_back(std::move(expanded));
  }
  for (std::size_t i = 0; i < columns.size(); ++i)
    if (!used[i] && columns[i] != "row")
      reading_.warn(first_of_column[i].key_place(),
                    fmt::format("nothing uses the column \"{}\"", printable(columns[i])),
                    fmt::format("${{{}}} somewhere in the scenario", columns[i]));
  return rows;
}

}  // namespace

std::vector<ExpandedRow> expand(std::string_view path, std::string_view contents, const LoadContext& context,
                                Diagnostics& diagnostics) {
  std::shared_ptr<Document> file = Extender(context, diagnostics).load(Reading::path_beside("", path), contents, {});
  if (file == nullptr) return {};
  const Node* table = file->root()->find("table");
  if (table != nullptr) return TableReader(context, diagnostics).read(file, *table);
  std::vector<ExpandedRow> rows;
  rows.push_back({.document = file, .root = file->root(), .row = {}, .label = {}});
  return rows;
}

}  // namespace mailrig::scenarios
