export { randomBalancer, type RandomOptions, randomSelector } from "./random.ts";
