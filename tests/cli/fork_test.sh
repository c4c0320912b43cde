#!/usr/bin/env bash
# What would have become of a run, had something been changed: emotrain fork.
# shellcheck source=tests/cli/support.sh
source "$(dirname "$0")/support.sh"

cat > moons.json << 'END'
{"name": "moons", "data": {"name": "two_moons", "validation_fraction": 0.2}, "model": {"name": "mlp", "hidden": [16]},
 "optimizer": {"name": "emonavi"}, "trainer": {"max_steps": 40, "save_steps": 10, "eval_steps": 15}}
END

same() { cmp -s "$1" "$2" || complain "$1 and $2 differ"; }

# forked PATTERN ARGUMENTS...: emotrain fork with --json, which shows the pattern; leaves the fork's directory in `fork`.
forked() {
  local pattern=$1
  shift
  accept fork --quiet --json "$@"
  shows "$pattern"
  fork=$(sed 's/^{"directory": "\([^"]*\)".*/\1/' out)
}

# Step records behind $2.
behind() { awk -F '[:,]' -v n="$2" '$2 > n' "$1/metrics.jsonl"; }

nothing_changed() {
  accept --config moons.json --quiet --output-dir run
  local before
  before=$(find run -type f ! -name report.html -exec cksum {} + | sort)
  local at
  for at in 0 7 10 15 39; do
    forked '"identical": true, "first_difference": null, .*"original_agrees": true' run --at $at
    [ "$fork" = run/forks/$at-1 ] || complain "the fork is in $fork"
    [ "$(ls "$fork" | paste -sd ' ')" = 'as-was changed fork.json report.html' ] || complain "in $fork are: $(ls "$fork")"
    local branch
    for branch in as-was changed; do
      behind run $at | cmp -s - "$fork/$branch/metrics.jsonl" || complain "$fork/$branch recorded something else than the run"
      same run/model.safetensors "$fork/$branch/model.safetensors"
      for file in model optimizer; do
        same "$fork/$branch/checkpoints/checkpoint-40/$file.safetensors" "run/checkpoints/checkpoint-40/$file.safetensors"
      done
      [ -e "$fork/$branch/checkpoints/checkpoint-$at" ] || complain "$fork/$branch has no checkpoint of its start"
      grep -q '"status": "completed"' "$fork/$branch/manifest.json" || complain "$fork/$branch is not completed"
      grep -q '"branch_of"' "$fork/$branch/manifest.json" || complain "$fork/$branch does not say where it comes from"
    done
  done
  [ "$before" = "$(find run -path run/forks -prune -o -type f ! -name report.html -exec cksum {} + | sort)" ] || complain "a fork changed its run"
}

# As many steps are the same as there are before the first whose ratio is above 0, by the record of the run; in that one the loss still is.
shadow_off() {
  local edition lr at first
  while read -r edition lr at; do
    accept --config moons.json --quiet --output-dir "$edition" --overwrite optimizer.edition="$edition" optimizer.use_shadow=true optimizer.lr="$lr"
    first=$(behind "$edition" "$at" | grep '"scalar"' | grep -v '"ratio":0,' | head -1 | sed 's/{"step":\([0-9]*\).*/\1/')
    [ -n "$first" ] || complain "$edition, lr $lr: no ratio is above 0"
    forked "\"first_difference\": {\"step\": $first, \"key\": \"ratio\"" "$edition" --at "$at" optimizer.use_shadow=false
    shows '"first_loss_difference": {"step"'
    [ "$at" -lt 8 ] || shows '"not_carried_over": \["shadow"\]'
    [ "$(grep -m 1 "\"step\":$first," "$fork/as-was/metrics.jsonl" | grep -o '"loss":[^,]*')" = \
      "$(grep -m 1 "\"step\":$first," "$fork/changed/metrics.jsonl" | grep -o '"loss":[^,]*')" ] || complain "$edition: the loss parts early"
    grep -q "\"first_difference\": $first," "$fork/fork.json" || complain "fork.json does not know where the branches part"
  done << 'END'
v1 1e-3 0
v1 1e-3 12
v3.6 3e-2 2
END
}

