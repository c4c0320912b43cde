#!/usr/bin/env bash
# Studies: wrong ones are told all their faults, a killed one goes on and comes to the same report, shards merge to it, records make it again.
# Usage: compare_test.sh EMOTRAIN SOURCE_DIRECTORY     COMPARE_TEST_KILLS: 20
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

ln -s "$source_dir/data" data
cat > study.json << 'EOF'
{
  "name": "test",
  "problems": ["wine_mlp", "noisy_quadratic"],
  "optimizers": [
    {"name": "adamw", "lr": 1e-2},
    {"name": "emonavi", "emotion": {"source": "shuffled", "record": "self"}, "label": "shuffled"},
    {"name": "sgd", "lr": {"log_uniform": [1e-3, 1]}, "momentum": {"choice": [0, 0.9]}}
  ],
  "seeds": 9,
  "tracks": ["fixed", "untuned", "tuned"],
  "budget": {"trials": 4, "steps": 10}
}
EOF

check_report() {
  cmp -s "$1/report.json" whole/report.json || complain "$1: another report.json than the study that was never stopped"
  local table
  for table in whole/tables/*.csv; do cmp -s "$table" "$1/tables/$(basename "$table")" || complain "$1: another $(basename "$table")"; done
  # The page but for its marked section.
  diff -q <(sed '/<!-- clock/,/<!-- \/clock/d' "$1/report.html") <(sed '/<!-- clock/,/<!-- \/clock/d' whole/report.html) > /dev/null ||
    complain "$1: another report.html"
}

whole() {
  # Kills are spread over the time that a study takes.
  local begin end
  begin=$(date +%s%N)
  accept compare --config study.json --output-dir whole
  end=$(date +%s%N)
  microseconds=$(((end - begin) / 1000 + 1000))
  shows '^fixed:' '^untuned:' '^tuned:' 'whole/report.html'
  local file
  for file in study.json records.jsonl report.html report.json timing.json tables/tuned-trials.csv plots/fixed-profile.svg; do
    [ -s "whole/$file" ] || complain "no $file"
  done
  # 2 problems x ((2 + 3 + 1) x 9 seeds + 4 trials)
  [ "$(wc -l < whole/records.jsonl)" = 116 ] || complain "$(wc -l < whole/records.jsonl) records"
  grep -q seconds whole/report.json && complain "report.json has clock values"
  cp -r whole again
  rm -r again/report.html again/report.json again/tables
  accept report again
  check_report again
  # Nothing is done twice.
  accept compare --config study.json --output-dir whole
  [ "$(wc -l < whole/records.jsonl)" = 116 ] || complain "jobs were done again"
  accept compare --config study.json --output-dir one-by-one --jobs 1 --quiet
  [ ! -s err ] || complain "--quiet: $(head -c 200 err)"
  check_report one-by-one
}

killed() {
  local kills=0 wanted=${COMPARE_TEST_KILLS:-20} delay
  RANDOM=7
  while [ "$kills" -lt "$wanted" ]; do
    start compare --config study.json --output-dir killed
    delay=$(((RANDOM * 32768 + RANDOM) % microseconds))
    sleep "$((delay / 1000000)).$(printf '%06d' $((delay % 1000000)))"
    if [ $((RANDOM % 2)) = 0 ]; then kill -KILL "$process"; else kill -INT "$process"; fi 2> /dev/null
    wait "$process" 2> /dev/null
    case $? in
      137 | 130) kills=$((kills + 1)) ;;
      0) check_report killed && rm -r killed ;;
      *) complain "exit code after a kill: $(head -c 300 err)"; return ;;
    esac
  done
  accept compare --config study.json --output-dir killed
  check_report killed
}

sharded() {
  local shard
  for shard in 1 2 3; do accept compare --config study.json --shard "$shard/3" --output-dir "part$shard"; done
  [ ! -e part1/report.json ] || complain "a shard has a report"
  refuse 2 'jobs are missing' compare --merge part1 part2 --output-dir few
  accept compare --merge part1 part2 part3 --output-dir merged
  check_report merged
  refuse 2 'is not a shard of the same study' compare --merge part1 other --output-dir few2
}

wrong() {
  accept compare --config study.json seeds=1 'tracks=["fixed"]' --output-dir other
  shows '1 seed cannot tell any difference' 'no winner is named'
  refuse 73 'holds another study' compare --config study.json --output-dir other
  mkdir full && touch full/mine
  refuse 73 'is not empty and holds no study' compare --config study.json --output-dir full
  refuse 66 'there is no study.json' report full
  refuse 2 'write 1/3' compare --config study.json --shard 4/3
  refuse 2 '\-\-config is required' compare
  cat > wrong.json << 'EOF'
{"problems": ["wine_mpl", "nowhere.json"], "seeds": 0, "optimizers": [{"name": "adamw"}]}
EOF
  refuse_all 2 'wrong.json:1:15: /problems/0: there is no problem "wine_mpl"; did you mean "wine_mlp"' compare --config wrong.json
  grep -q 'wrong.json:1:27: /problems/1: nowhere.json' err || complain "no place for a file that is not there: $(cat err)"
  cat > wrong.json << 'EOF'
{"problems": ["wine_mlp"], "seeds": 3, "trackz": [],
 "optimizers": [{"name": "adamw", "lr": {"log_unifrom": [1e-4, 1]}}, {"name": "sgd", "lr": {"uniform": [2, 1]}},
  {"name": "lion", "lr": {"log_uniform": [0, 1]}}, {"name": "adamw", "beta": {"choice": []}}]}
EOF
  refuse_all 2 'wrong.json:1:40: /trackz: unknown key; did you mean "tracks"' compare --config wrong.json
  local pattern
  for pattern in '2:42: /optimizers/0/lr/log_unifrom: there is no search space "log_unifrom"; did you mean "log_uniform"' \
    '/optimizers/1/lr/uniform: the range from 2 to 1 is empty' '/optimizers/2/lr/log_uniform: begins at 0' \
    '/optimizers/3/beta/choice: expected the values to choose from'; do
    grep -q -- "$pattern" err || complain "no '$pattern' in: $(cat err)"
  done
  cat > wrong.json << 'EOF'
{"problems": ["wine_mlp"], "seeds": 3, "optimizers": [{"name": "adamw"}, {"name": "adamw", "lr": 1},
 {"name": "sgd", "lr": {"uniform": [-1, 1]}}]}
EOF
  refuse_all 2 'is called "adamw" as the one at /optimizers/0 is; give it a "label"' compare --config wrong.json
  sed -i 's/, {"name": "adamw", "lr": 1}//' wrong.json
  refuse 2 'wrong.json:2:24: /optimizers/1/lr: .*at least 0' compare --config wrong.json
  echo '{"name": "x", "problems": [{"name": "p", "run": {"data": {"name": "wine"}, "model": {"name": "mlp"}, "loss": {"name": "elbo"}}}],' \
    '"seeds": 2, "optimizers": [{"name": "adamw"}]}' > wrong.json
  refuse 2 'the problem p: /problems/0/run/loss' compare --config wrong.json --output-dir x
}

run_problems() {
  echo '{"name": "mine", "problems": ["run.json"], "seeds": 2, "optimizers": [{"name": "adamw"}, {"name": "sgd", "lr": 1e6}]}' > mine.json
  cat > run.json << 'EOF'
{"name": "my_iris", "data": {"name": "iris", "batch_size": 16}, "model": {"name": "mlp", "hidden": [8]},
 "optimizer": {"name": "emonavi"}, "trainer": {"max_steps": 50}}
EOF
  accept compare --config mine.json
  [ -s studies/mine/report.html ] || complain "no studies/mine/report.html"
  shows 'my_iris: +2 seeds cannot tell' 'diverged or failed; each counts as infinite'
  grep -q '"inf"' studies/mine/report.json || complain "a run that diverged is not infinite"
  accept compare --config mine.json --dry-run
  shows '^4 jobs .optimizers 2, problems 1, seeds 2., about'
  accept compare --config mine.json --json
  shows '^\{"directory": "studies/mine", "report": "studies/mine/report.html", "summary": \["Track fixed'
  accept validate mine.json study.json
  shows 'mine.json: ok' 'study.json: ok'
  accept list problems
  shows '^mnist_cnn ' '^rosenbrock '
  accept list problems wine_mlp
  shows '"test_fraction": 0.5'
}

run_parts wrong whole killed sharded run_problems
