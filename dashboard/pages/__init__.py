"""The pages. Each has its address, a layout without data, and `register`, which wires it to the services."""
