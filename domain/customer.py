"""Who bought: what policies need to know, derived where it was not told."""

from dataclasses import replace

from domain.fields import Customer

ADULT = 18


def derived(customer: Customer) -> Customer:
    """The customer with `kind` and `of_age`, so that nobody has to read age or number again."""
    kind = customer.kind
    if kind is None:
        business = customer.type == "business" and customer.invoice_address != "private"
        kind = "business" if business else "consumer"
    of_age = customer.of_age
    if of_age is None and customer.age is not None:
        of_age = customer.age >= ADULT
    return replace(customer, kind=kind, of_age=of_age)
