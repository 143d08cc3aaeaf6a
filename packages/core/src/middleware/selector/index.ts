export { clientSelector, type OperationMatch, type Selection, selector } from "./selector.ts";
