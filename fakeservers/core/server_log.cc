#include "fakeservers/core/server_log.h"

namespace mailrig::fakeservers {

ServerLog::ServerLog(std::span<const std::string_view> verbs) {
  for (std::string_view verb : verbs) commands_.emplace(verb, 0);
  known_verbs_ = commands_.size();
}

void ServerLog::report_to(ServerObserver* observer, std::string_view server) {
  observer_ = observer;
  server_ = server;
}

ServerLog::Record& ServerLog::open(const ConnectionInfo& arrival, Instant now) {
  Record& record = records_.emplace_back();
  record.connection = arrival.connection;
  record.peer = arrival.peer;
  record.at = now;
  record.tls = arrival.tls;
  if (observer_ != nullptr) observer_->on_open(server_, record.connection);
  return record;
}

void ServerLog::on_command(Record& record, std::string_view verb, std::string_view masked) {
  auto at = commands_.find(verb);
  if (at != commands_.end())
    ++at->second;
  else if (commands_.size() < known_verbs_ + unknown_verbs_max)
    commands_.emplace(verb, 1);
  on_line(record, masked);
  if (observer_ != nullptr) observer_->on_command(record.connection, verb, masked);
}

void ServerLog::on_line(Record& record, std::string_view masked) {
  if (record.commands.size() + masked.size() >= commands_octets_max) {
    ++record.not_kept;
    return;
  }
  record.commands += masked;
  record.commands += '\n';
}

void ServerLog::on_login(Record& record, std::string_view user) {
  ++logins_;
  record.user = user;
  if (observer_ != nullptr) observer_->on_login(record.connection, user, true);
}

void ServerLog::on_secret(Record& record, std::string_view secret) {
  if (record.secrets.size() < secrets_max) record.secrets.emplace_back(secret.substr(0, secret_octets_max));
}

void ServerLog::on_early(Record& record) {
  record.early = true;
  if (observer_ != nullptr) observer_->on_early(server_, record.connection);
}

void ServerLog::on_failed_login(const Record& record, std::string_view user) {
  ++failed_logins_;
  if (observer_ != nullptr) observer_->on_login(record.connection, user, false);
}

void ServerLog::on_end(Record& record, End end) {
  if (record.end != End::open) return;
  record.end = end;
  if (observer_ != nullptr) observer_->on_end(record.connection, to_string(end));
}

std::uint64_t ServerLog::count(std::string_view verb) const {
  auto at = commands_.find(verb);
  return at == commands_.end() ? 0 : at->second;
}

void ServerLog::observe(Value& server) const {
  server.set("connections", connections());
  server.set("logins", logins_);
  server.set("failed_logins", failed_logins_);
  server.set("commands", Value::lazy([this] {
               Value commands = Value::map();
               for (const auto& [verb, count] : commands_) commands.set(verb, count);
               return commands;
             }));
  server.set("sessions", Value::lazy([this] {
               Value::List sessions;
               sessions.reserve(records_.size());
               for (const Record& record : records_) {
                 Value session = Value::map();
                 session.set("commands", Value::lazy([&record] {
                               Value::List lines;
                               std::string_view rest = record.commands;
                               for (std::size_t end = rest.find('\n'); end != std::string_view::npos;
                                    end = rest.find('\n')) {
                                 lines.emplace_back(rest.substr(0, end));
                                 rest.remove_prefix(end + 1);
                               }
                               return Value(std::move(lines));
                             }));
                 session.set("secrets", Value::lazy([&record] {
                               return Value(Value::List(record.secrets.begin(), record.secrets.end()));
                             }));
                 session.set("user", record.user);
                 session.set("peer", record.peer);
                 session.set("at", format_instant(record.at));
                 session.set("tls", record.tls);
                 session.set("early", record.early);
                 session.set("pipelined", record.pipelined);
                 session.set("end", to_string(record.end));
                 sessions.push_back(std::move(session));
               }
               return Value(std::move(sessions));
             }));
}

std::string_view to_string(ServerLog::End end) {
  switch (end) {
    case ServerLog::End::open: return "open";
    case ServerLog::End::quit: return "quit";
    case ServerLog::End::closed: return "closed";
    case ServerLog::End::reset: return "reset";
    case ServerLog::End::timed_out: return "timed-out";
    case ServerLog::End::cut: return "cut";
  }
  return "open";
}

}  // namespace mailrig::fakeservers
