// The mail transaction: MAIL, RCPT, DATA, BDAT, and what else there is to say.

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/ascii.h"
#include "base/sha256.h"
#include "fakeservers/smtp/headers.h"
#include "fakeservers/smtp/session.h"

namespace mailrig::fakeservers::smtp {
namespace {

/// "FROM:<...>" without "FROM:"; nothing where it begins otherwise.
std::optional<std::string_view> behind(std::string_view argument, std::string_view word) {
  while (argument.ends_with(' ')) argument.remove_suffix(1);
  if (!starts_ignoring_case(argument, word)) return std::nullopt;
  return argument.substr(word.size());
}

std::optional<std::uint64_t> number_in(std::string_view text) {
  std::uint64_t number = 0;
  auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  // RFC 1870 §3: up to 20 digits, more than 64 bits hold; too much for any server either way.
  if (failure == std::errc::result_out_of_range && end == text.data() + text.size()) return UINT64_MAX;
  if (failure != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::string digits(Prng& prng, std::size_t count) {
  std::string text;
  while (text.size() < count) text += static_cast<char>('0' + prng.below(10));
  return text;
}

}  // namespace

void Session::reset_transaction() {
  from_.reset();
  recipients_.clear();
  rcpt_seen_ = false;
  utf8_ = false;
  binary_ = false;
  chunked_ = false;
  reader_ = DataReader({.octets_max = server_.settings().size_max, .bare_lf = server_.settings().bare_lf});
}

void Session::on_mail(const Command& command) {
  if (hello_.empty()) return refuse(Text::needs_hello);
  if (server_.settings().auth_required && user_ == nullptr) return refuse(Text::needs_auth);
  if (has_transaction()) return refuse(Text::mail_nested);
  std::optional<std::string_view> text = behind(command.argument, "FROM:");
  // SMTPUTF8 stands behind the address that it is for.
  const bool utf8 = text && server_.settings().advertises("SMTPUTF8");
  std::optional<Path> path =
      text ? parse_path(*text, PathKind::reverse, {server_.settings().strict_paths, utf8}) : std::nullopt;
  if (!path) return refuse(Text::mail_path_bad);
  reset_transaction();
  if (!take_mail_parameters(path->rest)) return;
  const bool ascii = std::ranges::none_of(path->address, [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
  if (!ascii && !utf8_) return refuse(Text::mail_path_bad);
  const TemplateArgs words{.address = path->address};
  const bool own = path->address.empty() || (user_ != nullptr && user_->owns(path->address));
  if (server_.settings().check_sender == At::mail && user_ != nullptr && !own)
    return answer(Text::sender_refused, words);
  if (!may_send()) return;
  from_ = path->address;
  answer(Text::mail, words);
}

/// What may be looked at before there is a message.
bool Session::may_send() {
  const Settings& settings = server_.settings();
  if (user_ == nullptr) return true;
  if (settings.rate > 0 && user_->rate.within(settings.rate_window, server_.now()) >= settings.rate) {
    answer(Text::rate);
    return false;
  }
  if (settings.quota_at == At::mail && quota_is_used_up(1)) {
    answer(Text::quota);
    return false;
  }
  return true;
}

bool Session::quota_is_used_up(std::uint64_t more) const {
  const Settings& settings = server_.settings();
  return settings.daily_quota > 0 && user_ != nullptr &&
         user_->quota.within(settings.quota_window, server_.now()) + more > settings.daily_quota;
}

bool Session::take_mail_parameters(std::string_view text) {
  const Settings& settings = server_.settings();
  auto refuse_with = [&](Text reply, std::string_view name) {
    refuse(reply, {.argument = name});
    return false;
  };
  std::optional<Parameters> parameters = parse_parameters(text);
  if (!parameters) return refuse_with(Text::mail_path_bad, {});
  for (const auto& [name, value] : *parameters) {
    if (name == "SIZE" && settings.advertises("SIZE")) {
      std::optional<std::uint64_t> size = number_in(value);
      if (!size) return refuse_with(Text::parameter_bad, name);
      if (*size > settings.size_max) {
        answer(Text::size_declared);
        return false;
      }
    } else if (name == "BODY" && settings.advertises("8BITMIME")) {
      binary_ = equals_ignoring_case(value, "BINARYMIME") && settings.advertises("BINARYMIME");
      if (!binary_ && !equals_ignoring_case(value, "7BIT") && !equals_ignoring_case(value, "8BITMIME"))
        return refuse_with(Text::parameter_bad, name);
    } else if (name == "AUTH" && offers_auth()) {
      if (value.empty()) return refuse_with(Text::parameter_bad, name);
    } else if (name == "SMTPUTF8" && settings.advertises("SMTPUTF8")) {
      if (!value.empty()) return refuse_with(Text::parameter_bad, name);
      utf8_ = true;
    } else if (name == "RET" && settings.advertises("DSN")) {
      if (!equals_ignoring_case(value, "FULL") && !equals_ignoring_case(value, "HDRS"))
        return refuse_with(Text::parameter_bad, name);
    } else if (name == "ENVID" && settings.advertises("DSN")) {
      if (value.empty()) return refuse_with(Text::parameter_bad, name);
    } else {
      return refuse_with(Text::parameter_unknown, name);
    }
  }
  return true;
}

bool Session::take_rcpt_parameters(std::string_view text) {
  std::optional<Parameters> parameters = parse_parameters(text);
  if (!parameters) {
    refuse(Text::rcpt_path_bad);
    return false;
  }
  for (const auto& [name, value] : *parameters) {
    if (server_.settings().advertises("DSN") && (name == "NOTIFY" || name == "ORCPT") && !value.empty()) continue;
    refuse(Text::parameter_unknown, {.argument = name});
    return false;
  }
  return true;
}

void Session::on_rcpt(const Command& command) {
  if (!has_transaction()) return refuse(Text::rcpt_no_mail);
  const Settings& settings = server_.settings();
  std::optional<std::string_view> text = behind(command.argument, "TO:");
  std::optional<Path> path = text ? parse_path(*text, PathKind::forward, {settings.strict_paths, utf8_}) : std::nullopt;
  rcpt_seen_ = true;
  if (!path) return refuse(Text::rcpt_path_bad);
  if (!take_rcpt_parameters(path->rest)) return;
  const TemplateArgs words{.address = path->address};
  const bool known = server_.owner_of(path->address) != nullptr;
  const bool local = server_.is_local_domain(path->address);
  const bool postmaster = equals_ignoring_case(path->address.substr(0, path->address.find('@')), "POSTMASTER");
  if (recipients_.size() >= settings.recipients_max) return answer(Text::rcpt_too_many, words);
  if (local && !known && !postmaster) return answer(Text::rcpt_unknown, words);
  if (!local && !known && user_ == nullptr && settings.relay == Relay::authenticated)
    return answer(Text::rcpt_relay, words);
  std::string_view peer = arrival().peer;
  if (server_.is_greylisted(peer.substr(0, peer.rfind(':')), *from_, path->address))
    return answer(Text::rcpt_greylisted, words);
  recipients_.push_back(path->address);
  answer(Text::rcpt, words);
}

void Session::on_data_command(const Command& command) {
  if (!takes_nothing(command)) return;
  if (chunked_ || binary_) return refuse(Text::bad_sequence);  // RFC 3030 §2 and §3
  if (recipients_.empty()) return refuse(rcpt_seen_ ? Text::data_no_recipients : Text::data_no_mail);
  answer(Text::data);
  expect_data();
}

void Session::on_bdat(const Command& command) {
  if (!server_.settings().advertises("CHUNKING")) return refuse(Text::unknown_command);
  std::string_view argument = command.argument;
  while (argument.ends_with(' ')) argument.remove_suffix(1);
  std::string_view size = argument.substr(0, argument.find(' '));
  std::string_view last = argument.size() > size.size() ? argument.substr(size.size() + 1) : std::string_view{};
  std::optional<std::uint64_t> octets = number_in(size);
  if (!octets || (!last.empty() && !equals_ignoring_case(last, "LAST"))) return refuse(Text::no_parameters);
  chunk_left_ = chunk_octets_ = *octets;
  chunk_ = recipients_.empty() ? Chunk::refused : last.empty() ? Chunk::middle : Chunk::last;
  if (chunk_left_ > 0)
    expect_data();
  else
    finish_chunk();
}

std::size_t Session::on_data(std::string_view bytes) {
  if (chunk_ == Chunk::none) {
    std::size_t taken = reader_.take(bytes);
    if (reader_.done()) {
      end_data();
      finish_message();
    }
    return taken;
  }
  std::size_t taken = static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), chunk_left_));
  if (chunk_ == Chunk::middle || chunk_ == Chunk::last) reader_.take_chunk(bytes.substr(0, taken));
  chunk_left_ -= taken;
  if (chunk_left_ == 0) {
    end_data();
    finish_chunk();
  }
  return taken;
}

/// The whole chunk has come; what was refused is answered only now, or its octets would be read as commands.
void Session::finish_chunk() {
  switch (std::exchange(chunk_, Chunk::none)) {
    case Chunk::none:
    case Chunk::unanswered: return;
    case Chunk::refused: return refuse(rcpt_seen_ ? Text::data_no_recipients : Text::data_no_mail);
    case Chunk::middle: chunked_ = true; return answer(Text::bdat, {.octets = chunk_octets_});
    case Chunk::last: return finish_message();
  }
}

void Session::finish_message() {
  Sha256 sum;
  sum.update(reader_.message());
  entry(TranscriptEntry::Who::client, reader_.too_large() ? fmt::format("<{} octets, too many>", reader_.octets())
                                                          : body_entry(reader_.message().size(), sum.finish()));
  const bool is_scripted = scripted("message");
  if (is_scripted) {
    // Not carried out.
  } else if (recipients_.empty()) {
    answer(Text::data_no_recipients);  // DATA was answered by a script
  } else if (std::optional<Text> refusal = refusal_of_message()) {
    answer(*refusal, {.address = refused_sender_});
  } else {
    keep_message();
  }
  reset_transaction();
}

std::optional<Text> Session::refusal_of_message() {
  const Settings& settings = server_.settings();
  if (reader_.too_large()) return Text::message_too_large;
  if (settings.bare_lf == BareLf::refuse && reader_.has_bare_lf()) return Text::message_bare_lf;
  if (settings.text_line_octets_max > 0 && reader_.longest_line() > settings.text_line_octets_max)
    return Text::message_long_line;
  if (!server_.has_room_for(reader_.octets())) return Text::storage;
  if (user_ == nullptr) return std::nullopt;
  if (settings.check_sender == At::message) {
    std::string shown = address_in(Header::of(reader_.message()).value("From"));
    for (const std::string& sender : {*from_, shown}) {
      if (sender.empty() || user_->owns(sender)) continue;
      refused_sender_ = sender;
      return Text::sender_refused;
    }
  }
  if (user_->locked(server_.now()) == LockKind::blocked) return Text::lock_blocked;
  const std::uint64_t amount = settings.quota_counts == QuotaCounts::recipients ? recipients_.size() : 1;
  if (quota_is_used_up(amount)) return Text::quota;
  if (settings.connections_per_user > 0 && user_->sessions > settings.connections_per_user) return Text::connections;
  return std::nullopt;
}

void Session::keep_message() {
  const Settings& settings = server_.settings();
  std::string message = std::move(reader_.message());
  Header header = Header::of(message);
  std::string from = address_in(header.value("From"));
  Prng prng = context().world.prng.fork(fmt::format("{} message {}", arrival().connection, ++messages_));
  std::string id = prng.hex(10);
  std::string number = digits(prng, 14);
  std::string message_id = header.value("Message-ID");
  if (message_id.empty()) message_id = fmt::format("<{}@{}>", id, server_.host());
  if (user_ != nullptr && settings.rewrite_from && !user_->owns(from)) message = with_from(message, user_->name());
  if (user_ != nullptr && settings.add_sender && !from.empty() && domain_of(from) != domain_of(user_->name()))
    message = with_sender(message, user_->name());
  if (user_ != nullptr) {
    user_->quota.add(settings.quota_counts == QuotaCounts::recipients ? recipients_.size() : 1, server_.now());
    user_->rate.add(1, server_.now());
  }
  server_.accept({.envelope = {.from = *from_, .recipients = recipients_},
                  .content = Content::of(std::move(message)),
                  .connection = arrival().connection,
                  .user = user_ == nullptr ? std::string() : user_->name(),
                  .tls = tls()},
                 user_);
  answer(Text::message, {.id = id, .number = number, .message_id = message_id});
}

void Session::on_rset(const Command& command) {
  if (!takes_nothing(command)) return;
  reset_transaction();
  answer(Text::rset);
}

void Session::on_noop(const Command& /*command*/) { answer(Text::noop); }
/// RFC 5321 section 4.1.1.6 wants a string; octets beyond ASCII come with SMTPUTF8, to a server that offers it (RFC
/// 6531 section 3.7.4.2).
bool Session::is_name_to_verify(std::string_view argument) const {
  constexpr std::string_view parameter = " SMTPUTF8";
  const bool is_utf8 = argument.size() > parameter.size() &&
                       equals_ignoring_case(argument.substr(argument.size() - parameter.size()), parameter);
  if (is_utf8 && server_.settings().advertises("SMTPUTF8")) return true;
  return !argument.empty() &&
         std::ranges::all_of(argument, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

void Session::on_vrfy(const Command& command) {
  if (!is_name_to_verify(command.argument)) return refuse(Text::rcpt_path_bad);
  answer(Text::vrfy);
}

void Session::on_expn(const Command& /*command*/) { answer(Text::expn); }
void Session::on_help(const Command& /*command*/) { answer(Text::help); }

void Session::on_quit(const Command& command) {
  if (!takes_nothing(command)) return;
  answer(Text::quit);
  leave(Ending::orderly, ServerLog::End::quit);
}

}  // namespace mailrig::fakeservers::smtp
