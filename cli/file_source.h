#pragma once
/// A file as the content of a message: read in pieces, as often as it is asked for, and never kept.
///
///   mime::Source offer = file_source("offer.pdf");
///   media_type_of("offer.pdf") == "application/pdf"

#include <string>
#include <string_view>

#include "mime/compose/source.h"

namespace mailrig::cli {

/// The pieces end in an error (environment) where the file cannot be read.
mime::Source file_source(std::string path);

/// By the name's ending; application/octet-stream where it says nothing.
std::string_view media_type_of(std::string_view file_name);

}  // namespace mailrig::cli
