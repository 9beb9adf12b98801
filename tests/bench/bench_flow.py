"""Ten posts a second for a minute, through the real service: how long from found to mailed.

The sources, the model, the schedule and the store are the real ones; mail goes into a folder.
"""

import json
import tempfile
import time
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from monitor.app import open_app, read_config
from monitor.domain import DeliveryState, SendReason
from monitor.store.tables import Alert, Delivery, Mention

SECONDS, A_SECOND = 60, 10
_CONFIG = """
[[shops]]
slug = "lumopuoti"
name = "Lumopuoti"
[[recipients]]
slug = "owner"
name = "Omistaja"
email = "omistaja@lumopuoti.example"
[[sources]]
slug = "drop"
kind = "file"
folder = "drop"
create = true
settle = "1s"
every = "2s"
[storm]
enabled = false
[mail]
folder = "mail"
[database]
url = "sqlite:///flow.db"
"""


def rows() -> list[dict[str, object]]:
    """One row: posts, alerts, and seconds from found to mailed (median, p95)."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "config.toml").write_text(_CONFIG, encoding="utf-8")
        (folder / "drop").mkdir()
        with open_app(read_config(folder / "config.toml")) as app:
            assert app.parts.assessor.model
            scheduler = app.scheduler()
            scheduler.start()
            _pour(folder / "drop")
            time.sleep(25)
            scheduler.shutdown()
            with app.store.reading() as session:
                return [_row(session)]


def _pour(drop: Path) -> None:
    posts = _texts()
    for second in range(SECONDS):
        lines = [_line(posts[second * A_SECOND + number], second, number) for number in range(A_SECOND)]
        part = drop / f".{second}.part"
        part.write_text("\n".join(lines), encoding="utf-8")
        part.rename(drop / f"{second}.jsonl")
        time.sleep(1)


def _texts() -> list[str]:
    files = sorted((Path(__file__).parents[2] / "models" / "data").glob("*.jsonl"))
    rows = [json.loads(line) for path in files for line in path.read_text(encoding="utf-8").splitlines()]
    return [row["text"] for row in rows if row["sentiment"] == "negative"][: SECONDS * A_SECOND]


def _line(text: str, second: int, number: int) -> str:
    post = {"id": f"{second}-{number}", "text": f"Lumopuoti: {text}", "author": f"k{second}{number}"}
    return json.dumps(post, ensure_ascii=False)


def _row(session: Session) -> dict[str, object]:
    query: Any = (
        select(col(Mention.found_at), col(Delivery.sent_at))
        .join(Alert, col(Alert.first_mention_id) == col(Mention.id))
        .join(Delivery, col(Delivery.alert_id) == col(Alert.id))
        .where(
            col(Delivery.reason) == SendReason.FIRST.value, col(Delivery.state) == DeliveryState.SENT.value
        )
    )
    waits = sorted((sent - found).total_seconds() for found, sent in session.execute(query))
    mentions = len(list(session.execute(select(col(Mention.id)))))
    alerts = len(list(session.execute(select(col(Alert.id)))))
    return {
        "what": "found to mailed",
        "posts": mentions,
        "alerts": alerts,
        "told": len(waits),
        "median_s": round(waits[len(waits) // 2], 1),
        "p95_s": round(waits[int(len(waits) * 0.95)], 1),
        "most_s": round(waits[-1], 1),
    }


if __name__ == "__main__":
    print(rows())
