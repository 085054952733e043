"""How well a colour stands out on another, as WCAG 2 has it."""


def brightness(color, opacity=1.0, on="#000000"):
    """The relative luminance of a colour, as WCAG 2 has it."""
    found = []
    for place in (1, 3, 5):
        part = (opacity * int(color[place : place + 2], 16) + (1 - opacity) * int(on[place : place + 2], 16)) / 255
        found.append(part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4)
    return 0.2126 * found[0] + 0.7152 * found[1] + 0.0722 * found[2]


def contrast(one, other):
    """How many times as bright the brighter of two luminances is."""
    low, high = sorted((one, other))
    return (high + 0.05) / (low + 0.05)
