#include "mime/fuzz/fuzz.h"
#include "mime/message/fields/encoded_word.h"

using namespace mailrig::mime;        // NOLINT(google-build-using-namespace): a program of one function
using namespace mailrig::mime::fuzz;  // NOLINT(google-build-using-namespace)

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  static Charsets charsets;  // opening them costs more than all the rest
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  Defects defects(input);
  const std::string text = text_value(input, &defects, &charsets);
  check_text(text, input);
  check_defects(defects, input);
  check(text == text_value(input, nullptr, &charsets), "defects change the reading");
  check(encoded_word_size(input) <= size, "a word that is longer than the text");
  for (WordPlace place : {WordPlace::text, WordPlace::quoted, WordPlace::parameter})
    check_text(decode_words(input, &defects, &charsets, place), input);
  if (input.find("=?") == std::string_view::npos) check_text(raw_text(input, &defects), input);
  return 0;
}
