"""Every single change that somebody could make to a ledger, as a Hypothesis strategy."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import strategies as st

from services.domain.ledger import Sealed

Chain = tuple[Sealed, ...]
FIELDS = ("case_id", "version", "at", "actor", "action", "before", "after", "facts")


@st.composite
def tampered(draw: st.DrawFn, chain: Chain) -> Chain:
    """Draw the chain with exactly one entry edited, removed, repeated or swapped, or cut off at the end."""
    place = draw(st.integers(0, len(chain) - 1))
    one = chain[place]
    match draw(st.sampled_from(["edit", "remove", "truncate", "swap", "repeat", "renumber", "rehash"])):
        case "edit":
            entry = _edited(one, draw(st.sampled_from(FIELDS)))
            return (*chain[:place], entry, *chain[place + 1 :])
        case "remove":
            return (*chain[:place], *chain[place + 1 :])
        case "truncate":
            return chain[:place]
        case "swap" if len(chain) > 1:
            other = (place + draw(st.integers(1, len(chain) - 1))) % len(chain)
            swapped = list(chain)
            swapped[place], swapped[other] = swapped[other], swapped[place]
            return tuple(swapped)
        case "renumber":
            return (*chain[:place], replace(one, seq=one.seq + 1), *chain[place + 1 :])
        case "rehash":
            return (*chain[:place], replace(one, hash="f" * 64), *chain[place + 1 :])
        case _:
            return (*chain[: place + 1], one, *chain[place + 1 :])


def _edited(sealed: Sealed, name: str) -> Sealed:
    old = getattr(sealed.entry, name)
    match name:
        case "version":
            new = old + 1
        case "at":
            new = old + timedelta(microseconds=1)
        case "facts":
            new = (*old, ("more", "1"))
        case _:
            new = old + "x"
    return replace(sealed, entry=replace(sealed.entry, **{name: new}))
