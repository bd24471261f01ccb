"""Map sheets: the county or a township at a moment, as a cartographer would draw it, on A4 or A3.

`wanted` is the question, `contents` reads and counts, `atlas` keeps the lines for paper, `picture` draws the map,
`sheet` says what stands around it, `printing` lays it out, `tables` writes the same figures for programs, `making` puts
it all together. The same question gives the same bytes.
"""