changes() {
  forked '"first_difference": {"step": 11, "key": "learning_rate", "as_was": 0.001, "changed": 0.0001}' run --at 10 'optimizer.lr*=0.1'
  grep -q '"lr": 0.0001' "$fork/changed/config.json" || complain "the factor is not in config.json"
  same run/config.json "$fork/as-was/config.json"
  forked '"identical": false' run --at 10 optimizer.edition=v3.6
  grep -q '"near": ' "$fork/changed/config.json" && grep -q '"long"' "$fork/changed/config.json" ||
    complain "the defaults of v3.6 did not follow: $(cat "$fork/changed/config.json")"
  [ "$fork" = run/forks/10-3 ] || complain "the third fork at step 10 is $fork"
  forked '"not_carried_over": \["exp_avg", "exp_avg_sq", "shadow", "emotion"\]' run --at 10 optimizer.name=adamw
  forked '"first_difference": {"step": 11, "key": "rule"' run --at 10 'optimizer={"name": "lion", "lr": 1e-3}'
  forked '"not_carried_over": \["exp_avg", "exp_avg_sq"\]' run --at 20 optimizer.name=emolynx
  grep -m 1 '"step":21,' "$fork/changed/metrics.jsonl" | grep -o '"scalar":[^,]*' > scalar
  grep -m 1 '"step":21,' run/metrics.jsonl | grep -o '"scalar":[^,]*' | cmp -s - scalar || complain "the emotion did not go on"
  # A branch that diverges is a result.
  forked '"status": "diverged", .*"error": "step ' run --at 10 optimizer='{"name": "sgd", "lr": 1e38}'
  # Where numbers do not change, they hold for both.
  forked '"identical": true' run --at 10 trainer.threads=2 trainer.logging_steps=3
  grep -q '"threads": 2' "$fork/as-was/config.json" || complain "the branches have other threads"
  # A plateau's learning rate goes on in proportion.
  accept --config moons.json --quiet --output-dir plateau trainer.eval_steps=4 \
    scheduler='{"name": "reduce_on_plateau", "patience": 0, "threshold": 0.5, "factor": 0.5}'
  forked '"key": "learning_rate", "as_was": 0.0005, "changed": 0.001}' plateau --at 10 'optimizer.lr*=2'
  forked '"identical": true' plateau --at 10
  grep -q 'optimizer.name=emolynx' run/report.html || complain "the run's report knows nothing of a fork"
  grep -q '"fork_at":10,"change":"optimizer.lr\*=0.1"' run/forks/10-2/report.html || complain "a fork's report does not show its change"
  [ -s run/forks/10-1/as-was/report.html ] && [ -s run/forks/10-1/changed/report.html ] || complain "a branch has no report"
  # What a person sees.
  accept fork run --at 10 optimizer.use_shadow=false
  shows 'the branches part in step [0-9]*: ratio .* as it was, 0 changed; the loss from step' 'at the end: loss .*eval_loss .*changed' \
    'run/forks/10-[0-9]*: as-was changed fork.json report.html'
  grep -q 'not carried over from the optimizer: shadow' err || complain "no word of the shadow: $(cat err)"
}

