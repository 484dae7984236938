/** The committed WebAssembly modules are what their sources give, byte by byte, on any machine. */
import { assertEquals } from "@std/assert";
import { buildProgram, isCommitted, WASM_PROGRAMS } from "../../tools/build_wasm.ts";

for (const program of WASM_PROGRAMS) {
  Deno.test(`${program.name} is rebuilt byte by byte: else \`deno task wasm:build\``, async () => {
    const stale: string[] = [];
    for (const [path, bytes] of await buildProgram(program)) {
      if (!await isCommitted(path, bytes)) stale.push(path);
    }
    assertEquals(stale, []);
  });
}
