"""The user that an image holds for its application, whether or not the container starts as it."""

from __future__ import annotations

from dflint.image.state import User
from dflint.knowledge import load
from dflint.model import Stage
from dflint.subjects.base import Facts
from dflint.subjects.modelled import images


def ready_user(facts: Facts, stage: Stage) -> str | None:
    """The one user that the product's commands make, or the one that its base brings for this.

    Of several, `app`: whoever says to make a user of that name must know that it is there.
    """
    product = images(facts).product
    if product is None or product.stage is not stage or stage.base is None:
        return None
    theirs = {"root", *stage.base.users, *load("users")["service-users"]}
    made = [name for name in product.users if name not in theirs]
    if made:
        return made[0] if len(made) == 1 else "app" if "app" in made else None
    brought = load("users")["for-applications"].get(stage.base.family, {}).get("name")
    return brought if brought in stage.base.users and brought in product.users else None


def ready_user_written(facts: Facts, stage: Stage) -> str | None:
    """What USER best says for that user: its number, where that is known."""
    name = ready_user(facts, stage)
    product = images(facts).product
    if name is None or product is None or stage.base is None:
        return None
    brought = load("users")["for-applications"].get(stage.base.family, {})
    if brought.get("name") == name and "written" in brought:
        written: str = brought["written"]
        return written
    user: User = product.users[name]
    return name if user.uid is None else str(user.uid)
