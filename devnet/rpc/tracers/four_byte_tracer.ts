/**
 * geth's `4byteTracer`: which selectors were called with how many bytes behind them.
 *
 * Owns the count. Precompiles have no selectors and are left out.
 * @module
 */
import type { Address } from "../../../core/primitives/hex.ts";
import type { FrameKind } from "../../../core/vm/trace.ts";
import type { Tracer, TracerContext } from "./tracer.ts";

const CALL_KINDS: ReadonlySet<FrameKind> = new Set([
  "CALL",
  "CALLCODE",
  "DELEGATECALL",
  "STATICCALL",
]);
const SELECTOR_BYTES = 4;
/** Bytes of JSON that a selector takes. */
const ENTRY_BYTES = 40;

/** `4byteTracer`; it has no options. */
export function createFourByteTracer(_config: unknown, { budget }: TracerContext): Tracer {
  const countsByTarget = new Map<Address, Map<string, number>>();
  return {
    hooks: {
      onEnter: ({ kind, to, input }) => {
        if (!CALL_KINDS.has(kind) || input.length < SELECTOR_BYTES) return;
        const selector = input.subarray(0, SELECTOR_BYTES).toHex();
        const key = `0x${selector}-${input.length - SELECTOR_BYTES}`;
        const counts = countsByTarget.get(to) ?? new Map<string, number>();
        countsByTarget.set(to, counts);
        if (!counts.has(key)) budget.spend(ENTRY_BYTES);
        counts.set(key, (counts.get(key) ?? 0) + 1);
      },
    },
    result: ({ rules }) => {
      const total: Record<string, number> = {};
      for (const [target, counts] of countsByTarget) {
        if (rules.precompiles.has(target)) continue;
        for (const [key, count] of counts) total[key] = (total[key] ?? 0) + count;
      }
      return Promise.resolve(total);
    },
  };
}
