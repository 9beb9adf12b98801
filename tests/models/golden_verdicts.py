"""Writes golden/verdicts.json from the shipped weights: python tests/models/golden_verdicts.py

Run it after new weights are shipped, and read what changed before committing it.
"""

import json
from dataclasses import asdict
from pathlib import Path

from models.sentiment import Answer, Question, load

GOLDEN = Path(__file__).parent / "golden"


def golden_questions() -> list[Question]:
    """Sixty posts written for this file alone; none is in any training or dev set."""
    rows = [json.loads(line) for line in (GOLDEN / "posts.jsonl").read_text(encoding="utf-8").splitlines()]
    return [
        Question(row["text"], row["shop"], row["thread_title"], row["parent"], lang=row["lang"])
        for row in rows
    ]


def short(answer: Answer) -> dict[str, object]:
    """What the golden file keeps of an answer."""
    tree = asdict(answer)
    return {
        "label": tree["label"],
        "sentiment": {name: round(chance, 3) for name, chance in tree["sentiment"].items()},
        "needs_reply": round(tree["needs_reply"], 3),
        "urgency": tree["urgency"],
    }


if __name__ == "__main__":
    verdicts = [short(answer) for answer in load().predict(golden_questions())]
    (GOLDEN / "verdicts.json").write_text(json.dumps(verdicts, indent=1) + "\n", encoding="utf-8")
