"""Owns ``python -m nbkit``, which does what the command ``nbkit`` does."""

from nbkit.app.command_line import main

if __name__ == "__main__":
    raise SystemExit(main())
