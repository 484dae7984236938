import { assertMatch } from "@std/assert";
import { type Case, equals, testMethods, TOO_MANY } from "../../testing/method_cases.ts";
import { WEB3_METHODS } from "./mod.ts";

const CASES: Readonly<Record<string, Case>> = {
  web3_clientVersion: {
    check: (result) => assertMatch(String(result), /^varve\/v\d+\.\d+\.\d+\//),
    wrong: TOO_MANY,
  },
  web3_sha3: {
    params: () => ["0x"],
    check: equals("0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"),
    wrong: [[[""], "data"]],
  },
};

testMethods(WEB3_METHODS, CASES);
