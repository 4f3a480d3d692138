#!/usr/bin/env python3
"""AVA's command line. `up` and `test` work on a machine with nothing but Python 3.11."""

import os
import sys


def main() -> None:
    from ava.bootstrap import ensure_environment

    ensure_environment(sys.argv)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ava.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
