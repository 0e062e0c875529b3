"""Which of several designs no other beats."""

import numpy as np
from numpy.typing import NDArray


def unbeaten(costs: NDArray[np.float64]) -> list[int]:
    """Rows that no other row beats, in rising order.

    ``costs`` has one design a row and one figure a column, less being better. Beaten is a row that another equals
    or betters in every figure and betters in one of them.
    """
    kept: list[int] = []
    front = np.empty((0, costs.shape[1]))
    # in the order of the first figure, only what came before can beat a row
    for row in np.lexsort(costs.T[::-1]).tolist():
        beaten = np.all(front <= costs[row], axis=1) & np.any(front < costs[row], axis=1)
        if not beaten.any():
            kept.append(row)
            front = np.vstack([front, costs[row]])
    return sorted(kept)
