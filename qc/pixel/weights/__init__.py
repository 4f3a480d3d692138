"""The pixel network's weights that this program carries: ``pixel.npz``.

The file's header says how they were made: command, seed, data, settings and what was measured; see
``qc.pixel.model_file.read_model(SHIPPED).recipe``.
"""
