// What the kinds of generated mail are made of. A new profile is a row at the end and a function.
#include <fmt/format.h>

#include <array>

#include "mime/compose/write_date.h"
#include "mime/generate/generate_occasion.h"
#include "mime/message/coding/base64.h"
#include "mime/message/coding/quoted_printable.h"

namespace mailrig::mime {
namespace {

constexpr std::uint64_t kB = 1024;

template <std::size_t count>
std::string_view one_of(Prng& prng, const std::array<std::string_view, count>& choices) {
  return choices[prng.below(count)];
}

std::string numbered(const MessageContext& occasion) {
  return fmt::format("This is number {}.\r\n", occasion.index + 1);
}

/// Without padding, since filler follows: blanks make it whole.
std::string in_base64(std::string text) {
  text.insert(text.size() - 2, std::string((3 - text.size() % 3) % 3, ' '));
  Base64Encoder encoder;
  std::string out;
  encoder.feed(text, out);
  encoder.finish(out);
  return out;
}

/// Most programs send a page along, some and many people do not.
bool writes_pages(const MessageContext& occasion) {
  return !occasion.habit->preamble.empty() || !occasion.habit->name.empty() || occasion.index % 2 == 0;
}

BodyPart letter(MessageContext& occasion, std::string before) {
  const bool ascii = occasion.prng.below(2) == 0;
  TextPart text{.before = numbered(occasion) + before};
  if (!ascii) {
    text.charset = "utf-8";
    text.encoding = "quoted-printable";
    text.before = to_quoted_printable("Schöne Grüße – à bientôt!\r\n") + text.before;
    text.filler = Filler::latin_qp;
  }
  text.after = "-- \r\nsent with love\r\n";
  if (text.encoding == "quoted-printable") text.after = "--=20\r\nsent with love\r\n";
  if (!writes_pages(occasion)) return text_part(std::move(text));
  std::vector<BodyPart> readings;
  readings.push_back(text_part(std::move(text)));
  readings.push_back(html_part("<p>Hello,</p>\r\n", "<div>sent with love</div>\r\n", 1));
  return multipart(occasion, "alternative", std::move(readings));
}

BodyPart personal(MessageContext& occasion) {
  static constexpr std::array<std::string_view, 8> subjects{"Lunch on Thursday?",
                                                            "Photos from the weekend",
                                                            "Grüße aus den Bergen",
                                                            "your parcel is here",
                                                            "Fwd: the address you asked for",
                                                            "à propos de ce soir",
                                                            "Can you call me back",
                                                            "Happy birthday!"};
  occasion.subject = one_of(occasion.prng, subjects);
  return letter(occasion, "");
}

BodyPart thread(MessageContext& occasion) {
  static constexpr std::array<std::string_view, 4> subjects{"Plan for the trade fair", "Offer 2014-117",
                                                            "Moving the office", "Quarterly figures"};
  // All of a thread have its subject: it comes from the first one's number.
  const std::size_t place = occasion.references.size();
  occasion.subject = subjects[(occasion.index - place) / 8 % subjects.size()];
  if (place > 0) occasion.subject.insert(0, "Re: ");
  std::string quoted;
  for (std::size_t depth = place; depth > 0; --depth)
    quoted +=
        fmt::format("On Monday somebody wrote:\r\n{} what was said {} letters ago\r\n", std::string(depth, '>'), depth);
  return letter(occasion, std::move(quoted));
}

BodyPart newsletter(MessageContext& occasion) {
  occasion.subject =
      fmt::format("Our news, issue {} – up to {} % off", occasion.index + 1, 10 + occasion.prng.below(60));
  occasion.fields.emplace_back("List-Id", "Our news <news.generated.test>");
  occasion.fields.emplace_back("List-Unsubscribe", fmt::format("<https://generated.test/u/{:016x}>", occasion.id_hash));
  occasion.fields.emplace_back("List-Unsubscribe-Post", "List-Unsubscribe=One-Click");
  occasion.fields.emplace_back("Precedence", "bulk");
  const std::string logo = fmt::format("logo.{:08x}@generated.test", occasion.id_hash >> 32);
  const std::string photo = fmt::format("photo.{:08x}@generated.test", occasion.id_hash >> 32);
  auto image = [](std::string_view name, std::string_view id, unsigned share) {
    return filled_file_part(fmt::format("Content-Type: image/jpeg; name=\"{0}\"\r\nContent-ID: <{1}>\r\n"
                                        "Content-Disposition: inline; filename=\"{0}\"\r\n",
                                        name, id),
                            jpeg(), share);
  };
  std::vector<BodyPart> page;
  page.push_back(html_part(fmt::format("<img src=\"cid:{}\">\r\n<img src=\"cid:{}\">\r\n", logo, photo),
                           "<a href=\"https://generated.test/u\">unsubscribe</a>\r\n", 3));
  page.push_back(image("logo.jpg", logo, 2));
  page.push_back(image("photo.jpg", photo, 6));
  std::vector<BodyPart> readings;
  readings.push_back(text_part({.before = numbered(occasion), .share = 1}));
  readings.push_back(multipart(occasion, "related", std::move(page), {"type=\"text/html\""}));
  return multipart(occasion, "alternative", std::move(readings));
}

BodyPart invoice(MessageContext& occasion) {
  const std::uint64_t number = 20'140'000 + occasion.index;
  occasion.subject = fmt::format("Invoice {} / Rechnung für Juni", number);
  std::vector<BodyPart> parts;
  parts.push_back(text_part(
      {.charset = "utf-8",
       .encoding = "quoted-printable",
       .before = numbered(occasion) +
                 to_quoted_printable(fmt::format("Please find attached invoice {} over {}.{:02} €.\r\n", number,
                                                 10 + occasion.prng.below(5000), occasion.prng.below(100))),
       .filler = Filler::latin_qp}));
  parts.push_back(filled_file_part(fmt::format("Content-Type: application/pdf; name=\"invoice-{0}.pdf\"\r\n"
                                               "Content-Disposition: attachment;\r\n\tfilename=\"invoice-{0}.pdf\"\r\n",
                                               number),
                                   pdf(), 40));
  return multipart(occasion, "mixed", std::move(parts));
}

/// RFC 5545 §3.3.5, in UTC.
std::string calendar_time(Instant instant) {
  const std::string text = format_instant(std::chrono::floor<std::chrono::seconds>(instant));
  std::string compact;
  for (char c : text)
    if (c != '-' && c != ':') compact += c;
  return compact;
}

BodyPart calendar(MessageContext& occasion) {
  occasion.subject = fmt::format("Invitation: weekly meeting {}", occasion.index + 1);
  const Instant start = occasion.date + 72h;
  const std::string event = fmt::format(
      "BEGIN:VCALENDAR\r\nPRODID:-//generated.test//EN\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\n"
      "UID:{:016x}@generated.test\r\nDTSTAMP:{}\r\nDTSTART:{}\r\nDTEND:{}\r\nSUMMARY:weekly meeting {}\r\n"
      "ORGANIZER:mailto:{}\r\nATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:\r\n mailto:{}\r\nSEQUENCE:0\r\n"
      "STATUS:CONFIRMED\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
      occasion.id_hash, calendar_time(occasion.date), calendar_time(start), calendar_time(start + 1h),
      occasion.index + 1, occasion.from_address, occasion.to_address);
  std::vector<BodyPart> readings;
  readings.push_back(text_part({.before = numbered(occasion)}));
  readings.push_back(html_part("<p>You are invited.</p>\r\n", "", 1));
  readings.push_back({.fields = "Content-Type: text/calendar; charset=utf-8; method=REQUEST\r\n"
                                "Content-Transfer-Encoding: 7bit\r\n",
                      .content = event,
                      .slots = {}});
  std::vector<BodyPart> parts;
  parts.push_back(multipart(occasion, "alternative", std::move(readings)));
  parts.push_back(
      file_part("Content-Type: application/ics; name=\"invite.ics\"\r\n"
                "Content-Disposition: attachment; filename=\"invite.ics\"\r\n",
                event));
  return multipart(occasion, "mixed", std::move(parts));
}

/// RFC 3462 and 3464: from nobody, about a message that the mailbox's owner had sent.
BodyPart bounce(MessageContext& occasion) {
  const std::string lost = fmt::format("lost-{}@customer.test", occasion.index + 1);
  occasion.subject = "Undelivered Mail Returned to Sender";
  occasion.fields.emplace_back("Auto-Submitted", "auto-replied");
  occasion.from = "Mail Delivery System <mailer-daemon@mx.generated.test>";
  occasion.from_address = "mailer-daemon@mx.generated.test";
  std::string date;
  write_date(date, occasion.date - 60s, 0);
  std::vector<BodyPart> parts;
  parts.push_back(
      {.fields = "Content-Type: text/plain; charset=us-ascii\r\nContent-Description: Notification\r\n",
       .content = fmt::format("{}I could not deliver your message.\r\n\r\n<{}>: host mx.customer.test said:\r\n"
                              "    550 5.1.1 no such user\r\n",
                              numbered(occasion), lost),
       .slots = {}});
  parts.push_back({.fields = "Content-Type: message/delivery-status\r\nContent-Description: Delivery report\r\n",
                   .content = fmt::format("Reporting-MTA: dns; mx.generated.test\r\nArrival-Date: {}\r\n\r\n"
                                          "Final-Recipient: rfc822; {}\r\nAction: failed\r\nStatus: 5.1.1\r\n"
                                          "Remote-MTA: dns; mx.customer.test\r\n"
                                          "Diagnostic-Code: smtp; 550 5.1.1 no such user\r\n",
                                          date, lost),
                   .slots = {}});
  BodyPart original{.fields = "Content-Type: message/rfc822\r\nContent-Description: Undelivered Message\r\n",
                    .content = fmt::format("Date: {}\r\nFrom: {}\r\nTo: {}\r\nSubject: our offer\r\n"
                                           "Message-ID: <{:016x}.sent@generated.test>\r\n\r\n",
                                           date, occasion.to_address, lost, occasion.id_hash),
                    .slots = {}};
  original.slots.push_back({.at = original.content.size(), .ending = Ending::text});
  parts.push_back(std::move(original));
  return multipart(occasion, "report", std::move(parts), {"report-type=delivery-status"});
}

/// Octets as signatures have them: a DER sequence of its length, and no meaning.
std::string der(Prng& prng, std::size_t size) {
  std::string octets{'\x30', '\x82', static_cast<char>(size >> 8), static_cast<char>(size)};
  for (std::size_t i = 0; i < size; ++i) octets += static_cast<char>(prng.below(256));
  return octets;
}

BodyPart signed_smime(MessageContext& occasion) {
  occasion.subject = "signed: minutes of the meeting";
  std::vector<BodyPart> parts;
  parts.push_back(text_part({.before = numbered(occasion)}));
  parts.push_back(
      file_part("Content-Type: application/pkcs7-signature; name=\"smime.p7s\"\r\n"
                "Content-Disposition: attachment; filename=\"smime.p7s\"\r\n",
                der(occasion.prng, 1800)));
  return multipart(occasion, "signed", std::move(parts),
                   {"protocol=\"application/pkcs7-signature\"", "micalg=sha-256"});
}

BodyPart signed_pgp(MessageContext& occasion) {
  occasion.subject = "signed: release notes";
  std::string armour = "-----BEGIN PGP SIGNATURE-----\r\n\r\n";
  const std::string signature = to_base64(der(occasion.prng, 560));
  for (std::size_t at = 0; at < signature.size(); at += 64) armour += signature.substr(at, 64) + "\r\n";
  armour += "-----END PGP SIGNATURE-----\r\n";
  std::vector<BodyPart> parts;
  parts.push_back(text_part({.before = numbered(occasion)}));
  parts.push_back({.fields = "Content-Type: application/pgp-signature; name=\"signature.asc\"\r\n"
                             "Content-Description: OpenPGP digital signature\r\n",
                   .content = std::move(armour),
                   .slots = {}});
  return multipart(occasion, "signed", std::move(parts),
                   {"protocol=\"application/pgp-signature\"", "micalg=pgp-sha256"});
}

/// A charset and what is written in it. Names and subjects are in UTF-8 where the charset is; otherwise they are in the
/// charset, and short enough for one encoded word.
struct Script {
  std::string_view charset;
  std::string_view encoding;
  Filler filler;
  std::string_view name;
  std::string_view subject;
  std::string_view greeting;
};

std::string word_in(std::string_view charset, std::string_view text) {
  return fmt::format("=?{}?B?{}?=", charset, to_base64(text));
}

BodyPart written_in(MessageContext& occasion, const Script& script) {
  const std::string word = word_in(script.charset, script.subject);
  if (script.charset == "utf-8")
    occasion.subject = script.subject;
  else
    occasion.subject_word = word;
  occasion.from = fmt::format("{} <{}>", word_in(script.charset, script.name), occasion.from_address);
  std::string before = fmt::format("{}\r\n{}", script.greeting, numbered(occasion));
  if (script.encoding == "base64") before = in_base64(before);
  if (script.encoding == "quoted-printable") before = to_quoted_printable(before);
  return text_part(
      {.charset = script.charset, .encoding = script.encoding, .before = std::move(before), .filler = script.filler});
}

BodyPart cjk(MessageContext& occasion) {
  static constexpr std::array<Script, 3> scripts{{
      {"iso-2022-jp", "7bit", Filler::japanese_jis, "\x1B$B;3ED\x1B(B \x1B$BB@O:\x1B(B",
       "\x1B$B2q5D$N;qNA$K$D$$$F\x1B(B", "\x1B$B<L??$rAw$j$^$9\x1B(B"},
      {"utf-8", "base64", Filler::japanese_base64, "佐藤 花子", "明日の会議の資料をお送りしますのでご確認ください",
       "お世話になっております。"},
      {"gb2312", "base64", Filler::chinese_base64, "\xCD\xF5\xD0\xA1\xC3\xF7",
       "\xB7\xA2\xC6\xB1\xBA\xCD\xBA\xCF\xCD\xAC", "\xC3\xF7\xCC\xEC\xCF\xC2\xCE\xE7\xB5\xC4\xBB\xE1\xD2\xE9"},
  }};
  return written_in(occasion, scripts[occasion.index % scripts.size()]);
}

BodyPart cyrillic(MessageContext& occasion) {
  static constexpr std::array<Script, 3> scripts{{
      {"koi8-r", "base64", Filler::cyrillic_base64, "\xE9\xD7\xC1\xCE \xF0\xC5\xD4\xD2\xCF\xD7",
       "\xF3\xDE\xA3\xD4 \xDA\xC1 \xC9\xC0\xCE\xD8", "\xF7\xD3\xD4\xD2\xC5\xDE\xC1 \xDA\xC1\xD7\xD4\xD2\xC1"},
      {"utf-8", "quoted-printable", Filler::cyrillic_qp, "Анна Смирнова", "Встреча завтра утром: повестка и отчёты",
       "Здравствуйте!"},
      {"windows-1251", "8bit", Filler::cyrillic_8bit, "\xC8\xE2\xE0\xED \xCF\xE5\xF2\xF0\xEE\xE2",
       "\xD1\xF7\xB8\xF2 \xE7\xE0 \xE8\xFE\xED\xFC", "\xC2\xF1\xF2\xF0\xE5\xF7\xE0 \xE7\xE0\xE2\xF2\xF0\xE0"},
  }};
  return written_in(occasion, scripts[occasion.index % scripts.size()]);
}

BodyPart arabic(MessageContext& occasion) {
  return written_in(occasion, {"utf-8", "base64", Filler::arabic_base64, "ليلى حداد",
                               "دعوة إلى اجتماع يوم الأحد القادم", "السلام عليكم"});
}

BodyPart emoji(MessageContext& occasion) {
  static constexpr std::array<Script, 2> scripts{{
      {"utf-8", "base64", Filler::emoji_base64, "Zoë 🌻", "🎉👩‍👩‍👧 party at ours 🏖️ bring ☕",
       "👋🏽"},
      {"utf-8", "8bit", Filler::emoji_8bit, "Max 🚲", "📎 as promised 😀", "✈️"},
  }};
  return written_in(occasion, scripts[occasion.index % scripts.size()]);
}

BodyPart winmail(MessageContext& occasion) {
  occasion.subject = fmt::format("report {}", occasion.index + 1);
  occasion.fields.emplace_back("X-MS-TNEF-Correlator", occasion.message_id);
  std::vector<BodyPart> parts;
  parts.push_back(text_part({.before = numbered(occasion)}));
  parts.push_back(
      filled_file_part("Content-Type: application/ms-tnef; name=\"winmail.dat\"\r\n"
                       "Content-Disposition: attachment; filename=\"winmail.dat\"\r\n",
                       tnef(), 30));
  return multipart(occasion, "mixed", std::move(parts));
}

/// `plain` in the clothes of a program.
BodyPart plain(MessageContext& occasion) {
  occasion.subject = fmt::format("Message {}", occasion.index + 1);
  return text_part({.before = numbered(occasion)});
}

constexpr std::array<Profile, 14> profile_rows{{
    {"plain", "a line of text or many", 1 * kB, 8 * kB, plain},
    {"personal", "between people: text, and often a page beside it", 2 * kB, 12 * kB, personal},
    {"newsletter", "text and a page with two pictures in it", 40 * kB, 160 * kB, newsletter},
    {"invoice", "a short text and a PDF", 40 * kB, 400 * kB, invoice},
    {"thread", "eight messages that answer each other", 3 * kB, 16 * kB, thread},
    {"calendar", "an invitation (text/calendar, REQUEST)", 6 * kB, 10 * kB, calendar},
    {"bounce", "a message comes back (multipart/report)", 4 * kB, 16 * kB, bounce},
    {"signed-smime", "the shape of S/MIME", 6 * kB, 16 * kB, signed_smime},
    {"signed-pgp", "the shape of PGP/MIME", 4 * kB, 16 * kB, signed_pgp},
    {"cjk", "Japanese and Chinese in three charsets", 3 * kB, 12 * kB, cjk},
    {"cyrillic", "Russian in three charsets", 3 * kB, 12 * kB, cyrillic},
    {"arabic", "from right to left", 3 * kB, 12 * kB, arabic},
    {"emoji", "emoji in name, subject and text", 3 * kB, 12 * kB, emoji},
    {"tnef", "Outlook's winmail.dat", 20 * kB, 200 * kB, winmail},
}};

}  // namespace

std::span<const Profile> profiles() { return profile_rows; }

}  // namespace mailrig::mime
