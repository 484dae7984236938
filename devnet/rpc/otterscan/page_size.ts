/**
 * How many transactions a page has.
 *
 * Owns the bound. Does not own pages (`shapes.ts`).
 * @module
 */
import { MAX_PAGE_SIZE } from "../limits.ts";
import { type Schema, wholeNumber, wrong } from "../schema.ts";

/** A size from 1 on; larger ones are cut, as Erigon does. */
export const pageSize: Schema<number> = {
  ...(wholeNumber.json === undefined ? {} : { json: wholeNumber.json }),
  parse: (value, path) => {
    const size = wholeNumber.parse(value, path);
    if (size === 0) throw wrong(path, "a whole number from 1 on", value);
    return Math.min(size, MAX_PAGE_SIZE);
  },
};
