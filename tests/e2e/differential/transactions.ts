/**
 * Chapters that send transactions, each into a block of its own.
 *
 * Owns every type of transaction, and those that no node may take. Does not own what waits
 * (`pool.ts`).
 * @module
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { encodeDeployData } from "viem/utils";
import { keccak256Bytes } from "../../../core/crypto/keccak.ts";
import { signDigest } from "../../../core/crypto/secp256k1.ts";
import { concatBytes } from "../../../core/primitives/bytes.ts";
import { address, bytesToHash32, bytesToHex, hexToBytes } from "../../../core/primitives/hex.ts";
import {
  decodeRlp,
  encodeRlp,
  type RlpItem,
  rlpList,
  uintToRlp,
} from "../../../core/primitives/rlp.ts";
import {
  type Authorization,
  createdAddress,
  encodeTransaction,
  signTransaction,
  type UnsignedTransaction,
} from "../../../core/types/tx.ts";
import { DEV_ACCOUNTS, type DevnetAccount } from "../../../devnet/accounts.ts";
import type { RandomChoices } from "../../simulation/random.ts";
import { SUBJECT_ABI } from "./subject_abi.ts";
import {
  anyAddress,
  type Chapter,
  encodeSubject,
  GWEI,
  nextName,
  PUPPETS,
  type Question,
  STRANGER,
  subjectData,
  type Teller,
  toWord,
} from "./teller.ts";

/** Value for anybody. */
export const transfer: Chapter = (tell) =>
  send(tell, { to: anyAddress(tell), valueWei: anyValue(tell.random) });

/** A call of a contract, sometimes with too little gas. */
export const subject: Chapter = (tell) => {
  const { random, memory } = tell;
  const data = subjectData(tell);
  return send(tell, {
    to: random.pick(memory.contracts),
    valueWei: random.chance(10) ? BigInt(random.int(1, 1000)) : 0n,
    data: hexToBytes(data),
    gasLimit: random.chance(12) ? BigInt(random.int(40_000, 60_000)) : 3_000_000n,
  });
};

/** One more contract. */
export const deploy: Chapter = (tell) => {
  const sender = tell.random.pick(DEV_ACCOUNTS);
  const nonce = tell.memory.nonces.get(sender.address) ?? 0n;
  tell.memory.contracts.push(createdAddress(sender.address, nonce));
  const { bytecode } = tell.options.subject;
  const data = encodeDeployData({ abi: SUBJECT_ABI, bytecode, args: [] });
  return send(
    tell,
    { to: undefined, data: hexToBytes(data), gasLimit: 3_000_000n, valueWei: 1_000_000n },
    sender,
  );
};

/** Accounts that are given code, or lose it again (EIP-7702), and a call of one. */
export const delegate: Chapter = (tell) => {
  const { random, memory, options } = tell;
  const [sender, authority] = [random.pick(DEV_ACCOUNTS), random.pick(DEV_ACCOUNTS)];
  if (sender === authority) return [];
  const nonce = memory.nonces.get(authority.address) ?? 0n;
  const isValid = random.chance(75);
  const clears = random.chance(30);
  const authorization = authorize(authority, {
    chainId: random.pick(isValid ? [0n, options.chainId] : [options.chainId + 1n]),
    address: clears ? address(`0x${"00".repeat(20)}`) : random.pick(memory.contracts),
    nonce,
  });
  if (isValid) {
    memory.nonces.set(authority.address, nonce + 1n);
    if (clears) memory.delegated.delete(authority.address);
    else memory.delegated.add(authority.address);
  }
  return send(tell, {
    type: 4,
    // geth's tracers ask what the receiver runs before the authorizations of the transaction count.
    to: isValid && !clears ? STRANGER : authority.address,
    maxFeePerGasWei: 50n * GWEI,
    maxPriorityFeePerGasWei: GWEI,
    authorizations: [authorization],
    data: hexToBytes(encodeSubject("put", [BigInt(random.int(0, 9)), 3n])),
    gasLimit: 500_000n,
  }, sender);
};

