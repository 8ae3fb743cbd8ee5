#!/usr/bin/env bash
# address-rfc2822 2.2.4 (npm, of Haraka) gives names that the field does not hold: name() makes them from the address, a comment's words, or changes case.
#
# RFC 5322 3.4: the display name is the phrase before "<"; an address without one has none, and quoted strings are case-preserving.
# name() turns comments around at their comma, and writes names that look like shouting, or like an address, in title case.
source "$(dirname "$0")/common.sh"
npm_package address-rfc2822@2.2.4
cat >ask.cjs <<'JS'
const { parse } = require('address-rfc2822');
console.log(parse(process.argv[2])[0].name());
JS
expect_output "no name at all" "John Doe+Tag" "$(node ask.cjs 'john.doe+tag@a.test')"
expect_output "a comment with a comma" "with comma Comment" "$(node ask.cjs 'j@a.test (Comment, with comma)')"
expect_output "an address as name" "J@Old.Test" "$(node ask.cjs '"j@old.test" <j@new.test>')"
