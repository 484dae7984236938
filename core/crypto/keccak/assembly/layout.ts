/** The program's layout as far as its sponge needs it: a counter that is not kept here. */
export const COUNTER_KECCAK_F: i32 = 0;
