"""What is said to a command that cannot be done as it was typed."""


class RefusedError(Exception):
    """One message for the person at the keyboard: what, got, fix."""


def near(name: str, names: list[str], otherwise: str = "") -> str:
    """Which of these names was probably meant, as a question; or how to go on."""
    from initviz.wording import near  # which imports jax, and is needed here alone

    return near(name, names, otherwise)
