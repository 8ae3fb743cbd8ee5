#pragma once
/// A message as a server keeps it: raw bytes, made when they are needed. A mailbox of 100,000 messages holds recipes,
/// not mail.
///
///   Content fixed = Content::of("Subject: hi\r\n\r\nhello\r\n");
///   Content recipe{10'240, [=] { return std::make_shared<const std::string>(generate(seed, 17)); }};

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace mailrig::fakeservers {

struct Content {
  std::uint64_t octets = 0;
  std::function<std::shared_ptr<const std::string>()> load;  // the same bytes at every call, `octets` of them

  static Content of(std::string bytes) {
    auto shared = std::make_shared<const std::string>(std::move(bytes));
    return {shared->size(), [shared] { return shared; }};
  }
};

}  // namespace mailrig::fakeservers
