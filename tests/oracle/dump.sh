#!/bin/sh
# Runs Kafka's own dump tool over FILE... (.log, .index, .timeindex, .txnindex) and prints what it prints.
# An index is judged against the .log beside it.
#
# Exit status:  0  the tool read every file and found no fault
#               1  the tool failed, or named a fault: see the lines under "faults:" on stderr
#               2  wrong usage
#              77  Java 17, Maven or the packages are not to be had here: a test should skip, and say so
set -u

[ $# -gt 0 ] || { echo "usage: dump.sh FILE..." >&2; exit 2; }
home=$(cd "$(dirname "$0")" && pwd)
classpath=$home/target/classpath

# The tool's own exit status is 0 for most faults, so its words decide. Records are printed on lines that begin with '|'.
faults='^baseOffset: .* isvalid: false$|^Found [0-9]+ invalid bytes at the end of |^Mismatches in :|^Found timestamp mismatch in :'
faults="$faults|^Found out of order timestamp in :|^The following indexed offsets are not found in :|^Exception in thread "

# The packages are all there: the list of them is not older than pom.xml, and none of them was deleted since.
resolved() {
    [ -s "$classpath" ] && [ ! "$home/pom.xml" -nt "$classpath" ] || return 1
    (IFS=:; for jar in $(cat "$classpath"); do [ -f "$jar" ] || exit 1; done)
}

# Fetches the packages. The list takes its name at once, so that two runs at a time do no harm.
resolve() {
    mkdir -p "$home/target" && list=$(mktemp "$home/target/classpath.XXXXXX") || return 1
    mvn -q -B -Dstyle.color=never -f "$home/pom.xml" dependency:build-classpath -Dmdep.outputFile="$list" >&2 &&
        [ -s "$list" ] && mv "$list" "$classpath" && return 0
    rm -f "$list"
    return 1
}

for program in java mvn; do
    command -v "$program" >/dev/null 2>&1 || { echo "dump.sh: skipped: there is no $program" >&2; exit 77; }
done
resolved || resolve || { echo "dump.sh: skipped: Maven could not fetch Kafka's packages" >&2; exit 77; }

logs='' indexes='' others=''
for file in "$@"; do
    case $file in
        *,*) echo "dump.sh: $file: the tool takes no comma in a name" >&2; exit 2 ;;
        *.log) logs=$logs,$file ;;
        *.index | *.timeindex) indexes=$indexes,$file ;;
        *.txnindex) others=$others,$file ;;
        *) echo "dump.sh: $file: not a .log, .index, .timeindex or .txnindex file" >&2; exit 2 ;;
    esac
    [ -f "$file" ] || { echo "dump.sh: $file: no such file" >&2; exit 2; }
done

out=$(mktemp "${TMPDIR:-/tmp}/dump.XXXXXX") || exit 1
trap 'rm -f "$out"' EXIT
status=0

# dump FILES OPTIONS...: one run of the tool.
dump() {
    files=${1#,}
    shift
    [ -n "$files" ] || return 0
    java -cp "$(cat "$classpath")" org.apache.kafka.tools.DumpLogSegments "$@" --files "$files" >"$out" 2>&1 || status=1
    ! grep -q UnsupportedClassVersionError "$out" || { echo "dump.sh: skipped: Kafka's tools need Java 17" >&2; exit 77; }
    cat "$out"
    if grep -Eq "$faults" "$out"; then
        status=1
        { echo "faults:"; grep -E -A 3 "$faults" "$out"; } >&2
    fi
}

dump "$logs" --deep-iteration --print-data-log
dump "$indexes" --index-sanity-check # whether a broker would take the index as it is
dump "$indexes"                      # every entry, held against the log
dump "$others"
exit $status
