#pragma once
/// The modules of the CRM as a table: which fields are mandatory, what kinds they are, what marks a duplicate.
/// Example: find_module("Leads")->mandatory == {"Last_Name"}. Names are case sensitive, as Zoho's are.

#include <cstdint>
#include <span>
#include <string_view>

namespace mailrig::fakeservers::crm {

enum class FieldKind : std::uint8_t { text, email, date, date_time, boolean, lookup, list };

struct Field {
  std::string_view name;
  FieldKind kind = FieldKind::text;
  std::uint64_t length_max = 255;  // characters, for text; a scenario's `lengths` comes before it
};

struct Module {
  std::string_view name;
  std::span<const std::string_view> mandatory;
  std::span<const Field> fields;                   // others are custom fields and are taken as they come
  std::span<const std::string_view> check_fields;  // what upsert takes for the same record
  bool holds_mail = false;                         // e-mails can be associated with its records
  bool is_person = false;                          // has Full_Name, e-mail addresses
};

const Module* find_module(std::string_view name);
std::span<const Module> all_modules();
const Field* find_field(const Module& module, std::string_view name);

}  // namespace mailrig::fakeservers::crm
