#include "client/connect.h"

#include <fmt/format.h>

#include <utility>

#include "net/task.h"

namespace mailrig::client {

Task<Result<std::unique_ptr<Stream>>> connect_to(const ClientContext& surroundings, const AccountSettings& account,
                                                 const ServerAccess& access) {
  World& world = surroundings.world;
  auto took = [&](Step step, Moment since) {
    if (surroundings.latencies != nullptr) surroundings.latencies->add(step, world.clock.now() - since);
  };
  note_action(world, account.name, "connects to " + to_string(access.server));
  const Moment start = world.clock.now();
  const Endpoint server = access.server;
  Result<std::unique_ptr<Stream>> stream =
      co_await world.network.connect(server, account.source, deadline_after(start, account.patience.connect));
  if (!stream) co_return std::move(stream).error().at(Step::connect);
  took(Step::connect, start);
  if (access.tls == TlsMode::none) co_return stream;

  if (!surroundings.tls) co_return Error{Errc::internal, "there is no TLS to connect with", Step::tls};
  Result<std::shared_ptr<const TlsClientContext>> context = surroundings.tls(account.trust);
  if (!context) co_return std::move(context).error().at(Step::tls);
  std::unique_ptr<Stream> secured = with_tls(*std::move(stream), *context, server.host, world.calendar);
  if (access.tls == TlsMode::implicit) {
    const Moment connected = world.clock.now();
    Status upgraded = co_await secured->start_tls(deadline_after(connected, account.patience.greeting));
    if (!upgraded) co_return std::move(upgraded).error().at(Step::tls);
    took(Step::tls, connected);
  }
  co_return secured;
}

DriveOptions drive_options(const ClientContext& surroundings, const AccountSettings& account) {
  return {.budget = account.patience.session,
          .latencies = surroundings.latencies,
          .count_waiting = surroundings.count_waiting};
}

Dialogue make_dialogue(const ClientContext& surroundings, std::string label) {
  if (!surroundings.record_lines) return {};
  return [&world = surroundings.world, label = std::move(label)](TranscriptEntry::Who who, std::string line) {
    world.transcript.add(world.clock.now(), label, who, std::move(line));
  };
}

void note_action(World& world, std::string_view account, std::string_view what) {
  world.transcript.add(world.clock.now(), {}, TranscriptEntry::Who::client, fmt::format("{}: {}", account, what));
}

}  // namespace mailrig::client
