#pragma once
/// The JSON of the CRM's answers, parsed within limits of depth and memory.
///
///   std::optional<nlohmann::json> body = parse_answer_body(response.body);   // nothing: not a JSON object, or too
///   large std::string id = text_member(*body, "id");

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace mailrig::client {

// Answers nest five levels deep (details, duplicate_record, module); the rest is reserve.
inline constexpr std::size_t json_depth_max = 32;
// A page of 200 records with 50 fields each has some 40,000 values. A parsed value takes up to 100 octets, so that a
// body of 4 MiB that consists of brackets only would take 350 MiB.
inline constexpr std::size_t json_values_max = 200'000;

/// True if `text` stays within both limits, counted before anything is allocated. Says nothing about its syntax.
bool is_within_json_limits(std::string_view text);

/// The object that `text` is; nothing if it is something else, malformed or beyond the limits.
std::optional<nlohmann::json> parse_answer_body(std::string_view text);

/// Null if `object` is not an object or has no such member.
const nlohmann::json* find_member(const nlohmann::json& object, std::string_view key);

/// A string as it is, an integer in decimal digits (ids exceed 2^53 but fit into 64 bits); otherwise empty.
std::string text_member(const nlohmann::json& object, std::string_view key);

}  // namespace mailrig::client
