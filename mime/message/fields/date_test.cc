#include "mime/message/fields/date.h"

#include <gtest/gtest.h>

namespace mailrig::mime {
namespace {

std::string iso(std::string_view text, Defects* defects = nullptr) {
  std::optional<Date> date = parse_date(text, defects);
  return date ? to_iso8601(*date) : "none";
}

struct Case {
  std::string_view text;
  std::string_view iso;
};

TEST(Dates, InTheFormsOfRfc5322) {
  for (const Case& c : std::initializer_list<Case>{
           {"Mon, 2 Jun 2014 08:00:00 +0000", "2014-06-02T08:00:00+00:00"},
           {"2 Jun 2014 08:00 +0530", "2014-06-02T08:00:00+05:30"},
           {" Sat, 29 Feb 2020 23:59:59 -0000\r\n", "2020-02-29T23:59:59-00:00"},
           {"Thu, 13 Feb 1969 23:32:54 -0330", "1969-02-13T23:32:54-03:30"},
           {"Sun,\r\n\t01\r\n Jun 2014 00:00:00\r\n +0200 (CEST)\r\n", "2014-06-01T00:00:00+02:00"},
           {"Mon, 1 Jan 0001 00:00:00 +0000", "0001-01-01T00:00:00+00:00"},
           {"Fri, 31 Dec 9999 23:59:59 +0000", "9999-12-31T23:59:59+00:00"}}) {
    Defects defects(c.text);
    EXPECT_EQ(iso(c.text, &defects), c.iso) << c.text;
    EXPECT_TRUE(defects.empty()) << c.text << ": " << kind_of(defects.list().front().code).name;
  }
}

TEST(Dates, InTheObsoleteForms) {
  for (const Case& c : std::initializer_list<Case>{{"Fri, 21 Nov 97 09:55:06 EST", "1997-11-21T09:55:06-05:00"},
                                                   {"21 Nov 49 09:55:06 GMT", "2049-11-21T09:55:06+00:00"},
                                                   {"21 Nov 50 09:55:06 GMT", "1950-11-21T09:55:06+00:00"},
                                                   {"21 Nov 114 09:55:06 PDT", "2014-11-21T09:55:06-07:00"},
                                                   {"21 Nov 99 09 : 55 (a) : (b) 06 MST", "1999-11-21T09:55:06-07:00"},
                                                   {"1 Jul 03 10:52 ut", "2003-07-01T10:52:00+00:00"}}) {
    Defects defects(c.text);
    EXPECT_EQ(iso(c.text, &defects), c.iso) << c.text;
    EXPECT_TRUE(defects.has(DefectCode::obsolete_date)) << c.text;
    EXPECT_FALSE(defects.has(DefectCode::foreign_date)) << c.text;
  }
}

TEST(Dates, InTheFormsOfTheWild) {
  for (const Case& c : std::initializer_list<Case>{
           {"Mon Jun  2 10:00:00 2014", "2014-06-02T10:00:00+00:00"},  // asctime
           {"Mon Jun 2 10:00:00 EDT 2014", "2014-06-02T10:00:00-04:00"},
           {"Monday, 02-Jun-14 10:00:00 GMT", "2014-06-02T10:00:00+00:00"},  // RFC 850
           {"02-Jun-2014 10:00:00 +0200", "2014-06-02T10:00:00+02:00"},      // IMAP
           {"2014-06-02T10:00:00Z", "2014-06-02T10:00:00+00:00"},
           {"2014-06-02T10:00:00.123-05:00", "2014-06-02T10:00:00-05:00"},
           {"2014-06-02 10:00:00 +0200", "2014-06-02T10:00:00+02:00"},
           {"20140602T100000Z", "2014-06-02T10:00:00+00:00"},
           {"2014/06/02 10:00", "2014-06-02T10:00:00+00:00"},
           {"6/2/2014 10:00:00 PM", "2014-06-02T22:00:00+00:00"},
           {"6/13/2014 12:05:00 AM", "2014-06-13T00:05:00+00:00"},
           {"13/6/2014 10:00", "2014-06-13T10:00:00+00:00"},
           {"2.6.2014 10:00:00 +0200", "2014-06-02T10:00:00+02:00"},
           {"2. Juni 2014 10:00:00 +0200", "none"},  // a word that is no month of the list
           {"Mo, 2. Mai 2014 10:00:00 +0200", "2014-05-02T10:00:00+02:00"},
           {"lun., 2 juil. 2014 10:00:00 +0200", "2014-07-02T10:00:00+02:00"},
           {"2 D\xc3\xa9"
            "cembre 2014 10:00:00 +0100",
            "2014-12-02T10:00:00+01:00"},
           {"June 2nd, 2014 10:00:00 +0000", "2014-06-02T10:00:00+00:00"},
           {"Mon, 2 Jun 2014 10.00.05 +0200", "2014-06-02T10:00:05+02:00"},
           {"Mon, 2 Jun 2014 10:00:00 GMT+0200", "2014-06-02T10:00:00+02:00"},
           {"Mon, 2 Jun 2014 10:00:00 +2", "2014-06-02T10:00:00+02:00"},
           {"Mon, 2 Jun 2014 10:00:00 EST5EDT", "2014-06-02T10:00:00-05:00"},
           {"by a.test with SMTP id 7 for <x@y>; Mon, 2 Jun 2014 10:00:00 +0000", "2014-06-02T10:00:00+00:00"}}) {
    Defects defects(c.text);
    EXPECT_EQ(iso(c.text, &defects), c.iso) << c.text;
  }
  for (std::string_view odd : {"Mon Jun  2 10:00:00 2014", "2014-06-02T10:00:00Z", "6/13/2014 10:00",
                               "2 Mai 2014 10:00:00 +0200", "2 Jun 2014 10:00:00 PM"}) {
    Defects defects(odd);
    parse_date(odd, &defects);
    EXPECT_TRUE(defects.has(DefectCode::foreign_date)) << odd;
  }
}

TEST(Dates, WhatIsDoubtfulIsSaid) {
  const std::pair<std::string_view, DefectCode> cases[] = {
      {"Tue, 2 Jun 2014 10:00:00 +0000", DefectCode::wrong_weekday},
      {"6/2/2014 10:00:00 +0000", DefectCode::ambiguous_date},
      {"2 Jun 2014 10:00:00", DefectCode::date_without_zone},
      {"2 Jun 2014 10:00:00 XYZ", DefectCode::date_without_zone},
      {"2 Jun 2014 10:00:00 A", DefectCode::date_without_zone},
      {"2 Jun 2014 10:00:00 +0000 (open", DefectCode::unclosed_comment},
      {"yesterday", DefectCode::invalid_date}};
  for (const auto& [text, code] : cases) {
    Defects defects(text);
    parse_date(text, &defects);
    EXPECT_TRUE(defects.has(code)) << text;
  }
  Defects same("6/6/2014 10:00:00 +0000");
  parse_date("6/6/2014 10:00:00 +0000", &same);
  EXPECT_FALSE(same.has(DefectCode::ambiguous_date));
}

TEST(Dates, WhatIsNoneIsNone) {
  for (std::string_view none : {"",
                                "Mon",
                                "yesterday",
                                "31 Feb 2014 08:00:00 +0000",
                                "29 Feb 2015 08:00:00 +0000",
                                "2 Jux 2014 08:00:00",
                                "2 Jun 2014 24:00:00",
                                "2 Jun 2014 08:60:00",
                                "2 Jun 2014 08",
                                "2 Jun 2014 08:00:61",
                                "2 Jun 2014 a:b:c",
                                "2 Jun 2014",
                                "0 Jun 2014 08:00:00",
                                "32 Jun 2014 08:00:00",
                                "2 Jun 20145 08:00:00",
                                "2014-13-02 08:00:00",
                                "2014-06- 08:00:00",
                                "99999999999999999999 08:00:00",
                                "2-Jun 08:00:00 2014",
                                ":",
                                "2 Jun 2014 8:",
                                ";;;1"})
    EXPECT_EQ(iso(none), "none") << none;
}

TEST(Dates, TheOffsetIsKeptAndTakenOff) {
  EXPECT_EQ(parse_date("1 Jan 2014 02:00:00 +0200")->instant(), *parse_instant("2014-01-01T00:00:00Z"));
  EXPECT_EQ(parse_date("1 Jan 2014 02:00:00 -0200")->instant(), *parse_instant("2014-01-01T04:00:00Z"));
  EXPECT_EQ(parse_date("1 Jan 2014 02:00:00 +1345")->offset_minutes, 13 * 60 + 45);
  EXPECT_EQ(parse_date("1 Jan 2014 02:00:00 +2500")->offset_minutes, 0);
  EXPECT_EQ(parse_date("1 Jan 2014 23:59:60 +0000")->instant(), *parse_instant("2014-01-01T23:59:59Z"));
  EXPECT_EQ(parse_date("1 Jan 1970 00:00:00 +0100")->time.time_since_epoch().count(), -3600);
  EXPECT_LT(parse_date("1 Jan 0001 00:00:00 +0000")->instant(), parse_date("1 Jan 1700 00:00:00 +0000")->instant());
  EXPECT_EQ(to_iso8601(date_of(*parse_instant("2014-06-02T10:00:00.5Z"))), "2014-06-02T10:00:00+00:00");
}

TEST(Dates, CutAnywhere) {
  constexpr std::string_view whole = "Mon, 2 Jun 2014 10:00:00 +0200 (CEST)";
  for (std::size_t cut = 0; cut <= whole.size(); ++cut) {
    const std::string date = iso(whole.substr(0, cut));
    // Never another day, and never a time that was not written.
    if (date == "none") continue;
    EXPECT_TRUE(date.starts_with("2014-06-02T10:0")) << cut << ' ' << date;
  }
}

}  // namespace
}  // namespace mailrig::mime
