"""Documents that leave the house: the unified result as a page and on paper."""
