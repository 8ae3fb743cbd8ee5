#include "client/crm/http.h"

#include <fmt/format.h>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <charconv>

#include "mime/message/fields/date.h"

namespace mailrig::client {

namespace http = boost::beast::http;

struct HttpResponseReader::Parser {
  using Response = http::response_parser<http::string_body>;

  /// A new response begins.
  void start() {
    response.emplace();
    response->eager(true);
    response->header_limit(http_header_octets_max);
    response->body_limit(http_body_octets_max);
  }

  std::optional<Response> response;
  std::string unread;  // a header or chunk header that is not whole yet: Beast wants it again with what follows
  unsigned interim = 0;
  bool begun = false;
};

namespace {

/// RFC 9110 §5.6.7, the obsolete forms too.
std::optional<Instant> date_in(std::string_view field) {
  const std::optional<mime::Date> date = mime::parse_date(field);
  return date ? std::optional<Instant>(date->instant()) : std::nullopt;
}

// An interim response (100 Continue, 103 Early Hints) may come any number of times; real servers send one or two.
constexpr unsigned interim_max = 16;

Error told(const boost::system::error_code& error) {
  if (error == http::error::body_limit || error == http::error::header_limit || error == http::error::buffer_overflow)
    return {Errc::limit_exceeded, "the CRM's answer is longer than any that it is known to give"};
  if (error == http::error::partial_message || error == http::error::end_of_stream)
    return {Errc::truncated, "the CRM's answer was cut off"};
  return {Errc::peer_protocol, fmt::format("what answered is no web server: {}", error.message())};
}

}  // namespace

std::string to_bytes(const HttpRequest& request, std::string_view host) {
  std::string bytes = fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: mailrig\r\nAccept: application/json\r\n",
                                  request.method, request.target, host);
  for (const auto& [name, value] : request.headers) bytes += fmt::format("{}: {}\r\n", name, value);
  if (!request.body.empty() || request.method != "GET")
    bytes += fmt::format("Content-Length: {}\r\n", request.body.size());
  return bytes + "\r\n" + request.body;
}

HttpResponseReader::HttpResponseReader() : parser_(std::make_unique<Parser>()) { parser_->start(); }
HttpResponseReader::~HttpResponseReader() = default;

bool HttpResponseReader::begun() const { return parser_->begun; }

Status HttpResponseReader::feed(std::string_view bytes) {
  parser_->begun = parser_->begun || !bytes.empty();
  std::string& unread = parser_->unread;
  unread += bytes;
  while (!unread.empty()) {
    if (done_)
      return Error{Errc::peer_protocol, fmt::format("the CRM sent {} octets more than its answer has", unread.size())};
    boost::system::error_code error;
    const std::size_t used = parser_->response->put(boost::asio::buffer(unread), error);
    unread.erase(0, used);
    if (error == http::error::need_more) {
      if (used == 0) return {};
      continue;
    }
    if (error) return told(error);
    if (!parser_->response->is_done()) continue;
    if (Status taken = take_over(); !taken) return taken;
  }
  return {};
}

Status HttpResponseReader::finish() {
  if (done_) return {};
  if (!parser_->response->got_some()) return told(http::error::partial_message);  // Beast wants no end of nothing
  boost::system::error_code error;
  parser_->response->put_eof(error);
  if (error) return told(error);
  return take_over();
}

/// The parser is done: an interim response makes room for the real one.
Status HttpResponseReader::take_over() {
  http::response<http::string_body> message = parser_->response->release();
  response_.status = message.result_int();
  if (response_.status / 100 == 1) {
    if (response_.status == 101 || ++parser_->interim > interim_max)
      return Error{Errc::peer_protocol, fmt::format("the CRM answers with {} and nothing else", response_.status)};
    parser_->start();
    return {};
  }
  done_ = true;
  response_.keep_alive = message.keep_alive() && !message.need_eof();
  response_.content_type = std::string(message[http::field::content_type]);
  const std::string_view wait(message[http::field::retry_after].data(), message[http::field::retry_after].size());
  std::uint64_t seconds = 0;
  const auto [end, wrong] = std::from_chars(wait.data(), wait.data() + wait.size(), seconds);
  if (wrong == std::errc() && end == wait.data() + wait.size()) response_.retry_after_seconds = seconds;
  if (!response_.retry_after_seconds && !wait.empty()) response_.retry_after_date = date_in(wait);
  const std::string_view date(message[http::field::date].data(), message[http::field::date].size());
  if (!date.empty()) response_.date = date_in(date);
  response_.body = std::move(message.body());
  return {};
}

std::string percent_encoded(std::string_view text) {
  std::string encoded;
  for (char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                       c == '.' || c == '_' || c == '~';
    if (plain)
      encoded += c;
    else
      encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return encoded;
}

}  // namespace mailrig::client
