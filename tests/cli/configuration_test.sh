#!/bin/bash
# Usage: configuration_test.sh EMOTRAIN SOURCE_DIRECTORY. How a configuration is put together, shown, checked and described; silent when all is well.
# shellcheck source=tests/cli/support.sh
. "$(dirname "$0")/support.sh"
ln -s "$source_dir/data" data

cat > small.json << 'END'
{
  "name": "small",
  "data": {"name": "digits8x8", "batch_size": 16},
  "model": {"name": "mlp", "hidden": [8]},
  "optimizer": {"name": "emonavi", "lr": 1e-3},
  "trainer": {"max_steps": 5, "logging_steps": 2}
}
END

all_errors() {
  cat > bad.json << 'END'
{
  "data": {"name": "digits8x8", "batch_size": -1},
  "model": {"name": "mlp", "hiden": [8]},
  "optimizer": {"name": "emonavi", "lr": "fast"}
}
END
  EMOTRAIN_TRAINER__MAX_STEP=3 refuse_all 2 'bad\.json:2:47: /data/batch_size: must be at least 1' --config bad.json seed=x trainer.treads=1
  [ "$(wc -l < err)" = 6 ] || complain "not six problems: $(cat err)"
  for pattern in 'bad\.json:3:28: /model/hiden: unknown key; did you mean "hidden"\?' 'bad\.json:4:42: /optimizer/lr: expected a number' \
    'env:EMOTRAIN_TRAINER__MAX_STEP: no option has this name; did you mean EMOTRAIN_TRAINER__MAX_STEPS\?' \
    'argument 1: /seed: expected a whole number' 'argument 2: /trainer/treads: unknown key; did you mean "threads"\?'; do
    grep -qE "^emotrain: error: $pattern" err || complain "no $pattern: $(cat err)"
  done
}

environment() {
  EMOTRAIN_OPTIMIZER__LR=0.25 EMOTRAIN_SEED=4 accept --config small.json --quiet --output-dir by-environment seed=5
  grep -q '"lr": 0.25' by-environment/config.json || complain "a variable has no effect"
  grep -q '"seed": 5' by-environment/config.json || complain "an argument does not win over a variable"
  tr -d ' \n' < by-environment/manifest.json |
    grep -q '"environment_overrides":{"EMOTRAIN_OPTIMIZER__LR":"0.25","EMOTRAIN_SEED":"4"}' || complain "the manifest does not tell variables"
  accept --config small.json --quiet --output-dir plain
  tr -d ' \n' < plain/manifest.json | grep -q '"environment_overrides":{}' || complain "the manifest tells variables that there are not"
}

shown() {
  accept --config small.json --print-config trainer.threads=1
  [ ! -s err ] || complain "--print-config writes to standard error: $(cat err)"
  [ ! -e runs ] || complain "--print-config trains"
  cp out printed.json
  accept --config printed.json --print-config
  cmp -s out printed.json || complain "a printed configuration does not print itself"
  accept --config printed.json --quiet --output-dir from-printed
  accept --config small.json --quiet --output-dir from-file trainer.threads=1
  cmp -s from-printed/metrics.jsonl from-file/metrics.jsonl || complain "a printed configuration gives another run"
  [ "$(grep -c '"loss":' from-printed/metrics.jsonl)" = 5 ] || complain "the run has not five steps"
  cmp -s from-file/config.json printed.json || complain "--print-config is not the config.json of the run"
  EMOTRAIN_SEED=3 accept --config small.json --explain-config optimizer.edition=v3.6
  shows '^option +value +from$' '^seed +3 +env:EMOTRAIN_SEED$' '^optimizer\.edition +"v3\.6" +argument 1$' '^data\.batch_size +16 +small\.json:3:47$' \
    '^optimizer\.use_shadow +false +edition v3\.6$' '^data\.shuffle +true +default$' '^loss\.name +"cross_entropy" +model mlp$'
  refuse 2 'excludes' --config small.json --print-config --explain-config
}

validated() {
  accept validate "$source_dir"/configs/*.json
  [ "$(grep -c ': ok$' out)" = "$(ls "$source_dir"/configs/*.json | wc -l)" ] || complain "not every shipped configuration is ok: $(cat out)"
  printf '{"data": {}, "model": 1, "optimizer": {"name": "sgd"}}' > wrong.json
  run validate small.json wrong.json
  [ "$code" = 2 ] || complain "validate ends with $code: $(cat err)"
  shows '^small\.json: ok$'
  grep -q '^emotrain: error: wrong\.json:1:10: /data: the key "name" is missing' err || complain "validate: $(cat err)"
  grep -q '^emotrain: error: wrong\.json:1:23: /model: expected an object' err || complain "validate tells not all: $(cat err)"
  printf '{"data": {"name": "csv", "path": "absent.csv"}, "model": {"name": "mlp"}, "optimizer": {"name": "sgd"}}' > no-data.json
  accept validate no-data.json
  refuse 66 'absent\.json' validate absent.json
  refuse 2 'files is required; see emotrain validate --help' validate
  refuse 2 '--quiet belongs to training, not to validate' --quiet validate small.json
}

described() {
  accept schema
  cmp -s out "$source_dir/docs/config.schema.json" || complain "docs/config.schema.json is old: emotrain schema > docs/config.schema.json"
  accept schema --markdown
  cmp -s out "$source_dir/docs/config.md" || complain "docs/config.md is old: emotrain schema --markdown > docs/config.md"
  for file in "$source_dir"/configs/*.json; do
    grep -q '"$schema": "../docs/config.schema.json"' "$file" || complain "$file names no schema"
  done
  refuse 2 '/schema_version: is 7, and this program knows version 1 alone; use a newer emotrain' --config small.json schema_version=7
  "$emotrain" schema > /dev/full 2> err
  [ $? = 74 ] || complain "a full standard output goes unnoticed"
}

run_parts all_errors environment shown validated described
