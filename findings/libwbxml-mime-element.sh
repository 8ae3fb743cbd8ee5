#!/usr/bin/env bash
# libwbxml 0.11.8 (Debian 12) calls the element with the message of an ActiveSync SendMail MIME where the protocol calls it Mime.
#
# MS-ASWBXML, code page 21 (ComposeMail): token 0x10 is "Mime", and MS-ASCMD writes <Mime> in SendMail, SmartReply and SmartForward. libwbxml
# decodes the token to <MIME>; and the <Mime> of the specification, being unknown to it, is encoded as a literal tag with its name in a string
# table, without an error. No server reads a message there, and MS-ASWBXML allows no string table. A program that speaks by this library has to
# write <MIME>, and its content in base64: the library makes the opaque octets of it, and refuses text.
source "$(dirname "$0")/common.sh"
debian_package libwbxml2-1=0.11.8+dfsg-3 libwbxml2-utils=0.11.8+dfsg-3
export LD_LIBRARY_PATH=$scratch/root/usr/lib/$(dpkg-architecture -qDEB_HOST_MULTIARCH 2>/dev/null || echo x86_64-linux-gnu)
encode() {
  printf '<?xml version="1.0"?><!DOCTYPE ActiveSync PUBLIC "-//MICROSOFT//DTD ActiveSync//EN" "http://www.microsoft.com/">%s' "$1" >in.xml
  root/usr/bin/xml2wbxml -v 1.3 -a "${@:2}" -o out.wbxml in.xml >/dev/null 2>&1 && od -An -v -tx1 out.wbxml | tr -d ' \n'
}

# <SendMail><ClientId>1</ClientId><Mime>(opaque, 5 octets)</Mime></SendMail>
printf '\x03\x01\x6a\x00\x00\x15\x45\x51\x03\x31\x00\x01\x50\xc3\x05Hi\r\n\n\x01\x01' >in.wbxml
expect_output "token 0x10 decoded" '<SendMail xmlns="ComposeMail:"><ClientId>1</ClientId><MIME>SGkNCgo=</MIME></SendMail>' \
  "$(root/usr/bin/wbxml2xml -l ACTIVESYNC -m 0 -o - in.wbxml 2>/dev/null | sed 's/.*com\/">//')"
# After the header (version, public id, charset): string table length, table. 44 is a literal tag with content, 50 the token with content.
expect_output "<Mime> encoded" 03016a054d696d650000154544 "$(encode '<SendMail xmlns="ComposeMail:"><Mime>H</Mime></SendMail>' | cut -c1-26)"
expect_output "<MIME> encoded, no string table" 03016a0000154550c30548690d0a0a0101 "$(encode '<SendMail xmlns="ComposeMail:"><MIME>SGkNCgo=</MIME></SendMail>' -n)"
expect_output "<Mime> encoded, no string table" refused "$(encode '<SendMail xmlns="ComposeMail:"><Mime>H</Mime></SendMail>' -n || echo refused)"
