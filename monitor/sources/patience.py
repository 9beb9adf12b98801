"""What one fetch does when the other side wants it to wait: keep what it has, and stop."""

from dataclasses import dataclass

from monitor.errors import SourceBusy
from monitor.sources.reading import BatchMaker


@dataclass(slots=True, kw_only=True)
class Patience:
    """`has_read` when something was read already, `is_stopped` when the other side wants us to wait."""

    maker: BatchMaker
    has_read: bool = False
    is_stopped: bool = False

    def stop(self, busy: SourceBusy) -> None:
        """Read no further; raises `busy` when nothing was read by then."""
        if not self.has_read:
            raise busy
        self.maker.warn(f"{busy} The rest comes with the next fetch.")
        self.is_stopped = True
