#include "fakeservers/crm/http/http.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/serializer.hpp>
#include <boost/beast/http/string_body.hpp>
#include <utility>

namespace mailrig::fakeservers::crm {
namespace {

namespace http = boost::beast::http;

bool same_word(std::string_view a, std::string_view b) {
  return boost::beast::iequals({a.data(), a.size()}, {b.data(), b.size()});
}

bool forbids_length(unsigned status) { return status < 200 || status == 204 || status == 304; }

std::string_view view(boost::beast::string_view text) { return {text.data(), text.size()}; }

}  // namespace

struct HttpReader::Parser : http::request_parser<http::string_body> {};

std::string_view HttpRequest::field(std::string_view name) const {
  for (const HttpField& one : fields)
    if (same_word(one.name, name)) return one.value;
  return {};
}

std::string_view reason_of(unsigned status) { return view(http::obsolete_reason(static_cast<http::status>(status))); }

std::string to_wire(const HttpAnswer& answer, const HttpFraming& framing) {
  http::response<http::string_body> response;
  response.version(framing.http_1_0 ? 10 : 11);
  response.result(answer.status);
  for (const HttpField& one : answer.fields) response.insert(one.name, one.value);
  response.keep_alive(framing.keep_alive);
  if (!forbids_length(answer.status)) {
    response.content_length(answer.body.size());
    if (!framing.without_body) response.body() = answer.body;
  }
  std::string wire;
  http::serializer<false, http::string_body> serializer(response);
  boost::beast::error_code failure;
  while (!serializer.is_done()) {
    serializer.next(failure, [&](boost::beast::error_code&, const auto& buffers) {
      for (auto buffer : boost::beast::buffers_range_ref(buffers))
        wire.append(static_cast<const char*>(buffer.data()), buffer.size());
      serializer.consume(boost::asio::buffer_size(buffers));
    });
  }
  return wire;
}

HttpReader::HttpReader(std::size_t body_octets_max) : body_octets_max_(body_octets_max) {}
HttpReader::~HttpReader() = default;

void HttpReader::feed(std::string_view bytes) {
  if (refusal_ == 0) buffer_.append(bytes);
}

bool HttpReader::idle() const { return !parser_ && buffer_.empty(); }

HttpReader::Event HttpReader::refuse(unsigned status) {
  refusal_ = status;
  buffer_.clear();
  parser_.reset();
  return Event::refused;
}

HttpReader::Event HttpReader::advance() {
  if (refusal_ != 0) return Event::refused;
  if (!parser_) {
    // RFC 9112 §2.2: empty lines before a request line are ignored.
    std::size_t start = 0;
    while (start + 1 < buffer_.size() && buffer_[start] == '\r' && buffer_[start + 1] == '\n') start += 2;
    buffer_.erase(0, start);
    if (buffer_.empty() || buffer_ == "\r") return Event::need_more;
    parser_ = std::make_unique<Parser>();
    parser_->header_limit(head_octets_max);
    parser_->body_limit(body_octets_max_);
    head_octets_ = 0;
    head_seen_ = false;
  }
  return progress();
}

bool HttpReader::head_is_sound() {
  const auto& head = parser_->get();
  // RFC 9112 §3.2: exactly one Host in HTTP/1.1.
  if (head.version() == 11 && head.count(http::field::host) != 1) refusal_ = 400;
  // RFC 9112 §6.1: a coding that we do not know. Beast would take such a request for one without a body.
  if (head.count(http::field::transfer_encoding) > 0 && !parser_->chunked()) refusal_ = 501;
  std::string_view expectation = view(head[http::field::expect]);
  if (!expectation.empty() && !same_word(expectation, "100-continue")) refusal_ = 417;
  return refusal_ == 0;
}

HttpReader::Event HttpReader::progress() {
  std::size_t used = 0;
  bool may_ask = false;
  for (bool stuck = false; !stuck;) {
    if (parser_->is_header_done() && !std::exchange(head_seen_, true)) {
      if (!head_is_sound()) return refuse(refusal_);
      const auto& head = parser_->get();
      may_ask =
          !parser_->is_done() && used == buffer_.size() && head.version() == 11 && head.count(http::field::expect) > 0;
    }
    if (parser_->is_done() || used == buffer_.size()) break;
    boost::beast::error_code failure;
    std::size_t taken = parser_->put(boost::asio::buffer(buffer_.data() + used, buffer_.size() - used), failure);
    used += taken;
    if (!head_seen_) head_octets_ += taken;
    stuck = failure == http::error::need_more;
    if (failure == http::error::header_limit) return refuse(431);
    if (failure == http::error::body_limit) return refuse(413);
    if (failure && !stuck) return refuse(400);
  }
  buffer_.erase(0, used);
  if (head_octets_ > head_octets_max) return refuse(431);
  if (parser_->is_done()) return Event::request;
  // What Beast leaves lying is part of a head, of a chunk's size line or of a trailer; none of them has a reason to be
  // long.
  if (buffer_.size() + (head_seen_ ? 0 : head_octets_) > head_octets_max) return refuse(head_seen_ ? 400 : 431);
  return may_ask && buffer_.empty() ? Event::expects_continue : Event::need_more;
}

HttpRequest HttpReader::take() {
  auto message = parser_->release();
  HttpRequest request;
  request.method = view(message.method_string());
  request.target = view(message.target());
  for (const auto& one : message.base())
    request.fields.push_back({std::string(view(one.name_string())), std::string(view(one.value()))});
  request.body = std::move(message.body());
  request.keep_alive = message.keep_alive();
  request.http_1_0 = message.version() == 10;
  parser_.reset();
  return request;
}

}  // namespace mailrig::fakeservers::crm
