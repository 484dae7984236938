/**
 * Blocks through an executor and through plain `runTx` of ethereumjs with its own state manager:
 * receipts, logs, gas and the whole state must agree but for where the base fee goes.
 *
 * Owns the oracle and the comparison. Does not own what is run (`random_programs.ts`,
 * `random_bytes.ts`). With the executor on ethereumjs it checks all around the opcodes, which are
 * shared then; with the program it checks everything.
 * @module
 */
import { createBlock } from "@ethereumjs/block";
import { Common, createCustomCommon, Hardfork, Mainnet } from "@ethereumjs/common";
import { SimpleStateManager } from "@ethereumjs/statemanager";
import type { InterpreterStep } from "@ethereumjs/evm";
import { createTxFromRLP } from "@ethereumjs/tx";
import { Account, Address as EvmAddress, KECCAK256_NULL } from "@ethereumjs/util";
import { createVM, runTx, type VM } from "@ethereumjs/vm";
import { assertEquals } from "@std/assert";
import { assert } from "../../../core/primitives/errors.ts";
import {
  address,
  bigintToHash32,
  bytesToAddress,
  bytesToHash32,
  hash32,
  hexToBytes,
  ZERO_HASH,
} from "../../../core/primitives/hex.ts";
import { headerHash } from "../../../core/types/block.ts";
import type { ChainConfig } from "../../../core/types/genesis.ts";
import type { EventLog } from "../../../core/types/receipt.ts";
import {
  balanceSlot,
  codeHashSlot,
  compareSlots,
  HISTORY_STORAGE_ADDRESS,
  nonceSlot,
  SYSTEM_CONTEXT_ADDRESS,
} from "../../../core/types/state.ts";
import { encodeTransaction } from "../../../core/types/tx.ts";
import { nextEnvironment } from "../../../core/vm/block_environment.ts";
import { genesisState, openBlock, sealHeader } from "../../../core/vm/block_transition.ts";
import type {
  BlockEnvironment,
  ExecutableTx,
  Executor,
  SystemWrite,
} from "../../../core/vm/executor.ts";
import { createPrecompileCrypto } from "../../oracle/precompile_crypto.ts";
import { createTestChain } from "./world.ts";

/** What both sides say of one transaction. */
export interface Verdict {
  readonly included: boolean;
  readonly success?: boolean;
  readonly gasUsed?: bigint;
  readonly exception?: string | undefined;
  readonly returnData?: string;
  readonly logs?: readonly EventLog[];
}

/**
 * Runs `transactions` as one block on both sides and asserts that they agree; `label` names the
 * block in a failure.
 */
export async function compareBlock(
  executor: Executor,
  config: ChainConfig,
  transactions: readonly ExecutableTx[],
  label: string,
): Promise<readonly Verdict[]> {
  const chain = createTestChain(executor, config);
  const genesisHash = headerHash(chain.head());
  const block = await openBlock({
    executor,
    storage: chain.storage,
    config,
    parent: chain.head(),
    timestampSec: chain.head().timestampSec + 2n,
  });
  const oracle = await createOracle(config, block.environment);
  const verdicts: Verdict[] = [];
  for (const [index, tx] of transactions.entries()) {
    const ours = await runOurs(block.run, tx);
    const theirs = await oracle.run(tx);
    assertEquals(ours, sameException(ours, theirs), `${label}, transaction ${index}`);
    verdicts.push(ours);
  }
  const { diffs, newCodes } = await block.close();
  chain.storage.apply(diffs, newCodes);
  const ours = chain.storage.entries().filter(isOfAccounts);
  assertEquals(ours, oracle.entries().filter(isOfAccounts), `${label}, state`);
  assertEquals(block.environment.parentHash, genesisHash);
  return verdicts;
}

/**
 * Whether a creation in the block meets a defect of the library: it lets one from init code that
 * begins with 0xef00 fail for free, though no fork has the format of EIP-3540 that this was for.
 */
