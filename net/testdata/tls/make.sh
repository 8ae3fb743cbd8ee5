#!/bin/sh
# Makes the certificates of net/tls/tls_test.cc with the openssl program, so that what the tests expect does not come from the
# code under test (the certificate workshop). Run it in this folder to make them anew; they are valid from 2014 to 2114.
set -eu
from=20140101000000Z
until=21140101000000Z
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/new"
: > "$work/index"
cat > "$work/ca.cnf" <<EOF
[ca]
default_ca = rig
[rig]
database = $work/index
new_certs_dir = $work/new
rand_serial = yes
default_md = sha256
unique_subject = no
policy = any
[any]
commonName = supplied
[root]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[intermediate]
basicConstraints = critical, CA:true, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[leaf]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = DNS:pop.isp.test, DNS:*.wild.test, DNS:w*.part.test, IP:127.0.0.1, IP:::1
[nameless]
basicConstraints = critical, CA:false
extendedKeyUsage = serverAuth
EOF
key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1.key"; }
request() { openssl req -new -config /dev/null -key "$1.key" -subj "/CN=$2" -out "$work/$1.csr"; }
# sign NAME EXTENSIONS CA [DATES...]
sign() {
  name=$1 extensions=$2 ca=$3
  shift 3
  [ $# -gt 0 ] || set -- -startdate $from -enddate $until
  openssl ca -batch -notext -config "$work/ca.cnf" -in "$work/$name.csr" -out "$name.pem" -extensions "$extensions" \
    -cert "$ca.pem" -keyfile "$ca.key" "$@" 2> /dev/null
}
key root && request root "mailrig test root"
openssl ca -batch -notext -config "$work/ca.cnf" -selfsign -in "$work/root.csr" -out root.pem -extensions root \
  -keyfile root.key -startdate $from -enddate $until 2> /dev/null
key intermediate && request intermediate "mailrig test intermediate" && sign intermediate intermediate root
key leaf && request leaf pop.isp.test && sign leaf leaf intermediate
cp leaf.key expired.key && request expired pop.isp.test &&
  sign expired leaf intermediate -startdate $from -enddate 20140601120000Z
cp leaf.key nameless.key && request nameless pop.isp.test && sign nameless nameless intermediate
cp leaf.key self.key && openssl ca -batch -notext -config "$work/ca.cnf" -selfsign -in "$work/leaf.csr" -out self.pem \
  -extensions leaf -keyfile self.key -startdate $from -enddate $until 2> /dev/null
for name in leaf expired nameless; do cat $name.pem intermediate.pem > $name.chain.pem; done
rm -f root.key intermediate.key expired.key nameless.key self.key leaf.pem expired.pem nameless.pem
