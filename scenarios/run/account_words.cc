#include "client/account/account.h"
#include "scenarios/language/vocabulary.h"

namespace mailrig::scenarios {

std::span<const Setting> account_words() { return client::account_settings(); }

Value account_defaults() {
  const client::AccountSettings usual;
  Value value = Value::map();
  value.set("leave_on_server", usual.leave_on_server);
  value.set("every", format_duration(client::every_default));
  value.set("batch", static_cast<std::int64_t>(usual.batch));
  value.set("trust", "rig");
  value.set("patience", Value(Value::Map{{"connect", format_duration(usual.patience.connect)},
                                         {"greeting", format_duration(usual.patience.greeting)},
                                         {"reply", format_duration(usual.patience.reply)},
                                         {"session", format_duration(usual.patience.session)}}));
  value.set("storage", static_cast<std::int64_t>(usual.storage));
  return value;
}

}  // namespace mailrig::scenarios
