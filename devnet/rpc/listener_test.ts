import { assertEquals, assertThrows } from "@std/assert";
import { RollupError } from "../../core/primitives/errors.ts";
import { silentLog } from "../../core/primitives/ports.ts";
import { keepListening, type Serve } from "./listener.ts";

const ADDR: Deno.NetAddr = { transport: "tcp", hostname: "127.0.0.1", port: 1_234 };
const handler = () => new Response();

Deno.test("keepListening() listens again on its port when the runtime has stopped", async () => {
  const abort = new AbortController();
  const ports: unknown[] = [];
  const warnings: string[] = [];
  const { promise: isBack, resolve: back } = Promise.withResolvers<void>();
  const serve: Serve = ({ port }) => {
    ports.push(port);
    const finished = Promise.withResolvers<void>();
    if (ports.length === 1) finished.reject(new Error("Too many open files"));
    // While there are still too many, not even the port can be opened.
    if (ports.length === 2) throw new Error("Too many open files");
    if (ports.length === 3) {
      abort.signal.addEventListener("abort", () => finished.resolve());
      back();
    }
    return { addr: ADDR, finished: finished.promise };
  };
  const log = { ...silentLog, warn: (text: string) => warnings.push(text) };
  const { addr, finished } = keepListening(
    { host: "127.0.0.1", port: 0, log, signal: abort.signal, serve },
    handler,
  );
  await isBack;
  abort.abort();
  await finished;
  assertEquals([addr, ports], [ADDR, [0, 1_234, 1_234]]);
  assertEquals(warnings, ["Stopped listening until connections are closed"]);
});

Deno.test("keepListening() says which port is taken and how to choose another", () => {
  const serve: Serve = () => {
    throw new Deno.errors.AddrInUse("in use");
  };
  const { signal } = new AbortController();
  const options = { host: "::1", port: 7, portFlag: "--l2-port", log: silentLog, signal, serve };
  const error = assertThrows(() => keepListening(options, handler), RollupError);
  assertEquals([error.code, error.details], ["PORT_IN_USE", { host: "::1", port: 7 }]);
  assertEquals(error.mend.includes("--l2-port"), true);
});
