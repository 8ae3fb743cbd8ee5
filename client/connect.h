#pragma once
/// What every conversation of the client needs of its surroundings, and how a connection is made: found, opened,
/// encrypted where it is to be so from the first octet.
///
///   Result<std::unique_ptr<Stream>> stream = co_await connect_to(surroundings, account, *account.pop3);
///   Status said = co_await drive(session, **stream, surroundings.world, drive_options(surroundings, account));

#include <functional>
#include <memory>
#include <string_view>

#include "client/account/account.h"
#include "client/dialogue.h"
#include "client/store/store.h"
#include "net/drive.h"
#include "net/tls/tls.h"
#include "net/world.h"

namespace mailrig::client {

struct ClientContext {
  World& world;
  /// The store, opened at the first need.
  std::function<Result<std::unique_ptr<MessageStore>>()> open_store = {};
  /// The roots that an account trusts. Asked for only where TLS is used.
  std::function<Result<std::shared_ptr<const TlsClientContext>>(TrustedRoots trust)> tls = {};
  StepLatencies* latencies = nullptr;
  bool count_waiting = true;  // net/drive.h
  /// Writes the lines of dialogues too, where no server of ours writes them; `label` names the conversation
  /// ("work/pop3").
  bool record_lines = false;
  /// Told whenever the state of an account changes: "unlock-needed".
  std::function<void(std::string_view account, std::string_view state)> on_state = {};
};

/// Connected, and encrypted where `access.tls` is implicit; otherwise start_tls() is there to be asked for (not where
/// tls is none). Step and latency: connect, then tls. Errors as Network::connect and Stream::start_tls.
Task<Result<std::unique_ptr<Stream>>> connect_to(const ClientContext& surroundings, const AccountSettings& account,
                                                 const ServerAccess& access);

/// Budget and latencies of a session of this account.
DriveOptions drive_options(const ClientContext& surroundings, const AccountSettings& account);

/// Lines to the transcript under `label`, or nothing where lines are not recorded.
Dialogue make_dialogue(const ClientContext& surroundings, std::string label);

/// An action of the client for the transcript: "work: 20 messages committed".
void note_action(World& world, std::string_view account, std::string_view what);

}  // namespace mailrig::client
