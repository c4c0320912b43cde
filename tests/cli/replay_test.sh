#!/bin/bash
# Usage: replay_test.sh EMOTRAIN SOURCE_DIRECTORY. Runs `emotrain replay` on the golden traces; silent when all is well.
# shellcheck source=tests/cli/support.sh
. "$(dirname "$0")/support.sh"
golden=$source_dir/tests/data/golden
spikes=$golden/emonavi-v1.spikes.json

# Copies a trace with its first match of a sed expression changed.
alter() {
  sed "$2" "$1" > "$3"
  cmp -s "$1" "$3" && complain "$2 changes nothing in $1"
}

last_line_is() {
  [ "$(tail -1 out)" = "$1" ] || complain "the last line is not '$1': $(tail -3 out)"
}

golden_traces() {
  local traces=("$golden"/*.*.json)
  accept replay "$golden"/*.json
  shows '^5 scenarios without an optimizer passed over$'
  last_line_is "${#traces[@]} passed, 0 failed"
  [ "$(grep -c '^ok ' out)" = "${#traces[@]}" ] || complain "not a line for each trace"
  [ "${#traces[@]}" -ge 185 ] || complain "there are only ${#traces[@]} traces"
}

one_trace() {
  accept replay "$spikes"
  shows '^step +loss +short +long +scalar +ratio +drive +stop +shadow +of tolerance$' '^ +41 +2.007 .*stop +0.087' \
    '^params .*2e-05 +520 ' '^should_stop +0 +0 +150$'
  [ "$(grep -cE '^ *[0-9]+ +[0-9]' out)" = 150 ] || complain "not a row for each step"
  last_line_is '1 passed, 0 failed'
  accept replay "$golden/adamw.spikes.json"
  shows '^step +loss +of tolerance$'
  accept replay "$golden/emoclan-v1.spikes.json"
  shows '^step .* rule +stop' ' lynx +stop'
  accept replay --table "$spikes" "$golden/adamw.spikes.json"
  [ "$(grep -c '^step ' out)" = 2 ] || complain "--table shows not every trace step by step"
  accept replay "$golden/scenario-spikes.json" "$spikes"
  shows '^1 scenario without an optimizer passed over$'
  last_line_is '1 passed, 0 failed'
}

altered_traces() {
  cp "$golden"/scenario-*.json .
  # A digit of one parameter, one of the averages, and a flag.
  alter "$spikes" 's/"step":1,\(.*\)"params":\[\[0\.\([0-9]\)/"step":1,\1"params":[[0.9\2/' params.json
  run replay params.json "$spikes"
  [ "$code" = 1 ] || complain "an altered parameter: exit code $code: $(cat out err)"
  shows '^FAILED +params.json' 'step [0-9]+: params of tensor 0 \(4,3\) at \[0,0\]: .* instead of .*, off by .*, allowed 2e-05$' '^ok '
  last_line_is '1 passed, 1 failed'
  alter "$spikes" 's/"step":2,"ema":{"short":0\.5/"step":2,"ema":{"short":0.6/' average.json
  run replay average.json
  [ "$code" = 1 ] || complain "an altered average: exit code $code: $(cat out err)"
  shows 'step 2: ema_short: .* allowed 1e-12$' '^ +2 .*FAILED$'
  alter "$spikes" 's/"should_stop":false/"should_stop":true/' flag.json
  run replay flag.json
  [ "$code" = 1 ] || complain "an altered flag: exit code $code: $(cat out err)"
  shows 'step 1: should_stop: false instead of true$' '^should_stop +differs'
  last_line_is '0 passed, 1 failed'
}

malformed_traces() {
  head -c 5000 "$spikes" > cut.json
  refuse 65 'cut.json:1:5001: not valid JSON: ' replay cut.json
  refuse 65 'cut.json' replay "$spikes" cut.json
  alter "$spikes" 's/"name":"emonavi"/"name":"emonevi"/' unknown.json
  refuse 65 'unknown.json:1:[0-9]+: /optimizer/name: there is no optimizer "emonevi"; did you mean "emonavi"' replay unknown.json
  alter "$spikes" 's/"params"/"param"/' typo.json
  refuse 65 'typo.json:1:[0-9]+: /expected/[0-9]+/param: unknown key; did you mean "params"' replay typo.json
  refuse 65 'key "format" is missing' replay "$source_dir/configs/quickstart.json"
  refuse 65 'longer than 65536 KiB; this is no recording' replay /dev/zero
  refuse 66 'absent.json: No such file' replay absent.json
  mkdir alone
  cp "$spikes" alone/
  refuse 66 'there is no alone/scenario-spikes.json; .*--scenarios DIR' replay alone/emonavi-v1.spikes.json
  accept replay --scenarios "$golden" alone/emonavi-v1.spikes.json
}

other_optimizers() {
  accept replay "$golden/scenario-spikes.json" --optimizer '{"name": "emoclan", "lr": 1e-2}'
  shows '^step .* rule ' '^1 replayed, with nothing to compare$'
  last_line_is '0 passed, 0 failed'
  accept replay "$golden"/*.spikes.json "$golden"/scenario-*.json --optimizer '{"name": "sgd"}'
  shows '^done +adamw.spikes.json +150 .* sgd$'
  last_line_is '0 passed, 0 failed'
  alter "$spikes" 's/"name":"emonavi"/"name":"unheard_of"/' unheard.json
  accept replay unheard.json --optimizer '{"name": "adamw"}'
  refuse 2 'scenario-spikes.json: is a scenario and names no optimizer; give one with --optimizer' replay "$golden/scenario-spikes.json"
  refuse 2 'error: --optimizer: /lrr: unknown key; did you mean "lr"' replay "$spikes" --optimizer '{"name": "sgd", "lrr": 1}'
  refuse 2 'error: --optimizer: /name: there is no optimizer "sdg"; did you mean "sgd"' replay "$spikes" --optimizer '{"name": "sdg"}'
  refuse 2 'error: --optimizer: /momentum: expected a number' replay "$spikes" --optimizer '{"name": "sgd", "momentum": "x"}'
  refuse 2 'error: --optimizer: not valid JSON' replay "$spikes" --optimizer '{"name": "sgd"'
  refuse 2 'parameter_groups' replay "$spikes" --optimizer '{"name": "sgd", "parameter_groups": [{"match": ["9"], "lr": 1}]}'
}

for_programs() {
  run replay --json "$spikes" params.json "$golden/adamw.spikes.json"
  [ "$code" = 1 ] || complain "--json: exit code $code"
  [ "$(wc -l < out)" = 3 ] || complain "--json: not a line for each trace"
  grep -q '^2 passed, 1 failed$' err || complain "--json: the count is not on standard error: $(cat err)"
  if type -p jq > /dev/null; then
    [ "$(jq -c .passed out | xargs)" = 'true false true' ] || complain "--json: $(jq -c .passed out)"
    head -1 out | jq -e '.per_step | .loss, .scalar, .ratio, .shadow_distance, .deviation | length == 150' > /dev/null || complain "--json: arrays"
    sed -n 2p out | jq -e '.worst.params | .outside == 1 and .tensor == "0" and .at == [0, 0]' > /dev/null || complain "--json: worst"
  fi
  accept replay --json "$golden/scenario-spikes.json" --optimizer '{"name": "sgd"}'
  shows '"passed": null'
}

command_line() {
  refuse 2 'traces is required; see emotrain replay --help' replay
  refuse 2 'excludes' replay "$spikes" --json --table
  refuse 2 '--quiet belongs to training, not to replay' --quiet replay "$spikes"
  accept replay --help
  shows 'Examples:' '--optimizer JSON'
  "$emotrain" replay "$spikes" > /dev/full 2> err
  [ $? = 74 ] || complain "a full standard output goes unnoticed"
}

run_parts golden_traces one_trace altered_traces malformed_traces other_optimizers for_programs command_line
