#!/usr/bin/env bash
# node-ical 0.26.1 ignores a VTIMEZONE whose TZID is not the name of an IANA zone, and reads its times in the zone of the machine.
#
# RFC 5545 3.2.19: the TZID of a property names a VTIMEZONE of the same file, whatever the name is; Exchange writes "Customized Time Zone" and
# the like. The definition below is UTC+02:00 in July. ical.js 2.2.1 applies it; node-ical gives another instant on every machine, and does not say so.
source "$(dirname "$0")/common.sh"
npm_package node-ical@0.26.1 ical.js@2.2.1
cat >ask.mjs <<'JS'
import nodeIcal from 'node-ical';
import ICAL from 'ical.js';
const lines = ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//example//EN', 'BEGIN:VTIMEZONE', 'TZID:Office Zone',
  'BEGIN:STANDARD', 'DTSTART:19701025T030000', 'TZOFFSETFROM:+0200', 'TZOFFSETTO:+0100', 'RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU', 'END:STANDARD',
  'BEGIN:DAYLIGHT', 'DTSTART:19700329T020000', 'TZOFFSETFROM:+0100', 'TZOFFSETTO:+0200', 'RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU', 'END:DAYLIGHT',
  'END:VTIMEZONE', 'BEGIN:VEVENT', 'UID:1', 'DTSTAMP:20140602T090000Z', 'DTSTART;TZID=Office Zone:20140702T090000', 'SUMMARY:x', 'END:VEVENT', 'END:VCALENDAR', ''];
const text = lines.join('\r\n');
if (process.argv[2] === 'node-ical') console.log(nodeIcal.sync.parseICS(text)['1'].start.toISOString());
else console.log(new ICAL.Component(ICAL.parse(text)).getFirstSubcomponent('vevent').getFirstPropertyValue('dtstart').toJSDate().toISOString());
JS
expect_output "ical.js" 2014-07-02T07:00:00.000Z "$(TZ=UTC node ask.mjs ical.js)"
expect_output "node-ical on a machine in UTC" 2014-07-02T09:00:00.000Z "$(TZ=UTC node ask.mjs node-ical)"
expect_output "node-ical on a machine in New York" 2014-07-02T13:00:00.000Z "$(TZ=America/New_York node ask.mjs node-ical)"
