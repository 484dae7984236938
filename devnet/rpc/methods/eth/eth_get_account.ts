/**
 * An account as the state trie has it.
 * @module
 */
import { keccak256 } from "../../../../core/crypto/keccak.ts";
import { EMPTY_BYTES } from "../../../../core/primitives/bytes.ts";
import { type Hash32, ZERO_HASH } from "../../../../core/primitives/hex.ts";
import { EMPTY_TRIE_ROOT } from "../../../../core/types/block.ts";
import { resolveNumber } from "../../block_reference.ts";
import { refusal, RPC_CODES } from "../../errors.ts";
import { formatQuantity } from "../../format.ts";
import { HASH_JSON, objectJson, QUANTITY_JSON } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";
import { address, blockReference, LATEST, param, withDefault } from "../../schema.ts";

const EMPTY_CODE_HASH: Hash32 = keccak256(EMPTY_BYTES);

/** `eth_getAccount`: as anvil; an account that is not there is an empty one. */
export const ethGetAccount = chainMethod({
  name: "eth_getAccount",
  summary: "An account as the state trie has it; on L2 see `eth_getAccountInfo`",
  params: [param("address", address), param("block", withDefault(blockReference, LATEST))],
  result: objectJson({
    nonce: QUANTITY_JSON,
    balance: QUANTITY_JSON,
    storageRoot: HASH_JSON,
    codeHash: HASH_JSON,
  }),
  handler: async ({ chain }, [account, block]) => {
    if (chain.proofs === undefined) throw noStorageRoot();
    const number = await resolveNumber(chain, block);
    const { nonce, balanceWei, storageHash, codeHash } = await chain.proofs.account(
      account,
      number,
    );
    const isThere = codeHash !== ZERO_HASH;
    return {
      nonce: formatQuantity(nonce),
      balance: formatQuantity(balanceWei),
      storageRoot: isThere ? storageHash : EMPTY_TRIE_ROOT,
      codeHash: isThere ? codeHash : EMPTY_CODE_HASH,
    };
  },
});

function noStorageRoot() {
  return refusal(
    RPC_CODES.serverError,
    "PROOF_OF_OTHER_TREE",
    "eth_getAccount is not available on this L2: its accounts are slots of one tree and have no " +
      "storage root of their own",
    "Call `eth_getAccountInfo` for balance, nonce and code, or `zks_getProof` for slots.",
  );
}
