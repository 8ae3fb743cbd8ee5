#!/usr/bin/env bash
# How much faster than GMime the mail format is read: both read the same corpus in turn, each in a process of its own, and the
# medians are compared. GMime is needed for this alone (apt-get install libgmime-3.0-dev).
#
#   cmake --preset release && ninja -C build/release mime_bench
#   bench/mime_against_gmime.sh [ROUNDS] [CORPUS]        exits with 1 where the ratio is under 3
set -euo pipefail
cd "$(dirname "$0")/.."

rounds=${1:-11}
build=build/release
bench=$build/bench/mime_bench
[[ -x $bench ]] || { echo "build it first: cmake --preset release && ninja -C $build mime_bench" >&2; exit 2; }
pkg-config --exists gmime-3.0 || { echo "GMime is not here: apt-get install libgmime-3.0-dev" >&2; exit 2; }

corpus=${2:-$build/mime_corpus.bin}
[[ -f $corpus ]] || "$bench" --write-corpus "$corpus"
# shellcheck disable=SC2046  # one word a flag
gcc -O2 -o "$build/gmime_peer" bench/gmime_peer.c $(pkg-config --cflags --libs gmime-3.0)

ours=() theirs=() ratios=()
speed() { sed 's/.*"MB_s": \([0-9.]*\).*/\1/'; }
median() { printf '%s\n' "$@" | sort -n | sed -n "$((($# + 1) / 2))p"; }

for ((i = 0; i < rounds; i++)); do
  theirs+=("$("$build/gmime_peer" "$corpus" | speed)")
  ours+=("$("$bench" --read-corpus "$corpus" | speed)")
  ratios+=("$(awk "BEGIN { printf \"%.2f\", ${ours[-1]} / ${theirs[-1]} }")")
done

# The two must have found and decoded the same. (GMime 3.2.7 loses words of a subject that stand behind one with padding.)
"$build/gmime_peer" "$corpus"
"$bench" --read-corpus "$corpus"
ratio=$(median "${ratios[@]}")
echo "median of $rounds rounds: mailrig $(median "${ours[@]}") MB/s, GMime $(median "${theirs[@]}") MB/s, ratio $ratio ($(printf '%s\n' "${ratios[@]}" | sort -n | head -1) to $(printf '%s\n' "${ratios[@]}" | sort -n | tail -1))"
awk "BEGIN { exit !($ratio >= 3) }"
