"""Defines state machines as data: verb -> (states it may start from, state it leads to)."""

from collections.abc import Mapping, Set
from dataclasses import dataclass

from django.utils.translation import gettext as _

from erp.errors import Conflict


class IllegalTransition(Conflict):
    code = "illegal-transition"


@dataclass(frozen=True)
class StateMachine:
    """The life of one kind of row.

    noun         the permission prefix: verb "hold" of noun "orders" needs the right "orders.hold"
    transitions  verb -> (sources, target); target None means the verb leaves the state as it is
    """

    noun: str
    initial: str
    transitions: Mapping[str, tuple[Set[str], str | None]]

    def next_state(self, state: str, verb: str) -> str:
        """Return where `verb` leads from `state`; raise IllegalTransition if nowhere."""
        sources, target = self.transitions[verb]
        if state not in sources:
            raise IllegalTransition(
                _("Cannot %(verb)s while %(state)s.")
                % {"verb": verb.replace("_", " "), "state": state.replace("_", " ")}
            )
        return target or state

    def verbs_from(self, state: str) -> list[str]:
        """Return the verbs allowed in `state`, in the order they were declared."""
        return [verb for verb, (sources, _) in self.transitions.items() if state in sources]

    def reachable_states(self) -> set[str]:
        """Return every state that some sequence of verbs leads to, the initial one included."""
        reached = {self.initial}
        while True:
            steps = self.transitions.values()
            grown = reached | {target for sources, target in steps if target and reached & sources}
            if grown == reached:
                return reached
            reached = grown
