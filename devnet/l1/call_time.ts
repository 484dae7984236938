/**
 * The time that a run of the EVM may take; others have their turns meanwhile.
 *
 * Owns the clock that the EVM looks at in every so many opcodes of a loop, and before what may take
 * long by itself: slow opcodes and precompiles. Code without any of them ends soon. Does not own how
 * much gas a run has.
 * @module
 */
import type { EVMInterface, PrecompileFunc } from "@ethereumjs/evm";
import { RPC_CODES, RpcError } from "../rpc/errors.ts";
import { CALL_TIMEOUT_MS } from "../rpc/limits.ts";
import { createOpcodeRunner } from "./opcode_runner.ts";
import { keepPricedGas, wrapOpcode } from "./opcodes.ts";
import { createTurns, type Turns } from "./turns.ts";

/** No loop is without one. */
const JUMPDEST = 0x5b;
/** What takes longer than many others: EXP, hashes, looks at accounts and slots, calls, creations. */
const SLOW: readonly number[] = [
  ...[0x0a, 0x20, 0x31, 0x3b, 0x3c, 0x3f, 0x54, 0x55],
  ...[0xf0, 0xf1, 0xf2, 0xf4, 0xf5, 0xfa],
];
/** Opcodes between two looks at the clock. */
const OPCODES_PER_LOOK = 1_024;
/** As many opcodes what comes after a JUMPDEST counts for at least: it may be a slow one. */
const OPCODES_PER_ROUND = 64;

/** When a call that begins now must have ended, for {@linkcode guardTime}. */
export function callDeadlineMs(): number {
  return performance.now() + CALL_TIMEOUT_MS;
}

interface Guard {
  deadlineMs: number;
  readonly turns: Turns;
  /**
   * Throws when the time is over; a wait when others are to have their turn, which is not counted.
   */
  look(): Promise<void> | undefined;
}

const guards = new WeakMap<EVMInterface, Guard>();
const guarded = new WeakSet<PrecompileFunc>();

/**
 * Lets every run of `evm` end with geth's error once `deadlineMs` has passed.
 *
 * A precompile that has begun is not interrupted.
 */
export function guardTime(evm: EVMInterface, deadlineMs: number): void {
  const guard = guards.get(evm) ?? createGuard(evm);
  guard.deadlineMs = deadlineMs;
  guard.turns.begin();
  if (performance.now() > deadlineMs) throw timedOut();
  for (const [key, precompile] of evm.precompiles) {
    if (guarded.has(precompile)) continue;
    const watched: PrecompileFunc = (input) => {
      const wait = guard.look();
      return wait === undefined ? precompile(input) : wait.then(() => precompile(input));
    };
    guarded.add(watched);
    evm.precompiles.set(key, watched);
  }
}

function createGuard(evm: EVMInterface): Guard {
  const guard: Guard = {
    deadlineMs: Infinity,
    turns: createTurns(),
    look: () => {
      if (performance.now() > guard.deadlineMs) throw timedOut();
      return guard.turns.handOn()?.then((waitedMs) => {
        guard.deadlineMs += waitedMs;
      });
    },
  };
  guards.set(evm, guard);
  keepPricedGas(evm);
  const runner = createOpcodeRunner(evm);
  let left = OPCODES_PER_LOOK;
  wrapOpcode(evm, JUMPDEST, (handler) => (runState, ...rest) => {
    handler(runState, ...rest);
    const count = (ran: number) => {
      left -= OPCODES_PER_ROUND + ran;
    };
    const runOn = () => {
      const ran = runner.run(runState, OPCODES_PER_LOOK);
      return typeof ran === "number" ? count(ran) : ran.then(count);
    };
    if (left > 0) return runOn();
    left = OPCODES_PER_LOOK;
    const wait = guard.look();
    return wait === undefined ? runOn() : wait.then(runOn);
  }, { isAsync: true });
  for (const slow of SLOW) {
    wrapOpcode(evm, slow, (handler) => (...args) => {
      const wait = guard.look();
      return wait === undefined ? handler(...args) : wait.then(() => handler(...args));
    }, { isAsync: true });
  }
  return guard;
}

function timedOut(): RpcError {
  return new RpcError(
    RPC_CODES.serverError,
    `execution aborted (timeout = ${CALL_TIMEOUT_MS / 1_000}s)`,
  );
}
