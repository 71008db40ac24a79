#!/bin/bash
# Regenerates test/data/lucene_bm25.tsv: runs Scores on the documents and queries in the same folder. Needs mvn and
# a JDK of version 21 or newer ($JAVA_HOME, or one under /usr/lib/jvm). The build does not use this script.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
data=$here/../../test/data
out=${TMPDIR:-/tmp}/trine-lucene
java=""
for home in "${JAVA_HOME:-}" /usr/lib/jvm/*; do
  [[ -x $home/bin/javac ]] || continue
  version=$("$home/bin/javac" -version 2>&1 | sed 's/[^0-9]*\([0-9]*\).*/\1/')
  [[ $version -ge 21 ]] && java=$home && break
done
[[ -n $java ]] || { echo "make.sh: no JDK of version 21 or newer found in \$JAVA_HOME or /usr/lib/jvm" >&2; exit 1; }
mkdir -p "$out"
python3 "$here/make_input.py" "$data"
JAVA_HOME=$java mvn -q -B -f "$here/pom.xml" dependency:copy-dependencies -DoutputDirectory="$out/jars" >&2
"$java/bin/javac" -cp "$out/jars/*" -d "$out/classes" "$here/src/Scores.java"
"$java/bin/java" -cp "$out/classes:$out/jars/*" Scores "$data/lucene_docs.tsv" "$data/lucene_queries.txt" \
  > "$data/lucene_bm25.tsv"
wc -l "$data/lucene_bm25.tsv"
