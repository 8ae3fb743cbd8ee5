#!/usr/bin/env bash
# libmime 5.6.4 (npm, under mailparser, mailsplit and imapflow) takes a comment after a parameter's value for a part of the value.
#
# RFC 2045 5.1 allows RFC 822 comments in Content-Type, and has one in its own examples: charset=us-ascii (Plain text) equals charset="us-ascii".
# The charset that results is not the name of any.
source "$(dirname "$0")/common.sh"
npm_package libmime@5.6.4
cat >ask.cjs <<'JS'
const { parseHeaderValue } = require('libmime');
console.log(JSON.stringify(parseHeaderValue('text/plain; charset=us-ascii (Plain text); format=flowed').params));
JS
expect_output "parameters" '{"charset":"us-ascii (Plain text)","format":"flowed"}' "$(node ask.cjs)"
