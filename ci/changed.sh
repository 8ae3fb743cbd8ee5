# shellcheck shell=bash
# What has changed, for the checks that look at changed files only. Sourced by the scripts.
#
#   changed              7<TAB>net/tls/tls_verify.cc        lines that changed, and where
#
# Changed is what differs from the branch that this one left (origin's, if it is known), committed or not; on that branch
# itself, what its last commit changed.

changed() {
  local base=
  local upstream
  for upstream in '@{upstream}' origin/HEAD origin/main; do
    base=$(git merge-base HEAD "$upstream" 2>/dev/null) || continue
    [[ $base != "$(git rev-parse HEAD)" ]] && break
    base=
  done
  if [[ -z $base ]]; then base=$(git rev-parse --verify --quiet HEAD~1 || git hash-object -t tree /dev/null); fi
  {
    git diff --numstat --no-renames --diff-filter=d "$base" -- '*.cc' '*.h'
    git ls-files --others --exclude-standard -- '*.cc' '*.h' | while read -r file; do
      printf '%d\t0\t%s\n' "$(wc -l <"$file")" "$file"
    done
  } | awk -F '\t' '{ print $1 + $2 "\t" $3 }'
}
