/** Reads a byte as a character: what is no ASCII shall not get lost. */
export const latin1: InstanceType<typeof TextDecoder> = new TextDecoder("latin1");
