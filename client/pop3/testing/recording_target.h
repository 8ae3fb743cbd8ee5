#pragma once
/// For tests: a target that does what it is told and writes down what happened to it.

#include <fmt/format.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "client/pop3/session.h"

namespace mailrig::client::testing {

struct RecordingTarget : MailSink {
  // What it is told, by message number; retrieve for those that are not named.
  std::map<std::uint32_t, FetchDecision> wants;
  std::map<std::uint32_t, FetchDecision> wants_when_identified;
  Status at_quit = {};  // what before_quit answers
  bool deletes = false;
  bool keeps_text = true;
  std::size_t commit_every = 1'000'000;  // messages
  std::function<Status(const std::string& message)> take = [](const std::string&) { return Status{}; };

  // What happened.
  std::vector<std::string> log;
  std::vector<std::string> messages;
  ServerCapabilities offer;

  std::vector<Pop3Task> plan(std::span<const Pop3Item> listing, const ServerCapabilities& offered) override {
    offer = offered;
    std::string line = "plan";
    std::vector<Pop3Task> tasks;
    for (std::size_t i = 0; i < listing.size(); ++i) {
      line += fmt::format(" {}:{}:{}", listing[i].number, listing[i].uid, listing[i].octets);
      auto told = wants.find(listing[i].number);
      tasks.push_back({i, told == wants.end() ? FetchDecision::retrieve : told->second});
    }
    log.push_back(line);
    return tasks;
  }
  FetchDecision identified(const Pop3Item& item, std::optional<std::string_view> header) override {
    log.push_back(fmt::format("identified {}: {}", item.number, header.value_or("(refused)")));
    auto told = wants_when_identified.find(item.number);
    return told == wants_when_identified.end() ? FetchDecision::leave : told->second;
  }
  void begin(const Pop3Item& item) override {
    log.push_back(fmt::format("begin {}", item.number));
    current.clear();
  }
  void body(std::string_view piece) override {
    if (keeps_text) current += piece;
  }
  Status end() override {
    Status taken = take(current);
    log.emplace_back(taken ? "end" : "not taken");
    if (taken) messages.push_back(current);
    if (taken) ++uncommitted;
    return taken;
  }
  void failed(const Pop3Item& item, const Error& why) override {
    log.push_back(
        fmt::format("failed {}: {}{}", item.number, to_string(why.code), why.reason.empty() ? "" : " " + why.reason));
  }
  bool commit_due() override { return uncommitted >= commit_every; }
  Status commit() override {
    uncommitted = 0;
    return {};
  }
  bool may_delete(const Pop3Item& item) override {
    log.push_back(fmt::format("may delete {}?", item.number));
    return deletes;
  }
  void deleted(const Pop3Item& item) override { log.push_back(fmt::format("deleted {}", item.number)); }
  Status before_quit() override { return at_quit; }
  void quit(bool confirmed) override { log.emplace_back(confirmed ? "quit" : "left"); }

  std::string current;
  std::size_t uncommitted = 0;
};

/// A session with the target that it works for, so that a Script can make both anew.
struct RecordedSession : Session {
  explicit RecordedSession(Pop3Settings settings, Dialogue dialogue = {})
      : session(std::move(settings), target, std::move(dialogue)) {}

  Action next() override { return session.next(); }
  void on_bytes(std::string_view bytes) override { session.on_bytes(bytes); }
  void on_committed(Status status) override {
    target.log.emplace_back(status ? "committed" : "not committed");
    target.uncommitted = 0;
    session.on_committed(std::move(status));
  }
  void on_tls() override { session.on_tls(); }
  void on_error(Error error) override { session.on_error(std::move(error)); }
  std::uint64_t exchanges() const override { return session.exchanges(); }

  RecordingTarget target;
  Pop3Session session;
};

}  // namespace mailrig::client::testing
