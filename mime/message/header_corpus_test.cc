// Tables of header values with the expectations of other projects. They are not part of this repository: where they are
// absent, the tests skip. Rows on which we differ are listed with their reason, and docs/mime-decisions.md explains it;
// a row that is listed and agrees fails too.
//
//   cmake --preset dev -DMAILRIG_CORPUS=FOLDER       FOLDER/headers/address.json and so on

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "mime/message/ascii.h"
#include "mime/message/coding/transfer_encoding.h"
#include "mime/message/fields/address.h"
#include "mime/message/fields/content_type.h"
#include "mime/message/fields/date.h"
#include "mime/message/fields/disposition.h"
#include "mime/message/fields/encoded_word.h"
#include "mime/message/fields/message_id.h"
#include "mime/message/fields/received.h"
#include "mime/message/fields/text_list.h"
#include "mime/message/header.h"
#include "mime/message/mime_fields.h"

namespace mailrig::mime {
namespace {

using nlohmann::json;

const std::filesystem::path folder = std::filesystem::path(MAILRIG_CORPUS) / "headers";

json table(const std::string& name) {
  std::ifstream file(folder / name);
  if (!file) return {};
  std::string text(std::istreambuf_iterator<char>(file), {});
  // Python writes an octet that is no character as half of a surrogate pair, which no JSON reader takes: U+E0xx here.
  for (std::size_t at = text.find("\\udc"); at != std::string::npos; at = text.find("\\udc", at))
    text.replace(at, 4, "\\ue0");
  return json::parse(text);
}

/// U+E080 to U+E0FF as the octets that they stand for.
std::string with_octets(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\xee' && i + 2 < text.size() && (text[i + 1] == '\x82' || text[i + 1] == '\x83')) {
      out += static_cast<char>(static_cast<unsigned char>(text[i + 2]) + (text[i + 1] == '\x83' ? 0x40 : 0));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::string not_here(const std::string& name) { return (folder / name).string() + " is not here"; }

/// The field's body, up to where a header field ends.
std::string body_of_field(const std::string& text) {
  const std::string field = "X:" + text;
  std::string_view rest = field;
  // A first line that is empty ends nothing here: the tables begin behind the colon.
  return std::string(take_field(rest)->body);
}

/// Runs of white space are one space: nobody agrees on what folding leaves.
std::string squeezed(const std::string& text) {
  std::string out;
  for (char c : text)
    if (!is_space(c))
      out += c;
    else if (!out.empty() && out.back() != ' ')
      out += ' ';
  if (out.ends_with(' ')) out.pop_back();
  return out;
}

json squeezed(const json& value) {
  if (value.is_string()) return squeezed(value.get<std::string>());
  json out = value;
  if (value.is_structured())
    for (auto& item : out) item = squeezed(item);
  return out;
}

/// The order of parameters says nothing.
json sorted(json list) {
  std::sort(list.begin(), list.end());
  return list;
}

using Differences = std::map<std::size_t, std::string_view>;  // row of the table, name in docs/mime-decisions.md

template <typename Read>
void compare(const json& rows, const Differences& differences, Read read) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    json expected = squeezed(rows[i].at("expected"));
    if (expected.is_object() && expected.contains("c_type")) expected["attributes"] = sorted(expected["attributes"]);
    const json ours = squeezed(read(rows[i].at("header").get<std::string>()));
    const auto known = differences.find(i);
    if (known == differences.end())
      EXPECT_EQ(ours, expected) << "row " << i << ": " << rows[i].at("header");
    else
      EXPECT_NE(ours, expected) << "row " << i << " is said to differ: " << known->second;
  }
}

json text_or_null(const std::string& text) { return text.empty() ? json() : json(text); }

// mail-parser.
TEST(HeaderCorpus, ContentTypes) {
  const json rows = table("content_type.json");
  if (rows.is_null()) GTEST_SKIP() << not_here("content_type.json");
  const Differences differences = {{31, "charset-in-later-section"},
                                   {34, "blanks-between-words"},
                                   {61, "absurd-section-number"},
                                   {76, "second-slash"},
                                   {77, "second-slash"},
                                   {78, "second-slash"}};
  compare(rows, differences, [](const std::string& header) {
    const ContentType type = parse_content_type(header);
    if (type.type.empty()) return json();
    json attributes = json::array();
    for (const Parameter& parameter : type.parameters) {
      if (!parameter.language.empty()) attributes.push_back({parameter.name + "-language", parameter.language});
      attributes.push_back({parameter.name, parameter.value});
    }
    return json{{"c_type", type.type},
                {"c_subtype", text_or_null(type.subtype)},
                {"attributes", attributes.empty() ? json() : sorted(attributes)}};
  });
}

json mailbox_json(const Mailbox& mailbox) {
  std::string name = mailbox.name;
  if (!mailbox.comment.empty() && mailbox.name != mailbox.comment) name += " (" + mailbox.comment + ")";
  return {{"name", text_or_null(name)}, {"address", text_or_null(mailbox.address)}};
}

json list_json(const AddressList& list) {
  json mailboxes = json::array();
  if (list.groups.empty()) {
    for (const Mailbox& mailbox : list.mailboxes) mailboxes.push_back(mailbox_json(mailbox));
    return {{"List", mailboxes}};
  }
  // What stands between groups is a group without a name there.
  json groups = json::array();
  std::optional<std::size_t> open;
  std::size_t next = 0;
  const auto open_group = [&](json name) { groups.push_back({{"name", name}, {"addresses", json::array()}}); };
  for (const Mailbox& mailbox : list.mailboxes) {
    while (mailbox.group && next <= *mailbox.group) open_group(list.groups[next++]);
    if (!mailbox.group && (groups.empty() || open)) open_group(nullptr);
    open = mailbox.group;
    groups.back()["addresses"].push_back(mailbox_json(mailbox));
  }
  while (next < list.groups.size()) open_group(list.groups[next++]);
  return {{"Group", groups}};
}

json date_json(const std::optional<Date>& date) {
  if (!date) return nullptr;
  const std::string iso = to_iso8601(*date);  // 2014-06-02T10:00:00+02:00
  const auto number = [&](std::size_t at, std::size_t size) { return std::stoi(iso.substr(at, size)); };
  return {{"year", number(0, 4)},     {"month", number(5, 2)},      {"day", number(8, 2)},
          {"hour", number(11, 2)},    {"minute", number(14, 2)},    {"second", number(17, 2)},
          {"tz_hour", number(20, 2)}, {"tz_minute", number(23, 2)}, {"tz_before_gmt", date->offset_minutes < 0}};
}

TEST(HeaderCorpus, Addresses) {
  const json rows = table("address.json");
  if (rows.is_null()) GTEST_SKIP() << not_here("address.json");
  const Differences differences = {{9, "escaped-line-end"},
                                   {10, "comments-are-no-names"},
                                   {11, "comments-are-no-names"},
                                   {13, "addresses-without-blanks"},
                                   {14, "addresses-without-blanks"}};
  compare(rows, differences,
          [](const std::string& header) { return list_json(parse_address_list(body_of_field(header))); });
}

TEST(HeaderCorpus, Dates) {
  const json rows = table("date.json");
  if (rows.is_null()) GTEST_SKIP() << not_here("date.json");
  const Differences differences = {{12, "numbers-alone"}};
  compare(rows, differences, [](const std::string& header) { return date_json(parse_date(body_of_field(header))); });
}

TEST(HeaderCorpus, MessageIds) {
  const json rows = table("id.json");
  if (rows.is_null()) GTEST_SKIP() << not_here("id.json");
  compare(rows, {}, [](const std::string& header) {
    const std::vector<std::string> ids = parse_message_ids(body_of_field(header));
    return ids.empty() ? json() : json(ids);
  });
}

TEST(HeaderCorpus, TextLists) {
  const json rows = table("list.json");
  if (rows.is_null()) GTEST_SKIP() << not_here("list.json");
  compare(rows, {}, [](const std::string& header) { return json(parse_text_list(body_of_field(header))); });
}

TEST(HeaderCorpus, Unstructured) {
  const json rows = table("unstructured.json");
  if (rows.is_null()) GTEST_SKIP() << not_here("unstructured.json");
  const Differences differences = {{21, "touching-words"}, {27, "touching-words"}, {28, "touching-words"}};
  compare(rows, differences, [](const std::string& header) { return json(text_value(body_of_field(header))); });
}

std::string upper(std::string text) {
  for (char& c : text)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return text;
}

/// They keep the first word of a host, take its brackets off, and tell names from addresses.
std::string host_name(const json& host) { return host.is_null() ? "" : host.begin()->get<std::string>(); }
std::string bare_host(const std::string& name) {
  const std::string word = name.substr(0, name.find(' '));
  return word.starts_with('[') ? word.substr(1, word.size() - 2) : word;
}

/// What both of us tell; they have more (TLS, ident).
json our_hop(const Received& hop) {
  return {{"from", bare_host(hop.from.name)},
          {"by", bare_host(hop.by.name)},
          {"for", hop.for_whom},
          {"id", hop.id},
          {"via", hop.via},
          {"peer_address", hop.peer_address},
          {"helo", bare_host(hop.helo)},
          {"date", date_json(hop.date)}};
}

json their_hop(const json& expected) {
  const auto text = [&](const char* key) { return expected.contains(key) ? expected[key].get<std::string>() : ""; };
  const auto host = [&](const char* key) { return expected.contains(key) ? host_name(expected[key]) : ""; };
  json date = expected.at("date");
  // GMT is neither before nor behind itself.
  if (!date.is_null() && date["tz_hour"] == 0 && date["tz_minute"] == 0) date["tz_before_gmt"] = false;
  return {{"from", host("from")}, {"by", host("by")},   {"for", text("for_")},
          {"id", text("id")},     {"via", text("via")}, {"peer_address", text("from_ip")},
          {"helo", host("helo")}, {"date", date}};
}

TEST(HeaderCorpus, Received) {
  const json rows = table("received.json");
  if (rows.is_null()) GTEST_SKIP() << not_here("received.json");
  const Differences differences = {
      {13, "dates-in-received"},    {28, "id-with-slash"},       {29, "id-with-slash"},
      {30, "id-with-slash"},        {67, "dates-in-received"},   {89, "dates-in-received"},
      {90, "dates-in-received"},    {117, "dates-in-received"},  {118, "dates-in-received"},
      {123, "first-clause-counts"}, {125, "from-with-slash"},    {128, "date-ends-the-clauses"},
      {144, "dates-in-received"},   {148, "address-as-written"}, {151, "dates-in-received"},
      {153, "for-no-address"},      {163, "dates-in-received"},  {165, "qmail-invoked-from"},
      {171, "comment-of-by"}};
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!rows[i].at("expected").is_object()) continue;
    const json theirs = their_hop(rows[i]["expected"]);
    const json ours = our_hop(parse_received(body_of_field(rows[i].at("header").get<std::string>())));
    const auto known = differences.find(i);
    if (known == differences.end())
      EXPECT_EQ(ours, theirs) << "row " << i << ": " << rows[i].at("header");
    else
      EXPECT_NE(ours, theirs) << "row " << i << " is said to differ: " << known->second;
  }
}

