#include "net/tls/tls_records.h"

#include <gtest/gtest.h>

namespace mailrig {
namespace {

using namespace std::string_literals;

TEST(TlsRecords, WhatCouldBeTls) {
  for (const std::string& octets :
       {""s, "\x14"s, "\x15"s, "\x16"s, "\x17"s, "\x16\x03"s, "\x16\x03\x01\x02"s, "\x15\x03\x03"s})
    EXPECT_TRUE(could_be_tls(octets));
  for (const std::string& octets :
       {"\x13"s, "\x18"s, "+OK"s, "\x16\x02"s, "\x16\x04"s, "\x80\x2e\x01"s, "\xff"s, "\0"s, "220 ready"s})
    EXPECT_FALSE(could_be_tls(octets));
}

// RFC 5246 §7.4: a message is its type, the length in three octets, the body. Written by hand.
const std::string server_hello = "\x02\x00\x00\x02\x03\x03"s;
const std::string server_done = "\x0e\x00\x00\x00"s;
const std::string old_certificate =
    "\x0b\x00\x00\x08\x00\x00\x05\x00\x00\x02"
    "ab"s;
const std::string new_certificate = "\x0b\x00\x00\x0c\x00\x00\x09\x00\x00\x01X\x00\x00\x02YZ"s;

std::string record(const std::string& payload, char type = 22) {
  return std::string{type, 3, 3, static_cast<char>(payload.size() / 256), static_cast<char>(payload.size() % 256)} +
         payload;
}

TEST(TlsRecords, TheListOfCertificatesIsExchanged) {
  std::string flight = record(server_hello) + record(old_certificate) + record(server_done);
  EXPECT_EQ(replace_certificates(flight, {"X", "YZ"}), record(server_hello + new_certificate + server_done));
  EXPECT_EQ(replace_certificates(record(server_hello + old_certificate + server_done), {"X", "YZ"}),
            record(server_hello + new_certificate + server_done));
}

TEST(TlsRecords, AMessageMaySpanRecords) {
  for (std::size_t cut = 1; cut < old_certificate.size(); ++cut)
    EXPECT_EQ(
        replace_certificates(
            record(server_hello + old_certificate.substr(0, cut)) + record(old_certificate.substr(cut)), {"X", "YZ"}),
        record(server_hello + new_certificate))
        << cut;
}

TEST(TlsRecords, AnEmptyListIsAList) {
  EXPECT_EQ(replace_certificates(record(old_certificate), {}), record("\x0b\x00\x00\x03\x00\x00\x00"s));
}

TEST(TlsRecords, OtherFlightsStayAsTheyAre) {
  std::string encrypted = record("\x01", 20) + record("\x0b is not a message here");
  EXPECT_EQ(replace_certificates(encrypted, {"X"}), encrypted) << "after ChangeCipherSpec all is encrypted";
  EXPECT_EQ(replace_certificates(record(server_hello) + encrypted, {"X"}), record(server_hello) + encrypted);
  EXPECT_EQ(replace_certificates(record("\x02\x28", 21), {"X"}), record("\x02\x28", 21));
  EXPECT_EQ(replace_certificates("", {"X"}), "");
}

TEST(TlsRecords, ABigListTakesSeveralRecords) {
  std::string big(40'000, 'c');
  std::string flight = replace_certificates(record(old_certificate), {big});
  // 40,000 and three lengths and a type: 40,010 octets in records of 16,384 at most.
  EXPECT_EQ(flight.size(), 40'010U + 3 * 5);
  EXPECT_EQ(flight.substr(0, 5), "\x16\x03\x03\x40\x00"s);
  EXPECT_EQ(flight.substr(5, 10), "\x0b\x00\x9c\x46\x00\x9c\x43\x00\x9c\x40"s);
  EXPECT_EQ(flight.substr(2 * (5 + 16'384), 5), "\x16\x03\x03\x1c\x4a"s);
}

}  // namespace
}  // namespace mailrig
