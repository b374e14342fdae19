# The README's lines for a notebook, run as they stand there.
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bats
load helpers

# notebook_lines: the block of code under "From a notebook".
notebook_lines() {
  sed -n '/^\*\*From a notebook/,/^```$/p' "$SOURCE_DIR/README.md" | sed '1,/^```python$/d; /^```$/d'
}

@test "README: from a notebook, in ten lines" {
  "$PYTHON" -c 'import pandas' 2>"$work/why" || skip "no pandas here: $(tail -n 1 "$work/why")"
  notebook_lines >"$work/notebook.py"
  local lines
  lines=$(grep -c . "$work/notebook.py")
  ((lines > 3 && lines <= 10)) || fail "$lines lines"
  mkdir "$work/run" "$work/bin"
  cp photos/reference.png "$work/run/ref.png"
  cp -r photos "$work/run/photos"
  ln -s "$BUNDLE_MATCH" "$work/bin/bundle_match"
  cd "$work/run"
  PATH=$work/bin:$PATH captured "$PYTHON" "$work/notebook.py"
  assert_status 0
  grep -q 'photos/reference.png' "$out" || fail "no table of the best"
}
