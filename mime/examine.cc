#include "mime/examine.h"

namespace mailrig::mime {

Defects examine(const Message& message) { return message.defects(); }

}  // namespace mailrig::mime