export async function meetsLibraryDefect(
  config: ChainConfig,
  transactions: readonly ExecutableTx[],
): Promise<boolean> {
  const parent = sealHeader(genesisState(config).draftHeader, ZERO_HASH);
  const timestampSec = parent.timestampSec + 2n;
  const parentHash = headerHash(parent);
  const environment = nextEnvironment({ config, parent, parentHash, timestampSec });
  let isMet = false;
  const oracle = await createOracle(config, environment, ({ opcode, stack, memory }) => {
    if (opcode.name !== "CREATE" && opcode.name !== "CREATE2") return;
    const offset = Number(stack.at(-2) ?? 0n);
    if (memory[offset] === 0xef && memory[offset + 1] === 0) isMet = true;
  });
  for (const tx of transactions) await oracle.run(tx);
  return isMet;
}

/**
 * How the library may name what we name otherwise: it charges gas before it looks at the stack, at
 * the bounds of return data and at the first byte of a code, has many words for a precompile's
 * failure, and says where a jump was.
 */
const ALIKE: Readonly<Record<string, RegExp>> = {
  "precompile failed": /./,
  "value out of range": /^out of gas$/,
  "stack underflow": /^out of gas$/,
  "stack overflow": /^out of gas$/,
  "static state change": /^out of gas$/,
  "invalid bytecode deployed": /^out of gas$/,
  "invalid JUMP": /^invalid JUMP at /,
};

function sameException(ours: Verdict, theirs: Verdict): Verdict {
  const { exception } = ours;
  if (exception === undefined || theirs.exception === undefined) return theirs;
  return ALIKE[exception]?.test(theirs.exception) === true ? { ...theirs, exception } : theirs;
}

async function runOurs(
  run: (tx: ExecutableTx) => ReturnType<Awaited<ReturnType<typeof openBlock>>["run"]>,
  tx: ExecutableTx,
): Promise<Verdict> {
  const outcome = await run(tx);
  if (outcome.kind === "invalid") {
    // The library's own refusal would mean that our checks let something through.
    const isNamed = outcome.reason !== "INVALID" || /\(EIP-\d+\)$/.test(outcome.message);
    assert(isNamed, `our rules name the reason: ${outcome.message}`);
    return { included: false };
  }
  const { success, gasUsed, logs } = outcome.receipt;
  return {
    included: true,
    success,
    gasUsed,
    exception: outcome.exception,
    returnData: outcome.returnData.toHex(),
    logs,
  };
}

/** The library alone, on its own state. */
interface Oracle {
  run(tx: ExecutableTx): Promise<Verdict>;
  entries(): readonly SystemWrite[];
}

async function createOracle(
  config: ChainConfig,
  environment: BlockEnvironment,
  onStep?: (step: InterpreterStep) => void,
): Promise<Oracle> {
  const common = createCustomCommon({ chainId: Number(config.chainId) }, Mainnet, {
    hardfork: Hardfork.Osaka,
    customCrypto: createPrecompileCrypto(),
  });
  const stateManager = new SimpleStateManager({ common });
  await fillOracle(stateManager, config);
  const blockchain = {
    getBlock: () => Promise.resolve({ hash: () => hexToBytes(environment.parentHash) }),
    putBlock: () => Promise.resolve(),
    shallowCopy: () => blockchain,
  };
  const vm = await createVM({ common, stateManager, evmOpts: { blockchain } });
  // Without a listener the library runs much faster.
  if (onStep !== undefined) {
    vm.evm.events?.on("step", (step, resume) => {
      onStep(step);
      resume?.();
    });
  }
  let gasUsed = 0n;
  return {
    entries: () => oracleEntries(stateManager),
    run: async (tx) => {
      // The library checks a transaction against the block's limit, not against what is left.
      if (tx.tx.gasLimit > environment.gasLimit - gasUsed) return { included: false };
      const verdict = await runOracleTx(vm, common, environment, tx);
      gasUsed += verdict.gasUsed ?? 0n;
      return verdict;
    },
  };
}

