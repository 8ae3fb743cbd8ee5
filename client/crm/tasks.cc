#include "client/crm/tasks.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace mailrig::client {

bool is_on_record(const AssociationRecord& mark) {
  return mark.outcome == "associated" || mark.outcome == "already-associated";
}

// ---- AssociateMail

std::optional<CrmCall> AssociateMail::next() {
  for (; party_ < mail_.parties.size(); ++party_) {
    const std::string& address = mail_.parties[party_];
    if (const auto failed = directory_.failed.find(address); failed != directory_.failed.end()) {
      // Another mail of this round has asked; whether the address has a record is not known.
      postponed_ = failed_ = true;
      trouble_ = failed->second;
      continue;
    }
    const auto known = directory_.records.find(address);
    if (known == directory_.records.end()) {
      asking_ = Asking::search;
      return search_call(among_leads_ ? "Leads" : "Contacts", address);
    }
    if (known->second && !done_.contains(*known->second) &&
        std::find(records_.begin(), records_.end(), *known->second) == records_.end())
      records_.push_back(*known->second);
  }
  if (record_ < records_.size()) {
    const CrmRecord& record = records_[record_];
    asking_ = in_doubt_.contains(record) ? Asking::available : Asking::associate;
    return asking_ == Asking::available ? available_call(mail_.message_id) : associate_call(record, mail_);
  }
  asking_ = Asking::nothing;
  if (marks_.empty() && !postponed_ && done_.empty())
    marks_.push_back({.message = mail_.key, .module = {}, .record = {}, .outcome = "no-record"});
  return std::nullopt;
}

void AssociateMail::on_answer(const CrmAnswer& answer, const HttpResponse& response) {
  switch (asking_) {
    case Asking::search: return on_search(answer, response);
    case Asking::available: return on_available(answer, response);
    case Asking::associate: return on_associate(answer);
    case Asking::nothing: return;
  }
}

/// Only an empty result, and an address that cannot be searched for, mean that the address has no record.
void AssociateMail::on_search(const CrmAnswer& answer, const HttpResponse& response) {
  const std::string& address = mail_.parties[party_];
  switch (answer.verdict) {
    case CrmVerdict::ok: {
      const CrmHits hits = read_hits(response, address);
      if (!hits.ids.empty()) {
        directory_.records[address] = CrmRecord{among_leads_ ? "Leads" : "Contacts", hits.ids.front()};
        among_leads_ = module_denied_ = false;
        return;
      }
      if (hits.unusable)
        return give_up_party("the CRM found a record of " + printable(address, 80) +
                             " with an id that is not a number");
      break;
    }
    case CrmVerdict::nothing:
    case CrmVerdict::unsearchable: break;
    case CrmVerdict::forbidden:
    case CrmVerdict::scope_missing:
      module_denied_ = needs_user_ = true;
      trouble_ =
          fmt::format("{}: the CRM does not let this connection search {}; give it the right, or reconnect the account",
                      answer.message, among_leads_ ? "Leads" : "Contacts");
      break;
    default: return give_up_party(answer.message);
  }
  if (!among_leads_) {
    among_leads_ = true;
    return;
  }
  among_leads_ = false;
  if (!module_denied_) {
    directory_.records[address] = std::nullopt;
    return;
  }
  module_denied_ = false;
  postponed_ = true;  // whether the address has a record is not known
  ++party_;
}

void AssociateMail::give_up_party(const std::string& why) {
  postponed_ = failed_ = true;
  trouble_ = why;
  directory_.failed[mail_.parties[party_]] = why;
  among_leads_ = module_denied_ = false;
  ++party_;
}

void AssociateMail::on_available(const CrmAnswer& answer, const HttpResponse& response) {
  if (answer.verdict == CrmVerdict::down || (answer.verdict == CrmVerdict::unclear && response.status < 400))
    return give_up_record(answer.message);
  // Where the CRM does not tell, the e-mail is put there again: it says DUPLICATE_DATA if it has it.
  in_doubt_.erase(records_[record_]);
  if (answer.verdict == CrmVerdict::ok && read_available(response, records_[record_])) mark("associated");
}

void AssociateMail::on_associate(const CrmAnswer& answer) {
  switch (answer.verdict) {
    case CrmVerdict::ok: return mark("associated");
    case CrmVerdict::duplicate: return mark("already-associated");
    case CrmVerdict::converted:
    case CrmVerdict::gone:
      if (!looked_up_again_) return look_up_again();
      return mark("refused: " + answer.message);
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
    case CrmVerdict::refused: trouble_ = answer.message; return mark("refused: " + answer.message);
    default:
      // It may have been carried out all the same: looked at before it is repeated.
      in_doubt_.insert(records_[record_]);
      return give_up_record(answer.message);
  }
}

void AssociateMail::give_up_record(const std::string& why) {
  postponed_ = failed_ = true;
  trouble_ = why;
  ++record_;
}

void AssociateMail::on_lost() {
  if (asking_ == Asking::associate) in_doubt_.insert(records_[record_]);
}

void AssociateMail::on_failed(const std::string& why) {
  switch (asking_) {
    case Asking::search: return give_up_party(why);
    case Asking::available:
    case Asking::associate: return give_up_record(why);
    case Asking::nothing: return;
  }
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
    const auto known = directory_.records.find(address);
    if (known != directory_.records.end() && known->second == lost) directory_.records.erase(known);
  }
  records_.erase(records_.begin() + static_cast<std::ptrdiff_t>(record_));
  party_ = 0;
}

// ---- FindRecord

std::optional<CrmCall> FindRecord::next() {
  if (done_) return std::nullopt;
  return search_call(among_leads_ ? "Leads" : "Contacts", lower_case(address_));
}

void FindRecord::on_answer(const CrmAnswer& answer, const HttpResponse& response) {
  const bool told = answer.verdict == CrmVerdict::ok || answer.verdict == CrmVerdict::nothing ||
                    answer.verdict == CrmVerdict::unsearchable;
  if (!told) return on_failed(answer.message);
  const CrmHits hits = read_hits(response, lower_case(address_));
  if (!hits.ids.empty()) record_ = CrmRecord{among_leads_ ? "Leads" : "Contacts", hits.ids.front()};
  done_ = record_ || among_leads_;
  among_leads_ = true;
}

void FindRecord::on_failed(const std::string& why) {
  done_ = true;
  trouble_ = why;
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
    const CrmHits hits = read_hits(response, lower_case(person_.address));
    done_ = !hits.ids.empty();
    if (done_) record_ = CrmRecord{person_.module, hits.ids.front()};
    return;
  }
  done_ = true;
  made_ = answer.verdict == CrmVerdict::ok && !answer.id.empty();
  if (made_ || (answer.verdict == CrmVerdict::duplicate && !answer.id.empty()))
    record_ = CrmRecord{person_.module, answer.id};
  else
    trouble_ = answer.message;
}

void AddPerson::on_failed(const std::string& why) {
  if (!std::exchange(asked_again_, true)) return;
  done_ = true;
  trouble_ = why;
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

void AddNote::on_failed(const std::string& why) {
  if (!std::exchange(asked_again_, true)) return;
  done_ = true;
  trouble_ = why;
}

}  // namespace mailrig::client
