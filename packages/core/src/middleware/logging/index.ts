export { clientLogging, logging, type LoggingOptions } from "./logging.ts";
