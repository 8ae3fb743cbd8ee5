#pragma once
/// Content transfer encodings (RFC 2045 §6), each in a file of its own.

#include "mime/base64.h"
#include "mime/quoted_printable.h"
