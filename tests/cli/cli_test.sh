#!/bin/bash
# Usage: cli_test.sh EMOTRAIN SOURCE_DIRECTORY. Runs the program in an empty directory with the data sets in it; silent when all is well.
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

command_line() {
  accept --help
  grep -q 'Examples:' out || complain "--help shows no examples"
  [ ! -s err ] || complain "--help writes to standard error"
  accept --version
  grep -qE '^emotrain [0-9]+\.[0-9]+\.[0-9]+' out || complain "--version: $(cat out)"
  refuse 2 '--config is required' --quiet
  refuse 2 '--bogus' --config small.json --bogus
  refuse 2 'no option --confg; did you mean --config\?' --confg small.json
  refuse 2 'did you mean the value optimizer.lr=\.\.\., without dashes\?' --config small.json --learning-rate 1e-3
  refuse 2 'did you mean the value trainer.max_steps=' --config small.json --max_steps 10
  refuse 2 'did you mean the value optimizer.lr=' --config small.json --optimizer.lr=3
  refuse 2 'no command "inspct"; did you mean inspect\?' inspct runs/small-1
  refuse 2 'no command "evl"; did you mean eval\?' help evl
  refuse 2 'small.json: give a configuration with --config' small.json
  refuse 2 'no option --sorted; did you mean --sort\?' runs --sorted started
  refuse 2 '--config' --config
  refuse 2 '--threads' --config small.json --threads many
  refuse 2 '/trainer/threads: must be at least 0' --config small.json --threads -1
  refuse 66 'absent.json: No such file' --config absent.json
  refuse 66 'is a folder' --config .
  refuse 66 'the path is empty' --config ''
  refuse 2 'longer than 1024 KiB' --config /dev/zero
}

configuration() {
  printf '{\n "data": 1,\n}' > bad.json
  refuse 2 'bad\.json:3:1: not valid JSON' --config bad.json
  refuse 2 'argument 1: "lr" is not of the form section.key=value' --config small.json lr
  refuse 2 'leave out "train"' train --config small.json
  refuse 2 'argument 2: /optimizer/lrr: unknown key; did you mean "lr"' --config small.json seed=1 optimizer.lrr=1
  refuse 2 'argument 1: /optimizer/lr: must be at least 0, got -1' --config small.json optimizer.lr=-1
  refuse 2 'argument 1: /optimizer/momentum: a key of the optimizer "sgd", .*not of "emonavi"' --config small.json optimizer.momentum=0.9
  refuse 2 'argument 1: /model/hidden/0: must be at least 1' --config small.json 'model.hidden=[2147483647]'
  refuse 2 'argument 1: /model/channels: 4 layers halve' --config small.json 'model={"name": "conv_vae", "channels": [8, 8, 8, 8]}'
  refuse 2 'argument 1: /data/limit: 1000000 ' --config small.json data.limit=1000000
  refuse 2 'argument 1: /loss' --config small.json 'loss={"name": "elbo"}'
  refuse 2 'argument 1: /scheduler/warmup_steps: 9 steps of warm-up, but the run has 5' --config small.json \
    'scheduler={"name": "linear", "warmup_steps": 9}'
  [ ! -e runs ] || complain "a refused configuration leaves a run directory"
}

inputs() {
  refuse 66 'digits8x8' --config small.json data.root=/nonexistent
  refuse 66 'absent\.csv' --config small.json 'data={"name": "csv", "path": "absent.csv"}'
  refuse 65 '/etc/passwd' --config small.json 'data={"name": "csv", "path": "/etc/passwd"}'
  refuse 6[56] '/dev/zero' --config small.json 'data={"name": "csv", "path": "/dev/zero"}'
  refuse 66 'absent\.safetensors' --config small.json --init-from absent.safetensors
  refuse 65 'small\.json' --config small.json --init-from small.json
  [ ! -e runs ] || complain "a refused input leaves a run directory"
}

