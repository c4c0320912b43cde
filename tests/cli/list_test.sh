#!/bin/bash
# Usage: list_test.sh EMOTRAIN SOURCE_DIRECTORY. Runs `emotrain list`; silent when all is well.
# shellcheck source=tests/cli/support.sh
. "$(dirname "$0")/support.sh"

kinds="optimizers schedulers models layers losses datasets events"

kinds_and_rows() {
  accept list
  [ "$(awk 'NF == 0 { exit } { print $1 }' out | xargs)" = "$kinds problems" ] || complain "the kinds: $(cat out)"
  for kind in $kinds; do
    accept list "$kind"
    [ ! -s err ] || complain "list $kind writes to standard error"
    awk 'NF == 0 { exit } { print $1 }' out > names
    [ "$(wc -l < names)" -ge 6 ] || complain "list $kind: $(cat out)"
    grep -q "emotrain list $kind NAME" out || complain "list $kind does not say how to go on"
    while read -r name; do
      accept list "$kind" "$name"
      shows "^$name: ." '^source: .' '^(option  +type  +default  +meaning|no options)$'
    done < names
  done
}

for_people() {
  accept list optimizers
  shows '^emonavi  +Adam-like' '^sgd  +gradient descent'
  accept list datasets
  shows '^iris  +.*Fisher 1936' '^blobs .* generated$'
  accept list schedulers
  shows '^cosine  .*\(also CosineAnnealingLR\)'
  accept list optimizers emonavi
  shows '^edition  +string  +"v1"  .*\[v1, v2, v3.0, v3.6\]' '^betas  +2 numbers  +\[0.9, 0.999\]  .*\[at least 0 and below 1\]' \
    '^  drive  +string  +"none"' '^edition sets these defaults' '^edition  +v1  +v2  +v3.0  +v3.6$' '^use_shadow  +true  +true  +false  +false'
  accept list optimizers emolynx
  shows '^eps .* \(no effect\)'
  accept list optimizers emonavi edition=v3.6 emotion.boost=2
  shows '^betas .*\[0.9, 0.995\]' '^use_shadow .* false' '^  boost  +number  +2 '
  accept list scheduler PolynomialLR
  shows '^polynomial: ' '^also: PolynomialLR$' '^total_iters .* 5 '
  accept list models sequential
  shows '^  type=conv2d' '^    out_channels  +integer  +\(required\)'
  accept list datasets csv
  shows '^path  +string  +\(required\)' '^label_column  +string or null  +"label"'
  accept list losses --options
  [ "$(grep -c '^source: ' out)" = 8 ] || complain "--options does not show all losses: $(cat out)"
  if grep -nE ' +$' out; then complain "spaces at the end of lines"; fi
}

for_programs() {
  accept list --json
  [ "$(wc -l < out)" = 1 ] || complain "list --json is not one line"
  for kind in $kinds; do
    accept list "$kind" --json
    [ "$(wc -l < out)" = 1 ] || complain "list $kind --json is not one line"
    cp out first
    accept list "$kind" --json
    cmp -s out first || complain "list $kind --json is not the same twice"
  done
  accept list optimizers emonavi --json
  shows '"name": "emonavi"' '"key": "lr", "type": "number", "default": 0.001, "range": \{"min": 0\}, "doc": "learning rate"' \
    '"dependent_defaults": \[\{"key": "edition", "choices": \["v1", "v2", "v3.0", "v3.6"\]' '"use_shadow": \[true, true, false, false\]'
  if type -p jq > /dev/null; then
    for kind in $kinds; do "$emotrain" list "$kind" --json | jq -e '.rows | length > 5' > /dev/null || complain "list $kind --json: no JSON"; done
    "$emotrain" list datasets csv --json | jq -e '.options[] | select(.key == "path") | .required and (has("default") | not)' > /dev/null ||
      complain "a required option in JSON"
  fi
}

refusals() {
  refuse 2 'there is no kind "optimisers"; there are "optimizers", ' list optimisers
  refuse 2 'there is no optimizer "emonaavi"; did you mean "emonavi"\?' list optimizers emonaavi
  refuse 2 'argument 1: /edition: must be one of "v1"' list optimizers emonavi edition=v9
  refuse 2 'argument 2: /betaz: unknown key; did you mean "betas"' list optimizers emonavi lr=1 'betaz=[0, 0]'
  refuse 2 'is not of the form' list optimizers emonavi lr
  refuse 2 '--config belongs to training, not to list' --config x list
  refuse 2 '--bogus.*see emotrain list --help' list --bogus
  accept list --help
  shows 'Examples:' 'emotrain list optimizers emonavi edition=v3.6'
  "$emotrain" list datasets > /dev/full 2> err
  [ $? = 74 ] || complain "a full standard output goes unnoticed"
}

run_parts kinds_and_rows for_people for_programs refusals
