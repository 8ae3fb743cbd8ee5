# shellcheck shell=bash
# Sourced by the scripts of this folder: a scratch folder, pinned packages in it, and the comparison of what was seen.

set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

# npm_package NAME@VERSION...: installs into the scratch folder, without running install scripts.
npm_package() { npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$scratch" "$@" >/dev/null; }

# debian_package NAME=VERSION...: unpacks into $scratch/root; nothing is installed on the machine.
debian_package() {
  apt-get download -q -o APT::Sandbox::User=root "$@" >/dev/null
  local deb
  for deb in ./*.deb; do dpkg -x "$deb" root; done
  rm -f ./*.deb
}

# expect_output NAME EXPECTED ACTUAL: fails if the behaviour is another one today.
expect_output() {
  if [[ $2 == "$3" ]]; then
    printf 'seen    %s: %s\n' "$1" "$3"
    return
  fi
  printf 'CHANGED %s\n  when written: %s\n  today:        %s\n' "$1" "$2" "$3"
  exit 1
}
