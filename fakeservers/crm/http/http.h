#pragma once
/// HTTP/1.1 as a server meets it, without I/O: bytes go in at any split, requests come out one after another.
///
///   HttpReader reader;
///   reader.feed("GET /crm/v8/Leads HTTP/1.1\r\nHost: crm.test\r\n\r\n");
///   while (reader.advance() == HttpReader::Event::request) answer(reader.take());
///
/// Grammar and framing are Boost.Beast's (HTTP is not what is under test); the bounds are ours.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace mailrig::fakeservers::crm {

struct HttpField {
  std::string name;
  std::string value;

  friend bool operator==(const HttpField&, const HttpField&) = default;
};

struct HttpRequest {
  std::string method;
  std::string target;
  std::vector<HttpField> fields;  // in the order received
  std::string body;               // without its framing
  bool keep_alive = true;
  bool http_1_0 = false;

  /// The value of the first field of this name (in any letter case), or nothing.
  std::string_view field(std::string_view name) const;
};

struct HttpAnswer {
  unsigned status = 200;
  std::vector<HttpField> fields = {};
  std::string body = {};
};

/// How an answer goes onto the wire.
struct HttpFraming {
  bool keep_alive = true;
  bool http_1_0 = false;
  bool without_body = false;  // the answer to HEAD: the length stands, the body does not
};

/// The answer with Content-Length (but not where RFC 9110 §8.6 forbids it: 1xx, 204, 304) and Connection where it
/// differs from the version's default.
std::string to_wire(const HttpAnswer& answer, const HttpFraming& framing);

/// "Multi-Status" for 207.
std::string_view reason_of(unsigned status);

class HttpReader {
 public:
  // What common front-ends (nginx: 4 x 8 KiB) take as a request's head is 32 KiB; half of it is far beyond any CRM
  // call.
  static constexpr std::size_t head_octets_max = 16 * 1024;
  // 100 records of the largest note (65,535 octets) fit into 7 MiB.
  static constexpr std::size_t body_octets_max_default = 10 * 1024 * 1024;

  explicit HttpReader(std::size_t body_octets_max = body_octets_max_default);
  ~HttpReader();
  HttpReader(const HttpReader&) = delete;
  HttpReader& operator=(const HttpReader&) = delete;

  enum class Event : std::uint8_t {
    need_more,
    expects_continue,  // the head is complete and asks for 100 (RFC 9110 §10.1.1); told once, only if no body is here
                       // yet
    request,           // take() it
    refused,           // refusal() says with which status; nothing more is read
  };

  void feed(std::string_view bytes);
  Event advance();
  HttpRequest take();
  unsigned refusal() const { return refusal_; }
  /// True between two requests: an end of the stream is orderly here.
  bool idle() const;
  /// Octets that are kept, for tests of the bounds.
  std::size_t buffered() const { return buffer_.size(); }

 private:
  struct Parser;  // keeps Beast out of this header

  Event refuse(unsigned status);
  Event progress();
  bool head_is_sound();

  std::size_t body_octets_max_;
  std::unique_ptr<Parser> parser_;
  std::string buffer_;
  std::size_t head_octets_ = 0;
  bool head_seen_ = false;
  unsigned refusal_ = 0;
};

}  // namespace mailrig::fakeservers::crm
