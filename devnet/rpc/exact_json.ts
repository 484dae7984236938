/**
 * JSON whose numbers stay exact.
 *
 * Owns two rules. A number that JavaScript would round becomes the text of its digits, which methods
 * that take large numbers read, and others refuse as they refuse any text: `cast rpc` writes wei as
 * such numbers. A number named `id` stays one, and is written again as it was read. Does not own what
 * a request may hold.
 * @module
 */

declare global {
  /** TypeScript has no types yet for this part of ECMAScript (JSON.parse source text access). */
  interface JSON {
    rawJSON(text: string): RawNumber;
    isRawJSON(value: unknown): value is RawNumber;
  }
}

/** A number that `JSON.stringify` writes in these very letters. */
export interface RawNumber {
  readonly rawJSON: string;
}

/** A number of 16 digits or more where a value stands; inside of a string it does no harm. */
const LONG_NUMBER = /[[:,]\s*\d{16}/;
/** An id that JavaScript may write in other letters than it was read in. */
const UNUSUAL_ID = /"id"\s*:\s*-?(?:\d{16}|\d+[.eE]|(?<=-)0)/;

/** The value of `text`. @throws SyntaxError */
export function parseExactJson(text: string): unknown {
  if (!LONG_NUMBER.test(text) && !UNUSUAL_ID.test(text)) return JSON.parse(text);
  return JSON.parse(text, keepDigits);
}

function keepDigits(key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== "number") return value;
  const source = context?.source ?? "";
  if (key !== "id") return !Number.isSafeInteger(value) && /^\d+$/.test(source) ? source : value;
  const isAsRead = !Number.isFinite(value) || JSON.stringify(value) === source;
  return isAsRead ? value : JSON.rawJSON(source);
}
