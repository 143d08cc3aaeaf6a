/**
 * Thrown by composed codecs at what they do not know, valid or not: the library then has the whole value, and
 * says what is wrong with it. Made once, as no one ever sees it.
 */
export const unusual: Error = new Error("left to the library");
