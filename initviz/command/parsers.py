"""What can be typed, and its help. Imports neither jax nor anything else that takes time."""

import argparse
from collections.abc import Callable
from typing import Any, NoReturn

from initviz.command.refusal import RefusedError, near

STUDY = """\
arguments of the initializer and sizes of the layer are written as name=value,
or as --name value:
  initviz show variance_scaling scale=2 mode=fan_out
  initviz show he_normal --layer Conv --kernel-size 5,5 --inputs 32"""
LAW = """\
arguments of the initializer are written as name=value, or as --name value:
  initviz check w.npy normal stddev=0.02"""
AUDITED = """\
exit status: 0 nothing is wrong, 1 something is,
             2 it cannot be done as it was typed"""
EXITS = """\
exit status: 0 all is well, 1 the weights as a whole are unlikely,
             2 it cannot be done as it was typed"""
USAGE = """\
%(prog)s [FILE or LINK] [options]    opens the explorer
       %(prog)s show NAME [options]         how weights are drawn, with checks
       %(prog)s fans [NAME] [options]       how fans come about
       %(prog)s check FILE NAME [options]   whether weights fit an initializer
       %(prog)s audit FILE [options]        whether all tensors look as declared"""


class Parser(argparse.ArgumentParser):
    """Refuses as everything else here does, and takes an option's whole name alone."""

    def __init__(self, name: str, example: str, **texts: Any) -> None:
        self.example = example
        self.options: dict[str, bool] = {}
        """Every option, and whether a value follows it."""
        self.takes_settings = False
        """Whether what is no option can be a setting."""
        formatter = argparse.RawDescriptionHelpFormatter
        super().__init__(prog=name, formatter_class=formatter, allow_abbrev=False, **texts)

    def add_argument(self, *names: str, **how: Any) -> argparse.Action:
        """The same as that of `argparse`, and remember the options."""
        action = super().add_argument(*names, **how)
        self.takes_settings |= action.dest == "settings"
        self.options |= dict.fromkeys(action.option_strings, action.nargs != 0)
        return action

    def error(self, message: str) -> NoReturn:
        """Say what is wrong, and where to read on."""
        missing = message.removeprefix("the following arguments are required: ")
        if missing != message:
            raise RefusedError(f"missing: {missing}. Write for instance {self.example}.")
        besides = message.removeprefix("unrecognized arguments: ")
        if besides != message and besides.startswith("-"):
            raise self.no_option(besides.split()[0])
        if besides != message:
            raise RefusedError(f"one file is taken, got {besides!r} besides. Write for instance {self.example}.")
        said = message.removeprefix("argument ").replace(": must be", " must be")
        raise RefusedError(f"{said.rstrip('.')}. See {self.prog} --help.")

    def no_option(self, option: str) -> RefusedError:
        """What is said to an option that there is not."""
        return RefusedError(
            f"there is no option {option}. {near(option, list(self.options), f'See {self.prog} --help.')}"
        )


LEAST = 256 * 256
"""Weights that a page opens with."""


def whole(low: int, high: int | None = None) -> Callable[[str], int]:
    """Reads a whole number within bounds."""

    def number(text: str) -> int:
        wanted = f"of at least {low:,}" if high is None else f"from {low:,} to {high:,}"
        try:
            value = int(text)
        except ValueError:
            value = low - 1
        if value < low or (high is not None and value > high):
            raise argparse.ArgumentTypeError(f"must be a whole number {wanted}, got {text!r}")
        return value

    return number


