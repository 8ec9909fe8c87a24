"""README shows the pictures that `make screenshots` makes, all of them and no others."""

import re

from tests.console.screenshots import FOLDER, SHOTS
from tests.readme import README

LARGEST = 150_000
SHOWN = re.compile(r"deploy/screenshots/([\w-]+)\.png")


def test_every_picture_of_the_readme_is_made_and_small() -> None:
    """Light and dark of each page; none that nobody sees."""
    shown = set(SHOWN.findall(README.read_text("utf-8")))
    assert shown == {shot.name for shot in SHOTS} == {one.stem for one in FOLDER.iterdir()}
    assert max(shot.file.stat().st_size for shot in SHOTS) <= LARGEST
    for shot in SHOTS:
        other = {"light": "dark", "dark": "light"}[shot.scheme]
        page, _, look = shot.name.rpartition("-")
        assert look == "phone" or f"{page}-{other}" in shown
