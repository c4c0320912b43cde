#!/usr/bin/env bash
# Runs that go on, start again, or replace others; and what looks at what they leave.
# shellcheck source=tests/cli/support.sh
source "$(dirname "$0")/support.sh"

config=moons.json
cat > moons.json << 'END'
{"name": "moons", "data": {"name": "two_moons"}, "model": {"name": "mlp", "hidden": [32, 32]}, "optimizer": {"name": "emonavi"}}
END
short=(--config "$config" --quiet trainer.max_steps=20 trainer.save_steps=5 trainer.eval_steps=10)

same() { cmp -s "$1" "$2" || complain "$1 and $2 differ"; }

resuming() {
  accept "${short[@]}" --output-dir whole
  [ "$(readlink whole/checkpoints/last)" = checkpoint-20 ] || complain "last is $(readlink whole/checkpoints/last)"
  [ -e whole/checkpoints/best/model.safetensors ] || complain "best leads nowhere"
  cmp -s whole/config.user.json "$config" || complain "config.user.json is not what was given"
  accept --config "$config" --quiet --output-dir part trainer.max_steps=12 trainer.save_steps=5 trainer.eval_steps=10
  accept --resume part --quiet trainer.max_steps=20
  for file in model.safetensors metrics.jsonl checkpoints/checkpoint-20/optimizer.safetensors; do same "part/$file" "whole/$file"; done
  # The same by --config and auto, which starts where there is nothing.
  accept --config "$config" --quiet --output-dir auto --resume auto trainer.max_steps=7 trainer.save_steps=5 trainer.eval_steps=10
  accept "${short[@]}" --output-dir auto --resume auto
  same auto/model.safetensors whole/model.safetensors
  local before
  before=$(stat -c %Y.%s auto/* | sort)
  accept "${short[@]}" --output-dir auto --resume auto
  shows 'the run is complete'
  [ "$before" = "$(stat -c %Y.%s auto/* | sort)" ] || complain "a complete run was touched"
  accept --resume whole/checkpoints/checkpoint-10 --quiet
  same whole/model.safetensors auto/model.safetensors
}

refusals() {
  accept --config "$config" --quiet --output-dir short trainer.max_steps=12 trainer.save_steps=5
  sed -i 's/"status": "completed"/"status": "interrupted"/' short/manifest.json
  refuse 2 'the run has done 12 steps, and is to have 7 now' --resume short trainer.max_steps=7
  accept --resume short/checkpoints/checkpoint-5 --quiet trainer.max_steps=7
  grep -q 'going back to step 5 of 12; what is behind it is removed' err || complain "no word of what is removed: $(cat err)"
  refuse 2 '/optimizer/lr: 0.001, now 0.1' --resume whole optimizer.lr=0.1
  refuse 66 'no such checkpoint' --resume nowhere
  refuse 2 '--config is required' --resume auto
  refuse 2 'remove one' --resume whole --config "$config" --overwrite --output-dir whole
  refuse 2 'its own directory' --resume whole --output-dir other
  refuse 73 'not empty' "${short[@]}" --output-dir whole
  mkdir foreign && echo text > foreign/file
  refuse 73 'is no run' "${short[@]}" --output-dir foreign --overwrite
  refuse 73 'not empty' "${short[@]}" --output-dir foreign --resume auto
  [ "$(cat foreign/file)" = text ] || complain "a foreign file was touched"
  accept "${short[@]}" --output-dir whole --overwrite
  # A run that was killed before its first checkpoint starts again in place.
  cp -r whole again && rm -r again/checkpoints again/model.safetensors
  sed -i 's/"status": "completed"/"status": "running"/' again/manifest.json
  accept "${short[@]}" --output-dir again --resume auto
  same again/model.safetensors whole/model.safetensors
}

places() {
  # Paths as they are seen from inside a run; links that lead to links; folders that are elsewhere.
  accept --config "$config" --quiet --output-dir inside trainer.max_steps=12 trainer.save_steps=5 trainer.eval_steps=0
  for place in '. .' '. checkpoints/last' 'checkpoints checkpoint-12' 'checkpoints ./last/' 'checkpoints/checkpoint-12 .'; do
    cp -r inside there
    (cd "there/${place% *}" && "$emotrain" --resume "${place#* }" --quiet trainer.max_steps=20) > out 2> err || complain "$place: $(cat err)"
    same there/model.safetensors whole/model.safetensors
    rm -r there
  done
  ln -s inside/checkpoints/last linked && ln -s linked again-linked
  accept --resume again-linked --quiet trainer.max_steps=14
  shows 'inside: '
  mkdir -p scratch/runs scratch/checkpoints elsewhere && mv inside/checkpoints/* scratch/checkpoints && rmdir inside/checkpoints
  ln -s ../scratch/checkpoints inside/checkpoints && ln -s ../scratch/runs elsewhere/runs
  accept --resume inside --quiet trainer.max_steps=20
  same inside/model.safetensors whole/model.safetensors
  # Not the run that a link lies in, but the one that it leads to.
  cp -r whole first && cp -r inside second && rm second/checkpoints && cp -r scratch/checkpoints second/checkpoints
  ln -s ../second/checkpoints first/other
  local before at=$PWD
  before=$(find first -type f -exec cksum {} + | sort)
  (cd first && "$emotrain" --resume other/last --quiet trainer.max_steps=22) > out 2> err || complain "by a link: $(cat err)"
  [ "$before" = "$(find first -type f -exec cksum {} + | sort)" ] || complain "a run was changed that a link lies in"
  [ -e second/checkpoints/checkpoint-22 ] || complain "the run that a link leads to did not go on"
  for place in 'second/checkpoints last' 'second/checkpoints/checkpoint-22 .' 'second/checkpoints/checkpoint-22 model.safetensors' \
    'second model.safetensors'; do
    (cd "${place% *}" && "$emotrain" eval "${place#* }") > out 2> err || complain "eval, $place: $(cat err)"
  done
  cp -r second/checkpoints/checkpoint-22 lone
  refuse 66 'in no run to go on with' --resume lone trainer.max_steps=30
  # What is elsewhere, and not there just now, is not lost.
  mv scratch away && before=$(cksum inside/metrics.jsonl)
  refuse 66 'leads to no directory just now' "${short[@]}" --output-dir inside --resume auto trainer.max_steps=30
  [ "$before" = "$(cksum inside/metrics.jsonl)" ] || complain "a run whose checkpoints are elsewhere was started again"
  mv away scratch
  cd elsewhere || return
  accept --config ../moons.json --quiet trainer.max_steps=3
  accept --config ../moons.json --quiet --resume auto trainer.max_steps=5
  [ -L runs/moons-1/checkpoints/last ] && [ ! -e runs/moons-2 ] || complain "runs that is a link was not seen"
  cd "$at" || return
}

spoilt() {
  # Each of them is known for what it is.
  cp -r whole renamed && mv renamed/checkpoints/checkpoint-15 renamed/checkpoints/checkpoint-16
  run inspect renamed
  [ "$code" = 65 ] || complain "a checkpoint by another's name: exit code $code"
  shows 'checkpoint-16 .*its state is that of step 15'
  cp -r whole edited && sed -i 's/"epoch": /"epoch": 1/' edited/checkpoints/checkpoint-20/trainer_state.json
  run inspect edited
  shows 'checkpoint-20 .*not those that were written'
  mkdir data && printf 'a,b,class\n1,2,0\n3,4,1\n5,6,0\n7,8,1\n2,2,0\n3,3,1\n' > data/table.csv
  local table=(--config "$config" --quiet --output-dir table 'data={"name": "csv", "path": "data/table.csv", "label_column": "class", "batch_size": 2}')
  accept "${table[@]}" trainer.max_steps=4
  echo 9,9,0 >> data/table.csv
  refuse 65 'not those that the run began with' --resume table trainer.max_steps=8
  if [ "$(id -u)" != 0 ]; then
    cp -r whole closed && chmod 0 closed/checkpoints/checkpoint-20/trainer_state.json
    refuse 74 'check its permissions' --resume closed trainer.max_steps=30
  fi
  export EMOTRAIN_TRAINER__SAVE_STEPS=4
  accept --config "$config" --quiet --output-dir from-environment trainer.max_steps=4
  unset EMOTRAIN_TRAINER__SAVE_STEPS
  accept --resume from-environment --quiet trainer.max_steps=6
  grep -q EMOTRAIN_TRAINER__SAVE_STEPS from-environment/manifest.json || complain "a resume forgot where an option came from"
}

records() {
  # A run whose records were cut is left as it is; events that are gone are begun anew.
  cp -r part broken && : > broken/metrics.jsonl
  local before
  before=$(cat broken/manifest.json broken/config.json | cksum)
  refuse 65 'metrics.jsonl: has 0 bytes' --resume broken trainer.max_steps=30
  [ "$before" = "$(cat broken/manifest.json broken/config.json | cksum)" ] || complain "a resume that was refused changed the run"
  cp -r part seen && rm seen/events.*
  accept --resume seen --quiet trainer.max_steps=30
  [ -n "$(ls seen/events.*)" ] || complain "events were not begun anew"
  # Those of a later file are behind an earlier checkpoint.
  touch seen/events.out.tfevents.9999999999.host.1.0
  accept --resume seen/checkpoints/checkpoint-20 --quiet trainer.max_steps=32
  [ "$(ls seen/events.* | wc -l)" = 1 ] || complain "there are $(ls seen/events.*)"
  refuse 2 'not of the form section.key=value' --resume seen trainer.max_steps
  # The end of the shorter run does not pass for that of the longer one.
  start --resume seen --quiet trainer.max_steps=100000000
  while [ -e seen/model.safetensors ] && kill -0 $process 2> /dev/null; do sleep 0.02; done
  sleep 0.1
  kill -INT $process
  wait $process
  [ $? = 130 ] || complain "SIGINT: $(cat err)"
  [ ! -e seen/model.safetensors ] || complain "an interrupted run shows the weights of its earlier end"
  accept eval seen
  accept --resume whole --json
  shows '"status": "completed"'
  # What is complete, or has checkpoints, is not started again unasked.
  cp -r whole bare && rm -r bare/checkpoints
  refuse 66 'is complete and has no checkpoint' "${short[@]}" --output-dir bare --resume auto
  cp -r whole spoilt
  for file in spoilt/checkpoints/checkpoint-*/model.safetensors; do truncate -s -1 "$file"; done
  run "${short[@]}" --output-dir spoilt --resume auto
  [ "$code" = 65 ] || complain "a run of damaged checkpoints ends with $code"
  [ -e spoilt/model.safetensors ] || complain "a run of damaged checkpoints was removed"
  # Two processes do not work on one run.
  start "${short[@]}" --output-dir busy trainer.max_steps=100000000
  until [ -e busy/metrics.jsonl ] || ! kill -0 $process 2> /dev/null; do sleep 0.02; done
  sleep 0.1
  refuse 73 'another process' "${short[@]}" --output-dir busy --overwrite
  kill -INT $process
  wait $process
  refuse 2 'not for --dry-run' --config moons.json --dry-run --json
  accept --resume whole --json
  shows '"status": "completed"'
}

additional_session() {
  for from in whole whole/checkpoints/checkpoint-10; do
    accept "${short[@]}" --output-dir more-from --init-from $from trainer.max_steps=1
    accept --config "$config" --dry-run --init-from $from
    rm -r more-from
  done
  refuse 2 'or take what fits with --init-partial' "${short[@]}" --init-from whole/model.safetensors 'model.hidden=[32, 7]'
  accept "${short[@]}" --output-dir more --init-from whole/checkpoints/best/model.safetensors optimizer.lr=1e-4
  refuse 2 'of another shape: .*; give the file' "${short[@]}" --init-from whole/model.safetensors 'model.hidden=[5]'
  accept "${short[@]}" --output-dir partial --init-from whole/model.safetensors --init-partial 'model.hidden=[32, 7]'
}

results() {
  accept eval whole
  shows 'test_loss .*test_accuracy'
  tail -1 whole/metrics.jsonl > last
  accept eval whole --json
  for metric in test_loss test_accuracy; do
    local value
    value=$(grep -o "\"$metric\": *[0-9.e-]*" out | sed 's/.*: *//')
    # Sixteen digits there, as few as there can be here.
    grep -q "\"$metric\":${value:0:14}" last || complain "eval says $metric $value, the run $(cat last)"
  done
  accept eval whole/checkpoints/checkpoint-10 --split validation
  shows 'eval_accuracy'
  refuse 66 '' eval nowhere
  refuse 2 'ends in .pt, but what is written is .onnx' export whole --output model.pt
  mkdir folder && cp -r whole folder
  refuse 2 'a folder of runs' inspect folder
  accept inspect whole
  shows 'completed' 'checkpoint-20 .*complete'
  accept inspect whole/checkpoints/best
  shows 'state/1.weight/exp_avg' 'numbers/emotion/ema_short'
  accept inspect whole/model.safetensors
  shows '1.weight'
  accept inspect "$source_dir/data/digits8x8/digits_test.csv"
  shows 'CSV'
  accept inspect "$source_dir/tests/data/corpus/idx/ok-images.idx.gz"
  shows 'IDX' '20'
  accept inspect "$source_dir/tests/data/corpus/idx/ok-images.idx.gz" --json
  shows '"images": 20,'
  refuse 65 'what it holds is not known' inspect "$source_dir/README.md"
  printf 'x' | dd of=whole/checkpoints/checkpoint-10/model.safetensors bs=1 seek=900 conv=notrunc 2> /dev/null
  run inspect whole
  [ "$code" = 65 ] || complain "a damaged checkpoint goes unnoticed: $code"
  mkdir runs && mv whole part runs
  accept runs
  shows 'runs/part .*completed .*mlp .*emonavi .*20' 'runs/whole'
  accept runs --json
  shows '"status": "completed"'
  refuse 66 'no such folder' runs nowhere
  refuse 2 'no run has f1; known: eval_accuracy, ' runs --sort f1
  # What it has done so far, of one that was killed.
  sed -i 's/"status": "completed"/"status": "running"/; /"result": {/,$d' runs/part/manifest.json
  sed -i '$d' runs/part/manifest.json && sed -i 's/"status": "running",/"status": "running"}/' runs/part/manifest.json
  accept runs
  shows 'runs/part .*running .* 20 '
}

pictures() {
  accept --config "$source_dir/configs/quickstart.json" --quiet --output-dir vae trainer.max_steps=6 data.limit=2000 "data.root=$source_dir/data"
  accept reconstruct vae --output a.png
  accept sample vae --count 5 --output b.png
  accept reconstruct vae/checkpoints/last a.png b.png --output c.png
  for file in a b c; do [ "$(head -c 4 $file.png | tail -c 3)" = PNG ] || complain "$file.png is no PNG"; done
  same a.png vae/reconstructions.png
  accept export vae --output vae.onnx
  grep -qa log_variance vae.onnx || complain "vae.onnx has no log_variance"
  refuse 2 'no shadow' reconstruct vae --shadow
  refuse 2 'makes no images' reconstruct part
  refuse 66 '' reconstruct vae missing.png
}

run_parts resuming refusals places spoilt records additional_session pictures results
