"""`python -m guanche` is the command `guanche`; the demo starts its processes this way."""

from guanche.cli import app

if __name__ == "__main__":
    app(prog_name="guanche")
