/**
 * Byte strings that are nearly right: good ones with a few changes.
 *
 * Owns the changes. Does not own what they are fed to.
 * @module
 */
import fc from "fast-check";

/** One change; positions are fractions of the length, so that they fit any string. */
type Change =
  | { readonly kind: "set"; readonly at: number; readonly byte: number }
  | { readonly kind: "cut"; readonly at: number; readonly size: number }
  | { readonly kind: "insert"; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: "copy"; readonly at: number; readonly from: number; readonly size: number };

const position = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
/** Bytes at which codecs have their edges come more often. */
const byte = fc.oneof(
  fc.constantFrom(0x00, 0x01, 0x7f, 0x80, 0x81, 0xb7, 0xb8, 0xbf, 0xc0, 0xf7, 0xf8, 0xff),
  fc.nat(255),
);

const change: fc.Arbitrary<Change> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("set" as const), at: position, byte }) },
  fc.record({ kind: fc.constant("cut" as const), at: position, size: fc.nat(40) }),
  fc.record({
    kind: fc.constant("insert" as const),
    at: position,
    bytes: fc.uint8Array({ minLength: 1, maxLength: 8 }),
  }),
  fc.record({
    kind: fc.constant("copy" as const),
    at: position,
    from: position,
    size: fc.nat(40),
  }),
);

/** Any bytes, or one of `seeds` with one to four changes. */
export function nearly(seeds: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const changed = fc.tuple(
    fc.constantFrom(...seeds),
    fc.array(change, { minLength: 1, maxLength: 4 }),
  ).map(([seed, changes]) => changes.reduce(applyChange, seed));
  return fc.oneof(
    { weight: 9, arbitrary: changed },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }) },
  );
}

function applyChange(bytes: Uint8Array, what: Change): Uint8Array {
  const at = Math.floor(what.at * bytes.length);
  switch (what.kind) {
    case "set":
      return bytes.length === 0 ? bytes : bytes.with(at, what.byte);
    case "cut":
      return splice(bytes, at, at + what.size, new Uint8Array(0));
    case "insert":
      return splice(bytes, at, at, what.bytes);
    case "copy": {
      const from = Math.floor(what.from * bytes.length);
      return splice(bytes, at, at + what.size, bytes.slice(from, from + what.size));
    }
  }
}

function splice(bytes: Uint8Array, start: number, end: number, middle: Uint8Array): Uint8Array {
  return new Uint8Array([...bytes.subarray(0, start), ...middle, ...bytes.subarray(end)]);
}
