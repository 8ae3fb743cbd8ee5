#!/usr/bin/env bash
# eml-format 0.6.1 (npm) puts the closing delimiter and the epilogue into the HTML text, and reads only the first word of an encoded subject.
#
# RFC 2046 5.1.1: the last part ends at "--boundary--", and what follows is not displayed. RFC 2047 6.2: white space between two encoded words is
# not displayed, and both are.
source "$(dirname "$0")/common.sh"
npm_package eml-format@0.6.1
cat >ask.cjs <<'JS'
const message = ['From: a@a.test', 'To: b@b.test', 'Subject: =?utf-8?Q?one?=', ' =?utf-8?Q?two?=', 'MIME-Version: 1.0',
  'Content-Type: multipart/alternative; boundary=q', '', '--q', 'Content-Type: text/plain', '', 'text', '--q', 'Content-Type: text/html', '', '<b>x</b>', '--q--',
  'epilogue', ''].join('\r\n');
require('eml-format').read(message, (error, data) => console.log(JSON.stringify([data.subject, data.text, data.html])));
JS
expect_output "subject, text, html" '["one","text","<b>x</b>\r\n--q--\r\nepilogue\r\n"]' "$(node ask.cjs)"
