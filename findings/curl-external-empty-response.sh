#!/usr/bin/env bash
# curl 7.88.1 answers the challenge of AUTH EXTERNAL with the line "=" where it has no user name: base64 of nothing is an empty line.
#
# "=" stands for an empty *initial* response, in the AUTH command (RFC 4954 section 4, RFC 5034 section 4), where an empty
# argument could not be seen. In a line of its own it is no base64, and a server that reads strictly refuses it.
source "$(dirname "$0")/common.sh"
debian_package curl=7.88.1-10+deb12u15 libcurl4=7.88.1-10+deb12u15
export LD_LIBRARY_PATH=$scratch/root/usr/lib/x86_64-linux-gnu
cat >server.py <<'PYTHON'
import socket

listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen(1)
listener.settimeout(20)
print(listener.getsockname()[1], flush=True)
stream = listener.accept()[0].makefile("rwb", 0)
stream.write(b"+OK ready\r\n")
asked = False
for line in iter(stream.readline, b""):
    if asked:
        print("response", line.rstrip().decode(), flush=True)
    asked = line.startswith(b"AUTH")
    verb = line.split()[:1]
    stream.write(b"+OK\r\nSASL EXTERNAL\r\n.\r\n" if verb == [b"CAPA"] else b"+ \r\n" if asked else
                 b"+OK\r\n.\r\n" if verb == [b"LIST"] else b"+OK\r\n")
    if verb == [b"QUIT"]:
        break
PYTHON

response_of() {  # response_of USER: what curl answers to the empty challenge
  local port= server
  python3 server.py >told &
  server=$!
  until port=$(head -n 1 told) && [[ -n $port ]]; do kill -0 "$server" || return; done
  root/usr/bin/curl -s -m 10 "pop3://;AUTH=EXTERNAL@127.0.0.1:$port/" -u "$1:" >/dev/null || true
  wait "$server"
  tail -n +2 told
}

expect_output "with a user name" "response YW5uYQ==" "$(response_of anna)"
expect_output "without" "response =" "$(response_of '')"
