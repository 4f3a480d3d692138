"""Reading films: probing, exact decoding, colour, chunks, timecode, proxies, still files. No Django here."""
