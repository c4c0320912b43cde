#!/usr/bin/env bash
# A lesson in its smallest size comes to a verdict, with a page and a picture.
# Usage: lesson_smoke.sh EMOTRAIN SOURCE_DIRECTORY LESSON
source "$(dirname "${BASH_SOURCE[0]}")/support.sh"

lesson=$3
ln -s "$source_dir/data" data
begin=$SECONDS
timeout 600 "$emotrain" lesson "$lesson" --smoke --jobs 1 --json > out 2> err < /dev/null || complain "$lesson: exit code $?: $(head -c 300 err)"
shows '"verdict": "(holds|fails|depends|open)"'
for file in records.jsonl lesson.json report.html picture.svg; do
  [ -s "lessons/$lesson-smoke/$file" ] || complain "$lesson: no $file"
done
grep -q 'nothing finite to show' "lessons/$lesson-smoke/report.html" && complain "$lesson: a chart shows nothing"
# What nobody waits for is not done.
[ $((SECONDS - begin)) -lt 120 ] || complain "$lesson: --smoke takes $((SECONDS - begin)) s"
run_parts
