# A headless Chromium, or why there is none here.
# SPDX-License-Identifier: Apache-2.0
import os
import shutil
import subprocess

try:
    from selenium import webdriver
    from selenium.webdriver.chrome.options import Options
    from selenium.webdriver.chrome.service import Service
except ImportError:
    webdriver = None

SKIPPED = 77  # exit code


def why_not():
    """Why no browser can be driven here; None if one can."""
    if webdriver is None:
        return "no python3-selenium here"
    for program in ("chromium", "chromedriver"):
        if shutil.which(program) is None:
            return f"no {program} here"
        # Ubuntu's are stubs that ask for a snap.
        result = subprocess.run(
            [program, "--version"], capture_output=True, timeout=60, check=False
        )
        if result.returncode != 0 or b"snap" in result.stdout.lower():
            return f"{program} does not run here"
    return None


def start(width=1400, height=900):
    """The caller has to quit() it. It keeps a log of the console, and of the network."""
    options = Options()
    options.binary_location = shutil.which("chromium")
    arguments = ["--headless=new", "--disable-gpu", "--disable-background-networking"]
    arguments += [f"--window-size={width},{height}", "--disable-dev-shm-usage"]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")  # Chromium refuses to start as root otherwise
    for argument in arguments:
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    return webdriver.Chrome(service=Service(shutil.which("chromedriver")), options=options)
