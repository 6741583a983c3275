"""Write discount.json: what `chainfin.domain.pricing` and the contracts' DiscountLib both give.

`python -m tests.vectors.make_discount` computes each case with exact fractions, rounded once, and
shares no code with either side. The first cases are the worked examples of domain.md section 6.
"""

import json
import math
import random
from fractions import Fraction
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "discount.json"
LARGEST = 2**63 - 1
SEED = 20_261_122
RANDOM_CASES = 60
WORKED = [
    (1_000_000, 1800, 7, 360),
    (1_000_000, 2400, 7, 360),
    (100_000, 600, 20, 360),
    (100_000_000, 550, 60, 360),
    (1, 0, 0, 365),
    (LARGEST, 2000, 180, 360),
]
LATE = [
    (100_000_000, 5, 30, 1),
    (100_000_000, 1825, 10, 365),
    (0, 1825, 10, 365),
    (1, 5, 1_000, 1),
    (LARGEST, 2400, 366, 365),
]


def half_up(value: Fraction) -> int:
    """The nearest whole number; a half goes up."""
    return math.floor(value + Fraction(1, 2))


def case(amount: int, rate_bps: int, days: int, basis_days: int) -> dict[str, Any]:
    """One case: amount x rate x days / basis. Amounts are text, since JSON readers use floats."""
    result = half_up(Fraction(amount) * rate_bps * days / (10_000 * basis_days))
    return {
        "amount": str(amount),
        "rate_bps": rate_bps,
        "days": days,
        "basis_days": basis_days,
        "result": str(result),
    }


def main() -> None:
    """Write the file."""
    chance = random.Random(SEED)  # noqa: S311 - the same cases on every run
    discounts, late = [case(*row) for row in WORKED], [case(*row) for row in LATE]
    for _ in range(RANDOM_CASES):
        amount = chance.randrange(1, 10 ** chance.randrange(1, 18))
        rate, days = chance.randrange(0, 2_000), chance.randrange(0, 360)
        discounts.append(case(amount, rate, days, chance.choice([360, 365])))
        late.append(case(amount, chance.randrange(0, 3_000), days, chance.choice([1, 365])))
    document = {
        "about": "Half-up of amount x rate_bps x days / (10,000 x basis_days); made by "
        "tests/vectors/make_discount.py, read by pytest and forge.",
        # What leaves nothing to pay out is refused, and is a case of its own in either test.
        "straight_discount": [row for row in discounts if int(row["result"]) < int(row["amount"])],
        "late_interest": [row for row in late if int(row["result"]) <= LARGEST],
    }
    FILE.write_text(json.dumps(document, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
