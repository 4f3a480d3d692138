"""The pixel network's weights that this program carries: ``pixel.npz``.

The file's header says how they were made: data, seeds, settings, hard negatives and calibration of three stages; see
``qc.pixel.model_file.read_model(SHIPPED).recipe``. Only the first of them was run by the command that it names: the
other two were run by hand around ``qc.pixel.mining``, ``qc.pixel.dataset.make_batch`` and ``ava.train.loop.train``,
with labels that did not yet leave out errors that restless ground hides (``qc.pixel.restlessness``). Today's
``manage.py train pixel`` does such stages in rounds by itself, and writes a header that is its whole recipe; it makes
other weights than these.
"""
