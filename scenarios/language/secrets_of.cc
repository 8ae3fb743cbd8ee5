#include "scenarios/language/secrets_of.h"

namespace mailrig::scenarios {
namespace {

void add_all(const Value& value, bool secret, Secrets& secrets) {
  switch (value.kind()) {
    case Value::Kind::text:
      if (secret) secrets.add(value.text());
      break;
    case Value::Kind::list:
      for (const Value& item : value.items()) add_all(item, secret, secrets);
      break;
    case Value::Kind::map:
      for (const auto& [key, item] : value.entries()) add_all(item, is_secret_key(key), secrets);
      // The way in which a short password is found in a SASL response.
      if (const Value* user = value.find("user"); user != nullptr && user->is(Value::Kind::text))
        if (const Value* password = value.find("password"); password != nullptr && password->is(Value::Kind::text))
          secrets.add_login(user->text(), password->text());
      break;
    default: break;
  }
}

}  // namespace

bool is_secret_key(std::string_view key) {
  return key.ends_with("password") || key.ends_with("passwords") || key.ends_with("secret") || key.ends_with("_token");
}

void add_secrets(const Scenario& scenario, Secrets& secrets) {
  for (const ServerSpec& server : scenario.servers) {
    add_all(server.settings, false, secrets);
    if (const Value* mailboxes = server.settings.find("mailboxes");
        mailboxes != nullptr && mailboxes->is(Value::Kind::map))
      for (const auto& [user, mailbox] : mailboxes->entries())
        if (const Value* password = mailbox.find("password"); password != nullptr && password->is(Value::Kind::text))
          secrets.add_login(user, password->text());
  }
  for (const AccountSpec& account : scenario.accounts) add_all(account.settings, false, secrets);
  for (const Step& step : scenario.steps) {
    add_all(step.arguments, false, secrets);
    for (const Expectation& expectation : step.expectations)
      for (const Condition::Clause& clause : expectation.condition.clauses())
        if (clause.matcher == Matcher::secret) secrets.add(clause.wanted.text());
  }
}

void mask_secrets(Outcome& outcome, const Secrets& secrets) {
  if (secrets.empty()) return;
  auto mask = [&secrets](std::string& text) { text = secrets.masked(text); };
  mask(outcome.reason);
  for (auto& [key, note] : outcome.notes) mask(note);
  for (auto& [name, account] : outcome.accounts) mask(account.message);
  for (std::string& line : outcome.story) mask(line);
  for (Finding& finding : outcome.findings) {
    for (std::string* text : {&finding.message, &finding.expected, &finding.actual, &finding.nearest_rule}) mask(*text);
    for (std::string& line : finding.last_exchanges) mask(line);
    // The caret under it stays where it is.
    finding.place.source_line = secrets.blanked(finding.place.source_line);
  }
}

}  // namespace mailrig::scenarios
