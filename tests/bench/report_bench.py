# How soon the page of a large run is ready in a browser: report_bench.py build/tests/sample_page.
# SPDX-License-Identifier: Apache-2.0
"""Writes the page of a sample of 100,000 images with 300 pictures and 256 ranks, opens it several times,
and prints how long the browser took from the request to the last element drawn, and how much of that its
main thread computed: the time of a machine that does nothing else.
"""

import argparse
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "browser"))
import browser

RANKS = 256


def write_sample(program, folder, images):
    from PIL import Image

    picture = folder / "picture.jpg"
    noise = Image.effect_noise((240, 180), 60).convert("RGB")
    noise.save(picture, quality=75)
    page = folder / "sample.html"
    start = time.monotonic()
    subprocess.run([program, page, str(images), str(RANKS), f"240x180:{picture}"], check=True)
    print(f"{images} images: {page.stat().st_size / 1e6:.1f} MB, written in {time.monotonic() - start:.2f} s")
    return page


def open_once(page):
    """Milliseconds until the page is ready, and of its main thread."""
    driver = browser.start()
    try:
        driver.execute_cdp_cmd("Performance.enable", {"timeDomain": "threadTicks"})
        driver.get(page.as_uri())
        ready = float(driver.execute_script("return document.documentElement.dataset.ready"))
        metrics = driver.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]
        busy = {metric["name"]: metric["value"] for metric in metrics}["TaskDuration"]
        return ready, 1000 * busy
    finally:
        driver.quit()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sample_page")
    parser.add_argument("--images", type=int, default=100_000)
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    reason = browser.why_not()
    if reason:
        sys.exit(f"skipped: {reason}")
    with tempfile.TemporaryDirectory() as name:
        page = write_sample(arguments.sample_page, pathlib.Path(name), arguments.images)
        times = [open_once(page) for _ in range(arguments.repeats)]
    ready, busy = (statistics.median(column) for column in zip(*times))
    print(f"ready after {ready:.0f} ms, of which the main thread computed {busy:.0f} ms (medians of {len(times)})")


if __name__ == "__main__":
    main()
