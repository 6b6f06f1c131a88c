#!/usr/bin/env python
"""Runs a command. `up` starts everything; others attach to the engines of the data folder."""

import os
import sys

# Commands of the framework that would leave half a thing, and ours that do it whole.
INSTEAD = {"createsuperuser": "create_owner"}


def main() -> int:
    if ours := INSTEAD.get("".join(sys.argv[1:2])):
        sys.stderr.write(f"Nobody whom it made could open a page. Run: manage.py {ours}\n")
        return 1
    if sys.argv[1:2] == ["up"]:
        from erp.embedded.up import main as up

        return up(sys.argv[2:])
    from erp.embedded.attach import attached
    from erp.embedded.engines import DataTooOld

    try:
        with attached(sys.argv[1:]):
            os.environ.setdefault("DJANGO_SETTINGS_MODULE", "erp.settings")
            from django.core.management import execute_from_command_line

            execute_from_command_line(sys.argv)
    except DataTooOld as refusal:
        sys.stderr.write(f"{refusal}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