def share(text: str) -> float:
    """Reads a number between 0 and 1."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < 1:
        raise argparse.ArgumentTypeError(f"must be between 0 and 1, got {text!r}; 0.01 for instance")
    return value


def explorer_parser() -> Parser:
    """`initviz` alone."""
    parser = Parser("initviz", "initviz", usage=USAGE, description="See what a weight initializer does.", epilog=(
        "initviz COMMAND --help has the options of a command. Ctrl-C ends the explorer."
    ))  # fmt: skip
    opening = "what to open with: JSON that Study.to_json has written, or the address of a page"
    parser.add_argument("opening", nargs="?", metavar="FILE or LINK", help=opening)
    parser.add_argument("--version", action="store_true", help="print the versions that matter")
    parser.add_argument(
        "--port", type=whole(0, 65535), metavar="N", help="by default 5006, or the next free one; 0 for any"
    )
    parser.add_argument("--no-browser", action="store_true", help="print the address and open nothing")
    parser.add_argument("--warm", action="store_true", help="draw the page once before anybody opens it")
    parser.add_argument("--address", default="localhost", metavar="HOST",
                      help="where to listen; by default this machine alone, 0.0.0.0 for all networks")  # fmt: skip
    parser.add_argument("--allow-origin", action="append", default=[], metavar="HOST[:PORT]",
                      help="an address that people type for it; once for each")  # fmt: skip
    parser.add_argument("--max-sessions", type=whole(1), metavar="N", help="most pages that are open at once")
    parser.add_argument(
        "--max-weights", type=whole(LEAST), metavar="N", help="most weights of a draw; by default 4,294,967,296"
    )
    parser.add_argument("--models", metavar="FOLDER",
                        help="a folder whose models can be opened by path; by default none can")  # fmt: skip
    parser.add_argument(
        "--max-upload", type=whole(0), metavar="MB", help="most megabytes of a model that is given; by default 2,147"
    )
    return parser


def show_parser() -> Parser:
    """`initviz show`."""
    parser = Parser("initviz show", "initviz show he_normal", epilog=f"{STUDY}\n\n{EXITS}", description=(
        "How an initializer draws weights:\nits plan, the checks of one draw, and a histogram."
    ))  # fmt: skip
    parser.add_argument("name", metavar="NAME", help="such as he_normal, any name of flax.nnx.initializers")
    _add_study(parser)
    parser.add_argument("--seed", metavar="N", help="of the key; by default 0")
    parser.add_argument("--dtype", metavar="DTYPE", help="by default float32")
    parser.add_argument("--device", metavar="DEVICE", help="such as cpu:0; by default the fastest")
    parser.add_argument("--generator", metavar="NAME", help="by default threefry2x32")
    return parser


def fans_parser() -> Parser:
    """`initviz fans`."""
    parser = Parser("initviz fans", "initviz fans --shape 3,3,64,128", epilog=STUDY, description=(
        "How the fans of a shape come about,\nand in a layer whether they are what it sums."
    ))  # fmt: skip
    parser.add_argument("name", metavar="NAME", nargs="?",
                        help="whose axes count, such as he_normal; by default those of jax")  # fmt: skip
    _add_study(parser)
    return parser


def check_parser() -> Parser:
    """`initviz check`."""
    parser = Parser("initviz check", "initviz check w.npy he_normal", epilog=f"{LAW}\n\n{EXITS}", description=(
        "Whether weights look as if an initializer had drawn them.\nFans are counted on the axes as jax does."
    ))  # fmt: skip
    parser.add_argument("file", metavar="FILE", help="a .npy or .npz file, as numpy.save writes it; - reads the input")
    parser.add_argument("name", metavar="NAME", help="such as he_normal, any name of flax.nnx.initializers")
    parser.add_argument("settings", nargs="*", default=[], metavar="name=value", help="arguments of the initializer")
    parser.add_argument("--array", metavar="NAME", help="which array of a .npz file")
    parser.add_argument("--dtype", metavar="DTYPE", help="in which they were drawn, if they were cast since; "
                        "also of a .npy file that does not tell, such as one of bfloat16")  # fmt: skip
    _add_json(parser)
    return parser


def audit_parser() -> Parser:
    """`initviz audit`."""
    parser = Parser("initviz audit", "initviz audit model.safetensors --recipe gpt2", epilog=AUDITED, description=(
        "Whether every tensor of a model looks as if it was drawn as declared.\nWithout a recipe: what each looks like."
    ))  # fmt: skip
    parser.add_argument("file", metavar="FILE", help="safetensors (also sharded), .npz, .msgpack, .pth, or the folder "
                        "of an orbax checkpoint; nothing in it is executed")  # fmt: skip
    parser.add_argument(
        "--recipe", metavar="NAME or FILE", help="such as gpt2, or a .toml file of rules; ? names all that there are"
    )
    parser.add_argument("--alpha", type=share, default=0.01, metavar="P",
                        help="how often a model that is as declared may fail; by default 0.01")  # fmt: skip
    parser.add_argument("--html", metavar="FILE", help="write a report that needs no network")
    parser.add_argument("--write-recipe", metavar="FILE", help="write the recipe that the weights look like, as TOML")
    _add_json(parser)
    return parser


def _add_study(parser: Parser) -> None:
    parser.add_argument(
        "settings", nargs="*", default=[], metavar="name=value", help="arguments of the initializer or the layer"
    )
    parser.add_argument("--shape", metavar="SIZES", help="such as 3,3,64,128; by default 256,256")
    parser.add_argument("--layer", metavar="LAYER", help="such as Dense or Conv, in place of a shape")
    _add_json(parser)


def _add_json(parser: Parser) -> None:
    parser.add_argument("--json", action="store_true", help='print JSON of "schema": 1, docs/command-line.md')


def is_link(opening: str) -> bool:
    """Whether it is an address or its query, not a file."""
    return "://" in opening or opening.startswith("?")


PARSERS = {"show": show_parser, "fans": fans_parser, "check": check_parser, "audit": audit_parser}
"""The commands."""


def read(command: str, words: list[str]) -> argparse.Namespace:
    """What was typed behind a command, the empty one for the explorer.

    An option that a command does not have is a setting, where it takes any: --kernel-size 3,3 is kernel_size=3,3.

    Raises:
        RefusedError: it is not what the command takes.
    """
    if command:
        parser = PARSERS[command]()
        return parser.parse_intermixed_args(_with_settings(parser, words))
    parser = explorer_parser()
    found, rest = parser.parse_known_args(words)
    if rest:
        option = rest[0].partition("=")[0]
        if option.startswith("-"):
            raise parser.no_option(option)
        close = near(found.opening, list(PARSERS)) if found.opening and "." not in found.opening else ""
        if close:
            raise RefusedError(f"there is no command {found.opening!r}. {close}")
        raise RefusedError(f"one file or link is opened, got {rest[0]!r} besides. See initviz --help.")
    return found


def _with_settings(parser: Parser, words: list[str]) -> list[str]:
    """The same words, and behind them each option that the parser does not have, with its value as a setting."""
    found, settings, rest = [], [], list(words)
    while rest:
        word = rest.pop(0)
        option, equals, value = word.partition("=")
        alone = bool(equals) or not rest or rest[0].startswith("--")
        if option in parser.options:
            follows = parser.options[option] and not alone
            found.append(f"{option}={rest.pop(0)}" if follows else word)
        elif option.startswith("--") and len(option) > 2:
            if not parser.takes_settings:
                raise parser.no_option(option)
            if alone and not equals:
                close = near(option, list(parser.options), "Write for instance --stddev 0.02.")
                raise RefusedError(f"there is no option {option}, and as a setting it has no value. {close}")
            settings.append(f"{option[2:].replace('-', '_')}={value if equals else rest.pop(0)}")
        else:
            found.append(word)
    return found + settings
