#!/usr/bin/env bash
# `emotrain explain`, and the report.html of runs: of whole runs, of such as are under way, broken off or damaged.
# Usage: explain_test.sh EMOTRAIN SOURCE_DIRECTORY
# shellcheck source=tests/cli/support.sh
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

ln -s "$source_dir/data" data
cat > small.json << 'END'
{"name": "small", "data": {"name": "wine"}, "model": {"name": "mlp", "hidden": [4]}, "optimizer": {"name": "emonavi", "lr": 0.1},
 "trainer": {"max_steps": 40, "eval_steps": 0}}
END

whole() {
  accept --config small.json --quiet
  [ -s runs/small-1/report.html ] || complain "a run leaves no report.html"
  accept explain runs/small-1
  shows '^ *steps  episode' '^ *1-[0-9]+ +[a-z]+ +The loss'
  accept explain runs/small-1/metrics.jsonl --step 2
  shows '^The loss (fell|rose) from .* Then Navi took its step at a learning rate of 0.1; in all the weights|^The loss (fell|rose) from .* Then Navi'
  accept explain runs/small-1 --step 1
  shows 'begins at' 'without a bias correction this first one is 3.16 times'
  accept explain runs/small-1 --step 3 --json
  [ "$(jq -r '.step, (.values.loss | type)' out | xargs)" = "3 number" ] || complain "--step --json: $(cat out)"
  accept explain runs/small-1 --json
  [ "$(jq '[.episodes[] | select(.kind != "stop") | .to - .from + 1] | add' out)" = 40 ] || complain "--json: $(cat out)"
  refuse 2 'no record of step 41; give one from 1 to 40' explain runs/small-1 --step 41
  refuse 2 'no record of step 0; give one from 1 to 40' explain runs/small-1 --step 0
  refuse 2 'run is required' explain
  refuse 66 'absent/metrics.jsonl: there is no such file' explain absent
  accept help explain
  shows 'emotrain explain runs/mnist_mlp-1 --step 240'
}

report_again() {
  cp -r runs/small-1 again
  rm again/report.html
  accept report again
  shows '^again/report.html$'
  cmp -s again/report.html runs/small-1/report.html || complain "the same records give another report"
  refuse 2 'markdown: is for the tables of a study' report again --markdown
  mkdir empty
  refuse '*' empty report empty
}

unfinished() {
  mkdir part
  cp runs/small-1/config.json part
  : > part/metrics.jsonl
  refuse 66 'no step is recorded yet' explain part
  accept report part
  # A last line that is cut short.
  head -c 2000 runs/small-1/metrics.jsonl > part/metrics.jsonl
  accept explain part
  accept report part
  # A branch.
  tail -n +21 runs/small-1/metrics.jsonl > part/metrics.jsonl
  accept explain part --step 21
  shows '^The loss is '
  refuse 2 'no record of step 20; give one from 21 to 40' explain part --step 20
  accept report part
  # Damage.
  sed '5s/"loss":/"loss":x/' runs/small-1/metrics.jsonl > part/metrics.jsonl
  refuse 65 'part/metrics.jsonl:5: loss is x' explain part
  refuse 65 'part/metrics.jsonl:5: loss is x' report part
  sed 5d runs/small-1/metrics.jsonl > part/metrics.jsonl
  refuse 65 'part/metrics.jsonl:5: step 6 follows step 4' explain part --step 2
  echo '{' > part/config.json
  refuse 2 'part/config.json' explain part
}

however_it_ends() {
  run --config small.json --quiet 'optimizer={"name": "sgd", "lr": 1e30}' --output-dir diverged
  [ "$code" = 3 ] || complain "exit code $code of a run that diverges"
  grep -q '"status":"diverged"' diverged/report.html || complain "no report of a run that diverged"
  accept explain diverged
  shows '^diverged: step'
  start --config small.json --quiet trainer.max_steps=1000000 --output-dir interrupted
  for ((i = 0; i < 200; ++i)); do
    [ ! -s interrupted/metrics.jsonl ] || break
    sleep 0.05
  done
  accept explain interrupted
  kill -INT "$process"
  wait "$process"
  [ $? = 130 ] || complain "exit code of an interrupted run"
  grep -q '"status":"interrupted"' interrupted/report.html || complain "no report of a run that was interrupted"
  # What cannot be written takes nothing from the run.
  start --config small.json --quiet trainer.max_steps=20000 --output-dir unwritable
  for ((i = 0; i < 200; ++i)); do
    [ ! -s unwritable/metrics.jsonl ] || break
    sleep 0.05
  done
  mkdir -p unwritable/report.html/taken
  wait "$process"
  [ $? = 0 ] || complain "a report that cannot be written spoils a run: $(cat err)"
  grep -q 'there is no report.html: .*try again with: emotrain report unwritable' err || complain "nothing is said of a report that is missing"
  # A run that goes on loses the report of its earlier end, and gets another.
  accept --resume runs/small-1 trainer.max_steps=60 --quiet
  grep -q '"steps":60' runs/small-1/report.html || complain "a run that went on has no new report"
}

run_parts whole report_again unfinished however_it_ends
