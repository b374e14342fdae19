# The page of --report as a browser shows it: of a real run, whose numbers are those of its csv, and of
# a sample with hostile names. Needs the environment of the end-to-end tests, and SAMPLE_PAGE.
# SPDX-License-Identifier: Apache-2.0
import csv
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

import browser

PHONE_WIDTH = 390
HOSTILE = 7  # of the sample's images, the first


def run_environment():
    environment = dict(os.environ, LC_ALL="C")
    for name in ("OMPI_", "PRTE_"):
        environment[f"{name}ALLOW_RUN_AS_ROOT"] = "1"
        environment[f"{name}ALLOW_RUN_AS_ROOT_CONFIRM"] = "1"
    environment["OMPI_MCA_rmaps_base_oversubscribe"] = "1"
    environment["OMPI_MCA_hwloc_base_binding_policy"] = "none"
    environment["PRTE_MCA_rmaps_default_mapping_policy"] = ":oversubscribe"
    environment["PRTE_MCA_hwloc_default_binding_policy"] = "none"
    return environment


def make_run(folder):
    """A run over the photographs of the fixtures, two files that are no images, and one missing."""
    photos = pathlib.Path(os.environ["FIXTURES"]) / "photos"
    (folder / "text.jpg").write_text("no image")
    (folder / "missing.txt").write_text(str(folder / "missing.jpg") + "\n")
    command = ["mpirun", "-n", "2", os.environ["BUNDLE_MATCH"], "-r", str(photos / "reference.png")]
    command += ["-o", str(folder / "counts.csv"), "--report", str(folder / "run.html")]
    command += ["--list", str(folder / "missing.txt"), str(folder / "text.jpg"), str(photos)]
    result = subprocess.run(
        command, env=run_environment(), stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    assert result.returncode == 1, result.stderr  # some images failed
    with open(folder / "counts.csv", newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def make_sample(folder):
    from PIL import Image

    Image.new("RGB", (40, 30), (200, 80, 40)).save(folder / "picture.jpg")
    command = [os.environ["SAMPLE_PAGE"], str(folder / "sample.html"), "400", "8"]
    subprocess.run([*command, f"40x30:{folder / 'picture.jpg'}"], check=True)


class ReportTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(temporary.cleanup)
        cls.folder = pathlib.Path(temporary.name)
        cls.rows = make_run(cls.folder)
        make_sample(cls.folder)
        cls.driver = browser.start()
        cls.addClassCleanup(cls.driver.quit)

    def open(self, name):
        for kind in ("browser", "performance"):
            self.driver.get_log(kind)  # what was before does not matter
        self.driver.get((self.folder / name).as_uri())

    def ask(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def texts(self, selector):
        return self.ask(
            "return [...document.querySelectorAll(arguments[0])].map(e => e.textContent)", selector
        )

    def click(self, selector):
        self.ask("document.querySelector(arguments[0]).click()", selector)

    def search(self, words):
        field = self.driver.find_element("id", "search")
        field.clear()
        self.ask("arguments[0].dispatchEvent(new Event('input'))", field)
        if words:
            field.send_keys(words)

    def column(self, title, table="#rows-table"):
        titles = [text.strip() for text in self.texts(f"{table} thead th")]
        return self.texts(f"{table} tbody tr > :nth-child({titles.index(title) + 1})")

    def assert_quiet(self):
        """Nothing on the console, and nothing asked of any network."""
        self.assertEqual(self.driver.get_log("browser"), [])
        messages = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        requests = [m for m in messages if m["method"] == "Network.requestWillBeSent"]
        urls = [request["params"]["request"]["url"] for request in requests]
        self.assertTrue(any(url.startswith("file:") for url in urls))  # the log works
        self.assertEqual([url for url in urls if not url.startswith(("file:", "data:"))], [])

    def test_pages_are_quiet(self):
        for name in ("run.html", "sample.html"):
            self.open(name)
            self.assertIsNotNone(self.ask("return document.documentElement.dataset.ready"))
            self.assert_quiet()

    def test_numbers_are_those_of_the_csv(self):
        self.open("run.html")
        self.assertEqual(self.column("Status"), [row["status"] for row in self.rows])
        matches = [text.replace(",", "") for text in self.column("Matches")]
        self.assertEqual(matches, [row["matches"] for row in self.rows])
        names = self.texts("#rows-table tbody th bdi:first-child")
        self.assertEqual(names, [os.path.basename(row["path"]) for row in self.rows])
        failed = [row for row in self.rows if row["status"] != "ok"]
        self.assertEqual(self.column("Reason", "#failures-table"), [row["reason"] for row in failed])
        tiles = dict(zip(self.texts("#tiles dt"), self.texts("#tiles dd")))
        self.assertTrue(tiles["Images"].startswith(str(len(self.rows))))
        self.assertTrue(tiles["Failed"].startswith(str(len(failed))))
        counted = sum(int(row["matches"]) for row in self.rows if row["matches"])
        in_page = self.ask("return rows.matches.reduce((sum, value) => sum + value, 0)")
        self.assertEqual(in_page, counted)

    def test_timeline_names_what_ranks_worked_at(self):
        self.open("run.html")
        names = [text.rsplit(": ", 1)[0] for text in self.texts("#timeline .touch title")]
        images = [os.path.basename(row["path"]) for row in self.rows]
        self.assertEqual(sorted(set(names)), sorted(["describing reference reference.png", *images]))
        self.assertEqual(names.count("describing reference reference.png"), 1)
        # An image that was described ahead of the reference has a second piece, when it was matched.
        self.assertLessEqual(max(map(names.count, images)), 2)

    def test_timeline_shows_when_cores_were_lent(self):
        self.open("sample.html")
        self.assertEqual(len(self.texts("#timeline path.lent")), len(self.texts("#timeline path.sift")))
        self.assertTrue(any("lent" in text for text in self.texts("#legend li")))
        self.assertTrue(all(float(text.split()[0]) > 0 for text in self.column("Lent", "#ranks-table")))

    def test_groups_show_their_first_images(self):
        self.open("sample.html")
        self.assertIn("at least 20 inliers: 2 groups", self.texts("#groups-text")[0])
        self.assertEqual(self.column("Images", "#groups-table"), ["200", "7"])
        self.assertEqual(len(self.texts("#groups-table tbody tr:first-child p:not(.note)")), 50)
        self.assertEqual(self.texts("#groups-table p.note"), ["and 150 more"])
        self.open("run.html")
        self.assertTrue(self.ask("return document.getElementById('groups').hidden"))

    def test_search_filters_all_lists(self):
        self.open("sample.html")
        self.search("IMAGE39 jpg")  # all of the words, in any case
        names = self.texts("#rows-table tbody th bdi:first-child")
        self.assertEqual(names, [f"image{i}.jpg" for i in (390, 392, 394, 396, 398)])
        self.assertEqual(self.texts("#found"), ["5 of 400 rows found"])
        self.assertEqual(self.column("Image", "#failures-table"), ["Nothing found."])
        self.search("image20")
        self.assertEqual(len(self.texts("#thumbnails li")), 11)  # image20, image200 to image209
        self.search("timed-out")
        self.assertEqual(len(self.column("Image", "#failures-table")), 4)
        self.search("nothing has this name")
        self.assertEqual(self.column("#"), ["Nothing found."])
        self.assertEqual(self.texts("#thumbnails li"), [])
        self.search("")
        self.assertEqual(len(self.column("#")), 50)
        self.assert_quiet()

    def test_sorting(self):
        self.open("sample.html")
        titles = [text.strip() for text in self.texts("#rows-table thead th")]
        head = f"#rows-table thead th:nth-child({titles.index('Matches') + 1})"
        everything = self.ask("return rows.matches.filter((_, row) => rows.status[row] === 0)")
        for direction, expected in (
            ("descending", sorted(everything, reverse=True)),
            ("ascending", [""] * 8 + sorted(everything)),  # failures have none
        ):
            self.click(head + " button")
            self.assertEqual(
                self.ask("return document.querySelector(arguments[0]).ariaSort", head), direction
            )
            shown = [text and int(text.replace(",", "")) for text in self.column("Matches")]
            self.assertEqual(shown, expected[:50])
        self.assertEqual(len(self.driver.find_elements("css selector", "#rows-table th[aria-sort]")), 1)

    def test_paging(self):
        self.open("sample.html")
        pager = "#rows-table .pager"
        seen = self.column("#")
        while self.ask(f"return !document.querySelector('{pager} [data-page=next]').disabled"):
            self.click(pager + " [data-page=next]")
            seen += self.column("#")
        self.assertEqual(seen, [str(i + 1) for i in range(400)])
        self.assertEqual(self.texts(pager + " p"), ["351\u2013400 of 400 rows"])
        self.click(pager + " [data-page=first]")
        self.assertEqual(self.column("#")[0], "1")

    def test_gallery_is_sorted_and_shows_all_on_request(self):
        self.open("sample.html")
        counts = "#thumbnails .count"

        def values():
            return [int(text.split()[0].replace(",", "")) for text in self.texts(counts) if "match" in text]

        self.assertEqual(len(values()), 24)
        self.assertEqual(values(), sorted(values(), reverse=True))
        self.click("#gallery-more")
        self.assertEqual(len(self.texts(counts)), 300)
        loaded = self.ask(
            "const i = document.querySelector('#thumbnails img'); await i.decode(); return i.naturalWidth"
        )
        self.assertEqual(loaded, 40)

    def test_hostile_names_do_no_harm(self):
        self.open("sample.html")
        self.search("hostile")
        names = self.texts("#rows-table tbody th")
        self.assertEqual(len(names), HOSTILE)
        self.assertTrue(any("<script>window.harmed" in name for name in names))
        self.assertTrue(any("\\u202e" in name for name in names))
        self.assertIsNone(self.ask("return window.harmed ?? null"))
        self.assertEqual(self.ask("return document.querySelectorAll('main script, td img, b').length"), 0)
        self.assert_quiet()

    def test_policy_keeps_the_network_out(self):
        self.open("run.html")
        violated = self.driver.execute_async_script(
            "const done = arguments[0];"
            "document.addEventListener('securitypolicyviolation', e => done(e.effectiveDirective));"
            "new Image().src = 'http://127.0.0.1:9/picture.png';"
        )
        self.assertEqual(violated, "img-src")

    def test_fits_a_phone(self):
        self.open("sample.html")
        metrics = {"width": PHONE_WIDTH, "height": 844, "deviceScaleFactor": 1, "mobile": True}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        try:
            self.open("sample.html")
            width = self.ask("return document.documentElement.scrollWidth")
            self.assertEqual(width, PHONE_WIDTH)
        finally:
            self.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})

    def test_is_named_for_those_who_do_not_see_it(self):
        self.open("sample.html")
        nameless = self.ask(
            "return [...document.querySelectorAll('img:not([alt]), svg:not([aria-label]),"
            " table:not(:has(caption)), section:not([aria-labelledby])')].map(e => e.outerHTML)"
        )
        self.assertEqual(nameless, [])
        for landmark in ("header", "main", "nav", "[role=search]"):
            self.assertTrue(self.driver.find_elements("css selector", landmark), landmark)


if __name__ == "__main__":
    REASON = browser.why_not()
    if REASON:
        print(f"skipped: {REASON}")
        sys.exit(browser.SKIPPED)
    unittest.main(verbosity=2)