/** A transaction with blobs that hold nothing (EIP-4844, EIP-7594). */
export const blobs: Chapter = (tell) => {
  const { random, memory, options } = tell;
  const sender = random.pick(DEV_ACCOUNTS);
  const nonce = takeNonce(tell, sender);
  const blobCount = random.int(1, 2);
  const hash = sha256(INFINITY);
  hash[0] = 1;
  const signed = sign(options.chainId, sender, {
    type: 3,
    nonce,
    to: random.pick(memory.contracts),
    data: hexToBytes(encodeSubject("put", [1n, BigInt(random.int(0, 5))])),
    gasLimit: 300_000n,
    maxFeePerBlobGasWei: BigInt(random.int(1, 9)) * GWEI,
    blobHashes: Array.from({ length: blobCount }, () => bytesToHash32(hash)),
  });
  const times = (count: number, bytes: Uint8Array): RlpItem =>
    Array.from({ length: count }, () => bytes);
  const network = encodeRlp([
    rlpList(decodeRlp(signed.subarray(1))),
    uintToRlp(1n),
    times(blobCount, new Uint8Array(131_072)),
    times(blobCount, INFINITY),
    times(blobCount * 128, INFINITY),
  ]);
  return inOwnBlock(tell, {
    method: "eth_sendRawTransaction",
    params: [bytesToHex(concatBytes(Uint8Array.of(3), network))],
  });
};

/** A transaction that the node signs itself, with more or less of it left open. */
export const wallet: Chapter = (tell) => {
  const { random, memory } = tell;
  const { address: from } = random.pick(DEV_ACCOUNTS);
  memory.nonces.set(from, (memory.nonces.get(from) ?? 0n) + 1n);
  return inOwnBlock(tell, {
    method: "eth_sendTransaction",
    params: [{
      from,
      to: random.pick(memory.contracts),
      data: encodeSubject("put", [BigInt(random.int(0, 9)), BigInt(random.int(0, 5))]),
      gas: "0x30d40",
      ...random.pick([
        { maxFeePerGas: "0x174876e800", maxPriorityFeePerGas: "0x3b9aca00" },
        { gasPrice: "0x174876e800" },
        { maxFeePerGas: "0x174876e800", maxPriorityFeePerGas: "0x1", accessList: [] },
      ]),
    }],
  });
};

/** A transaction of somebody whose key nobody has. */
export const impersonate: Chapter = (tell) => {
  const { random, memory } = tell;
  const from = random.pick([...PUPPETS, random.pick(memory.contracts)]);
  const message = {
    from,
    to: random.pick(DEV_ACCOUNTS).address,
    value: "0x1",
    gas: "0x186a0",
    maxFeePerGas: "0x174876e800",
    maxPriorityFeePerGas: "0x3b9aca00",
  };
  return [
    { method: "eth_sendTransaction", params: [message] },
    { method: "anvil_setBalance", params: [from, "0xde0b6b3a7640000"] },
    { method: "anvil_impersonateAccount", params: [from] },
    ...inOwnBlock(tell, {
      method: "eth_sendTransaction",
      params: [message],
      as: nextName(tell, "unsigned"),
    }),
    { method: "eth_getTransactionCount", params: [from, "latest"] },
    { method: "anvil_stopImpersonatingAccount", params: [from] },
  ];
};

/** A transaction that no node may take, each for another reason. */
export const refused: Chapter = ({ random, memory, options }) => {
  const sender = random.pick(DEV_ACCOUNTS);
  const nonce = memory.nonces.get(sender.address) ?? 0n;
  const wrong: Partial<UnsignedTransaction> = random.pick<Partial<UnsignedTransaction>>([
    { nonce: nonce - 1n },
    { valueWei: 10n ** 30n },
    { gasLimit: 20_000n },
    { gasLimit: 40_000_000n },
    { chainId: options.chainId + 1n },
    { maxFeePerGasWei: 1n, maxPriorityFeePerGasWei: 0n },
    { maxFeePerGasWei: GWEI, maxPriorityFeePerGasWei: 2n * GWEI },
    { to: undefined, data: new Uint8Array(49_153), gasLimit: 10_000_000n },
  ]);
  if (wrong.nonce !== undefined && wrong.nonce < 0n) return [];
  const raw = bytesToHex(sign(options.chainId, sender, { nonce, ...wrong }));
  const shown = random.pick([raw, raw, raw, raw, raw.slice(0, -2), `${raw}00`, "0x", "0x02c0"]);
  return [{ method: "eth_sendRawTransaction", params: [shown] }];
};