// Theirs is an enumeration: of "Microsoft SMTP Server" it is SMTP.
TEST(HeaderCorpus, ReceivedProtocols) {
  const json rows = table("received.json");
  if (rows.is_null()) GTEST_SKIP() << not_here("received.json");
  const Differences differences = {{98, "protocol-as-written"}, {113, "protocol-as-written"}};
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const json& expected = rows[i].at("expected");
    if (!expected.is_object() || !expected.contains("with")) continue;
    const Received hop = parse_received(body_of_field(rows[i].at("header").get<std::string>()));
    const bool agrees = upper(hop.with).find(upper(expected["with"].get<std::string>())) != std::string::npos;
    EXPECT_EQ(agrees, !differences.contains(i)) << "row " << i << ": " << hop.with;
  }
}

// Go's net/mail.
TEST(HeaderCorpus, GoAccepts) {
  const json rows = table("go_net_mail.json");
  if (rows.is_null()) GTEST_SKIP() << not_here("go_net_mail.json");
  for (const json& row : rows.at("accept_and_round_trip")) {
    const auto text = row.get<std::string>();
    Defects defects(text);
    const AddressList list = parse_address_list(text, &defects);
    ASSERT_EQ(list.mailboxes.size(), 1U) << text;
    EXPECT_EQ("<" + list.mailboxes[0].address + ">", text);
    EXPECT_TRUE(defects.empty()) << text;
  }
}

