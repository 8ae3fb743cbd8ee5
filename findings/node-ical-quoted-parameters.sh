#!/usr/bin/env bash
# node-ical 0.26.1 loses an attendee with two quoted values in one parameter, and cuts a quoted name at a semicolon.
#
# RFC 5545 3.1: param = name "=" param-value *("," param-value), and a quoted value may hold ",", ";" and ":". An invitation that was delegated by
# two people (DELEGATED-FROM="mailto:a","mailto:b") has no attendee at all in the result; CN="Doe, Jane; x" becomes "Doe, Jane with its quote.
# The neighbouring case, a colon in quotes, is right. ical.js 2.2.1 reads all three.
source "$(dirname "$0")/common.sh"
npm_package node-ical@0.26.1 ical.js@2.2.1
cat >ask.mjs <<'JS'
import nodeIcal from 'node-ical';
import ICAL from 'ical.js';
const [reader, line] = process.argv.slice(2);
const text = ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//example//EN', 'BEGIN:VEVENT', 'UID:1', 'DTSTAMP:20140602T090000Z', 'DTSTART:20140702T090000Z', line,
  'END:VEVENT', 'END:VCALENDAR', ''].join('\r\n');
const name = line.split(/[;:]/)[0].toLowerCase();
if (reader === 'node-ical') {
  const property = nodeIcal.sync.parseICS(text)['1'][name];
  console.log(property === undefined ? 'absent' : `${property.params.CN ?? '-'} ${property.val}`);
} else {
  const property = new ICAL.Component(ICAL.parse(text)).getFirstSubcomponent('vevent').getFirstProperty(name);
  console.log(`${property.getParameter('cn') ?? '-'} ${property.getFirstValue()}`);
}
JS
delegated='ATTENDEE;DELEGATED-FROM="mailto:a@a.test","mailto:b@b.test":mailto:j@a.test'
semicolon='ORGANIZER;CN="Doe, Jane; x":mailto:j@a.test'
colon='ATTENDEE;CN="Doe: Jane":mailto:j@a.test'
expect_output "ical.js, delegated by two" "- mailto:j@a.test" "$(node ask.mjs ical.js "$delegated")"
expect_output "node-ical, delegated by two" absent "$(node ask.mjs node-ical "$delegated")"
expect_output "ical.js, semicolon in quotes" "Doe, Jane; x mailto:j@a.test" "$(node ask.mjs ical.js "$semicolon")"
expect_output "node-ical, semicolon in quotes" '"Doe, Jane mailto:j@a.test' "$(node ask.mjs node-ical "$semicolon")"
expect_output "node-ical, colon in quotes" "Doe: Jane mailto:j@a.test" "$(node ask.mjs node-ical "$colon")"
