#!/usr/bin/env bash
# Dovecot 2.3.19.1 gives every TLS client a session ticket that holds for two hours, and resumes no session by one.
#
# pop3-login serves one connection a process as it is packaged (service_count = 1, "high-security mode"), and the keys of
# tickets (RFC 5077, RFC 8446 section 4.6.1) belong to a process: who measures resumption with Dovecot measures full handshakes.
# With service_count = 0 the same process serves on, and the second connection is resumed.
source "$(dirname "$0")/common.sh"
debian_package dovecot-core=1:2.3.19.1+dfsg1-2.1+deb12u7 dovecot-pop3d=1:2.3.19.1+dfsg1-2.1+deb12u7
[[ $(id -u) == 0 ]] || { echo "needs root: Dovecot gives its processes users of their own"; exit 2; }
chmod 755 "$scratch"
openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out chain.pem -subj /CN=localhost -days 2 2>/dev/null
export LD_LIBRARY_PATH=$scratch/root/usr/lib/dovecot

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

cat >ask.py <<'PYTHON'
import socket, ssl, sys

told = []
for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
    context = ssl._create_unverified_context()
    context.minimum_version = context.maximum_version = version
    session = None
    for connection in (1, 2):
        raw = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 10)
        tls = context.wrap_socket(raw, server_hostname="localhost", session=session)
        for line in (b"CAPA\r\n", b"QUIT\r\n"):
            tls.recv(4096)
            tls.sendall(line)
        while tls.recv(4096):
            pass
        session = tls.session
        if connection == 2:
            told.append(f"{version.name} ticket {session.has_ticket} resumed {tls.session_reused}")
        tls.close()
print(", ".join(told))
PYTHON

with_service_count() {  # with_service_count N: what two connections, one after the other, see
  local port folder=$scratch/run-$1
  port=$(free_port)
  mkdir -p "$folder/base" "$folder/state"
  cat >"$folder/conf" <<CONF
base_dir=$folder/base
state_dir=$folder/state
libexec_dir=$scratch/root/usr/lib/dovecot
log_path=$folder/log
protocols=pop3
listen=127.0.0.1
default_internal_user=nobody
default_internal_group=nogroup
default_login_user=nobody
import_environment=LD_LIBRARY_PATH
ssl=yes
ssl_cert=<$scratch/chain.pem
ssl_key=<$scratch/key.pem
mail_location=maildir:~/Maildir
passdb {
 driver=static
}
userdb {
 driver=static
 args=uid=65534 gid=65534 home=$folder/home
}
service pop3-login {
 chroot=
 service_count=$1
 process_limit=1
 inet_listener pop3 {
  port=0
 }
 inet_listener pop3s {
  port=$port
  ssl=yes
 }
}
CONF
  "$scratch/root/usr/sbin/dovecot" -F -c "$folder/conf" >"$folder/out" 2>&1 &
  local server=$!
  for _ in $(seq 200); do
    (: >"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break
    read -r -t 0.05 <> <(:) || true
  done
  python3 ask.py "$port"
  kill "$server"
  wait "$server" 2>/dev/null || true
}

expect_output "as packaged" "TLSv1_2 ticket True resumed False, TLSv1_3 ticket True resumed False" "$(with_service_count 1)"
expect_output "service_count = 0" "TLSv1_2 ticket True resumed True, TLSv1_3 ticket True resumed True" "$(with_service_count 0)"
