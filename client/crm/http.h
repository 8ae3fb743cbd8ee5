#pragma once
/// HTTP/1.1 (RFC 9112) as the CRM session needs it: a request as bytes, a response from any split of them. By
/// Boost.Beast, which stays in http.cc.
///
///   std::string bytes = to_bytes({.method = "GET", .target = "/crm/v8/Leads/search?email=a%40b.test"}, "crm.test");
///   HttpResponseReader reader;
///   Status good = reader.feed(chunk);            // until reader.done()
///   reader.response().status;

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace mailrig::client {

struct HttpRequest {
  std::string method = "GET";
  std::string target = "/";
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string body = {};
};

/// `host` is a name, or a name and ":port". With Host, User-Agent, Accept and, where there is a body or the method
/// wants one, Content-Length.
std::string to_bytes(const HttpRequest& request, std::string_view host);

struct HttpResponse {
  unsigned status = 0;
  std::string content_type;
  std::optional<std::uint64_t> retry_after_seconds;  // RFC 9110 §10.2.3, in one of its two forms
  std::optional<Instant> retry_after_date;
  std::optional<Instant> date;  // RFC 9110 §6.6.1: the server's clock
  std::string body;
  bool keep_alive = false;  // the connection can be used again
};

// The largest answers are pages of 200 records; a megabyte is several times that.
inline constexpr std::size_t http_body_octets_max = 4 * 1024 * 1024;
inline constexpr std::size_t http_header_octets_max = 64 * 1024;

class HttpResponseReader {
 public:
  HttpResponseReader();
  ~HttpResponseReader();

  /// Any piece of what the server says. Errors: peer_protocol, limit_exceeded. Bytes after the end of the response are
  /// an error too: nothing was asked that they could answer. No error quotes them: they may be the rest of a token.
  Status feed(std::string_view bytes);
  /// The connection ended in order: the end of a response that has no length.
  Status finish();
  bool done() const { return done_; }
  /// True once any octet of a response has come.
  bool begun() const;
  const HttpResponse& response() const { return response_; }

 private:
  struct Parser;
  Status take_over();

  std::unique_ptr<Parser> parser_;
  HttpResponse response_;
  bool done_ = false;
};

/// RFC 3986 §2.1: everything but letters, digits and -._~ becomes %XX.
std::string percent_encoded(std::string_view text);

}  // namespace mailrig::client
