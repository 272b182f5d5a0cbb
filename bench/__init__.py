"""FleetBench: how fast Guanche takes telemetry in and answers, measured and checked for loss."""