/** A transaction in a block of its own. */
function send(
  tell: Teller,
  fields: Partial<UnsignedTransaction>,
  sender: DevnetAccount = tell.random.pick(DEV_ACCOUNTS),
): readonly Question[] {
  const nonce = takeNonce(tell, sender);
  const raw = sign(tell.options.chainId, sender, { nonce, ...feesOf(tell.random), ...fields });
  return inOwnBlock(tell, { method: "eth_sendRawTransaction", params: [bytesToHex(raw)] });
}

/** The nonce of the sender's next transaction, which is used now. */
export function takeNonce({ memory }: Teller, { address }: DevnetAccount): bigint {
  const nonce = memory.nonces.get(address) ?? 0n;
  memory.nonces.set(address, nonce + 1n);
  return nonce;
}

/** `question`, and a block after it whose time is chosen. */
function inOwnBlock(tell: Teller, question: Question): readonly Question[] {
  const [time, mine] = nextBlock(tell);
  return [time, question, mine];
}

/** A block whose time is chosen: nodes whose clocks go by themselves never agree on it. */
export function nextBlock({ memory, random }: Teller): readonly [Question, Question] {
  memory.blockNumber++;
  memory.timestampSec += BigInt(random.int(1, 15));
  return [
    { method: "evm_setNextBlockTimestamp", params: [Number(memory.timestampSec)] },
    { method: "evm_mine", params: [] },
  ];
}

/** The bytes of a transaction, with what is usual for what `fields` leave open. */
export function sign(
  chainId: bigint,
  sender: DevnetAccount,
  fields: Partial<UnsignedTransaction> & { readonly nonce: bigint },
): Uint8Array {
  const unsigned: UnsignedTransaction = {
    type: 2,
    chainId,
    maxFeePerGasWei: 100n * GWEI,
    maxPriorityFeePerGasWei: GWEI,
    gasLimit: 100_000n,
    to: sender.address,
    valueWei: 0n,
    data: new Uint8Array(0),
    accessList: [],
    authorizations: [],
    ...fields,
  };
  return encodeTransaction(signTransaction(unsigned, sender.privateKey));
}

function feesOf(random: RandomChoices): Partial<UnsignedTransaction> {
  const type = random.pick([0, 1, 2, 2] as const);
  const feeWei = BigInt(random.int(3, 100)) * GWEI;
  const accessList = random.chance(20)
    ? [{ address: STRANGER, storageKeys: [toWord(random.int(0, 9))] }]
    : [];
  if (type !== 2) {
    const fees = { type, maxFeePerGasWei: feeWei, maxPriorityFeePerGasWei: feeWei };
    return type === 0 ? fees : { ...fees, accessList };
  }
  const tipWei = BigInt(random.int(0, 3)) * GWEI;
  return { type, maxFeePerGasWei: feeWei, maxPriorityFeePerGasWei: tipWei, accessList };
}

function anyValue(random: RandomChoices): bigint {
  return random.pick([0n, 1n, BigInt(random.int(1, 1_000_000)), 10n ** 17n]);
}

/** The point at infinity: the commitment to a blob of zeros, and every proof of it. */
const INFINITY = Uint8Array.from({ length: 48 }, (_, index) => index === 0 ? 0xc0 : 0);
/** EIP-7702: what is signed begins with it. */
const AUTHORIZATION_MAGIC = 5;

function authorize(
  { privateKey }: DevnetAccount,
  wish: Pick<Authorization, "chainId" | "address" | "nonce">,
): Authorization {
  const message = encodeRlp([
    uintToRlp(wish.chainId),
    hexToBytes(wish.address),
    uintToRlp(wish.nonce),
  ]);
  const digest = keccak256Bytes(concatBytes(Uint8Array.of(AUTHORIZATION_MAGIC), message));
  return { ...wish, ...signDigest(digest, privateKey) };
}
