#!/usr/bin/env bash
# SIGKILL at random moments of a run that writes a checkpoint after each step, which is then resumed, and killed again ...: every checkpoint
# that is there is whole, none is lost that a later start has seen, and in the end the weights are those of a run that nobody disturbed.
# CRASH_TEST_KILLS: how many (50).
# shellcheck source=tests/cli/support.sh
source "$(dirname "$0")/support.sh"

kills=${CRASH_TEST_KILLS:-50}
RANDOM=${CRASH_TEST_SEED:-1}
steps=60
arguments=(--config "$source_dir/configs/two_moons_mlp.json" --quiet trainer.max_steps=$steps trainer.save_steps=1 trainer.eval_steps=7
  trainer.save_total_limit=3)

newest() {
  find "$1/checkpoints" -maxdepth 1 -name 'checkpoint-*' 2> /dev/null | sed 's/.*checkpoint-//' | sort -n | tail -1
}

undisturbed() {
  accept "${arguments[@]}" --output-dir whole
  # Kills are spread over the time that a run takes.
  local begin end
  begin=$(date +%s%N)
  accept "${arguments[@]}" --output-dir timed
  end=$(date +%s%N)
  microseconds=$(((end - begin) / 1000 + 1000))
}

check_checkpoints() {
  local directory=$1 before=$2 after
  [ -e "$directory/manifest.json" ] || return 0
  run inspect "$directory"
  [ "$code" = 0 ] || complain "after a kill a checkpoint is not whole: $(cat out err)"
  after=$(newest "$directory")
  [ "${after:-0}" -ge "${before:-0}" ] || complain "checkpoint $before is lost, there is $after"
}

killed_again_and_again() {
  local killed=0 round=0 finished=0
  while [ $killed -lt "$kills" ] && [ $failures = 0 ]; do
    round=$((round + 1))
    local directory=run-$round
    while [ ! -s "$directory/model.safetensors" ] && [ $failures = 0 ]; do
      local before process delay
      before=$(newest "$directory")
      "$emotrain" "${arguments[@]}" --output-dir "$directory" --resume auto > out 2> err < /dev/null &
      process=$!
      delay=$((RANDOM * 32768 + RANDOM))
      sleep "$(printf '0.%06d' $((delay % microseconds)))"
      if [ $killed -lt "$kills" ] && kill -KILL $process 2> /dev/null; then killed=$((killed + 1)); fi
      wait $process 2> /dev/null
      grep -q warning err && complain "a checkpoint was not whole: $(cat err)"
      check_checkpoints "$directory" "$before"
    done
    accept "${arguments[@]}" --output-dir "$directory" --resume auto
    cmp -s "$directory/model.safetensors" whole/model.safetensors || complain "after kills the weights are others"
    cmp -s "$directory/metrics.jsonl" whole/metrics.jsonl || complain "after kills the records are others"
    [ -z "$(find "$directory" -name '.*')" ] || complain "temporary files are left: $(find "$directory" -name '.*')"
    finished=$((finished + 1))
    rm -rf "$directory"
  done
  [ $killed -ge "$kills" ] || complain "only $killed kills"
  [ $finished -ge 1 ] || complain "no run was finished"
}

run_parts undisturbed killed_again_and_again
