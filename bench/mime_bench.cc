// How fast messages are read: the whole tree with every body decoded, and the header alone.
//
//   build/release/mime_bench                          a corpus made here, by Google Benchmark
//   build/release/mime_bench --write-corpus FILE      2,000 messages, about 256 MB: (size as u32, little endian;
//   octets)* build/release/mime_bench --read-corpus FILE       one pass over it, as a line of JSON: what
//   mime_against_gmime.sh
//                                                     compares

#include <benchmark/benchmark.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <fstream>

#include "base/prng.h"
#include "mime/message/body_decoder.h"
#include "mime/message/fields/address.h"
#include "mime/message/fields/encoded_word.h"
#include "mime/message/message.h"

namespace mailrig::mime {
namespace {

// ---- A mixed corpus: plain, alternatives in quoted-printable, attachments of 10 kB to 1 MB, forwarded messages.

class CorpusMaker {
 public:
  explicit CorpusMaker(std::uint64_t seed) : prng_(seed) {}

  std::string message() {
    const std::uint64_t kind = prng_.below(100);
    if (kind < 40) return header("text/plain; charset=us-ascii") + "\r\n" + text(prng_.between(500, 8000), 8);
    if (kind < 65) return header_and_body(alternative());
    if (kind < 90) {
      std::vector<std::string> parts = {plain(prng_.between(300, 3000))};
      for (std::uint64_t n = prng_.between(1, 2); n > 0; --n) parts.push_back(attachment(10'000, 1'000'000));
      return header_and_body(multipart("mixed", parts));
    }
    return header_and_body(multipart("mixed", {alternative(), attachment(10'000, 100'000),
                                               "Content-Type: message/rfc822\r\n\r\n" +
                                                   header("text/plain; charset=us-ascii") + "\r\n" + text(1500, 8)}));
  }

 private:
  std::string_view word(std::size_t words) {
    static constexpr std::string_view all[] = {"report", "delivery", "the",    "of",   "and",    "quarterly",
                                               "please", "find",     "straße", "café", "résumé", "привет"};
    return all[prng_.below(words)];
  }

  /// The first eight words are ASCII.
  std::string text(std::uint64_t octets, std::size_t words) {
    std::string out;
    std::size_t line = 0;
    while (out.size() < octets) {
      const std::string_view next = word(words);
      if (line + next.size() > 70) {
        out += "\r\n";
        line = 0;
      } else if (line > 0) {
        out += ' ';
      }
      out += next;
      line += next.size() + 1;
    }
    return out + "\r\n";
  }

  std::string encoded(std::size_t words) {
    std::string out;
    for (std::size_t i = 0; i < words; ++i) out += std::string(word(12)) + " ";
    return "=?utf-8?B?" + to_base64(out) + "?=";
  }

  std::string header(std::string_view type) {
    std::string out;
    const std::string number = std::to_string(++messages_);
    for (std::uint64_t hop = prng_.between(1, 5); hop > 0; --hop) {
      const std::string host = "mx" + std::to_string(hop) + ".example.test";
      out += "Received: from " + host + " (" + host + " [192.0.2." + std::to_string(hop) +
             "])\r\n\tby relay.example.test (Postfix) with ESMTPS id " + prng_.hex(10) +
             "\r\n\tfor <user@example.test>; Mon, 1 Jan 2024 0" + std::to_string(hop) + ":00:00 +0000\r\n";
    }
    out += "From: " + encoded(2) + " <s" + number + "@example.test>\r\nTo: user@example.test, \"Last, First\" <b" +
           number + "@example.test>\r\nSubject: " + encoded(3) + "\r\n " + encoded(2) + "\r\nMessage-ID: <" + number +
           "." + prng_.hex(16) + "@example.test>\r\nDate: Mon, 01 Jan 2024 00:00:00 +0000\r\nMIME-Version: 1.0\r\n";
    return out + "Content-Type: " + std::string(type) + "\r\n";
  }

  std::string header_and_body(const std::string& entity) {
    const std::size_t colon = entity.find(": ");
    const std::size_t line = entity.find("\r\n\r\n");
    return header(entity.substr(colon + 2, line - colon - 2)) + entity.substr(line + 2);
  }

  std::string plain(std::uint64_t octets) {
    return "Content-Type: text/plain; charset=us-ascii\r\n\r\n" + text(octets, 8);
  }

  std::string multipart(std::string_view kind, const std::vector<std::string>& parts) {
    const std::string boundary = "=_b" + prng_.hex(12);
    std::string out =
        "Content-Type: multipart/" + std::string(kind) + "; boundary=\"" + boundary + "\"\r\n\r\npreamble\r\n";
    for (const std::string& part : parts) out += "--" + boundary + "\r\n" + part + "\r\n";
    return out + "--" + boundary + "--\r\n";
  }

  std::string alternative() {
    auto part = [this](std::string_view kind, std::uint64_t octets) {
      return "Content-Type: text/" + std::string(kind) +
             "; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" +
             to_quoted_printable(text(octets, 12));
    };
    const std::string first = part("plain", prng_.between(1000, 6000));
    return multipart("alternative", {first, part("html", prng_.between(2000, 12000))});
  }

  std::string attachment(double low, double high) {
    const double share = static_cast<double>(prng_.below(1'000'000)) / 1e6;
    std::string octets(static_cast<std::size_t>(low * std::pow(high / low, share)), '\0');
    for (std::size_t i = 0; i + 8 <= octets.size(); i += 8) {
      const std::uint64_t bits = prng_.next();
      std::memcpy(octets.data() + i, &bits, 8);
    }
    std::string body;
    Base64Encoder encoder;
    encoder.feed(octets, body);
    encoder.finish(body);
    return "Content-Type: application/pdf; name=\"f.pdf\"\r\nContent-Disposition: attachment;\r\n "
           "filename*=utf-8''caf%C3%A9.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
           body;
  }

  Prng prng_;
  std::uint64_t messages_ = 0;
};

// ---- The work: what a program does that shows a mailbox and saves everything.

struct Sums {
  std::uint64_t leaves = 0;
  std::uint64_t decoded = 0;
  std::uint64_t subject = 0;
  std::uint64_t senders = 0;
};

class FullReader {
 public:
  void read(std::string_view source) {
    const Message message = parse(source);
    const Header header = message.header(message.root());
    if (std::optional<HeaderField> field = header.find("subject"))
      sums_.subject += text_value(field->body, nullptr, &charsets_).size();
    if (std::optional<HeaderField> field = header.find("from"))
      sums_.senders += parse_address_list(field->body, nullptr, &charsets_).mailboxes.size();
    for (const Part& part : message.parts()) {
      if (!part.is_leaf()) continue;
      octets_.clear();
      BodyDecoder decoder(part.encoding);
      decoder.feed(message.body(part), octets_);
      decoder.finish(octets_);
      benchmark::DoNotOptimize(octets_.data());
      sums_.decoded += octets_.size();
      ++sums_.leaves;
    }
  }
  const Sums& sums() const { return sums_; }

 private:
  Sums sums_;
  Charsets charsets_;
  std::string octets_;  // of one part: the same memory for the next
};

constexpr std::size_t corpus_messages = 2000;

int write_corpus(const char* path) {
  std::ofstream file(path, std::ios::binary);
  CorpusMaker maker(20240101);
  std::uint64_t octets = 0;
  for (std::size_t i = 0; i < corpus_messages; ++i) {
    const std::string message = maker.message();
    octets += message.size();
    for (unsigned shift : {0U, 8U, 16U, 24U}) file.put(static_cast<char>(message.size() >> shift & 0xFFU));
    file.write(message.data(), static_cast<std::streamsize>(message.size()));
  }
  std::printf("%zu messages, %llu octets\n", corpus_messages, static_cast<unsigned long long>(octets));
  return file ? 0 : 1;
}

int read_corpus(const char* path) {
  std::ifstream file(path, std::ios::binary);
  std::vector<std::string> messages;
  std::uint64_t octets = 0;
  for (char size[4]; file.read(size, 4);) {
    std::size_t length = 0;
    for (int i = 3; i >= 0; --i) length = length << 8U | static_cast<unsigned char>(size[i]);
    std::string& message = messages.emplace_back(length, '\0');
    file.read(message.data(), static_cast<std::streamsize>(length));
    octets += length;
  }
  FullReader reader;
  const auto began = std::chrono::steady_clock::now();
  for (const std::string& message : messages) reader.read(message);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  const Sums& sums = reader.sums();
  std::printf(
      "{\"parser\": \"mailrig\", \"messages\": %zu, \"seconds\": %.6f, \"MB_s\": %.1f, \"leaves\": %llu, \"decoded\": "
      "%llu, \"subject\": %llu, \"senders\": %llu}\n",
      messages.size(), seconds, static_cast<double>(octets) / 1e6 / seconds,
      static_cast<unsigned long long>(sums.leaves), static_cast<unsigned long long>(sums.decoded),
      static_cast<unsigned long long>(sums.subject), static_cast<unsigned long long>(sums.senders));
  return messages.empty() ? 1 : 0;
}

void full_parse(benchmark::State& state) {
  CorpusMaker maker(7);
  std::vector<std::string> messages;
  std::size_t octets = 0;
  for (int i = 0; i < 200; ++i) octets += messages.emplace_back(maker.message()).size();
  FullReader reader;
  for (auto _ : state)
    for (const std::string& message : messages) reader.read(message);
  state.SetBytesProcessed(static_cast<std::int64_t>(octets) * state.iterations());
}
BENCHMARK(full_parse)->Unit(benchmark::kMillisecond);

/// Messages of 2 kB, about half of it header.
std::vector<std::string> small_messages() {
  CorpusMaker maker(11);
  std::vector<std::string> messages;
  while (messages.size() < 1000) {
    std::string message = maker.message();
    if (message.size() >= 2048 && message.find("multipart") == std::string::npos)
      messages.push_back(message.substr(0, 2048));
  }
  return messages;
}

void header_only(benchmark::State& state) {
  const std::vector<std::string> messages = small_messages();
  std::vector<FieldPlace> places;
  for (auto _ : state)
    for (const std::string& message : messages) {
      HeaderEnd end = index_header(message, places);
      benchmark::DoNotOptimize(end);
      benchmark::DoNotOptimize(places.data());
    }
  state.SetItemsProcessed(static_cast<std::int64_t>(messages.size()) * state.iterations());
}
BENCHMARK(header_only)->Unit(benchmark::kMicrosecond);

void header_and_lookup(benchmark::State& state) {
  const std::vector<std::string> messages = small_messages();
  std::vector<FieldPlace> places;
  for (auto _ : state)
    for (const std::string& message : messages) {
      index_header(message, places);
      const Header header(message, places);
      benchmark::DoNotOptimize(header.find("message-id"));
      benchmark::DoNotOptimize(header.find("from"));
    }
  state.SetItemsProcessed(static_cast<std::int64_t>(messages.size()) * state.iterations());
}
BENCHMARK(header_and_lookup)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace mailrig::mime

int main(int argc, char** argv) {
  if (argc == 3 && std::string_view(argv[1]) == "--write-corpus") return mailrig::mime::write_corpus(argv[2]);
  if (argc == 3 && std::string_view(argv[1]) == "--read-corpus") return mailrig::mime::read_corpus(argv[2]);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
