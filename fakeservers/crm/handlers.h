#pragma once
/// One function a call; each is a row in the table of call.cc. The module in the path is known to exist, the body to be
/// an object.

#include "fakeservers/crm/http/call.h"

namespace mailrig::fakeservers::crm {

// read.cc
Reply on_get(Call& call);
Reply on_list(Call& call);
Reply on_deleted(Call& call);
Reply on_related(Call& call);
// search.cc
Reply on_search(Call& call);
// write.cc
Reply on_insert(Call& call);
Reply on_upsert(Call& call);
Reply on_update(Call& call);
Reply on_delete(Call& call);
Reply on_add_note(Call& call);
// convert.cc
Reply on_convert(Call& call);
// mail.cc
Reply on_associate(Call& call);
Reply on_emails(Call& call);
Reply on_email(Call& call);
Reply on_email_available(Call& call);

}  // namespace mailrig::fakeservers::crm
