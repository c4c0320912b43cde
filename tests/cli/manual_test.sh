#!/bin/bash
# Usage: manual_test.sh EMOTRAIN SOURCE_DIRECTORY. Help, the manual page, and what happens to output that nobody reads; silent when all is
# well.
# shellcheck source=tests/cli/support.sh
. "$(dirname "$0")/support.sh"
commands="list replay completion help"

help_texts() {
  accept --help
  cp out help
  accept help
  cmp -s out help || complain "help is not --help"
  shows '^Usage: emotrain --config FILE \[OPTIONS\] \[section.key=value\.\.\.\]$' '^       emotrain replay \[OPTIONS\] TRACE.json\.\.\.$' 'Examples:'
  for command in $commands; do
    accept "$command" --help
    cp out help
    accept help "$command"
    cmp -s out help || complain "help $command is not $command --help"
    shows "^Usage: emotrain $command" 'Examples:'
  done
  refuse 2 'there is no command "bogus"' help bogus
  run
  [ "$code" = 2 ] || complain "without arguments the exit code is $code"
  [ ! -s out ] || complain "without arguments something is on standard output"
  grep -q '^usage: emotrain --config FILE' err || complain "without arguments: $(cat err)"
  [ "$(wc -l < err)" -le 24 ] || complain "without arguments: $(wc -l < err) lines"
}

manual_page() {
  accept help --man
  cp out emotrain.1
  for command in '' $commands; do
    accept $command --help
    grep -oE '^  (-., )?--[a-z-]+' out | grep -oE -- '--[a-z-]+' | while read -r option; do
      grep -qF -- "${option//-/\\-}" emotrain.1 || echo "$option"
    done > missing
    [ ! -s missing ] || complain "the manual lacks options of '$command': $(xargs < missing)"
  done
  if type -p groff > /dev/null; then
    groff -man -Tutf8 -ww -z emotrain.1 > warnings 2>&1
    [ ! -s warnings ] || complain "groff: $(head -5 warnings)"
    groff -man -Tascii -P-cbou emotrain.1 > page
    for pattern in 'EMOTRAIN\(1\)' '^SYNOPSIS' '--output-dir DIR' 'emotrain --config configs/quickstart.json' "optimizer='\{\"name\": \"adamw\", \"lr\": 1e-3\}'"; do
      grep -qE -- "$pattern" page || complain "the page has no $pattern"
    done
  fi
}

version() {
  accept --version
  for line in '^emotrain [0-9]+\.[0-9]+\.[0-9]+( \([0-9a-f]{7,}(-dirty)?\))?$' '^build +[A-Za-z]+, (native|portable)' '^compiler +[A-Z]' '^flags +-' \
    '^libraries  fmt [0-9.]+, Eigen [0-9.]+, nlohmann-json [0-9.]+, CLI11 [0-9.]+, zlib [0-9.]+, OpenSSL [0-9]' '^machine .* [0-9]+ threads$'; do
    shows "$line"
  done
}

closed_output() {
  for arguments in --help --version 'help --man' 'list optimizers --json' 'list datasets' 'completion bash'; do
    # shellcheck disable=SC2086
    (set +o pipefail; timeout 60 "$emotrain" $arguments 2> err; echo $? > code) | true
    [ ! -s err ] || complain "$arguments: a closed pipe: $(cat err)"
    # A reader that ends at once may still come after a short text was written.
    [[ $(cat code) == 0 || $(cat code) == 141 ]] || complain "$arguments: a closed pipe ends with $(cat code)"
  done
  exec 7> >(:)
  sleep 0.2
  timeout 60 "$emotrain" list optimizers --json >&7 2> err
  [ $? = 141 ] || complain "a pipe that is closed for sure"
  exec 7>&-
  [ ! -s err ] || complain "a pipe that is closed for sure: $(cat err)"
}

run_parts help_texts manual_page version closed_output
