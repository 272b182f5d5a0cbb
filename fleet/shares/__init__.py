"""What the operator of vehicles owes their owner: 保底 + 分红."""
