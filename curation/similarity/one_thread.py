"""Small products of matrices kept on one core: spread over several they take ten times as long on a busy machine."""

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep NumPy's linear algebra of this process on one thread for the time of the context."""
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    with threadpool_limits(limits=1, user_api="blas"):
        yield
