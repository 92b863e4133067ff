"""The one exception hanline raises for what a user can mend."""


class HanlineError(Exception):
    """What went wrong, with what was found, and what to do about it.

    Attributes:
        problem: What was found and what was expected.
        hint: What to do about it, if there is something.
    """

    def __init__(self, problem: str, *, hint: str | None = None) -> None:
        super().__init__(problem if hint is None else f"{problem} (hint: {hint})")
        self.problem = problem
        self.hint = hint
