#include "mime/fuzz/fuzz.h"
#include "mime/message/fields/address.h"
#include "mime/message/fields/idn.h"

using namespace mailrig::mime;        // NOLINT(google-build-using-namespace): a program of one function
using namespace mailrig::mime::fuzz;  // NOLINT(google-build-using-namespace)

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  Defects defects(input);
  const AddressList list = parse_address_list(input, &defects);
  check_defects(defects, input);
  check(list == parse_address_list(input), "defects change the reading");
  check(list.mailboxes.size() <= addresses_max && list.groups.size() <= addresses_max, "more addresses than the limit");
  for (const std::string& group : list.groups) check_text(group, input);
  for (const Mailbox& mailbox : list.mailboxes) {
    check(!mailbox.group || *mailbox.group < list.groups.size(), "a group that is not there");
    for (std::string_view text : {mailbox.name, mailbox.comment, mailbox.address, mailbox.route, mailbox.local()})
      check_text(text, input);
    const std::string domain(mailbox.domain());
    check(mailrig::is_well_formed_utf8(domain_to_ascii(domain)), "a domain that is not UTF-8");
    check(mailrig::is_well_formed_utf8(domain_to_unicode(domain)), "a domain that is not UTF-8");
    if (!defects.empty() || mailbox.address.empty()) continue;
    // What is without fault reads the same again.
    const AddressList again = parse_address_list("<" + mailbox.address + ">");
    check(again.mailboxes.size() == 1 && again.mailboxes.front().address == mailbox.address, "an address that changes");
  }
  return 0;
}
