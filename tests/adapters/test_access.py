"""Roles and rights: what README says of them is what the program holds to."""

from adapters.access import ALL, PREFIX, RIGHTS, Right, Role, Who, digest, new_secret
from tests.readme import README


def test_the_readme_has_each_right_with_who_has_it() -> None:
    lines = README.read_text("utf-8").splitlines()
    head = lines.index("| right | " + " | ".join(Role) + " |")
    told = {}
    for line in lines[head + 2 : head + 2 + len(Right)]:
        name, *marks = (cell.strip() for cell in line.strip("|").split("|"))
        told[name.split("`")[1]] = {
            role for role, mark in zip(Role, marks, strict=True) if mark == "yes"
        }  # fmt: skip
    assert told == {right: {one for one in Role if right in RIGHTS[one]} for right in Right}


def test_somebody_of_no_seller_sees_all_and_of_some_sees_those() -> None:
    """What belongs to no seller is there for those who see all."""
    all_, one = Who.of("t", "auditor", []), Who.of("t", "agent", ["sweeto"])
    assert (all_.sellers, all_.sees_all, all_.sees("sweeto"), all_.sees(None)) == (
        (ALL,), True, True, True,
    )  # fmt: skip
    assert (one.sees_all, one.sees("sweeto"), one.sees("allectra"), one.sees(None)) == (
        False, True, False, False,
    )  # fmt: skip


def test_secrets_are_long_and_never_the_same() -> None:
    """256 bits, under a prefix by which one that got out can be found."""
    secrets = {new_secret() for _ in range(100)}
    assert len(secrets) == len({digest(one) for one in secrets}) == 100
    assert all(one.startswith(PREFIX) and len(one) == len(PREFIX) + 43 for one in secrets)
