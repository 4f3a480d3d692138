"""Reading films: probing, exact decoding, colour, chunks, timecode, proxies and still files. Pure Python, no Django."""
