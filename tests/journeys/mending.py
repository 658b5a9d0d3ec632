"""What a registrar does on the review page by the keyboard: from one problem to the next, the household registers beside her."""

from typing import Any

from tests.journeys.conftest import Someone

MOST_STEPS = 40


def at(somebody: Someone) -> dict[str, Any]:
    """Return what has the focus: its name, whether it asks for a comparison, the name of the child in its row.

    The page leads to the next problem as soon as an answer is there; until then, and where nothing is left, nothing has it.
    """
    somebody.page.wait_for_function(
        """() => document.activeElement !== document.body
                 || !document.querySelector('#mend [aria-invalid=true], #mend [data-problem]')"""
    )
    return dict(
        somebody.page.evaluate(
            """() => {
            const node = document.activeElement, body = node.closest('tbody'), mend = node.closest('.mend');
            const link = body && body.querySelector('th a'), pair = body && body.querySelector('a[data-problem]');
            return { field: node.name || '', compares: !!pair, child: link ? link.textContent : '', row: body ? body.id : '',
                     takes: !!(mend && mend.querySelector('[name=take]')) }; }"""
        )
    )


def settled(somebody: Someone) -> None:
    """Wait until nothing is on its way."""
    somebody.page.wait_for_timeout(30)
    somebody.page.wait_for_selector(".htmx-request, .htmx-settling, .htmx-swapping, [aria-busy]", state="detached")
    somebody.page.wait_for_timeout(60)


def mends_all(somebody: Someone, right: dict[str, dict[str, str]]) -> None:
    """Mend every problem and decide every pair, until nothing is left to go to."""
    somebody.presses("n")
    for _ in range(MOST_STEPS):
        here = at(somebody)
        if here["compares"]:
            decides(somebody)
        elif here["field"]:
            field = here["field"].rpartition(".")[2]
            if here["takes"]:
                somebody.presses("Alt+Enter")
            else:
                somebody.types(right[here["child"]][field])
                somebody.presses("Enter")
        else:
            return
        settled(somebody)
    raise AssertionError(f"still at {at(somebody)}")


def decides(somebody: Someone) -> None:
    """Open the comparison and say that it is the same child."""
    here = at(somebody)["row"]
    somebody.clicks(f"#{here} a[data-problem]")
    somebody.page.wait_for_selector(f"#{here} [data-scope] button[data-key='1']")
    settled(somebody)
    somebody.presses("1")
