"""What a film sounds like: loudness, blows and notes, silence and speech, for every tenth of a second."""
