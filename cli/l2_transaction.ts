/**
 * An L2 transaction as a person says it: flags, words behind them, and who signs.
 *
 * Owns what `send-tx` and `force-tx` share: reading the line, filling in what only the node knows,
 * signing. Does not own what then becomes of the bytes.
 * @module
 */
import type { Engine } from "../core/engine/engine.ts";
import { type Address, type Hex, hexToBytes } from "../core/primitives/hex.ts";
import type { Transaction, UnsignedTransaction } from "../core/types/tx.ts";
import { readAddress, readDevnetAccount, readPrivateKey } from "./accounts.ts";
import { type Flags, type FlagValues, usageError } from "./args.ts";
import type { Positional } from "./command.ts";
import { CONNECT_FLAGS, type Services } from "./connect.ts";

/** What a sender offers the block builder per gas unless told otherwise: 1 gwei, as anvil does. */
export const DEFAULT_TIP_WEI = 1_000_000_000n;

/** Flags that say a transaction. */
export const TX_FLAGS = {
  to: { type: "string", placeholder: "ADDRESS", summary: "Recipient, or the index of an account" },
  value: { type: "ether", default: "0", summary: "What to send: 1ether, 20gwei, or wei" },
  data: {
    type: "hex",
    setting: "calldata",
    summary: "Calldata, instead of a signature and arguments; the folder is --data-dir here",
  },
  create: { type: "hex", placeholder: "0xCODE", summary: "Create a contract with this init code" },
  from: {
    type: "string",
    alias: "f",
    placeholder: "ACCOUNT",
    summary: "Devnet account that signs: index or address; account 0 unless told otherwise",
  },
  "private-key": { type: "hex", secret: true, summary: "32-byte key that signs instead" },
  nonce: { type: "quantity", summary: "Nonce; the sender's next one unless told otherwise" },
  gas: { type: "quantity", summary: "Gas limit; estimated unless told otherwise" },
  "gas-price": {
    type: "ether",
    summary: "Most to pay per gas; twice the base fee plus the tip unless told otherwise",
  },
  "priority-gas-price": { type: "ether", summary: "Tip per gas; 1gwei unless told otherwise" },
  legacy: { type: "boolean", summary: "Send a type 0 transaction" },
  raw: { type: "hex", placeholder: "0xTX", summary: "Send this signed transaction as it is" },
} as const satisfies Flags;

const { also: _takenByCalldata, ...dataDirFlag } = CONNECT_FLAGS["data-dir"];

/** `--data-dir` where, as in cast, `--data` is calldata. */
export const DATA_DIR_BESIDE_CALLDATA = { "data-dir": dataDirFlag } as const;

/** Flags of {@linkcode TX_FLAGS} of which one may be given. */
export const TX_EXCLUSIVE = [
  ["from", "private-key", "raw"],
  ["to", "create", "raw"],
  ["data", "create", "raw"],
  ["priority-gas-price", "legacy"],
] as const satisfies readonly (readonly (keyof typeof TX_FLAGS)[])[];

/** The words behind the flags. */
export const TX_POSITIONALS: readonly Positional[] = [{
  name: "call",
  summary: "[TO] [SIGNATURE] [ARGUMENTS]: TO when there is no --to; a signature such as " +
    '"transfer(address,uint256)" and its arguments make the calldata',
  rest: true,
}];

/** The values of {@linkcode TX_FLAGS}. */
export type TxFlags = FlagValues<typeof TX_FLAGS>;

/** A transaction before the node is asked for what only it knows. */
export interface SendPlan {
  readonly from: Address;
  readonly privateKey: Uint8Array;
  /** `undefined` creates a contract. */
  readonly to: Address | undefined;
  readonly data: Hex;
}

/**
 * What the line asks for, checked before any data folder is opened.
 *
 * @throws `USAGE_MISSING_ARGUMENT`, `USAGE_CONFLICT`, `USAGE_INVALID_VALUE`.
 */
export async function planSend(
  flags: TxFlags,
  positionals: readonly string[],
  services: Pick<Services, "devnetAccounts">,
): Promise<SendPlan | { readonly raw: Uint8Array }> {
  if (flags.raw !== undefined) {
    refuseRawMix(flags, positionals);
    return { raw: hexToBytes(flags.raw) };
  }
  const accounts = await services.devnetAccounts();
  const takesTo = flags.to === undefined && flags.create === undefined;
  const toText = takesTo ? positionals[0] : flags.to;
  const [signature, ...words] = takesTo ? positionals.slice(1) : positionals;
  if (toText === undefined && flags.create === undefined) {
    throw usageError("USAGE_MISSING_ARGUMENT", "Cannot send a transaction to nobody: no --to", {
      mend: "Give --to ADDRESS, or --create 0xCODE to create a contract.",
    });
  }
  if (signature !== undefined && flags.data !== undefined) {
    throw usageError("USAGE_CONFLICT", `Cannot use --data and "${signature}" together`, {
      details: { signature },
      mend: "Keep one of them: both make the calldata.",
    });
  }
  const call = signature === undefined
    ? "0x"
    : (await import("./calldata.ts")).encodeCall(signature, words);
  const data: Hex = flags.create === undefined
    ? flags.data ?? call
    : `${flags.create}${call.slice(2)}`;
  if (flags.create !== undefined && signature?.startsWith("constructor") === false) {
    throw usageError("USAGE_INVALID_VALUE", `Cannot call "${signature}" while creating`, {
      details: { signature },
      mend: 'With --create, write the arguments as "constructor(uint256)" 1.',
    });
  }
  return {
    ...(await readSigner(flags, accounts)),
    to: toText === undefined ? undefined : readAddress(toText, "--to", accounts),
    data,
  };
}

