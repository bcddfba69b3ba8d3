"""Owns which messages of a page are which edits. Must not know what the edits do."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from nbkit.widgets.workbench.presenter import WorkbenchPresenter


def editing_actions(presenter: WorkbenchPresenter) -> dict[str, Callable[..., object]]:
    """Name of a message -> the edit that it asks for."""
    e = presenter.editing

    def remove_parts(names: Iterable[str]) -> None:
        """Take parts away: everything that is selected if they belong to it."""
        given = tuple(names)
        if not set(given) <= set(presenter.selected):
            presenter.select(given)
        presenter.remove()

    return {
        "set_law": e.set_law, "open_draft": e.open_draft, "judge_draft": e.judge_draft, "apply_draft": e.apply_draft,
        "close_draft": e.close_draft, "rename": e.rename, "add_motif": e.add_motif, "wake": e.wake, "go_to": e.go_to,
        "compute": e.compute, "ask_step": e.ask_step, "remove_parts": remove_parts,
    }  # fmt: skip
