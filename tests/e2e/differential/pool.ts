/**
 * Chapters about transactions that wait: several at once, replaced, out of order, dropped.
 *
 * Owns these. Every chapter leaves an empty pool. Does not own transactions that are mined at once.
 * @module
 */
import { keccak256 } from "../../../core/crypto/keccak.ts";
import { bytesToHex, type Hash32 } from "../../../core/primitives/hex.ts";
import { DEV_ACCOUNTS, type DevnetAccount } from "../../../devnet/accounts.ts";
import {
  type Chapter,
  encodeSubject,
  GWEI,
  type Question,
  type Teller,
  UNKNOWN_HASH,
} from "./teller.ts";
import { nextBlock, sign, takeNonce } from "./transactions.ts";
import { hexToBytes } from "../../../core/primitives/hex.ts";

/**
 * A few transactions in one block. They are of the legacy type and no two offer the same: anvil
 * orders by the cap of the fee, geth and we by what the miner gets, which is the same order then.
 */
export const crowd: Chapter = (tell) => {
  const { random, memory } = tell;
  const count = random.int(2, 4);
  const firstGwei = random.int(20, 50);
  const sent = Array.from({ length: count }, (_, index) => {
    const feeWei = BigInt(firstGwei + (index * 7) % 5) * GWEI;
    return waiting(tell, anySender(tell), {
      feeWei,
      data: encodeSubject("put", [BigInt(random.int(0, 9)), BigInt(random.int(0, 5))]),
      to: random.pick(memory.contracts),
    });
  });
  const [time, mine] = nextBlock(tell);
  return [
    ...sent.map(({ question }) => question),
    ...looks(tell, sent),
    time,
    mine,
  ];
};

/** A transaction whose predecessor comes later. */
export const gap: Chapter = (tell) => {
  const sender = anySender(tell);
  const first = waiting(tell, sender, { feeWei: 40n * GWEI });
  const second = waiting(tell, sender, { feeWei: 30n * GWEI });
  const [time, mine] = nextBlock(tell);
  return [
    second.question,
    ...looks(tell, [second]),
    first.question,
    ...looks(tell, [first, second]),
    time,
    mine,
  ];
};

/** A transaction in the place of another, after one that offers too little for that. */
export const replacement: Chapter = (tell) => {
  const sender = anySender(tell);
  const first = waiting(tell, sender, { feeWei: 20n * GWEI });
  const { nonce } = first;
  const poor = waiting(tell, sender, { feeWei: 19n * GWEI, nonce });
  const better = waiting(tell, sender, { feeWei: 40n * GWEI, nonce });
  const [time, mine] = nextBlock(tell);
  return [
    first.question,
    first.question,
    poor.question,
    better.question,
    ...looks(tell, [first, better]),
    time,
    mine,
    { method: "eth_getTransactionByHash", params: [first.hash] },
    { method: "eth_getTransactionReceipt", params: [first.hash] },
  ];
};

/** Transactions that are taken out of the pool. */
export const dropped: Chapter = (tell) => {
  const { random, memory } = tell;
  const sender = anySender(tell);
  const before = new Map(memory.nonces);
  const first = waiting(tell, sender, { feeWei: 40n * GWEI });
  const second = waiting(tell, sender, { feeWei: 30n * GWEI });
  memory.nonces = before;
  return [
    first.question,
    second.question,
    { method: "anvil_dropTransaction", params: [random.pick([second.hash, UNKNOWN_HASH])] },
    ...looks(tell, [first, second]),
    random.pick<Question>([
      { method: "anvil_dropAllTransactions", params: [] },
      { method: "anvil_removePoolTransactions", params: [sender.address] },
    ]),
    { method: "txpool_status", params: [] },
    { method: "eth_getTransactionByHash", params: [second.hash] },
  ];
};

interface Waiting {
  readonly question: Question;
  readonly hash: Hash32;
  readonly nonce: bigint;
  readonly sender: DevnetAccount;
}

interface WaitingFields {
  readonly feeWei: bigint;
  /** The sender's next, unless it is to take the place of another. */
  readonly nonce?: bigint;
  readonly to?: Parameters<typeof sign>[2]["to"];
  readonly data?: `0x${string}`;
}

function waiting(tell: Teller, sender: DevnetAccount, fields: WaitingFields): Waiting {
  const { feeWei, nonce = takeNonce(tell, sender), to, data = "0x" } = fields;
  const raw = sign(tell.options.chainId, sender, {
    type: 0,
    nonce,
    maxFeePerGasWei: feeWei,
    maxPriorityFeePerGasWei: feeWei,
    gasLimit: 200_000n,
    data: hexToBytes(data),
    ...(to === undefined ? {} : { to }),
  });
  const question = { method: "eth_sendRawTransaction", params: [bytesToHex(raw)] };
  return { question, hash: keccak256(raw), nonce, sender };
}

/** geth lets an account that runs code have one transaction that waits, so others are chosen. */
function anySender({ random, memory }: Teller): DevnetAccount {
  const plain = DEV_ACCOUNTS.filter(({ address }) => !memory.delegated.has(address));
  return random.pick(plain.length === 0 ? DEV_ACCOUNTS : plain);
}

/** What is asked of a pool. */
function looks({ random }: Teller, sent: readonly Waiting[]): readonly Question[] {
  const { hash, sender, nonce } = random.pick(sent);
  const all: readonly Question[] = [
    { method: "txpool_status", params: [] },
    { method: "txpool_content", params: [] },
    { method: "txpool_inspect", params: [] },
    { method: "eth_getTransactionByHash", params: [hash] },
    { method: "eth_getTransactionReceipt", params: [hash] },
    { method: "eth_getRawTransactionByHash", params: [hash] },
    { method: "eth_getTransactionCount", params: [sender.address, "pending"] },
    { method: "eth_getTransactionCount", params: [sender.address, "latest"] },
    {
      method: "eth_getTransactionBySenderAndNonce",
      params: [sender.address, `0x${nonce.toString(16)}`],
    },
    { method: "eth_getBlockTransactionCountByNumber", params: ["pending"] },
    { method: "eth_getBlockByNumber", params: ["pending", random.chance(50)] },
    { method: "eth_getBalance", params: [sender.address, "pending"] },
  ];
  return [random.pick(all), random.pick(all), random.pick(all)];
}
