import { type Case, equals, testMethods, TOO_MANY } from "../../testing/method_cases.ts";
import { NET_METHODS } from "./mod.ts";

const CASES: Readonly<Record<string, Case>> = {
  net_listening: { check: equals(true), wrong: TOO_MANY },
  net_peerCount: { check: equals("0x0"), wrong: TOO_MANY },
  net_version: { check: equals("901"), wrong: TOO_MANY },
};

testMethods(NET_METHODS, CASES);
