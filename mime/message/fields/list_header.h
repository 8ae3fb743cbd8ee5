#pragma once
/// What mailing lists say of themselves: List-Help, -Subscribe, -Unsubscribe, -Post, -Owner, -Archive (RFC 2369) and
/// List-Id (RFC 2919).
///
///   parse_list_urls("<mailto:list@x.test?subject=help> (Help), <https://x.test/>")[0].url
///   parse_list_id("\"News\" <news.x.test>")->id == "news.x.test"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mime/message/coding/charset.h"
#include "mime/message/defect.h"

namespace mailrig::mime {

struct ListUrl {
  std::string url;      // without blanks, which RFC 2369 §2 has ignored; "NO" of List-Post too
  std::string comment;  // UTF-8

  friend bool operator==(const ListUrl&, const ListUrl&) = default;
};

// RFC 2369 §2 expects a handful, in the order of preference.
inline constexpr std::size_t list_urls_max = 100;

std::vector<ListUrl> parse_list_urls(std::string_view field_body, Defects* defects = nullptr,
                                     Charsets* charsets = nullptr);

struct ListId {
  std::string id;
  std::string name;  // UTF-8; may be empty
};

/// Nothing when the field is empty. An identifier without brackets is one all the same.
std::optional<ListId> parse_list_id(std::string_view field_body, Defects* defects = nullptr,
                                    Charsets* charsets = nullptr);

}  // namespace mailrig::mime
