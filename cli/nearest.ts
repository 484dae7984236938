/**
 * What a mistyped word was meant to be.
 *
 * Owns the distance between words and the choice of a suggestion. Does not own where it is shown.
 * @module
 */

/** Shortest beginning of a word that counts as an abbreviation of it. */
const MIN_PREFIX_LENGTH = 3;

/**
 * The candidate that `word` most likely meant, or `undefined` when none is close.
 *
 * Close is: a beginning of the candidate, or at most a third of its letters (and at least one)
 * changed, left out, added or swapped. The first of equally close candidates wins.
 */
export function findNearest(word: string, candidates: readonly string[]): string | undefined {
  const typed = word.toLowerCase();
  let best: string | undefined;
  let bestDistance = Infinity;
  for (const candidate of candidates) {
    const distance = typed.length >= MIN_PREFIX_LENGTH && candidate.startsWith(typed)
      ? 1
      : editDistance(typed, candidate.toLowerCase());
    const allowed = Math.max(1, Math.floor(candidate.length / 3));
    if (distance <= allowed && distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/**
 * Letters to change, drop, add or swap with their neighbour to turn `left` into `right`
 * (optimal string alignment).
 */
export function editDistance(left: string, right: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    for (let column = 1; column <= right.length; column++) {
      const same = left[row - 1] === right[column - 1];
      let cost = Math.min(
        at(previous, column) + 1,
        at(current, column - 1) + 1,
        at(previous, column - 1) + (same ? 0 : 1),
      );
      const swapped = row > 1 && column > 1 && left[row - 1] === right[column - 2] &&
        left[row - 2] === right[column - 1];
      if (swapped) cost = Math.min(cost, at(beforePrevious, column - 2) + 1);
      current.push(cost);
    }
    beforePrevious = previous;
    previous = current;
  }
  return at(previous, right.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Infinity;
}
