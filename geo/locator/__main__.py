"""`python -m geo.locator`: compile the kernels once, after an installation, so that no start has to wait for them."""

from geo.locator.locator import warm_up

if __name__ == "__main__":
    warm_up()
