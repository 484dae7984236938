/**
 * Runs every bench, each in a process of its own with the permissions that it needs.
 *
 * Owns the list. Names as arguments pick some: `deno task bench startup pipeline`. Nothing here fails
 * because a number is large; the aims are written beside the benches' issue.
 * @module
 */
import { print } from "./report.ts";

const FILES = ["--unstable-kv", "--allow-read", "--allow-write", "--allow-env"];
const PROCESSES = [...FILES, "--allow-run", "--allow-net=127.0.0.1"];

/** What runs, in this order, and with which flags. */
const BENCHES: readonly { readonly name: string; readonly args: readonly string[] }[] = [
  { name: "startup", args: ["run", ...PROCESSES, "tests/benches/startup_bench.ts"] },
  { name: "pipeline", args: ["run", ...FILES, "tests/benches/pipeline_bench.ts"] },
  { name: "block", args: ["run", ...PROCESSES, "tests/benches/block_bench.ts"] },
  { name: "state", args: ["run", ...FILES, "tests/benches/state_bench.ts"] },
  { name: "memory", args: ["run", ...PROCESSES, "tests/benches/memory_bench.ts"] },
  { name: "tree", args: ["bench", "tests/benches/tree_bench.ts"] },
  {
    name: "evm",
    args: ["run", ...PROCESSES, "tests/benches/evm_bench.ts", "--write", "docs/BENCHMARKS.md"],
  },
  {
    name: "rpc",
    args: ["run", ...PROCESSES, "tests/benches/rpc_bench.ts", "--write", "docs/BENCHMARKS.md"],
  },
  {
    name: "rpc-memory",
    args: [
      "run",
      ...PROCESSES,
      "tests/benches/rpc_memory_bench.ts",
      "--write",
      "docs/BENCHMARKS.md",
    ],
  },
];

const unknown = Deno.args.filter((name) => BENCHES.every((bench) => bench.name !== name));
if (unknown.length > 0) {
  print(`No bench is called ${unknown.join(", ")}; there are ${names().join(", ")}`);
  Deno.exit(2);
}
const failed: string[] = [];
for (const { name, args } of BENCHES) {
  if (Deno.args.length > 0 && !Deno.args.includes(name)) continue;
  const root = new URL("../../", import.meta.url);
  const command = new Deno.Command(Deno.execPath(), { args: [...args], cwd: root, stdin: "null" });
  if (!(await command.spawn().status).success) failed.push(name);
}
if (failed.length > 0) {
  print(`Failed: ${failed.join(", ")}`);
  Deno.exit(1);
}

function names(): string[] {
  return BENCHES.map(({ name }) => name);
}
