/**
 * An account and slots of it with their proofs (EIP-1186).
 * @module
 */
import { bytesToHex, type Hex } from "../../../../core/primitives/hex.ts";
import { resolveNumber } from "../../block_reference.ts";
import { refusal, RPC_CODES } from "../../errors.ts";
import { formatQuantity } from "../../format.ts";
import {
  ADDRESS_JSON,
  BYTES_JSON,
  HASH_JSON,
  listJson,
  objectJson,
  QUANTITY_JSON,
  TEXT_JSON,
} from "../../json_schema.ts";
import { MAX_STORAGE_KEYS } from "../../limits.ts";
import { chainMethod } from "../../method.ts";
import {
  address,
  blockReference,
  LATEST,
  list,
  param,
  storageKey,
  withDefault,
} from "../../schema.ts";

/** `eth_getProof`. */
export const ethGetProof = chainMethod({
  name: "eth_getProof",
  summary: "An account and slots of it with their proofs (EIP-1186); on L2 see `zks_getProof`",
  params: [
    param("address", address),
    param("storageKeys", withDefault(list(storageKey, MAX_STORAGE_KEYS), [])),
    param("block", withDefault(blockReference, LATEST)),
  ],
  result: objectJson({
    address: ADDRESS_JSON,
    accountProof: listJson(BYTES_JSON),
    balance: QUANTITY_JSON,
    codeHash: HASH_JSON,
    nonce: QUANTITY_JSON,
    storageHash: HASH_JSON,
    storageProof: listJson(
      objectJson({ key: TEXT_JSON, value: QUANTITY_JSON, proof: listJson(BYTES_JSON) }),
    ),
  }),
  handler: async ({ chain }, [account, keys, block]) => {
    if (chain.proofs === undefined) throw noMerklePatriciaTrie();
    const number = await resolveNumber(chain, block);
    const slots = keys.map(({ slot }) => slot);
    const proof = await chain.proofs.prove(account, slots, number);
    return {
      address: account,
      accountProof: proof.nodes.map(bytesToHex),
      balance: formatQuantity(proof.balanceWei),
      codeHash: proof.codeHash,
      nonce: formatQuantity(proof.nonce),
      storageHash: proof.storageHash,
      storageProof: proof.storage.map(({ value, nodes }, index) => ({
        key: shownKey(keys[index]),
        value: formatQuantity(BigInt(value)),
        proof: nodes.map(bytesToHex),
      })),
    };
  },
});

/** As geth: a key of 32 bytes as it came, a shorter one as a quantity. */
function shownKey(key: { readonly slot: Hex; readonly sizeBytes: number } | undefined): Hex {
  if (key === undefined) return "0x";
  return key.sizeBytes === 32 ? key.slot : formatQuantity(BigInt(key.slot));
}

function noMerklePatriciaTrie() {
  return refusal(
    RPC_CODES.serverError,
    "PROOF_OF_OTHER_TREE",
    "eth_getProof is not available on this L2: its state root is of another tree; " +
      "zks_getProof proves accounts and slots by it",
    "Call `zks_getProof` with an address, storage keys and a batch number.",
  );
}
