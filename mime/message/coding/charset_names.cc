#include "mime/message/coding/charset_names.h"

#include <array>
#include <string>

namespace mailrig::mime {
namespace {

using enum CharsetKind;

// Names are compared without hyphens and the like, in lower case: "ISO_8859-1:1987" is "iso885911987".
struct Alias {
  std::string_view key;
  std::string_view name;
};

constexpr CharsetRow rows[] = {
    {"us-ascii", ascii, "", ""},
    {"utf-8", utf8, "", ""},
    {"iso-8859-1", single, "ISO-8859-1", "CP1252"},
    {"iso-8859-2", single, "ISO-8859-2", ""},
    {"iso-8859-3", single, "ISO-8859-3", ""},
    {"iso-8859-4", single, "ISO-8859-4", ""},
    {"iso-8859-5", single, "ISO-8859-5", ""},
    {"iso-8859-6", single, "ISO-8859-6", ""},
    {"iso-8859-7", single, "ISO-8859-7", ""},
    {"iso-8859-8", single, "ISO-8859-8", ""},
    {"iso-8859-9", single, "ISO-8859-9", "CP1254"},
    {"iso-8859-10", single, "ISO-8859-10", ""},
    {"iso-8859-11", single, "ISO-8859-11", "CP874"},
    {"iso-8859-13", single, "ISO-8859-13", ""},
    {"iso-8859-14", single, "ISO-8859-14", ""},
    {"iso-8859-15", single, "ISO-8859-15", ""},
    {"iso-8859-16", single, "ISO-8859-16", ""},
    {"windows-874", single, "CP874", ""},
    {"windows-1250", single, "CP1250", ""},
    {"windows-1251", single, "CP1251", ""},
    {"windows-1252", single, "CP1252", ""},
    {"windows-1253", single, "CP1253", ""},
    {"windows-1254", single, "CP1254", ""},
    {"windows-1255", single, "CP1255", ""},
    {"windows-1256", single, "CP1256", ""},
    {"windows-1257", single, "CP1257", ""},
    {"windows-1258", single, "CP1258", ""},
    {"ibm437", single, "CP437", ""},
    {"cp737", single, "CP737", ""},
    {"ibm775", single, "CP775", ""},
    {"ibm850", single, "CP850", ""},
    {"ibm852", single, "CP852", ""},
    {"ibm855", single, "CP855", ""},
    {"ibm857", single, "CP857", ""},
    {"ibm858", single, "CP850", ""},
    {"ibm860", single, "CP860", ""},
    {"ibm861", single, "CP861", ""},
    {"ibm862", single, "CP862", ""},
    {"ibm863", single, "CP863", ""},
    {"ibm864", single, "CP864", ""},
    {"ibm865", single, "CP865", ""},
    {"ibm866", single, "CP866", ""},
    {"ibm869", single, "CP869", ""},
    {"ibm037", single, "IBM037", ""},
    {"ibm500", single, "IBM500", ""},
    {"ibm1047", single, "IBM1047", ""},
    {"koi8-r", single, "KOI8-R", ""},
    {"koi8-u", single, "KOI8-U", ""},
    {"macintosh", single, "MACINTOSH", ""},
    {"x-mac-cyrillic", single, "MAC-CYRILLIC", ""},
    {"x-mac-ce", single, "MAC-CENTRALEUROPE", ""},
    {"tis-620", single, "TIS-620", "CP874"},
    {"viscii", single, "VISCII", ""},
    {"tcvn", single, "TCVN5712-1", ""},
    {"hp-roman8", single, "HP-ROMAN8", ""},
    {"armscii-8", single, "ARMSCII-8", ""},
    {"georgian-ps", single, "GEORGIAN-PS", ""},
    {"ptcp154", single, "PT154", ""},
    {"iso-ir-111", single, "ECMA-CYRILLIC", ""},
    {"shift_jis", multi, "SJIS", "CP932"},
    {"windows-31j", multi, "CP932", ""},
    {"euc-jp", multi, "EUC-JP", "EUC-JP-MS"},
    {"eucjp-ms", multi, "EUC-JP-MS", ""},
    {"gb2312", multi, "EUC-CN", "GB18030"},
    {"gbk", multi, "GBK", "GB18030"},
    {"gb18030", multi, "GB18030", ""},
    {"big5", multi, "BIG5", "BIG5-HKSCS"},
    {"big5-hkscs", multi, "BIG5-HKSCS", ""},
    {"euc-tw", multi, "EUC-TW", ""},
    {"euc-kr", multi, "EUC-KR", "UHC"},
    {"ks_c_5601-1987", multi, "EUC-KR", "UHC"},
    {"windows-949", multi, "UHC", ""},
    {"johab", multi, "JOHAB", ""},
    {"iso-2022-jp", iso_2022, "ISO-2022-JP", "CP50221"},
    {"iso-2022-jp-2", iso_2022, "ISO-2022-JP-2", "CP50221"},
    {"cp50221", iso_2022, "CP50221", ""},
    {"iso-2022-kr", iso_2022, "ISO-2022-KR", "UHC"},
    {"iso-2022-cn", iso_2022, "ISO-2022-CN-EXT", "GB18030"},
    {"utf-7", utf7, "UTF-7", ""},
    {"utf-16", multi, "UTF-16", ""},
    {"utf-16be", multi, "UTF-16BE", ""},
    {"utf-16le", multi, "UTF-16LE", ""},
    {"utf-32", multi, "UTF-32", ""},
    {"utf-32be", multi, "UTF-32BE", ""},
    {"utf-32le", multi, "UTF-32LE", ""},
};

constexpr Alias aliases[] = {
    // Plain text by all its names. "ansi" and "default" are what old programs write when they mean the ASCII that they
    // send.
    {"ascii", "us-ascii"},
    {"us", "us-ascii"},
    {"usascii7", "us-ascii"},
    {"ansix341968", "us-ascii"},
    {"ansix341986", "us-ascii"},
    {"ansix34", "us-ascii"},
    {"iso646us", "us-ascii"},
    {"iso646irv1991", "us-ascii"},
    {"isoir6", "us-ascii"},
    {"ibm367", "us-ascii"},
    {"cp367", "us-ascii"},
    {"csascii", "us-ascii"},
    {"646", "us-ascii"},
    {"unicode11utf8", "utf-8"},
    {"unicode20utf8", "utf-8"},
    {"utf8mb4", "utf-8"},
    {"utf8n", "utf-8"},
    {"cp65001", "utf-8"},
    {"65001", "utf-8"},
    {"csutf8", "utf-8"},
    {"unicode11utf7", "utf-7"},
    {"unicode20utf7", "utf-7"},
    {"cp65000", "utf-7"},
    {"csunicode11utf7", "utf-7"},
    {"unicode", "utf-16"},
    {"csunicode", "utf-16"},
    {"iso10646ucs2", "utf-16"},
    {"ucs2", "utf-16"},
    {"ucs4", "utf-32"},
    {"iso10646ucs4", "utf-32"},
    {"unicodefffe", "utf-16be"},
    {"ucs2be", "utf-16be"},
    {"ucs2le", "utf-16le"},
    // ISO 8859 by its parts' names and years.
    {"latin1", "iso-8859-1"},
    {"l1", "iso-8859-1"},
    {"iso885911987", "iso-8859-1"},
    {"isoir100", "iso-8859-1"},
    {"cp819", "iso-8859-1"},
    {"ibm819", "iso-8859-1"},
    {"isolatin1", "iso-8859-1"},
    {"csisolatin1", "iso-8859-1"},
    {"88591", "iso-8859-1"},
    {"latin2", "iso-8859-2"},
    {"l2", "iso-8859-2"},
    {"iso885921987", "iso-8859-2"},
    {"isoir101", "iso-8859-2"},
    {"csisolatin2", "iso-8859-2"},
    {"latin3", "iso-8859-3"},
    {"l3", "iso-8859-3"},
    {"iso885931988", "iso-8859-3"},
    {"csisolatin3", "iso-8859-3"},
    {"latin4", "iso-8859-4"},
    {"l4", "iso-8859-4"},
    {"iso885941988", "iso-8859-4"},
    {"csisolatin4", "iso-8859-4"},
    {"cyrillic", "iso-8859-5"},
    {"iso885951988", "iso-8859-5"},
    {"csisolatincyrillic", "iso-8859-5"},
    {"arabic", "iso-8859-6"},
    {"asmo708", "iso-8859-6"},
    {"ecma114", "iso-8859-6"},
    {"iso885961987", "iso-8859-6"},
    {"iso88596i", "iso-8859-6"},
    {"iso88596e", "iso-8859-6"},
    {"csisolatinarabic", "iso-8859-6"},
    {"greek", "iso-8859-7"},
    {"greek8", "iso-8859-7"},
    {"elot928", "iso-8859-7"},
    {"ecma118", "iso-8859-7"},
    {"iso885971987", "iso-8859-7"},
    {"csisolatingreek", "iso-8859-7"},
    {"hebrew", "iso-8859-8"},
    {"iso885981988", "iso-8859-8"},
    {"iso88598i", "iso-8859-8"},
    {"iso88598e", "iso-8859-8"},
    {"logical", "iso-8859-8"},
    {"visual", "iso-8859-8"},
    {"csisolatinhebrew", "iso-8859-8"},
    {"latin5", "iso-8859-9"},
    {"l5", "iso-8859-9"},
    {"iso885991989", "iso-8859-9"},
    {"csisolatin5", "iso-8859-9"},
    {"latin6", "iso-8859-10"},
    {"l6", "iso-8859-10"},
    {"latin7", "iso-8859-13"},
    {"l7", "iso-8859-13"},
    {"latin8", "iso-8859-14"},
    {"l8", "iso-8859-14"},
    {"latin9", "iso-8859-15"},
    {"l9", "iso-8859-15"},
    {"latin0", "iso-8859-15"},
    {"latin10", "iso-8859-16"},
    {"l10", "iso-8859-16"},
    // Code pages: "cp", "windows" and "ibm" before the number are taken off by find_charset().
    {"ansi", "windows-1252"},
    {"macroman", "macintosh"},
    {"mac", "macintosh"},
    {"csmacintosh", "macintosh"},
    {"macukrainian", "x-mac-cyrillic"},
    {"macce", "x-mac-ce"},
    {"maccentraleurroman", "x-mac-ce"},
    {"koi8", "koi8-r"},
    {"koi", "koi8-r"},
    {"cskoi8r", "koi8-r"},
    {"koi8ru", "koi8-u"},
    {"dos874", "windows-874"},
    {"tis6200", "tis-620"},
    {"tis62025330", "tis-620"},
    {"tcvn57121", "tcvn"},
    {"viscii111", "viscii"},
    {"roman8", "hp-roman8"},
    {"cp154", "ptcp154"},
    {"pt154", "ptcp154"},
    {"koi8e", "iso-ir-111"},
    {"ecmacyrillic", "iso-ir-111"},
    // East Asia.
    {"sjis", "shift_jis"},
    {"shiftjis", "shift_jis"},
    {"mskanji", "shift_jis"},
    {"csshiftjis", "shift_jis"},
    {"ms932", "windows-31j"},
    {"cswindows31j", "windows-31j"},
    {"ujis", "euc-jp"},
    {"cseucpkdfmtjapanese", "euc-jp"},
    {"extendedunixcodepackedformatforjapanese", "euc-jp"},
    {"jis", "iso-2022-jp"},
    {"jis7", "iso-2022-jp"},
    {"csiso2022jp", "iso-2022-jp"},
    {"iso2022jp1", "iso-2022-jp-2"},
    {"iso2022jp3", "iso-2022-jp"},
    {"iso2022jpms", "cp50221"},
    {"euccn", "gb2312"},
    {"gb", "gb2312"},
    {"gb231280", "gb2312"},
    {"gb23121980", "gb2312"},
    {"csgb2312", "gb2312"},
    {"chinese", "gb2312"},
    {"isoir58", "gb2312"},
    {"ms936", "gbk"},
    {"csgbk", "gbk"},
    {"gb180302000", "gb18030"},
    {"gb180302005", "gb18030"},
    {"big5eten", "big5"},
    {"cnbig5", "big5"},
    {"csbig5", "big5"},
    {"big5hkscs2004", "big5-hkscs"},
    {"hkscs", "big5-hkscs"},
    {"cseuckr", "euc-kr"},
    {"ksc56011987", "ks_c_5601-1987"},
    {"ksc5601", "ks_c_5601-1987"},
    {"ksc56011989", "ks_c_5601-1987"},
    {"isoir149", "ks_c_5601-1987"},
    {"korean", "ks_c_5601-1987"},
    {"uhc", "windows-949"},
    {"csksc56011987", "ks_c_5601-1987"},
    {"ksx1001", "ks_c_5601-1987"},
    {"csiso2022kr", "iso-2022-kr"},
    {"iso2022cnext", "iso-2022-cn"},
};

// Code pages by number, whatever stands before it.
constexpr Alias pages[] = {
    {"037", "ibm037"},        {"437", "ibm437"},        {"500", "ibm500"},           {"737", "cp737"},
    {"775", "ibm775"},        {"819", "iso-8859-1"},    {"850", "ibm850"},           {"852", "ibm852"},
    {"855", "ibm855"},        {"857", "ibm857"},        {"858", "ibm858"},           {"860", "ibm860"},
    {"861", "ibm861"},        {"862", "ibm862"},        {"863", "ibm863"},           {"864", "ibm864"},
    {"865", "ibm865"},        {"866", "ibm866"},        {"869", "ibm869"},           {"874", "windows-874"},
    {"932", "windows-31j"},   {"936", "gbk"},           {"949", "windows-949"},      {"950", "big5"},
    {"1047", "ibm1047"},      {"1200", "utf-16le"},     {"1201", "utf-16be"},        {"1250", "windows-1250"},
    {"1251", "windows-1251"}, {"1252", "windows-1252"}, {"1253", "windows-1253"},    {"1254", "windows-1254"},
    {"1255", "windows-1255"}, {"1256", "windows-1256"}, {"1257", "windows-1257"},    {"1258", "windows-1258"},
    {"1361", "johab"},        {"10000", "macintosh"},   {"10007", "x-mac-cyrillic"}, {"20127", "us-ascii"},
    {"20866", "koi8-r"},      {"21866", "koi8-u"},      {"28591", "iso-8859-1"},     {"28592", "iso-8859-2"},
    {"28595", "iso-8859-5"},  {"28597", "iso-8859-7"},  {"28605", "iso-8859-15"},    {"50220", "cp50221"},
    {"50221", "cp50221"},     {"50222", "cp50221"},     {"51932", "euc-jp"},         {"51949", "euc-kr"},
    {"54936", "gb18030"},
};

/// Letters and digits alone, in lower case; what stands around quotes is cut off with them.
std::string key_of(std::string_view name) {
  std::string key;
  for (char c : name.substr(0, charset_name_max)) {
    if (c >= 'A' && c <= 'Z')
      key += static_cast<char>(c - 'A' + 'a');
    else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
      key += c;
    else if (c == ';' || c == ',')  // "utf-8; format=flowed" and "utf-8,"
      break;
  }
  return key;
}

const CharsetRow* row_named(std::string_view key) {
  for (const CharsetRow& row : rows)
    if (key_of(row.name) == key) return &row;
  return nullptr;
}

const CharsetRow* find_key(std::string_view key) {
  if (const CharsetRow* row = row_named(key)) return row;
  for (const Alias& alias : aliases)
    if (alias.key == key) return row_named(key_of(alias.name));
  for (std::string_view prefix : {"cp", "windows", "win", "ibm", "ms", "dos", "codepage", "cspc", ""}) {
    if (!key.starts_with(prefix)) continue;
    for (const Alias& page : pages)
      if (page.key == key.substr(prefix.size())) return row_named(key_of(page.name));
  }
  return nullptr;
}

}  // namespace

const CharsetRow* find_charset(std::string_view name) {
  const std::string key = key_of(name);
  if (key.empty()) return nullptr;
  if (const CharsetRow* row = find_key(key)) return row;
  // "x-" before a name that needs none: x-gbk, x-windows-1252.
  return key.front() == 'x' && key.size() > 1 ? find_key(std::string_view(key).substr(1)) : nullptr;
}

std::span<const CharsetRow> charset_rows() { return rows; }

}  // namespace mailrig::mime
