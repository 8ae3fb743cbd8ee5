// The headers that programs write, each in the order, the spelling and the shapes that it is known by.
#include <fmt/format.h>

#include <array>
#include <charconv>

#include "mime/compose/field_writer.h"
#include "mime/compose/write_date.h"
#include "mime/generate/generate_occasion.h"

namespace mailrig::mime {
namespace {

constexpr std::uint64_t spread(std::uint64_t hash, std::uint64_t number) {
  std::uint64_t x = hash + (number + 1) * 0x9E3779B97F4A7C15U;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBU;
  return x ^ (x >> 31);
}

std::string letters(std::uint64_t hash, std::size_t count) {
  constexpr std::string_view token_characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += token_characters[spread(hash, i) % token_characters.size()];
  return text;
}

std::string uuid(std::uint64_t hash, std::uint64_t number) {
  const std::uint64_t a = spread(hash, 2 * number), b = spread(hash, 2 * number + 1);
  return fmt::format("{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}", a >> 32, a >> 16 & 0xFFFF, a & 0xFFF, b >> 52,
                     b & 0xFFFFFFFFFFFF);
}

std::string upper(std::string text) {
  for (char& c : text)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return text;
}

/// The name that Exchange Online gives to a mailbox server.
std::string exchange_host(std::uint64_t hash) { return fmt::format("AM{}PR01MB{:04}", hash % 10, hash / 10 % 10'000); }

std::string date_of(Instant instant, int offset_minutes) {
  std::string date;
  write_date(date, instant, offset_minutes);
  return date;
}

/// What came before the retrieval: the hops, the latest first. Written line by line, since each is a line of its own in
/// what servers write.
class HeaderWriter {
 public:
  HeaderWriter(std::string& out, const MessageContext& occasion) : out_(out), occasion_(occasion) {}

  HeaderWriter& line(std::string_view text) {
    out_ += text;
    out_ += "\r\n";
    return *this;
  }
  /// The token at its end can be made longer.
  HeaderWriter& received(std::string_view from, std::string_view by, std::string_view with, std::chrono::seconds later,
                         int offset_minutes, std::string_view zone = "") {
    line(fmt::format("Received: from {}", from));
    out_ += fmt::format("\tby {}\r\n\twith {} id {:08X}", by, with, spread(occasion_.id_hash, received_++) >> 32);
    if (slack_at_ == 0) slack_at_ = out_.size();
    const std::string date = date_of(occasion_.date + later, offset_minutes);
    return line(fmt::format("\r\n\tfor <{}>;\r\n\t{}{}", occasion_.to_address, date, zone));
  }
  HeaderWriter& date(std::string_view name = "Date") {
    return line(fmt::format("{}: {}", name, date_of(occasion_.date, occasion_.offset_minutes)));
  }
  HeaderWriter& from() { return words("From", occasion_.from); }
  HeaderWriter& to() { return words("To", occasion_.to); }
  HeaderWriter& subject(std::string_view name = "Subject") {
    FieldWriter writer(out_, name);
    if (occasion_.subject_word.empty())
      writer.text(occasion_.subject);
    else
      writer.token(occasion_.subject_word);
    writer.end();
    return *this;
  }
  HeaderWriter& message_id(std::string_view name = "Message-ID") { return words(name, occasion_.message_id); }
  HeaderWriter& references() {
    if (occasion_.references.empty()) return *this;
    FieldWriter references(out_, "References");
    for (const std::string& id : occasion_.references) references.token(id);
    references.end();
    return words("In-Reply-To", occasion_.references.back());
  }
  /// What the profile brings along.
  HeaderWriter& others() {
    for (const auto& [name, body] : occasion_.fields) words(name, body);
    return *this;
  }
  HeaderWriter& body(std::string_view fields) {
    out_ += fields;
    return *this;
  }
  std::size_t slack_at() const { return slack_at_; }

  std::string return_path() const {
    return occasion_.fields.empty() || occasion_.fields[0].first != "Auto-Submitted" ? occasion_.from_address : "";
  }

 private:
  HeaderWriter& words(std::string_view name, std::string_view body) {
    FieldWriter writer(out_, name);
    while (!body.empty()) {
      const std::size_t end = std::min(body.find(' '), body.size());
      if (end > 0) writer.token(body.substr(0, end));
      body.remove_prefix(std::min(end + 1, body.size()));
    }
    writer.end();
    return *this;
  }

  std::string& out_;
  const MessageContext& occasion_;
  std::size_t slack_at_ = 0;
  std::uint64_t received_ = 100;
};

// --- no program in particular

std::string plain_id(std::uint64_t index, std::uint64_t hash, std::string_view domain) {
  // By hand: five days of mail ask for millions of them.
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), index + 1).ptr;
  std::string id = "<";
  id.append(digits.data(), end) += '.';
  for (int shift = 60; shift >= 0; shift -= 4) id += "0123456789abcdef"[hash >> shift & 15U];
  return (id += '@').append(domain) += '>';
}

std::string plain_boundary(std::uint64_t hash, unsigned number) { return fmt::format("=_{:016x}{:02x}", hash, number); }

std::size_t plain_header(std::string& out, const MessageContext& occasion, std::string_view of_body) {
  HeaderWriter header(out, occasion);
  header.line(fmt::format("Return-Path: <{}>", header.return_path()))
      .received("mail.generated.test ([192.0.2.1])", "mx.generated.test", "ESMTPS", 2s, 0)
      .date()
      .from()
      .to()
      .subject()
      .message_id()
      .references()
      .others()
      .line("MIME-Version: 1.0")
      .body(of_body);
  return header.slack_at();
}

// --- Exchange Online

std::string exchange_id(std::uint64_t, std::uint64_t hash, std::string_view) {
  const std::string host = exchange_host(hash);
  return fmt::format("<{}{:016X}{:05X}@{}.eurprd01.prod.outlook.com>", host, hash, spread(hash, 1) >> 44, host);
}

std::string exchange_boundary(std::uint64_t hash, unsigned number) {
  return fmt::format("_{:03}_{:016X}{:016X}{}_", number, hash, spread(hash, 1), exchange_host(hash));
}

std::size_t exchange_header(std::string& out, const MessageContext& occasion, std::string_view of_body) {
  const std::string host = exchange_host(occasion.id_hash);
  HeaderWriter header(out, occasion);
  header
      .received(fmt::format("{}.eurprd01.prod.outlook.com (2001:db8::17)", host),
                fmt::format("{}.eurprd01.prod.outlook.com", exchange_host(spread(occasion.id_hash, 3))), "HTTPS", 3s, 0)
      .received(fmt::format("{}.eurprd01.prod.outlook.com ([2001:db8::17])", host),
                fmt::format("{}.eurprd01.prod.outlook.com ([2001:db8::17%5])", host), "mapi", 1s, 0)
      .from()
      .to()
      .subject()
      .subject("Thread-Topic")
      .line(fmt::format("Thread-Index: AdA{}==", letters(occasion.id_hash, 27)))
      .date()
      .message_id()
      .references()
      .others()
      .line("Accept-Language: en-US")
      .line("Content-Language: en-US")
      .line(
          fmt::format("X-MS-Has-Attach: {}", of_body.find("multipart/mixed") == std::string_view::npos ? "no" : "yes"))
      .line("X-MS-Exchange-Organization-SCL: -1")
      .line("X-MS-Exchange-Organization-AuthAs: Internal")
      .line(fmt::format("X-MS-Exchange-CrossTenant-Id:\r\n\t{}", uuid(occasion.id_hash, 9)))
      .body(of_body)
      .line("MIME-Version: 1.0");
  return header.slack_at();
}

// --- Gmail

std::string gmail_id(std::uint64_t, std::uint64_t hash, std::string_view) {
  return fmt::format("<CA{}@mail.gmail.com>", letters(hash, 42));
}

std::string gmail_boundary(std::uint64_t hash, unsigned number) {
  return fmt::format("0000000000{:02x}{:016x}", number, hash);
}

std::size_t gmail_header(std::string& out, const MessageContext& occasion, std::string_view of_body) {
  constexpr int pacific = -7 * 60;
  const std::string host = fmt::format("mail-lf1-f{}.google.com", occasion.id_hash % 200);
  HeaderWriter header(out, occasion);
  header.line(fmt::format("Delivered-To: {}", occasion.to_address))
      .line(fmt::format("Return-Path: <{}>", header.return_path()))
      .received(fmt::format("{0}\r\n\t({0}. [192.0.2.41])", host), "mx.google.com", "SMTPS", 2s, pacific, " (PDT)")
      .line(fmt::format(
          "Received-SPF: pass (google.com: domain of sender designates\r\n\t192.0.2.41 as permitted sender) "
          "client-ip=192.0.2.41;"))
      .line(
          "Authentication-Results: mx.google.com;\r\n\tdkim=pass header.i=@gmail.com header.s=20120113;\r\n\tspf=pass")
      .line(
          "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;\r\n\td=gmail.com; s=20120113;\r\n"
          "\th=mime-version:from:date:message-id:subject:to:content-type;")
      .line(fmt::format("\tbh={}=;\r\n\tb={}\r\n\t {}\r\n\t {}==", letters(occasion.id_hash, 43),
                        letters(occasion.id_hash + 1, 64), letters(occasion.id_hash + 2, 64),
                        letters(occasion.id_hash + 3, 42)))
      .line(fmt::format("X-Gm-Message-State: AOJu0Y{}", letters(occasion.id_hash + 4, 48)))
      .line(fmt::format("X-Google-Smtp-Source: AGHT+I{}==", letters(occasion.id_hash + 5, 46)))
      .line("MIME-Version: 1.0")
      .references()
      .others()
      .from()
      .date()
      .message_id()
      .subject()
      .to()
      .body(of_body);
  return header.slack_at();
}

// --- Outlook

std::string outlook_id(std::uint64_t index, std::uint64_t hash, std::string_view domain) {
  return fmt::format("<{:06x}01cf7e40${:08x}${:08x}$@{}>", index, hash >> 32, hash & 0xFFFFFFFF, domain);
}

std::string outlook_boundary(std::uint64_t hash, unsigned number) {
  return fmt::format("----=_NextPart_000_{:04X}_{:08X}.{:08X}", number, hash >> 32, hash & 0xFFFFFFFF);
}

std::size_t outlook_header(std::string& out, const MessageContext& occasion, std::string_view of_body) {
  HeaderWriter header(out, occasion);
  header.line(fmt::format("Return-Path: <{}>", header.return_path()))
      .received("DESKTOP17 (host-192-0-2-99.isp.test [192.0.2.99])", "mail.isp.test (Postfix)", "ESMTPSA", 2s, 120)
      .from()
      .to()
      .references()
      .subject()
      .date()
      .message_id()
      .line("MIME-Version: 1.0")
      .body(of_body)
      .line("X-Mailer: Microsoft Outlook 16.0")
      .line(fmt::format("Thread-Index: AQH{}=", letters(occasion.id_hash, 36)))
      .line("Content-Language: en-us")
      .others();
  return header.slack_at();
}

// --- iPhone

std::string iphone_id(std::uint64_t, std::uint64_t hash, std::string_view domain) {
  return fmt::format("<{}@{}>", upper(uuid(hash, 0)), domain);
}

std::string iphone_boundary(std::uint64_t hash, unsigned number) { return "Apple-Mail-" + upper(uuid(hash, number)); }

std::size_t iphone_header(std::string& out, const MessageContext& occasion, std::string_view of_body) {
  HeaderWriter header(out, occasion);
  header.line(fmt::format("Return-Path: <{}>", header.return_path()))
      .received("[10.0.0.17] (mobile-192-0-2-77.isp.test [192.0.2.77])", "smtp.isp.test (8.14.7/8.14.7)", "ESMTPSA", 4s,
                0)
      .body(of_body)
      .from()
      .line("Mime-Version: 1.0 (1.0)")
      .date()
      .subject()
      .message_id("Message-Id")
      .references()
      .others()
      .to()
      .line("X-Mailer: iPhone Mail (11D201)");
  return header.slack_at();
}

// --- Thunderbird

std::string thunderbird_id(std::uint64_t, std::uint64_t hash, std::string_view domain) {
  return fmt::format("<{}@{}>", uuid(hash, 0), domain);
}

std::string thunderbird_boundary(std::uint64_t hash, unsigned number) {
  return "------------" + letters(spread(hash, number), 24);
}

std::size_t thunderbird_header(std::string& out, const MessageContext& occasion, std::string_view of_body) {
  HeaderWriter header(out, occasion);
  header.line(fmt::format("Return-Path: <{}>", header.return_path()))
      .received("[192.168.0.17] (dsl-192-0-2-55.isp.test [192.0.2.55])", "mail.isp.test (Postfix)", "ESMTPSA", 1s, 120)
      .message_id()
      .date()
      .line("MIME-Version: 1.0")
      .line("User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:102.0) Gecko/20100101\r\n Thunderbird/102.15.1")
      .line("Content-Language: en-US")
      .to()
      .references()
      .from()
      .subject()
      .others()
      .body(of_body);
  return header.slack_at();
}

constexpr std::array<MuaProfile, 6> habit_rows{{
    {"", plain_id, plain_boundary, "", plain_header},
    {"exchange", exchange_id, exchange_boundary, "", exchange_header},
    {"gmail", gmail_id, gmail_boundary, "", gmail_header},
    {"outlook", outlook_id, outlook_boundary, "This is a multipart message in MIME format.\r\n\r\n", outlook_header},
    {"iphone", iphone_id, iphone_boundary, "\r\n", iphone_header},
    {"thunderbird", thunderbird_id, thunderbird_boundary, "This is a multi-part message in MIME format.\r\n",
     thunderbird_header},
}};

}  // namespace

std::span<const MuaProfile> habits() { return habit_rows; }

}  // namespace mailrig::mime
