# shellcheck shell=bash
# To be sourced by a test with the arguments EMOTRAIN SOURCE_DIRECTORY: goes to an empty directory, and has what all of these tests use.
set -u
emotrain=$1
# shellcheck disable=SC2034
source_dir=$2
test_name=$(basename "$0" .sh)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
failures=0

complain() {
  failures=$((failures + 1))
  echo "$test_name: $*" >&2
}

# run ARGUMENTS: leaves exit code, standard output and standard error in code, out and err.
run() {
  timeout 60 "$emotrain" "$@" > out 2> err < /dev/null
  code=$?
}

# start ARGUMENTS: in the background, as the process number `process`. With job control: a script's background jobs ignore SIGINT without.
start() {
  set -m
  "$emotrain" "$@" > out 2> err < /dev/null &
  process=$!
  set +m
}

# refuse CODE PATTERN ARGUMENTS: the exit code (or a glob of it), exactly one line on standard error, with the pattern, and nothing on
# standard output.
refuse() {
  local want=$1 pattern=$2
  shift 2
  run "$@"
  # shellcheck disable=SC2053
  [[ $code == $want ]] || complain "exit code $code instead of $want: $*: $(head -c 300 err)"
  [ "$(wc -l < err)" = 1 ] || complain "not one line on standard error: $*: $(head -c 300 err)"
  grep -q '^emotrain: error: ' err || complain "no 'emotrain: error: ': $*: $(head -c 300 err)"
  grep -qE -- "$pattern" err || complain "no '$pattern': $*: $(head -c 300 err)"
  [ ! -s out ] || complain "standard output: $*: $(head -c 300 out)"
}

# refuse_all CODE PATTERN ARGUMENTS: the same with any number of lines, each of them an error.
refuse_all() {
  local want=$1 pattern=$2
  shift 2
  run "$@"
  [ "$code" = "$want" ] || complain "exit code $code instead of $want: $*: $(head -c 300 err)"
  [ -s err ] || complain "nothing on standard error: $*"
  if grep -v '^emotrain: error: ' err; then complain "no error: $*: $(head -c 300 err)"; fi
  grep -qE -- "$pattern" err || complain "no '$pattern': $*: $(head -c 300 err)"
  [ ! -s out ] || complain "standard output: $*: $(head -c 300 out)"
}

# accept ARGUMENTS: ends well.
accept() {
  run "$@"
  [ "$code" = 0 ] || complain "exit code $code: $*: $(head -c 300 err)"
}

# shows PATTERN...: standard output has a line for each.
shows() {
  local pattern
  for pattern in "$@"; do
    grep -qE -- "$pattern" out || complain "no '$pattern' in: $(head -c 1000 out)"
  done
}

# run_parts FUNCTION...: runs the parts of a test, and ends it.
run_parts() {
  local part
  for part in "$@"; do "$part"; done
  [ "$failures" = 0 ] || { echo "$test_name: $failures failures" >&2; exit 1; }
}
