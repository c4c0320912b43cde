#!/usr/bin/env bash
# The pages for users: what they tell to type works, what they show is what comes out, and their links lead somewhere.
# In a page a block ```sh is run as a whole. In a block ```console a line "$ COMMAND" is run; the lines behind it, but for "...", must be
# among its output, whatever their numbers. Other blocks (```bash, ```python, ...) are not run. A command that is shown to fail ends in
# `|| echo "exit code $?"`.
# shellcheck source=tests/cli/support.sh
source "$(dirname "$0")/support.sh"

mkdir bin
ln -s "$emotrain" bin/emotrain
export PATH=$PWD/bin:$PATH

# Blanks and numbers differ from machine to machine.
normalised() { sed -E 's/[-+]?[0-9][0-9.,:]*(e[-+]?[0-9]+)?/N/g; s/(µs|ms|s) each/T each/; s/ +/ /g' "$@"; }

# blocks PAGE: cuts it into block-NNN.sh, block-NNN.console.
blocks() {
  awk '/^```/ && !inside { inside = 1; kind = substr($0, 4); file = sprintf("block-%03d.%s", ++n, kind); next }
       /^```$/ { inside = 0; close(file); next }
       inside && (kind == "sh" || kind == "console") { print > file }' "$1"
}

run_command() {
  commands=$((commands + 1))
  timeout 60 bash -euc "$1" > out 2>&1 < /dev/null || complain "$page: exit code $?: $1: $(head -c 500 out)"
  normalised out > out.normalised
}

run_console() {
  local line command=
  while IFS= read -r line; do
    case $line in
      '$ '*) command=${line#'$ '} && run_command "$command" ;;
      ...) ;;
      *) normalised <<< "$line" | grep -qxFf - out.normalised || complain "$page: no '$line' from $command: $(head -c 1000 out)" ;;
    esac
  done < "$1"
}

run_page() {
  page=$1
  commands=0
  mkdir "$work/$(basename "$page" .md)"
  cd "$work/$(basename "$page" .md)" || exit 1
  ln -s "$source_dir/data" "$source_dir/configs" .
  blocks "$source_dir/$page"
  local block
  for block in block-*; do
    case $block in
      *.sh) run_command "$(cat "$block")" ;;
      *.console) run_console "$block" ;;
    esac
  done
  # Were the blocks marked otherwise, nothing would be run.
  [ "$commands" -ge "$2" ] || complain "$page: only $commands commands"
}

getting_started() { run_page docs/getting-started.md 20; }
exit_codes() { run_page docs/exit-codes.md 9; }
events() { run_page docs/events.md 3; }
shadow() { run_page docs/how-the-shadow-works.md 1; }
compare() { run_page docs/compare.md 2; }
lessons() { run_page docs/lessons.md 3; }

# headings FILE: as they stand in links.
headings() {
  grep -E '^#+ ' "$1" | sed -E 's/^#+ //; s/[^[:alnum:] _-]//g; s/ /-/g' | tr '[:upper:]' '[:lower:]'
}

links() {
  local file target to
  for file in "$source_dir"/*.md "$source_dir"/docs/*.md "$source_dir"/bench/*.md; do
    while IFS= read -r target; do
      to=$file
      [ "${target%%#*}" = "" ] || to=$(dirname "$file")/${target%%#*}
      [ -e "$to" ] || { complain "${file#"$source_dir/"}: a link to $target, which is not there"; continue; }
      [[ $target != *#* ]] || headings "$to" | grep -qxF -- "${target#*#}" || complain "${file#"$source_dir/"}: no heading for $target"
    done < <(grep -oE '\]\([^):]+\)' "$file" | sed 's/^](//; s/)$//' | sort -u)
  done
}

run_parts getting_started exit_codes events shadow lessons compare links