outputs() {
  mkdir full && touch full/file
  refuse 73 'full: the directory is not empty' --config small.json --quiet --output-dir full
  refuse 73 '/dev/null/run' --config small.json --quiet --output-dir /dev/null/run
  [ "$(ls full)" = file ] || complain "a refused output directory was changed"
  accept --config small.json
  [ "$(cut -d: -f1 out | tail -1)" = runs/small-1 ] || complain "no run directory in the result: $(cat out)"
  grep -q '5/5' err || complain "no progress on standard error: $(cat err)"
  accept --config small.json --quiet trainer.threads=2
  [ ! -s err ] || complain "--quiet writes to standard error: $(cat err)"
  [ -s out ] || complain "--quiet writes no result"
  for file in config.json metrics.jsonl manifest.json model.safetensors; do
    [ -s "runs/small-1/$file" ] || complain "no runs/small-1/$file"
  done
  [ "$(grep -c '"loss":' runs/small-1/metrics.jsonl)" = 5 ] || complain "metrics.jsonl has not one record a step"
  cmp -s runs/small-1/model.safetensors runs/small-2/model.safetensors || complain "weights depend on the number of threads"
  accept --config runs/small-1/config.json --quiet --output-dir again
  cmp -s runs/small-1/config.json again/config.json || complain "a resolved configuration does not give itself"
  cmp -s runs/small-1/model.safetensors again/model.safetensors || complain "a resolved configuration does not give the same run"
  accept --config small.json --quiet --init-from again/model.safetensors --output-dir continued
  refuse 2 'model\.safetensors' --config small.json --quiet --init-from again/model.safetensors 'model.hidden=[9]'
  accept --config small.json --quiet --output-dir 'odd "name"'
  accept --config small.json --quiet --output-dir quiet data.batch_size=65536 optimizer.lr=1e-9 trainer.max_steps=40 trainer.stop_on_quiet=true
  grep -q 'raised should_stop at step 32 and ended the run' out || complain "an early end is not told: $(cat out)"
  timeout 60 "$emotrain" --config small.json --quiet > /dev/full 2> err
  [ $? = 74 ] || complain "a full standard output goes unnoticed"
  timeout 60 "$emotrain" --config small.json --output-dir closed >&- 2>&-
  grep -q '"loss":' closed/metrics.jsonl || complain "with closed streams there are no records"
  grep -qv '^{.*}$' closed/metrics.jsonl && complain "closed streams end up in the run's files"
}

failing_runs() {
  run --config small.json --quiet --output-dir diverged 'optimizer={"name": "sgd", "lr": 1e30}'
  [ "$code" = 3 ] || complain "a diverged run ends with $code: $(cat err)"
  [ "$(wc -l < err)" = 1 ] || complain "a diverged run says: $(cat err)"
  [ ! -e diverged/model.safetensors ] || complain "a diverged run leaves weights"
  (ulimit -f 4 && timeout 60 "$emotrain" --config small.json --quiet --output-dir limited trainer.max_steps=500 > out 2> err)
  code=$?
  [ "$code" = 74 ] || complain "a file that cannot grow ends with $code: $(cat err)"
  for signal in INT:130 TERM:143; do
    local directory="stopped-$signal"
    start --config small.json --quiet --output-dir "$directory" trainer.max_steps=1000000000
    for _ in $(seq 300); do
      [ -s "$directory/metrics.jsonl" ] && break
      sleep 0.05
    done
    kill -"${signal%:*}" $process
    wait $process
    code=$?
    [ "$code" = "${signal#*:}" ] || complain "signal ${signal%:*} ends with $code: $(cat err)"
    grep -q "interrupted by SIG${signal%:*}" err || complain "signal ${signal%:*} says: $(cat err)"
    grep -qv '^{.*}$' "$directory/metrics.jsonl" && complain "signal ${signal%:*} leaves half a record"
    grep -q '"status": "interrupted"' "$directory/manifest.json" || complain "signal ${signal%:*} leaves no manifest"
    [ -z "$(find "$directory" -name '.*' -type f)" ] || complain "signal ${signal%:*} leaves temporary files"
  done
}

ignored_signal() {
  # A shell's background job, and nohup, ignore SIGINT: it does not end them.
  "$emotrain" --config small.json --quiet --output-dir deaf trainer.max_steps=1000000000 > out 2> err &
  local process=$!
  until [ -s deaf/metrics.jsonl ] || ! kill -0 $process 2> /dev/null; do sleep 0.02; done
  kill -INT $process
  sleep 0.3
  kill -0 $process 2> /dev/null || complain "an ignored SIGINT ended the run: $(cat err)"
  kill -TERM $process
  wait $process
  [ $? = 143 ] || complain "SIGTERM: $(cat err)"
}

shipped_configurations() {
  for file in "$source_dir"/configs/*.json; do
    accept --config "$file" --quiet --output-dir "shipped/$(basename "$file")" trainer.max_steps=1
    [ -s "shipped/$(basename "$file")/model.safetensors" ] || complain "$file leaves no weights"
  done
}

corpus() {
  for file in "$source_dir"/tests/data/corpus/json/*.json; do
    case $file in
      */bom.json) accept --config "$file" --quiet trainer.max_steps=1 ;;
      */emoji-ok.json) refuse 66 '' --config "$file" ;;
      */path-directory.json | */path-absolute.json) refuse 6[56] '' --config "$file" ;;
      */path-traversal.json) refuse 6[56] 'passwd' --config "$file" ;;
      *) refuse_all 2 "$(basename "$file")" --config "$file" ;;
    esac
  done
}

run_parts command_line configuration inputs outputs failing_runs ignored_signal shipped_configurations corpus
