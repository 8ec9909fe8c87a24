"""README shows the best of the pictures that `make screenshots` makes; all are there, and small."""

import re

from tests.console.screenshots import FOLDER, LOOKS, shown
from tests.readme import README

LARGEST = 150_000
MOST = 10
"""Pictures that README shows."""
SHOWN = re.compile(r"deploy/screenshots/([\w-]+)\.png")


def test_every_picture_is_made_and_small_and_readme_shows_the_best() -> None:
    """None lies there that no command makes; what README shows it shows light and dark."""
    made = {shot.file(look) for look in LOOKS for shot in shown(look)}
    assert made == set(FOLDER.iterdir())
    assert max(file.stat().st_size for file in made) <= LARGEST
    best = set(SHOWN.findall(README.read_text("utf-8")))
    assert best <= {file.stem for file in made}
    assert 0 < len(best) <= MOST
    for name in best:
        page, _, look = name.rpartition("-")
        other = {"light": "dark", "dark": "light"}.get(look)
        assert other is None or "phone" in page or f"{page}-{other}" in best