/** The fields of the transaction: the flags, and what the node says where they are silent. */
export async function buildTransaction(
  engine: Pick<Engine, "sender" | "estimateGas">,
  plan: Pick<SendPlan, "from" | "to" | "data">,
  flags: TxFlags,
): Promise<UnsignedTransaction> {
  const { from, to, data } = plan;
  const sender = await engine.sender(from);
  const gasLimit = flags.gas ?? BigInt(
    await engine.estimateGas({
      from,
      ...(to === undefined ? {} : { to }),
      data,
      valueWei: flags.value.toString(),
    }),
  );
  return {
    type: flags.legacy ? 0 : 2,
    chainId: BigInt(sender.chainId),
    nonce: flags.nonce ?? BigInt(sender.nonce),
    ...chooseFees(flags, BigInt(sender.baseFeePerGasWei)),
    gasLimit,
    to,
    valueWei: flags.value,
    data: hexToBytes(data),
    accessList: [],
    authorizations: [],
  };
}

/**
 * Twice the base fee plus the tip, so that the transaction stays payable through six full blocks;
 * only what the block asks for is taken. A legacy transaction pays all that it names.
 */
function chooseFees(flags: TxFlags, baseFeePerGasWei: bigint) {
  const tipWei = flags["priority-gas-price"] ?? DEFAULT_TIP_WEI;
  if (flags.legacy) {
    const gasPriceWei = flags["gas-price"] ?? baseFeePerGasWei + tipWei;
    return { maxFeePerGasWei: gasPriceWei, maxPriorityFeePerGasWei: gasPriceWei };
  }
  const maxFeePerGasWei = flags["gas-price"] ?? 2n * baseFeePerGasWei + tipWei;
  // A tip that was asked for is kept, so that the pool can refuse one above the whole fee.
  const isAsked = flags["priority-gas-price"] !== undefined;
  const maxPriorityFeePerGasWei = !isAsked && tipWei > maxFeePerGasWei ? maxFeePerGasWei : tipWei;
  return { maxFeePerGasWei, maxPriorityFeePerGasWei };
}

/** The signed bytes of `plan`. @throws what asking the node throws */
export async function signPlan(
  engine: Pick<Engine, "sender" | "estimateGas">,
  plan: SendPlan,
  flags: TxFlags,
): Promise<Uint8Array> {
  const { encodeTransaction, signTransaction } = await import("../core/types/tx.ts");
  const unsigned = await buildTransaction(engine, plan, flags);
  const signed: Transaction = signTransaction(unsigned, plan.privateKey);
  return encodeTransaction(signed);
}

async function readSigner(
  flags: TxFlags,
  accounts: Awaited<ReturnType<Services["devnetAccounts"]>>,
): Promise<Pick<SendPlan, "from" | "privateKey">> {
  const key = flags["private-key"];
  if (key === undefined) {
    const account = readDevnetAccount(flags.from ?? "0", "--from", accounts);
    return { from: account.address, privateKey: hexToBytes(account.privateKey) };
  }
  const { address, privateKey } = await readPrivateKey(key, "--private-key");
  return { from: address, privateKey };
}

/** A signed transaction has all its fields; a flag beside it would be silently lost. */
function refuseRawMix(flags: TxFlags, positionals: readonly string[]): void {
  const surplus = [
    ...(flags.value === 0n ? [] : ["--value"]),
    ...(flags.nonce === undefined ? [] : ["--nonce"]),
    ...(flags.gas === undefined ? [] : ["--gas"]),
    ...(flags["gas-price"] === undefined ? [] : ["--gas-price"]),
    ...(flags["priority-gas-price"] === undefined ? [] : ["--priority-gas-price"]),
    ...(flags.legacy ? ["--legacy"] : []),
    ...positionals.slice(0, 1).map((word) => `"${word}"`),
  ];
  if (surplus.length === 0) return;
  throw usageError(
    "USAGE_CONFLICT",
    `Cannot use ${surplus.join(", ")} with --raw: the transaction is signed already`,
    { details: { flags: surplus }, mend: "Leave them out, or leave out --raw to sign here." },
  );
}
