#!/bin/bash
# Usage: completion_test.sh EMOTRAIN SOURCE_DIRECTORY. How shells complete `emotrain`; silent when all is well. zsh and fish are tested
# where they are installed.
# shellcheck source=tests/cli/support.sh
. "$(dirname "$0")/support.sh"
mkdir bin runs && ln -s "$emotrain" bin/emotrain
PATH=$work/bin:$PATH
cat > small.json << 'END'
{"data": {"name": "iris"}, "model": {"name": "mlp"}, "optimizer": {"name": "sgd"}}
END

# completes EXPECTED WORD...: the candidates, sorted, with spaces between them. EXPECTED may be a glob.
completes() {
  local expected=$1 got
  shift
  accept __complete "$@"
  [ ! -s err ] || complain "completing '$*' writes to standard error"
  got=$(cut -f 1 out | sort | paste -sd ' ')
  # shellcheck disable=SC2053
  [[ $got == $expected ]] || complain "'$*' completes to: $got"
}

program() {
  completes 'list' li
  completes '--no-progress' --no
  completes '--version' --vers
  completes ':files' --config ''
  completes ':directories' --output-dir ''
  completes '' --threads ''
  completes '--options' list --o
  completes 'optimizers' list op
  completes 'wine_mlp' list problems wi
  completes 'emoclan emofact emolynx emonavi emoneco emozeal' list optimizers emo
  completes ':files' replay ''
  completes ':files' replay first.json second
  completes '--scenarios' replay --sc
  completes 'bash fish zsh' completion ''
  completes 'compare completion eval explain export help inspect list reconstruct replay report runs sample schema validate' help ''
  completes 'optimizer.momentum=' --config small.json optimizer.mom
  completes '' --config small.json optimizer.betas
  completes 'optimizer.betas=' --config small.json optimizer.name=adamw optimizer.bet
  completes 'optimizer.name=adam optimizer.name=adamw' --config small.json optimizer.name=adam
  completes 'optimizer.nesterov=false optimizer.nesterov=true' --config small.json optimizer.nesterov=
  completes 'optimizer.emotion.edition=*' optimizer.emotion.ed
  completes 'trainer.num_train_epochs=' --config absent.json trainer.num
  completes '' -- --conf
  # All options of all commands, and all commands.
  for command in '' compare completion eval explain export help inspect list reconstruct replay report runs sample schema validate; do
    accept $command --help
    grep -oE '^  (-., )?--[a-z-]+' out | grep -oE -- '--[a-z-]+' | sort > listed
    accept __complete $command --
    cut -f 1 out | sort | cmp -s - listed || complain "options of '$command' that help and completion do not share"
  done
  completes '*list*replay*' ''
}

bash_script() {
  "$emotrain" completion bash > script.bash
  # bash_completes EXPECTED LINE: what bash would put in place of the last word; behind its last "=", if there is one.
  cat > driver.bash << 'END'
. ./script.bash
expected=$1
COMP_LINE=$2
COMP_POINT=${#COMP_LINE}
_emotrain emotrain
[ "${COMPREPLY[*]}" = "$expected" ] || echo "bash: '$COMP_LINE' completes to: ${COMPREPLY[*]}"
END
  while IFS='|' read -r expected line; do
    bash driver.bash "$expected" "$line" > out 2> err
    [ ! -s out ] && [ ! -s err ] || complain "$(cat out err)"
  done << 'END'
list|emotrain li
--config|emotrain --con
small.json|emotrain --config sma
runs|emotrain --config small.json --output-dir ru
emonavi emoneco|emotrain list optimizers emon
optimizer.momentum=|emotrain --config small.json optimizer.mom
adam adamw|emotrain --config small.json optimizer.name=adam
|emotrain --config small.json --bogus
END
}

zsh_script() {
  type -p zsh > /dev/null || return 0
  "$emotrain" completion zsh > _emotrain
  cat > driver.zsh << 'END'
compdef() { : }
compadd() { shift 3; print -l -- ${(P)1} }
_describe() { print -l -- ${${(P)2}%%:*} }
_files() { print files $* }
. ./_emotrain
words=(${(z)1})
[[ $1 == *' ' ]] && words+=('')
CURRENT=$#words
_emotrain
END
  while IFS='|' read -r expected line; do
    [ "$(zsh -f driver.zsh "$line" 2>&1 | paste -sd ' ')" = "$expected" ] || complain "zsh: '$line' completes to: $(zsh -f driver.zsh "$line" 2>&1 | paste -sd ' ')"
  done << 'END'
list|emotrain li
--config|emotrain --con
files|emotrain --config sma
files -/|emotrain --output-dir ru
emonavi emoneco|emotrain list optimizers emon
optimizer.momentum=|emotrain --config small.json optimizer.mom
optimizer.name=adam optimizer.name=adamw|emotrain --config small.json optimizer.name=adam
END
}

fish_script() {
  type -p fish > /dev/null || return 0
  "$emotrain" completion fish > emotrain.fish
  while IFS='|' read -r expected line; do
    HOME=$work fish --no-config -c 'source emotrain.fish; complete -C $argv[1]' "$line" > out 2> err
    [ "$(cut -f 1 out | sort | paste -sd ' ')" = "$expected" ] || complain "fish: '$line' completes to: $(cat out err)"
  done << 'END'
list|emotrain li
--config|emotrain --con
small.json|emotrain --config sma
runs/|emotrain --output-dir ru
emonavi emoneco|emotrain list optimizers emon
optimizer.momentum=|emotrain --config small.json optimizer.mom
optimizer.name=adam optimizer.name=adamw|emotrain --config small.json optimizer.name=adam
END
}

refusals() {
  refuse 2 'there is no completion for the shell "tcsh"' completion tcsh
  refuse 2 'shell' completion
}

run_parts program bash_script zsh_script fish_script refusals
