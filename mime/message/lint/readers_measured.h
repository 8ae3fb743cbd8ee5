#pragma once
/// The table of what other readers made of each construct, and their versions. For mime/message/lint/readers_differ.cc.

#include <span>
#include <string_view>

#include "mime/message/lint/readers_differ.h"

namespace mailrig::mime {

/// Null where all readers agree, or none was asked. `field`: Defect::field.
const ReaderNote* measured_note(DefectCode code, std::string_view field);
const ReaderNote* measured_note(std::string_view name);
std::span<const ReaderNote> measured_notes();

/// "3.2.13"
std::string_view reader_version(std::string_view reader);

}  // namespace mailrig::mime
