"""Real processes are killed, frozen and flooded here; what the broker acknowledged must be there.

A scenario is written once and run in two sizes: a short form in `make test`, a long one (marked
`soak`) in `make soak`. `docs/reliability.md` lists the promises and the figures.
"""
