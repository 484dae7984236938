/**
 * Why a transaction is refused, in geth's words.
 *
 * Clients match on these texts, so they are exact, numbers included; our own words follow in the
 * error's `data`. Owns the texts. Does not own the rules (`core/pool`, `core/vm`) or the numbers of
 * errors (`errors.ts`).
 * @module
 */
import type { PoolErrorCode } from "../../core/pool/pool_error.ts";
import type { InvalidReason } from "../../core/vm/executor.ts";

type RejectionCode = Exclude<PoolErrorCode, "TX_MALFORMED"> | InvalidReason;

/**
 * geth's text for each reason to refuse a transaction. Complete by its type: a new reason of the
 * pool or the program that is missing here does not compile.
 */
export const REJECTION_TEXTS: Readonly<Record<RejectionCode, string>> = {
  POOL_CHAIN_ID_MISMATCH: "invalid chain id for signer",
  POOL_OVERSIZED_DATA: "oversized data",
  POOL_GAS_LIMIT_EXCEEDED: "exceeds block gas limit",
  POOL_INTRINSIC_GAS: "intrinsic gas too low",
  POOL_INIT_CODE_TOO_LARGE: "max initcode size exceeded",
  POOL_TIP_ABOVE_FEE: "max priority fee per gas higher than max fee per gas",
  POOL_NONCE_TOO_LOW: "nonce too low",
  POOL_NONCE_TOO_HIGH: "nonce too high",
  POOL_ALREADY_KNOWN: "already known",
  POOL_REPLACEMENT_UNDERPRICED: "replacement transaction underpriced",
  POOL_FULL: "txpool is full",
  POOL_FEE_TOO_LOW: "max fee per gas less than block base fee",
  POOL_INSUFFICIENT_FUNDS: "insufficient funds for gas * price + value",
  POOL_SENDER_HAS_CODE: "sender not an eoa",
  POOL_PUBDATA_GAS: "gas limit too low for pubdata",
  POOL_SENDER_CENSORED: "sender is censored by this sequencer",
  TX_EXCEEDS_LIMIT: "transaction exceeds a limit of the batch",
  TX_TYPE_UNSUPPORTED: "transaction type not supported",
  TX_OVERSIZED: "oversized data",
  TX_SIGNATURE_INVALID: "invalid sender",
  NONCE_TOO_LOW: "nonce too low",
  NONCE_TOO_HIGH: "nonce too high",
  INSUFFICIENT_FUNDS: "insufficient funds for gas * price + value",
  INTRINSIC_GAS_TOO_LOW: "intrinsic gas too low",
  GAS_LIMIT_TOO_HIGH: "exceeds block gas limit",
  BLOCK_GAS_EXHAUSTED: "exceeds block gas limit",
  FEE_BELOW_BASE_FEE: "max fee per gas less than block base fee",
  SENDER_HAS_CODE: "sender not an eoa",
  CHAIN_ID_MISMATCH: "invalid chain id for signer",
  INIT_CODE_TOO_LARGE: "max initcode size exceeded",
  INVALID: "invalid transaction",
};

const TEXTS_BY_CODE: ReadonlyMap<string, string> = new Map(Object.entries(REJECTION_TEXTS));

/** Facts of a refusal as whole numbers, whichever way its engine carried them. */
type Facts = (name: string) => bigint | undefined;

/** What geth says instead, or after the text, where it names numbers. */
const NUMBERS_BY_CODE: ReadonlyMap<string, (fact: Facts) => string | undefined> = new Map(
  Object.entries<(fact: Facts) => string | undefined>({
    POOL_CHAIN_ID_MISMATCH: (fact) =>
      said`invalid chain id for signer: have ${fact("chainId")} want ${fact("expectedChainId")}`,
    POOL_OVERSIZED_DATA: (fact) =>
      said`oversized data: transaction size ${fact("dataBytes")}, limit ${fact("maxDataBytes")}`,
    TX_OVERSIZED: (fact) =>
      said`oversized data: transaction size ${fact("sizeBytes")}, limit ${fact("maxTxBytes")}`,
    POOL_INTRINSIC_GAS: intrinsicGasText,
    POOL_INIT_CODE_TOO_LARGE: (fact) =>
      said`max initcode size exceeded: code size ${fact("initCodeBytes")} limit ${
        fact("maxInitCodeBytes")
      }`,
    POOL_NONCE_TOO_LOW: (fact) =>
      said`nonce too low: next nonce ${fact("stateNonce")}, tx nonce ${fact("nonce")}`,
    POOL_NONCE_TOO_HIGH: (fact) =>
      said`nonce too high: tx nonce ${fact("nonce")}, gapped nonce ${fact("stateNonce")}`,
    POOL_FEE_TOO_LOW: feeText,
    POOL_INSUFFICIENT_FUNDS: fundsText,
  }),
);

/** geth's text for the reason `code`, without numbers; `undefined` when it is none. */
export function rejectionText(code: string): string | undefined {
  return TEXTS_BY_CODE.get(code);
}

/** The same, with the numbers of `details` where geth says them. */
export function detailedRejectionText(
  code: string,
  details: Readonly<Record<string, unknown>>,
): string | undefined {
  const fact: Facts = (name) => toWhole(details[name]);
  // One code of the pool stands for two of geth's refusals.
  if (code === "POOL_GAS_LIMIT_EXCEEDED" && details.limit === "maxTxGas") {
    return said`transaction gas limit too high (cap: ${fact("maxGasLimit")}, tx: ${
      fact("gasLimit")
    })` ?? "transaction gas limit too high";
  }
  return NUMBERS_BY_CODE.get(code)?.(fact) ?? rejectionText(code);
}

function intrinsicGasText(fact: Facts): string | undefined {
  const [gas, intrinsic, floor] = [fact("gasLimit"), fact("intrinsicGas"), fact("floorGas")];
  return gas !== undefined && intrinsic !== undefined && gas >= intrinsic
    ? said`insufficient gas for floor data gas cost: gas ${gas}, minimum needed ${floor}`
    : said`intrinsic gas too low: gas ${gas}, minimum needed ${intrinsic}`;
}

function feeText(fact: Facts): string | undefined {
  const [fee, base] = [fact("maxFeePerGasWei"), fact("baseFeePerGasWei")];
  return fee !== undefined && base !== undefined && fee >= base
    ? said`transaction gas price below minimum: gas tip cap ${fact("tipWei")}, minimum needed ${
      fact("minTipWei")
    }`
    : said`max fee per gas less than block base fee: maxFeePerGas: ${fee}, baseFee: ${base}`;
}

function fundsText(fact: Facts): string | undefined {
  const [balance, cost] = [fact("balanceWei"), fact("maxCostWei")];
  const overshot = balance === undefined || cost === undefined ? undefined : cost - balance;
  const text = "insufficient funds for gas * price + value";
  return said`${text}: balance ${balance}, tx cost ${cost}, overshot ${overshot}`;
}

/** The text, or `undefined` when one of its facts is not known. */
function said(
  texts: TemplateStringsArray,
  ...facts: readonly (string | bigint | undefined)[]
): string | undefined {
  return facts.includes(undefined) ? undefined : String.raw({ raw: texts }, ...facts);
}

function toWhole(value: unknown): bigint | undefined {
  if (typeof value === "bigint") return value;
  if (typeof value === "number" && Number.isSafeInteger(value)) return BigInt(value);
  return typeof value === "string" && /^\d{1,80}$/.test(value) ? BigInt(value) : undefined;
}
