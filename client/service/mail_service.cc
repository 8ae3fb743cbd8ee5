#include "client/service/mail_service.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "base/text.h"
#include "client/account/account_worker.h"
#include "net/loop.h"
#include "net/task.h"

namespace mailrig::client {
namespace {

/// Several tasks at the same time, and somebody who waits for all of them.
struct Together {
  std::size_t left = 0;
  Signal all_done;
};

Task<void> one_of(std::shared_ptr<Together> together, Task<void> task) {
  co_await std::move(task);
  if (--together->left == 0) together->all_done.notify_all();
}

Task<void> all_of(World& world, std::vector<Task<void>> tasks) {
  // One needs no task of its own.
  if (tasks.size() == 1) {
    co_await std::move(tasks.front());
    co_return;
  }
  auto together = std::make_shared<Together>();
  together->left = tasks.size();
  for (Task<void>& task : tasks) world.loop.spawn(one_of(together, std::move(task)));
  while (together->left > 0) co_await together->all_done.wait();
}

}  // namespace

struct MailService::Impl {
  std::shared_ptr<const ClientContext> surroundings;
  std::shared_ptr<MessageStore> store;
  std::vector<std::shared_ptr<AccountWorker>> mailboxes;  // in the order of adding
  std::map<std::string, std::size_t, std::less<>> by_name;
  // What is due when. An account is noted again after whatever is done with it, so that the next one that is due is
  // found without asking all of them.
  std::set<std::pair<Instant, std::size_t>> due;
  std::vector<std::optional<Instant>> noted;  // by mailbox

  std::shared_ptr<AccountWorker> find(std::string_view name) const {
    auto found = by_name.find(name);
    return found == by_name.end() ? nullptr : mailboxes[found->second];
  }
  void add(std::shared_ptr<AccountWorker> mailbox) {
    by_name.emplace(mailbox->settings().name, mailboxes.size());
    mailboxes.push_back(std::move(mailbox));
    noted.emplace_back();
    note_due(mailboxes.size() - 1);
  }
  void note_due(std::string_view name) { note_due(by_name.find(name)->second); }
  void note_due(std::size_t index) {
    std::optional<Instant> now_due = mailboxes[index]->next_due();
    if (noted[index]) due.erase({*noted[index], index});
    if (now_due) due.emplace(*now_due, index);
    noted[index] = now_due;
  }
  Error unknown(std::string_view name) const {
    std::vector<std::string> names;
    names.reserve(mailboxes.size());
    for (const std::shared_ptr<AccountWorker>& mailbox : mailboxes) names.push_back(mailbox->settings().name);
    std::string message = fmt::format("there is no account \"{}\"", printable(name));
    if (std::string_view meant = nearest(name, names); !meant.empty())
      message += fmt::format("; did you mean \"{}\"?", meant);
    return {Errc::bad_input, std::move(message)};
  }
};

MailService::MailService(ClientContext surroundings) : impl_(std::make_unique<Impl>()) {
  impl_->surroundings = std::make_shared<const ClientContext>(std::move(surroundings));
}

MailService::~MailService() {
  for (const std::shared_ptr<AccountWorker>& mailbox : impl_->mailboxes) mailbox->abandon();
}

Status MailService::add_account(AccountSettings settings) {
  if (impl_->find(settings.name) != nullptr)
    return Error{Errc::bad_input, fmt::format("there is an account \"{}\" already", settings.name)};
  if (impl_->store == nullptr) {
    Result<std::unique_ptr<MessageStore>> store = impl_->surroundings->open_store();
    if (!store) return store.error();
    impl_->store = *std::move(store);
  }
  auto mailbox = std::make_shared<AccountWorker>(impl_->surroundings, impl_->store, std::move(settings));
  if (Status loaded = mailbox->load(); !loaded) return loaded;
  impl_->add(std::move(mailbox));
  return {};
}

Task<Status> MailService::edit_account(AccountSettings settings) {
  std::shared_ptr<AccountWorker> mailbox = impl_->find(settings.name);
  if (mailbox == nullptr) co_return impl_->unknown(settings.name);
  const std::string name = settings.name;
  Status edited = co_await AccountWorker::edit(mailbox, std::move(settings));
  impl_->note_due(name);
  co_return edited;
}

const AccountSettings* MailService::find_account(std::string_view name) const {
  std::shared_ptr<AccountWorker> mailbox = impl_->find(name);
  return mailbox == nullptr ? nullptr : &mailbox->settings();
}

std::vector<std::string> MailService::account_names() const {
  std::vector<std::string> names;
  for (const std::shared_ptr<AccountWorker>& mailbox : impl_->mailboxes) names.push_back(mailbox->settings().name);
  return names;
}

Task<Status> MailService::poll(std::string name) { return poll_all({std::move(name)}); }

Task<Status> MailService::poll_all(std::vector<std::string> names) {
  std::vector<Task<void>> polls;
  for (const std::string& name : names) {
    std::shared_ptr<AccountWorker> mailbox = impl_->find(name);
    if (mailbox == nullptr) co_return impl_->unknown(name);
    polls.push_back(AccountWorker::poll(mailbox));
  }
  World& world = impl_->surroundings->world;
  co_await all_of(world, std::move(polls));
  for (const std::string& name : names) impl_->note_due(name);
  co_return Status{};
}

std::optional<Instant> MailService::next_due() const {
  return impl_->due.empty() ? std::nullopt : std::optional(impl_->due.begin()->first);
}

Task<void> MailService::poll_due() {
  World& world = impl_->surroundings->world;
  const Instant now = world.calendar.now();
  std::vector<std::size_t> indexes;
  for (auto at = impl_->due.begin(); at != impl_->due.end() && at->first <= now; ++at) indexes.push_back(at->second);
  std::ranges::sort(indexes);  // in the order of adding, which is the order of what is written
  std::vector<Task<void>> tasks;
  tasks.reserve(indexes.size());
  for (std::size_t index : indexes) tasks.push_back(AccountWorker::work(impl_->mailboxes[index]));
  co_await all_of(world, std::move(tasks));
  for (std::size_t index : indexes) impl_->note_due(index);
}

Task<Status> MailService::send(std::string name, const Value& message) {
  std::shared_ptr<AccountWorker> mailbox = impl_->find(name);
  if (mailbox == nullptr) co_return impl_->unknown(name);
  Status sent = co_await AccountWorker::send(mailbox, message);
  impl_->note_due(name);
  co_return sent;
}

Task<Status> MailService::add_person(std::string name, CrmPersonEntry entry) {
  std::shared_ptr<AccountWorker> mailbox = impl_->find(name);
  if (mailbox == nullptr) co_return impl_->unknown(name);
  co_await AccountWorker::add_person(mailbox, std::move(entry));
  co_return Status{};
}

Task<Status> MailService::add_note(std::string name, CrmNoteEntry entry) {
  std::shared_ptr<AccountWorker> mailbox = impl_->find(name);
  if (mailbox == nullptr) co_return impl_->unknown(name);
  co_await AccountWorker::add_note(mailbox, std::move(entry));
  co_return Status{};
}

bool MailService::accounts_for(std::string_view name, std::string_view uid) const {
  std::shared_ptr<AccountWorker> mailbox = impl_->find(name);
  return mailbox != nullptr && mailbox->accounts_for(uid);
}

Value MailService::observe() const {
  Value::Map accounts;
  for (const std::shared_ptr<AccountWorker>& mailbox : impl_->mailboxes)
    accounts.emplace_back(mailbox->settings().name, Value::lazy([mailbox] { return mailbox->observe(); }));
  return Value(std::move(accounts));
}

}  // namespace mailrig::client
