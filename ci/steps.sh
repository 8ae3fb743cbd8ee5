# shellcheck shell=bash
# How ci/ tells what it does: one line a step, and on failure the end of what the step had to say. Sourced by the scripts.
#
#   cd "$root"; step "builds dev" ninja -C build/dev        ok   builds dev                                        41 s
#
# What a step prints goes to build/log/; with CI_VERBOSE=1 it is shown as well.

steps_log=build/log
failed_steps=()

step() {
  local name=$1 log began=$SECONDS code=0
  shift
  mkdir -p "$steps_log"
  log=$steps_log/$(tr -cs 'a-zA-Z0-9' '-' <<<"$name" | sed 's/^-//; s/-$//').log
  if [[ ${CI_VERBOSE:-} == 1 ]]; then
    "$@" 2>&1 | tee "$log" || code=${PIPESTATUS[0]}
  else
    "$@" >"$log" 2>&1 || code=$?
  fi
  if ((code == 0)); then
    printf 'ok      %-58s %4d s\n' "$name" $((SECONDS - began))
    return 0
  fi
  printf 'FAILED  %-58s %4d s   (%s)\n' "$name" $((SECONDS - began)) "$log"
  sed 's/^/        /' <(reason_in "$log")
  failed_steps+=("$name")
  return 1
}

# The lines that say why, where they can be told from the rest; otherwise the last ones.
reason_in() {
  local log=$1 found
  found=$(grep -nE '(^|[^a-z])(error|fatal error|warning|E:)[: ]|FAILED|Failure|: error|SUMMARY: ' "$log" | head -n 1 | cut -d: -f1) || true
  if [[ -n $found ]]; then
    tail -n "+$found" "$log" | head -n 30
    local left=$(($(wc -l <"$log") - found - 29))
    if ((left > 0)); then
      echo "... ($left lines more)"
      tail -n $((left < 10 ? left : 10)) "$log"
    fi
  else
    tail -n 30 "$log"
  fi
}
