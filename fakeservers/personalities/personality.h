#pragma once
/// Personalities are data: a map of settings and texts that a server reads, one file each in personalities/.
///
///   Result<Value> settings = server_settings("pop3", server, scenario_personalities);   // what a server is made with
///   Result<Value> gmail = resolve_personality("pop3", "gmail", {});
///   gmail->find("texts")->find("greeting")->text() == "+OK Gpop ready for requests from {peer} {token}";
///
/// A personality may say { "extends": NAME }: its keys are then laid over that one's, key by key (base/value.h,
/// merged(); null takes a key away). A file is PROTOCOL-NAME.json, or NAME.json where the name says the protocol
/// ("zoho-crm").

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/value.h"

namespace mailrig::fakeservers {

// A chain of `extends` that is longer goes in circles.
inline constexpr int extends_max = 16;

/// `personality` is a name or an object with `extends`. Names of the scenario (`personalities`, a map or null) come
/// first, then the built-in ones, which are put together once per process. The result has no `extends`; `name` is the
/// name asked for, or "". Error bad_input: an unknown name (with what was probably meant), a personality of another
/// protocol, a circle.
Result<Value> resolve_personality(std::string_view protocol, const Value& personality,
                                  const Value& scenario_personalities = {});

/// The settings of a server: its keys laid over those of its personality (`generic` where it names none).
Result<Value> server_settings(std::string_view protocol, const Value& server, const Value& scenario_personalities = {});

/// The built-in names of a protocol, sorted.
const std::vector<std::string>& personality_names(std::string_view protocol);

}  // namespace mailrig::fakeservers
