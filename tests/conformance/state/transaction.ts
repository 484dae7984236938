/**
 * The transaction that a post of a state test means, as the program takes it.
 *
 * Owns picking the variant, the refusal of what no node would decode, and the recovery of
 * authorities. Does not own any rule that needs the state: those are the program's.
 * @module
 */
import { keccak256Bytes } from "../../../core/crypto/keccak.ts";
import { recoverAddress, SECP256K1_ORDER } from "../../../core/crypto/secp256k1.ts";
import { concatBytes } from "../../../core/primitives/bytes.ts";
import { RollupError } from "../../../core/primitives/errors.ts";
import type { Address } from "../../../core/primitives/hex.ts";
import {
  decodeRlp,
  encodeRlp,
  rlpBytes,
  type RlpItem,
  rlpList,
  rlpUint,
} from "../../../core/primitives/rlp.ts";
import { decodeTransaction, recoverSender } from "../../../core/types/tx.ts";
import { authorizationDigest } from "../../../core/vm/authorizations.ts";
import type { RecoveredAuthorization, TxFrame } from "../../../core/vm/host/program.ts";
import type { Post, SignedAuthorization, StateTest } from "./fixture.ts";

/** A frame, or why no node would get as far as having one, or why the post makes no sense. */
export type TestTransaction =
  | { readonly kind: "frame"; readonly frame: TxFrame }
  | { readonly kind: "undecodable"; readonly why: string }
  | { readonly kind: "inconsistent"; readonly why: string };

const WORD_LIMIT = 1n << 256n;
const NUMBER_LIMIT = 1n << 64n;
const BLOB_TX_TYPE = 3;

/** The transaction of `post`. */
export function testTransaction(test: StateTest, post: Post): TestTransaction {
  const { transaction } = test;
  const { indexes } = post;
  const gasLimit = transaction.gasLimits[indexes.gas];
  const valueWei = transaction.valuesWei[indexes.value];
  const data = transaction.data[indexes.data];
  if (gasLimit === undefined || valueWei === undefined || data === undefined) {
    return { kind: "inconsistent", why: "its indexes point past the transaction's lists" };
  }
  const words = [
    valueWei,
    transaction.maxFeePerGasWei,
    transaction.maxPriorityFeePerGasWei,
    transaction.maxFeePerBlobGasWei,
  ];
  if (words.some((word) => word >= WORD_LIMIT)) return undecodable("an amount is above 256 bits");
  if (gasLimit >= NUMBER_LIMIT) return undecodable("the gas limit is above 64 bits");
  if (transaction.nonce >= NUMBER_LIMIT) return undecodable("the nonce is above 64 bits");
  if (!transaction.authorizations.every(fitsItsFields)) {
    return undecodable("an authorization does not fit its fields");
  }
  const signed = readSigned(post.txBytes);
  if (signed.kind === "undecodable") return signed;
  if (signed.kind === "signed" && signed.sender !== transaction.sender) {
    return { kind: "inconsistent", why: `its txbytes are signed by ${signed.sender}` };
  }
  const accessList = transaction.accessLists[indexes.data];
  // Lists are given by data: where one is `null`, that variant is a legacy transaction.
  const type = transaction.type === 1 && accessList === undefined ? 0 : transaction.type;
  return {
    kind: "frame",
    frame: {
      type,
      sender: transaction.sender,
      to: transaction.to,
      valueWei,
      maxFeePerGasWei: transaction.maxFeePerGasWei,
      maxPriorityFeePerGasWei: transaction.maxPriorityFeePerGasWei,
      maxFeePerBlobGasWei: transaction.maxFeePerBlobGasWei,
      chainId: signed.kind === "absent" ? test.chainId : signed.chainId,
      gasLimit,
      nonce: transaction.nonce,
      data,
      accessList: accessList ?? [],
      authorizations: transaction.authorizations.map(recoverAuthorization),
      blobHashes: transaction.blobHashes,
      asTransaction: false,
    },
  };
}

/** EIP-7702: a tuple that breaks one of these makes the whole transaction invalid. */
function fitsItsFields(authorization: SignedAuthorization): boolean {
  const { chainId, nonce, yParity, r, s } = authorization;
  return chainId < WORD_LIMIT && nonce < NUMBER_LIMIT && yParity < 256n && r < WORD_LIMIT &&
    s < WORD_LIMIT;
}

function recoverAuthorization(authorization: SignedAuthorization): RecoveredAuthorization {
  const { chainId, address, nonce, yParity, r, s } = authorization;
  const isCanonical = yParity <= 1n && s <= SECP256K1_ORDER / 2n;
  return {
    chainId,
    address,
    nonce,
    authority: isCanonical
      ? recoverAddress(authorizationDigest(authorization), { yParity: Number(yParity), r, s })
      : undefined,
  };
}

type SignedBytes =
  | { readonly kind: "absent" }
  | { readonly kind: "signed"; readonly chainId: bigint | undefined; readonly sender: Address }
  | { readonly kind: "undecodable"; readonly why: string };

/** What the bytes that a node would receive add to the fields: the chain, and a good signature. */
function readSigned(raw: Uint8Array | undefined): SignedBytes {
  if (raw === undefined) return { kind: "absent" };
  try {
    if (raw[0] === BLOB_TX_TYPE) return readSignedBlobTx(raw);
    const tx = decodeTransaction(raw, raw.length);
    return { kind: "signed", chainId: tx.chainId, sender: recoverSender(tx) };
  } catch (error) {
    if (error instanceof RollupError) return undecodable(error.message);
    throw error;
  }
}

/** EIP-4844 without blobs; blob transactions do not exist on L2, so the codec of L2 has none. */
function readSignedBlobTx(raw: Uint8Array): SignedBytes {
  const fields = rlpList(decodeRlp(raw.subarray(1)), 14);
  [fields[1], fields[4]].forEach((number) => rlpUint(number, 8));
  [fields[2], fields[3], fields[6], fields[9]].forEach((word) => rlpUint(word));
  rlpBytes(fields[5], 20);
  rlpBytes(fields[7]);
  rlpList(fields[8]).forEach(checkAccessListEntry);
  rlpList(fields[10]).forEach((hash) => rlpBytes(hash, 32));
  const yParity = Number(rlpUint(fields[11], 1));
  const [r, s] = [rlpUint(fields[12]), rlpUint(fields[13])];
  const unsigned = encodeRlp(fields.slice(0, 11));
  const digest = keccak256Bytes(concatBytes(Uint8Array.of(BLOB_TX_TYPE), unsigned));
  const sender = s > SECP256K1_ORDER / 2n ? undefined : recoverAddress(digest, { yParity, r, s });
  if (sender === undefined) return undecodable("the signature is not valid");
  return { kind: "signed", chainId: rlpUint(fields[0]), sender };
}

function checkAccessListEntry(entry: RlpItem): void {
  const [account, keys] = rlpList(entry, 2);
  rlpBytes(account, 20);
  rlpList(keys).forEach((key) => rlpBytes(key, 32));
}

function undecodable(why: string): { readonly kind: "undecodable"; readonly why: string } {
  return { kind: "undecodable", why };
}
