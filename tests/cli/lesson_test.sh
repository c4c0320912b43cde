#!/usr/bin/env bash
# Lessons: what they print and write, predictions, a killed one, wrong ones.
# Usage: lesson_test.sh EMOTRAIN SOURCE_DIRECTORY
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

cat > tiny.json << 'END'
{
  "title": "Tiny", "fact": "a test", "question": "Does a higher learning rate learn faster?",
  "prediction": {"ask": "Does it?", "options": [{"text": "yes", "verdict": "holds"}, {"text": "no", "verdict": "fails"}, "perhaps"]},
  "run": {
    "data": {"name": "blobs", "samples": 200, "classes": 3, "batch_size": 16, "validation_fraction": 0.25},
    "model": {"name": "mlp", "hidden": [8]}, "optimizer": {"name": "emonavi"}, "trainer": {"max_steps": 60, "eval_steps": 10}
  },
  "cells": [{"name": "low", "label": "lr 1e-5", "set": {"optimizer.lr": 1e-5}}, {"name": "high", "label": "lr 1e-2", "set": {"optimizer.lr": 1e-2}}],
  "sizes": {"smoke": {"seeds": 3}, "default": {"seeds": 8}, "full": {"seeds": 8, "set": {"trainer.max_steps": 30000}}},
  "findings": [{"text": "the difference", "value": "last(low.eval_loss) - last(high.eval_loss)", "claim": "> 0", "unit": "nats"}],
  "charts": [{"title": "Loss", "series": "eval_loss", "cells": ["low", "high"]}]
}
END

listed() {
  accept lesson
  grep -oE '^[a-z-]+ +claim [0-9]+' out | grep -oE '[0-9]+$' > claims
  cmp -s <(seq 12) claims || complain "claims are listed as $(tr '\n' ' ' < claims)"
  shows '^lr-too-low +claim 4 +Does a training'
  accept lesson --json
  shows '^{"lessons": \[.*"name": "lr-too-low", "subject": "claim 4"'
  accept lesson lr-too-low --print
  cmp -s out "$source_dir/configs/lessons/lr-too-low/lesson.json" || complain "--print shows another lesson.json"
  accept __complete lesson lr-too
  shows '^lr-too-low'
}

done_once() {
  accept lesson --config tiny.json
  grep -q '^Does a higher learning rate' err || complain "no question: $(head -c 300 err)"
  shows '^  supported +the difference' 'claimed > 0: [0-9.]+ nats \[' '^The fact "a test" holds here' '^lessons/tiny/report.html$'
  grep -q 'predicted' out && complain "a prediction that nobody made"
  cp lessons/tiny/records.jsonl records.jsonl
  cp lessons/tiny/report.html report.html
  # Nothing is done twice; a prediction is told.
  accept lesson --config tiny.json --predict b --quiet
  [ ! -s err ] || complain "--quiet: $(head -c 300 err)"
  shows '^You predicted: no \(it is otherwise\)$'
  grep -q 'You predicted: <em>no</em>' lessons/tiny/report.html || complain "the page knows no prediction"
  cmp -s lessons/tiny/records.jsonl records.jsonl || complain "runs were done again"
  accept lesson --config tiny.json --jobs 1 --quiet --output-dir one
  cmp -s one/records.jsonl records.jsonl || complain "one worker: other records"
  cmp -s one/report.html report.html || complain "one worker: another page"
  accept lesson --config tiny.json --predict C --quiet
  shows '^You predicted: perhaps \(what was measured: the difference [0-9.]+ nats\)$'
  accept lesson --config tiny.json --predict C --json
  shows '^{"directory": "lessons/tiny", "report": "lessons/tiny/report.html", "result": {"name": "tiny",.*"agrees": null'
  accept lesson --config tiny.json --smoke --predict a
  shows '^The fact "a test": 3 seeds are too few' '^You predicted: yes$' '^lessons/tiny-smoke/report.html$'
}

# What was recorded is not lost in silence.
anew() {
  accept lesson --config tiny.json --quiet --output-dir anew
  cp anew/records.jsonl records.jsonl
  refuse 73 'anew: holds the lesson in its size default; give another --output-dir, or that size' \
    lesson --config tiny.json --smoke --quiet --output-dir anew
  cmp -s anew/records.jsonl records.jsonl || complain "another size took the records away"
  mkdir changed
  sed 's/1e-5}/2e-5}/' tiny.json > changed/tiny.json
  accept lesson --config changed/tiny.json --json --output-dir anew
  grep -q '^emotrain: the lesson or the program has changed .* in anew .* discarded' err || complain "records went in silence: $(head -c 300 err)"
  accept lesson --config changed/tiny.json --json --output-dir anew
  [ ! -s err ] || complain "nothing changed, but: $(head -c 300 err)"
}

killed() {
  start lesson --config tiny.json --full
  for ((i = 0; i < 100; ++i)); do [ "$(cat lessons/tiny-full/records.jsonl 2> /dev/null | wc -l)" -gt 3 ] && break; sleep 0.1; done
  kill -KILL "$process"
  wait "$process" 2> /dev/null
  start lesson --config tiny.json --full
  sleep 0.3
  kill -INT "$process"
  wait "$process"
  code=$?
  [ "$code" = 130 ] || [ "$code" = 0 ] || complain "SIGINT: exit code $code: $(head -c 300 err)"
  accept lesson --config tiny.json --full
  accept lesson --config tiny.json --full --output-dir whole
  cmp -s lessons/tiny-full/records.jsonl whole/records.jsonl || complain "a killed lesson came to other records"
  cmp -s lessons/tiny-full/report.html whole/report.html || complain "a killed lesson came to another page"
}

wrong() {
  refuse 2 'there is no lesson "lr-to-low"; did you mean "lr-too-low"\?' lesson lr-to-low
  refuse 2 'give a lesson of your own with --config' lesson tiny.json
  refuse 2 '"d" is no answer; choose one of A to C' lesson --config tiny.json --predict d
  refuse 2 'name a lesson' lesson --smoke
  refuse 66 'nothing.json' lesson --config nothing.json
  sed 's/"> 0"/">0"/; s/"labels*": "lr 1e-5"/"labl": "x"/' tiny.json > bad.json
  refuse_all 2 'bad.json:8:.*/cells/0/labl: unknown key; did you mean "label"' lesson --config bad.json
  cp tiny.json other.json
  refuse 73 'holds the lesson tiny' lesson --config other.json --output-dir lessons/tiny
}

run_parts listed done_once anew killed wrong
