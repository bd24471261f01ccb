"""The rules of the trade: pure, without clock, network, disk, web or geometry."""
