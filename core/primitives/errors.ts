/**
 * The one error class of the project: what was refused, why, and what to type next.
 *
 * Owns the shape of an error. Does not own any code: each room declares its codes beside the
 * functions that throw them.
 * @module
 */

/** What goes into a {@linkcode RollupError} besides its code and message. */
export interface RollupErrorOptions {
  /** The facts behind the message, as data: numbers as `bigint`, bytes as hex. */
  readonly details?: Readonly<Record<string, unknown>>;
  /** The next thing to do, as a full sentence: usually a command to run. */
  readonly mend: string;
  readonly cause?: unknown;
}

/**
 * A refusal that the caller can act on. Defects are `AssertionError`s instead.
 *
 * Callers branch on `code` and never on the text of `message`.
 */
export class RollupError<Code extends string = string> extends Error {
  override readonly name = "RollupError";
  readonly code: Code;
  readonly details: Readonly<Record<string, unknown>>;
  readonly mend: string;

  constructor(code: Code, message: string, options: RollupErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = options.details ?? {};
    this.mend = options.mend;
  }
}

/** Whether `value` is a {@linkcode RollupError}, of the given code when one is named. */
export function isRollupError<Code extends string>(
  value: unknown,
  code?: Code,
): value is RollupError<Code> {
  return value instanceof RollupError && (code === undefined || value.code === code);
}

/** A broken promise of our own code: never the user's fault, never caught to go on. */
export class AssertionError extends Error {
  override readonly name = "AssertionError";
}

/**
 * States a fact that must hold; the reason says why it must.
 *
 * @throws {AssertionError} when it does not hold.
 */
export function assert(condition: boolean, whyItMustHold: string): asserts condition {
  if (!condition) throw new AssertionError(`Broken invariant: ${whyItMustHold}`);
}
