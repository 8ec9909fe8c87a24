"""Who bought: what policies need to know, where it was not told."""

from dataclasses import replace
from typing import Literal

from domain.fields import Customer
from domain.terms import Terms

ADULT = 18
Kind = Literal["consumer", "business"]


def derived(customer: Customer) -> Customer:
    """The customer with `of_age` and `registered`, so that nobody reads age or number again."""
    of_age, registered = customer.of_age, customer.registered
    if of_age is None and customer.age is not None:
        of_age = customer.age >= ADULT
    if registered is None and customer.organisation_number is not None:
        registered = True
    return replace(customer, of_age=of_age, registered=registered)


def kind_of(customer: Customer, terms: Terms) -> Kind:
    """Consumer or business: as told, else by the seller's own definition of a business customer.

    Where its terms have none, an order of type business is one, unless it is marked as private by
    its invoice address alone; one of no type is where it gives an organisation number and is not
    marked as private.
    """
    if customer.kind is not None:
        return customer.kind
    ordered, number = customer.type == "business", customer.registered is True
    address = customer.invoice_address == "business"
    own = terms.customer.business.value if terms.customer else None
    if own == "type_and_either":
        business = ordered and (number or address)
    elif own == "both_or_address":
        business = (ordered and number) or address
    else:
        private = customer.invoice_address == "private"
        business = (ordered and (number or not private)) or (
            customer.type is None and number and not private
        )
    return "business" if business else "consumer"
