#include "mime/fuzz/fuzz.h"
#include "mime/message/fields/date.h"

using namespace mailrig::mime;        // NOLINT(google-build-using-namespace): a program of one function
using namespace mailrig::mime::fuzz;  // NOLINT(google-build-using-namespace)

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  Defects defects(input);
  const std::optional<Date> date = parse_date(input, &defects);
  check_defects(defects, input);
  check(date == parse_date(input), "defects change the reading");
  check(date.has_value() != defects.has(DefectCode::invalid_date), "a date that is none, or none that is not said");
  if (!date) return 0;
  check(std::abs(date->offset_minutes) < 24 * 60, "an offset of more than a day");
  const std::string iso = to_iso8601(*date);
  check(iso.size() == 25, "an ISO date of another length");
  check(parse_date(iso) == date, "a date that changes");
  return 0;
}