async function runOracleTx(
  vm: VM,
  common: Common,
  environment: BlockEnvironment,
  { tx }: ExecutableTx,
): Promise<Verdict> {
  const block = createBlock({
    header: {
      number: environment.number,
      timestamp: environment.timestampSec,
      coinbase: new EvmAddress(hexToBytes(environment.coinbase)),
      gasLimit: environment.gasLimit,
      baseFeePerGas: environment.baseFeePerGasWei,
      mixHash: hexToBytes(environment.prevRandao),
      excessBlobGas: 0n,
    },
  }, { common });
  let result;
  try {
    const evmTx = createTxFromRLP(encodeTransaction(tx), { common });
    result = await runTx(vm, { tx: evmTx, block });
  } catch {
    // The library refuses by throwing; whether it refuses is all that is compared.
    return { included: false };
  }
  const coinbase = new EvmAddress(hexToBytes(environment.coinbase));
  const account = await vm.stateManager.getAccount(coinbase) ?? new Account();
  // Here the base fee is burnt; on our layer the coinbase has it.
  account.balance += result.totalGasSpent * environment.baseFeePerGasWei;
  await vm.stateManager.putAccount(coinbase, account);
  return {
    included: true,
    success: result.execResult.exceptionError === undefined,
    gasUsed: result.totalGasSpent,
    exception: result.execResult.exceptionError?.error,
    returnData: result.execResult.returnValue.toHex(),
    logs: (result.execResult.logs ?? []).map(([emitter, topics, data]) => ({
      address: bytesToAddress(emitter),
      topics: topics.map(bytesToHash32),
      data,
    })),
  };
}

async function fillOracle(stateManager: SimpleStateManager, config: ChainConfig): Promise<void> {
  for (const { address: owner, nonce, balanceWei, code, storage } of config.accounts) {
    const evmAddress = new EvmAddress(hexToBytes(owner));
    await stateManager.putAccount(evmAddress, new Account(nonce, balanceWei));
    if (code !== "0x") await stateManager.putCode(evmAddress, hexToBytes(code));
    for (const { slot, value } of storage) {
      await stateManager.putStorage(evmAddress, hexToBytes(slot), stripZeros(hexToBytes(value)));
    }
  }
}

/** The library keeps values without leading zeros. */
function stripZeros(bytes: Uint8Array): Uint8Array {
  const start = bytes.findIndex((byte) => byte !== 0);
  return start < 0 ? new Uint8Array(0) : bytes.subarray(start);
}

/** The library's state as the uniform map. */
function oracleEntries(stateManager: SimpleStateManager): SystemWrite[] {
  const accounts = stateManager.accountStack.at(-1) ?? new Map<string, Account | undefined>();
  const slots = stateManager.storageStack.at(-1) ?? new Map<string, Uint8Array>();
  const entries: SystemWrite[] = [];
  for (const [text, account] of accounts) {
    if (account === undefined || account.isEmpty()) continue;
    const owner = address(text);
    entries.push({ ...balanceSlot(owner), value: bigintToHash32(account.balance) });
    entries.push({ ...nonceSlot(owner), value: bigintToHash32(account.nonce) });
    const codeHash = bytesToHash32(account.codeHash);
    const hasCode = codeHash !== bytesToHash32(KECCAK256_NULL);
    entries.push({ ...codeHashSlot(owner), value: hasCode ? codeHash : ZERO_HASH });
  }
  for (const [key, value] of slots) {
    const [owner, slot] = key.split("_");
    assert(owner !== undefined && slot !== undefined, "the library's keys have two parts");
    // A removed account may leave slots behind in this simple state manager.
    if (accounts.get(address(owner)) === undefined) continue;
    const word = bigintToHash32(BigInt(`0x0${value.toHex()}`));
    entries.push({ address: address(owner), slot: hash32(slot), value: word });
  }
  return entries.filter((entry) => entry.value !== ZERO_HASH).sort(compareSlots);
}

const HISTORY_ACCOUNT_SLOTS = new Set<string>([
  codeHashSlot(HISTORY_STORAGE_ADDRESS).slot,
  nonceSlot(HISTORY_STORAGE_ADDRESS).slot,
]);

/** The oracle has neither the history contract nor the header commitment. */
function isOfAccounts(entry: SystemWrite): boolean {
  return entry.address !== HISTORY_STORAGE_ADDRESS && entry.address !== SYSTEM_CONTEXT_ADDRESS &&
    !HISTORY_ACCOUNT_SLOTS.has(entry.slot);
}
