"""What falls due of vehicles, kept and asked for."""
