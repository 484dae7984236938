import { assertEquals } from "@std/assert";
import { EMPTY_LOG_ROOT } from "./pubdata.ts";

Deno.test("EMPTY_LOG_ROOT is the root that the ZK Stack publishes for no logs", () => {
  assertEquals(
    EMPTY_LOG_ROOT,
    "0x375a5bf909cb02143e3695ca658e0641e739aa590f0004dba93572c44cdb9d2d",
  );
});
