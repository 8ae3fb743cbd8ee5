#pragma once
/// What is to be done in the CRM, each as a little conversation of calls and answers.
///
///   AssociateMail task(mail, directory);
///   while (std::optional<CrmCall> call = task.next()) task.on_answer(answer of the call);
///   task.marks();

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "client/crm/answers.h"
#include "client/crm/calls.h"

namespace mailrig::client {

/// What the searches of a round have found, so that an address is asked about once.
struct CrmDirectory {
  std::map<std::string, std::optional<CrmRecord>> records;  // nothing: the address has none
  std::map<std::string, std::string> failed;                // addresses whose search failed, and why

  void clear() { *this = {}; }
};

/// Does this mark say that the e-mail is on a record?
bool is_on_record(const AssociationRecord& mark);

class CrmTask {
 public:
  virtual ~CrmTask() = default;
  /// The next call; nothing once there is nothing left to ask.
  virtual std::optional<CrmCall> next() = 0;
  /// The answer to it. `answer` is of read_answer(), and never one that concerns the whole account (token, busy, full).
  virtual void on_answer(const CrmAnswer& answer, const HttpResponse& response) = 0;
  /// The call, a write, went out, but its answer never came whole: it may have been carried out.
  virtual void on_lost() = 0;
  /// The call got no answer: what it was about is left for later. `why` is a sentence.
  virtual void on_failed(const std::string& why) = 0;
};

/// Puts an e-mail on the record of each of its parties: of a contact with that address or, where there is none, of a
/// lead. What goes wrong with one party or record is left for later, and the others go on.
class AssociateMail final : public CrmTask {
 public:
  AssociateMail(CrmMail mail, CrmDirectory& directory) : mail_(std::move(mail)), directory_(directory) {}

  std::optional<CrmCall> next() override;
  void on_answer(const CrmAnswer& answer, const HttpResponse& response) override;
  void on_lost() override;
  void on_failed(const std::string& why) override;

  const CrmMail& mail() const { return mail_; }
  /// Records that are asked about before they are written to again.
  void set_in_doubt(std::set<CrmRecord> records) { in_doubt_ = std::move(records); }
  const std::set<CrmRecord>& in_doubt() const { return in_doubt_; }
  /// Records that it was put on at an earlier try.
  void set_done(std::set<CrmRecord> records) { done_ = std::move(records); }

  /// Complete once next() gives nothing. What is not settled is to be tried again later.
  const std::vector<AssociationRecord>& marks() const { return marks_; }
  bool settled() const { return !postponed_; }
  /// Why something was left undone, for the user; empty where nothing was.
  const std::string& trouble() const { return trouble_; }
  /// The user has to change a right or setting.
  bool needs_user() const { return needs_user_; }
  /// A call had no useful answer.
  bool failed() const { return failed_; }

 private:
  enum class Asking : std::uint8_t { nothing, search, available, associate };

  void on_search(const CrmAnswer& answer, const HttpResponse& response);
  void on_available(const CrmAnswer& answer, const HttpResponse& response);
  void on_associate(const CrmAnswer& answer);
  void give_up_party(const std::string& why);
  void give_up_record(const std::string& why);
  void mark(std::string outcome);
  void look_up_again();

  CrmMail mail_;
  CrmDirectory& directory_;
  Asking asking_ = Asking::nothing;
  std::size_t party_ = 0;
  bool among_leads_ = false;    // the party was no contact
  bool module_denied_ = false;  // a search for the present party was forbidden
  std::vector<CrmRecord> records_;
  std::size_t record_ = 0;
  std::set<CrmRecord> in_doubt_;
  std::set<CrmRecord> done_;
  bool looked_up_again_ = false;
  std::vector<AssociationRecord> marks_;
  bool postponed_ = false;
  bool needs_user_ = false;
  bool failed_ = false;
  std::string trouble_;
};

/// The record of an address: a contact's or, where there is none, a lead's.
class FindRecord final : public CrmTask {
 public:
  explicit FindRecord(std::string address) : address_(std::move(address)) {}

  std::optional<CrmCall> next() override;
  void on_answer(const CrmAnswer& answer, const HttpResponse& response) override;
  void on_lost() override {}
  void on_failed(const std::string& why) override;

  const std::optional<CrmRecord>& record() const { return record_; }
  /// Why it is not known; empty where the answer is known.
  const std::string& trouble() const { return trouble_; }

 private:
  std::string address_;
  bool among_leads_ = false;
  bool done_ = false;
  std::optional<CrmRecord> record_;
  std::string trouble_;
};

/// Adds a person as lead or contact, unless the CRM has one with that address: searched first, since the CRM itself
/// need not refuse a second one, and again after a lost answer.
class AddPerson final : public CrmTask {
 public:
  struct Person {
    std::string module = "Leads";  // or "Contacts"
    std::string address;
    std::string name = {};     // "Bert Bolt"; the last word is the last name, which is mandatory
    std::string company = {};  // leads have one
  };
  explicit AddPerson(Person person) : person_(std::move(person)) {}

  std::optional<CrmCall> next() override;
  void on_answer(const CrmAnswer& answer, const HttpResponse& response) override;
  void on_lost() override { searched_ = false; }  // made or not: the search tells
  void on_failed(const std::string& why) override;

  /// The record that is there now, made or found.
  const std::optional<CrmRecord>& record() const { return record_; }
  bool made() const { return made_; }
  const std::string& trouble() const { return trouble_; }

 private:
  Person person_;
  bool searched_ = false;
  bool asked_again_ = false;  // after a call without an answer
  bool done_ = false;
  bool made_ = false;
  std::optional<CrmRecord> record_;
  std::string trouble_;
};

// docs/providers/crm.md#notes-tasks-events.
inline constexpr std::size_t crm_note_characters_max = 65'535;

/// Adds a note to a record, once: after a lost answer the record's notes are looked at first.
class AddNote final : public CrmTask {
 public:
  /// A longer content is cut, and says so.
  AddNote(CrmRecord record, std::string title, std::string content);

  std::optional<CrmCall> next() override;
  void on_answer(const CrmAnswer& answer, const HttpResponse& response) override;
  void on_lost() override { check_first_ = true; }
  void on_failed(const std::string& why) override;

  bool added() const { return added_; }
  const std::string& trouble() const { return trouble_; }

 private:
  CrmRecord record_;
  std::string title_;
  std::string content_;
  bool check_first_ = false;
  bool asked_again_ = false;  // after a call without an answer
  bool done_ = false;
  bool added_ = false;
  std::string trouble_;
};

}  // namespace mailrig::client
