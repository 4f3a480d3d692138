"""What can go wrong with a file of the weights store; every message says what its reader can do next."""


class WeightsError(Exception):
    """Base of the store's errors; the message is one sentence for a person."""


class UnknownWeights(WeightsError):
    """The catalogue has no entry of that name, or no entry that a given file matches."""


class WeightsMissing(WeightsError):
    """The file is not in the store."""


class WeightsCorrupt(WeightsError):
    """The bytes differ from the catalogue's sha-256 or size, or from those that were first installed."""


class ConsentNeeded(WeightsError):
    """The file's licence restricts its use and nobody has agreed to it yet."""


class FetchFailed(WeightsError):
    """The file could not be fetched from its source."""


class StoreBusy(WeightsError):
    """Another process is bringing the same file in."""


class StoreNotWritable(WeightsError):
    """The store's folder cannot be written, or its disk is full."""
