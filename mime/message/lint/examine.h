#pragma once
/// Everything that is wrong with a message: what parse() found on its way, and what only shows when all of its fields,
/// texts and bodies are read.
///
///   Message message = parse(source);
///   Defects defects = examine(message);
///   defects.list();                          // in the order of the source
///
/// Takes as long as reading the whole message does. One defect of a kind is told for each field or body, at its first
/// place.

#include "mime/message/message.h"

namespace mailrig::mime {

Defects examine(const Message& message);

}  // namespace mailrig::mime