TEST(HeaderCorpus, GoRejects) {
  const json rows = table("go_net_mail.json");
  if (rows.is_null()) GTEST_SKIP() << not_here("go_net_mail.json");
  const Differences differences = {{16, "empty-local-part"}, {17, "tab-in-quotes"}};
  for (std::size_t i = 0; i < rows.at("must_reject").size(); ++i) {
    const auto text = rows["must_reject"][i].get<std::string>();
    Defects defects(text);
    parse_address_list(text, &defects);
    EXPECT_EQ(defects.empty(), differences.contains(i)) << "row " << i << ": " << text;
  }
  for (const json& row : rows.at("must_reject_other")) {
    const auto text = row.get<std::string>();
    Defects defects(text);
    parse_address_list(text, &defects);
    EXPECT_FALSE(defects.empty()) << text;
  }
}

TEST(HeaderCorpus, GoLists) {
  const json rows = table("go_net_mail.json");
  if (rows.is_null()) GTEST_SKIP() << not_here("go_net_mail.json");
  for (const json& row : rows.at("parse_list")) {
    json ours = json::array();
    for (const Mailbox& mailbox : parse_address_list(row[0].get<std::string>()).mailboxes)
      ours.push_back({mailbox.name, mailbox.address});
    EXPECT_EQ(ours, row[1]) << row[0];
  }
}

