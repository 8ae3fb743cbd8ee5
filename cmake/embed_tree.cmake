# cmake -D ROOT=DIR -D LIST=FILE -D OUTPUT=FILE.inc -P embed_tree.cmake: the rows of a table of File{name, text}, one for each
# path (below ROOT) that LIST has a line for.
file(STRINGS ${LIST} PATHS)
set(ROWS "")
foreach(PATH ${PATHS})
  file(READ ${ROOT}/${PATH} HEX_BYTES HEX)
  file(SIZE ${ROOT}/${PATH} OCTETS)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "\\\\x\\1" LITERAL "${HEX_BYTES}")
  # Thirty octets a literal: neighbours are joined, and compilers count columns in 12 bits.
  string(REPEAT "...." 30 LINE)
  string(REGEX REPLACE "(${LINE})" "\\1\"\n\"" LITERAL "${LITERAL}")
  string(APPEND ROWS "{\"${PATH}\", {\"${LITERAL}\", ${OCTETS}}},\n")
endforeach()
file(WRITE ${OUTPUT} "${ROWS}")
