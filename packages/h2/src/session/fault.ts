import { errorCodes } from "../error-codes.ts";
import { H2Error } from "../h2-error.ts";

type CodeName = keyof typeof errorCodes;

/** A breach of the protocol that ends the connection. */
export function connectionFault(code: CodeName, section: string, what: string): H2Error {
  return new H2Error(what, { code: errorCodes[code], scope: "connection", section: `RFC 9113 section ${section}` });
}

/** A breach of the protocol that ends one stream. */
export function streamFault(code: CodeName, section: string, what: string): H2Error {
  return new H2Error(what, { code: errorCodes[code], scope: "stream", section: `RFC 9113 section ${section}` });
}

/** An attack, by its name: ends the connection with ENHANCE_YOUR_CALM. */
export function attack(name: string, what: string): H2Error {
  return new H2Error(what, { code: errorCodes.enhanceYourCalm, scope: "connection", section: name });
}