// CPython's header registry: name, then a row of source and values.
TEST(HeaderCorpus, PythonAddresses) {
  const json tables = table("cpython_headerregistry.json");
  if (tables.is_null()) GTEST_SKIP() << not_here("cpython_headerregistry.json");
  const std::map<std::string, std::string_view> differences = {
      {"spaces_around_dots_in_local_part_removed", "blanks-in-local-part"},
      {"spaces_in_unquoted_local_part_collapsed", "blanks-in-local-part"}};
  for (const auto& [name, row] : tables.at("TestAddressHeader.example_params").items()) {
    const auto text = row[0].get<std::string>();
    const AddressList list = parse_address_list(text);
    const Mailbox mailbox = list.mailboxes.empty() ? Mailbox() : list.mailboxes[0];
    const json ours = {mailbox.name, mailbox.local(), mailbox.domain()};
    const json theirs = {row[3], row[5], row[6]};
    if (differences.contains(name))
      EXPECT_NE(ours, theirs) << name;
    else
      EXPECT_EQ(squeezed(ours), squeezed(theirs)) << name << ": " << text;
  }
}

json parameters_json(const std::vector<Parameter>& parameters) {
  json values = json::object();
  for (const Parameter& parameter : parameters) values[parameter.name] = parameter.value;
  return values;
}

json lower_case_keys(const json& object) {
  json out = json::object();
  for (const auto& [key, value] : object.items()) out[lower_case(key)] = value;
  return out;
}

TEST(HeaderCorpus, PythonContentTypes) {
  const json tables = table("cpython_headerregistry.json");
  if (tables.is_null()) GTEST_SKIP() << not_here("cpython_headerregistry.json");
  const std::map<std::string, std::string_view> differences = {
      {"bad_params", "parameters-without-value"},
      {"non_ascii_in_params", "raw-octets"},
      {"non_ascii_rfc2231_value", "raw-octets"},
      {"rfc2231_bad_character_in_charset_parameter_value", "raw-octets"},
      {"rfc2231_unencoded_then_encoded_segments", "charset-in-plain-section"},
      {"too_many_slashes_in_content_type", "second-slash"}};
  for (const auto& [name, row] : tables.at("TestContentTypeHeader.content_type_params").items()) {
    const auto text = row[0].get<std::string>();
    const ContentType type = parse_content_type(with_octets(text));
    // What is none is text/plain to them.
    const json ours = {type.is_valid() ? type.type + "/" + type.subtype : "text/plain",
                       parameters_json(type.parameters)};
    const json theirs = {row[1], row.size() > 4 ? lower_case_keys(row[4]) : json::object()};
    if (differences.contains(name))
      EXPECT_NE(ours, theirs) << name;
    else
      EXPECT_EQ(ours, theirs) << name << ": " << text;
  }
}

TEST(HeaderCorpus, PythonDispositions) {
  const json tables = table("cpython_headerregistry.json");
  if (tables.is_null()) GTEST_SKIP() << not_here("cpython_headerregistry.json");
  for (const auto& [name, row] : tables.at("TestContentDisposition.content_disp_params").items()) {
    const Disposition disposition = parse_disposition(row[0].get<std::string>());
    EXPECT_EQ(text_or_null(disposition.kind), row[1]) << name;
    EXPECT_EQ(parameters_json(disposition.parameters), row.size() > 2 ? row[2] : json::object()) << name;
  }
}

TEST(HeaderCorpus, PythonTransferEncodings) {
  const json tables = table("cpython_headerregistry.json");
  if (tables.is_null()) GTEST_SKIP() << not_here("cpython_headerregistry.json");
  for (const auto& [name, row] : tables.at("TestContentTransferEncoding.cte_params").items())
    EXPECT_EQ(to_string(parse_transfer_encoding(row[0].get<std::string>())), row[1].get<std::string>()) << name;
}

TEST(HeaderCorpus, PythonMimeVersions) {
  const json tables = table("cpython_headerregistry.json");
  if (tables.is_null()) GTEST_SKIP() << not_here("cpython_headerregistry.json");
  for (const auto& [name, row] : tables.at("TestMIMEVersionHeader.version_string_params").items()) {
    const std::optional<MimeVersion> version = parse_mime_version(row[0].get<std::string>());
    EXPECT_EQ(version ? json(version->major_number) : json(), row[3]) << name;
    EXPECT_EQ(version ? json(version->minor_number) : json(), row[4]) << name;
  }
}

TEST(HeaderCorpus, PythonUnstructured) {
  const json tables = table("cpython_headerregistry.json");
  if (tables.is_null()) GTEST_SKIP() << not_here("cpython_headerregistry.json");
  for (const auto& [name, row] : tables.at("TestUnstructuredHeader.string_params").items())
    EXPECT_EQ(text_value(row[0].get<std::string>()), row[1].get<std::string>()) << name;
}

}  // namespace
}  // namespace mailrig::mime
