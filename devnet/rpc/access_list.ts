/**
 * What a message reads and writes, as the access list of EIP-2930 (`eth_createAccessList`).
 *
 * Owns geth's rules of what is listed, on either layer. Does not own the run (each chain's tracing).
 * @module
 */
import { bigintToBytes } from "../../core/primitives/bytes.ts";
import {
  type Address,
  bigintToHash32,
  bytesToAddress,
  type Hash32,
} from "../../core/primitives/hex.ts";
import { type AccessListEntry, createdAddress } from "../../core/types/tx.ts";
import { recoverAuthority } from "../../core/vm/authorizations.ts";
import type { CallRequest } from "../../core/vm/executor.ts";
import type { OpcodeStep, TraceHooks } from "../../core/vm/trace.ts";
import type { CallOverrides, ChainBackend, TracedRun } from "./chain.ts";
import { refusal, RPC_CODES, type RpcError } from "./errors.ts";
import { CALL_TIMEOUT_MS } from "./limits.ts";
import { LAST_PRECOMPILE, P256_PRECOMPILE } from "./precompiles.ts";
import { createTraceBudget, type TraceBudget, withDeadline } from "./tracers/tracer.ts";

/** What `eth_createAccessList` answers. */
export interface CreatedAccessList {
  readonly accessList: readonly AccessListEntry[];
  readonly gasUsed: bigint;
  /** Why the message failed, in geth's words. */
  readonly error: string | undefined;
}

/** A list makes reads cheaper, and that may change what is read; it settles soon or never. */
const MAX_ROUNDS = 16;

const SLOT_OPCODES: ReadonlySet<number> = new Set([0x54, 0x55]);
/** BALANCE, EXTCODESIZE, EXTCODECOPY, EXTCODEHASH, SELFDESTRUCT: the account is on top. */
const ACCOUNT_OPCODES: ReadonlySet<number> = new Set([0x31, 0x3b, 0x3c, 0x3f, 0xff]);
/** CALL, CALLCODE, DELEGATECALL, STATICCALL: the account is below the gas. */
const CALL_OPCODES: ReadonlySet<number> = new Set([0xf1, 0xf2, 0xf4, 0xfa]);

/**
 * The accounts and slots that `request` touches beyond what is warm anyway, found by running it with
 * the list of the run before until the list does not grow.
 *
 * @throws RpcError when the message cannot begin, or the chain cannot trace.
 */
export async function createAccessList(
  chain: ChainBackend,
  request: CallRequest,
  place: { readonly number: bigint; readonly overrides: CallOverrides },
): Promise<CreatedAccessList> {
  const excluded = await warmAccounts(chain, request, place.number);
  // All rounds together may take as long as one call.
  const budget = createTraceBudget({
    maxBytes: Infinity,
    timeoutMs: CALL_TIMEOUT_MS,
    maxTotalMs: CALL_TIMEOUT_MS,
  }, () => performance.now());
  let touched = fromEntries(request.accessList);
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const accessList = toEntries(touched);
    const found = fromEntries(accessList);
    const run = await trace(chain, { ...request, accessList }, {
      ...place,
      budget,
      onOpcode: (step) => noteAccess(found, step, excluded),
    });
    if (isSame(found, touched)) return { accessList, ...run };
    touched = found;
  }
  throw refusal(
    RPC_CODES.serverError,
    "ACCESS_LIST_UNSETTLED",
    "access list does not settle",
    "The message does something else with each list; write the list by hand.",
  );
}

type Touched = Map<Address, Set<Hash32>>;

async function trace(
  chain: ChainBackend,
  request: CallRequest,
  { number, overrides, budget, onOpcode }: {
    readonly number: bigint;
    readonly overrides: CallOverrides;
    readonly budget: TraceBudget;
    readonly onOpcode: (step: OpcodeStep) => void;
  },
): Promise<{ readonly gasUsed: bigint; readonly error: string | undefined }> {
  const { tracing } = chain;
  if (tracing === undefined) throw cannotTrace(chain);
  let ended: TracedRun | undefined;
  let error: string | undefined;
  const hooks: TraceHooks = {
    onOpcode,
    onExit: (end) => {
      if (end.depth === 0) error = end.error;
    },
  };
  await tracing.trace({ kind: "call", request, number, overrides }, () => ({
    hooks: withDeadline(hooks, budget),
    onEnd: (run) => {
      ended = run;
      return Promise.resolve();
    },
  }));
  return { gasUsed: ended?.gasUsed ?? 0n, error };
}

function noteAccess(
  touched: Touched,
  { op, stack, address }: OpcodeStep,
  excluded: ReadonlySet<Address>,
): void {
  if (SLOT_OPCODES.has(op) && stack.length >= 1) {
    slotsOf(touched, address).add(bigintToHash32(stack.peek(0)));
    return;
  }
  const depth = ACCOUNT_OPCODES.has(op) && stack.length >= 1
    ? 0
    : CALL_OPCODES.has(op) && stack.length >= 5
    ? 1
    : undefined;
  if (depth === undefined) return;
  const account = bytesToAddress(bigintToBytes(stack.peek(depth), 32).slice(12));
  if (!excluded.has(account)) slotsOf(touched, account);
}

/** What is warm before the first opcode, so that listing it would only cost. */
async function warmAccounts(
  chain: ChainBackend,
  request: CallRequest,
  number: bigint,
): Promise<ReadonlySet<Address>> {
  const { from, to, authorizations } = request;
  const nonce = request.nonce ?? await chain.nonce(from, number);
  const warm = new Set<Address>([from, to ?? createdAddress(from, nonce), P256_PRECOMPILE]);
  for (let precompile = 1n; precompile <= LAST_PRECOMPILE; precompile++) {
    warm.add(bytesToAddress(bigintToBytes(precompile, 20)));
  }
  for (const authorization of authorizations) {
    const authority = recoverAuthority(authorization, chain.chainId);
    if (authority !== undefined) warm.add(authority);
  }
  return warm;
}

function fromEntries(entries: readonly AccessListEntry[]): Touched {
  const touched: Touched = new Map();
  for (const { address, storageKeys } of entries) {
    const slots = slotsOf(touched, address);
    for (const key of storageKeys) slots.add(key);
  }
  return touched;
}

function toEntries(touched: Touched): readonly AccessListEntry[] {
  return [...touched]
    .toSorted(([left], [right]) => left < right ? -1 : 1)
    .map(([address, slots]) => ({ address, storageKeys: [...slots].sort() }));
}

function slotsOf(touched: Touched, account: Address): Set<Hash32> {
  const known = touched.get(account);
  if (known !== undefined) return known;
  const slots = new Set<Hash32>();
  touched.set(account, slots);
  return slots;
}

function isSame(left: Touched, right: Touched): boolean {
  if (left.size !== right.size) return false;
  return [...left].every(([account, slots]) => {
    const others = right.get(account);
    return others?.size === slots.size && [...slots].every((slot) => others.has(slot));
  });
}

function cannotTrace({ layer }: ChainBackend): RpcError {
  return refusal(
    RPC_CODES.serverError,
    "TRACING_UNAVAILABLE",
    `eth_createAccessList is not available on this ${layer}`,
    "Ask a chain that can run messages again.",
  );
}