refusals() {
  cp -r run still
  refuse 66 'there is no run' fork nowhere --at 3
  refuse 2 'run has 40 steps, and no branch would have one left; give at most 39' fork run --at 40
  refuse 2 'counted from 1' fork run --at -1
  refuse 2 '/optimizer/use_shadwo: unknown key; did you mean "use_shadow"' fork run --at 10 optimizer.use_shadwo=false
  refuse 2 '/optimizer/eps: has no number|not of the form|no factor|is no JSON|argument 1' fork run --at 10 'optimizer.lr*=fast'
  refuse 2 '/optimizer/name: has no number to multiply' fork run --at 10 'optimizer.name*=2'
  refuse 2 'not of the form section.key=value' fork run --at 10 optimizer
  for change in data.batch_size=32 data.samples=100 'model.hidden=[8]' seed=3 trainer.gradient_accumulation_steps=2; do
    refuse 2 'could not be compared' fork run --at 10 "$change"
  done
  refuse 2 'the changed branch is to have 10 steps' fork run --at 10 trainer.max_steps=10
  refuse 2 'at is required|--at' fork run
  refuse 2 '/trainer/stop_on_quiet' fork run --at 10 optimizer.emotion=null optimizer.use_shadow=false trainer.stop_on_quiet=true
  diff -r run still > /dev/null || complain "a fork that was refused left something"
  accept --config moons.json --quiet --output-dir short trainer.max_steps=20
  sed -i 's/"max_steps": 20/"max_steps": 30/' short/config.json
  refuse 2 'short has done 20 steps' fork short --at 25
}

# A run's own record that the branch as-was does not repeat.
damage() {
  cp -r run spoilt && rm -r spoilt/forks
  sed -i '/"step":25,/s/"grad_norm":[0-9]/"grad_norm":9/' spoilt/metrics.jsonl
  forked '"original_agrees": false, "original_differs_at": 25' spoilt --at 10
  accept fork spoilt --at 30 -q
  shows 'the same to the bit'
  accept fork spoilt --at 20 -q
  shows 'spoilt itself recorded something else from step 25 on'
  # Checkpoints that are damaged are passed over.
  truncate -s -1 spoilt/checkpoints/checkpoint-10/model.safetensors
  accept fork spoilt --at 12 -q
  shows 'the same to the bit'
  grep -q 'checkpoint-10.*going back to an earlier checkpoint' err || complain "no word of a damaged checkpoint: $(cat err)"
  # Without any, from the start, with the weights that the run began with.
  accept --config moons.json --quiet --output-dir warm --init-from run/model.safetensors
  rm -r warm/checkpoints
  forked '"identical": true, .*"original_agrees": true' warm --at 5
  printf x >> run/model.safetensors
  refuse 65 'is not the file that warm had its initial weights from' fork warm --at 5
  truncate -s -1 run/model.safetensors
}

forks_in_runs() {
  accept runs .
  if grep -q forks out; then complain "runs lists forks: $(cat out)"; fi
  accept inspect run
  shows 'checkpoint-40 .*complete'
  accept runs run/forks/10-1
  shows 'as-was .*completed' 'changed .*completed'
  # A branch is a run: it can be forked, evaluated and made longer.
  forked '"original_agrees": true' run/forks/10-1/changed --at 12
  accept eval run/forks/10-1/changed
  accept --resume run/forks/10-1/as-was --quiet trainer.max_steps=45
  grep -q branch_of run/forks/10-1/as-was/manifest.json || complain "a branch that went on forgot where it came from"
  refuse 66 'is a branch that began behind step 10' fork run/forks/10-1/changed --at 9
  # The run goes on without them, also from before they began; replaced with them.
  accept --resume run/checkpoints/checkpoint-10 --quiet
  [ -e run/forks/15-1/fork.json ] || complain "going on removed a fork"
  accept --config moons.json --quiet --output-dir run --overwrite
  [ ! -e run/forks ] || complain "a replaced run has the forks of the one before"
}

interruption() {
  accept --config moons.json --quiet --output-dir long
  start fork long --quiet --at 10 trainer.max_steps=100000000
  until [ -e long/forks/10-1/changed/metrics.jsonl ] || ! kill -0 $process 2> /dev/null; do sleep 0.02; done
  sleep 0.2
  kill -INT $process
  wait $process
  [ $? = 130 ] || complain "SIGINT: $(cat err)"
  grep -q '"status": "interrupted"' long/forks/10-1/changed/manifest.json || complain "the branch is not interrupted"
  grep -q '"status": "interrupted"' long/forks/10-1/fork.json || complain "the fork is not interrupted"
  grep -q 'interrupted by SIGINT; what there is' err || complain "no word of it: $(cat err)"
}

run_parts nothing_changed shadow_off changes refusals damage forks_in_runs interruption
