"""Owns the page of a workbench as a teacher arranged it: fewer values, fewer figures, tasks. Must not know actions."""

from __future__ import annotations

import html
from collections.abc import Sequence

import ipywidgets

from nbkit.network.document import Document
from nbkit.widgets.workbench.figures import fitting
from nbkit.widgets.workbench.form import Form
from nbkit.widgets.workbench.inspector import Section
from nbkit.widgets.workbench.lesson import Lesson
from nbkit.widgets.workbench.page import Page
from nbkit.widgets.workbench.pane import Act, LessonPane
from nbkit.widgets.workbench.view import Shown

_PREDICT_FIRST = "<b>Predict first.</b><br>The run is shown as soon as you said what you expect."


class FormPage(Page):
    """The page of a workbench with a form and tasks.

    Args:
        document: what is edited.
        act: called with what a user does.
        form: what is left to the student.
        lesson: the tasks.

    Attributes:
        tasks: the pane of the tasks.
    """

    def __init__(self, document: Document, act: Act, form: Form, lesson: Lesson) -> None:
        self._form, self._lesson = form, lesson
        self._held: tuple[Shown, Shown | None, str] | None = None  # a run that waits for a prediction
        self.tasks = LessonPane(act)
        super().__init__(document, act)
        head, self._body = self.children
        if lesson.attempts:
            self.children = (head, self.tasks, self._body)
            self._hang_veil()

    def show_lesson(self) -> None:
        """Show how things stand with the tasks; a run that waited for a prediction is shown once there is one."""
        self.tasks.state = self._lesson.state()
        held = self._held
        (self._body.add_class if self._lesson.waits else self._body.remove_class)("nbk-veiled")
        if held is not None and not self._lesson.waits:
            self._held = None
            self.show_run(*held)

    def show_sections(self, sections: Sequence[Section]) -> None:
        """Show the values that may be changed, and those that are fixed."""
        super().show_sections(self._form.sections(self._document.network, sections, self._document.setup))

    def show_run(self, run: Shown, before: Shown | None, difference: str) -> None:
        """Draw a result, unless a prediction is due first."""
        if self._lesson.waits:
            self._held = run, before, difference
            return
        super().show_run(run, before, difference)
        if not self.offered(fitting(run.result)):
            chosen = html.escape(", ".join(self._form.figures))
            self.story.value += f"<br><i>{chosen}: none of these figures can show this network.</i>"

    def offered(self, names: list[str]) -> list[str]:
        """Which figures are offered, of those that can show a result: the teacher's, in the teacher's order."""
        return [name for name in self._form.figures if name in names] if self._form.figures else names

    def _hang_veil(self) -> None:
        """Put what stands in place of the figures, as long as a prediction is due, before them."""
        veil = ipywidgets.HTML(_PREDICT_FIRST)
        veil.add_class("nbk-veil")
        drawing, values, *figures = self._body.children
        self._body.children = (drawing, values, veil, *figures)
