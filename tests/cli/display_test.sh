#!/bin/bash
# Usage: display_test.sh EMOTRAIN SOURCE_DIRECTORY. What a run shows, on a terminal (of util-linux's script) and elsewhere; silent when all
# is well.
# shellcheck source=tests/cli/support.sh
. "$(dirname "$0")/support.sh"
ln -s "$source_dir/data" data
cat > small.json << 'END'
{
  "name": "small",
  "data": {"name": "digits8x8", "batch_size": 16},
  "model": {"name": "mlp", "hidden": [8]},
  "optimizer": {"name": "emonavi", "lr": 1e-3},
  "trainer": {"max_steps": 40, "logging_steps": 20}
}
END
escape=$'\e'

# on_terminal NAME=VALUE... -- ARGUMENTS: leaves what a terminal gets in out.
on_terminal() {
  local variables=()
  while [ "$1" != -- ]; do
    variables+=("$1")
    shift
  done
  shift
  env -u NO_COLOR -u LC_ALL -u LC_CTYPE LANG=C TERM=xterm "${variables[@]}" \
    timeout 60 script -qec "$(printf '%q ' "$emotrain" "$@")" /dev/null > out < /dev/null
  code=$?
  [ $code = 0 ] || complain "on a terminal: exit code $code: ${variables[*]} $*: $(head -c 300 out)"
}
has() { LC_ALL=C grep -q -- "$1" out || complain "$2: $(head -c 600 out | cat -v)"; }
lacks() { if LC_ALL=C grep -q -- "$1" out; then complain "$2: $(head -c 600 out | cat -v)"; fi; }

terminals() {
  type -p script > /dev/null || return 0
  on_terminal LANG=C.UTF-8 -- --config small.json
  has '━━━━━' 'no bar'
  has "$escape\[36m" 'no colour'
  has '40/40' 'no last step'
  on_terminal LANG=C.UTF-8 NO_COLOR=1 -- --config small.json
  has '━━━━━' 'NO_COLOR: no bar'
  lacks "$escape\[[0-9;]*m" 'NO_COLOR: colours'
  on_terminal LANG=C.UTF-8 NO_COLOR= -- --config small.json
  has "$escape\[36m" 'an empty NO_COLOR: no colour'
  on_terminal LC_ALL=C -- --config small.json
  has '=====' 'ASCII: no bar'
  lacks $'[\x80-\xff]' 'ASCII: other characters'
  for arguments in '-- --no-progress' 'TERM=dumb --' 'TERM= --'; do
    # shellcheck disable=SC2086
    on_terminal LANG=C.UTF-8 $arguments --config small.json
    has '^20/40 epoch .* steps/s' "$arguments: no line"
    lacks "$escape" "$arguments: escape sequences"
  done
  on_terminal LANG=C.UTF-8 -- --config small.json --quiet
  lacks 'left' '--quiet: progress'
}

streams() {
  accept --config small.json
  cp out result
  grep -q '^20/40 epoch 0.* | loss ' err || complain "no line of progress: $(cat err)"
  [ "$(grep -c '/40 ' err)" = 2 ] || complain "not a line each logging_steps: $(cat err)"
  if grep -q '^data: ' err; then complain "details without --verbose"; fi
  accept --config small.json --verbose
  for line in '^data: digits8x8: [0-9]+ training, [0-9]+ validation, [0-9]+ test samples of 1x8x8, 10 classes$' \
    '^model: mlp: 610 parameters; loss cross_entropy$' '^optimizer: emonavi, lr 0.001; scheduler constant; ' '^steps: 40, '; do
    grep -qE "$line" err || complain "--verbose shows no '$line': $(cat err)"
  done
  accept --config small.json --quiet
  [ ! -s err ] || complain "--quiet: $(cat err)"
  refuse 2 '--verbose excludes --quiet|--quiet' --config small.json --quiet --verbose
}

json() {
  accept --config small.json --quiet --json --output-dir 'odd "name"'
  [ "$(wc -l < out)" = 1 ] || complain "--json is not one line: $(cat out)"
  for pattern in '^\{"directory": "odd \\"name\\"", "status": "completed", "steps": 40, "epochs": [0-9.]+, "seconds": [0-9.e-]+, "loss": [0-9.]+,' \
    '"should_stop_at": null, "best": \{"metric": "eval_loss", "value": [0-9.]+, "step": [0-9]+\}, "metrics": \{"eval_loss": [0-9.]+, "eval_accuracy": [0-9.]+, "test_loss"' \
    '"files": \["checkpoints", "config.json", .*"metrics.jsonl", .*\]\}$'; do
    shows "$pattern"
  done
  accept --config small.json --json
  [ -s err ] || complain "--json shows no progress on standard error"
  if type -p jq > /dev/null; then jq -e '.metrics.eval_accuracy >= 0' out > /dev/null || complain "--json is no JSON: $(cat out)"; fi
  refuse 3 'step' --config small.json --quiet --json --output-dir diverged 'optimizer={"name": "sgd", "lr": 1e30}'
}

run_parts terminals streams json
