#!/usr/bin/env bash
# An mbox with CRLF line ends, as programs on Windows write it: mboxgrep 0.7.9 finds no message in it, formail 3.22 takes two for one.
#
# RFC 4155 leaves the line end of the default format to the system. Python's mailbox reads two.
source "$(dirname "$0")/common.sh"
debian_package mboxgrep=0.7.9-6 procmail=3.22-27
for number in 1 2; do
  printf 'From a@a.test Mon Jun  2 09:00:00 2014\nFrom: a@a.test\nSubject: %s\n\nbody\n\n' "$number"
done >lf.mbox
sed 's/$/\r/' lf.mbox >crlf.mbox
count_formail() { root/usr/bin/formail -s echo message <"$1" | wc -l | tr -d ' '; }
count_mboxgrep() { root/usr/bin/mboxgrep -c . "$1" || true; }
expect_output "mboxgrep, LF" 2 "$(count_mboxgrep lf.mbox)"
expect_output "mboxgrep, CRLF" 0 "$(count_mboxgrep crlf.mbox)"
expect_output "formail, LF" 2 "$(count_formail lf.mbox)"
expect_output "formail, CRLF" 1 "$(count_formail crlf.mbox)"
