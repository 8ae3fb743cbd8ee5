"""Plays the dialogues of a file to a POP3 server and prints them with the replies that came.

    talk.py FILE PLAIN_PORT TLS_PORT

Lines of FILE, those of replies being left out of account (they are what this prints):

    == TITLE          a connection; one whose title has "implicit" begins with TLS
    C: TEXT           TEXT and CRLF
    R2: TEXT          TEXT alone, with \\r and \\n where they are, and two replies to wait for
    TLS               a handshake
    S: TEXT           a line of a reply, or what became of the connection in < >
    E: TEXT           what comes after the last reply, once nothing more is said

\\xHH is an octet, {x*40} is forty times x. No reply is waited for by time, but a silent server is left after 20 s.
"""
import re
import socket
import ssl
import sys

CONTEXT = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
CONTEXT.check_hostname = False  # who it is, is not the matter: it listens on this machine
CONTEXT.verify_mode = ssl.CERT_NONE


def octets(text):
    text = re.sub(r"\{(.)\*(\d+)\}", lambda m: m[1] * int(m[2]), text)
    return text.encode("latin-1").decode("unicode_escape").encode("latin-1")


def shown(line):
    return "".join(chr(c) if 32 <= c < 127 and c != 92 else "\\x%02x" % c for c in line)


def is_multi(line):
    words = line.upper().split()
    return bool(words) and (words[0] in (b"CAPA", b"RETR", b"TOP") or
                            (words[0] in (b"LIST", b"UIDL", b"AUTH") and (len(words) == 1 or line.startswith(b"AUTH  "))))


class Talk:
    def __init__(self, port, implicit):
        self.socket = socket.create_connection(("127.0.0.1", port), 20)
        self.secured = False
        self.came = b""
        self.ended = False
        if implicit:
            self.secure()

    def secure(self):
        try:
            self.socket = CONTEXT.wrap_socket(self.socket, server_hostname="localhost")
            self.secured = True
            return "<TLS>"
        except (OSError, ssl.SSLError):
            self.ended = True
            return "<no TLS>"

    def line(self):
        while b"\n" not in self.came and not self.ended:
            try:
                more = self.socket.recv(65536)
            except TimeoutError:
                return "<silence>"
            except (OSError, ssl.SSLError):
                more = b""
            self.ended = not more
            self.came += more
        if b"\n" not in self.came:
            self.came = b""
            return "<closed>"
        line, self.came = self.came.split(b"\n", 1)
        return shown(line[:-1]) if line.endswith(b"\r") else shown(line) + "<LF>"

    def reply(self, multi):
        lines = [self.line()]
        while multi and lines[0].startswith("+OK") and lines[-1] not in (".", "<closed>", "<silence>"):
            lines.append(self.line())
        return lines

    def say(self, data):
        try:
            self.socket.sendall(data)
        except OSError:
            self.ended = True

    def rest(self):
        if not self.secured:
            try:
                self.socket.shutdown(socket.SHUT_WR)
            except OSError:
                pass
        lines = []
        while (line := self.line()) not in ("<closed>", "<silence>"):
            lines.append(line)
        return lines if line == "<closed>" else lines + [line]


def main(file, plain, implicit):
    talk = None
    for line in open(file, encoding="latin-1").read().split("\n"):
        if line.startswith(("S: ", "E: ")) or line in ("S:", "E:", ""):
            continue
        if line.startswith("== ") and talk:
            for reply in talk.rest():
                print("E: " + reply)
            talk.socket.close()
            print()
        print(line)
        replies = []
        if line.startswith("== "):
            talk = Talk(implicit if "implicit" in line else plain, "implicit" in line)
            replies = talk.reply(False)
        elif line == "TLS":
            replies = [talk.secure()]
        elif line.startswith("C:"):
            said = octets(line[3:])
            talk.say(said + b"\r\n")
            replies = talk.reply(is_multi(said))
        elif line.startswith("R"):
            count, text = line[1:].split(": ", 1)
            said = octets(text)
            talk.say(said)
            parts = said.split(b"\n")
            for i in range(int(count)):
                replies += talk.reply(i < len(parts) and is_multi(parts[i]))
        for reply in replies:
            print("S: " + reply)
    for reply in talk.rest():
        print("E: " + reply)


main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
