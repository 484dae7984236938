/**
 * Files of precompile vectors in go-ethereum's format, and which rules each is about.
 *
 * Owns the format and the meaning of file names. Does not own what a case is compared with.
 * @module
 */
import type { Fork } from "../../../core/vm/host/program.ts";

/** One case of a file. */
export interface PrecompileVector {
  readonly name: string;
  readonly input: Uint8Array;
  /** What the precompile answers; `undefined` when it must fail. */
  readonly expected: Uint8Array | undefined;
  /** `undefined` in files that say nothing about gas. */
  readonly gas: bigint | undefined;
}

/** What a file name says of all cases in it. */
export interface VectorRules {
  readonly precompile: number;
  /** Forks under which the file's numbers hold. */
  readonly forks: readonly Fork[];
  /** Why gas is not compared, where the file has rules that the program does not know. */
  readonly gasNote?: string;
}

const ALL_FORKS: readonly Fork[] = ["Cancun", "Prague", "Osaka"];
const FROM_PRAGUE: readonly Fork[] = ["Prague", "Osaka"];
const FROM_OSAKA: readonly Fork[] = ["Osaka"];
/** From Prague on as well; sums take long, and neither they nor their prices have changed since. */
const NEWEST: readonly Fork[] = ["Osaka"];

/** By the file's name in lower case, without `fail-` and `.json`; several for each, as EIPs' own. */
const RULES: ReadonlyMap<string, VectorRules> = new Map(
  ([
    [["ecrecover"], 0x01, ALL_FORKS],
    [["sha256"], 0x02, ALL_FORKS],
    [["ripemd160", "ripemd"], 0x03, ALL_FORKS],
    [["identity"], 0x04, ALL_FORKS],
    [["modexp_eip2565"], 0x05, ["Cancun", "Prague"]],
    [["modexp_eip7883", "modexp_eip7823"], 0x05, FROM_OSAKA],
    [["bn256add", "bn254add"], 0x06, ALL_FORKS],
    [["bn256scalarmul", "bn254scalarmul"], 0x07, ALL_FORKS],
    [["bn256pairing", "bn254pairing"], 0x08, ALL_FORKS],
    [["blake2f"], 0x09, ALL_FORKS],
    [["pointevaluation"], 0x0a, ALL_FORKS],
    [["blsg1add", "add_g1_bls"], 0x0b, FROM_PRAGUE],
    [["blsg1mul", "blsg1multiexp", "blsg1msm", "mul_g1_bls", "msm_g1_bls"], 0x0c, NEWEST],
    [["blsg2add", "add_g2_bls"], 0x0d, FROM_PRAGUE],
    [["blsg2mul", "blsg2multiexp", "blsg2msm", "mul_g2_bls", "msm_g2_bls"], 0x0e, NEWEST],
    [["blspairing", "pairing_check_bls"], 0x0f, FROM_PRAGUE],
    [["blsmapg1", "map_fp_to_g1_bls"], 0x10, FROM_PRAGUE],
    [["blsmapg2", "map_fp2_to_g2_bls"], 0x11, FROM_PRAGUE],
    [["p256verify"], 0x100, FROM_OSAKA],
  ] as const satisfies readonly (readonly [readonly string[], number, readonly Fork[]])[]).flatMap(
    ([names, precompile, forks]) =>
      names.map((name): [string, VectorRules] => [name, { precompile, forks }]),
  ),
);

/** go-ethereum's oldest file: its prices ended with the Berlin fork, its powers did not. */
const MODEXP_EIP198: VectorRules = {
  precompile: 0x05,
  forks: ALL_FORKS,
  gasNote: "gas is that of EIP-198, which no fork from Cancun on has; outputs are compared",
};

/** The rules of a file; `undefined` for a name that nothing is known about. */
export function rulesOf(fileName: string): VectorRules | undefined {
  const name = fileName.toLowerCase().replace(/\.json$/, "").replace(/^fail-/, "");
  return name === "modexp" ? MODEXP_EIP198 : RULES.get(name);
}

/** The cases that the text of a file writes; throws when it does not have the format. */
export function parseVectors(text: string): readonly PrecompileVector[] {
  const entries: unknown = JSON.parse(text);
  if (!Array.isArray(entries)) throw new TypeError("a file of vectors is a list of cases");
  return entries.map(parseVector);
}

function parseVector(entry: unknown, index: number): PrecompileVector {
  if (typeof entry !== "object" || entry === null) throw malformed(index, "is no object");
  const fields: Readonly<Record<string, unknown>> = { ...entry };
  const { Name: name, Input: input, Expected: expected, Gas: gas, ExpectedError: error } = fields;
  if (typeof input !== "string") throw malformed(index, "has no Input");
  const shared = { name: typeof name === "string" ? name : `case ${index}`, input: bytes(input) };
  if (typeof error === "string" && error !== "") {
    return { ...shared, expected: undefined, gas: undefined };
  }
  if (typeof expected !== "string") {
    throw malformed(index, "has neither Expected nor ExpectedError");
  }
  if (gas !== undefined && (typeof gas !== "number" || !Number.isSafeInteger(gas))) {
    throw malformed(index, "has a Gas that is no whole number");
  }
  const price = gas === undefined ? undefined : BigInt(gas);
  return { ...shared, expected: bytes(expected), gas: price };
}

function bytes(hex: string): Uint8Array {
  return Uint8Array.fromHex(hex.replace(/^0x/, ""));
}

function malformed(index: number, what: string): TypeError {
  return new TypeError(`case ${index} ${what}`);
}
