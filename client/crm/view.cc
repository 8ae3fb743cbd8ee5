#include "client/crm/view.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace mailrig::client {
namespace {

using Marks = std::map<MessageKey, std::vector<AssociationRecord>>;

constexpr std::string_view refused_prefix = "refused: ";
constexpr std::string_view no_time = "never";

bool is_refused(const AssociationRecord& mark) { return mark.outcome.starts_with(refused_prefix); }

/// "associated", "refused" or "no-record"; a refusal by one of several records is what the user has to know.
std::string_view outcome_of(const std::vector<AssociationRecord>& marks) {
  if (std::any_of(marks.begin(), marks.end(), is_refused)) return "refused";
  return std::any_of(marks.begin(), marks.end(), is_on_record) ? "associated" : "no-record";
}

Value show_records(const std::vector<AssociationRecord>& marks) {
  Value records = Value::list();
  for (const AssociationRecord& mark : marks)
    if (!mark.record.empty())
      records.push(Value::map().set("module", mark.module).set("record", mark.record).set("outcome", mark.outcome));
  return records;
}

std::string reason_of(const std::vector<AssociationRecord>& marks) {
  for (const AssociationRecord& mark : marks)
    if (is_refused(mark)) return mark.outcome.substr(refused_prefix.size());
  return {};
}

/// One e-mail, in the order of storing.
struct Email {
  std::string message_id;
  bool pending = false;
  std::vector<AssociationRecord> marks;
  CrmPostponed postponed = {};
  std::string next_try;
};

Value show_email(const Email& email) {
  const std::string reason = email.pending ? email.postponed.trouble : reason_of(email.marks);
  return Value::map()
      .set("message_id", email.message_id)
      .set("outcome", email.pending ? "pending" : outcome_of(email.marks))
      .set("records", show_records(email.marks))
      .set("reason", reason)
      .set("failures", email.postponed.tries)
      .set("next_try", email.pending ? email.next_try : std::string(no_time));
}

Value show_entry(const CrmEntryOutcome& entry) {
  return Value::map()
      .set("kind", entry.kind)
      .set("address", entry.address)
      .set("outcome", entry.outcome)
      .set("module", entry.record.module)
      .set("record", entry.record.id)
      .set("message", entry.message);
}

}  // namespace

Value CrmView::show(std::string_view state, const std::vector<CrmEntryOutcome>& entries) const {
  Marks marks;
  const AssociationRecord* last_refusal = nullptr;
  Result<std::vector<AssociationRecord>> kept = store->crm_marks(account);
  if (kept) {
    for (const AssociationRecord& mark : *kept) {
      if (is_refused(mark) && (last_refusal == nullptr || mark.at >= last_refusal->at)) last_refusal = &mark;
      marks[mark.message].push_back(mark);
    }
  }
  Result<std::uint64_t> pending = store->count_awaiting_crm(account);
  std::vector<StoredMessage> waiting;
  if (pending && *pending > 0)
    if (Result<std::vector<StoredMessage>> awaiting = store->awaiting_crm(account, *pending)) waiting = *awaiting;

  std::size_t associated = 0, refused = 0, no_record = 0;
  for (const auto& [key, of_message] : marks) {
    const std::string_view outcome = outcome_of(of_message);
    associated += std::any_of(of_message.begin(), of_message.end(), is_on_record) ? 1 : 0;
    refused += outcome == "refused" ? 1 : 0;
    no_record += outcome == "no-record" ? 1 : 0;
  }
  auto next_try_of = [this](MessageKey key) -> std::optional<Instant> {
    if (!not_before) return std::nullopt;
    const auto later = backlog.postponed.find(key);
    return std::max({*not_before, now, later == backlog.postponed.end() ? Instant{} : later->second.not_before});
  };
  std::optional<Instant> next_try;
  for (const StoredMessage& message : waiting)
    if (const std::optional<Instant> due = next_try_of(message.id); due && (!next_try || *due < *next_try))
      next_try = due;

  std::string message = trouble;
  if (message.empty()) {
    for (const auto& [key, postponed] : backlog.postponed)
      if (!postponed.trouble.empty()) message = postponed.trouble;
  }
  if (message.empty() && last_refusal != nullptr)
    message = fmt::format("{} not taken by the CRM: {}",
                          refused == 1 ? "1 e-mail was" : fmt::format("{} e-mails were", refused),
                          last_refusal->outcome.substr(refused_prefix.size()));

  auto show_time = [](const std::optional<Instant>& time) {
    return time ? format_instant(*time) : std::string(no_time);
  };
  std::map<MessageKey, Email> emails;
  for (auto& [key, of_message] : marks) emails[key].marks = of_message;
  for (const StoredMessage& one : waiting) {
    Email& email = emails[one.id];
    email.pending = true;
    email.message_id = one.message_id;
    email.next_try = show_time(next_try_of(one.id));
    if (const auto later = backlog.postponed.find(one.id); later != backlog.postponed.end())
      email.postponed = later->second;
  }
  Value of_emails = Value::lazy([emails = std::move(emails), the_store = store, the_account = account]() mutable {
    if (Result<std::vector<StoredMessage>> all = the_store->messages(the_account))
      for (const StoredMessage& one : *all)
        if (const auto found = emails.find(one.id); found != emails.end()) found->second.message_id = one.message_id;
    Value list = Value::list();
    for (const auto& [key, email] : emails) list.push(show_email(email));
    return list;
  });
  Value of_entries = Value::list();
  for (const CrmEntryOutcome& entry : entries) of_entries.push(show_entry(entry));
  return Value::map()
      .set("state", state)
      .set("message", message)
      .set("associated", associated)
      .set("pending", pending ? *pending : 0)
      .set("refused", refused)
      .set("no_record", no_record)
      .set("next_try", show_time(next_try))
      .set("emails", std::move(of_emails))
      .set("entries", std::move(of_entries));
}

}  // namespace mailrig::client
