#pragma once
/// Every text of the fake CRM that a personality words: the messages of its answers. A key is the code of the answer
/// and, after a point, which of the code's messages it is. Example: "INVALID_DATA.id" is "the id given seems to be
/// invalid".

#include <span>

#include "base/result.h"
#include "base/value.h"
#include "fakeservers/core/reply_template.h"

namespace mailrig::fakeservers::crm {

std::span<const TextKey> text_keys();
/// Error bad_input: a key that there is not, or a text that is none; Error::reason is "texts.KEY".
Status check_texts(const Value* texts);

}  // namespace mailrig::fakeservers::crm
