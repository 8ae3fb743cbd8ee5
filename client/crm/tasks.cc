#include "client/crm/tasks.h"

#include <fmt/format.h>

#include <algorithm>

namespace mailrig::client {

bool is_on_record(const CrmMark& mark) { return mark.outcome == "associated" || mark.outcome == "already-associated"; }

// ---- AssociateMail

std::optional<CrmCall> AssociateMail::next() {
  for (; party_ < mail_.parties.size(); ++party_) {
    const std::string& address = mail_.parties[party_];
    const auto known = directory_.find(address);
    if (known == directory_.end()) {
      asking_ = Asking::search;
      return search_call(among_leads_ ? "Leads" : "Contacts", address);
    }
    if (known->second && std::find(records_.begin(), records_.end(), *known->second) == records_.end())
      records_.push_back(*known->second);
  }
  if (record_ < records_.size()) {
    const CrmRecord& record = records_[record_];
    asking_ = in_doubt_.contains(record) ? Asking::available : Asking::associate;
    return asking_ == Asking::available ? available_call(mail_.message_id) : associate_call(record, mail_);
  }
  asking_ = Asking::nothing;
  if (marks_.empty() && !postponed_)
    marks_.push_back({.message = mail_.key, .module = {}, .record = {}, .outcome = "no-record"});
  return std::nullopt;
}

void AssociateMail::on_answer(const CrmAnswer& answer, const HttpResponse& response) {
  switch (asking_) {
    case Asking::search: return on_search(answer, response);
    case Asking::available:
      in_doubt_.erase(records_[record_]);
      if (read_available(response, records_[record_])) mark("associated");
      return;  // otherwise it is put there now
    case Asking::associate: return on_associate(answer);
    case Asking::nothing: return;
  }
}

void AssociateMail::on_search(const CrmAnswer& answer, const HttpResponse& response) {
  const std::string& address = mail_.parties[party_];
  if (answer.verdict == CrmVerdict::ok) {
    const std::vector<std::string> ids = read_hits(response, address);
    if (!ids.empty()) {
      directory_[address] = CrmRecord{among_leads_ ? "Leads" : "Contacts", ids.front()};
      among_leads_ = module_denied_ = false;
      return;
    }
  } else if (answer.verdict == CrmVerdict::forbidden || answer.verdict == CrmVerdict::scope_missing) {
    module_denied_ = needs_user_ = true;
    trouble_ =
        fmt::format("{}: the CRM does not let this connection search {}; give it the right, or reconnect the account",
                    answer.message, among_leads_ ? "Leads" : "Contacts");
  } else if (answer.verdict == CrmVerdict::later) {
    module_denied_ = true;
    trouble_ = answer.message;
  }  // nothing, or an address that the CRM cannot search for: nobody
  if (!among_leads_) {
    among_leads_ = true;
    return;
  }
  among_leads_ = false;
  if (!module_denied_) {
    directory_[address] = std::nullopt;
    return;
  }
  module_denied_ = false;
  postponed_ = true;  // whether somebody has this address is not known
  ++party_;
}

void AssociateMail::on_associate(const CrmAnswer& answer) {
  switch (answer.verdict) {
    case CrmVerdict::ok: return mark("associated");
    case CrmVerdict::duplicate: return mark("already-associated");
    case CrmVerdict::converted:
    case CrmVerdict::gone:
      if (!looked_up_again_) return look_up_again();
      return mark("refused: " + answer.code);
    case CrmVerdict::later:
      postponed_ = true;
      trouble_ = answer.message;
      ++record_;
      return;
    case CrmVerdict::forbidden:
    case CrmVerdict::scope_missing:
      postponed_ = needs_user_ = true;
      trouble_ = answer.message +
                 ": the CRM does not let this connection associate e-mails; give it the right, or reconnect "
                 "the account";
      ++record_;
      return;
    default: trouble_ = answer.message; return mark("refused: " + (answer.code.empty() ? answer.message : answer.code));
  }
}

void AssociateMail::on_lost() {
  if (asking_ == Asking::associate) in_doubt_.insert(records_[record_]);
}

void AssociateMail::mark(std::string outcome) {
  const CrmRecord& record = records_[record_++];
  marks_.push_back({.message = mail_.key, .module = record.module, .record = record.id, .outcome = std::move(outcome)});
}

/// The record was converted or deleted between search and write: who had it is searched for once more.
void AssociateMail::look_up_again() {
  looked_up_again_ = true;
  const CrmRecord lost = records_[record_];
  for (const std::string& address : mail_.parties) {
    const auto known = directory_.find(address);
    if (known != directory_.end() && known->second == lost) directory_.erase(known);
  }
  records_.erase(records_.begin() + static_cast<std::ptrdiff_t>(record_));
  party_ = 0;
}

// ---- AddPerson

std::optional<CrmCall> AddPerson::next() {
  if (done_) return std::nullopt;
  if (!searched_) return search_call(person_.module, lower_case(person_.address));
  const std::size_t blank = person_.name.rfind(' ');
  std::string last = blank == std::string::npos ? person_.name : person_.name.substr(blank + 1);
  if (last.empty()) last = person_.address.substr(0, person_.address.find('@'));
  // The field takes 80 characters; a longer name is cut rather than refused.
  CrmFields fields = {{"Last_Name", std::string(first_characters(last, 80))}, {"Email", person_.address}};
  if (blank != std::string::npos)
    fields.emplace_back("First_Name", first_characters(person_.name.substr(0, blank), 40));
  if (person_.module == "Leads") fields.emplace_back("Company", person_.company.empty() ? "-" : person_.company);
  return insert_call(person_.module, fields);
}

void AddPerson::on_answer(const CrmAnswer& answer, const HttpResponse& response) {
  if (!searched_) {
    searched_ = true;
    if (answer.verdict != CrmVerdict::ok && answer.verdict != CrmVerdict::nothing) {
      done_ = true;  // without a look, a second record of the same person might be made
      trouble_ = answer.message;
      return;
    }
    const std::vector<std::string> ids = read_hits(response, lower_case(person_.address));
    done_ = !ids.empty();
    if (done_) record_ = CrmRecord{person_.module, ids.front()};
    return;
  }
  done_ = true;
  made_ = answer.verdict == CrmVerdict::ok;
  if (made_ || (answer.verdict == CrmVerdict::duplicate && !answer.id.empty()))
    record_ = CrmRecord{person_.module, answer.id};
  else
    trouble_ = answer.message;
}

// ---- AddNote

AddNote::AddNote(CrmRecord record, std::string title, std::string content)
    : record_(std::move(record)), title_(std::move(title)), content_(std::move(content)) {
  constexpr std::string_view cut_mark = " [...]";
  if (first_characters(content_, crm_note_characters_max).size() < content_.size())
    content_ =
        std::string(first_characters(content_, crm_note_characters_max - cut_mark.size())) + std::string(cut_mark);
}

std::optional<CrmCall> AddNote::next() {
  if (done_) return std::nullopt;
  return check_first_ ? notes_call(record_) : note_call(record_, title_, content_);
}

void AddNote::on_answer(const CrmAnswer& answer, const HttpResponse& response) {
  if (check_first_) {
    check_first_ = false;
    added_ = done_ = read_has_note(response, title_, content_);
    return;
  }
  done_ = true;
  added_ = answer.verdict == CrmVerdict::ok;
  if (!added_) trouble_ = answer.message;
}

}  // namespace mailrig::client
