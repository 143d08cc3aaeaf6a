/**
 * Middlewares for some operations only, whatever edge they are given to:
 *
 *     new HttpServer({ middleware: [recovery(), selector(jwt(key)).prefix("/shop.v1.Cart/").path("/shop.v1.Shop/Pay")] });
 *
 * Ported from go-kratos/kratos v2.9.2 middleware/selector/selector.go. A selection is a middleware as it
 * stands, with nothing left to build; and an empty operation is not taken for a match of every expression.
 */
import type { Context } from "../../context/index.ts";
import { clientTransport, serverTransport, type Transport } from "../../transport/index.ts";
import { chain, type Middleware } from "../index.ts";
import { operationExpressions } from "./operation-expressions.ts";

/** Decides by the call, of which the context knows the transport. */
export type OperationMatch = (context: Context, operation: string) => boolean;

/**
 * A middleware that runs others where any of its conditions holds, asked in the order prefix, regex, path,
 * match. Each method answers a changed copy, in which its condition replaces what stood for it before.
 */
export interface Selection extends Middleware {
  /** Operations that begin with one of these texts; an empty text is the begin of all. */
  prefix(...prefixes: readonly string[]): Selection;
  /**
   * Operations that are wholly the first match of one of these expressions, in the dialect of RE2. One that
   * is none is left out, with a warning in the log.
   */
  regex(...expressions: readonly string[]): Selection;
  /** Operations that are one of these. */
  path(...operations: readonly string[]): Selection;
  /** Calls the function says yes to. */
  match(condition: OperationMatch): Selection;
}

/** Runs middlewares, the first outermost, for the calls this process answers that the conditions name; without conditions for none. */
export function selector(...middleware: readonly Middleware[]): Selection {
  return selection({ transportOf: serverTransport, middleware, conditions: {} });
}

/** Runs middlewares, the first outermost, for the calls this process makes that the conditions name; without conditions for none. */
export function clientSelector(...middleware: readonly Middleware[]): Selection {
  return selection({ transportOf: clientTransport, middleware, conditions: {} });
}

interface Conditions {
  readonly prefixes?: readonly string[];
  readonly expressions?: readonly string[];
  readonly operations?: readonly string[];
  readonly match?: OperationMatch;
}

interface SelectionParts {
  readonly transportOf: (context: Context) => Transport | undefined;
  readonly middleware: readonly Middleware[];
  readonly conditions: Conditions;
}

function selection(parts: SelectionParts): Selection {
  const { transportOf, middleware, conditions } = parts;
  let isChosen: OperationMatch | undefined;
  const wrap: Middleware = (next) => {
    isChosen ??= createCondition(conditions);
    const applies = isChosen;
    const selected = chain(...middleware)(next);
    return (request, context) => {
      const transport = transportOf(context);
      const run = transport !== undefined && applies(context, transport.operation);
      return run ? selected(request, context) : next(request, context);
    };
  };
  const changed = (more: Conditions): Selection =>
    selection({ ...parts, conditions: { ...conditions, ...more } });
  return Object.assign(wrap, {
    prefix: (...prefixes: readonly string[]) => changed({ prefixes }),
    regex: (...expressions: readonly string[]) => changed({ expressions }),
    path: (...operations: readonly string[]) => changed({ operations }),
    match: (match: OperationMatch) => changed({ match }),
  });
}

// A client's operation may be the path of its request, of which there is no end.
const maxRemembered = 1024;

function createCondition(conditions: Conditions): OperationMatch {
  const { prefixes = [], expressions = [], operations = [], match } = conditions;
  const fits = operationExpressions(expressions);
  const paths = new Set(operations);
  const known = new Map<string, boolean>();
  const isNamed = (operation: string): boolean =>
    prefixes.some((prefix) => operation.startsWith(prefix)) ||
    fits(operation) ||
    paths.has(operation);
  return (context, operation) => {
    let named = known.get(operation);
    if (named === undefined) {
      named = isNamed(operation);
      if (known.size < maxRemembered) known.set(operation, named);
    }
    return named || match?.(context, operation) === true;
  };
}
