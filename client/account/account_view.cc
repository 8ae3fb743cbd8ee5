// What an account shows of itself: accounts.NAME of docs/scenario-format.md.
#include <algorithm>
#include <map>

#include "client/account/account_worker.h"
#include "client/store/message_facts.h"
#include "mime/message/fields/encoded_word.h"
#include "mime/message/header.h"

namespace mailrig::client {
namespace {

using Store = std::shared_ptr<MessageStore>;

/// A text of a message, made when somebody looks; the store lives as long as that may happen.
Value from_raw(const Store& store, MessageKey id, std::function<std::string(std::string_view raw)> make) {
  return Value::lazy([store, id, make = std::move(make)]() -> Value {
    Result<std::string> raw = store->raw(id);
    return raw ? Value(make(*raw)) : Value();
  });
}

std::function<std::string(std::string_view)> field(std::string_view lower_case_name) {
  return [lower_case_name](std::string_view raw) {
    std::optional<std::string_view> body = mime::find_field(raw, lower_case_name);
    return body ? mime::text_value(*body) : std::string();
  };
}

Value show(const Store& store, const StoredMessage& message) {
  Value shown = Value::map();
  shown.set("uid", message.uid);
  shown.set("octets", message.octets);
  shown.set("sha256", to_hex(message.sha256));
  shown.set("raw", from_raw(store, message.id, [](std::string_view raw) { return std::string(raw); }));
  shown.set("header", from_raw(store, message.id, [](std::string_view raw) { return std::string(header_text(raw)); }));
  shown.set("body", from_raw(store, message.id, [](std::string_view raw) { return std::string(mime::body_of(raw)); }));
  shown.set("subject", from_raw(store, message.id, field("subject")));
  shown.set("from", from_raw(store, message.id, field("from")));
  shown.set("message_id", message.message_id);
  shown.set("folder", message.folder);
  shown.set("stored_at", format_instant(message.stored_at));
  return shown;
}

Value show_messages(const Store& store, const std::string& account) {
  Value list = Value::list();
  if (Result<std::vector<StoredMessage>> messages = store->messages(account))
    for (const StoredMessage& message : *messages) list.push(show(store, message));
  return list;
}

Value show_folders(const Store& store, const std::string& account) {
  std::map<std::string, std::uint64_t> counts{{std::string(inbox_folder), 0}, {std::string(sent_folder), 0}};
  if (Result<std::vector<StoredMessage>> messages = store->messages(account))
    for (const StoredMessage& message : *messages) ++counts[message.folder];
  Value folders = Value::map();
  for (const auto& [name, count] : counts) folders.set(name, count);
  return folders;
}

}  // namespace

Value AccountWorker::observe() const {
  Value shown = Value::map();
  shown.set("state", to_string(record_.state));
  shown.set("message", record_.message);
  shown.set("stored", Value::lazy([store = store_, name = settings_.name]() -> Value {
              Result<StoreTotals> totals = store->totals(name);
              return totals ? Value(totals->messages) : Value();
            }));
  shown.set("polls", record_.polls);
  shown.set("authentication_failures", record_.authentication_failures);
  shown.set("connection_failures", record_.connection_failures);
  shown.set("retrieved", record_.retrieved);
  shown.set("deleted", record_.deleted);
  shown.set("interval", settings_.every ? format_duration(interval_of(settings_, record_)) : "never");
  shown.set("next_poll", record_.due ? Value(format_instant(*record_.due)) : Value());
  shown.set("last_error", record_.last_error);
  shown.set("disabled_by", record_.disabled_by);
  shown.set("messages", Value::lazy([store = store_, name = settings_.name] { return show_messages(store, name); }));
  shown.set("folders", Value::lazy([store = store_, name = settings_.name] { return show_folders(store, name); }));
  Value set_aside = Value::list(), lost = Value::list();
  for (const KnownUid& uid : known_.all()) {
    if ((uid.fact.flags & UidRecord::set_aside) != 0) set_aside.push(uid.fact.uid);
    if (is_lost(uid.fact)) lost.push(uid.fact.uid);
  }
  shown.set("set_aside", std::move(set_aside));
  shown.set("lost", std::move(lost));
  shown.set("crm", crm_.observe(store_));
  shown.set("sent", outbox_.observe());
  shown.set("outbox", outbox_.waiting());
  return shown;
}

bool AccountWorker::accounts_for(std::string_view uid) {
  const KnownUid* known = known_.find(uid);
  return known != nullptr && (known->fact.message || has_failed(known->fact));
}

}  // namespace mailrig::client
