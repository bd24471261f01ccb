"""A believable county, played through the HTTP interface alone: a client like any other, without a back door."""
