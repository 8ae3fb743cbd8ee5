// What a logged-in client does with messages.

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <memory>

#include "base/text.h"
#include "fakeservers/pop3/session.h"
#include "fakeservers/pop3/sources.h"

namespace mailrig::fakeservers::pop3 {
namespace {

// Rows of a listing that stand in the transcript; a body is one entry.
constexpr std::size_t listed_entries_max = 10;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

bool Session::takes_nothing(const Command& command) {
  if (command.argument.empty() || !server_.texts().has(Text::argument_count)) return true;
  refuse(Text::argument_count, {}, Bad::invalid);
  return false;
}

/// The order of the checks, and what is repeated of the argument, are Dovecot's (docs/providers/dovecot.md#replies).
std::optional<std::size_t> Session::row_of(std::string_view argument, std::string_view* rest) {
  const bool strict_count = server_.texts().has(Text::argument_count);
  const auto spaces = static_cast<std::size_t>(std::ranges::count(argument, ' '));
  if (strict_count && (argument.empty() || spaces != (rest == nullptr ? 0 : 1))) {
    refuse(Text::argument_count, {}, Bad::invalid);
    return std::nullopt;
  }
  if (argument.empty() || !is_digit(argument.front())) {
    refuse(Text::number_invalid, {.argument = argument}, Bad::invalid);
    return std::nullopt;
  }
  std::uint32_t number = 0;
  auto [end, failure] = std::from_chars(argument.data(), argument.data() + argument.size(), number);
  std::string_view after(end, static_cast<std::size_t>(argument.data() + argument.size() - end));
  if (failure != std::errc{}) {
    // Dovecot repeats what follows a number that is beyond 32 bits and not beyond 64, as if it were the number.
    std::uint64_t large = 0;
    const bool beyond_64 = std::from_chars(argument.data(), argument.data() + argument.size(), large).ec != std::errc{};
    refuse(Text::number_too_large, {.argument = beyond_64 ? argument : after});
    return std::nullopt;
  }
  if (rest == nullptr ? !after.empty() : !after.starts_with(' ')) {
    refuse(Text::number_noise, {.argument = after}, Bad::invalid);
    return std::nullopt;
  }
  if (rest != nullptr) {
    *rest = after.substr(1);
    if (server_.settings().blanks == Blanks::leading)
      rest->remove_prefix(std::min(rest->find_first_not_of(' '), rest->size()));
  }
  const TemplateArgs words{.n = number, .total = drop_->rows(), .argument = argument};
  if (number == 0 || number > drop_->rows()) {
    refuse(Text::no_such_message, words);
    return std::nullopt;
  }
  if (drop_->deleted(number - 1)) {
    refuse(Text::message_deleted, words);
    return std::nullopt;
  }
  if (context().observer != nullptr)
    context().observer->on_message(arrival().connection, drop_->mailbox().name(), uid_of(number - 1));
  return number - 1;
}

/// A rule has replied: the message that the command names is told all the same.
void Session::observe_named(const Command& command) {
  static constexpr std::string_view naming[] = {"RETR", "TOP", "DELE", "LIST", "UIDL"};
  if (!drop_ || context().observer == nullptr || std::ranges::find(naming, command.verb) == std::end(naming)) return;
  std::uint32_t number = 0;
  const std::string_view text = command.argument.substr(0, command.argument.find(' '));
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc{} || end != text.data() + text.size() || number == 0 || number > drop_->rows()) return;
  context().observer->on_message(arrival().connection, drop_->mailbox().name(), uid_of(number - 1));
}

void Session::on_stat(const Command& command) {
  if (!takes_nothing(command)) return;
  std::uint64_t more = bend() == Mutation::count_changes ? ++stats_ : 0;
  answer(Text::stat, {.n = more, .of_drop = true});
}

void Session::on_list(const Command& command) {
  if (command.argument.empty()) {
    const Mutation bent = bend();
    say_rows(Text::list, {.of_drop = true}, [this, bent](std::string& out, std::size_t row) {
      if (drop_->hidden(row)) return;
      std::uint64_t octets = drop_->octets(row);
      if (bent == Mutation::none)
        fmt::format_to(std::back_inserter(out), "{} {}\r\n", row + 1, octets);
      else
        fmt::format_to(std::back_inserter(out), "{} {}\r\n", row + 1, bent_size(bent, octets));
    });
    return;
  }
  std::optional<std::size_t> row = row_of(command.argument);
  if (!row) return;
  std::string size = bent_size(bend(), drop_->octets(*row));
  std::string line = line_of(Text::list_one, {.n = *row + 1, .octets = drop_->octets(*row)});
  if (bend() != Mutation::none) line = fmt::format("+OK {} {}", *row + 1, size);
  say_line(std::move(line), false);
  if (server_.settings().blank_line_after_single) say("");
}

void Session::on_uidl(const Command& command) {
  if (bend() == Mutation::uidl_unsupported) return refuse_unknown(command);
  if (command.argument.empty()) {
    say_rows(Text::uidl, {.of_drop = true}, [this, bent = bend()](std::string& out, std::size_t row) {
      if (drop_->hidden(row)) return;
      fmt::format_to(std::back_inserter(out), "{} ", row + 1);
      if (bent == Mutation::none)
        drop_->append_uid(out, row);
      else
        out += bent_uid(bent, row_uid(row));
      out += "\r\n";
    });
    return;
  }
  std::optional<std::size_t> row = row_of(command.argument);
  if (!row) return;
  // A NUL in the unique-id is enough.
  answer(Text::uidl_one, {.n = *row + 1, .uid = bent_uid(bend(), row_uid(*row))}, bend() == Mutation::nul_bytes);
  if (server_.settings().blank_line_after_single) say("");
}

std::string Session::uid_of(std::size_t row) {
  std::string uid;
  drop_->append_uid(uid, row);
  return uid;
}

/// What UIDL lists for it, where uidl-reused may give the newest message the unique-id of one that is gone.
std::string Session::row_uid(std::size_t row) {
  if (bend() != Mutation::uidl_reused || row + 1 != drop_->rows()) return uid_of(row);
  const Mailbox& box = drop_->mailbox();
  for (Place place = 0; place < box.size(); ++place) {
    if (!box.at(place).gone() && !box.at(place).dequeued) continue;
    std::string uid;
    box.append_uid(uid, place, server_.settings());
    return uid;
  }
  return uid_of(row);
}

void Session::say_rows(Text head, const TemplateArgs& words, const ListingSource::AppendRow& append_row) {
  answer(head, words, true);
  if (bends_rows(bend())) {
    std::vector<std::string> rows;
    for (std::size_t row = 0; row < drop_->rows(); ++row) {
      std::string text;
      append_row(text, row);
      if (!text.empty()) rows.push_back(std::move(text));
    }
    bend_rows(bend(), rows);
    std::string wire;
    for (const std::string& row : rows) {
      wire += row;
      entry(TranscriptEntry::Who::server, printable(std::string_view(row).substr(0, row.size() - 2)));
    }
    if (bend() == Mutation::dot_cr_only) wire += ".\r";
    if (bend() != Mutation::dot_cr_only && bend() != Mutation::no_terminator) wire += ".\r\n";
    if (bend() == Mutation::bare_lf) std::erase(wire, '\r');
    say_body(std::make_unique<BytesSource>(std::move(wire)), {});
    return;
  }
  std::size_t shown = 0;
  for (std::size_t row = 0; row < drop_->rows() && shown < listed_entries_max; ++row) {
    std::string text;
    append_row(text, row);
    if (text.empty()) continue;
    entry(TranscriptEntry::Who::server, printable(std::string_view(text).substr(0, text.size() - 2)));
    ++shown;
  }
  std::size_t rest = drop_->count() - shown;
  say_body(std::make_unique<ListingSource>(drop_->rows(), append_row),
           rest == 0 ? "." : fmt::format("<{} lines more>", rest));
}

void Session::on_retr(const Command& command) {
  std::optional<std::size_t> row = row_of(command.argument);
  if (row && is_there(*row, command.argument)) send_message(*row, Text::retr, std::nullopt);
}

void Session::on_top(const Command& command) {
  std::string_view rest;
  std::optional<std::size_t> row = row_of(command.argument, &rest);
  if (!row) return;
  std::uint64_t lines = 0;
  auto [end, failure] = std::from_chars(rest.data(), rest.data() + rest.size(), lines);
  const std::string_view noise(end, static_cast<std::size_t>(rest.data() + rest.size() - end));
  if (failure == std::errc::result_out_of_range) return refuse(Text::size_too_large, {.argument = rest}, Bad::invalid);
  if (failure != std::errc{}) return refuse(Text::size_invalid, {.argument = rest}, Bad::invalid);
  if (!noise.empty()) {
    const bool is_told_apart = server_.texts().has(Text::size_noise);
    return refuse(Text::size_noise, {.argument = is_told_apart ? noise : rest}, Bad::invalid);
  }
  const bool unlimited = lines == std::numeric_limits<std::uint64_t>::max();
  if (is_there(*row, command.argument)) send_message(*row, unlimited ? Text::top_unlimited : Text::top, lines);
}

/// Deleted by somebody else, or not to be had for another reason: said, and false.
bool Session::is_there(std::size_t row, std::string_view argument) {
  const Settings& settings = server_.settings();
  const TemplateArgs words{.n = row + 1, .total = drop_->rows(), .argument = argument};
  Mailbox& box = drop_->mailbox();
  if (drop_->message(row).gone() || bend() == Mutation::expunged) {
    refuse(Text::message_expunged, words);
    return false;
  }
  if (drop_->message(row).corrupted) {
    if (settings.corrupted_vanish) box.hide(drop_->place(row));
    refuse(Text::message_corrupted, words);
    return false;
  }
  if (settings.bandwidth_per_day > 0 &&
      box.octets_today(context().world.calendar.now()) >= settings.bandwidth_per_day) {
    refuse(Text::lock_bandwidth, words);
    return false;
  }
  return true;
}

ServerObserver::Message Session::observed(std::size_t row, const Content& content, const Sha256::Digest& sum) {
  observed_uid_ = uid_of(row);
  return {context().name, drop_->mailbox().name(), observed_uid_, content, sum};
}

/// `lines` of the body for TOP; nothing for RETR, which sends all.
void Session::send_message(std::size_t row, Text head, std::optional<std::uint64_t> lines) {
  if (bend() != Mutation::none) return send_bent_message(row, head, lines);
  const Content& content = drop_->message(row).content;
  std::shared_ptr<const std::string> bytes = content.load();
  FinalCrlf tail = server_.settings().check_tail ? FinalCrlf::line : FinalCrlf::none;
  answer(head, {.n = row + 1, .octets = bytes->size()}, true);
  if (lines) {
    std::size_t octets = top_octets(*bytes, *lines);
    Sha256 sum;
    sum.update(std::string_view(*bytes).substr(0, octets));
    say_body(std::make_unique<MessageSource>(std::move(bytes), octets, tail), body_entry(octets, sum.finish()));
    drop_->top(row, *lines);
    return;
  }
  const Sha256::Digest& sum = drop_->mailbox().sum(drop_->place(row));
  if (context().observer != nullptr && keeps_reply_whole())
    context().observer->on_retrieve(this->arrival().connection, observed(row, content, sum));
  std::size_t octets = bytes->size();
  say_body(std::make_unique<MessageSource>(std::move(bytes), octets, tail), body_entry(octets, sum));
  drop_->retrieve(row);
}

void Session::send_bent_message(std::size_t row, Text head, std::optional<std::uint64_t> lines) {
  std::size_t other = bend() != Mutation::other_message ? row
                      : row + 1 < drop_->rows()         ? row + 1
                      : row > 0                         ? row - 1
                                                        : row;
  std::string message = *drop_->message(other).content.load();
  answer(head, {.n = row + 1, .octets = message.size()}, true);
  if (lines) {
    TopLimit limit = top_limit(bend(), *lines);
    message.resize(std::min(top_octets(message, limit.lines), limit.octets));
  }
  BentMessage bent = mutated_message(bend(), std::move(message));
  if (bend() == Mutation::other_message && other != row) bent.received.reset();
  bool arrives_whole = bent.received && !rule()->cut_after && !rule()->hang && !rule()->garble;
  if (context().observer != nullptr && arrives_whole && !lines) {
    Content content = Content::of(*bent.received);
    Sha256 sum;
    sum.update(*bent.received);
    Sha256::Digest digest = sum.finish();
    context().observer->on_retrieve(this->arrival().connection, observed(row, content, digest));
  }
  if (bent.endless != nullptr) {
    say_body(std::move(bent.endless), "<a body without end>");
  } else {
    Sha256 sum;
    sum.update(bent.wire);
    std::string shown = "on the wire " + body_entry(bent.wire.size(), sum.finish());
    say_body(std::make_unique<BytesSource>(std::move(bent.wire)), shown);
  }
  if (lines)
    drop_->top(row, *lines);
  else
    drop_->retrieve(row);
}

void Session::on_dele(const Command& command) {
  std::optional<std::size_t> row = row_of(command.argument);
  if (!row) return;
  if (context().observer != nullptr) {
    const Sha256::Digest& sum = drop_->mailbox().sum(drop_->place(*row));
    context().observer->on_delete(this->arrival().connection, observed(*row, drop_->message(*row).content, sum));
  }
  drop_->remove(*row);
  answer(Text::dele, {.n = *row + 1});
}

void Session::on_rset(const Command& command) {
  if (!takes_nothing(command)) return;
  drop_->reset();
  answer(Text::rset, {.of_drop = true});
}

void Session::on_noop(const Command& command) {
  if (takes_nothing(command)) answer(Text::noop);
}

void Session::on_last(const Command& command) {
  if (server_.texts().has(Text::last))
    answer(Text::last, {.n = drop_->last()});
  else
    refuse(Text::last, {.argument = command.verb});
}

void Session::on_quit(const Command& command) {
  if (!takes_nothing(command)) return;
  if (!drop_) {
    answer(Text::quit_unauthenticated);
  } else {
    std::size_t gone = drop_->quit();
    answer(gone > 0 ? Text::quit_deleted : Text::quit, {.n = gone});
  }
  leave(Ending::orderly, ServerLog::End::quit);
}

}  // namespace mailrig::fakeservers::pop3
