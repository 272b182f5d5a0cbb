"""`guanche bench`: hands everything over to the benchmark."""

from importlib import import_module

import typer

from kit.errors import NotFound

bench = typer.Typer(name="bench", add_completion=False, rich_markup_mode="rich")


class BenchNotInstalled(NotFound):
    """The benchmark is part of the source tree, not of every installation."""

    code = "bench_not_installed"


@bench.command(
    "bench",
    add_help_option=False,  # asking for help is an argument too, and the benchmark's to answer
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
)
def run_bench(ctx: typer.Context) -> None:
    """Measure throughput and latency on this machine."""
    try:
        benchmark = import_module("bench.cli")
    except ModuleNotFoundError as error:
        if error.name not in ("bench", "bench.cli"):
            raise
        raise BenchNotInstalled("this installation has no benchmark: use a source tree") from None
    raise typer.Exit(benchmark.main(list(ctx.args)))
