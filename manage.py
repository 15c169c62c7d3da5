#!/usr/bin/env python3
"""Django's commands for this installation.

Beside a running `make run` they speak to that run: generated secrets and private Redis come from the data folder.
"""

import os
import sys

from config.environment import join_embedded_run, read_env_file


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    read_env_file()
    join_embedded_run()

    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
