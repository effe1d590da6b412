#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# `warpstep check` as a person meets it outside Slurm: rules, formats, facts kept and judged again. Arguments: WARPSTEP ROOT
set -uo pipefail
warpstep=$1 root=$2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failures=0
# As in command_line_test.sh.
export ASAN_OPTIONS="intercept_tls_get_addr=0${ASAN_OPTIONS:+:$ASAN_OPTIONS}"

check() {  # WHAT COMMAND...
    if "${@:2}"; then echo "ok: $1"; else
        echo "FAILED: $1"
        head -c 2000 "$scratch/out"
        cat "$scratch/err"
        failures=$((failures + 1))
    fi
}
runs() { timeout 120 "$warpstep" check "$@" >"$scratch/out" 2>"$scratch/err"; status=$?; }
exits() { [[ $status -eq $1 ]]; }
prints() { grep -Eq -- "$1" "$scratch/out"; }
says() { grep -Eq -- "$1" "$scratch/err"; }

runs --list
check "the list of rules" prints '^launch-no-srun +Launch'
check "more than a hundred rules" bash -c "[[ \$(wc -l <'$scratch/out') -gt 100 ]]"
runs --explain gpu-shared-by-ranks
check "one rule in full" prints 'Duplicate GPU'
runs --explain gpu-shared-by-rank
check "an unknown rule: exit code 2" exits 2
check "an unknown rule: a suggestion" says "did you mean 'gpu-shared-by-ranks'"
runs --ignore nothing
check "an unknown rule to ignore: exit code 2" exits 2
runs --page
check "docs/troubleshooting.md is what the rules say (warpstep check --page >docs/troubleshooting.md)" \
    cmp -s "$scratch/out" "$root/docs/troubleshooting.md"

runs --local-ranks 2 --save-facts "$scratch/facts.json" --format json --output "$scratch/report.json"
check "two ranks: judged" exits 0
check "two ranks: both are in the report" python3 -c "
import json; r = json.load(open('$scratch/report.json'))
assert r['schema'] == 'warpstep.check/1' and len(r['ranks']) == 2 and r['exit_code'] == 0"
runs --facts "$scratch/facts.json" --format json
check "facts judged again: the same findings" python3 -c "
import json
a, b = json.load(open('$scratch/report.json')), json.load(open('$scratch/out'))
assert a['findings'] == b['findings'] and len(a['findings']) > 100"
runs --facts "$scratch/report.json"
check "a file that holds no facts: exit code 2" exits 2
check "a file that holds no facts: what to type" says '--save-facts'
for format in text junit prometheus html nagios; do
    runs --facts "$scratch/facts.json" --format "$format"
    check "format $format" bash -c "[[ $status -le 1 && -s '$scratch/out' ]]"
done
sed -i 's/"silent_ranks": \[\]/"silent_ranks": [1]/' "$scratch/facts.json"
runs --facts "$scratch/facts.json"
check "a broken fact: exit code 1" exits 1
check "a broken fact: its rule and what to do" prints 'step-rank-missing'
runs --facts "$scratch/facts.json" --ignore step-rank-missing
check "an ignored rule fails nothing" exits 0
runs --facts "$scratch/facts.json" --nagios
check "nagios: critical" exits 2
check "nagios: one line" prints '^WARPSTEP CRITICAL - .*step-rank-missing'
runs --local-ranks 2 --floors "$root/configs/all-reduce.yaml"
check "a file of floors that is none: exit code 2" exits 2
runs --learn "$scratch/baseline.json"
check "nothing to learn from: exit code 2" exits 2
check "nothing to learn from: what to type" says 'add --level standard'
runs --local-ranks 2 --level standard --learn "$scratch/facts.json"
check "a baseline that is none: exit code 2, before anything is measured" exits 2
check "a baseline that is none: it is left as it was" grep -q warpstep.facts "$scratch/facts.json"
runs --local-ranks 2 --output /nonexistent/report
check "a report that cannot be written: exit code 3" exits 3
check "a report that cannot be written: says where" says 'cannot write /nonexistent/report'

echo "check: $failures failed"
((failures == 0))
