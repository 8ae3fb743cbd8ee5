#!/usr/bin/env bash
# libwbxml 0.11.8 (Debian 12) removes blanks and line breaks at both ends of every text, when it encodes and when it decodes.
#
# WBXML carries the content of an element as a string, and MS-ASWBXML gives blanks in it no other meaning than in any string. libwbxml treats
# them as ignorable white space between tags unless it is told to keep them, so an ActiveSync message body loses its final CRLF and a subject
# its leading blank; the library reports success. Option -k (wbxml_conv_*_enable_preserve_whitespaces in the API) keeps them, and is needed in
# both directions.
source "$(dirname "$0")/common.sh"
debian_package libwbxml2-1=0.11.8+dfsg-3 libwbxml2-utils=0.11.8+dfsg-3
export LD_LIBRARY_PATH=$scratch/root/usr/lib/$(dpkg-architecture -qDEB_HOST_MULTIARCH 2>/dev/null || echo x86_64-linux-gnu)
encode() { root/usr/bin/xml2wbxml -v 1.3 -a "$@" -o out.wbxml in.xml >/dev/null 2>&1 && od -An -v -tx1 out.wbxml | tr -d ' \n'; }
decode() { root/usr/bin/wbxml2xml -l ACTIVESYNC -m 0 "$@" -o - in.wbxml 2>/dev/null | sed 's/.*<Data>\(.*\)<\/Data>.*/[\1]/'; }

cat >in.xml <<'XML'
<?xml version="1.0"?><!DOCTYPE ActiveSync PUBLIC "-//MICROSOFT//DTD ActiveSync//EN" "http://www.microsoft.com/">
<Sync xmlns="AirSync:"><ApplicationData><Subject xmlns="Email:"> two blanks around </Subject></ApplicationData></Sync>
XML
contains() { [[ $1 == *"$2"* ]] && echo yes || echo no; }
blank_text=0320$(printf 'two blanks around ' | od -An -v -tx1 | tr -d ' \n')00
expect_output "encoded as it is" no "$(contains "$(encode -n)" "$blank_text")"
expect_output "encoded as it is with -k" yes "$(contains "$(encode -n -k)" "$blank_text")"

# <Sync><ApplicationData><Body><Type>1</Type><Data> ab </Data></Body></ApplicationData></Sync>: code pages 0 and 17, inline strings
printf '\x03\x01\x6a\x00\x45\x5d\x00\x11\x4a\x46\x03\x31\x00\x01\x4b\x03\x20\x61\x62\x20\x00\x01\x01\x01\x01' >in.wbxml
expect_output "decoded" "[ab]" "$(decode)"
expect_output "decoded with -k" "[ ab ]" "$(decode -k)"
