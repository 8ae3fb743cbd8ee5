# cmake -D INPUT=FILE -D OUTPUT=FILE.inc -P embed_file.cmake: the bytes of a file as C++ character literals, each with a
# comma after it. Literals and not numbers, since char may be signed and 0xC3 would not fit it.
file(READ ${INPUT} HEX_BYTES HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," LITERALS "${HEX_BYTES}")
# Forty bytes a line: compilers count columns in 12 bits before they give up on places.
string(REPEAT "[^,]*," 40 LINE)
string(REGEX REPLACE "(${LINE})" "\\1\n" LITERALS "${LITERALS}")
file(WRITE ${OUTPUT} "${LITERALS}\n")
