/**
 * Compiles every AssemblyScript program of the project to WebAssembly, reproducibly.
 *
 * Owns the list of programs and the compiler's options. Writes, for each program, the module itself
 * and a `generated.ts` that carries the same bytes as text, so that the module loads with no
 * permission and no network. With `--check` nothing is written: the run fails when a committed file
 * differs from what the sources give.
 *
 * Permissions: `--allow-read=core`, `--allow-write=core` (not with `--check`), `--allow-env=CI` (the
 * compiler's terminal colours look for it).
 * @module
 */
import asc from "assemblyscript/asc";

/** One program of the project. */
export interface WasmProgram {
  readonly name: string;
  /** Folder of the AssemblyScript sources; every `.ts` file in it counts as a source. */
  readonly sources: string;
  /** Files of other programs that are sources of this one too. */
  readonly borrowed?: readonly string[];
  /** Entry file in `sources`. */
  readonly entry: string;
  /** Where the module's bytes go. */
  readonly wasm: string;
  /** Where the TypeScript that carries the bytes goes. */
  readonly generated: string;
  /** Options beyond the shared ones. */
  readonly options: readonly string[];
}

/** Regions of memory are laid out by hand (`layout.ts`): STATIC_BASE and INITIAL_PAGES. */
const VM_OPTIONS: readonly string[] = [
  "--enable",
  "simd",
  "--memoryBase",
  "65536",
  "--initialMemory",
  "17744",
];

/** Every program. */
export const WASM_PROGRAMS: readonly WasmProgram[] = [
  {
    name: "keccak",
    sources: "core/crypto/keccak/assembly",
    borrowed: ["core/vm/assembly/keccak.ts"],
    entry: "index.ts",
    wasm: "core/crypto/keccak/keccak.wasm",
    generated: "core/crypto/keccak/generated.ts",
    options: [],
  },
  {
    name: "poseidon2",
    sources: "core/crypto/poseidon2/assembly",
    entry: "index.ts",
    wasm: "core/crypto/poseidon2/poseidon2.wasm",
    generated: "core/crypto/poseidon2/generated.ts",
    options: ["--enable", "simd"],
  },
  {
    name: "secp256k1",
    sources: "core/crypto/secp256k1/assembly",
    entry: "index.ts",
    wasm: "core/crypto/secp256k1/secp256k1.wasm",
    generated: "core/crypto/secp256k1/generated.ts",
    options: ["--enable", "simd"],
  },
  {
    name: "program",
    sources: "core/vm/assembly",
    entry: "index.ts",
    wasm: "core/vm/program.wasm",
    generated: "core/vm/generated.ts",
    options: [...VM_OPTIONS, "--use", "TRACE=0"],
  },
  {
    // The same program, which tells whoever watches what it does. Nothing proves this one.
    name: "tracing program",
    sources: "core/vm/assembly",
    entry: "index.ts",
    wasm: "core/vm/tracing_program.wasm",
    generated: "core/vm/generated_tracing.ts",
    options: [...VM_OPTIONS, "--use", "TRACE=1"],
  },
];

/** No garbage collector, no start-up imports, the best code that the compiler can make. */
const SHARED_OPTIONS: readonly string[] = [
  "-O3",
  "--converge",
  "--noAssert",
  "--runtime",
  "stub",
  "--use",
  "abort=",
];

const ROOT = new URL("../../", import.meta.url);

if (import.meta.main) await main(Deno.args.includes("--check"));

async function main(isCheck: boolean): Promise<void> {
  let staleCount = 0;
  for (const program of WASM_PROGRAMS) {
    const files = await buildProgram(program);
    for (const [path, bytes] of files) {
      if (!isCheck) await Deno.writeFile(new URL(path, ROOT), bytes);
      else if (!await isCommitted(path, bytes)) {
        print(`${path}: differs from what the sources give`);
        staleCount++;
      }
    }
    const wasm = files.get(program.wasm) ?? new Uint8Array(0);
    print(`${program.name}: ${wasm.length} bytes, SHA-256 ${await sha256(wasm)}`);
  }
  if (staleCount === 0) return;
  print(`Cannot accept ${staleCount} stale files; run \`deno task wasm:build\``);
  Deno.exit(1);
}

/** Both files of `program`, by path, as its sources give them. */
export async function buildProgram(
  program: WasmProgram,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const sources = await readSources(program);
  const wasm = await compile(program, sources);
  const generated = await renderGenerated(program, sources, wasm);
  return new Map([
    [program.wasm, wasm],
    [program.generated, new TextEncoder().encode(generated)],
  ]);
}

/** Whether the file at `path` has exactly these bytes. */
export async function isCommitted(path: string, bytes: Uint8Array): Promise<boolean> {
  const committed = await Deno.readFile(new URL(path, ROOT)).catch(() => undefined);
  return committed?.toBase64() === bytes.toBase64();
}

async function readSources(program: WasmProgram): Promise<ReadonlyMap<string, string>> {
  const paths = (program.borrowed ?? []).slice();
  for await (const entry of Deno.readDir(new URL(`${program.sources}/`, ROOT))) {
    if (entry.isFile && entry.name.endsWith(".ts")) paths.push(`${program.sources}/${entry.name}`);
  }
  // The order of a folder differs between machines; the hash below must not.
  paths.sort();
  const sources = new Map<string, string>();
  for (const path of paths) {
    const name = path.slice(path.lastIndexOf("/") + 1);
    sources.set(name, await Deno.readTextFile(new URL(path, ROOT)));
  }
  return sources;
}

async function compile(
  program: WasmProgram,
  sources: ReadonlyMap<string, string>,
): Promise<Uint8Array> {
  let wasm: Uint8Array | undefined;
  const result = await asc.main([
    program.entry,
    "--outFile",
    "program.wasm",
    ...SHARED_OPTIONS,
    ...program.options,
  ], {
    readFile: (name) => sources.get(name) ?? null,
    writeFile: (_name, contents) => {
      if (contents instanceof Uint8Array) wasm = contents;
    },
    listFiles: () => [],
  });
  if (result.error !== null || wasm === undefined) {
    throw new Error(`Cannot compile ${program.name}`, { cause: result.error });
  }
  return wasm;
}

async function renderGenerated(
  program: WasmProgram,
  sources: ReadonlyMap<string, string>,
  wasm: Uint8Array,
): Promise<string> {
  const listing = [...sources].map(([name, text]) => `${name}\n${text.length}\n${text}`).join("");
  const options = [program.entry, ...SHARED_OPTIONS, ...program.options].join(" ");
  const sourceHash = await sha256(new TextEncoder().encode(`${options}\n${listing}`));
  const lines = wasm.toBase64().match(/.{1,96}/g) ?? [];
  return `/**
 * The WebAssembly module of \`${program.sources}\` as text.
 *
 * Written by \`deno task wasm:build\`; never edited by hand.
 * @module
 */

/** SHA-256 of the sources and the compiler's options. */
export const SOURCE_SHA256 = "${sourceHash}";

/** SHA-256 of the module. */
export const WASM_SHA256 = "${await sha256(wasm)}";

/** The module in base64. */
export const WASM_BASE64 = [
${lines.map((line) => `  "${line}",`).join("\n")}
].join("");
`;
}

async function sha256(bytes: Uint8Array): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes.slice())).toHex();
}

function print(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}
