"""What is vendored is what its makers published."""

from hashlib import sha256
from importlib.resources import files

HTMX = {"htmx-4.0.1.min.js": "a0abb04f2f45a1f89d1d4844023245537e5e6014c87b144553e0607b4cc32130"}


def test_htmx_is_the_version_of_its_name():
    """The file of the package htmx.org of that version, byte for byte."""
    static = files("adapters.console").joinpath("static")
    held = {one.name: one for one in static.iterdir() if one.name.startswith("htmx")}
    assert {name: sha256(one.read_bytes()).hexdigest() for name, one in held.items()} == HTMX
