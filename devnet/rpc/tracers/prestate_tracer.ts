/**
 * geth's `prestateTracer`: what a transaction needs of the state before it, or what it changes.
 *
 * Owns geth's rules of what is shown of an account. Does not own what a run touches
 * (`footprint.ts`) or states: they are read once the run has ended.
 * @module
 */
import { keccak256 } from "../../../core/crypto/keccak.ts";
import { EMPTY_BYTES, equalBytes } from "../../../core/primitives/bytes.ts";
import {
  type Address,
  bytesToAddress,
  bytesToHex,
  type Hash32,
  ZERO_HASH,
} from "../../../core/primitives/hex.ts";
import type { StateReader, TracedAccount } from "../../../core/vm/trace.ts";
import { isDelegation } from "../../../core/vm/tx_rules.ts";
import type { TracedRun } from "../chain.ts";
import { invalidParams } from "../errors.ts";
import { formatQuantity } from "../format.ts";
import { boolean, object, type ValueOf, withDefault } from "../schema.ts";
import { createFootprint, type Footprint } from "./footprint.ts";
import type { Tracer, TracerContext } from "./tracer.ts";

const configSchema = object({
  diffMode: withDefault(boolean, false),
  disableCode: withDefault(boolean, false),
  disableStorage: withDefault(boolean, false),
  includeEmpty: withDefault(boolean, false),
});

type Options = ValueOf<typeof configSchema>;

/** Everything that an answer is made of. */
interface ResultContext extends TracerContext {
  readonly run: TracedRun;
  readonly options: Options;
  readonly footprint: Footprint;
}

/** An account before the run. */
interface Prestate {
  readonly address: Address;
  readonly account: TracedAccount;
  readonly isEmpty: boolean;
  readonly storage: ReadonlyMap<Hash32, Hash32>;
}

/** An account as an answer has it. */
type ShownAccount = Readonly<Record<string, unknown>>;

const NO_ACCOUNT: TracedAccount = { nonce: 0n, balanceWei: 0n, code: EMPTY_BYTES };
const EMPTY_CODE_HASH: Hash32 = keccak256(EMPTY_BYTES);
/** Bytes of JSON that an account takes besides its code and storage. */
const ACCOUNT_BYTES = 250;
/** Bytes of JSON that a slot takes. */
const SLOT_BYTES = 140;
/** EIP-7702: `0xef0100`, then the account whose code runs. */
const DELEGATION_PREFIX_BYTES = 3;

/** `prestateTracer` with `diffMode`, `disableCode`, `disableStorage` and `includeEmpty`. */
export function createPrestateTracer(config: unknown, context: TracerContext): Tracer {
  const options = configSchema.parse(config ?? {}, "tracerConfig");
  if (options.diffMode && options.includeEmpty) {
    throw invalidParams("cannot use diffMode with includeEmpty");
  }
  const { hooks, footprint } = createFootprint(context.message, {
    onSlot: () => context.budget.spend(SLOT_BYTES),
  });
  return {
    hooks,
    result: (run) => readResult({ ...context, run, options, footprint }),
  };
}

async function readResult(context: ResultContext): Promise<unknown> {
  const { options } = context;
  const prestates: Prestate[] = [];
  for (const address of await listAccounts(context)) {
    prestates.push(await readPrestate(address, context));
  }
  if (options.diffMode) return await diffStates(prestates, context);
  const shown = prestates.filter(({ isEmpty }) => options.includeEmpty || !isEmpty);
  return toSortedObject(shown.map((state) => [state.address, showPrestate(state, options)]));
}

/** What the run touched, with the block's coinbase and the accounts that code was lent from. */
async function listAccounts(context: ResultContext): Promise<ReadonlySet<Address>> {
  const { run, message, footprint } = context;
  const accounts = new Set([...footprint.accounts, run.environment.coinbase]);
  if (!run.rules.hasDelegations) return accounts;
  const addTarget = async (reader: StateReader, account: Address): Promise<void> => {
    const code = (await reader.account(account))?.code ?? EMPTY_BYTES;
    if (!isDelegation(code)) return;
    accounts.add(bytesToAddress(code.subarray(DELEGATION_PREFIX_BYTES)));
  };
  if (message.to !== undefined) await addTarget(run.before, message.to);
  // Authorizations apply before the first opcode, and nothing takes them back.
  for (const account of footprint.called) await addTarget(run.after, account);
  return accounts;
}

