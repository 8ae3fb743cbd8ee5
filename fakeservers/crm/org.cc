#include "fakeservers/crm/org.h"

#include "fakeservers/crm/records/zone.h"

namespace mailrig::fakeservers::crm {

Organisation::Organisation(ServerContext server_context, Settings given, Value texts)
    : context(std::move(server_context)),
      settings(std::move(given)),
      prng(context.world.prng.fork("crm " + context.name)),
      answers(settings, std::move(texts)),
      ids(prng.fork("ids")),
      user_id(ids.next()),
      user_zuid(std::to_string(prng.between(100'000'000, 999'999'999))),
      cookie(prng.hex(32)),
      records(ids),
      tokens(settings, prng.fork("tokens")),
      limits(settings) {
  for (const Module& module : all_modules()) module_ids[module.name] = ids.next();
}

std::string Organisation::time(Instant instant) const { return format_in_zone(instant, settings.zone); }

Value Organisation::user() const { return object({{"name", settings.owner_name}, {"id", user_id}}); }

Value Organisation::owner() const {
  return object({{"name", settings.owner_name}, {"id", user_id}, {"email", settings.owner_email}});
}

std::string Organisation::module_id(const Module& module) const { return module_ids.at(module.name); }

}  // namespace mailrig::fakeservers::crm
