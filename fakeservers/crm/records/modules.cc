#include "fakeservers/crm/records/modules.h"

#include <algorithm>
#include <array>

namespace mailrig::fakeservers::crm {
namespace {

using enum FieldKind;
using Names = std::string_view;

// Lengths are those of a new organisation's standard layouts; only Note_Content's is documented (65,535).
constexpr Field lead_fields[] = {
    {"Last_Name", text, 80},    {"First_Name", text, 40},        {"Company", text, 200},
    {"Email", email, 100},      {"Secondary_Email", email, 100}, {"Phone", text, 30},
    {"Mobile", text, 30},       {"Website", text, 255},          {"Lead_Status", text, 120},
    {"Lead_Source", text, 120}, {"Email_Opt_Out", boolean},      {"Description", text, 32'000}};
constexpr Field contact_fields[] = {
    {"Last_Name", text, 80},         {"First_Name", text, 40},   {"Account_Name", lookup},     {"Email", email, 100},
    {"Secondary_Email", email, 100}, {"Phone", text, 30},        {"Mobile", text, 30},         {"Title", text, 100},
    {"Lead_Source", text, 120},      {"Email_Opt_Out", boolean}, {"Description", text, 32'000}};
constexpr Field account_fields[] = {
    {"Account_Name", text, 200}, {"Phone", text, 30}, {"Website", text, 450}, {"Description", text, 32'000}};
constexpr Field deal_fields[] = {{"Deal_Name", text, 120},     {"Stage", text, 120},     {"Pipeline", text, 120},
                                 {"Closing_Date", date},       {"Account_Name", lookup}, {"Contact_Name", lookup},
                                 {"Description", text, 32'000}};
constexpr Field task_fields[] = {{"Subject", text, 255},       {"Status", text, 120}, {"Priority", text, 120},
                                 {"Due_Date", date},           {"Who_Id", lookup},    {"What_Id", lookup},
                                 {"Description", text, 32'000}};
constexpr Field event_fields[] = {{"Event_Title", text, 255},  {"Start_DateTime", date_time},
                                  {"End_DateTime", date_time}, {"Participants", list},
                                  {"All_day", boolean},        {"Who_Id", lookup},
                                  {"What_Id", lookup},         {"Description", text, 32'000}};
constexpr Field call_fields[] = {{"Subject", text, 255},
                                 {"Call_Start_Time", date_time},
                                 {"Who_Id", lookup},
                                 {"What_Id", lookup},
                                 {"Description", text, 32'000}};
constexpr Field note_fields[] = {{"Note_Title", text, 120}, {"Note_Content", text, 65'535}};

constexpr std::array person_mandatory{Names("Last_Name")};
constexpr std::array person_check{Names("Email")};
constexpr std::array account_names{Names("Account_Name")};
constexpr std::array deal_mandatory{Names("Deal_Name"), Names("Stage")};
constexpr std::array deal_check{Names("Deal_Name")};
constexpr std::array subject_mandatory{Names("Subject")};
constexpr std::array event_mandatory{Names("Event_Title"), Names("Start_DateTime"), Names("End_DateTime")};

constexpr Module module_table[] = {
    {"Leads", person_mandatory, lead_fields, person_check, true, true},
    {"Contacts", person_mandatory, contact_fields, person_check, true, true},
    {"Accounts", account_names, account_fields, account_names, true, false},
    {"Deals", deal_mandatory, deal_fields, deal_check, true, false},
    {"Tasks", subject_mandatory, task_fields, {}, false, false},
    {"Events", event_mandatory, event_fields, {}, false, false},
    {"Calls", subject_mandatory, call_fields, {}, false, false},
    {"Notes", {}, note_fields, {}, false, false},
};

}  // namespace

std::span<const Module> all_modules() { return module_table; }

const Module* find_module(std::string_view name) {
  const auto* found = std::ranges::find(module_table, name, &Module::name);
  return found == std::end(module_table) ? nullptr : found;
}

const Field* find_field(const Module& module, std::string_view name) {
  auto found = std::ranges::find(module.fields, name, &Field::name);
  return found == module.fields.end() ? nullptr : &*found;
}

}  // namespace mailrig::fakeservers::crm