async function readPrestate(
  address: Address,
  { run, options, budget, footprint }: ResultContext,
): Promise<Prestate> {
  const account = await run.before.account(address) ?? NO_ACCOUNT;
  budget.checkTime();
  budget.spend(ACCOUNT_BYTES + 2 * account.code.length);
  const storage = new Map<Hash32, Hash32>();
  if (!options.disableStorage) {
    for (const slot of footprint.slots.get(address) ?? []) {
      storage.set(slot, await run.before.storage(address, slot));
    }
  }
  const isEmpty = account.nonce === 0n && account.balanceWei === 0n && account.code.length === 0;
  return { address, account, isEmpty, storage };
}

function showPrestate({ account, storage }: Prestate, options: Options): ShownAccount {
  const hasCode = account.code.length > 0;
  return {
    balance: formatQuantity(account.balanceWei),
    ...(hasCode && !options.disableCode ? { code: bytesToHex(account.code) } : {}),
    ...(hasCode ? { codeHash: keccak256(account.code) } : {}),
    ...(account.nonce === 0n ? {} : { nonce: Number(account.nonce) }),
    ...(storage.size === 0 ? {} : { storage: toSortedObject([...storage]) }),
  };
}

async function diffStates(prestates: readonly Prestate[], context: ResultContext) {
  const { footprint, options, run } = context;
  const pre: [Address, ShownAccount][] = [];
  const post: [Address, ShownAccount][] = [];
  const destroyed = run.rules.isDestroyedOnlyNew ? footprint.destroyedNew : footprint.destroyed;
  for (const state of prestates) {
    const { address, isEmpty } = state;
    if (destroyed.has(address)) {
      if (!isEmpty) pre.push([address, showPrestate(state, options)]);
      continue;
    }
    const { changes, storage, isModified } = await diffAccount(state, context);
    if (!isModified) continue;
    if (!isEmpty) pre.push([address, showPrestate({ ...state, storage }, options)]);
    post.push([address, changes]);
  }
  return { post: toSortedObject(post), pre: toSortedObject(pre) };
}

/** What is new of an account, and the slots that changed as they were before. */
async function diffAccount(state: Prestate, { run, options, footprint }: ResultContext) {
  const { address, account } = state;
  const found = await run.after.account(address);
  const after = found ?? NO_ACCOUNT;
  const changes: Record<string, unknown> = {};
  if (after.balanceWei !== account.balanceWei) changes.balance = formatQuantity(after.balanceWei);
  if (after.nonce !== account.nonce) changes.nonce = Number(after.nonce);
  const isThere = found !== undefined || isTouched(address, run, footprint);
  const codeHash = isThere ? hashCode(after.code) : ZERO_HASH;
  if (codeHash !== hashCode(account.code)) changes.codeHash = codeHash;
  if (!options.disableCode && !equalBytes(after.code, account.code)) {
    changes.code = bytesToHex(after.code);
  }
  const storage = new Map<Hash32, Hash32>();
  const written: [Hash32, Hash32][] = [];
  let isStorageChanged = false;
  for (const [slot, value] of state.storage) {
    const newValue = await run.after.storage(address, slot);
    if (newValue === value) continue;
    isStorageChanged = true;
    if (value !== ZERO_HASH) storage.set(slot, value);
    if (newValue !== ZERO_HASH) written.push([slot, newValue]);
  }
  if (written.length > 0) changes.storage = toSortedObject(written);
  return { changes, storage, isModified: isStorageChanged || Object.keys(changes).length > 0 };
}

/** geth has an account, without anything in it, for whatever was touched by then. */
function isTouched(address: Address, run: TracedRun, footprint: Footprint): boolean {
  if (address === run.environment.coinbase) return true;
  const isSure = footprint.touched.get(address);
  if (isSure === undefined) return false;
  return isSure || run.rules.precompiles.has(address) || !run.rules.clearsEmpty;
}

function hashCode(code: Uint8Array): Hash32 {
  return code.length === 0 ? EMPTY_CODE_HASH : keccak256(code);
}

/** Keys in the order in which Go prints maps. */
function toSortedObject<Value>(
  entries: readonly (readonly [string, Value])[],
): Readonly<Record<string, Value>> {
  return Object.fromEntries(entries.toSorted(([left], [right]) => left < right ? -1 : 1));
}
