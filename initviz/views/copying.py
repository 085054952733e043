"""Buttons that copy what stands beside them, or the address of the page."""

from html import escape

COPY = (
    "const say = text => { this.textContent = text; setTimeout(() => { this.textContent = '%(label)s' }, 1500) };"
    "const text = %(text)s, byHand = () => {"
    "const area = document.body.appendChild(document.createElement('textarea'));"
    "area.value = text; area.select(); const done = document.execCommand('copy'); area.remove();"
    "this.focus(); %(mark)s; say(done ? 'copied' : '%(help)s') };"
    "navigator.clipboard ? navigator.clipboard.writeText(text).then(() => say('copied'), byHand) : byHand()"
)
"""What a button does. Browsers have a clipboard for scripts on https and localhost alone, elsewhere an older way."""
MARK = "getSelection().selectAllChildren(this.previousElementSibling)"
COPY_CODE = f"{MARK};" + COPY % {
    "label": "copy", "text": "this.previousElementSibling.textContent", "mark": MARK, "help": "marked: press Ctrl C",
}  # fmt: skip
COPY_LINK = COPY % {
    "label": "share", "text": "location.href", "mark": "", "help": "copy the address of the page",
}  # fmt: skip
IN_BAR = (
    "<style>button {font: inherit; color: inherit; background: none; border: 1px solid; border-radius: 4px; "
    "padding: 0.3rem 0.8rem; cursor: pointer}</style>"
)
"""How buttons look in the bar of the page: in its colours."""
SHARE = (
    f'{IN_BAR}<button type="button" onclick="{COPY_LINK}" aria-live="polite" '
    'title="copy a link to what you see">share</button>'
)  # fmt: skip
"""Copies the address of the page, in its colours."""


def copied(code: str, what: str) -> str:
    """Code with a button that copies it."""
    button = f'<button type="button" onclick="{COPY_CODE}" aria-label="copy {what}" aria-live="polite">copy</button>'
    return (
        f"<code style='user-select: all; overflow-wrap: anywhere; white-space: pre-wrap'>{escape(code)}</code> {button}"
    )
