# Photographs that show the same scene find each other among all of opencv-doc's, by geometry.
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bats
load helpers

readonly kOpencvData=/usr/share/doc/opencv-doc/examples/data
readonly kPairs=(leuvenA.jpg leuvenB.jpg graf1.png graf3.png aloeL.jpg aloeR.jpg box.png
  box_in_scene.png basketball1.png basketball2.png rubberwhale1.png rubberwhale2.png)

# check_partners FILE: of each reference the csv names its partner with most inliers, and no other
# photograph with enough of them to have a model.
check_partners() {
  "$PYTHON" - "$1" "${kPairs[@]}" <<'END'
import csv, os, sys
names = sys.argv[2:]
partner = dict(zip(names[0::2], names[1::2])) | dict(zip(names[1::2], names[0::2]))
found = {name: [] for name in names}
with open(sys.argv[1], newline="") as file:
    for row in csv.DictReader(file):
        reference, image = (os.path.basename(row[column]) for column in ("reference", "path"))
        if row["status"] == "ok" and image != reference:
            found[reference].append((int(row["inliers"]), image))
for name, images in found.items():
    images.sort(reverse=True)
    assert len(images) > 80, f"{name}: {len(images)} images"
    assert images[0][1] == partner[name], f"{name}: {images[:3]}"
    assert images[1][0] < 15, f"{name}: {images[:3]}"
END
}

# bats test_tags=slow
@test "the true partner ranks first by inliers, unrelated photographs have no geometry" {
  [[ -e $kOpencvData/aloeL.jpg ]] || skip "the package opencv-doc is not installed"
  local references=()
  for name in "${kPairs[@]}"; do references+=(-r "$kOpencvData/$name"); done
  for verify in homography fundamental; do
    on 2 "${references[@]}" --ratio 0.8 --verify "$verify" --format csv "$kOpencvData"/*.{jpg,png}
    check_partners "$out" || fail "not the partner ($verify)"
  done
}
